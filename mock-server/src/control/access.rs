//! Who may call: loopback peers, or whoever has the control token; never a page in a browser.
//!
//! A page can send requests to loopback. It gives itself away by its `Origin`, or, when its own name was pointed at
//! loopback (DNS rebinding), by its `Host`.

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use subtle::ConstantTimeEq;

use super::answer::ControlError;
use super::console;
use crate::http::{Arrival, host_is_valid, host_name};

/// Answers without a token, so that a container can be asked for its health.
const HEALTH: &str = "/_mock/health";

/// Whether a person's browser asks for a page, who can be asked for the token.
pub(super) fn is_for_people(request: &Request<Body>) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let path = request.uri().path().trim_end_matches('/');
    let page = path == "/_mock" || path.starts_with("/_mock/console");
    page && request.method() == http::Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Lets a call pass, or says why not.
pub(super) fn check(
    request: &Request<Body>,
    arrival: &Arrival,
    token: Option<&str>,
    host_names: &[String],
) -> Result<(), ControlError> {
    let headers = request.headers();
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default()),
    };
    check_host(host, host_names)?;
    check_origin(headers, host, &arrival.base_url)?;
    let path = request.uri().path();
    if path == HEALTH || (token.is_some() && console::COOKIE_PATHS.contains(&path)) {
        return Ok(());
    }
    match token {
        Some(token) if console::has_passed(headers, token) => Ok(()),
        Some(token) => check_token(headers, token),
        None if arrival.peer.is_loopback() => Ok(()),
        None => Err(ControlError::new(
            StatusCode::FORBIDDEN,
            "the control API answers this machine only; start the server with --control-token to use it from elsewhere",
        )),
    }
}

fn check_host(host: Option<&str>, host_names: &[String]) -> Result<(), ControlError> {
    let Some(host) = host else { return Ok(()) };
    let name = host_name(host);
    let known = name.parse::<std::net::IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || host_names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if known && host_is_valid(host) {
        return Ok(());
    }
    let message = format!(
        "Host {host:?} is not a name of this server; call localhost or an address, or start the server with --host-name"
    );
    Err(ControlError::new(StatusCode::FORBIDDEN, message))
}

fn check_origin(headers: &HeaderMap, host: Option<&str>, base_url: &str) -> Result<(), ControlError> {
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let same_host = origin.split_once("://").is_some_and(|(scheme, rest)| {
            matches!(scheme, "http" | "https") && host.is_some_and(|host| host.eq_ignore_ascii_case(rest))
        });
        if !same_host && origin != base_url {
            let message = format!("pages of {origin:?} may not call the control API");
            return Err(ControlError::new(StatusCode::FORBIDDEN, message));
        }
    }
    Ok(())
}

fn check_token(headers: &HeaderMap, token: &str) -> Result<(), ControlError> {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let given = given.and_then(|value| {
        let (scheme, rest) = value.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then(|| rest.trim_ascii())
    });
    match given {
        Some(given) if bool::from(given.ct_eq(token.as_bytes())) => Ok(()),
        Some(_) => {
            Err(ControlError::new(StatusCode::UNAUTHORIZED, "this is not the control token of this server"))
        }
        None => Err(ControlError::new(
            StatusCode::UNAUTHORIZED,
            "the control API wants `Authorization: Bearer …` with the control token",
        )),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Status, or 200.
    fn access(peer: &str, token: Option<&str>, path: &str, lines: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().uri(path);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let arrival = Arrival { peer: peer.parse().unwrap(), base_url: "http://acme.example".into() };
        let names = ["acme.example".to_owned()];
        let outcome = check(&request.body(Body::empty()).unwrap(), &arrival, token, &names);
        outcome.map_or_else(|error| error.status.as_u16(), |()| 200)
    }

    #[test]
    fn loopback_peers_need_no_token_unless_there_is_one() {
        for (peer, token, path, lines, expected) in [
            ("127.0.0.1", None, "/_mock/orgs", vec![], 200),
            ("::1", None, "/_mock/orgs", vec![], 200),
            ("10.0.0.9", None, "/_mock/orgs", vec![], 403),
            ("10.0.0.9", None, "/_mock/health", vec![], 200),
            ("10.0.0.9", Some("s3"), "/_mock/orgs", vec![("authorization", "Bearer s3")], 200),
            ("10.0.0.9", Some("s3"), "/_mock/orgs", vec![("authorization", "bearer s3")], 200),
            ("10.0.0.9", Some("s3"), "/_mock/orgs", vec![("authorization", "Bearer s")], 401),
            ("10.0.0.9", Some("s3"), "/_mock/orgs", vec![("authorization", "Basic s3")], 401),
            ("10.0.0.9", Some("s3"), "/_mock/orgs", vec![("authorization", "s3")], 401),
            ("127.0.0.1", Some("s3"), "/_mock/orgs", vec![], 401),
            ("127.0.0.1", Some("s3"), "/_mock/health", vec![], 200),
        ] {
            assert_eq!(access(peer, token, path, &lines), expected, "{peer} {token:?} {path} {lines:?}");
        }
    }

    #[test]
    fn pages_in_browsers_are_kept_out() {
        for (lines, expected) in [
            (vec![("host", "localhost:8080")], 200),
            (vec![("host", "127.0.0.1:8080")], 200),
            (vec![("host", "[::1]:8080")], 200),
            (vec![("host", "ACME.example")], 200),
            (vec![("host", "evil.example:8080")], 403),
            (vec![("host", "localhost.evil.example")], 403),
            (vec![("host", "127.0.0.1.evil.example")], 403),
            (vec![("host", "")], 403),
            (vec![("host", "localhost:8080"), ("origin", "http://localhost:8080")], 200),
            (vec![("host", "localhost:8080"), ("origin", "http://localhost:3000")], 403),
            (vec![("host", "localhost:8080"), ("origin", "https://evil.example")], 403),
            (vec![("host", "localhost:8080"), ("origin", "null")], 403),
            (vec![("host", "localhost:8080"), ("origin", "http://acme.example")], 200),
        ] {
            assert_eq!(access("127.0.0.1", None, "/_mock/orgs", &lines), expected, "{lines:?}");
            let with_token = [lines.clone(), vec![("authorization", "Bearer s3")]].concat();
            assert_eq!(access("127.0.0.1", Some("s3"), "/_mock/orgs", &with_token), expected, "{lines:?}");
        }
    }
}
