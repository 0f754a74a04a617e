//! What identity providers do that no resource file says: keys and requests for certificates, SAML metadata, users.

mod keys;
mod metadata;
mod users;

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Asked;
use super::draft::Draft;
use super::own::Operations;
use super::target::Target;
use crate::api::credential_keys::made_by_org;
use crate::exchange::Trace;
use crate::facts::facts;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

/// The files and what is in them.
pub(super) const AREAS: [(&str, Operations); 3] = [
    ("idps/keys.rs", keys::OPERATIONS),
    ("idps/metadata.rs", metadata::OPERATIONS),
    ("idps/users.rs", users::OPERATIONS),
];

/// The kind of the org's own certificate; there is one, made when the first provider needs it.
const ORG_KEY: &str = "org_certificates";

/// Gives a new provider the org's key, and says which that is. Every provider has it (recorded).
pub(super) fn signing_key(draft: &mut Draft<'_>) -> Result<String, ApiError> {
    let (shown, private) = match draft.state.get(ORG_KEY, ORG_KEY) {
        Some(key) => (key.value(), Value::clone(&key.hidden)),
        None => {
            let made = made_by_org(draft.asked, "signing")?;
            let private = json!({ "private": made.private });
            draft.also.push(Change::put(ORG_KEY, ORG_KEY, made.shown.clone(), private.clone()));
            (made.shown, private)
        }
    };
    let kid = shown.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
    let shelf = Shelf::below("idp_signing_keys", &[&draft.id]);
    draft.also.push(Change::put(shelf, kid.as_str(), shown, private));
    Ok(kid)
}

/// The provider that the path names: it is there, and the caller's role reaches it.
fn idp(asked: &Asked<'_>) -> Result<Arc<Document>, ApiError> {
    named(asked, asked.parameter(0))
}

/// A provider by its id.
fn named(asked: &Asked<'_>, id: &str) -> Result<Arc<Document>, ApiError> {
    let resource = facts().resources.get("idps").ok_or(ApiError::NoSuchPath)?;
    let shelf = Shelf::from(resource.kind.as_str());
    let target = Target { resource, shelf, parents: Vec::new(), name: id.to_owned() };
    let found = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&found), &mut Trace::default())?;
    Ok(found)
}
