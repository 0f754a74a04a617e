//! `/oauth2/v1/clients`: OAuth apps under the names of RFC 7591 (token-facts §12 dcr.*). A registered client is an app
//! like any other.

mod metadata;
mod registration;
mod shown;

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Asked;
use super::events;
use super::link;
use super::own::Operations;
use super::page::{self, Sizes};
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::ApiError;
use shown::shown;

/// What is here.
pub(super) const OPERATIONS: Operations = &[
    ("createClient", registration::create),
    ("replaceClient", registration::replace),
    ("generateNewClientSecret", registration::new_secret),
    ("listClients", list),
    ("getClient", get),
    ("deleteClient", delete),
];

/// A client by its id: an app that is one, or an integration.
pub(super) fn find<'s>(state: &'s OrgState, id: &str) -> Result<&'s Arc<Document>, ApiError> {
    let by_client = state.derived.client(id).map(|client| &*client.app);
    // An app whose client has another id is still found by its own.
    let named = by_client.or_else(|| {
        let app = state.get("apps", id)?;
        state.derived.client(&app.text("/credentials/oauthClient/client_id")?).map(|client| &*client.app)
    });
    named
        .and_then(|app| state.get("apps", app).or_else(|| state.get("integrations", app)))
        .ok_or_else(|| ApiError::NotFound(id.to_owned(), "PublicClientApp"))
}

/// The client that the path names: it is there, and the caller's role reaches it.
fn named<'a>(asked: &'a Asked<'_>) -> Result<&'a Arc<Document>, ApiError> {
    let client = find(asked.state, asked.parameter(0))?;
    permitted(asked)?;
    Ok(client)
}

fn permitted(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.reach == Reach::Nothing { Err(ApiError::AccessDenied) } else { Ok(()) }
}

/// One client, without its secret.
fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    Ok(Reply::json(StatusCode::OK, shown(named(asked)?, false).to_string()))
}

/// The clients, in pages; `q` is the beginning of a name.
fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permitted(asked)?;
    let query = &asked.query;
    let sizes = Sizes { default: 20, max: 200, cap: asked.state.settings.max_page };
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let apps = asked.state.all("apps");
    let place = match &wanted.after {
        Some(after) => Some(apps.place(after).ok_or(ApiError::InvalidCursor("E0000029"))?),
        None => None,
    };
    let beginning = query.get("q").unwrap_or_default().to_lowercase();
    let mut clients = apps.after(place).filter(|app| {
        asked.state.derived.client(&app.id).is_some()
            && app.text("/label").unwrap_or_default().to_lowercase().starts_with(&beginning)
    });
    let page: Vec<_> = clients.by_ref().take(wanted.take).collect();
    let next = page.last().filter(|_| clients.next().is_some()).map(|last| last.id.to_string());
    let shown: Vec<Value> = page.iter().map(|client| shown(client, false)).collect();
    let known: Vec<_> = query.get("q").filter(|q| !q.is_empty()).map(|q| ("q", q)).into_iter().collect();
    let reply = Reply::json(StatusCode::OK, json!(shown).to_string());
    Ok(link::add(reply, asked.request, &wanted, &known, next.as_deref()))
}

/// Deletes a client with its grants and roles. Unlike `DELETE /api/v1/apps/{id}` this does not ask for a deactivated app.
fn delete(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let id = named(asked)?.id.clone();
    if asked.state.get("apps", &id).is_none() {
        return Err(ApiError::AccessDenied);
    }
    asked.org.commit(asked.request.now, |state| {
        find(state, &id)?;
        let grants = state.all("grants").after(None).filter(|grant| grant.is("/clientId", &id));
        let grants = grants.map(|grant| Change::remove("grants", grant.id.clone()));
        let app = Change::remove("apps", id.clone());
        let told = told(asked, state, Entity::of("AppInstance", find(state, &id)?), "delete");
        Ok::<_, ApiError>(grants.chain([app]).chain(told).collect())
    })?;
    trace.note("operation", format!("{id} is gone; its tokens are no longer taken"));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The events of a client: it is an app too.
fn told(asked: &Asked<'_>, state: &OrgState, client: Entity, step: &str) -> [Change; 2] {
    let event = |kind: &str, target| {
        events::written(asked, &events::event(asked, state, format!("{kind}.{step}")).target(target))
    };
    [event("application.lifecycle", client.clone()), event("app.oauth2.client.lifecycle", client)]
}
