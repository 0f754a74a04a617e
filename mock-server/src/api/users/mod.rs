//! Users: what no data can say of them. Their profile and credentials when they are written, their lifecycle, passwords
//! and recovery, factors, links to each other, sessions, and what they have granted to clients.

pub(super) mod consents;
mod credentials;
pub(super) mod factors;
mod lifecycle;
pub(super) mod linked;
mod passwords;
mod profile;
mod resources;
mod sending;
mod sessions;
mod shown;

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::answer::Asked;
use super::draft::{Action, Draft, set};
use super::own::Operations;
use super::special::Special;
use super::target::{Target, find};
use super::{body, events, schemas};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::Resource;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

use credentials::{Credentials, Given};

/// Operations of their own, a file each.
pub(super) const AREAS: &[(&str, Operations)] = &[
    ("users/consents.rs", consents::OPERATIONS),
    ("users/factors.rs", factors::OPERATIONS),
    ("users/lifecycle.rs", lifecycle::OPERATIONS),
    ("users/linked.rs", linked::OPERATIONS),
    ("users/passwords.rs", passwords::OPERATIONS),
    ("users/resources.rs", resources::OPERATIONS),
    ("users/sessions.rs", sessions::OPERATIONS),
];

/// The users of an org.
pub(super) struct Users;

/// So many groups a request may put a new user into.
const MOST_GROUPS: usize = 20;

impl Special for Users {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action.clone() {
            Action::Create => create(draft),
            Action::Replace | Action::Update => change(draft),
            Action::Delete => Ok(()),
            Action::Lifecycle(name) => {
                lifecycle::changed(draft, &name);
                Ok(())
            }
        }
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        shown::trimmed(asked, document)
    }

    fn shows_in_lists(&self, asked: &Asked<'_>) -> bool {
        shown::Trim::read(asked).is_some()
    }
}

/// A new user, by the request and its query (mgmt-facts §6.2).
fn create(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let now = draft.now();
    let flag = |name: &str| draft.asked.query(name);
    let activate = flag("activate").is_none_or(|flag| flag != "false");
    let expire = flag("nextLogin").as_deref() == Some("changePassword");
    let kind = user_type(draft, None)?;
    let profile = profile::new(draft, &kind)?;
    let given = Given::read(draft.body.get("credentials"))?;
    let mut credentials = Credentials::default();
    credentials.take(&given, &profile)?;
    if expire && !credentials.has_password() {
        return Err(ApiError::catalogued("E0000124", "", ""));
    }
    if expire && !activate {
        return Err(ApiError::catalogued("E0000125", "", ""));
    }
    let status = match (activate, credentials.has_password() || credentials.is_foreign()) {
        (false, _) => "STAGED",
        (true, true) if expire => "PASSWORD_EXPIRED",
        (true, true) => "ACTIVE",
        (true, false) => "PROVISIONED",
    };
    let when = |happened: bool| if happened { json!(now) } else { Value::Null };
    let mut value = Map::new();
    value.insert("id".into(), json!(draft.id));
    value.insert("status".into(), json!(status));
    value.insert("created".into(), json!(now));
    value.insert("activated".into(), when(activate));
    value.insert("statusChanged".into(), when(activate || credentials.has_password()));
    value.insert("lastLogin".into(), Value::Null);
    value.insert("lastUpdated".into(), json!(now));
    value.insert("passwordChanged".into(), when(credentials.has_password()));
    if let Some(realm) = realm(draft)? {
        value.insert("realmId".into(), json!(realm));
    }
    value.insert("type".into(), json!({ "id": kind.id }));
    value.insert("credentials".into(), credentials.shown(&profile));
    // The profile stands before the credentials.
    value.shift_insert(value.len() - 1, "profile".into(), Value::Object(profile));
    draft.value = Value::Object(value);
    draft.hidden = json!({ "schema": schemas::id_of_type(&kind.id) });
    credentials.hide(&mut draft.hidden);
    join_groups(draft)
}

/// A new user is a member of Everyone and of the groups that the request names.
fn join_groups(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let asked: Vec<&str> = draft
        .body
        .get("groupIds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if asked.len() > MOST_GROUPS {
        return Err(ApiError::catalogued("E0000093", "", ""));
    }
    let groups = draft.state.all("groups");
    // Everyone is among the first groups that an org has.
    let everyone = groups.after(None).find(|group| group.is("/profile/name", "Everyone"));
    let mut joined: Vec<Arc<str>> = everyone.map(|group| group.id.clone()).into_iter().collect();
    for id in asked {
        let group = groups.get(id).ok_or_else(|| ApiError::NotFound(id.to_owned(), "UserGroup"))?;
        joined.push(group.id.clone());
    }
    let to = draft.id.clone();
    draft.also.extend(joined.into_iter().map(|from| Change::Link {
        relation: "members",
        from,
        to: to.clone(),
    }));
    Ok(())
}

/// A user that a request replaces or changes.
fn change(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let Some(old) = draft.old.clone() else { return Ok(()) };
    check_tag(draft.asked, &old)?;
    if old.is("/status", "DEPROVISIONED") {
        return Err(ApiError::catalogued("E0000038", "", ""));
    }
    let now = draft.now();
    let kind = user_type(draft, Some(&old))?;
    let profile = profile::changed(draft, &old, &kind, draft.action == Action::Replace)?;
    let given = Given::read(draft.body.get("credentials"))?;
    let mut credentials = Credentials::of(&old);
    let changes_password = given.has_password();
    if given.is_imported() && !old.is("/status", "STAGED") {
        return Err(ApiError::catalogued("E0000038", "", ""));
    }
    credentials.take(&given, &profile)?;
    let mut value = old.value();
    set(&mut value, "/lastUpdated", json!(now));
    if let Some(realm) = draft.body.get("realmId").and_then(Value::as_str) {
        let realms = draft.state.all("realms");
        realms.get(realm).ok_or_else(|| ApiError::NotFound(realm.to_owned(), "Realm"))?;
        set(&mut value, "/realmId", json!(realm));
    }
    set(&mut value, "/type", json!({ "id": kind.id }));
    set(&mut value, "/credentials", credentials.shown(&profile));
    set(&mut value, "/profile", Value::Object(profile));
    draft.hidden["schema"] = json!(schemas::id_of_type(&kind.id));
    credentials.hide(&mut draft.hidden);
    draft.value = value;
    if changes_password {
        set(&mut draft.value, "/passwordChanged", json!(now));
        if old.is("/status", "RECOVERY") || old.is("/status", "PROVISIONED") {
            lifecycle::enter(draft, "ACTIVE");
        }
    }
    Ok(())
}

/// `If-Match`, where a request has it (mgmt-facts §2).
fn check_tag(asked: &Asked<'_>, old: &Document) -> Result<(), ApiError> {
    let Some(given) = asked.request.header("if-match") else { return Ok(()) };
    let given = given.trim();
    let opaque = given.strip_prefix("W/").unwrap_or(given);
    if given != "*" && !(opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')) {
        return Err(ApiError::catalogued("E0000242", "", ""));
    }
    let own = old.etag.as_deref().map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
    if given != "*" && own != Some(opaque) {
        return Err(ApiError::catalogued("E0000231", "", ""));
    }
    Ok(())
}

/// The type that the request names, or that the user has, or the default one.
fn user_type(draft: &Draft<'_>, old: Option<&Document>) -> Result<Arc<Document>, ApiError> {
    let types = draft.state.all("user_types");
    let own = || old.and_then(|old| types.get(&old.text("/type/id")?));
    let found = match draft.body.get("type").and_then(|kind| kind.get("id")).and_then(Value::as_str) {
        Some("default") => default_type(draft.state),
        Some(id) => types.get(id),
        None => own().or_else(|| default_type(draft.state)),
    };
    found.cloned().ok_or_else(|| ApiError::invalid("type", "The user type does not exist."))
}

/// The type of users for whom no request names one.
pub(super) fn default_type(state: &OrgState) -> Option<&Arc<Document>> {
    state.all("user_types").after(None).next()
}

/// The realm of a new user: the request's, or the org's default one.
fn realm(draft: &Draft<'_>) -> Result<Option<Arc<str>>, ApiError> {
    let realms = draft.state.all("realms");
    match draft.body.get("realmId").and_then(Value::as_str) {
        Some(id) => {
            let found = realms.get(id).ok_or_else(|| ApiError::NotFound(id.to_owned(), "Realm"))?;
            Ok(Some(found.id.clone()))
        }
        None => Ok(realms.after(None).next().map(|realm| realm.id.clone())),
    }
}

/// The resource of users.
fn resource() -> Result<&'static Resource, ApiError> {
    facts().resources.get("users").ok_or(ApiError::NoSuchPath)
}

/// The user that the first path parameter names; the caller may reach it.
fn user(asked: &Asked<'_>, trace: &mut Trace) -> Result<Arc<Document>, ApiError> {
    let target = Target::of(asked, resource()?, asked.state)?;
    let user = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&user), trace)?;
    Ok(user)
}

/// A user by another path parameter.
fn other<'s>(asked: &Asked<'_>, state: &'s OrgState, name: &str) -> Result<&'s Arc<Document>, ApiError> {
    find(asked, state, resource()?, &Shelf::from("users"), name)
}

/// Changes the user that the path names, as something that happens to it.
fn commit(
    asked: &Asked<'_>,
    event: &str,
    trace: &mut Trace,
    decide: impl Fn(&mut Draft<'_>) -> Result<(), ApiError>,
) -> Result<Arc<Document>, ApiError> {
    let target = Target::of(asked, resource()?, asked.state)?;
    let user = target.find(asked, asked.state)?;
    target.permit(asked, Some(user), trace)?;
    let nothing = Map::new();
    let state = asked.org.commit(asked.request.now, |state| {
        let user = target.find(asked, state)?;
        let action = Action::Lifecycle(event.to_owned());
        let mut draft = Draft::update(asked, state, &target, user, &nothing, action)?;
        decide(&mut draft)?;
        events::note(&mut draft);
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    trace.note("operation", format!("user {}: {event}", user.id));
    let changed = state.get("users", &user.id).cloned();
    changed.ok_or_else(|| ApiError::NotFound(user.id.to_string(), "User"))
}

/// The request's object; an empty one where there is no body.
fn optional_body(asked: &Asked<'_>) -> Result<Map<String, Value>, ApiError> {
    if asked.request.body.is_empty() { Ok(Map::new()) } else { body::object(asked.request) }
}

/// Whether a flag of the query says yes; what it says when it is not there.
fn flag(asked: &Asked<'_>, name: &str, otherwise: bool) -> bool {
    asked.query(name).map_or(otherwise, |text| text == "true")
}

fn ok(value: &Value, asked: &Asked<'_>) -> Reply {
    Reply::json(StatusCode::OK, super::verbs::based(value, &asked.request.base_url))
}
