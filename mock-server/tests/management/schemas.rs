//! Profile schemas, user types, profile mappings, realms, identity sources.

use serde_json::{Value, json};

use crate::client::{Client, SUPER};
use crate::people::{new, post, with_password};

#[test]
fn a_custom_attribute_is_taken_as_soon_as_the_schema_has_it() {
    let client = Client::dev();
    let mut grace = with_password("grace@example.com");
    grace["profile"]["rank"] = json!(["admiral"]);
    assert_eq!(post(&client, "/api/v1/users", &grace).status, 400);
    let schema = "/api/v1/meta/schemas/user/default";
    let define = |rules: Value| {
        post(&client, schema, &json!({ "definitions": { "custom": { "properties": { "rank": rules } } } }))
    };
    let rules = json!({ "title": "Rank", "type": "array", "items": { "type": "string" }, "required": false });
    let defined = define(rules).json();
    assert_eq!(
        defined["definitions"]["custom"]["properties"]["rank"],
        json!({ "title": "Rank", "type": "array", "mutability": "READ_WRITE", "scope": "NONE",
            "items": { "type": "string" }, "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }],
            "master": { "type": "PROFILE_MASTER" } })
    );
    assert_eq!(client.get(SUPER, schema).json()["definitions"], defined["definitions"]);
    let id = new(&client, "", &grace);
    assert_eq!(
        client.get(SUPER, &format!("/api/v1/users/{id}")).json()["profile"]["rank"],
        json!(["admiral"])
    );
    assert_eq!(define(Value::Null).json()["definitions"]["custom"]["properties"], json!({}));
    let login = json!({ "definitions": { "base": { "properties": { "login": null } } } });
    assert_eq!(post(&client, schema, &login).status, 400, "what every org has cannot be removed");
}

#[test]
fn a_unique_attribute_is_one_users_only() {
    let client = Client::dev();
    let rules = json!({ "title": "Badge", "type": "string", "unique": "UNIQUE_VALIDATED" });
    let schema = json!({ "definitions": { "custom": { "properties": { "badge": rules } } } });
    post(&client, "/api/v1/meta/schemas/user/default", &schema);
    for (login, status) in [("one@example.com", 200), ("two@example.com", 400)] {
        let mut person = with_password(login);
        person["profile"]["badge"] = json!("7");
        assert_eq!(post(&client, "/api/v1/users", &person).status, status, "{login}");
    }
}

#[test]
fn a_user_type_has_a_schema_and_users() {
    let client = Client::dev();
    let types = "/api/v1/meta/types/user";
    let kind = json!({ "name": "contractor", "displayName": "Contractor", "description": "d" });
    let kind = post(&client, types, &kind).json();
    let id = kind["id"].as_str().unwrap();
    let schema =
        kind["_links"]["schema"]["href"].as_str().unwrap().strip_prefix(crate::client::BASE).unwrap();
    assert_eq!(client.get(SUPER, schema).json()["name"], "contractor");
    let mut grace = with_password("grace@example.com");
    grace["type"] = json!({ "id": id });
    let user = post(&client, "/api/v1/users", &grace).json();
    assert_eq!(user["type"]["id"], id);
    assert!(user["_links"]["schema"]["href"].as_str().unwrap().ends_with(schema));
    let all = client.get(SUPER, types).json();
    let default = all[0]["id"].as_str().unwrap();
    assert_eq!((all[0]["default"].as_bool(), all.as_array().unwrap().len()), (Some(true), 2));
    assert_eq!(client.delete(SUPER, &format!("{types}/{default}")).status, 403);
    assert_eq!(client.delete(SUPER, &format!("{types}/{id}")).status, 204);
    assert_eq!(client.get(SUPER, schema).status, 404);
}

#[test]
fn an_app_has_a_schema_and_mappings_both_ways() {
    let client = Client::dev();
    let app = client.get(SUPER, "/api/v1/apps?limit=1").json()[0]["id"].as_str().unwrap().to_owned();
    let schema = format!("/api/v1/meta/schemas/apps/{app}/default");
    assert_eq!(
        client.get(SUPER, &schema).json()["definitions"]["base"]["properties"]["userName"]["required"],
        true
    );
    let mappings = client.get(SUPER, &format!("/api/v1/mappings?sourceId={app}")).json();
    assert_eq!((mappings.as_array().unwrap().len(), &mappings[0]["target"]["name"]), (1, &json!("user")));
    assert_eq!(mappings[0].get("properties"), None);
    let own = format!("/api/v1/mappings/{}", mappings[0]["id"].as_str().unwrap());
    let map = |name: &str, mapping: Value| post(&client, &own, &json!({ "properties": { name: mapping } }));
    let expression = json!({ "expression": "appuser.email", "pushStatus": "DONT_PUSH" });
    assert_eq!(map("nickName", expression.clone()).json()["properties"], json!({ "nickName": expression }));
    let refused = map("tempProperty", expression).json();
    assert_eq!(refused["errorCauses"][0]["errorSummary"], "Invalid target field tempProperty");
    assert_eq!(map("nickName", Value::Null).json()["properties"], json!({}));
}

#[test]
fn realms_are_made_and_go_and_the_default_one_stays() {
    let client = Client::dev();
    let realm = post(&client, "/api/v1/realms", &json!({ "profile": { "name": "Navy" } })).json();
    let id = realm["id"].as_str().unwrap();
    assert_eq!(realm["profile"], json!({ "name": "Navy", "domains": [] }));
    let all = client.get(SUPER, "/api/v1/realms").json();
    assert_eq!((&all[0]["isDefault"], all[1]["profile"].get("domains")), (&json!(true), None));
    let mut grace = with_password("grace@example.com");
    grace["realmId"] = json!(id);
    let user = new(&client, "", &grace);
    let target = format!("/api/v1/realms/{id}");
    assert_eq!(client.delete(SUPER, &target).status, 400, "it has a user");
    let rule = json!({ "name": "all", "actions": { "assignUserToRealm": { "realmId": all[0]["id"] } } });
    let rule = post(&client, "/api/v1/realm-assignments", &rule).json();
    assert_eq!(rule["status"], "INACTIVE");
    let done =
        post(&client, "/api/v1/realm-assignments/operations", &json!({ "assignmentId": rule["id"] })).json();
    assert_eq!((&done["numUserMoved"], &done["realmName"]), (&json!(1), &json!("Default Realm")));
    assert_eq!(client.get(SUPER, &format!("/api/v1/users/{user}")).json()["realmId"], all[0]["id"]);
    assert_eq!(client.delete(SUPER, &target).status, 204);
    let default = format!("/api/v1/realms/{}", all[0]["id"].as_str().unwrap());
    assert_eq!(client.delete(SUPER, &default).status, 400);
}

#[test]
fn an_import_session_takes_data_until_it_is_started() {
    let client = Client::dev();
    let app = client.get(SUPER, "/api/v1/apps?limit=1").json()[0]["id"].as_str().unwrap().to_owned();
    let sessions = format!("/api/v1/identity-sources/{app}/sessions");
    let session = post(&client, &sessions, &json!({}));
    assert_eq!(session.status, 201);
    let own = format!("{sessions}/{}", session.json()["id"].as_str().unwrap());
    let data = |kind: &str| {
        post(&client, &format!("{own}/bulk-upsert"), &json!({ "entityType": kind, "profiles": [] }))
    };
    assert_eq!(data("USERS").status, 202);
    assert_eq!(data("GROUPS").status, 400);
    assert_eq!(post(&client, &format!("{own}/start-import"), &json!({})).json()["status"], "TRIGGERED");
    assert_eq!(data("USERS").status, 400);
    assert_eq!(client.delete(SUPER, &own).error(), "400 E0000001 Api validation failed: importSessionId");
}

#[test]
fn what_an_administrator_says_of_a_user_is_kept() {
    let client = Client::dev();
    let id = new(&client, "", &with_password("grace@example.com"));
    let risk = format!("/api/v1/users/{id}/risk");
    assert_eq!(client.get(SUPER, &risk).json()["riskLevel"], "NONE");
    let put = |level: &str| client.json("PUT", SUPER, &risk, &json!({ "riskLevel": level }));
    assert_eq!((put("HIGH").status, put("LOW").status), (201, 200));
    assert_eq!(client.get(SUPER, &risk).json()["reason"], "Admin override risk");
    let class = format!("/api/v1/users/{id}/classification");
    assert_eq!(client.get(SUPER, &class).json()["type"], "STANDARD");
    assert_eq!(client.json("PUT", SUPER, &class, &json!({ "type": "LITE" })).json()["type"], "LITE");
    assert_eq!(client.get(SUPER, &format!("/api/v1/users/{id}/clients")).text(), "[]");
}

/// The status, and the first cause of a refusal.
fn outcome(answer: &crate::client::Answer) -> String {
    let body = answer.json();
    let cause = body["errorCauses"][0]["errorSummary"].as_str().unwrap_or_default();
    format!("{} {cause}", answer.status)
}

fn define(client: &Client, schema: &str, properties: &Value) {
    let body = json!({ "definitions": { "custom": { "properties": properties } } });
    let defined = post(client, schema, &body);
    assert_eq!(defined.status, 200, "{}", defined.text());
}

#[test]
fn a_profile_holds_what_its_schema_lets_it_hold() {
    let client = Client::dev();
    let attributes = json!({
        "size": { "title": "Size", "type": "string", "enum": ["S", "M"] },
        "badge": { "title": "Badge", "type": "string", "minLength": 2, "maxLength": 4, "unique": "UNIQUE_VALIDATED" },
        "years": { "title": "Years", "type": "integer", "minimum": 0 },
        "ships": { "title": "Ships", "type": "array", "items": { "type": "string" } },
    });
    let app = post(
        &client,
        "/api/v1/apps",
        &json!({ "name": "bookmark", "label": "Log", "signOnMode": "BOOKMARK",
        "settings": { "app": { "url": "https://log.example" } } }),
    )
    .json();
    let app = app["id"].as_str().unwrap().to_owned();
    for schema in ["user/default".to_owned(), "group/default".to_owned(), format!("apps/{app}/default")] {
        define(&client, &format!("/api/v1/meta/schemas/{schema}"), &attributes);
    }
    let user = new(&client, "", &with_password("grace@example.com"));
    let group = post(&client, "/api/v1/groups", &json!({ "profile": { "name": "Navy" } })).json();
    let group = format!("/api/v1/groups/{}", group["id"].as_str().unwrap());
    let app_user = format!("/api/v1/apps/{app}/users/{user}");
    let assigned =
        post(&client, &format!("/api/v1/apps/{app}/users"), &json!({ "id": user, "scope": "USER" }));
    assert_eq!(assigned.status, 200, "{}", assigned.text());
    let user = format!("/api/v1/users/{user}");
    for (profile, expected) in [
        (json!({ "size": "L" }), "400 size: The field has an invalid value"),
        (json!({ "badge": "1" }), "400 badge: 'badge' must be at least '2' characters long."),
        (json!({ "badge": "12345" }), "400 badge: 'badge' can't be more than '4' characters long."),
        (json!({ "years": "7" }), "400 years: The field has an invalid value"),
        (json!({ "years": -7 }), "400 years: The field has an invalid value"),
        (json!({ "ships": "Arizona" }), "400 ships: The field has an invalid value"),
        (json!({ "size": "M", "badge": "1906", "years": 79, "ships": ["Hopper"] }), "200 "),
        (json!({ "size": null }), "200 "),
    ] {
        let body = json!({ "profile": profile });
        assert_eq!(outcome(&post(&client, &user, &body)), expected, "user {profile}");
        assert_eq!(outcome(&post(&client, &app_user, &body)), expected, "app user {profile}");
        let mut whole = body.clone();
        whole["profile"]["name"] = json!("Navy");
        assert_eq!(outcome(&client.json("PUT", SUPER, &group, &whole)), expected, "group {profile}");
    }
    let unknown = json!({ "profile": { "name": "Army", "rank": 1 } });
    let refused = post(&client, "/api/v1/groups", &unknown);
    assert_eq!(outcome(&refused), "400 Property name 'rank' is not defined in profile");
    let same = json!({ "profile": { "name": "Army", "badge": "1906" } });
    assert_eq!(
        outcome(&post(&client, "/api/v1/groups", &same)),
        "200 ",
        "the other group has lost its badge"
    );
    let copy = json!({ "profile": { "name": "Air", "badge": "1906" } });
    let taken = "400 badge: An object with this field already exists in the current organization";
    assert_eq!(outcome(&post(&client, "/api/v1/groups", &copy)), taken);
}

#[test]
fn what_a_schema_requires_is_there() {
    let client = Client::dev();
    let rank = json!({ "rank": { "title": "Rank", "type": "string", "required": true } });
    define(&client, "/api/v1/meta/schemas/group/default", &rank);
    define(&client, "/api/v1/meta/schemas/user/default", &rank);
    let blank = "400 rank: The field cannot be left blank";
    let group = |rank: Value| {
        post(&client, "/api/v1/groups", &json!({ "profile": { "name": "Navy", "rank": rank } }))
    };
    assert_eq!(outcome(&group(Value::Null)), blank);
    assert_eq!(outcome(&group(json!("first"))), "200 ");
    let mut grace = with_password("grace@example.com");
    assert_eq!(outcome(&post(&client, "/api/v1/users", &grace)), blank);
    grace["profile"]["rank"] = json!("admiral");
    let user = format!("/api/v1/users/{}", new(&client, "", &grace));
    let title = json!({ "profile": { "title": "Rear admiral" } });
    assert_eq!(outcome(&post(&client, &user, &title)), "200 ", "a partial update keeps it");
    let taken_back = json!({ "profile": { "rank": "" } });
    assert_eq!(outcome(&post(&client, &user, &taken_back)), blank);
}
