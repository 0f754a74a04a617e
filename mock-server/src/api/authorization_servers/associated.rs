//! `…/associatedServers`: the servers whose tokens a server takes in exchange for its own (Okta's documentation of trusted
//! servers). Their ids are in the hidden part.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{KIND, server};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The member of the hidden part.
const TRUSTED: &str = "trusted";

/// `GET`: those that are trusted, or those that could be (`trusted=false`).
pub(super) fn list(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let query = &asked.query;
    let wanted = query.get("trusted") != Some("false");
    let trusted = trusted(&server);
    let typed = query.get("q").unwrap_or_default().to_lowercase();
    let all = asked.state.all(KIND).after(None).filter(|other| {
        let named = other.text("/name").unwrap_or_default().to_lowercase();
        other.id != server.id
            && trusted.iter().any(|id| **id == *other.id) == wanted
            && named.contains(&typed)
    });
    Ok(shown(asked, &server, all.collect()))
}

/// `POST`: trusts more.
pub(super) fn create(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let body = body::checked(asked)?;
    let named = body.get(TRUSTED).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut added: Vec<Arc<Document>> = Vec::new();
    for name in named {
        let all = asked.state.all(KIND);
        let found = all.get(name).or_else(|| all.by_alias(name));
        added.push(found.ok_or_else(|| ApiError::NotFound(name.to_owned(), "AuthorizationServer"))?.clone());
    }
    let state = alter(asked, &server, |trusted| {
        for one in &added {
            if !trusted.iter().any(|id| **id == *one.id) {
                trusted.push(one.id.to_string());
            }
        }
    })?;
    trace.note("operation", format!("{} trusts {} more", server.id, added.len()));
    let trusted = state.get(KIND, &server.id).map(|server| trusted_of(&state, server)).unwrap_or_default();
    Ok(shown(asked, &server, trusted))
}

/// `DELETE`: trusts one no longer.
pub(super) fn delete(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let id = asked.parameter(1).to_owned();
    if !trusted(&server).contains(&id) {
        return Err(ApiError::NotFound(id, "AuthorizationServer"));
    }
    alter(asked, &server, |trusted| trusted.retain(|one| *one != id))?;
    trace.note("operation", format!("{} no longer trusts {id}", server.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn trusted(server: &Document) -> Vec<String> {
    let ids = server.hidden.get(TRUSTED).and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn trusted_of<'s>(state: &'s OrgState, server: &Document) -> Vec<&'s Arc<Document>> {
    trusted(server).iter().filter_map(|id| state.get(KIND, id)).collect()
}

fn alter(
    asked: &Asked<'_>,
    server: &Document,
    change: impl Fn(&mut Vec<String>),
) -> Result<Arc<OrgState>, ApiError> {
    asked.org.commit(asked.request.now, |state| {
        let Some(server) = state.get(KIND, &server.id) else { return Ok(Vec::new()) };
        let mut ids = trusted(server);
        change(&mut ids);
        let mut hidden = Value::clone(&server.hidden);
        hidden[TRUSTED] = json!(ids);
        Ok(vec![Change::put(KIND, server.id.clone(), server.value(), hidden)])
    })
}

/// The servers; the only link is the one that ends the trust (specification).
fn shown(asked: &Asked<'_>, server: &Document, others: Vec<&Arc<Document>>) -> Reply {
    let own = super::name(server);
    let shown: Vec<Value> = others
        .into_iter()
        .map(|other| {
            let mut value = other.value();
            let href = format!(
                "{}/api/v1/authorizationServers/{own}/associatedServers/{}",
                asked.request.base_url, other.id
            );
            value["_links"] = json!({ "self": { "href": href, "hints": { "allow": ["DELETE"] } } });
            value
        })
        .collect();
    Reply::json(StatusCode::OK, based(&Value::Array(shown), &asked.request.base_url))
}
