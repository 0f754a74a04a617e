//! The org's users: their state and their admin roles.

use askama::Template;
use axum::Form;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use http::Method;

use super::act::{ask, outcome};
use super::apps::Step;
use super::roles::{self, Held, Holder};
use super::shell::{Scene, Shell};
use super::{found, gone};
use crate::control::answer::ControlError;
use crate::exchange::Form as Query;
use crate::org::document::Document;
use crate::org::state::OrgState;

/// So many are shown.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "people.html")]
struct People {
    shell: Shell,
    q: String,
    people: Vec<Person>,
    /// How many there are in all.
    total: usize,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    shell: Shell,
    person: Person,
    /// The address that the forms go to.
    holder: String,
    verbs: &'static [&'static str],
    roles: Vec<Held>,
    role_types: Vec<&'static str>,
    groups: Vec<String>,
}

/// A user.
struct Person {
    id: String,
    name: String,
    login: String,
    status: String,
    roles: Vec<&'static str>,
}

impl Person {
    fn of(state: &OrgState, document: &Document) -> Self {
        let text = |pointer: &str| document.text(pointer).unwrap_or_default().into_owned();
        Self {
            id: document.id.to_string(),
            name: format!("{} {}", text("/profile/firstName"), text("/profile/lastName")).trim().to_owned(),
            login: text("/profile/login"),
            status: text("/status"),
            roles: roles::names(state, &document.id),
        }
    }

    fn is_called(&self, q: &str) -> bool {
        q.is_empty() || self.name.to_lowercase().contains(q) || self.login.to_lowercase().contains(q)
    }
}

/// What can be done to a user in a state.
fn verbs(status: &str) -> &'static [&'static str] {
    match status {
        "STAGED" | "DEPROVISIONED" => &["activate"],
        "PROVISIONED" => &["reactivate", "deactivate"],
        "ACTIVE" => &["suspend", "expire_password", "deactivate"],
        "SUSPENDED" => &["unsuspend", "deactivate"],
        "LOCKED_OUT" => &["unlock", "deactivate"],
        _ => &["deactivate"],
    }
}

/// The users, those with roles first, or those with a name.
pub(super) async fn list(scene: Scene, RawQuery(query): RawQuery) -> Response {
    let form = Query::parse(query.unwrap_or_default().as_bytes());
    let q = form.get("q").unwrap_or_default().trim().to_owned();
    let state = scene.hosted.org().state();
    let wanted = q.to_lowercase();
    let all = state.all("users").after(None).map(|user| Person::of(&state, user));
    let mut people: Vec<Person> = all.filter(|person| person.is_called(&wanted)).collect();
    people.sort_by_key(|person| person.roles.is_empty());
    let total = people.len();
    people.truncate(SHOWN);
    found(People { shell: scene.shell.on("people"), q, people, total })
}

/// One user.
pub(super) async fn show(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ControlError> {
    let Scene { hosted, shell } = scene;
    let state = hosted.org().state();
    let user = state.get("users", &id).ok_or_else(|| gone("user", &id))?;
    let person = Person::of(&state, user);
    let groups = state.holders("members", &id, None).filter_map(|group| state.get("groups", group));
    Ok(found(PersonPage {
        holder: shell.at(&format!("people/{id}")),
        verbs: verbs(&person.status),
        roles: roles::of(&hosted, Holder::Person, &id),
        role_types: roles::types(),
        groups: groups.filter_map(|group| Some(group.text("/profile/name")?.into_owned())).collect(),
        person,
        shell: shell.on("people"),
    }))
}

/// A step of the lifecycle.
pub(super) async fn status(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
    Form(wanted): Form<Step>,
) -> Response {
    let target = format!("/api/v1/users/{id}/lifecycle/{}?sendEmail=false", wanted.verb);
    outcome(ask(&scene.hosted, Method::POST, &target, None), scene.shell, &format!("people/{id}"))
}

#[cfg(test)]
mod tests {
    use super::verbs;

    #[test]
    fn each_state_offers_what_it_can_do() {
        for (status, offered) in [("ACTIVE", "suspend"), ("SUSPENDED", "unsuspend"), ("STAGED", "activate")] {
            assert!(verbs(status).contains(&offered), "{status}");
        }
    }
}
