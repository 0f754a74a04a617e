//! Import sessions. What they were given is imported in the commit that starts them; a few seconds later they say that it
//! is done, as Okta does some while later.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{by_external, groups, removed, upserted};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::special::Special;
use crate::org::applied;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// `special = "identity_source_sessions"`.
pub(in crate::api::special) struct Sessions;

/// How long a session says that it is being processed.
const PROCESSING: SignedDuration = SignedDuration::from_secs(5);

/// How long a session may be idle before it expires (specification).
const IDLE: SignedDuration = SignedDuration::from_hours(24);

/// So much data a session takes (Okta's documentation of identity sources): bulk requests, and items in one.
const MOST_UPLOADS: usize = 50;
const MOST_ITEMS: usize = 200;

impl Special for Sessions {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(old) = draft.old.clone() else { return Ok(()) };
        let open = old.is("/status", "CREATED") && !expired(&old, draft.asked.request.now);
        match &draft.action {
            Action::Update if open => take(draft),
            Action::Update => Err(ApiError::invalid(
                "importSessionId",
                "Only a session that is in CREATED status can take data.",
            )),
            Action::Lifecycle(name) if name == "start" && !open => Err(ApiError::invalid(
                "importSessionId",
                "Only a session that is in CREATED status can be triggered.",
            )),
            Action::Lifecycle(name) if name == "start" => {
                let (changes, whole) = imported(draft);
                draft.also.extend(changes);
                draft.hidden = json!({ "outcome": if whole { "COMPLETED" } else { "ERROR" } });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn show(&self, asked: &Asked<'_>, session: &Arc<Document>) -> Option<Value> {
        let now = asked.request.now;
        let status = if expired(session, now) {
            "EXPIRED"
        } else if session.is("/status", "TRIGGERED") && idle(session, now) >= PROCESSING {
            session.hidden.get("outcome")?.as_str()?
        } else {
            return None;
        };
        let mut shown = session.whole();
        shown["status"] = json!(status);
        Some(shown)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

fn expired(session: &Document, now: Timestamp) -> bool {
    session.is("/status", "CREATED") && idle(session, now) >= IDLE
}

fn idle(session: &Document, now: Timestamp) -> SignedDuration {
    let since = session.text("/lastUpdated").and_then(|at| at.parse::<Timestamp>().ok());
    since.map_or(SignedDuration::ZERO, |since| now.duration_since(since))
}

/// Keeps the data of a bulk request for the import.
fn take(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let path = draft.asked.operation.path.as_str();
    let what = path.rsplit_once('/').map_or("", |(_, what)| what);
    if matches!(what, "bulk-upsert" | "bulk-delete")
        && draft.body.get("entityType").and_then(Value::as_str) != Some("USERS")
    {
        let cause = "entityType: The field entityType is not valid.";
        return Err(ApiError::invalid("entityType", cause));
    }
    let Some(hidden) = draft.hidden.as_object_mut() else { return Ok(()) };
    let lists = ["profiles", "externalIds", "memberships"].map(|name| (name, hidden.shift_remove(name)));
    hidden.shift_remove("entityType");
    let (name, items) = lists
        .into_iter()
        .find_map(|(name, list)| Some((name, list?.as_array()?.clone())))
        .unwrap_or(("profiles", Vec::new()));
    if items.len() > MOST_ITEMS {
        let cause = format!("{name}: The array must have at most {MOST_ITEMS} items.");
        return Err(ApiError::invalid(name, cause));
    }
    let uploads = hidden.entry("uploads").or_insert_with(|| json!([]));
    let Value::Array(uploads) = uploads else { return Ok(()) };
    if uploads.len() >= MOST_UPLOADS {
        let cause = format!("A session takes at most {MOST_UPLOADS} bulk requests.");
        return Err(ApiError::invalid("importSessionId", cause));
    }
    uploads.push(json!({ "what": what, "items": items }));
    Ok(())
}

/// All that a session was given, one after the other; and whether all of it could be imported.
fn imported(draft: &Draft<'_>) -> (Vec<Change>, bool) {
    let (mut changes, mut whole) = (Vec::new(), true);
    let Some(source) = draft.target.parents.first() else { return (changes, whole) };
    let uploads = draft.hidden.get("uploads").and_then(Value::as_array).into_iter().flatten();
    let mut state = draft.state.clone();
    for upload in uploads {
        let what = upload["what"].as_str().unwrap_or_default();
        for item in upload["items"].as_array().into_iter().flatten() {
            match import(draft.asked, &state, source, what, item) {
                Ok(more) => {
                    state = applied(&state, &more);
                    changes.extend(more);
                }
                Err(_) => whole = false,
            }
        }
    }
    (changes, whole)
}

fn import(
    asked: &Asked<'_>,
    state: &OrgState,
    source: &Arc<Document>,
    what: &str,
    item: &Value,
) -> Result<Vec<Change>, ApiError> {
    let nothing = Map::new();
    let body = item.as_object().unwrap_or(&nothing);
    let external = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    match what {
        "bulk-upsert" => upserted(asked, state, "identity_source_users", source, body),
        "bulk-delete" => removed(asked, state, "identity_source_users", source, external("externalId")),
        "bulk-groups-upsert" => upserted(asked, state, "identity_source_groups", source, body),
        "bulk-groups-delete" => {
            removed(asked, state, "identity_source_groups", source, item.as_str().unwrap_or_default())
        }
        _ => {
            let named = external("groupExternalId");
            let shelf = Shelf::below("identity_source_groups", &[&source.id]);
            let group = by_external(state, &shelf, named);
            let group = group.ok_or_else(|| ApiError::NotFound(named.to_owned(), "IdentitySourceGroup"))?;
            let ids = item.get("memberExternalIds").and_then(Value::as_array);
            let ids = ids.into_iter().flatten().filter_map(Value::as_str);
            let change = if what.ends_with("-upsert") { groups::joined } else { groups::left };
            Ok(ids.flat_map(|id| change(state, &source.id, group, id)).collect())
        }
    }
}
