//! How a browser gets in where the server wants a control token: it is typed once, and a cookie stands for it. The
//! cookie is no token: it is made of it, so that it opens the console of this server only.

use askama::Template;
use aws_lc_rs::hmac;
use axum::Form;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{Page, go_to};
use crate::directory::Caller;

const COOKIE: &str = "orgtwin_console";

/// Where people come without a token yet: they are asked for it.
pub(in crate::control) const COOKIE_PATHS: [&str; 4] =
    ["/_mock/console-door", "/_mock/console.css", "/_mock/console.js", "/_mock/health"];

#[derive(Template)]
#[template(path = "door.html")]
struct Door {
    wrong: bool,
}

/// The page that asks for the token.
pub(in crate::control) fn page(status: StatusCode, wrong: bool) -> Response {
    Page(status, Door { wrong }).into_response()
}

fn pass(token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"orgtwin console"))
}

/// Whether a browser has been let in.
pub(in crate::control) fn has_passed(headers: &HeaderMap, token: &str) -> bool {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let given = cookies.find(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(pass(token).as_bytes())))
}

/// A token that was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    token: String,
}

/// Lets a browser in.
pub(super) async fn enter(caller: Caller, Form(typed): Form<Typed>) -> Response {
    let Some(token) = caller.directory.house().control_token.as_deref() else { return go_to("/_mock/") };
    if !bool::from(typed.token.trim().as_bytes().ct_eq(token.as_bytes())) {
        return page(StatusCode::UNAUTHORIZED, true);
    }
    let secure = if caller.arrival.base_url.starts_with("https") { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={}; Path=/_mock; HttpOnly; SameSite=Strict{secure}", pass(token));
    let mut response = go_to("/_mock/");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_opens_only_the_server_whose_token_it_was_made_of() {
        let headers = |value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(&value).unwrap());
            headers
        };
        let own = headers(format!("a=b; {COOKIE}={}", pass("s3")));
        assert!(has_passed(&own, "s3"));
        assert!(!has_passed(&own, "s4"));
        assert!(!has_passed(&headers(format!("{COOKIE}=s3")), "s3"), "the token itself is no cookie");
        assert!(!has_passed(&HeaderMap::new(), "s3"));
    }
}
