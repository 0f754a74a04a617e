//! `/oauth2/v1/clients/{id}/roles` (mgmt-facts §7.2): shapes, refusals, and what they do to the client.

use serde_json::json;

use crate::client::{BASE, Client};

const SUPER: &str = "SSWS super";
const APP: &str = "0oapowerless00000001";

fn org() -> Client {
    Client::of(include_str!("registrars.toml"))
}

#[test]
fn a_role_changes_what_the_client_reaches() {
    let org = org();
    let path = format!("/oauth2/v1/clients/{APP}/roles");
    let bearer = org.bearer(APP, "client-rsa", "okta.users.read");
    let users = || org.get(&bearer, "/api/v1/users").json().as_array().unwrap().len();
    assert_eq!(users(), 0);
    assert_eq!(org.get(SUPER, &path).json(), json!([]));

    let made = org.json("POST", SUPER, &path, &json!({ "type": "HELP_DESK_ADMIN" }));
    assert_eq!(made.status, 201, "{}", made.text());
    let role = made.json();
    let now = role["created"].clone();
    assert_eq!(
        role.to_string(),
        json!({
            "id": "JBCUYUC7IRCVGS27IFCE2SKO",
            "label": "Help Desk Administrator",
            "type": "HELP_DESK_ADMIN",
            "status": "ACTIVE",
            "created": now,
            "lastUpdated": now,
            "assignmentType": "CLIENT",
            "_links": { "assignee": { "href": format!("{BASE}/oauth2/v1/clients/{APP}") } },
        })
        .to_string(),
        "recorded shape and key order"
    );
    assert_eq!(users(), 4, "the token that it had before reaches more now");
    let single = format!("{path}/JBCUYUC7IRCVGS27IFCE2SKO");
    assert_eq!(org.get(SUPER, &single).json(), role);
    assert_eq!(org.get(SUPER, &path).json(), json!([role]));

    // Another client holds the same role under the same id; neither knows of the other.
    let other = "/oauth2/v1/clients/0oareader00000000001/roles";
    assert_eq!(org.json("POST", SUPER, other, &json!({ "type": "HELP_DESK_ADMIN" })).status, 201);
    let gone = org.delete(SUPER, &single);
    assert_eq!((gone.status, gone.text()), (204, ""));
    assert_eq!(users(), 0);
    assert_eq!(org.get(SUPER, other).json().as_array().unwrap().len(), 2);
    assert_eq!(
        org.delete(SUPER, &single).error(),
        "404 E0000007 Not found: Resource not found: JBCUYUC7IRCVGS27IFCE2SKO (RoleAssignment)"
    );
}

#[test]
fn what_cannot_be_assigned_is_refused() {
    let org = org();
    for (client, body, expected) in [
        (APP, json!({}), "400 E0000001 Api validation failed: type"),
        (APP, json!({ "type": "NO_SUCH_ADMIN" }), ROLE_TYPE),
        (APP, json!({ "type": "MOBILE_ADMIN" }), ROLE_TYPE),
        (
            "0oareader00000000001",
            json!({ "type": "READ_ONLY_ADMIN" }),
            "409 E0000263 Attempted to assign a duplicate standard role assignment to an admin",
        ),
        (
            "0oaweb00000000000001",
            json!({ "type": "READ_ONLY_ADMIN" }),
            "400 E0000227 Roles can only be granted to service application type",
        ),
        (
            "0oanothing",
            json!({ "type": "READ_ONLY_ADMIN" }),
            "404 E0000007 Not found: Resource not found: 0oanothing (PublicClientApp)",
        ),
    ] {
        let path = format!("/oauth2/v1/clients/{client}/roles");
        assert_eq!(org.json("POST", SUPER, &path, &body).error(), expected, "{client} {body}");
    }
    let custom =
        org.json("POST", SUPER, &format!("/oauth2/v1/clients/{APP}/roles"), &json!({ "type": "CUSTOM" }));
    assert_eq!(custom.error(), "400 E0000001 Api validation failed: role");
    let integration = "/oauth2/v1/clients/0oaoin00000000000001/roles";
    assert_eq!(org.json("POST", SUPER, integration, &json!({ "type": "READ_ONLY_ADMIN" })).status, 201);
}

const ROLE_TYPE: &str = "400 E0000091 The provided role type was not the same as required role type.";

/// Only super administrators see and assign roles (mgmt-facts §7.7).
#[test]
fn who_may_assign() {
    let org = org();
    let path = format!("/oauth2/v1/clients/{APP}/roles");
    for token in ["SSWS app", "SSWS readonly", "SSWS org"] {
        assert_eq!(org.get(token, &path).json()["errorCode"], "E0000006", "{token}");
        let refused = org.json("POST", token, &path, &json!({ "type": "READ_ONLY_ADMIN" }));
        assert_eq!(refused.json()["errorCode"], "E0000006", "{token}");
    }
    let bearer = org.bearer("0oaregistrar00000001", "client-rsa", "okta.roles.manage");
    assert_eq!(org.json("POST", &bearer, &path, &json!({ "type": "READ_ONLY_ADMIN" })).status, 201);
}
