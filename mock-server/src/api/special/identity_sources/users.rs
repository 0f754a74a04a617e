//! The users of an identity source: each is a user of the org, assigned to the source's app, with the profile that the
//! source gives; one that the source removes is deactivated.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::kind_of;
use crate::api::draft::{Action, Draft, set};
use crate::api::events;
use crate::api::special::{Special, assignments};
use crate::api::target::Target;
use crate::api::verbs::settle;
use crate::org::applied;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// `special = "identity_source_users"`.
pub(in crate::api::special) struct Users;

/// How a source calls the attributes of a user, and how the org does.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("userName", "login"),
    ("email", "email"),
    ("firstName", "firstName"),
    ("lastName", "lastName"),
    ("mobilePhone", "mobilePhone"),
    ("secondEmail", "secondEmail"),
];

impl Special for Users {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(source) = draft.target.parents.first().cloned() else { return Ok(()) };
        if draft.action == Action::Delete {
            let gone = deactivated(draft, &source)?;
            draft.also.extend(gone);
            return Ok(());
        }
        let (user, changes) = mirrored(draft, &source)?;
        draft.hidden = json!({ "user": user });
        draft.also.extend(changes);
        // Who was put into groups before the source told of the user is a member now.
        let external = draft.value["externalId"].as_str().unwrap_or_default().to_owned();
        let groups = draft.state.below("identity_source_groups", &source.id).after(None);
        let groups = groups.filter(|group| {
            let members = Shelf::below("identity_source_members", &[&source.id, &group.id]);
            draft.state.on(&members).get(&external).is_some()
        });
        let joined: Vec<_> = groups.map(|group| super::groups::link(&group.id, &user, true)).collect();
        draft.also.extend(joined);
        Ok(())
    }
}

/// The user of the org that stands for a user of the source: the one that stood for it before, the one with its login, or
/// a new one.
fn mirrored(draft: &Draft<'_>, source: &Arc<Document>) -> Result<(Arc<str>, Vec<Change>), ApiError> {
    let (asked, state) = (draft.asked, draft.state);
    let given = draft.value.get("profile").and_then(Value::as_object);
    let attribute = |(theirs, ours): &(&str, &str)| {
        let value = given?.get(*theirs)?;
        Some(((*ours).to_owned(), value.clone()))
    };
    let profile: Map<String, Value> = ATTRIBUTES.iter().filter_map(attribute).collect();
    let login = profile.get("login").and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = Map::from_iter([("profile".to_owned(), Value::Object(profile))]);
    let target = everybody()?;
    let known = draft.hidden.get("user").and_then(Value::as_str).and_then(|id| state.get("users", id));
    let same_login = || state.all("users").by_alias(&login).filter(|user| user.is("/profile/login", &login));
    let mut changes = Vec::new();
    let id = match known.or_else(same_login) {
        Some(old) => {
            if old.is("/status", "DEPROVISIONED") {
                changes = moved(draft, old, "activate", "PROVISIONED")?;
            }
            let state = applied(state, &changes);
            let old = state.get("users", &old.id).unwrap_or(old);
            let mut draft = Draft::update(asked, &state, &target, old, &body, Action::Update)?;
            settle(&mut draft)?;
            changes.extend(draft.into_changes());
            old.id.clone()
        }
        None => {
            let id: Arc<str> = asked.org.ids().next("00u").into();
            let mut draft = Draft::create(asked, state, &target, id.clone(), &body)?;
            settle(&mut draft)?;
            changes.extend(draft.into_changes());
            id
        }
    };
    changes.extend(assigned(draft, &applied(state, &changes), source, &id, &login)?);
    Ok((id, changes))
}

/// The user has the source's app, by the name that it has there.
fn assigned(
    draft: &Draft<'_>,
    state: &OrgState,
    source: &Arc<Document>,
    user: &Arc<str>,
    login: &str,
) -> Result<Vec<Change>, ApiError> {
    let resource = kind_of("app_users")?;
    let shelf = Shelf::below(&resource.kind, &[&source.id]);
    if state.on(&shelf).get(user).is_some() {
        return Ok(Vec::new());
    }
    let target = Target { resource, shelf, parents: vec![source.clone()], name: user.to_string() };
    let body = Map::from_iter([
        ("scope".to_owned(), json!("USER")),
        ("credentials".to_owned(), json!({ "userName": login })),
    ]);
    let mut held = Draft::create(draft.asked, state, &target, user.clone(), &body)?;
    held.value["externalId"] = draft.value["externalId"].clone();
    settle(&mut held)?;
    Ok(held.into_changes())
}

/// What stands for the user in the org is deactivated, and has the app no longer.
fn deactivated(draft: &Draft<'_>, source: &Arc<Document>) -> Result<Vec<Change>, ApiError> {
    let state = draft.state;
    let user = draft.hidden.get("user").and_then(Value::as_str).and_then(|id| state.get("users", id));
    let Some(user) = user else { return Ok(Vec::new()) };
    let mut changes = match user.is("/status", "DEPROVISIONED") {
        true => Vec::new(),
        false => moved(draft, user, "deactivate", "DEPROVISIONED")?,
    };
    let held = Shelf::below("app_users", &[&source.id]);
    if state.on(&held).get(&user.id).is_some() {
        changes.push(assignments::admit(state, &source.id, "users", &user.id, false));
        changes.push(Change::remove(held, user.id.clone()));
    }
    Ok(changes)
}

/// The user in another state.
fn moved(
    draft: &Draft<'_>,
    user: &Arc<Document>,
    event: &str,
    status: &str,
) -> Result<Vec<Change>, ApiError> {
    let target = everybody()?;
    let nothing = Map::new();
    let action = Action::Lifecycle(event.to_owned());
    let mut moved = Draft::update(draft.asked, draft.state, &target, user, &nothing, action)?;
    let now = moved.now();
    set(&mut moved.value, "/status", json!(status));
    set(&mut moved.value, "/statusChanged", json!(now));
    events::note(&mut moved);
    Ok(moved.into_changes())
}

fn everybody() -> Result<Target, ApiError> {
    Ok(Target {
        resource: kind_of("users")?,
        shelf: "users".into(),
        parents: Vec::new(),
        name: String::new(),
    })
}
