//! Sessions of users, as administrators see them. They are the ones that browsers have (`oauth/store/sessions`).

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reply, Trace, flag, ok, user};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::own::Operations;
use crate::facts::resources::BASE_MARK;
use crate::gate::roles::Reach;
use crate::oauth::cookies;
use crate::oauth::store::{refresh_tokens, session_tokens, sessions};
use crate::org::clock::okta_timestamp;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("createSession", create),
    ("getSession", get),
    ("revokeSession", revoke),
    ("refreshSession", refresh),
    ("revokeUserSessions", revoke_all),
];

fn now(asked: &Asked<'_>) -> i64 {
    asked.request.now.as_second()
}

/// Ends all sessions of a user.
pub(super) fn end_all(asked: &Asked<'_>, user: &str) {
    sessions::end_all(asked.org, now(asked), user);
}

/// `POST /sessions`: a session for a session token, which is used up.
fn create(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let body = body::object(asked.request)?;
    let Some(token) = body.get("sessionToken").and_then(Value::as_str) else {
        return Err(ApiError::MalformedBody);
    };
    let user = session_tokens::take(asked.org, now(asked), token);
    let user = user.ok_or_else(|| ApiError::catalogued("E0000004", "", ""))?;
    let session = sessions::start(asked.org, now(asked), &user, vec!["pwd".to_owned()]);
    trace.note("operation", format!("a session of user {user}"));
    Ok(shown(asked, &session, "me"))
}

/// `GET /sessions/{id}`; `me` is the one of the caller's browser.
fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let session = named(asked)?;
    Ok(shown(asked, &session, &session.id))
}

/// `DELETE /sessions/{id}`.
fn revoke(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let session = named(asked)?;
    sessions::end(asked.org, now(asked), &session.id);
    trace.note("operation", format!("a session of user {} has ended", session.user_id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `POST /sessions/{id}/lifecycle/refresh`.
fn refresh(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let session = named(asked)?;
    let session = sessions::refresh(asked.org, now(asked), &session.id).unwrap_or(session);
    Ok(shown(asked, &session, &session.id))
}

/// `DELETE /users/{id}/sessions`, and with `oauthTokens=true` the user's tokens too.
fn revoke_all(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    end_all(asked, &user.id);
    if flag(asked, "oauthTokens", false) {
        for family in refresh_tokens::of_user(asked.state, now(asked), &user.id) {
            refresh_tokens::revoke_family(asked.org, now(asked), &family.id);
        }
    }
    trace.note("operation", format!("the sessions of user {} have ended", user.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Sessions belong to no group: whoever reaches some users only does not reach them.
fn permit(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.reach == Reach::Everything { Ok(()) } else { Err(ApiError::AccessDenied) }
}

fn named(asked: &Asked<'_>) -> Result<sessions::Session, ApiError> {
    let name = asked.parameter(0);
    let found = match name {
        "me" => cookies::session(asked.state, asked.request),
        id => sessions::find(asked.state, now(asked), id),
    };
    found.ok_or_else(|| ApiError::NotFound(name.to_owned(), "AppSession"))
}

/// A session (recorded shape, okta-sdk-python 2025). `name` stands in its links.
fn shown(asked: &Asked<'_>, session: &sessions::Session, name: &str) -> Reply {
    let time = |second: i64| okta_timestamp(Timestamp::from_second(second).unwrap_or_default());
    let user = asked.state.get("users", &session.user_id);
    let text = |pointer: &str| {
        user.and_then(|user| user.text(pointer)).map(|text| text.into_owned()).unwrap_or_default()
    };
    let own = format!("{BASE_MARK}/api/v1/sessions/{name}");
    let value = json!({
        "id": session.id,
        "userId": session.user_id,
        "login": text("/profile/login"),
        "createdAt": time(session.auth_time),
        "expiresAt": time(session.expires_at),
        "status": "ACTIVE",
        "lastPasswordVerification": time(session.auth_time),
        "lastFactorVerification": null,
        "amr": session.amr,
        "idp": { "id": asked.state.settings.org_id, "type": "OKTA" },
        "mfaActive": asked.state.below("user_factors", &session.user_id).after(None)
            .any(|factor| factor.is("/status", "ACTIVE")),
        "_links": {
            "self": { "href": own, "hints": { "allow": ["GET", "DELETE"] } },
            "refresh": { "href": format!("{own}/lifecycle/refresh"), "hints": { "allow": ["POST"] } },
            "user": {
                "name": format!("{} {}", text("/profile/firstName"), text("/profile/lastName")),
                "href": format!("{BASE_MARK}/api/v1/users/{}", session.user_id),
                "hints": { "allow": ["GET"] },
            },
        },
    });
    ok(&value, asked)
}
