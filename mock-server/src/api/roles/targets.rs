//! What a role is limited to: groups, apps of the catalogue, single apps. Without targets it reaches all.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{Principal, PrincipalKind, assignments, catalog, resource};
use crate::api::answer::Asked;
use crate::api::page::{self, Sizes};
use crate::api::{link, target, verbs};
use crate::exchange::{Reply, Trace};
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::held_role::HeldRole;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The pages of targets (mgmt-facts §3).
const PAGE: (usize, usize) = (20, 200);

/// The groups that a role is limited to.
pub(super) fn list_groups(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    let role = assignments::find(asked, &principal, asked.parameter(1))?;
    let groups = asked.state.all("groups");
    let mut targets: Vec<_> = limits(role).0.iter().filter_map(|id| groups.get(id)).collect();
    targets.sort_by_key(|group| group.seq);
    verbs::page_of(
        asked,
        resource("groups")?,
        PAGE,
        |id| groups.place(id),
        |place| {
            Box::new(targets.into_iter().filter(move |group| place.is_none_or(|place| group.seq > place)))
        },
    )
}

/// The apps that a role is limited to.
pub(super) fn list_apps(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    let role = assignments::find(asked, &principal, asked.parameter(1))?;
    let targets = limits(role).1;
    let query = &asked.query;
    let sizes = Sizes { default: PAGE.0, max: PAGE.1, cap: asked.state.settings.max_page };
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let begin = match &wanted.after {
        Some(after) => {
            let place = targets.iter().position(|target| target == after);
            place.ok_or(ApiError::InvalidCursor("E0000029"))? + 1
        }
        None => 0,
    };
    let rest = &targets[begin..];
    let page = &rest[..rest.len().min(wanted.take)];
    let shown: Vec<Value> = page.iter().filter_map(|target| shown(asked, target)).collect();
    let next = page.last().filter(|_| rest.len() > page.len());
    let reply = Reply::json(StatusCode::OK, json!(shown).to_string());
    Ok(link::add(reply, asked.request, &wanted, &[], next.map(String::as_str)))
}

/// What `expand` embeds in a role.
pub(super) fn embedded(asked: &Asked<'_>, role: &Document, expand: &str) -> Value {
    let (groups, apps) = limits(role);
    if expand == "targets/groups" {
        let groups = groups.iter().filter_map(|id| asked.state.get("groups", id));
        return json!({ "targets": { "groups": groups.map(|group| group.whole()).collect::<Vec<_>>() } });
    }
    let apps: Vec<Value> = apps.iter().filter_map(|target| shown(asked, target)).collect();
    json!({ "targets": { "catalog": { "apps": apps } } })
}

/// A single app by its label; an app of the catalogue with what the catalogue knows (recorded).
fn shown(asked: &Asked<'_>, target: &str) -> Option<Value> {
    let base = &asked.request.base_url;
    if !target.starts_with("0oa") {
        return Some(catalog::app(target, base));
    }
    let app = asked.state.get("apps", target)?;
    Some(json!({
        "name": app.text("/label"),
        "status": app.text("/status"),
        "id": app.id,
        "_links": { "self": { "href": format!("{base}/api/v1/apps/{}", app.id) } },
    }))
}

/// Limits a role to a group, or to one more.
pub(super) fn add_group(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let group = target_group(asked)?;
    change(asked, trace, Limited::Groups, |groups| {
        if !groups.contains(&group) {
            groups.push(group.clone());
        }
        Ok(())
    })
}

/// Takes a group off the limits of a role.
pub(super) fn remove_group(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let group = target_group(asked)?;
    change(asked, trace, Limited::Groups, |groups| taken_off(groups, &group))
}

fn target_group(asked: &Asked<'_>) -> Result<String, ApiError> {
    let shelf = Shelf::from("groups");
    let group = target::find(asked, asked.state, resource("groups")?, &shelf, asked.parameter(2))?;
    Ok(group.id.to_string())
}

/// Limits a role to an app, or to one more.
pub(super) fn add_app(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = target_app(asked)?;
    change(asked, trace, Limited::Apps, |apps| {
        if !apps.contains(&app) {
            apps.push(app.clone());
        }
        Ok(())
    })
}

/// Takes an app off the limits of a role.
pub(super) fn remove_app(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = target_app(asked)?;
    change(asked, trace, Limited::Apps, |apps| taken_off(apps, &app))
}

/// Takes all limits off a role.
pub(super) fn all_apps(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    change(asked, trace, Limited::Apps, |apps| {
        apps.clear();
        Ok(())
    })?;
    Ok(Reply::empty(StatusCode::OK))
}

/// The id of the app that the path names, or the name of an app of the catalogue.
fn target_app(asked: &Asked<'_>) -> Result<String, ApiError> {
    let Some(id) = asked.parameters.get(3) else { return Ok(asked.parameter(2).to_owned()) };
    let app = asked.state.get("apps", id).ok_or_else(|| ApiError::NotFound(id.clone(), "AppInstance"))?;
    Ok(app.id.to_string())
}

/// Without its last target a role would reach all: Okta refuses that (documented; the code is not).
fn taken_off(targets: &mut Vec<String>, gone: &str) -> Result<(), ApiError> {
    let count = targets.len();
    targets.retain(|target| target != gone);
    if count == 1 && targets.is_empty() {
        let cause = "targets: The last target of a role assignment cannot be removed.";
        return Err(ApiError::invalid("targets", cause));
    }
    Ok(())
}

/// What a role can be limited to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limited {
    Groups,
    Apps,
}

fn change(
    asked: &Asked<'_>,
    trace: &mut Trace,
    limited: Limited,
    alter: impl Fn(&mut Vec<String>) -> Result<(), ApiError>,
) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    asked.org.commit(asked.request.now, |state| {
        let role = principal.assignment(state, asked.parameter(1))?;
        let role_type = role.text("/type").unwrap_or_default();
        let (pointer, types): (_, &[&str]) = match limited {
            Limited::Groups => {
                ("/role/standard/groups", &["USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"])
            }
            Limited::Apps => ("/role/standard/apps", &["APP_ADMIN"]),
        };
        if !types.contains(&role_type.as_ref()) {
            return Err(ApiError::RoleType);
        }
        let (groups, apps) = limits(role);
        let mut targets = if limited == Limited::Groups { groups } else { apps };
        alter(&mut targets)?;
        let mut hidden = Value::clone(&role.hidden);
        crate::api::draft::set(&mut hidden, pointer, json!(targets));
        let mut value = role.value();
        value["lastUpdated"] = json!(okta_timestamp(asked.request.now));
        Ok(vec![Change::put(principal.shelf(), role.id.clone(), value, hidden)])
    })?;
    trace.note("operation", format!("a role of {} is limited in another way", principal.document.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The groups and the apps that a role is limited to.
fn limits(role: &Document) -> (Vec<String>, Vec<String>) {
    let held = role.hidden.get("role").and_then(|role| serde_json::from_value(role.clone()).ok());
    match held {
        Some(HeldRole::Standard { groups, apps, .. }) => (groups, apps),
        _ => (Vec::new(), Vec::new()),
    }
}

/// What a role of a user is limited to, by whichever assignment: `assignmentType` picks the user's own or those of
/// groups.
pub(super) fn of_role(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    let state = asked.state;
    let (id, wanted) = (asked.parameter(1), asked.query("assignmentType"));
    let own = [(&principal.document.id, PrincipalKind::User)];
    let groups = state.holders("members", &principal.document.id, None);
    let holders = own.into_iter().chain(groups.map(|group| (group, PrincipalKind::Group)));
    let (mut found, mut shown) = (false, Vec::new());
    for (holder, kind) in holders.filter(|(_, kind)| wanted.as_ref().is_none_or(|one| one == kind.name())) {
        let assignments = state.below(super::KIND, holder).after(None);
        for role in assignments.filter(|role| role.is("/id", id) || role.is("/role", id)) {
            found = true;
            let (groups, apps) = limits(role);
            let groups = groups.iter().map(|group| format!("groups:{group}"));
            let apps = apps.iter().map(|app| match named_app(state, app) {
                Some(name) => format!("apps:{name}:{app}"),
                None => format!("apps:{app}"),
            });
            for named in groups.chain(apps) {
                shown.extend(target_of_role(asked, &named, kind));
            }
        }
    }
    if !found {
        return Err(ApiError::NotFound(id.to_owned(), "RoleAssignment"));
    }
    Ok(Reply::json(StatusCode::OK, Value::Array(shown).to_string()))
}

fn named_app(state: &OrgState, id: &str) -> Option<String> {
    let app: &Arc<Document> = state.get("apps", id)?;
    app.text("/name").map(|name| name.into_owned())
}

fn target_of_role(asked: &Asked<'_>, named: &str, kind: PrincipalKind) -> Option<Value> {
    let orn = crate::org::orn::Orn::named(named, &asked.state.settings.org_id)?;
    let href = format!("{}{}", asked.request.base_url, orn.href.as_deref().unwrap_or_default());
    Some(json!({
        "orn": orn.text,
        "assignmentType": kind.name(),
        "_links": { "self": { "href": href } },
    }))
}
