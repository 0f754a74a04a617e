//! Groups: writing them, their members, their owners, what is embedded.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::Client;

const SUPER: &str = "SSWS super";
const WEST: &str = "/api/v1/groups/00gwest00000000000001";
const ADA: &str = "00uada000000000000001";
const BOB: &str = "00ubob000000000000001";
const DENIED: &str = "403 E0000006 You do not have permission to perform the requested action";

pub(crate) fn staff() -> Client {
    Client::of(include_str!("staff.toml"))
}

/// The ids of a list.
pub(crate) fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn a_group_lives() {
    let org = staff();
    let made = org.json("POST", SUPER, "/api/v1/groups", &json!({ "profile": { "name": "New" } }));
    assert_eq!(made.status, 200, "{}", made.text());
    let group = made.json();
    assert_eq!(group["type"], "OKTA_GROUP");
    assert_eq!(group["objectClass"], json!(["okta:user_group"]));
    assert_eq!(group["profile"], json!({ "name": "New", "description": null }));
    let path = format!("/api/v1/groups/{}", group["id"].as_str().unwrap());

    let twice = org.json("POST", SUPER, "/api/v1/groups", &json!({ "profile": { "name": "New" } }));
    assert_eq!(twice.error(), "400 E0000001 Api validation failed: name");
    let nameless = org.json("POST", SUPER, "/api/v1/groups", &json!({ "profile": { "description": "x" } }));
    assert_eq!(nameless.error(), "400 E0000001 Api validation failed: name");

    let team = json!({ "definitions": { "custom": { "properties": {
        "team": { "title": "Team", "type": "integer" },
    } } } });
    assert_eq!(org.json("POST", SUPER, "/api/v1/meta/schemas/group/default", &team).status, 200);
    org.org.clock().advance(SignedDuration::from_secs(5));
    let body = json!({ "type": "BUILT_IN", "profile": { "name": "Newer", "description": "d", "team": 7 } });
    let changed = org.json("PUT", SUPER, &path, &body).json();
    assert_eq!(changed["profile"], json!({ "name": "Newer", "description": "d", "team": 7 }));
    assert_eq!(changed["type"], "OKTA_GROUP", "a request cannot set it");
    assert_ne!(changed["lastUpdated"], group["lastUpdated"]);
    assert_eq!(changed["lastMembershipUpdated"], group["lastMembershipUpdated"]);

    assert_eq!(org.delete(SUPER, &path).status, 204);
    assert_eq!(org.get(SUPER, &path).status, 404);
}

#[test]
fn what_okta_made_stays() {
    let org = staff();
    let found = org.get(SUPER, "/api/v1/groups?q=Everyone").json();
    let everyone = format!("/api/v1/groups/{}", ids(&found)[0]);
    assert_eq!(org.delete(SUPER, &everyone).error(), DENIED);
    let renamed = org.json("PUT", SUPER, &everyone, &json!({ "profile": { "name": "Nobody" } }));
    assert_eq!(renamed.error(), DENIED);
    assert_eq!(org.delete(SUPER, &format!("{everyone}/users/{ADA}")).error(), DENIED);
    assert_eq!(org.get(SUPER, &format!("{everyone}/users")).json().as_array().unwrap().len(), 3);
}

#[test]
fn members_come_and_go_and_the_group_says_when() {
    let org = staff();
    let group = || org.get(SUPER, WEST).json();
    let before = group();
    org.org.clock().advance(SignedDuration::from_secs(5));
    let member = format!("{WEST}/users/{ADA}");
    for _ in 0..2 {
        assert_eq!(org.send("PUT", &member, &[("Authorization", SUPER)], "").status, 204);
    }
    let after = group();
    assert_ne!(after["lastMembershipUpdated"], before["lastMembershipUpdated"]);
    assert_eq!(after["lastUpdated"], before["lastUpdated"]);
    assert_eq!(ids(&org.get(SUPER, &format!("{WEST}/users")).json()), [ADA, BOB]);
    assert_eq!(org.delete(SUPER, &member).status, 204);
    assert_eq!(ids(&org.get(SUPER, &format!("{WEST}/users")).json()), [BOB]);
    let unknown = org.send("PUT", &format!("{WEST}/users/00unobody"), &[("Authorization", SUPER)], "");
    assert_eq!(unknown.error(), "404 E0000007 Not found: Resource not found: 00unobody (User)");
}

#[test]
fn statistics_are_embedded() {
    let org = staff();
    let listed = org.get(SUPER, "/api/v1/groups?q=West&expand=stats").json();
    let stats = &listed[0]["_embedded"]["stats"];
    assert_eq!(stats["usersCount"], 1);
    assert_eq!(stats["appsCount"], 0);
    assert_eq!(stats["hasAdminPrivilege"], false);
    assert!(listed[0]["_links"]["users"]["href"].as_str().unwrap().starts_with("http://"));
    assert_eq!(org.get(SUPER, "/api/v1/groups?q=West").json()[0]["_embedded"], Value::Null);
}

/// Shapes, the two forms of the time and the refusals: recorded.
#[test]
fn owners_are_users_or_groups() {
    let org = staff();
    let path = format!("{WEST}/owners");
    let made = org.json("POST", SUPER, &path, &json!({ "id": ADA, "type": "USER" }));
    assert_eq!(made.status, 201, "{}", made.text());
    let owner = made.json();
    assert_eq!(owner["displayName"], "Ada Adams");
    assert!(owner["lastUpdated"].as_str().unwrap().contains(" UTC "), "{owner}");
    let listed = org.get(SUPER, &path).json();
    assert!(listed[0]["lastUpdated"].as_str().unwrap().ends_with(".0"), "{listed}");
    let twice = org.json("POST", SUPER, &path, &json!({ "id": ADA, "type": "USER" }));
    assert_eq!(twice.error(), "400 E0000001 Api validation failed: owner");
    let wrong = org.json("POST", SUPER, &path, &json!({ "id": "00geast00000000000001", "type": "USER" }));
    assert_eq!(wrong.json()["errorCode"], "E0000007");
    let group = json!({ "id": "00geast00000000000001", "type": "GROUP" });
    assert_eq!(org.json("POST", SUPER, &path, &group).json()["displayName"], "East");
    assert_eq!(org.delete(SUPER, &format!("{path}/{ADA}")).status, 204);
    let gone = org.delete(SUPER, &format!("{path}/{ADA}"));
    assert_eq!(gone.error(), format!("404 E0000007 Not found: Resource not found: {ADA} (LinkedObject)"));
}

/// mgmt-facts §7.7.
#[test]
fn groups_with_roles_are_for_super_administrators() {
    let org = staff();
    let role = |path: &str, role: &str| org.json("POST", SUPER, path, &json!({ "type": role })).status;
    assert_eq!(role(&format!("/api/v1/users/{ADA}/roles"), "ORG_ADMIN"), 201);
    let rename = || org.json("PUT", "SSWS ada", WEST, &json!({ "profile": { "name": "Wild West" } }));
    assert_eq!(rename().status, 200);
    assert_eq!(role(&format!("{WEST}/roles"), "READ_ONLY_ADMIN"), 201);
    assert_eq!(rename().error(), DENIED);
    let member = org.send("PUT", &format!("{WEST}/users/{ADA}"), &[("Authorization", "SSWS ada")], "");
    assert_eq!(member.error(), DENIED);
    let name = json!({ "profile": { "name": "West" } });
    assert_eq!(org.json("PUT", SUPER, WEST, &name).status, 200);
}
