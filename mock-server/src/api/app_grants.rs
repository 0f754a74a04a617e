//! `/api/v1/apps/{id}/grants`: the Okta scopes that an app may have; the next token carries them (mgmt-facts §7.1).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::answer::Asked;
use super::own::Operations;
use super::{body, events, roles, special};
use crate::exchange::{Reply, Trace};
use crate::facts::dialects::Switch;
use crate::facts::facts;
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::ApiError;

/// What is here.
pub(super) const OPERATIONS: Operations = &[
    ("listScopeConsentGrants", list),
    ("grantConsentToScope", grant),
    ("getScopeConsentGrant", get),
    ("revokeScopeConsentGrant", revoke),
];

/// The collection.
const KIND: &str = "grants";

/// The name of the type in `Not found`; inferred, no reply for an unknown grant is recorded.
const TYPE: &str = "OAuth2ScopeConsentGrant";

/// The grants of an app, all on one page.
fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let shown: Vec<Value> =
        of(asked.state, &client_id(app)).map(|grant| shown(grant, app, asked, expands(asked))).collect();
    Ok(Reply::json(StatusCode::OK, json!(shown).to_string()))
}

/// One of them.
fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let grant = find(asked.state, &client_id(app), asked.parameter(1))?;
    Ok(Reply::json(StatusCode::OK, shown(grant, app, asked, expands(asked)).to_string()))
}

/// Grants a scope. One that is granted already is answered with the grant that there is (Okta's answer is not known).
fn grant(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let wanted = body::object(asked.request)?;
    let text = |name: &str| wanted.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let blank = |name: &str| {
        ApiError::Validation(name.to_owned(), vec![format!("{name}: The field cannot be left blank")])
    };
    let issuer = text("issuer").ok_or_else(|| blank("issuer"))?;
    let scope = text("scopeId").ok_or_else(|| blank("scopeId"))?;
    if issuer.trim_end_matches('/') != &*asked.request.base_url {
        let cause = format!("issuer: {issuer} is not the org authorization server");
        return Err(ApiError::Validation("issuer".to_owned(), vec![cause]));
    }
    if !facts().scopes.is_grantable(scope) {
        let cause = format!("scopeId: {scope} is not a scope of Okta's API");
        return Err(ApiError::Validation("scopeId".to_owned(), vec![cause]));
    }
    let id: Arc<str> = asked.org.ids().next("oag").into();
    let client = client_id(app);
    let now = okta_timestamp(asked.request.now);
    let value = Arc::new(json!({
        "id": id,
        "status": "ACTIVE",
        "created": now,
        "lastUpdated": now,
        "clientId": client,
        "scopeId": scope,
        "source": "ADMIN",
    }));
    let hidden = Arc::new(json!({ "createdBy": asked.caller.role_holder() }));
    let state = asked.org.commit(asked.request.now, |state| {
        if state.get("apps", &app.id).is_none() {
            return Err(missing(&app.id));
        }
        if granted(state, &client, scope).is_some() {
            return Ok(Vec::new());
        }
        let grant = Change::put(KIND, id.clone(), value.clone(), hidden.clone());
        let mut changes = vec![grant, consent(asked, state, app, scope, true)];
        let first = of(state, &client).next().is_none();
        if first && app.hidden[special::apps::ADMIN_BY_DEFAULT] == true {
            changes.extend(roles::by_default(asked, state, app)?);
        }
        Ok(changes)
    })?;
    trace.note("operation", format!("{} may have {scope}", app.id));
    let grant = granted(&state, &client, scope).ok_or_else(|| ApiError::NotFound(id.to_string(), TYPE))?;
    let created = state.settings.dialect.is(Switch::NewGrant, "201");
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Reply::json(status, shown(grant, app, asked, true).to_string()))
}

/// Takes a grant back.
fn revoke(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let id = asked.parameter(1);
    asked.org.commit(asked.request.now, |state| {
        let grant = find(state, &client_id(app), id)?;
        let scope = grant.text("/scopeId").unwrap_or_default();
        Ok(vec![Change::remove(KIND, grant.id.clone()), consent(asked, state, app, &scope, false)])
    })?;
    trace.note("operation", format!("{} has one grant less", app.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The event of a grant that is given or taken back.
fn consent(asked: &Asked<'_>, state: &OrgState, app: &Document, scope: &str, given: bool) -> Change {
    let kind = if given { "app.oauth2.admin.consent.grant" } else { "app.oauth2.admin.consent.revoke" };
    let event = events::event(asked, state, kind)
        .target(Entity::of("AppInstance", app))
        .target(Entity::named("scope", scope.to_owned(), scope.to_owned()));
    events::written(asked, &event)
}

/// The app that the path names: it is there, and the caller's role reaches its grants.
fn app<'a>(asked: &'a Asked<'_>) -> Result<&'a Arc<Document>, ApiError> {
    let id = asked.parameter(0);
    let app = asked.state.get("apps", id).ok_or_else(|| missing(id))?;
    if asked.reach == Reach::Nothing { Err(ApiError::AccessDenied) } else { Ok(app) }
}

fn missing(id: &str) -> ApiError {
    ApiError::NotFound(id.to_owned(), "AppInstance")
}

/// The client that an app is; its id, unless it was given another one.
fn client_id(app: &Document) -> String {
    let given = app.text("/credentials/oauthClient/client_id");
    given.map_or_else(|| app.id.to_string(), |given| given.into_owned())
}

/// The grants of a client, in the order of granting.
fn of<'s>(state: &'s OrgState, app: &str) -> impl Iterator<Item = &'s Arc<Document>> {
    state.all(KIND).after(None).filter(move |grant| grant.is("/clientId", app))
}

fn find<'s>(state: &'s OrgState, app: &str, id: &str) -> Result<&'s Arc<Document>, ApiError> {
    let grant = state.get(KIND, id).filter(|grant| grant.is("/clientId", app));
    grant.ok_or_else(|| ApiError::NotFound(id.to_owned(), TYPE))
}

fn granted<'s>(state: &'s OrgState, app: &str, scope: &str) -> Option<&'s Arc<Document>> {
    of(state, app).find(|grant| grant.is("/scopeId", scope))
}

fn expands(asked: &Asked<'_>) -> bool {
    asked.query.get("expand") == Some("scope")
}

/// A grant as Okta shows it (recorded shape and key order); issuer and links follow the caller.
fn shown(grant: &Document, app: &Document, asked: &Asked<'_>, expanded: bool) -> Value {
    let base = &asked.request.base_url;
    let own = |name: &str| grant.value().get(name).cloned().unwrap_or_default();
    // A grant of the org file has no author; an admin of the org stands in.
    let author = grant.hidden.get("createdBy").and_then(Value::as_str).or_else(|| {
        let holders = asked.state.derived.role_holders();
        holders.map(|holder| &**holder).find(|holder| asked.state.get("users", holder).is_some())
    });
    let title = app.text("/label").unwrap_or_default();
    let mut shown = Map::new();
    for name in ["id", "status", "created"] {
        shown.insert(name.into(), own(name));
    }
    if let Some(author) = author {
        shown.insert("createdBy".into(), json!({ "id": author, "type": "User" }));
    }
    shown.insert("lastUpdated".into(), own("lastUpdated"));
    shown.insert("issuer".into(), json!(base));
    for name in ["clientId", "scopeId", "source"] {
        shown.insert(name.into(), own(name));
    }
    if expanded {
        shown.insert("_embedded".into(), json!({ "scope": { "id": own("scopeId") } }));
    }
    let links = json!({
        "app": { "href": format!("{base}/api/v1/apps/{}", app.id), "title": title },
        "self": {
            "href": format!("{base}/api/v1/apps/{}/grants/{}", app.id, grant.id),
            "hints": { "allow": ["GET", "DELETE"] }
        },
        "client": { "href": format!("{base}/oauth2/v1/clients/{}", client_id(app)), "title": title },
    });
    shown.insert("_links".into(), links);
    Value::Object(shown)
}
