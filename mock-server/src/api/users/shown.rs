//! Smaller users, for callers that ask for them: by the content type (mgmt-facts §4, `okta-response=omitCredentials,…`),
//! in lists by `fields` (specification). And larger ones, by `expand`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::api::answer::Asked;
use crate::api::special::expands;
use crate::api::target::ONLY;
use crate::org::document::Document;

/// Links that have to do with credentials.
const CREDENTIALS_LINKS: [&str; 6] = [
    "changePassword",
    "changeRecoveryQuestion",
    "expirePassword",
    "forgotPassword",
    "resetFactors",
    "resetPassword",
];

/// What a caller wants of users; more is left out.
pub(super) struct Trim<'a> {
    in_list: bool,
    omitted: Option<&'a str>,
    fields: Option<&'a str>,
    classified: bool,
    blocks: bool,
}

impl<'a> Trim<'a> {
    /// Reads it; none when the caller wants all.
    pub(super) fn read(asked: &'a Asked<'_>) -> Option<Self> {
        let in_list = asked.operation.id == "listUsers";
        let kind = asked.request.header("content-type");
        let omitted = kind.and_then(|kind| kind.split_once("okta-response=")).map(|(_, omitted)| omitted);
        let fields = asked.query.get("fields").filter(|fields| in_list && !fields.is_empty());
        let classified = expands(asked, "classification");
        let blocks = !in_list && expands(asked, "blocks");
        let trim = Self { in_list, omitted, fields, classified, blocks };
        (omitted.is_some() || fields.is_some() || classified || blocks).then_some(trim)
    }
}

/// The user without what the caller does not want; none when the caller wants all.
pub(super) fn trimmed(asked: &Asked<'_>, user: &Arc<Document>) -> Option<Value> {
    let Trim { in_list, omitted, fields, classified, blocks } = Trim::read(asked)?;
    let mut value = if in_list { user.whole_in_list() } else { user.whole() };
    if let Some(omitted) = omitted {
        omit(value.as_object_mut()?, omitted);
    }
    if let Some(fields) = fields {
        project(value.as_object_mut()?, fields);
    }
    if classified {
        let own = asked.state.below("user_classification", &user.id).get(ONLY).map(|own| own.value());
        let born = || json!({ "type": "STANDARD", "lastUpdated": user.text("/created") });
        value["_embedded"]["classification"] = own.unwrap_or_else(born);
    }
    if blocks {
        // Devices block nobody in an org without that feature.
        value["_embedded"]["blocks"] = json!([]);
    }
    Some(value)
}

/// Leaves out what a content type says.
fn omit(user: &mut Map<String, Value>, omitted: &str) {
    let omitted = omitted.split(';').next().unwrap_or_default().trim_matches(|one| one == '"' || one == ' ');
    let omits = |name: &str| omitted.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
    if omits("omitCredentials") {
        user.shift_remove("credentials");
    }
    if omits("omitCredentialsLinks")
        && let Some(links) = user.get_mut("_links").and_then(Value::as_object_mut)
    {
        links.retain(|name, _| !CREDENTIALS_LINKS.contains(&name.as_str()));
    }
    if omits("omitTransitioningToStatus") {
        user.shift_remove("transitioningToStatus");
    }
}

/// Keeps the members that `fields` names, `id,status,profile:(firstName,city)`, and the id in any case.
fn project(user: &mut Map<String, Value>, fields: &str) {
    let (outside, inside) = match fields.split_once("profile:(") {
        Some((before, rest)) => {
            let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
            (format!("{before},profile,{after}"), Some(inside))
        }
        None => (fields.to_owned(), None),
    };
    let names = |list: &str, name: &str| list.split(',').any(|one| one.trim() == name);
    user.retain(|name, _| name == "id" || names(&outside, name));
    if let (Some(inside), Some(profile)) = (inside, user.get_mut("profile").and_then(Value::as_object_mut)) {
        profile.retain(|name, _| names(inside, name));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_fields_that_are_asked_for_are_shown() {
        let user = json!({ "id": "00u1", "status": "ACTIVE", "profile": { "login": "a", "city": "b" }, "_links": {} });
        for (fields, shown) in [
            ("status", json!({ "id": "00u1", "status": "ACTIVE" })),
            ("profile", json!({ "id": "00u1", "profile": { "login": "a", "city": "b" } })),
            (
                "profile:(city, nothing),status",
                json!({ "id": "00u1", "status": "ACTIVE", "profile": { "city": "b" } }),
            ),
            ("profile:(city", json!({ "id": "00u1", "profile": { "city": "b" } })),
            ("nothing", json!({ "id": "00u1" })),
        ] {
            let Value::Object(mut projected) = user.clone() else { return };
            project(&mut projected, fields);
            assert_eq!(Value::Object(projected), shown, "{fields}");
        }
    }
}
