//! Whether a body fits what an operation takes: required, type, enumeration, format, length, over the schemas of
//! [`crate::facts::schemas`]. Pure. Real orgs take more than Okta's document says; what more is data
//! (`fixtures/schema-exceptions.toml`).

mod check;
mod formats;
mod read_only;
#[cfg(test)]
mod recorded;

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::facts::facts;
use crate::facts::schema_exceptions::Class;
use crate::facts::schemas::{Additional, Schema, Schemas, schemas};
use crate::facts::words::words;

use check::{Asked, problems};

/// Why a body is refused: the argument of `E0000001 Api validation failed: {0}`, and the causes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("validation failed: {summary_field}")]
pub struct Invalid {
    /// The property that the summary names: that of the first cause.
    pub summary_field: String,
    /// The causes, in the order of the document's properties.
    pub causes: Vec<String>,
}

/// Checks the JSON body of a request. An operation that takes no JSON takes any.
///
/// # Errors
/// [`Invalid`], what the answer is to say.
pub fn body(operation_id: &str, body: &Value) -> Result<(), Invalid> {
    with(schemas(), operation_id, body)
}

fn with(schemas: &Schemas, operation: &str, body: &Value) -> Result<(), Invalid> {
    let Some(request) = request(schemas, operation) else { return Ok(()) };
    let partial = schemas.exceptions().relaxes(Class::PartialUpdate) && is_partial(operation);
    let asked = if partial { Asked::OnlyOfItself } else { Asked::OfTheBody };
    let problems = problems(schemas, request, body, asked);
    let Some(first) = problems.first() else { return Ok(()) };
    let cause =
        |found: &check::Found| words().cause(found.problem, found.schema, &found.property, found.limit);
    Err(Invalid { summary_field: first.property.clone(), causes: problems.iter().map(cause).collect() })
}

/// Takes out of a body what only the org sets: Okta ignores it, clients send back what they read.
pub fn strip_read_only(operation_id: &str, body: &mut Value) {
    let schemas = schemas();
    if let Some(request) = request(schemas, operation_id) {
        read_only::strip(schemas, request, body);
    }
}

/// The names of the properties that the body of an operation may have, of all its kinds; none where any name will do.
pub fn known_properties(operation_id: &str) -> Option<BTreeSet<&'static str>> {
    let schemas = schemas();
    let mut names = BTreeSet::new();
    let closed = collect(schemas, request(schemas, operation_id)?, &mut names, true);
    (closed && !names.is_empty()).then_some(names)
}

/// Adds the names of a schema's properties; false where it takes any.
fn collect(schemas: &Schemas, schema: &Schema, names: &mut BTreeSet<&'static str>, kinds: bool) -> bool {
    let schema = schemas.resolve(schema);
    names.extend(schema.properties.0.iter().map(|(name, _)| *name));
    let any = matches!(schema.additional_properties, Some(Additional::Any(true) | Additional::Is(_)));
    let mut closed = !any;
    for option in &schema.one_of {
        closed &= collect(schemas, option, names, true);
    }
    if let Some(discriminator) = schema.discriminator.as_deref().filter(|_| kinds) {
        for kind in discriminator.mapping.values().filter_map(|name| schemas.get(name)) {
            // A kind may be one of a family of its own, but not of this one again.
            closed &= collect(schemas, kind, names, false);
        }
    }
    closed
}

fn request<'s>(schemas: &'s Schemas, operation: &str) -> Option<&'s Schema> {
    schemas.bodies(operation)?.request.as_ref()
}

/// Whether an operation changes a part of what is there.
fn is_partial(operation: &str) -> bool {
    let row = facts().operations.all().iter().find(|row| row.id == operation);
    row.is_some_and(|row| {
        row.method == Method::PATCH || (row.method == Method::POST && row.path.ends_with('}'))
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_that_do_not_fit_are_refused_in_okta_s_words() {
        let long = "x".repeat(129);
        for (operation, sent, summary, causes) in [
            // mgmt-facts A1.
            (
                "createResourceSet",
                json!({ "description": "d", "resources": [] }),
                "label",
                vec!["label: Label must be specified"],
            ),
            (
                "createPushProvider",
                json!({ "name": "Invalid-Test" }),
                "providerType",
                vec![
                    "providerType: The field cannot be left blank",
                    "configuration: The field cannot be left blank",
                ],
            ),
            (
                "createAgentPoolsUpdate",
                json!({}),
                "name",
                vec![
                    "errors in the field: name",
                    "errors in the field: agentType",
                    "errors in the field: agentList",
                ],
            ),
            // The words of the table for what nobody recorded.
            (
                "createNetworkZone",
                json!({ "type": "IP", "name": long }),
                "name",
                vec!["name: 'name' can't be more than '128' characters long."],
            ),
            (
                "createNetworkZone",
                json!({ "type": "MOON", "name": "z" }),
                "type",
                vec!["type: The field has an invalid value"],
            ),
            (
                "createNetworkZone",
                json!({ "type": "IP", "name": 1 }),
                "name",
                vec!["name: The field has an invalid value"],
            ),
            (
                "createNetworkZone",
                json!({ "type": "IP", "name": " " }),
                "name",
                vec!["name: The field cannot be left blank"],
            ),
            (
                "createUser",
                json!({ "profile": null }),
                "profile",
                vec!["profile: The field cannot be left blank"],
            ),
            (
                "createUser",
                json!({ "profile": { "email": "x.example.com" } }),
                "email",
                vec!["email: The field has an invalid value"],
            ),
            (
                "createUser",
                json!({ "profile": { "email": "a@b" } }),
                "email",
                vec!["email: 'email' must be at least '5' characters long."],
            ),
            (
                "createUser",
                json!({ "profile": {}, "groupIds": ["a", 1] }),
                "groupIds",
                vec!["groupIds: The field has an invalid value"],
            ),
            (
                "createIdentityProvider",
                json!({ "name": "a", "type": "SAML2", "protocol": "x" }),
                "protocol",
                vec!["protocol: The field has an invalid value"],
            ),
            (
                "createApplication",
                json!({ "label": "a", "name": "oidc_client", "credentials": "x" }),
                "credentials",
                vec!["credentials: The field has an invalid value"],
            ),
            ("createUser", json!([]), "request", vec!["request: The field has an invalid value"]),
            (
                "assignRoleToUser",
                json!({ "type": "KING" }),
                "type",
                vec!["type: The field has an invalid value"],
            ),
        ] {
            let invalid = body(operation, &sent).unwrap_err();
            assert_eq!(
                (invalid.summary_field.as_str(), invalid.causes),
                (summary, causes.into_iter().map(str::to_owned).collect()),
                "{operation} {sent}"
            );
        }
    }

    #[test]
    fn bodies_that_real_orgs_take_are_taken() {
        for (operation, sent) in [
            ("createUser", json!({ "profile": { "firstName": null, "own": 1 }, "unknown": true })),
            // What is missing inside an object, a value in another case, an empty string, 20.0 for 20.
            (
                "createApplication",
                json!({ "label": "a", "signOnMode": "SAML_2_0", "settings": { "signOn": {} } }),
            ),
            ("createApplication", json!({ "label": "a", "name": "aws_console" })),
            (
                "createNetworkZone",
                json!({ "type": "DYNAMIC", "name": "z", "status": "active", "proxyType": "" }),
            ),
            (
                "createBehaviorDetectionRule",
                json!({ "name": "b", "type": "ANOMALOUS_LOCATION", "settings": { "radiusKilometers": 20.0 } }),
            ),
            // What only the org sets, of any type; an update of a part; an operation without a body; an unknown one.
            ("createResourceSet", json!({ "description": "d", "label": "l", "resources": [], "id": 1 })),
            ("updateProfileMapping", json!({ "properties": {} })),
            ("listUsers", json!({ "any": "thing" })),
            ("noSuchOperation", json!(1)),
        ] {
            assert_eq!(body(operation, &sent), Ok(()), "{operation} {sent}");
        }
    }

    #[test]
    fn what_only_the_org_sets_is_taken_out() {
        let mut app = json!({
            "id": "0oa1", "name": "pagerduty", "label": "a", "signOnMode": "SAML_2_0", "created": "x", "_links": {},
            "settings": { "signOn": { "destination": "https://example.com" } }, "unknown": 1,
        });
        strip_read_only("replaceApplication", &mut app);
        let left = json!({
            "name": "pagerduty", "label": "a", "signOnMode": "SAML_2_0",
            "settings": { "signOn": { "destination": "https://example.com" } }, "unknown": 1,
        });
        assert_eq!(app, left);
        let mut user = json!({ "profile": { "login": "a@example.com" } });
        strip_read_only("createUser", &mut user);
        assert_eq!(user, json!({ "profile": { "login": "a@example.com" } }));
    }

    #[test]
    fn the_names_of_a_body_are_those_of_all_its_kinds() {
        let app = known_properties("createApplication").unwrap();
        for name in ["label", "signOnMode", "name", "settings", "credentials", "visibility"] {
            assert!(app.contains(name), "{name}: {app:?}");
        }
        assert!(!app.contains("notThere"));
        let user = known_properties("createUser").unwrap();
        assert_eq!(
            user.into_iter().collect::<Vec<_>>(),
            ["credentials", "groupIds", "profile", "realmId", "type"]
        );
        assert_eq!(known_properties("listUsers"), None);
        assert!(known_properties("assignRoleToUser").unwrap().contains("resource-set"));
    }

    #[test]
    fn updates_of_a_part_are_known_by_their_path() {
        assert!(is_partial("updateProfileMapping") && is_partial("updateUser"));
        assert!(!is_partial("createUser") && !is_partial("replaceApplication"));
    }
}
