//! Tests of the resource files.

use serde_json::json;

use super::*;

fn links_of(
    resources: &Resources,
    id: &str,
    user: &Value,
    hidden: &Value,
    in_list: bool,
) -> serde_json::Map<String, Value> {
    let mut text = String::new();
    let about = LinksOf { id, parent: "", value: user, hidden };
    resources.get("users").unwrap().write_links(&about, in_list, &mut text);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn ids_that_json_has_to_escape_are_escaped() {
    let resources = Resources::load().unwrap();
    let user = json!({ "status": "ACTIVE" });
    let links = links_of(&resources, "a\"b\\c\n", &user, &Value::Null, true);
    assert_eq!(links["self"]["href"], format!("{BASE_MARK}/api/v1/users/a\"b\\c\n"));
}

#[test]
fn an_active_users_links_come_in_okta_s_order() {
    let resources = Resources::load().unwrap();
    let user = json!({ "id": "00u1", "status": "ACTIVE", "type": { "id": "oty1" } });
    let links = links_of(&resources, "00u1", &user, &json!({ "schema": "osc1" }), false);
    let rels: Vec<_> = links.keys().map(String::as_str).collect();
    assert_eq!(
        rels,
        [
            "suspend",
            "schema",
            "resetPassword",
            "forgotPassword",
            "expirePassword",
            "changeRecoveryQuestion",
            "self",
            "resetFactors",
            "type",
            "changePassword",
            "deactivate"
        ]
    );
    assert_eq!(links["schema"]["href"], format!("{BASE_MARK}/api/v1/meta/schemas/user/osc1"));
    assert_eq!(links["suspend"]["method"], "POST");
}

#[test]
fn a_user_in_a_list_has_only_itself() {
    let resources = Resources::load().unwrap();
    let user = json!({ "id": "00u1", "status": "ACTIVE" });
    let links = links_of(&resources, "00u1", &user, &Value::Null, true);
    assert_eq!(links.keys().collect::<Vec<_>>(), ["self"]);
}
