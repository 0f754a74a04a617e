//! Grants and admin roles as the console lists them.

use http::Method;
use serde_json::{Value, json};

use super::act::ask;
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

/// The roles of a holder, `/api/v1/users/{id}` or `/oauth2/v1/clients/{id}`.
pub(super) fn of(hosted: &Hosted, holder: &str) -> Vec<Held> {
    let roles = ask(hosted, Method::GET, &format!("{holder}/roles"), None).unwrap_or_default();
    held(&roles, &["type"])
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

/// Assigns a role.
pub(super) fn assign(hosted: &Hosted, holder: &str, role_type: &str) -> Result<Value, String> {
    ask(hosted, Method::POST, &format!("{holder}/roles"), Some(&json!({ "type": role_type })))
}

/// Takes a role back.
pub(super) fn unassign(hosted: &Hosted, holder: &str, id: &str) -> Result<Value, String> {
    ask(hosted, Method::DELETE, &format!("{holder}/roles/{id}"), None)
}
