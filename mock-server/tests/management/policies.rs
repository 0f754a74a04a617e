//! `/api/v1/policies`: types, priorities, rules, what goes with a policy.

use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};

impl Client {
    fn post(&self, target: &str, body: &Value) -> Answer {
        self.json("POST", SUPER, target, body)
    }

    fn made(&self, target: &str, body: &Value) -> Value {
        let answer = self.post(target, body);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.json()
    }

    fn policies(&self, kind: &str) -> Vec<Value> {
        let answer = self.get(SUPER, &format!("/api/v1/policies?type={kind}"));
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
        answer.json().as_array().unwrap().clone()
    }

    fn rules(&self, policy: &Value) -> Vec<Value> {
        self.get(SUPER, &format!("{}/rules", path(policy))).json().as_array().unwrap().clone()
    }
}

fn path(policy: &Value) -> String {
    format!("/api/v1/policies/{}", policy["id"].as_str().unwrap())
}

fn ranks(list: &[Value]) -> Vec<(String, i64)> {
    list.iter()
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one["priority"].as_i64().unwrap()))
        .collect()
}

fn ranked(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(name, priority)| ((*name).to_owned(), *priority)).collect()
}

#[test]
fn an_org_is_born_with_policies_of_every_type() {
    let client = Client::dev();
    for (kind, name, rule) in [
        ("OKTA_SIGN_ON", "Default Policy", "Default Rule"),
        ("MFA_ENROLL", "Default Policy", "Default Rule"),
        ("IDP_DISCOVERY", "Idp Discovery Policy", "Default Rule"),
        ("PROFILE_ENROLLMENT", "Default Policy", "Catch-all Rule"),
        ("POST_AUTH_SESSION", "Post Auth Policy", "Catch-all Rule"),
        ("ENTITY_RISK", "Entity Risk Policy", "Catch-all Rule"),
    ] {
        let policies = client.policies(kind);
        let policy = policies.last().unwrap();
        assert_eq!((&policy["name"], &policy["system"]), (&name.into(), &true.into()), "{kind}");
        let last = client.rules(policy).pop().unwrap();
        assert_eq!((&last["name"], &last["system"]), (&rule.into(), &true.into()), "{kind}");
        assert!(policy["_links"].get("deactivate").is_none(), "{kind}");
    }
    let names: Vec<_> = client.policies("ACCESS_POLICY").iter().map(|one| one["name"].clone()).collect();
    assert!(names.contains(&"Any two factors".into()) && names.contains(&"Okta Dashboard".into()));
}

#[test]
fn a_list_needs_a_type_that_there_is_and_says_where_it_is() {
    let client = Client::dev();
    for target in ["/api/v1/policies", "/api/v1/policies?type=NONE"] {
        let answer = client.get(SUPER, target);
        assert_eq!(answer.error(), "400 E0000002 The request was not valid: Invalid policy type specified");
    }
    let answer = client.get(SUPER, "/api/v1/policies?type=ACCESS_POLICY");
    assert!(answer.header("link").unwrap().ends_with("/api/v1/policies?type=ACCESS_POLICY>; rel=\"self\""));
    assert_eq!(answer.json()[0]["_embedded"]["resourceType"], "APP");
    let rules = client.get(SUPER, "/api/v1/policies?type=OKTA_SIGN_ON&expand=rules").json();
    assert_eq!(rules[0]["_embedded"]["rules"][0]["name"], "Default Rule");
}

#[test]
fn priorities_of_sign_on_policies_are_a_row_that_ends_with_the_default() {
    let client = Client::dev();
    let new = |name: &str, priority: Value| {
        client
            .made("/api/v1/policies", &json!({ "type": "OKTA_SIGN_ON", "name": name, "priority": priority }))
    };
    let first = new("first", Value::Null);
    new("second", 999.into());
    new("new first", 1.into());
    let row = |expected: &[(&str, i64)]| {
        assert_eq!(ranks(&client.policies("OKTA_SIGN_ON")), ranked(expected));
    };
    row(&[("new first", 1), ("first", 2), ("second", 3), ("Default Policy", 4)]);
    let body = json!({ "type": "OKTA_SIGN_ON", "name": "first", "priority": 3 });
    assert_eq!(client.json("PUT", SUPER, &path(&first), &body).json()["priority"], 3);
    row(&[("new first", 1), ("second", 2), ("first", 3), ("Default Policy", 4)]);
    assert_eq!(client.delete(SUPER, &path(&first)).status, 204);
    row(&[("new first", 1), ("second", 2), ("Default Policy", 3)]);
}

#[test]
fn a_policy_without_conditions_is_for_everyone() {
    let client = Client::dev();
    let everyone = &client.get(SUPER, "/api/v1/groups").json()[0]["id"].clone();
    for kind in ["OKTA_SIGN_ON", "PASSWORD", "MFA_ENROLL"] {
        let policy = client.made("/api/v1/policies", &json!({ "type": kind, "name": "p" }));
        assert_eq!(policy["conditions"]["people"]["groups"]["include"], json!([everyone]), "{kind}");
    }
}

#[test]
fn the_default_policy_stays() {
    let client = Client::dev();
    let policy = client.policies("PASSWORD").pop().unwrap();
    let forbidden = "403 E0000006 You do not have permission to perform the requested action";
    assert_eq!(client.delete(SUPER, &path(&policy)).error(), forbidden);
    let deactivate = format!("{}/lifecycle/deactivate", path(&policy));
    assert_eq!(client.post(&deactivate, &json!({})).error(), forbidden);
    let rule = &client.rules(&policy)[0];
    let rule = format!("{}/rules/{}", path(&policy), rule["id"].as_str().unwrap());
    assert_eq!(client.delete(SUPER, &rule).error(), forbidden);
    let body = json!({ "type": "PASSWORD", "name": "mine", "priority": 1, "status": "INACTIVE" });
    let replaced = client.json("PUT", SUPER, &path(&policy), &body).json();
    assert_eq!((&replaced["name"], &replaced["status"]), (&"Default Policy".into(), &"ACTIVE".into()));
}

#[test]
fn a_new_access_policy_has_a_catch_all_rule_and_rules_keep_their_numbers() {
    let client = Client::dev();
    let policy =
        client.made("/api/v1/policies", &json!({ "type": "ACCESS_POLICY", "name": "p", "priority": 7 }));
    assert_eq!(policy["priority"], 1);
    assert!(policy["id"].as_str().unwrap().starts_with("rst"));
    let rules = format!("{}/rules", path(&policy));
    let rule = |name: &str, priority: i64| {
        client.made(&rules, &json!({ "type": "ACCESS_POLICY", "name": name, "priority": priority }))
    };
    rule("a", 5);
    rule("b", 98);
    let row = |expected: &[(&str, i64)]| assert_eq!(ranks(&client.rules(&policy)), ranked(expected));
    row(&[("a", 5), ("b", 98), ("Catch-all Rule", 99)]);
    rule("c", 5);
    row(&[("c", 5), ("a", 6), ("b", 98), ("Catch-all Rule", 99)]);
    let catch_all = &client.rules(&policy)[3];
    let target = format!("{rules}/{}", catch_all["id"].as_str().unwrap());
    let denies = json!({
        "name": "mine", "priority": 1, "conditions": { "network": { "connection": "ANYWHERE" } },
        "actions": { "appSignOn": { "access": "DENY" } },
    });
    let replaced = client.json("PUT", SUPER, &target, &denies).json();
    assert_eq!(replaced["actions"]["appSignOn"]["access"], "DENY");
    assert_eq!(
        (&replaced["name"], &replaced["priority"], &replaced["conditions"]),
        (&"Catch-all Rule".into(), &99.into(), &Value::Null)
    );
}

#[test]
fn rules_are_what_their_policy_s_type_makes_them() {
    let client = Client::dev();
    let policy = client.made("/api/v1/policies", &json!({ "type": "OKTA_SIGN_ON", "name": "p" }));
    let rule = client.made(&format!("{}/rules", path(&policy)), &json!({ "name": "r", "system": true }));
    assert_eq!((&rule["type"], &rule["system"]), (&"SIGN_ON".into(), &false.into()));
    assert_eq!(rule["conditions"]["people"], json!({ "users": { "exclude": [] } }));
    assert_eq!(rule["actions"]["signon"]["access"], "ALLOW");
    let policy = client.made("/api/v1/policies", &json!({ "type": "ACCESS_POLICY", "name": "p" }));
    let chains = json!([{ "authenticationMethods": [{ "key": "okta_password", "method": "password" }] }]);
    let method = json!({ "type": "AUTH_METHOD_CHAIN", "factorMode": "2FA", "inactivityPeriod": "PT1H", "chains": chains });
    let body = json!({
        "name": "r",
        "conditions": { "platform": {}, "device": null, "people": { "groups": { "include": [] } } },
        "actions": { "appSignOn": { "verificationMethod": method } },
    });
    let rule = client.made(&format!("{}/rules", path(&policy)), &body);
    let shown = &rule["actions"]["appSignOn"]["verificationMethod"];
    assert_eq!(*shown, json!({ "type": "AUTH_METHOD_CHAIN", "chains": chains }));
    let conditions = rule["conditions"].as_object().unwrap();
    assert!(!conditions.contains_key("platform") && !conditions.contains_key("device"));
}

#[test]
fn a_clone_has_the_rules_and_no_dates() {
    let client = Client::dev();
    let policies = client.policies("ACCESS_POLICY");
    let policy = policies.iter().find(|policy| policy["name"] == "Any two factors").unwrap();
    let clone = client.post(&format!("{}/clone", path(policy)), &json!({})).json();
    assert_eq!((&clone["name"], &clone["created"]), (&"[cloned] Any two factors".into(), &Value::Null));
    assert_eq!(clone["system"], false);
    assert_eq!(client.rules(&clone).len(), client.rules(policy).len());
    assert!(client.get(SUPER, &path(&clone)).json()["created"].is_string());
}

#[test]
fn an_authenticator_in_use_is_not_deactivated() {
    let client = Client::dev();
    let all = client.get(SUPER, "/api/v1/authenticators").json();
    let by_key = |key: &str| {
        let found = all.as_array().unwrap().iter().find(|one| one["key"] == key).unwrap();
        format!("/api/v1/authenticators/{}/lifecycle/deactivate", found["id"].as_str().unwrap())
    };
    let answer = client.post(&by_key("okta_verify"), &json!({}));
    assert!(answer.error().starts_with("403 E0000148 Cannot modify/disable this authenticator"));
    let cause = &answer.json()["errorCauses"][0]["errorSummary"];
    assert_eq!(*cause, "Authenticator Enrollment Policies: Default Policy");
    let question = by_key("security_question");
    assert_eq!(client.post(&question, &json!({})).json()["status"], "INACTIVE");
    let again = "400 E0000001 Api validation failed: api.authenticator.error.unsupported.active.deactivate";
    assert_eq!(client.post(&question, &json!({})).error(), again);
}

#[test]
fn an_authenticator_comes_with_its_methods_and_once() {
    let client = Client::dev();
    let new = json!({ "key": "google_otp", "name": "Google Authenticator" });
    let made = client.made("/api/v1/authenticators", &new);
    assert_eq!((&made["type"], &made["status"]), (&"app".into(), &"INACTIVE".into()));
    let methods = format!("/api/v1/authenticators/{}/methods", made["id"].as_str().unwrap());
    assert_eq!(client.get(SUPER, &methods).json()[0]["type"], "otp");
    let twice = client.post("/api/v1/authenticators", &new).error();
    let what = "com.okta.services.factors.iface.dto.AuthenticatorCatalog";
    assert_eq!(twice, format!("400 E0000001 Api validation failed: {what}"));
    let onprem = json!({ "key": "onprem_mfa", "name": "On-Prem MFA", "provider": { "type": "DEL_OATH",
        "configuration": { "hostName": "localhost", "authPort": 999, "sharedSecret": "Sh4red" } } });
    let made = client.made("/api/v1/authenticators", &onprem);
    assert!(made["provider"]["configuration"].get("sharedSecret").is_none());
    assert!(made["provider"]["configuration"]["instanceId"].is_string());
}

#[test]
fn an_enrolment_policy_names_every_active_authenticator() {
    let client = Client::dev();
    let settings = json!({ "type": "AUTHENTICATORS",
        "authenticators": [{ "key": "okta_email", "enroll": { "self": "OPTIONAL" } }] });
    let new = json!({ "type": "MFA_ENROLL", "name": "p", "settings": settings });
    let policy = client.made("/api/v1/policies", &new);
    let entries = policy["settings"]["authenticators"].as_array().unwrap();
    let of = |key: &str| {
        let found = entries.iter().find(|entry| entry["key"] == key);
        found.map_or("-", |entry| entry["enroll"]["self"].as_str().unwrap())
    };
    assert_eq!(
        [of("okta_email"), of("okta_password"), of("okta_verify"), of("webauthn")],
        ["OPTIONAL", "REQUIRED", "NOT_ALLOWED", "-"]
    );
}

#[test]
fn zones_devices_and_behaviours_are_written_as_okta_writes_them() {
    let client = Client::dev();
    let zone = client.made(
        "/api/v1/zones",
        &json!({
            "type": "DYNAMIC_V2", "name": "z", "locations": { "include": [{ "country": "US" }] }, "asns": {},
        }),
    );
    assert_eq!(zone["locations"], json!({ "include": [{ "country": "US", "region": null }], "exclude": [] }));
    assert_eq!(zone["asns"], json!({ "include": [], "exclude": [] }));
    let nothing = client.post("/api/v1/device-assurances", &json!({ "name": "d", "platform": "WINDOWS" }));
    assert_eq!(nothing.error(), "400 E0000001 Api validation failed: deviceAssuranceMediated");
    let rule = client.made("/api/v1/behaviors", &json!({
        "type": "ANOMALOUS_LOCATION", "name": "b", "settings": { "granularity": "LAT_LONG", "radiusKilometers": 20 },
    }));
    let created = rule["created"].as_str().unwrap();
    assert!(created.len() == 21 && created.ends_with(".0") && !created.contains('T'), "{created}");
    let target = format!("/api/v1/behaviors/{}", rule["id"].as_str().unwrap());
    assert!(client.get(SUPER, &target).text().contains("\"radiusKilometers\":20.0"));
}

#[test]
fn a_simulation_finds_the_rule_that_applies() {
    let client = Client::dev();
    let groups = client.get(SUPER, "/api/v1/groups").json();
    let everyone = &groups[0]["id"];
    let app = client.get(SUPER, "/api/v1/apps").json()[0]["id"].clone();
    let ask = |context: Value| {
        let question =
            json!([{ "appInstance": app, "policyTypes": ["OKTA_SIGN_ON"], "policyContext": context }]);
        client.post("/api/v1/policies/simulate", &question)
    };
    let told = ask(json!({ "user": { "id": "00unobody" }, "groups": { "ids": [everyone] } })).json();
    let policy = &told["evaluation"][0]["result"]["policies"][0];
    assert_eq!(
        (&policy["name"], &policy["rules"][0]["name"]),
        (&"Default Policy".into(), &"Default Rule".into())
    );
    let nobody = ask(json!({ "user": { "id": "00unobody" }, "groups": { "ids": [] } })).json();
    assert_eq!(nobody["evaluation"][0]["evaluated"]["policies"][0]["status"], "NOT_MATCH");
    let without = ask(json!({ "user": { "id": "00unobody" } })).error();
    assert_eq!(without, "400 E0000003 The request body was not well-formed.");
}

/// A service app that may manage streams of shared signals.
const TRANSMITTERS: &str = r#"
created = "2026-01-02T03:04:05Z"
[[users]]
profile = { login = "admin@example.com" }
admin_roles = ["SUPER_ADMIN"]
[[apps]]
name = "receiver"
client_id = "0oareceiver"
keys = [{ kid = "k1", pem_file = "fixture:client-rsa" }]
grants = ["ssf.read", "ssf.manage"]
admin_roles = ["SUPER_ADMIN"]
"#;

#[test]
fn a_stream_delivers_what_is_asked_for_and_supported() {
    let client = Client::of(TRANSMITTERS);
    let bearer = client.bearer("0oareceiver", "client-rsa", "ssf.read ssf.manage");
    let revoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    let wanted = json!({ "delivery": { "method": "urn:ietf:rfc:8935", "endpoint_url": "https://example.com" },
        "events_requested": [revoked, "https://example.com/other"] });
    let made = client.json("POST", &bearer, "/api/v1/ssf/stream", &wanted);
    assert_eq!(made.status, 201, "{}", made.text());
    let stream = made.json();
    assert_eq!(stream["events_delivered"], json!([revoked]));
    assert_eq!(stream["iss"], crate::client::BASE);
    let named = format!("/api/v1/ssf/stream?stream_id={}", stream["stream_id"].as_str().unwrap());
    assert_eq!(client.get(&bearer, &named).json(), stream);
    let status = named.replace("stream?", "stream/status?");
    assert_eq!(client.get(&bearer, &status).json()["status"], "enabled");
    assert_eq!(client.delete(&bearer, &named).status, 204);
    assert_eq!(client.get(&bearer, "/api/v1/ssf/stream").json(), json!([]));
    assert!(client.get(&bearer, &named).error().starts_with("404 E0000007"));
}

/// `E0000085`: what Okta's documentation of the Authentication API says to somebody whom a sign-on policy denies.
#[test]
fn a_rule_of_a_sign_on_policy_keeps_people_of_a_network_out() {
    let client = Client::dev();
    let made = client.post(
        "/api/v1/users?activate=true",
        &json!({
            "profile": { "firstName": "Eve", "lastName": "B", "email": "eve@b.example", "login": "eve@b.example" },
            "credentials": { "password": { "value": "Very-l0ng-secret" } },
        }),
    );
    assert_eq!(made.status, 200, "{}", made.text());
    let user = made.json()["id"].as_str().unwrap().to_owned();
    let sign_in = || {
        let body = json!({ "username": "eve@b.example", "password": "Very-l0ng-secret" });
        let answer = client.json("POST", "", "/api/v1/authn", &body);
        if answer.status == 200 { "in".to_owned() } else { answer.error() }
    };
    assert_eq!(sign_in(), "in");
    let zone = client.made(
        "/api/v1/zones",
        &json!({ "type": "IP", "name": "here", "gateways": [{ "type": "RANGE", "value": "127.0.0.1-127.0.0.9" }] }),
    );
    let groups = client.get(SUPER, "/api/v1/groups?q=Everyone").json();
    let policy = client.made(
        "/api/v1/policies",
        &json!({ "type": "OKTA_SIGN_ON", "name": "not from here",
            "conditions": { "people": { "groups": { "include": [groups[0]["id"]] } } } }),
    );
    let rules = format!("{}/rules", path(&policy));
    let rule = |exclude: Value, network: Value| {
        json!({ "type": "SIGN_ON", "name": "no", "actions": { "signon": { "access": "DENY" } },
            "conditions": { "people": { "users": { "exclude": exclude } }, "network": network } })
    };
    let inside = json!({ "connection": "ZONE", "include": [zone["id"]] });
    let made = client.made(&rules, &rule(json!([]), inside.clone()));
    let denied = "403 E0000085 You do not have permission to access your account at this time.";
    assert_eq!(sign_in(), denied);
    let own = format!("{rules}/{}", made["id"].as_str().unwrap());
    let put = |body: Value| assert_eq!(client.json("PUT", SUPER, &own, &body).status, 200);
    put(rule(json!([user]), inside));
    assert_eq!(sign_in(), "in", "the rule leaves the user out");
    put(rule(json!([]), json!({ "connection": "ZONE", "exclude": [zone["id"]] })));
    assert_eq!(sign_in(), "in", "the rule is about other networks");
    put(rule(json!([]), json!({ "connection": "ANYWHERE" })));
    assert_eq!(sign_in(), denied);
    let off = format!("{}/lifecycle/deactivate", path(&policy));
    assert_eq!(client.send("POST", &off, &[("Authorization", SUPER)], "").status, 204);
    assert_eq!(sign_in(), "in");
}
