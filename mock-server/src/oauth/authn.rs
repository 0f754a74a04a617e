//! `POST /api/v1/authn`: sign-in by login and password, for a session token (Okta's Authentication API, as far as a
//! password alone goes; real-clients §2, 21 and 28).

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::passwords::{self, SignInFault};
use super::server::Known;
use super::store::session_tokens;
use super::told::Teller;
use super::user::User;
use crate::exchange::{Reply, Request, Trace};
use crate::facts::facts;
use crate::facts::limits::Special;
use crate::limits;
use crate::org::Org;
use crate::org::clock::okta_timestamp;
use crate::org::sign_on;
use crate::org::state::OrgState;
use crate::wire::{ApiError, envelope};

#[derive(Deserialize)]
struct Body {
    username: Option<String>,
    password: Option<String>,
    token: Option<String>,
    #[serde(rename = "relayState")]
    relay_state: Option<String>,
}

/// Answers.
pub(super) fn answer(org: &Org, state: &OrgState, request: &Request, trace: &mut Trace) -> Reply {
    if !is_json(request) {
        trace.note("body", "the content type is not application/json");
        return ApiError::UnsupportedContentType.reply(org.ids());
    }
    let Ok(body) = serde_json::from_slice::<Body>(&request.body) else {
        trace.note("body", "the body is no JSON object of texts");
        return by_code(org, "E0000003");
    };
    if body.token.is_some() {
        trace.note("sign_in", "activation and recovery tokens are not issued by this org");
        return ApiError::InvalidToken.reply(org.ids());
    }
    let (Some(username), Some(password)) = (body.username, body.password) else {
        trace.note("body", "username or password is missing");
        let cause = "The 'username' and 'password' attributes are required in this context.".to_owned();
        return ApiError::Validation("authRequest".to_owned(), vec![cause]).reply(org.ids());
    };
    let now = request.now.as_second();
    let teller = Teller { server: &Known::Org, org, state, request };
    let typed = username.trim().to_lowercase();
    let limits = &state.settings.limits;
    let again = trace.errand.is_some();
    if !again
        && let Err(charge) =
            limits::admit(org.counters(), limits, Special::AuthnUserName, &typed, request.now)
    {
        trace.note("limit", format!("{} sign-ins of {username} until {}", charge.limit, charge.reset));
        // Told as a sign-in that failed, with this reason (§1.7).
        teller.not_signed_in(trace, &username, "user_rate_limited");
        return ApiError::TooSoon("E0000047", charge).reply(org.ids());
    }
    let (user, status) = match passwords::check(teller, &username, &password, trace) {
        Ok(user) => match sign_on::admits(state, user.id(), request.peer) {
            Ok(()) => (user, "SUCCESS"),
            Err(rule) => {
                trace.note("sign_in", format!("the rule {rule} of a sign-on policy denies it"));
                teller.not_signed_in(trace, &username, sign_on::DENIED);
                return by_code(org, "E0000085");
            }
        },
        Err((SignInFault::PasswordExpired, Some(user))) => (user, "PASSWORD_EXPIRED"),
        Err((fault, _)) => {
            trace.note("sign_in", fault.to_string());
            teller.not_signed_in(trace, &username, "INVALID_CREDENTIALS");
            return by_code(org, "E0000004");
        }
    };
    trace.learnt.user = Some(user.id().to_string());
    trace.note("sign_in", format!("{}: {status}", user.id()));
    let mut told = json!({ "expiresAt": expires(request.now), "status": status });
    if let Some(relay_state) = body.relay_state {
        told["relayState"] = json!(relay_state);
    }
    if status == "SUCCESS" {
        teller.signed_in(trace, user.id(), None);
        told["sessionToken"] = json!(session_tokens::issue(org, now, user.id()));
    } else {
        teller.not_signed_in(trace, &username, "PASSWORD_EXPIRED");
        told["stateToken"] = json!(format!("00{}", org.ids().word(40)));
    }
    told["_embedded"] = json!({ "user": shown(state, user) });
    let cancel = format!("{}/api/v1/authn/cancel", request.base_url);
    told["_links"] = json!({ "cancel": { "href": cancel, "hints": { "allow": ["POST"] } } });
    Reply::json(StatusCode::OK, told.to_string())
}

/// The user, as far as somebody who signs in is shown.
fn shown(state: &OrgState, user: User<'_>) -> Value {
    let document = state.get("users", user.id());
    let text = |pointer: &str| document.and_then(|document| document.text(pointer));
    json!({
        "id": user.id(),
        "passwordChanged": text("/passwordChanged"),
        "profile": {
            "login": user.login(),
            "firstName": text("/profile/firstName"),
            "lastName": text("/profile/lastName"),
            "locale": text("/profile/locale").as_deref().unwrap_or("en_US"),
            "timeZone": text("/profile/timezone").as_deref().unwrap_or("America/Los_Angeles"),
        },
    })
}

fn expires(now: Timestamp) -> String {
    okta_timestamp(now.saturating_add(SignedDuration::from_secs(session_tokens::LIFETIME)).unwrap_or(now))
}

fn is_json(request: &Request) -> bool {
    let essence = request.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn by_code(org: &Org, code: &str) -> Reply {
    match facts().errors.get(code) {
        Some(row) => envelope(org.ids(), row.status, code, &row.summary, &[]),
        None => Reply::empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
