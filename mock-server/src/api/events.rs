//! What the System Log is told about changes. An event is part of the commit that changes what it tells of.

use std::borrow::Cow;

use serde_json::Value;

use super::answer::Asked;
use super::draft::{Action, Draft};
use crate::facts::resources::{Relation, Resource};
use crate::gate::caller::Caller;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::system_log::{Entity, Event, Scene};

/// Where the log calls a kind otherwise than the error for one that is not there.
const KINDS: [(&str, &str); 10] = [
    ("users", "User"),
    ("groups", "UserGroup"),
    ("apps", "AppInstance"),
    ("app_users", "AppUser"),
    ("app_groups", "UserGroup"),
    ("policies", "PolicyEntity"),
    ("policy_rules", "PolicyRule"),
    ("zones", "NetworkZone"),
    ("api_tokens", "Token"),
    ("authorization_servers", "AuthorizationServer"),
];

/// Relations that people are told of: the events of a new one and of one that ends.
const RELATED: [(&str, &str, &str); 1] =
    [("members", "group.user_membership.add", "group.user_membership.remove")];

/// How the log calls a kind.
fn kind_of(resource: &'static Resource) -> &'static str {
    KINDS.iter().find(|(kind, _)| *kind == resource.kind).map_or(&resource.type_name, |(_, name)| name)
}

/// An event of the caller of an operation.
pub(super) fn event(asked: &Asked<'_>, state: &OrgState, kind: impl Into<Cow<'static, str>>) -> Event {
    let actor = match asked.caller {
        Caller::Operator => Entity::system(),
        caller => match caller.user() {
            Some(user) => Entity::user(state, user),
            None => Entity::client(state, caller.role_holder()),
        },
    };
    let event = Event::new(kind, actor)
        .session(format!("trs{}", &asked.request_id[..22.min(asked.request_id.len())]));
    match asked.caller {
        Caller::ApiToken { token, .. } => event.api_token(Some(token)),
        Caller::Bearer(token) => event.client(Some(&token.client_id)),
        Caller::Anybody | Caller::Operator => event,
    }
}

/// The change that writes an event.
pub(super) fn written(asked: &Asked<'_>, event: &Event) -> Change {
    let scene = Scene { ids: asked.org.ids(), request: asked.request, request_id: &asked.request_id };
    event.happened(&scene)
}

/// Adds the event of what happens to an object, if its resource file names one.
pub(super) fn note(draft: &mut Draft<'_>) {
    let resource = draft.target.resource;
    let mut kinds: Vec<Cow<'static, str>> = Vec::new();
    if let Some(kind) = resource.events.get(draft.action.name()) {
        kinds.push(Cow::Borrowed(kind));
    }
    if let Some(kind) = activated(draft) {
        kinds.push(Cow::Borrowed(kind));
    }
    if let Some(kind) = of_client(draft) {
        kinds.push(kind);
    }
    for kind in kinds {
        tell(draft, kind);
    }
}

/// Adds an event about an object that is being written.
pub(super) fn tell(draft: &mut Draft<'_>, kind: impl Into<Cow<'static, str>>) {
    let resource = draft.target.resource;
    let own = Entity::of_value(kind_of(resource), &draft.id, &draft.value);
    let mut event = event(draft.asked, draft.state, kind).target(own);
    for (parent, kind) in draft.target.parents.iter().zip(&resource.parents).rev() {
        let Some(above) = crate::facts::facts().resources.get(kind) else { continue };
        event = event.target(Entity::of(kind_of(above), parent));
    }
    // An object that stands for another one (an app's user) tells of that one too.
    if let Some(followed) =
        resource.follows.as_deref().and_then(|kind| crate::facts::facts().resources.get(kind))
        && let Some(document) = draft.state.get(&followed.kind, &draft.id)
    {
        event = event.target(Entity::of(kind_of(followed), document));
    }
    let change = written(draft.asked, &event);
    draft.also.push(change);
}

/// A new object that is active from the start was activated: of users Okta tells both.
fn activated(draft: &Draft<'_>) -> Option<&'static str> {
    let resource = draft.target.resource;
    let born = draft.action == Action::Create && resource.kind == "users";
    let active = resource.state_of(&draft.value).is_some_and(|state| state == "ACTIVE");
    (born && active).then(|| resource.events.get("activate").map(String::as_str)).flatten()
}

/// What happens to an OIDC app happens to an OAuth client.
fn of_client(draft: &Draft<'_>) -> Option<Cow<'static, str>> {
    let is_client = draft.target.resource.kind == "apps"
        && draft.value.get("signOnMode").and_then(Value::as_str) == Some("OPENID_CONNECT");
    let step = match draft.action.name() {
        step @ ("create" | "update" | "delete" | "activate" | "deactivate") => step,
        _ => return None,
    };
    is_client.then(|| Cow::Owned(format!("app.oauth2.client.lifecycle.{step}")))
}

/// Adds the event of a relation.
pub(super) fn note_related(
    asked: &Asked<'_>,
    relation: &Relation,
    owner: &Document,
    held: &Document,
    on: bool,
    changes: &mut Vec<Change>,
) {
    let name = relation.relation.as_str();
    changes.extend(related(asked, asked.state, name, owner, held, on));
}

/// The event of a relation that begins or ends, if people are told of it.
pub(super) fn related(
    asked: &Asked<'_>,
    state: &OrgState,
    relation: &str,
    owner: &Document,
    held: &Document,
    on: bool,
) -> Option<Change> {
    let (_, added, removed) = RELATED.iter().find(|(name, ..)| *name == relation)?;
    let event = event(asked, state, if on { *added } else { *removed });
    let event = event.target(Entity::of("User", held)).target(Entity::of("UserGroup", owner));
    Some(written(asked, &event))
}

/// The event of a secret or a key of a client: `create`, `activate`, `deactivate`, `delete`.
pub(super) fn credential(asked: &Asked<'_>, state: &OrgState, owner: &Document, step: &str) -> Change {
    let event = event(asked, state, format!("app.oauth2.credentials.lifecycle.{}", step.to_lowercase()));
    written(asked, &event.target(Entity::of("AppInstance", owner)))
}

/// The event of an admin role that somebody gets or loses. `holder` is a user, a group or a client; `role` the
/// assignment's id, and its label for people.
pub(super) fn privilege(
    asked: &Asked<'_>,
    state: &OrgState,
    holder: Entity,
    role: (&str, &str),
    on: bool,
) -> Change {
    let whose = match &*holder.kind {
        "User" => "user.account",
        "UserGroup" => "group",
        _ => "app.oauth2.client",
    };
    let (id, label) = (role.0.to_owned(), role.1.to_owned());
    let (step, told) = if on { ("grant", "privilegeGranted") } else { ("revoke", "privilegeRevoked") };
    let event = event(asked, state, format!("{whose}.privilege.{step}"))
        .target(holder)
        .target(Entity::named("ROLE", id, label.clone()))
        .debug(told, label);
    written(asked, &event)
}
