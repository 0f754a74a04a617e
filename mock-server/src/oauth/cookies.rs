//! The two cookies: `sid` names a session, `signin` holds the nonce of the sign-in page.

use http::{HeaderName, HeaderValue, header};

use super::store::sessions::{self, Session};
use super::user::User;
use crate::exchange::Request;
use crate::org::state::OrgState;

/// The cookie of a session.
const SESSION: &str = "sid";
/// The cookie of the sign-in page.
const NONCE: &str = "signin";

/// The session of the browser that sends a request, if its user may still act.
pub fn session(state: &OrgState, request: &Request) -> Option<Session> {
    let session = sessions::find(state, request.now.as_second(), value(request, SESSION)?)?;
    User::admitted(state, &session.user_id).map(|_| session)
}

/// The nonce that the browser was given with a sign-in page.
pub(super) fn nonce(request: &Request) -> Option<&str> {
    value(request, NONCE).filter(|nonce| nonce.len() >= 32)
}

/// Sets the session's cookie. A page of another site may use it in a frame where that can be done safely.
pub(super) fn set_session(session: &Session, base_url: &str) -> (HeaderName, HeaderValue) {
    let reach = if base_url.starts_with("https://") { "Secure; SameSite=None" } else { "SameSite=Lax" };
    set(&format!("{SESSION}={}; Path=/; HttpOnly; {reach}", session.id))
}

/// Forgets the session's cookie.
pub(super) fn clear_session() -> (HeaderName, HeaderValue) {
    set(&format!("{SESSION}=; Path=/; Max-Age=0"))
}

/// Sets the nonce's cookie.
pub(super) fn set_nonce(nonce: &str, base_url: &str) -> (HeaderName, HeaderValue) {
    let secure = if base_url.starts_with("https://") { "; Secure" } else { "" };
    set(&format!("{NONCE}={nonce}; Path=/; HttpOnly; SameSite=Lax{secure}"))
}

fn set(value: &str) -> (HeaderName, HeaderValue) {
    (header::SET_COOKIE, HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("")))
}

/// A cookie; the first one of a name counts.
fn value<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let lines = request.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(own, value)| *own == name && !value.is_empty())
        .map(|(_, value)| value)
}
