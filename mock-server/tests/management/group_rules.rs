//! Group rules really assign, in the commit that causes it.

use mock_server::org::change::Change;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::groups::{ids, staff};

const SUPER: &str = "SSWS super";
const RULES: &str = "/api/v1/groups/rules";
const TEAM: &str = "00gteam00000000000001";
const EAST: &str = "00geast00000000000001";
const WEST: &str = "00gwest00000000000001";
const ADA: &str = "00uada000000000000001";
const BOB: &str = "00ubob000000000000001";

fn rule(org: &Client, expression: &str, group: &str) -> Answer {
    let body = json!({
        "type": "group_rule",
        "name": format!("rule {expression}"),
        "conditions": { "people": { "users": {} }, "expression": { "value": expression, "type": "urn:okta:expression:1.0" } },
        "actions": { "assignUserToGroups": { "groupIds": [group] } },
    });
    org.json("POST", SUPER, RULES, &body)
}

/// A rule that is active already; its path.
fn active(org: &Client, expression: &str, group: &str) -> String {
    let made = rule(org, expression, group);
    assert_eq!(made.status, 200, "{}", made.text());
    let path = format!("{RULES}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(post(org, &format!("{path}/lifecycle/activate")), 204);
    path
}

fn post(org: &Client, path: &str) -> u16 {
    org.send("POST", path, &[("Authorization", SUPER)], "").status
}

fn members(org: &Client, group: &str) -> Vec<String> {
    let list = org.get(SUPER, &format!("/api/v1/groups/{group}/users")).json();
    ids(&list).into_iter().map(str::to_owned).collect()
}

/// Changes an attribute of a user, as an update would.
fn set(org: &Client, user: &str, attribute: &str, value: &str) {
    let outcome = org.org.commit(org.org.clock().now(), |state| {
        let user = state.get("users", user).unwrap();
        let mut changed = user.value();
        changed["profile"][attribute] = json!(value);
        Ok::<_, ()>(vec![Change::put("users", user.id.clone(), changed, user.hidden.clone())])
    });
    outcome.unwrap();
}

/// Recorded shape.
#[test]
fn a_new_rule_is_inactive_and_assigns_nobody() {
    let org = staff();
    let made = rule(&org, "user.department==\"Engineering\"", TEAM).json();
    assert_eq!(made["status"], "INACTIVE");
    assert_eq!(made["allGroupsValid"], true);
    assert_eq!(
        made["conditions"]["people"],
        json!({ "users": { "exclude": [] }, "groups": { "exclude": [] } })
    );
    assert!(members(&org, TEAM).is_empty());
}

#[test]
fn an_active_rule_assigns_and_follows_changes() {
    let org = staff();
    let path = active(&org, "user.department==\"Engineering\"", TEAM);
    assert_eq!(org.get(SUPER, &path).json()["status"], "ACTIVE");
    assert_eq!(members(&org, TEAM), [BOB]);
    set(&org, ADA, "department", "Engineering");
    assert_eq!(members(&org, TEAM), [ADA, BOB]);
    set(&org, BOB, "department", "Sales");
    assert_eq!(members(&org, TEAM), [ADA]);
    assert_eq!(post(&org, &format!("{path}/lifecycle/deactivate")), 204);
    set(&org, BOB, "department", "Engineering");
    assert_eq!(members(&org, TEAM), [ADA], "members stay, and nobody is added any more");
}

#[test]
fn who_was_a_member_before_stays_one() {
    let org = staff();
    active(&org, "user.firstName==\"Bob\"", WEST);
    set(&org, BOB, "firstName", "Robert");
    assert_eq!(members(&org, WEST), [BOB], "the rule did not put Bob there");
}

#[test]
fn rules_follow_each_other() {
    let org = staff();
    active(&org, &format!("isMemberOfAnyGroup(\"{TEAM}\")"), EAST);
    active(&org, "String.startsWith(user.firstName, \"A\")", TEAM);
    assert_eq!(members(&org, EAST), [ADA]);
    set(&org, ADA, "firstName", "Eve");
    assert!(members(&org, TEAM).is_empty());
    assert!(members(&org, EAST).is_empty());
    let member = format!("/api/v1/groups/{TEAM}/users/{BOB}");
    assert_eq!(org.send("PUT", &member, &[("Authorization", SUPER)], "").status, 204);
    assert_eq!(members(&org, EAST), [BOB]);
}

#[test]
fn a_deleted_rule_leaves_its_members_or_takes_them() {
    for (query, left) in [("", 1), ("?removeUsers=false", 1), ("?removeUsers=true", 0)] {
        let org = staff();
        let path = active(&org, "user.department==\"Engineering\"", TEAM);
        assert_eq!(post(&org, &format!("{path}/lifecycle/deactivate")), 204);
        let deleted = org.delete(SUPER, &format!("{path}{query}"));
        assert_eq!((deleted.status, deleted.text()), (202, "{}"), "recorded");
        assert_eq!(members(&org, TEAM).len(), left, "{query}");
        assert_eq!(org.get(SUPER, &path).status, 404);
    }
}

/// Recorded.
#[test]
fn a_rule_without_its_group_is_invalid() {
    let org = staff();
    let path = active(&org, "user.department==\"Engineering\"", TEAM);
    assert_eq!(org.delete(SUPER, &format!("/api/v1/groups/{TEAM}")).status, 204);
    let invalid = org.get(SUPER, &path).json();
    assert_eq!((&invalid["status"], &invalid["allGroupsValid"]), (&json!("INVALID"), &json!(false)));
    assert_eq!(post(&org, &format!("{path}/lifecycle/activate")), 400);
    assert_eq!(post(&org, &format!("{path}/lifecycle/deactivate")), 204);
    assert_eq!(org.delete(SUPER, &path).status, 202);
}

#[test]
fn what_is_no_rule_is_refused() {
    let org = staff();
    let causes =
        |answer: &Answer| answer.json()["errorCauses"][0]["errorSummary"].as_str().unwrap().to_owned();
    let wrong = rule(&org, "user.department = \"x\"", TEAM);
    assert_eq!(wrong.error(), "400 E0000001 Api validation failed: expression");
    assert_eq!(causes(&wrong), "expression: = is not expected");
    assert_eq!(rule(&org, "true", "00gnothing").json()["errorCode"], "E0000007");
    let everyone = org.get(SUPER, "/api/v1/groups?q=Everyone").json()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(rule(&org, "true", &everyone).error(), "400 E0000001 Api validation failed: groupIds");

    let path = active(&org, "user.department==\"Engineering\"", TEAM);
    let mut body = org.get(SUPER, &path).json();
    body["name"] = json!("renamed");
    let busy = org.json("PUT", SUPER, &path, &body);
    assert_eq!(busy.error(), "400 E0000001 Api validation failed: status");
    assert_eq!(post(&org, &format!("{path}/lifecycle/deactivate")), 204);
    body["actions"]["assignUserToGroups"]["groupIds"] = json!([EAST]);
    let changed = org.json("PUT", SUPER, &path, &body).json();
    assert_eq!(changed["name"], "renamed");
    assert_eq!(changed["actions"]["assignUserToGroups"]["groupIds"], json!([TEAM]), "documented");

    let expanded = org.get(SUPER, &format!("{RULES}?expand=groupIdToGroupNameMap")).json();
    assert_eq!(expanded[0]["_embedded"]["groupIdToGroupNameMap"][TEAM], "Team");
    assert_eq!(org.get(SUPER, RULES).json()[0]["_embedded"], Value::Null);
}

/// mgmt-facts §7.2 and the error catalogue.
#[test]
fn roles_and_rules_exclude_each_other() {
    let org = staff();
    active(&org, "user.department==\"Engineering\"", TEAM);
    let role = json!({ "type": "READ_ONLY_ADMIN" });
    let refused = org.json("POST", SUPER, &format!("/api/v1/groups/{TEAM}/roles"), &role);
    assert_eq!(refused.json()["errorCode"], "E0000192");
}

/// Members have the apps of their groups, whoever put them there, and as long as one of their groups has them.
#[test]
fn what_a_rule_assigns_brings_the_apps_of_the_group() {
    let org = staff();
    let app = json!({ "name": "bookmark", "label": "B", "signOnMode": "BOOKMARK",
        "settings": { "app": { "url": "https://b.example", "requestIntegration": false } } });
    let app = org.json("POST", SUPER, "/api/v1/apps", &app).json()["id"].as_str().unwrap().to_owned();
    let users = || {
        let list = org.get(SUPER, &format!("/api/v1/apps/{app}/users")).json();
        let one = |user: &Value| {
            let group =
                user["_links"]["group"]["href"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
            (user["id"].as_str().unwrap().to_owned(), group.to_owned())
        };
        list.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    for group in [TEAM, EAST] {
        assert_eq!(
            org.json("PUT", SUPER, &format!("/api/v1/apps/{app}/groups/{group}"), &json!({})).status,
            200
        );
    }
    assert_eq!(users(), []);
    let path = active(&org, "user.department==\"Engineering\"", TEAM);
    let by_rule = users();
    assert!(!by_rule.is_empty() && by_rule.iter().all(|(_, group)| group == TEAM), "{by_rule:?}");
    let first = by_rule[0].0.clone();
    let body = json!({ "profile": { "firstName": "N", "lastName": "N", "login": "n@example.com",
        "email": "n@example.com", "department": "Engineering" } });
    let new = org.json("POST", SUPER, "/api/v1/users", &body).json()["id"].as_str().unwrap().to_owned();
    assert!(users().contains(&(new.clone(), TEAM.to_owned())), "a new user for whom the rule holds");
    assert_eq!(
        org.json("PUT", SUPER, &format!("/api/v1/groups/{EAST}/users/{first}"), &json!({})).status,
        204
    );
    assert_eq!(
        org.json(
            "POST",
            SUPER,
            &format!("/api/v1/users/{new}"),
            &json!({ "profile": { "department": "x" } })
        )
        .status,
        200
    );
    assert!(users().iter().all(|(user, _)| *user != new), "the rule no longer holds");
    assert_eq!(post(&org, &format!("{path}/lifecycle/deactivate")), 204);
    assert_eq!(org.delete(SUPER, &format!("/api/v1/groups/{TEAM}")).status, 204);
    assert_eq!(users(), [(first, EAST.to_owned())], "another group has the app, too");
}

/// The specification: a keyword.
#[test]
fn rules_are_found_by_a_keyword() {
    let org = staff();
    for expression in ["user.city==\"Paris\"", "user.city==\"London\""] {
        assert_eq!(rule(&org, expression, TEAM).status, 200);
    }
    let found = org.get(SUPER, &format!("{RULES}?search=PARIS&limit=10"));
    assert_eq!(found.json().as_array().unwrap().len(), 1);
    assert!(found.header("link").unwrap().contains("search=PARIS"));
    assert_eq!(org.get(SUPER, RULES).json().as_array().unwrap().len(), 2);
}
