//! Where requests go: to the org that the client was given, and never without TLS when it was given an address with it.

use super::{Finding, Scene};
use crate::target::{ledger::Exchange, second_address};

/// A request that came to the org at another address than the client was given, and where that was.
pub(crate) fn strayed(exchange: &Exchange, told: &str, own: &str) -> Option<String> {
    let (name, mark) = second_address::VIA;
    let passed_on = exchange.request.headers(name).any(|value| value == mark);
    let host = exchange.request.headers("host").next()?;
    if told == own {
        (!passed_on && !is_host(host, own)).then(|| host.to_owned())
    } else {
        // What passes at the second address carries its mark and the org's own host.
        (!passed_on).then(|| host.to_owned())
    }
}

/// Whether a Host header means an address; clients may name the usual port, and write names as they like.
fn is_host(host: &str, url: &str) -> bool {
    let scheme = url.split("://").next().unwrap_or_default();
    authority(&format!("{scheme}://{host}")).eq_ignore_ascii_case(authority(url))
}

/// Host and port of an address; the port only where it is not the usual one, as in a Host header.
fn authority(url: &str) -> &str {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(usual).unwrap_or(authority)
}

/// Without TLS, though the client was given an address with it.
fn is_plain(exchange: &Exchange, scene: &Scene<'_>) -> bool {
    scene.told.starts_with("https://")
        && exchange.request.headers("host").next().is_some_and(|host| is_host(host, scene.plain))
}

/// Whether the request carries what nobody else may have.
fn carries_secrets(exchange: &Exchange) -> bool {
    let request = &exchange.request;
    let in_form = ["client_assertion", "client_secret", "refresh_token", "code", "password"];
    request.headers("authorization").next().is_some()
        || in_form.iter().any(|name| request.form(name).is_some())
        || exchange.is_sign_in()
}

/// A token, an assertion or a secret goes to nobody but the org, wherever a link or a redirect leads.
pub(super) fn secrets_at_home(scene: &Scene<'_>) -> Option<Finding> {
    if scene.told.is_empty() {
        return None;
    }
    scene.exchanges().filter(|exchange| carries_secrets(exchange) && !is_plain(exchange, scene)).find_map(
        |exchange| {
            let elsewhere = strayed(exchange, scene.told, scene.own)?;
            let expected = format!("credentials only at {}", scene.told);
            Some(Finding::at(exchange, expected, format!("{} asked of {elsewhere}", exchange.request.path())))
        },
    )
}

/// Nothing is sent in the clear.
pub(super) fn always_tls(scene: &Scene<'_>) -> Option<Finding> {
    let plain = scene.exchanges().find(|exchange| is_plain(exchange, scene))?;
    let observed = format!("{} {} without TLS", plain.request.method, plain.request.path());
    Some(Finding::at(plain, "every request by TLS, as the address that was given says", observed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_header_is_compared_as_hosts_are() {
        for (host, url, same) in [
            ("acme.okta.com", "https://acme.okta.com", true),
            ("Acme.okta.com:443", "https://acme.okta.com", true),
            ("acme.okta.com:80", "https://acme.okta.com", false),
            ("acme.okta.com:8443", "https://acme.okta.com", false),
            ("127.0.0.1:41233", "http://127.0.0.1:41233", true),
            ("localhost:41233", "http://127.0.0.1:41233", false),
            ("acme.okta.com.evil.example", "https://acme.okta.com", false),
        ] {
            assert_eq!(is_host(host, url), same, "{host} {url}");
        }
    }
}
