//! Identity sources: what they say of users and groups is so in the org.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};

struct Source {
    client: Client,
    app: String,
    path: String,
}

impl Source {
    fn new() -> Self {
        let client = Client::dev();
        let body = json!({ "name": "bookmark", "label": "HR", "signOnMode": "BOOKMARK",
            "settings": { "app": { "requestIntegration": false, "url": "https://example.com/b" } } });
        let app = client.json("POST", SUPER, "/api/v1/apps", &body).json()["id"].as_str().unwrap().to_owned();
        Self { client, path: format!("/api/v1/identity-sources/{app}"), app }
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.json("POST", SUPER, &format!("{}{path}", self.path), body)
    }

    /// A session with these bulk requests, started; its path.
    fn import(&self, uploads: &[(&str, Value)]) -> String {
        let made = self.post("/sessions", &json!({})).json();
        let session = format!("/sessions/{}", made["id"].as_str().unwrap());
        for (what, body) in uploads {
            let taken = self.post(&format!("{session}/{what}"), body);
            assert_eq!((taken.status, taken.text()), (202, ""), "{what}");
        }
        let started = self.post(&format!("{session}/start-import"), &json!({}));
        assert_eq!((started.status, &started.json()["status"]), (200, &json!("TRIGGERED")));
        session
    }

    fn status(&self, session: &str) -> Value {
        self.client.get(SUPER, &format!("{}{session}", self.path)).json()["status"].clone()
    }

    fn user(&self, login: &str) -> Value {
        let found = self.client.get(SUPER, &format!("/api/v1/users/{login}"));
        if found.status == 200 { found.json() } else { Value::Null }
    }

    fn members(&self, group: &str) -> Vec<String> {
        let listed = self.client.get(SUPER, &format!("/api/v1/groups/{group}/users")).json();
        let login = |user: &Value| user["profile"]["login"].as_str().unwrap().to_owned();
        listed.as_array().unwrap().iter().map(login).collect()
    }
}

fn person(external: &str, name: &str) -> Value {
    let address = format!("{}@hr.example", name.to_lowercase());
    json!({ "externalId": external, "profile": {
        "userName": address, "email": address, "firstName": name, "lastName": "Hr" } })
}

fn people(all: &[Value]) -> Value {
    json!({ "entityType": "USERS", "profiles": all })
}

#[test]
fn an_import_makes_changes_and_deactivates_users() {
    let source = Source::new();
    let session = source.import(&[
        ("bulk-upsert", people(&[person("1", "Ann"), person("2", "Ben")])),
        ("bulk-upsert", people(&[person("3", "Cat")])),
    ]);
    let ann = source.user("ann@hr.example");
    assert_eq!((&ann["status"], &ann["profile"]["firstName"]), (&json!("PROVISIONED"), &json!("Ann")));
    assert_eq!(source.status(&session), "TRIGGERED");
    source.client.org.clock().advance(SignedDuration::from_secs(5));
    assert_eq!(source.status(&session), "COMPLETED");
    let held = format!("/api/v1/apps/{}/users/{}", source.app, ann["id"].as_str().unwrap());
    let held = source.client.get(SUPER, &held).json();
    assert_eq!(
        (&held["externalId"], &held["credentials"]["userName"]),
        (&json!("1"), &json!("ann@hr.example"))
    );

    let mut married = person("1", "Ann");
    married["profile"]["lastName"] = json!("Other");
    let gone = json!({ "entityType": "USERS", "profiles": [{ "externalId": "2" }, { "externalId": "9" }] });
    source.import(&[("bulk-upsert", people(&[married])), ("bulk-delete", gone)]);
    let again = source.user("ann@hr.example");
    assert_eq!((&again["id"], &again["profile"]["lastName"]), (&ann["id"], &json!("Other")));
    let ben = source.user("ben@hr.example");
    assert_eq!(ben["status"], "DEPROVISIONED");
    let users = source.client.get(SUPER, &format!("/api/v1/apps/{}/users", source.app)).json();
    assert_eq!(users.as_array().unwrap().len(), 2);

    // Whoever comes back is the same user.
    source.import(&[("bulk-upsert", people(&[person("2", "Ben")]))]);
    let back = source.user("ben@hr.example");
    assert_eq!((&back["id"], &back["status"]), (&ben["id"], &json!("PROVISIONED")));
}

#[test]
fn an_import_puts_users_into_groups() {
    let source = Source::new();
    let group = |id: &str, name: &str| json!({ "externalId": id, "profile": { "displayName": name } });
    let members =
        |ids: &[&str]| json!({ "memberships": [{ "groupExternalId": "g1", "memberExternalIds": ids }] });
    source.import(&[
        ("bulk-groups-upsert", json!({ "profiles": [group("g1", "Staff"), group("g2", "Guests")] })),
        ("bulk-group-memberships-upsert", members(&["1", "2"])),
        ("bulk-upsert", people(&[person("1", "Ann"), person("2", "Ben")])),
    ]);
    let made = source.client.get(SUPER, &format!("{}/groups/g1", source.path)).json();
    let id = made["id"].as_str().unwrap();
    let own = source.client.get(SUPER, &format!("/api/v1/groups/{id}")).json();
    assert_eq!((&own["type"], &own["profile"]["name"]), (&json!("APP_GROUP"), &json!("Staff")));
    assert_eq!(source.members(id), ["ann@hr.example", "ben@hr.example"]);

    source.import(&[
        ("bulk-group-memberships-delete", members(&["2"])),
        ("bulk-groups-upsert", json!({ "profiles": [group("g1", "Crew")] })),
        ("bulk-groups-delete", json!({ "externalIds": ["g2"] })),
    ]);
    assert_eq!(source.members(id), ["ann@hr.example"]);
    let names = source.client.get(SUPER, "/api/v1/groups?filter=type%20eq%20%22APP_GROUP%22").json();
    let names: Vec<&Value> = names.as_array().unwrap().iter().map(|one| &one["profile"]["name"]).collect();
    assert_eq!(names, ["Crew"]);
}

#[test]
fn what_cannot_be_imported_ends_in_an_error_and_the_rest_is_there() {
    let source = Source::new();
    let mut nobody = person("1", "Ann");
    nobody["profile"]["userName"] = json!("no address");
    let session = source.import(&[("bulk-upsert", people(&[nobody, person("2", "Ben")]))]);
    source.client.org.clock().advance(SignedDuration::from_secs(5));
    assert_eq!(source.status(&session), "ERROR");
    assert_eq!(source.user("ben@hr.example")["status"], "PROVISIONED");
}

#[test]
fn a_session_that_is_idle_for_a_day_expires() {
    let source = Source::new();
    let made = source.post("/sessions", &json!({})).json();
    let session = format!("/sessions/{}", made["id"].as_str().unwrap());
    source.client.org.clock().advance(SignedDuration::from_hours(24));
    assert_eq!(source.status(&session), "EXPIRED");
    assert_eq!(source.post(&format!("{session}/bulk-upsert"), &people(&[])).status, 400);
    assert_eq!(source.post(&format!("{session}/start-import"), &json!({})).status, 400);
}

#[test]
fn users_and_groups_of_a_source_are_written_one_by_one_too() {
    let source = Source::new();
    assert_eq!(source.post("/users", &person("1", "Ann")).status, 200);
    assert_eq!(source.user("ann@hr.example")["status"], "PROVISIONED");
    let group = json!({ "externalId": "g1", "profile": { "displayName": "Staff" } });
    let group = source.post("/groups", &group).json()["id"].as_str().unwrap().to_owned();
    let joined = source.post("/groups/g1/membership", &json!({ "memberExternalId": "1" }));
    assert_eq!((joined.status, source.members(&group)), (204, vec!["ann@hr.example".to_owned()]));
    let member = format!("{}/groups/g1/membership/1", source.path);
    assert_eq!(source.client.delete(SUPER, &member).status, 204);
    assert!(source.members(&group).is_empty());
    assert_eq!(source.client.delete(SUPER, &format!("{}/users/1", source.path)).status, 200);
    assert_eq!(source.user("ann@hr.example")["status"], "DEPROVISIONED");
    assert_eq!(source.client.delete(SUPER, &format!("{}/groups/g1", source.path)).status, 200);
    assert_eq!(source.client.get(SUPER, &format!("/api/v1/groups/{group}")).status, 404);
}
