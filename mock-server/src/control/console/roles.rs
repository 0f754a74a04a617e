//! Grants and admin roles as the console lists them.

use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::{ask, outcome};
use super::shell::Scene;
use crate::directory::Hosted;
use crate::facts::facts;
use crate::org::state::OrgState;

/// Something that is held: a granted scope, an admin role.
pub(super) struct Held {
    pub(super) id: String,
    pub(super) name: String,
}

/// The names of the roles that a principal holds.
pub(super) fn names(state: &OrgState, principal: &str) -> Vec<&'static str> {
    // Roles of custom kinds have one name.
    let held = state.derived.roles(principal);
    held.map(|role| facts().roles.standard_types().find(|known| *known == role.name()).unwrap_or("CUSTOM"))
        .collect()
}

/// The standard roles.
pub(super) fn types() -> Vec<&'static str> {
    facts().roles.standard_types().collect()
}

/// Who holds roles, and where pages of the console and Okta's API have them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder {
    App,
    Person,
}

impl Holder {
    fn of(page: &str) -> Option<Self> {
        match page {
            "apps" | "integrations" => Some(Self::App),
            "people" => Some(Self::Person),
            _ => None,
        }
    }

    /// The address of the roles of one.
    fn roles(self, id: &str) -> String {
        match self {
            Self::App => format!("/oauth2/v1/clients/{id}/roles"),
            Self::Person => format!("/api/v1/users/{id}/roles"),
        }
    }
}

/// The roles of a holder.
pub(super) fn of(hosted: &Hosted, holder: Holder, id: &str) -> Vec<Held> {
    held(&ask(hosted, Method::GET, &holder.roles(id), None).unwrap_or_default(), &["type"])
}

/// The items of a list, with the first member that names each.
pub(super) fn held(list: &Value, names: &[&str]) -> Vec<Held> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| {
            let name = names.iter().find_map(|name| item[*name].as_str())?;
            Some(Held { id: item["id"].as_str()?.to_owned(), name: name.to_owned() })
        })
        .collect()
}

/// A role to assign.
#[derive(Debug, Deserialize)]
pub(super) struct Role {
    role: String,
}

/// Assigns an admin role.
pub(super) async fn assign(
    scene: Scene,
    Path((_, page, id)): Path<(String, String, String)>,
    Form(wanted): Form<Role>,
) -> Response {
    let Some(holder) = Holder::of(&page) else { return StatusCode::NOT_FOUND.into_response() };
    let body = json!({ "type": wanted.role });
    let done = ask(&scene.hosted, Method::POST, &holder.roles(&id), Some(&body));
    outcome(done, scene.shell, &format!("{page}/{id}"))
}

/// Takes an admin role back.
pub(super) async fn unassign(
    scene: Scene,
    Path((_, page, id, role)): Path<(String, String, String, String)>,
) -> Response {
    let Some(holder) = Holder::of(&page) else { return StatusCode::NOT_FOUND.into_response() };
    let done = ask(&scene.hosted, Method::DELETE, &format!("{}/{role}", holder.roles(&id)), None);
    outcome(done, scene.shell, &format!("{page}/{id}"))
}
