//! Admin roles of users and groups, and what they are limited to: each changes what a principal reaches.

use serde_json::json;

use crate::client::Client;
use crate::groups::{ids, staff};

const SUPER: &str = "SSWS super";
const ADA: &str = "SSWS ada";
const ADAS: &str = "/api/v1/users/00uada000000000000001/roles";
const WESTS: &str = "/api/v1/groups/00gwest00000000000001/roles";
const BOB: &str = "00ubob000000000000001";

fn put(org: &Client, path: &str) -> u16 {
    org.send("PUT", path, &[("Authorization", SUPER)], "").status
}

fn assign(org: &Client, path: &str, role: &str) -> serde_json::Value {
    let made = org.json("POST", SUPER, path, &json!({ "type": role }));
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

fn seen(org: &Client, path: &str) -> usize {
    org.get(ADA, path).json().as_array().map_or(0, Vec::len)
}

#[test]
fn a_standard_role_of_a_user() {
    let org = staff();
    assert_eq!(org.get(SUPER, ADAS).json(), json!([]));
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    let role = assign(&org, ADAS, "READ_ONLY_ADMIN");
    assert!(role["id"].as_str().unwrap().starts_with("ra1"));
    assert_eq!(role["assignmentType"], "USER");
    assert_eq!(role["label"], "Read-only Administrator");
    assert_eq!(seen(&org, "/api/v1/users"), 3);
    let twice = org.json("POST", SUPER, ADAS, &json!({ "type": "READ_ONLY_ADMIN" }));
    assert_eq!(twice.json()["errorCode"], "E0000263");
    let path = format!("{ADAS}/{}", role["id"].as_str().unwrap());
    assert_eq!(org.get(SUPER, &path).json(), role);
    assert_eq!(org.delete(SUPER, &path).status, 204);
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    assert_eq!(
        org.get(SUPER, &path).error(),
        format!(
            "404 E0000007 Not found: Resource not found: {} (RoleAssignment)",
            role["id"].as_str().unwrap()
        )
    );
}

/// Documented.
#[test]
fn some_standard_roles_are_assigned_on_a_set_of_oktas() {
    let org = staff();
    let role = assign(&org, ADAS, "ACCESS_CERTIFICATIONS_ADMIN");
    assert!(role["id"].as_str().unwrap().starts_with("irb"));
    assert_eq!(role["role"], "ACCESS_CERTIFICATIONS_ADMIN");
    assert_eq!(role["resource-set"], "ACCESS_CERTIFICATIONS_IAM_POLICY");
}

#[test]
fn a_role_of_a_group_is_its_members() {
    let org = staff();
    let role = assign(&org, WESTS, "READ_ONLY_ADMIN");
    assert!(role["id"].as_str().unwrap().starts_with("gra"));
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    assert_eq!(put(&org, "/api/v1/groups/00gwest00000000000001/users/00uada000000000000001"), 204);
    assert_eq!(seen(&org, "/api/v1/users"), 3);
    let listed = org.get(SUPER, ADAS).json();
    assert_eq!(listed[0]["assignmentType"], "GROUP", "a user's roles through groups are listed");
    let assignees = org.get(SUPER, "/api/v1/iam/assignees/users").json();
    assert_eq!(ids(&assignees["value"]).len(), 3, "{assignees}");
    let everyone = org.get(SUPER, "/api/v1/groups?q=Everyone").json()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/groups/{everyone}/roles");
    let built_in = org.json("POST", SUPER, &path, &json!({ "type": "READ_ONLY_ADMIN" }));
    assert_eq!(built_in.json()["errorCode"], "E0000211");
}

#[test]
fn a_role_is_limited_to_groups() {
    let org = staff();
    let role = assign(&org, ADAS, "USER_ADMIN");
    assert_eq!(role["id"], "KVJUKUS7IFCE2SKO", "mgmt-facts §6.1");
    assert_eq!(seen(&org, "/api/v1/users"), 3);
    let targets = format!("{ADAS}/KVJUKUS7IFCE2SKO/targets/groups");
    assert_eq!(org.get(SUPER, &targets).json(), json!([]));
    let west = format!("{targets}/00gwest00000000000001");
    assert_eq!(put(&org, &west), 204);
    assert_eq!(seen(&org, "/api/v1/users"), 1, "the one member");
    assert_eq!(seen(&org, "/api/v1/groups"), 1);
    assert_eq!(org.get(ADA, "/api/v1/groups/00geast00000000000001").json()["errorCode"], "E0000006");
    assert_eq!(org.get(ADA, &format!("/api/v1/users/{BOB}")).status, 200);
    let listed = org.get(SUPER, &targets);
    assert_eq!(ids(&listed.json()), ["00gwest00000000000001"]);
    assert!(listed.headers("link").any(|line| line.ends_with("rel=\"self\"")));
    assert_eq!(org.delete(SUPER, &west).json()["errorCode"], "E0000001", "the last one stays");
    assert_eq!(put(&org, &format!("{targets}/00geast00000000000001")), 204);
    assert_eq!(org.delete(SUPER, &west).status, 204);
    assert_eq!(ids(&org.get(SUPER, &targets).json()), ["00geast00000000000001"]);
    let apps = format!("{ADAS}/KVJUKUS7IFCE2SKO/targets/catalog/apps/facebook");
    assert_eq!(put(&org, &apps), 400, "a group administrator has no apps");

    let expanded = org.get(SUPER, &format!("{ADAS}?expand=targets/groups")).json();
    assert_eq!(ids(&expanded[0]["_embedded"]["targets"]["groups"]), ["00geast00000000000001"]);
    let all = org.get(SUPER, &format!("{ADAS}/KVJUKUS7IFCE2SKO/targets")).json();
    assert_eq!(all[0]["assignmentType"], "USER");
    assert!(all[0]["orn"].as_str().unwrap().ends_with(":groups:00geast00000000000001"));
}

#[test]
fn a_role_is_limited_to_apps() {
    let org = staff();
    assign(&org, ADAS, "APP_ADMIN");
    // The two of the org, and those that every org has.
    let all = org.get(SUPER, "/api/v1/apps").json().as_array().unwrap().len();
    assert_eq!(seen(&org, "/api/v1/apps"), all);
    let targets = format!("{ADAS}/IFIFAX2BIRGUSTQ/targets/catalog/apps");
    assert_eq!(put(&org, &format!("{targets}/oidc_client/0oaone00000000000001")), 204);
    assert_eq!(seen(&org, "/api/v1/apps"), 1);
    assert_eq!(org.get(ADA, "/api/v1/apps/0oatwo00000000000001").json()["errorCode"], "E0000006");
    assert_eq!(put(&org, &format!("{targets}/facebook")), 204);
    let listed = org.get(SUPER, &targets).json();
    assert_eq!((&listed[0]["id"], &listed[0]["name"]), (&json!("0oaone00000000000001"), &json!("one")));
    assert_eq!(listed[1]["displayName"], "Facebook");
    assert_eq!(org.delete(SUPER, &format!("{targets}/oidc_client/0oaone00000000000001")).status, 204);
    assert_eq!(seen(&org, "/api/v1/apps"), 0);
    assert_eq!(put(&org, &format!("{targets}/oidc_client")), 204, "all apps of a kind");
    assert_eq!(seen(&org, "/api/v1/apps"), 2);
    assert_eq!(put(&org, &targets), 200, "no limit any more");
    assert_eq!(org.get(SUPER, &targets).json(), json!([]));
}

/// Documented: a group membership administrator changes members and nothing else.
#[test]
fn members_only() {
    let org = staff();
    assign(&org, ADAS, "GROUP_MEMBERSHIP_ADMIN");
    let member = format!("/api/v1/groups/00geast00000000000001/users/{BOB}");
    assert_eq!(org.send("PUT", &member, &[("Authorization", ADA)], "").status, 204);
    assert_eq!(org.delete(ADA, &member).status, 204);
    assert_eq!(org.delete(ADA, "/api/v1/groups/00geast00000000000001").json()["errorCode"], "E0000006");
}

#[test]
fn roles_go_with_their_holders() {
    let org = staff();
    assign(&org, WESTS, "READ_ONLY_ADMIN");
    put(&org, "/api/v1/groups/00gwest00000000000001/users/00uada000000000000001");
    assert_eq!(org.delete(SUPER, "/api/v1/groups/00gwest00000000000001").status, 204);
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    assert_eq!(org.get(SUPER, ADAS).json(), json!([]));
}

#[test]
fn notifications_are_chosen_by_role_and_by_user() {
    let org = staff();
    for whose in ["roles/SUPER_ADMIN", "users/00uada000000000000001"] {
        let path = format!("/api/v1/{whose}/subscriptions");
        let status = || org.get(SUPER, &format!("{path}/APP_IMPORT")).json()["status"].clone();
        assert_eq!(org.get(SUPER, &path).json().as_array().unwrap().len(), 13);
        assert_eq!(status(), "unsubscribed");
        let chosen =
            org.send("POST", &format!("{path}/APP_IMPORT/subscribe"), &[("Authorization", SUPER)], "");
        assert_eq!(chosen.status, 200);
        assert_eq!(status(), "subscribed");
        org.send("POST", &format!("{path}/APP_IMPORT/unsubscribe"), &[("Authorization", SUPER)], "");
        assert_eq!(status(), "unsubscribed");
        assert_eq!(org.get(SUPER, &format!("{path}/NOTHING")).json()["errorCode"], "E0000001");
    }
    let own = "/api/v1/users/00uada000000000000001/subscriptions";
    assert_eq!(org.get(ADA, own).status, 200, "one's own");
    assert_eq!(org.get(ADA, &format!("/api/v1/users/{BOB}/subscriptions")).json()["errorCode"], "E0000006");
}
