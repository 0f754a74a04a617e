//! `/api/v1/apps/{id}/tokens`: the refresh tokens that people have given to a client.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::app;
use crate::api::answer::Asked;
use crate::api::authorization_servers::scopes_of;
use crate::api::link;
use crate::api::own::Operations;
use crate::api::page::{self, Sizes};
use crate::api::special::expands;
use crate::exchange::{Reply, Trace};
use crate::oauth::store::refresh_tokens::{self, Family};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("listOAuth2TokensForApplication", list),
    ("getOAuth2TokenForApplication", get),
    ("revokeOAuth2TokenForApplication", revoke),
    ("revokeOAuth2TokensForApplication", revoke_all),
];

fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let query = &asked.query;
    let sizes = Sizes { default: 20, max: 200, cap: asked.state.settings.max_page };
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let after = wanted.after.clone();
    let mut all = families(asked, &app)
        .into_iter()
        .skip_while(|family| after.as_deref().is_some_and(|after| *after != *family.id))
        .skip(usize::from(after.is_some()));
    let shown: Vec<Value> =
        all.by_ref().take(wanted.take).map(|family| shown(asked, &app, &family)).collect();
    let next = all.next().and_then(|_| shown.last()).and_then(|last| last["id"].as_str().map(str::to_owned));
    let reply = Reply::json(StatusCode::OK, json!(shown).to_string());
    Ok(link::add(reply, asked.request, &wanted, &[], next.as_deref()))
}

fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let family = find(asked, &app)?;
    Ok(Reply::json(StatusCode::OK, shown(asked, &app, &family).to_string()))
}

fn revoke(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let family = find(asked, &app)?;
    refresh_tokens::revoke_family(asked.org, asked.request.now.as_second(), &family.id);
    trace.note("operation", format!("{} is revoked", family.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn revoke_all(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    for family in families(asked, &app) {
        refresh_tokens::revoke_family(asked.org, asked.request.now.as_second(), &family.id);
        trace.note("operation", format!("{} is revoked", family.id));
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Those of the app that still work, oldest first.
fn families(asked: &Asked<'_>, app: &Document) -> Vec<Family> {
    let now = asked.request.now.as_second();
    let client = app.text("/credentials/oauthClient/client_id").unwrap_or_default();
    let all = asked.state.all("refresh_families").after(None);
    all.filter_map(|document| refresh_tokens::family(asked.state, &document.id))
        .filter(|family| *family.allowed.client_id == *client && !family.revoked)
        .filter(|family| now < family.expires_at.min(family.idle_at))
        .collect()
}

fn find(asked: &Asked<'_>, app: &Document) -> Result<Family, ApiError> {
    let id = asked.parameter(1);
    let found = families(asked, app).into_iter().find(|family| *family.id == *id);
    // Recorded: the id is told with the app's before it.
    found.ok_or_else(|| ApiError::NotFound(format!("{}.{id}", app.id), "OAuth2RefreshTokenTx"))
}

/// A token as Okta shows it (recorded members, order and links).
fn shown(asked: &Asked<'_>, app: &Document, family: &Family) -> Value {
    let base = &asked.request.base_url;
    let moment = |second: i64| okta_timestamp(Timestamp::from_second(second).unwrap_or_default());
    let title = app.text("/label").unwrap_or_default();
    let own = format!("{base}/api/v1/apps/{}/tokens/{}", app.id, family.id);
    let user = asked.state.get("users", &family.allowed.user_id);
    let name =
        |part: &str| user.and_then(|user| user.text(part)).map(|text| text.into_owned()).unwrap_or_default();
    let full = format!("{} {}", name("/profile/firstName"), name("/profile/lastName"));
    let issuer = match &family.allowed.server {
        Some(server) => format!("{base}/oauth2/{server}"),
        None => base.to_string(),
    };
    let mut links = json!({ "app": { "href": format!("{base}/api/v1/apps/{}", app.id), "title": title } });
    if let Some(server) = &family.allowed.server {
        let known = asked.state.derived.server(server);
        links["authorizationServer"] = json!({
            "href": format!("{base}/api/v1/authorizationServers/{server}"),
            "title": known.map(|server| &server.name),
        });
    }
    links["self"] = json!({ "href": own });
    links["revoke"] = json!({ "href": own, "hints": { "allow": ["DELETE"] } });
    links["client"] =
        json!({ "href": format!("{base}/oauth2/v1/clients/{}", family.allowed.client_id), "title": title });
    links["user"] =
        json!({ "href": format!("{base}/api/v1/users/{}", family.allowed.user_id), "title": full.trim() });
    let mut value = json!({
        "id": family.id,
        "status": "ACTIVE",
        "created": moment(family.created_at),
        "lastUpdated": moment(family.created_at),
        "expiresAt": moment(family.expires_at.min(family.idle_at)),
        "issuer": issuer,
        "clientId": family.allowed.client_id,
        "userId": family.allowed.user_id,
        "scopes": family.allowed.scopes,
    });
    if expands(asked, "scope") {
        value["_embedded"] = json!({ "scopes": scopes_of(asked, family) });
    }
    value["_links"] = links;
    value
}
