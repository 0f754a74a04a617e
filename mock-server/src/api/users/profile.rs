//! A user's profile: checked by the schema of its type, in Okta's order.

use serde_json::{Map, Value};

use crate::api::draft::Draft;
use crate::api::schemas::{self, Profile};
use crate::org::document::Document;
use crate::wire::ApiError;

/// The members that every profile shows, null where nobody set them: the first three, and the last three.
const FIRST: [&str; 3] = ["firstName", "lastName", "mobilePhone"];
const LAST: [&str; 3] = ["secondEmail", "login", "email"];

/// The profile of a new user.
pub(super) fn new(draft: &Draft<'_>, kind: &Document) -> Result<Map<String, Value>, ApiError> {
    let given = draft.body.get("profile").and_then(Value::as_object);
    let given = given.cloned().unwrap_or_default();
    checked(draft, kind, given.clone(), &given)
}

/// The profile of a changed user. `whole`: what the request leaves out goes.
pub(super) fn changed(
    draft: &Draft<'_>,
    old: &Document,
    kind: &Document,
    whole: bool,
) -> Result<Map<String, Value>, ApiError> {
    let before = old.value();
    let before = before.get("profile").and_then(Value::as_object).cloned().unwrap_or_default();
    let Some(given) = draft.body.get("profile").and_then(Value::as_object) else { return Ok(before) };
    if whole {
        return checked(draft, kind, given.clone(), given);
    }
    let mut merged = before;
    for (name, value) in given {
        merged.insert(name.clone(), value.clone());
    }
    checked(draft, kind, merged, given)
}

fn checked(
    draft: &Draft<'_>,
    kind: &Document,
    given: Map<String, Value>,
    named: &Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let schema = schemas::of_type(draft.state, &kind.id);
    // An attribute that the schema has lost meanwhile is lost.
    let known = |name: &String| named.contains_key(name) || schema.property(name).is_some();
    let given: Map<String, Value> =
        given.into_iter().filter(|(name, value)| !value.is_null() && known(name)).collect();
    schema.check_known("newUser", named)?;
    schema.check_required(&given, false)?;
    for name in ["login", "email", "secondEmail"] {
        let text = given.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text.is_some_and(|text| !is_address(text)) {
            return Err(if name == "login" {
                ApiError::invalid(name, "login: Username must be in the form of an email address")
            } else {
                ApiError::invalid(name, format!("{name}: Does not match required pattern"))
            });
        }
    }
    schema.check_values(&given, named)?;
    check_unique(draft, &schema, &given)?;
    Ok(ordered(given))
}

/// `local@domain`, without blanks; Okta does not ask for more.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(char::is_whitespace)
}

/// The login, and attributes that the schema calls unique, are no other user's.
fn check_unique(draft: &Draft<'_>, schema: &Profile, given: &Map<String, Value>) -> Result<(), ApiError> {
    let users = draft.state.all("users");
    let login = given.get("login").and_then(Value::as_str).unwrap_or_default();
    let same = users.by_alias(login).filter(|user| user.id != draft.id);
    // A short form of somebody's login is nobody's login.
    let is_login = |user: &Document| {
        user.text("/profile/login").is_some_and(|own| own.to_lowercase() == login.to_lowercase())
    };
    if same.is_some_and(|user| is_login(user)) {
        return Err(schemas::taken("login"));
    }
    schema.check_unique(given, &draft.id, users)
}

/// The members in the order in which Okta shows them.
fn ordered(mut given: Map<String, Value>) -> Map<String, Value> {
    let mut profile = Map::with_capacity(given.len() + 3);
    let mut fixed = |name: &str, profile: &mut Map<String, Value>| {
        profile.insert(name.to_owned(), given.shift_remove(name).unwrap_or_default());
    };
    let mut end = Map::new();
    FIRST.iter().for_each(|name| fixed(name, &mut profile));
    LAST.iter().for_each(|name| fixed(name, &mut end));
    profile.extend(given);
    profile.extend(end);
    profile
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_stand_in_the_recorded_order() {
        let given = json!({ "email": "e", "zipCode": "1", "login": "l", "firstName": "f", "lastName": "n" });
        let Value::Object(given) = given else { return };
        let names: Vec<_> = ordered(given).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["firstName", "lastName", "mobilePhone", "zipCode", "secondEmail", "login", "email"]
        );
    }

    #[test]
    fn addresses_have_two_sides() {
        for (text, is) in
            [("a@b", true), ("a@b.example", true), ("@b", false), ("a@", false), ("a b@c", false)]
        {
            assert_eq!(is_address(text), is, "{text}");
        }
    }
}
