//! Custom roles on resource sets: what they are, and that they decide what a principal reaches.

use serde_json::{Value, json};

use crate::client::{Answer, BASE, Client};
use crate::groups::staff;

const SUPER: &str = "SSWS super";
const ADA: &str = "SSWS ada";
const ADAS: &str = "/api/v1/users/00uada000000000000001/roles";
const WEST: &str = "00gwest00000000000001";

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn role(org: &Client, permissions: &[&str]) -> String {
    let body = json!({ "label": "Reader", "description": "Reads", "permissions": permissions });
    id(&org.json("POST", SUPER, "/api/v1/iam/roles", &body))
}

fn set(org: &Client, resources: &[&str]) -> String {
    let body = json!({ "label": "Some", "description": "Some of it", "resources": resources });
    id(&org.json("POST", SUPER, "/api/v1/iam/resource-sets", &body))
}

fn seen(org: &Client, path: &str) -> usize {
    org.get(ADA, path).json().as_array().map_or(0, Vec::len)
}

/// Shapes, errors and Link lines: recorded.
#[test]
fn roles_and_their_permissions() {
    let org = staff();
    let body = json!({ "label": "Reader", "description": "Reads", "permissions": ["okta.users.read", "okta.apps.read"] });
    let made = org.json("POST", SUPER, "/api/v1/iam/roles", &body);
    let role = id(&made);
    let path = format!("/api/v1/iam/roles/{role}");
    assert_eq!(made.header("link"), Some(format!("<{BASE}{path}>; rel=\"self\"").as_str()));
    assert_eq!(made.json()["isCloneable"], false);
    assert_eq!(org.get(SUPER, "/api/v1/iam/roles/Reader").json()["id"], role.as_str(), "by its label");
    let twice = org.json("POST", SUPER, "/api/v1/iam/roles", &body);
    assert_eq!(twice.error(), "400 E0000001 Api validation failed: label");

    let permissions = format!("{path}/permissions");
    let labels = || -> Vec<String> {
        let listed = org.get(SUPER, &permissions).json();
        let listed = listed["permissions"].as_array().unwrap().clone();
        listed.iter().map(|one| one["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels(), ["okta.apps.read", "okta.users.read"]);
    let manage = format!("{permissions}/okta.groups.manage");
    let added = org.send("POST", &manage, &[("Authorization", SUPER)], "");
    assert_eq!((added.status, added.text()), (204, ""));
    let single = org.get(SUPER, &manage);
    assert_eq!(single.json()["conditions"], Value::Null);
    assert_eq!(single.header("link"), Some(format!("<{BASE}{manage}>; rel=\"self\"").as_str()));
    let conditions = json!({ "include": { "okta:ResourceAttribute/User/Profile": ["city"] } });
    let changed = org.json("PUT", SUPER, &manage, &json!({ "conditions": conditions }));
    assert_eq!(changed.json()["conditions"], conditions);
    assert_eq!(org.delete(SUPER, &manage).status, 204);
    assert_eq!(labels().len(), 2);
    let nonsense = org.send("POST", &format!("{permissions}/read"), &[("Authorization", SUPER)], "");
    assert_eq!(nonsense.error(), "400 E0000001 Api validation failed: permissions");
    assert_eq!(org.delete(SUPER, &path).status, 204);
    assert_eq!(
        org.get(SUPER, &path).error(),
        format!("404 E0000007 Not found: Resource not found: {role} (CustomRole)")
    );
}

#[test]
fn resource_sets_hold_orns_and_urls() {
    let org = staff();
    let orn = "orn:okta:idp:00o1:apps:oidc_client:0oaone00000000000001";
    let url = format!("{BASE}/api/v1/groups/{WEST}/users");
    let set = set(&org, &[orn]);
    let path = format!("/api/v1/iam/resource-sets/{set}");
    let added = org.json("PATCH", SUPER, &format!("{path}/resources"), &json!({ "additions": [url, orn] }));
    assert_eq!(id(&added), set, "answered with the set");
    let listed = org.get(SUPER, &format!("{path}/resources")).json();
    let resources = listed["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 2, "the same twice is there once");
    assert_eq!(resources[0]["orn"], orn);
    assert_eq!(resources[0]["_links"]["self"]["href"], format!("{BASE}/api/v1/apps/0oaone00000000000001"));
    assert!(resources[1]["orn"].as_str().unwrap().ends_with(&format!(":groups:{WEST}:contained_resources")));
    let first = format!("{path}/resources/{}", resources[0]["id"].as_str().unwrap());
    let conditions = json!({ "Exclude": { "okta:ORN": [orn] } });
    let changed = org.json("PUT", SUPER, &first, &json!({ "conditions": conditions })).json();
    assert_eq!((&changed["conditions"], &changed["orn"]), (&conditions, &json!(orn)));
    assert_eq!(org.delete(SUPER, &first).status, 204);
    let single = org.json(
        "POST",
        SUPER,
        &format!("{path}/resources"),
        &json!({ "resourceOrnOrUrl": "/api/v1/users", "conditions": {} }),
    );
    assert!(single.json()["orn"].as_str().unwrap().ends_with(":users"), "{}", single.text());
    for nothing in ["nonsense", "https://acme.okta.com/api/v1/groups/00gnothing"] {
        let refused =
            org.json("PATCH", SUPER, &format!("{path}/resources"), &json!({ "additions": [nothing] }));
        assert_eq!(refused.error(), "400 E0000001 Api validation failed: resources", "{nothing}");
    }
    let blank =
        org.json("POST", SUPER, "/api/v1/iam/resource-sets", &json!({ "description": "x", "resources": [] }));
    assert_eq!(blank.json()["errorCauses"][0]["errorSummary"], "label: Label must be specified", "recorded");
}

#[test]
fn an_assignment_reaches_what_role_and_set_say_now() {
    let org = staff();
    let (role, set) =
        (role(&org, &["okta.users.read"]), set(&org, &[&format!("{BASE}/api/v1/groups/{WEST}/users")]));
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    let body = json!({ "type": "CUSTOM", "role": role, "resource-set": set });
    let made = org.json("POST", SUPER, ADAS, &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert!(made["id"].as_str().unwrap().starts_with("irb"));
    assert_eq!(
        (&made["role"], &made["resource-set"], &made["label"]),
        (&json!(role), &json!(set), &json!("Reader"))
    );
    assert_eq!(seen(&org, "/api/v1/users"), 1, "the members of the one group");
    assert_eq!(seen(&org, "/api/v1/groups"), 0);

    let resources = format!("/api/v1/iam/resource-sets/{set}/resources");
    org.json("PATCH", SUPER, &resources, &json!({ "additions": ["/api/v1/users", "/api/v1/groups"] }));
    assert_eq!(seen(&org, "/api/v1/users"), 3);
    let permission = |name: &str| format!("/api/v1/iam/roles/{role}/permissions/{name}");
    org.send("POST", &permission("okta.groups.read"), &[("Authorization", SUPER)], "");
    assert_eq!(seen(&org, "/api/v1/groups"), 4);
    let create = || org.json("POST", ADA, "/api/v1/groups", &json!({ "profile": { "name": "Mine" } })).status;
    assert_eq!(create(), 403);
    org.send("POST", &permission("okta.groups.create"), &[("Authorization", SUPER)], "");
    assert_eq!(create(), 200);
    org.delete(SUPER, &permission("okta.users.read"));
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    assert_eq!(org.delete(SUPER, &format!("/api/v1/iam/roles/{role}")).status, 204);
    assert_eq!(seen(&org, "/api/v1/groups"), 0);
    assert_eq!(org.get(SUPER, ADAS).json(), json!([]), "the assignment went with the role");
}

#[test]
fn what_a_resource_excludes_is_not_reached() {
    let org = staff();
    let (role, set) = (role(&org, &["okta.apps.read"]), set(&org, &["/api/v1/apps"]));
    org.json("POST", SUPER, ADAS, &json!({ "type": "CUSTOM", "role": role, "resource-set": set }));
    // The two of the org, and those that every org has.
    let all = org.get(SUPER, "/api/v1/apps").json().as_array().unwrap().len();
    assert_eq!(seen(&org, "/api/v1/apps"), all);
    let resources = format!("/api/v1/iam/resource-sets/{set}/resources");
    let resource = org.get(SUPER, &resources).json()["resources"][0]["id"].as_str().unwrap().to_owned();
    let excluded =
        json!({ "Exclude": { "okta:ORN": ["orn:okta:idp:00o1:apps:oidc_client:0oaone00000000000001"] } });
    let path = format!("{resources}/{resource}");
    assert_eq!(org.json("PUT", SUPER, &path, &json!({ "conditions": excluded })).status, 200);
    assert_eq!(seen(&org, "/api/v1/apps"), all - 1);
    assert_eq!(org.get(ADA, "/api/v1/apps/0oaone00000000000001").json()["errorCode"], "E0000006");
    assert_eq!(org.json("PUT", SUPER, &path, &json!({ "conditions": null })).status, 200);
    assert_eq!(seen(&org, "/api/v1/apps"), all);
}

#[test]
fn bindings_are_assignments_seen_from_the_set() {
    let org = staff();
    let (role, set) = (role(&org, &["okta.users.read"]), set(&org, &["/api/v1/users"]));
    let bindings = format!("/api/v1/iam/resource-sets/{set}/bindings");
    assert_eq!(org.get(SUPER, &bindings).json()["roles"], json!([]));
    let body = json!({ "role": role, "members": [format!("{BASE}/api/v1/users/00uada000000000000001")] });
    let made = org.json("POST", SUPER, &bindings, &body);
    let own = format!("{bindings}/{role}");
    assert_eq!(made.json()["_links"]["self"]["href"], format!("{BASE}{own}"));
    assert_eq!(seen(&org, "/api/v1/users"), 3);
    assert_eq!(org.get(SUPER, &bindings).json()["roles"][0]["id"], role.as_str());
    assert_eq!(org.get(SUPER, &own).json()["id"], role.as_str());

    let members = format!("{own}/members");
    let group = format!("{BASE}/api/v1/groups/{WEST}");
    assert_eq!(org.json("PATCH", SUPER, &members, &json!({ "additions": [group] })).status, 200);
    let listed = org.get(SUPER, &members).json();
    let member = |nth: usize| listed["members"][nth]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed["members"].as_array().unwrap().len(), 2);
    let assigned = org.get(SUPER, ADAS).json();
    assert_eq!(assigned[0]["id"], member(0).as_str(), "the member is the assignment");
    assert_eq!(org.get(SUPER, &format!("{members}/{}", member(1))).json()["_links"]["self"]["href"], group);
    assert_eq!(org.delete(SUPER, &format!("{members}/{}", member(0))).status, 204);
    assert_eq!(seen(&org, "/api/v1/users"), 0);
    assert_eq!(org.get(SUPER, &format!("/api/v1/groups/{WEST}/roles")).json()[0]["type"], "CUSTOM");
    assert_eq!(org.delete(SUPER, &own).status, 204);
    assert_eq!(org.get(SUPER, &format!("/api/v1/groups/{WEST}/roles")).json(), json!([]));
    let unknown = org.json("POST", SUPER, &bindings, &json!({ "role": "nothing", "members": [] }));
    assert_eq!(
        unknown.error(),
        "404 E0000007 Not found: Resource not found: nothing (CustomRole)",
        "recorded"
    );
}
