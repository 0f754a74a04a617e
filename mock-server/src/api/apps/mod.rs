//! What apps do that no resource file says: credentials, metadata, assignments, features, tokens.

mod assignments;
mod certificates;
mod features;
mod id_token;
mod jwks;
mod metadata;
mod secrets;
mod services;
mod tokens;
mod trust;

pub(super) use metadata::{escaped, lines};

use std::sync::Arc;

use serde_json::Value;

use super::answer::Asked;
use super::own::Operations;
use super::target::Target;
use crate::facts::facts;
use crate::org::app::Around;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The files and what is in them.
pub(super) const AREAS: [(&str, Operations); 10] = [
    ("apps/assignments.rs", assignments::OPERATIONS),
    ("apps/certificates.rs", certificates::OPERATIONS),
    ("apps/features.rs", features::OPERATIONS),
    ("apps/id_token.rs", id_token::OPERATIONS),
    ("apps/jwks.rs", jwks::OPERATIONS),
    ("apps/metadata.rs", metadata::OPERATIONS),
    ("apps/secrets.rs", secrets::OPERATIONS),
    ("apps/services.rs", services::OPERATIONS),
    ("apps/tokens.rs", tokens::OPERATIONS),
    ("apps/trust.rs", trust::OPERATIONS),
];

/// The object that the first path parameter names: it is there, and the caller's role reaches it.
fn owner(asked: &Asked<'_>, kind: &str) -> Result<Arc<Document>, ApiError> {
    let resource = facts().resources.get(kind).ok_or(ApiError::NoSuchPath)?;
    let target = Target {
        resource,
        shelf: Shelf::from(resource.kind.as_str()),
        parents: Vec::new(),
        name: asked.parameter(0).to_owned(),
    };
    let found = target.find(asked, asked.state)?.clone();
    let mut trace = crate::exchange::Trace::default();
    target.permit(asked, Some(&found), &mut trace)?;
    Ok(found)
}

/// The app that the path names.
fn app(asked: &Asked<'_>) -> Result<Arc<Document>, ApiError> {
    owner(asked, "apps")
}

/// The app as it is in the newest state.
fn newest<'s>(state: &'s OrgState, kind: &str, id: &str) -> Result<&'s Arc<Document>, ApiError> {
    state.get(kind, id).ok_or_else(|| ApiError::NotFound(id.to_owned(), "AppInstance"))
}

fn around<'a>(asked: &'a Asked<'_>, now: &'a str) -> Around<'a> {
    Around {
        ids: asked.org.ids(),
        org_id: &asked.state.settings.org_id,
        org_name: &asked.state.settings.name,
        now,
        signing_kid: asked.state.keys.kid(),
    }
}

/// Stores a changed app or integration.
fn put(kind: &'static str, id: &Arc<str>, value: Value, hidden: Value) -> Change {
    Change::put(kind, id.clone(), value, hidden)
}
