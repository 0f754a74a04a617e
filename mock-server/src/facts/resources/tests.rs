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

#[test]
fn kinds_say_what_may_be_asked() {
    let resources = Resources::load().unwrap();
    for (kind, parameter, query, code) in [
        // Recorded or documented as working.
        ("users", "search", r#"profile.custom.deep eq "x" and type.id pr"#, None),
        ("users", "search", r#"profile.email co "x" or (created gt "2021-01-01T00:00:00.000Z")"#, None),
        ("users", "search", r#"status ne "ACTIVE""#, Some("E0000031")),
        ("users", "search", r#"not (status eq "ACTIVE")"#, Some("E0000031")),
        ("users", "search", r#"profile.city co "x""#, Some("E0000031")),
        ("users", "search", r#"credentials.provider.type eq "OKTA""#, Some("E0000031")),
        ("users", "search", "profile pr", Some("E0000031")),
        ("users", "filter", r#"status eq "ACTIVE""#, None),
        (
            "users",
            "filter",
            r#"lastUpdated gt "2013-06-01T00:00:00.000Z" and (status eq "RECOVERY" or id eq "x")"#,
            None,
        ),
        ("users", "filter", r#"status ne "ACTIVE""#, Some("E0000031")),
        ("users", "filter", r#"profile.city eq "x""#, Some("E0000031")),
        (
            "groups",
            "search",
            r#"type eq "APP_GROUP" and (created lt "2014-01-01T00:00:00.000Z" and source.id eq "0oa2")"#,
            None,
        ),
        ("groups", "search", r#"profile.samAccountName sw "West Coast""#, None),
        ("groups", "filter", r#"profile.name eq "foo""#, Some("E0000031")),
        ("apps", "filter", r#"credentials.signing.kid eq "SIMcCQNY3uwX""#, None),
        ("apps", "filter", "user.id eq someid", Some("E0000031")),
        ("apps", "filter", r#"label eq "x""#, Some("E0000031")),
        ("apps", "search", "nonsense", None),
    ] {
        let table = &resources.get(kind).unwrap().query;
        let read = match parameter {
            "search" => table.read(Some(query), None),
            _ => table.read(None, Some(query)),
        };
        assert_eq!(read.err().map(|error| error.code()), code, "{kind}?{parameter}={query}");
    }
    let users = &resources.get("users").unwrap().query;
    assert_eq!(
        users.read(Some("id pr"), Some("id pr")).unwrap_err(),
        crate::query::QueryError::SearchWithFilter
    );
    assert_eq!(users.search.as_ref().unwrap().indexed().len(), 5);
}
