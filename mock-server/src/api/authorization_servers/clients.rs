//! `…/clients`: the clients that have refresh tokens of a server, and those tokens.

use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{name, server};
use crate::api::answer::Asked;
use crate::api::link;
use crate::api::page::{self, Sizes};
use crate::exchange::{Reply, Trace};
use crate::oauth::store::refresh_tokens::{self, Family};
use crate::org::client::Client;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

/// `GET …/clients`
pub(super) fn list(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let mut shown: Vec<Value> = Vec::new();
    let base = &asked.request.base_url;
    for family in families(asked, &server) {
        let id = &family.allowed.client_id;
        if shown.iter().any(|client| client["client_id"] == **id) {
            continue;
        }
        let Some(app) = asked.state.get("apps", id) else { continue };
        let member = |pointer: &str| app.text(pointer).map(|text| text.into_owned());
        let title = member("/label");
        shown.push(json!({
            "client_id": id,
            "client_name": title,
            "client_uri": member("/settings/oauthClient/client_uri"),
            "logo_uri": member("/settings/oauthClient/logo_uri"),
            "_links": {
                "client": { "href": format!("{base}/oauth2/v1/clients/{id}"), "title": title },
                "tokens": {
                    "href": format!("{base}/api/v1/authorizationServers/{}/clients/{id}/tokens", name(&server)),
                    "hints": { "allow": ["GET", "DELETE"] },
                },
            },
        }));
    }
    Ok(Reply::json(StatusCode::OK, Value::Array(shown).to_string()))
}

/// `GET …/clients/{clientId}/tokens`
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let client = client(asked)?;
    let query = &asked.query;
    let sizes = Sizes { default: 20, max: 200, cap: asked.state.settings.max_page };
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let all = of_client(asked, &server, &client);
    let from = wanted.after.as_ref().and_then(|after| all.iter().position(|family| *family.id == **after));
    let mut rest = all.iter().skip(from.map_or(0, |from| from + 1));
    let page: Vec<&Family> = rest.by_ref().take(wanted.take).collect();
    let next = rest.next().and(page.last()).map(|last| last.id.to_string());
    let scopes = query.get("expand") == Some("scope");
    let shown: Vec<Value> =
        page.into_iter().map(|family| shown(asked, &server, &client, family, scopes)).collect();
    let reply = Reply::json(StatusCode::OK, Value::Array(shown).to_string());
    Ok(link::add(reply, asked.request, &wanted, &[], next.as_deref()))
}

/// `GET …/clients/{clientId}/tokens/{tokenId}`
pub(super) fn token(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let client = client(asked)?;
    let family = find(asked, &server, &client)?;
    let scopes = asked.query.get("expand") == Some("scope");
    Ok(Reply::json(StatusCode::OK, shown(asked, &server, &client, &family, scopes).to_string()))
}

/// `DELETE …/clients/{clientId}/tokens/{tokenId}`
pub(super) fn revoke(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let client = client(asked)?;
    let family = find(asked, &server, &client)?;
    end(asked, &family, trace);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `DELETE …/clients/{clientId}/tokens`
pub(super) fn revoke_all(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let client = client(asked)?;
    of_client(asked, &server, &client).iter().for_each(|family| end(asked, family, trace));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn end(asked: &Asked<'_>, family: &Family, trace: &mut Trace) {
    refresh_tokens::revoke_family(asked.org, asked.request.now.as_second(), &family.id);
    trace.note("operation", format!("{} is revoked", family.id));
}

fn client(asked: &Asked<'_>) -> Result<Arc<Client>, ApiError> {
    let id = asked.parameter(1);
    let found = asked.state.derived.client(id);
    found.cloned().ok_or_else(|| ApiError::NotFound(id.to_owned(), "PublicClientApp"))
}

/// The families of a server that still live, oldest first.
fn families(asked: &Asked<'_>, server: &Document) -> impl Iterator<Item = Family> {
    let (now, own) = (asked.request.now.as_second(), name(server).to_owned());
    let all = asked.state.all("refresh_families").after(None);
    all.filter_map(|document| refresh_tokens::family(asked.state, &document.id)).filter(move |family| {
        family.allowed.server.as_deref() == Some(own.as_str())
            && !family.revoked
            && now < family.expires_at.min(family.idle_at)
    })
}

fn of_client(asked: &Asked<'_>, server: &Document, client: &Client) -> Vec<Family> {
    families(asked, server).filter(|family| family.allowed.client_id == client.id).collect()
}

fn find(asked: &Asked<'_>, server: &Document, client: &Client) -> Result<Family, ApiError> {
    let id = asked.parameter(2);
    let found = of_client(asked, server, client).into_iter().find(|family| *family.id == *id);
    found.ok_or_else(|| ApiError::NotFound(id.to_owned(), "OAuth2RefreshTokenTx"))
}

/// A token as Okta shows it (recorded members, order and links).
fn shown(asked: &Asked<'_>, server: &Document, client: &Client, family: &Family, scopes: bool) -> Value {
    let (base, named) = (&asked.request.base_url, name(server));
    let time = |second: i64| okta_timestamp(Timestamp::from_second(second).unwrap_or_default());
    let own =
        format!("{base}/api/v1/authorizationServers/{named}/clients/{}/tokens/{}", client.id, family.id);
    let user = asked.state.get("users", &family.allowed.user_id);
    let part = |pointer: &str| user.and_then(|user| user.text(pointer)).unwrap_or_default();
    let full = format!("{} {}", part("/profile/firstName"), part("/profile/lastName"));
    let title = &client.sign_in.label;
    let mut value = json!({
        "id": family.id,
        "status": "ACTIVE",
        "created": time(family.created_at),
        "lastUpdated": time(family.idle_at.saturating_sub(family.idle)),
        "expiresAt": time(family.expires_at.min(family.idle_at)),
        "issuer": format!("{base}/oauth2/{named}"),
        "clientId": client.id,
        "userId": family.allowed.user_id,
        "scopes": family.allowed.scopes,
    });
    if scopes {
        value["_embedded"] = json!({ "scopes": scopes_of(asked, family) });
    }
    value["_links"] = json!({
        "app": { "href": format!("{base}/api/v1/apps/{}", client.id), "title": title },
        "authorizationServer": {
            "href": format!("{base}/api/v1/authorizationServers/{named}"),
            "title": server.text("/name"),
        },
        "self": { "href": own },
        "revoke": { "href": own, "hints": { "allow": ["DELETE"] } },
        "client": { "href": format!("{base}/oauth2/v1/clients/{}", client.id), "title": title },
        "user": { "href": format!("{base}/api/v1/users/{}", family.allowed.user_id), "title": full.trim() },
    });
    value
}

/// The scopes of a token, as `expand=scope` shows them; the org server's are only names.
pub(in crate::api) fn scopes_of(asked: &Asked<'_>, family: &Family) -> Value {
    let known = family.allowed.server.as_deref().and_then(|name| asked.state.derived.server(name));
    let server = known.and_then(|server| asked.state.get("authorization_servers", &server.document));
    let shown = family.allowed.scopes.iter().map(|name| {
        let scope = server.and_then(|server| scope(asked, server, name));
        scope.unwrap_or_else(|| json!({ "name": name }))
    });
    shown.collect()
}

fn scope(asked: &Asked<'_>, server: &Document, name: &str) -> Option<Value> {
    let scopes = asked.state.below("authorization_server_scopes", &server.id);
    let scope = scopes.after(None).find(|scope| scope.is("/name", name))?;
    let base = &asked.request.base_url;
    let href = format!("{base}/api/v1/authorizationServers/{}/scopes/{}", super::name(server), scope.id);
    let title = scope.text("/displayName").unwrap_or(name.into());
    Some(json!({
        "id": scope.id,
        "name": name,
        "displayName": title,
        "description": scope.text("/description"),
        "_links": { "scope": { "href": href, "title": title } },
    }))
}
