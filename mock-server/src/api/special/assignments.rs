//! Who may use an app: users on their own, and members of groups. What the sign-in decides by stands in the hidden part
//! of the app (`assigned`); who has the app by a group follows in `org/app_users.rs`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::schemas;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::query::fold;
use crate::wire::ApiError;

/// `special = "app_users"`.
pub(super) struct AppUsers;

impl Special for AppUsers {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(app) = draft.target.parents.first().cloned() else { return Ok(()) };
        match draft.action {
            Action::Delete => {
                let group = draft.hidden.get("group").and_then(Value::as_str);
                if group.is_some() && draft.value["scope"] == "GROUP" {
                    let cause = "The user is assigned to the app by a group. Remove the user from the group.";
                    return Err(ApiError::invalid("appUser", cause));
                }
                draft.also.push(admit(draft.state, &app.id, "users", &draft.id, false));
            }
            _ => {
                admissible(draft, &app)?;
                check_profile(draft, &app)?;
                let name = draft.value.pointer("/credentials/userName").and_then(Value::as_str);
                if name.is_none_or(str::is_empty) {
                    draft.value["credentials"]["userName"] = user_name(draft.state, &draft.id);
                }
                if draft.value["scope"] == "USER" {
                    if let Some(hidden) = draft.hidden.as_object_mut() {
                        hidden.shift_remove("group");
                    }
                    draft.also.push(admit(draft.state, &app.id, "users", &draft.id, true));
                }
            }
        }
        Ok(())
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        embed(asked, document, "user", "users")
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }

    /// The name in the app, or one of the user's (specification).
    fn typed(&self, state: &OrgState, document: &Document, typed: &str) -> Option<bool> {
        let own = begins(document, &["/credentials/userName"], typed);
        let names = ["/profile/firstName", "/profile/lastName", "/profile/email"];
        Some(own || state.get("users", &document.id).is_some_and(|user| begins(user, &names, typed)))
    }
}

/// `special = "app_groups"`.
pub(super) struct AppGroups;

impl Special for AppGroups {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(app) = draft.target.parents.first().cloned() else { return Ok(()) };
        let on = draft.action != Action::Delete;
        draft.also.push(admit(draft.state, &app.id, "groups", &draft.id, on));
        if !on {
            return Ok(());
        }
        if draft.state.get("groups", &draft.id).is_none() {
            return Err(ApiError::NotFound(draft.id.to_string(), "UserGroup"));
        }
        if draft.value["priority"].is_null() {
            let others = draft.state.on(&draft.target.shelf).after(None);
            let last = others.filter_map(|other| other.value().get("priority").and_then(Value::as_i64)).max();
            draft.value["priority"] = json!(last.map_or(0, |last| last + 1));
        }
        if let Some(own) = draft.value["priority"].as_i64() {
            draft.also.extend(room(draft.state, &draft.target.shelf, &draft.id, own));
        }
        Ok(())
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        embed(asked, document, "group", "groups")
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }

    /// The group's name (specification).
    fn typed(&self, state: &OrgState, document: &Document, typed: &str) -> Option<bool> {
        let group = state.get("groups", &document.id);
        Some(group.is_some_and(|group| begins(group, &["/profile/name"], typed)))
    }
}

/// Whether one of these members begins with what was typed, in any case.
pub(super) fn begins(document: &Document, members: &[&str], typed: &str) -> bool {
    let typed = fold(typed);
    members.iter().any(|member| document.text(member).is_some_and(|text| fold(&text).starts_with(&typed)))
}

/// No two groups of an app have one priority: who takes one moves the others back (recorded).
pub(in crate::api) fn room(state: &OrgState, shelf: &Shelf, id: &str, own: i64) -> Vec<Change> {
    let priority = |group: &Document| group.value().get("priority").and_then(Value::as_i64);
    let others = state.on(shelf).after(None).filter(|other| *other.id != *id);
    let mut others: Vec<_> = others
        .filter_map(|other| Some((priority(other)?, other)))
        .filter(|(priority, _)| *priority >= own)
        .collect();
    others.sort_by_key(|(priority, _)| *priority);
    let mut taken = own;
    let mut changes = Vec::new();
    for (priority, other) in others {
        if priority > taken {
            break;
        }
        taken += 1;
        let mut value = other.value();
        value["priority"] = json!(taken);
        changes.push(Change::put(shelf.clone(), other.id.clone(), value, other.hidden.clone()));
    }
    changes
}

/// Whether the user may have the app as the request says: somebody who can still sign in to Okta, and without a name of
/// its own in an app that all users share one of (catalogue, specification).
fn admissible(draft: &Draft<'_>, app: &Document) -> Result<(), ApiError> {
    let user = draft.state.get("users", &draft.id);
    if user.is_some_and(|user| user.is("/status", "DEPROVISIONED")) {
        return Err(ApiError::catalogued("E0000117", "", ""));
    }
    let own = draft.body.get("credentials").and_then(Value::as_object);
    if app.is("/credentials/scheme", "SHARED_USERNAME_AND_PASSWORD") && own.is_some_and(|own| !own.is_empty())
    {
        let cause = "User level credentials should not be provided for this scheme.";
        return Err(ApiError::catalogued("E0000041", "", cause));
    }
    Ok(())
}

/// What the request says of the profile is what the app's schema lets it hold.
fn check_profile(draft: &Draft<'_>, app: &Document) -> Result<(), ApiError> {
    let empty = Map::new();
    let named = draft.body.get("profile").and_then(Value::as_object);
    let profile = draft.value.get("profile").and_then(Value::as_object).unwrap_or(&empty);
    let schema = schemas::of_app(draft.state, app);
    if let Some(named) = named {
        schema.check_values(profile, named)?;
        schema.check_unique(profile, &draft.id, draft.state.on(&draft.target.shelf))?;
    }
    if named.is_some() || draft.action == Action::Create {
        schema.check_required(profile, true)
    } else {
        Ok(())
    }
}

/// The name that a user has in an app unless somebody gives another one: the login.
fn user_name(state: &OrgState, user: &str) -> Value {
    let login =
        state.get("users", user).and_then(|user| user.text("/profile/login").map(|login| json!(login)));
    login.unwrap_or_default()
}

/// The app with its list of who may use it changed.
pub(super) fn admit(state: &OrgState, app: &Arc<str>, list: &str, id: &Arc<str>, on: bool) -> Change {
    let (value, mut hidden) = match state.get("apps", app) {
        Some(app) => (app.value(), Value::clone(&app.hidden)),
        None => (Value::Null, json!({})),
    };
    if let Some(Value::Array(ids)) = hidden.pointer_mut(&format!("/assigned/{list}")) {
        ids.retain(|one| *one != **id);
        if on {
            ids.push(json!(id));
        }
    }
    Change::put("apps", app.clone(), value, hidden)
}

/// The object with `_embedded`, where the query asks for it.
pub(super) fn embed(asked: &Asked<'_>, document: &Arc<Document>, name: &str, kind: &str) -> Option<Value> {
    if asked.query("expand").as_deref() != Some(name) {
        return None;
    }
    let mut value = document.whole();
    let mut embedded = Map::new();
    embedded.insert(name.to_owned(), asked.state.get(kind, &document.id)?.whole());
    value["_embedded"] = Value::Object(embedded);
    Some(value)
}
