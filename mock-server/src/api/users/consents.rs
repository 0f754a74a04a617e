//! What users have granted to clients: their refresh tokens, which are those of the authorization servers, and what they
//! have consented to for one client (`fixtures/resources/user_grants.toml` has the rest).

use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reply, Trace, ok, user};
use crate::api::answer::Asked;
use crate::api::authorization_servers::scopes_of;
use crate::api::link;
use crate::api::own::Operations;
use crate::api::page::{self, Sizes};
use crate::api::special::{Special, expands};
use crate::facts::resources::BASE_MARK;
use crate::oauth::store::refresh_tokens::{self, Family};
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

/// What users have consented to.
pub(in crate::api) struct UserGrants;

impl Special for UserGrants {
    fn show(&self, asked: &Asked<'_>, grant: &Arc<Document>) -> Option<Value> {
        expands(asked, "scope").then(|| with_scope(asked, grant))
    }

    fn shows_in_lists(&self, asked: &Asked<'_>) -> bool {
        expands(asked, "scope")
    }
}

/// A grant, with its scope where the caller asks for it.
fn with_scope(asked: &Asked<'_>, grant: &Document) -> Value {
    let mut value = grant.whole();
    if expands(asked, "scope") {
        value["_embedded"] = json!({ "scope": { "id": value["scopeId"] } });
    }
    value
}

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("listUserClients", clients),
    ("listGrantsForUserAndClient", client_grants),
    ("revokeGrantsForUserAndClient", revoke_client_grants),
    ("listRefreshTokensForUserAndClient", tokens),
    ("revokeTokensForUserAndClient", revoke_tokens),
    ("getRefreshTokenForUserAndClient", token),
    ("revokeTokenForUserAndClient", revoke_token),
];

fn now(asked: &Asked<'_>) -> i64 {
    asked.request.now.as_second()
}

/// The clients that hold refresh tokens of the user.
fn clients(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    let mut ids: Vec<Arc<str>> = Vec::new();
    for family in refresh_tokens::of_user(asked.state, now(asked), &user.id) {
        if !ids.contains(&family.allowed.client_id) {
            ids.push(family.allowed.client_id.clone());
        }
    }
    let shown = |id: &Arc<str>| {
        let app = asked.state.get("apps", id).or_else(|| asked.state.get("integrations", id));
        let text = |pointer: &str| app.and_then(|app| app.text(pointer));
        let own = format!("{BASE_MARK}/api/v1/users/{}/clients/{id}", user.id);
        json!({
            "client_id": id,
            "client_name": text("/label"),
            "client_uri": text("/settings/oauthClient/client_uri"),
            "logo_uri": text("/settings/oauthClient/logo_uri"),
            "_links": {
                "grants": { "href": format!("{own}/grants") },
                "tokens": { "href": format!("{own}/tokens") },
            },
        })
    };
    Ok(ok(&Value::Array(ids.iter().map(shown).collect()), asked))
}

fn paged(asked: &Asked<'_>, items: Vec<(String, Value)>) -> Result<Reply, ApiError> {
    let sizes = Sizes { default: 20, max: 200, cap: asked.state.settings.max_page };
    let query = &asked.query;
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let start = match &wanted.after {
        None => 0,
        Some(after) => match items.iter().position(|(id, _)| id == after) {
            Some(place) => place + 1,
            None => return Err(ApiError::InvalidCursor("E0000029")),
        },
    };
    let rest = items.get(start..).unwrap_or_default();
    let shown: Vec<Value> = rest.iter().take(wanted.take).map(|(_, value)| value.clone()).collect();
    let next =
        rest.get(wanted.take.wrapping_sub(1)).filter(|_| rest.len() > wanted.take).map(|(id, _)| id.as_str());
    Ok(link::add(ok(&Value::Array(shown), asked), asked.request, &wanted, &[], next))
}

/// The user and the client of a path.
fn both(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Arc<Document>, Arc<str>), ApiError> {
    let user = user(asked, trace)?;
    let id = asked.parameter(1);
    match asked.state.derived.client(id) {
        Some(client) => Ok((user, client.id.clone())),
        None => Err(ApiError::NotFound(id.to_owned(), "PublicClientApp")),
    }
}

/// What the user has consented to for a client.
fn consents(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Shelf, Vec<Arc<Document>>), ApiError> {
    let (user, client) = both(asked, trace)?;
    let shelf = Shelf::below("user_grants", &[&user.id]);
    let given =
        asked.state.on(&shelf).after(None).filter(|grant| grant.is("/clientId", &client)).cloned().collect();
    Ok((shelf, given))
}

fn client_grants(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, given) = consents(asked, trace)?;
    paged(asked, given.iter().map(|grant| (grant.id.to_string(), with_scope(asked, grant))).collect())
}

fn revoke_client_grants(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (shelf, given) = consents(asked, trace)?;
    let outcome = asked.org.commit(asked.request.now, |_| {
        let gone = given.iter().map(|grant| Change::remove(shelf.clone(), grant.id.clone()));
        Ok::<_, std::convert::Infallible>(gone.collect::<Vec<_>>())
    });
    let Ok(_) = outcome;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The refresh tokens that a client holds of a user.
fn held(asked: &Asked<'_>, trace: &mut Trace) -> Result<Vec<Family>, ApiError> {
    let (user, client) = both(asked, trace)?;
    let all = refresh_tokens::of_user(asked.state, now(asked), &user.id);
    Ok(all.into_iter().filter(|family| family.allowed.client_id == client).collect())
}

fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let held = held(asked, trace)?;
    paged(asked, held.iter().map(|family| (family.id.to_string(), shown(asked, family))).collect())
}

fn revoke_tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    for family in held(asked, trace)? {
        refresh_tokens::revoke_family(asked.org, now(asked), &family.id);
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn one(asked: &Asked<'_>, trace: &mut Trace) -> Result<Family, ApiError> {
    let id = asked.parameter(2);
    let found = held(asked, trace)?.into_iter().find(|family| *family.id == *id);
    found.ok_or_else(|| ApiError::NotFound(id.to_owned(), "OAuth2RefreshTokenTx"))
}

fn token(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let family = one(asked, trace)?;
    Ok(ok(&shown(asked, &family), asked))
}

fn revoke_token(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let family = one(asked, trace)?;
    refresh_tokens::revoke_family(asked.org, now(asked), &family.id);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// A refresh token (OpenAPI 2026.06.3, `OAuth2RefreshToken`).
fn shown(asked: &Asked<'_>, family: &Family) -> Value {
    let time = |second: i64| okta_timestamp(Timestamp::from_second(second).unwrap_or_default());
    let (user, client) = (&family.allowed.user_id, &family.allowed.client_id);
    let server = family.allowed.server.as_ref().map(|id| format!("/oauth2/{id}")).unwrap_or_default();
    let own = format!("{BASE_MARK}/api/v1/users/{user}/clients/{client}/tokens/{}", family.id);
    let link = |href: String, allow: &[&str]| json!({ "href": href, "hints": { "allow": allow } });
    let mut value = json!({
        "id": family.id,
        "status": "ACTIVE",
        "created": time(family.created_at),
        "lastUpdated": time(family.created_at),
        "expiresAt": time(family.expires_at.min(family.idle_at)),
        "issuer": format!("{BASE_MARK}{server}"),
        "clientId": client,
        "userId": user,
        "scopes": family.allowed.scopes,
    });
    if expands(asked, "scope") {
        value["_embedded"] = json!({ "scopes": scopes_of(asked, family) });
    }
    value["_links"] = json!({
        "app": link(format!("{BASE_MARK}/api/v1/apps/{client}"), &["GET"]),
        "self": link(own.clone(), &["GET"]),
        "revoke": link(own, &["DELETE"]),
        "client": link(format!("{BASE_MARK}/oauth2/v1/clients/{client}"), &["GET"]),
        "user": link(format!("{BASE_MARK}/api/v1/users/{user}"), &["GET"]),
    });
    value
}
