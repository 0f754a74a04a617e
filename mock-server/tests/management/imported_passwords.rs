//! Passwords that other systems have: as hashes, or behind a hook.

use mock_server::exchange::{Answered, Call, CallFailure};
use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};
use crate::people::{new, post};

const PASSWORD: &str = "Cobol1959x";

fn person(login: &str, password: Value) -> Value {
    json!({
        "profile": { "firstName": "Grace", "lastName": "Hopper", "login": login, "email": login },
        "credentials": { "password": password },
    })
}

fn body(login: &str, password: &str) -> String {
    json!({ "username": login, "password": password }).to_string()
}

fn sign_in(client: &Client, login: &str, password: &str) -> Answer {
    client.send("POST", "/api/v1/authn", &[("Content-Type", "application/json")], &body(login, password))
}

fn hashed() -> Value {
    json!({ "hash": {
        "algorithm": "BCRYPT", "workFactor": 4, "salt": "abcdefghijklmnopqrstuu",
        "value": "wg5e0dcgSe09syibhVoa2.BiFP99Y3S",
    } })
}

#[test]
fn an_imported_hash_signs_in_and_becomes_a_password() {
    let client = Client::dev();
    let id = new(&client, "", &person("grace@example.com", hashed()));
    assert_eq!(sign_in(&client, "grace@example.com", "Cobol1959y").status, 401);
    let first = sign_in(&client, "grace@example.com", PASSWORD);
    assert_eq!(first.json()["status"], "SUCCESS");
    assert_eq!(first.reason("sign_in"), "the imported password is the org's own from now on");
    let second = sign_in(&client, "grace@example.com", PASSWORD);
    assert_eq!(second.json()["status"], "SUCCESS");
    assert!(!second.reason("sign_in").contains("imported"), "it is the org's own");
    let change = json!({ "oldPassword": { "value": PASSWORD }, "newPassword": { "value": "Flowmatic1955" } });
    let changed = post(&client, &format!("/api/v1/users/{id}/credentials/change_password"), &change);
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(sign_in(&client, "grace@example.com", PASSWORD).status, 401);
}

#[test]
fn an_imported_hash_may_be_changed_by_its_password_before_anybody_signs_in() {
    let client = Client::dev();
    let id = new(&client, "", &person("grace@example.com", hashed()));
    let change =
        |old: &str| json!({ "oldPassword": { "value": old }, "newPassword": { "value": "Flowmatic1955" } });
    let target = format!("/api/v1/users/{id}/credentials/change_password");
    assert_eq!(post(&client, &target, &change("Cobol1959y")).status, 403);
    assert_eq!(post(&client, &target, &change(PASSWORD)).status, 200);
    assert_eq!(sign_in(&client, "grace@example.com", "Flowmatic1955").json()["status"], "SUCCESS");
}

#[test]
fn a_hash_is_refused_when_it_cannot_be_one_and_when_it_comes_too_late() {
    let client = Client::dev();
    let wrong =
        json!({ "hash": { "algorithm": "SHA-512", "salt": "AAAA", "saltOrder": "PREFIX", "value": "?" } });
    let answer = post(&client, "/api/v1/users", &person("grace@example.com", wrong));
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json()["errorCauses"][0]["errorSummary"], "value: The value is not Base64.");
    let staged = new(&client, "?activate=false", &person("grace@example.com", json!({})));
    let late = new(&client, "", &person("late@example.com", json!({ "value": PASSWORD })));
    let update = json!({ "credentials": { "password": hashed() } });
    assert_eq!(post(&client, &format!("/api/v1/users/{staged}"), &update).status, 200);
    assert_eq!(
        post(&client, &format!("/api/v1/users/{late}"), &update).error(),
        "403 E0000038 This operation is not allowed in the user's current status."
    );
}

fn says(credential: &str) -> impl Fn(&Call) -> Result<Answered, CallFailure> {
    let body = json!({ "commands": [{
        "type": "com.okta.action.update", "value": { "credential": credential },
    }] });
    move |call| {
        assert_eq!(
            (call.url.as_str(), call.header("authorization")),
            ("https://old.example/check", Some("s3"))
        );
        let asked: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(asked["eventType"], "com.okta.user.credential.password.import");
        assert_eq!(asked["data"]["context"]["credential"]["username"], "grace@example.com");
        Ok(Answered { status: 200, body: body.to_string().into() })
    }
}

#[test]
fn a_hook_is_asked_once_and_its_word_counts() {
    let client = Client::dev();
    new(&client, "", &person("grace@example.com", json!({ "hook": { "type": "default" } })));
    let json = [("Content-Type", "application/json")];
    let ask = |credential: &str, password: &str| {
        client.send_with(
            ("POST", "/api/v1/authn"),
            &json,
            &body("grace@example.com", password),
            says(credential),
        )
    };
    assert_eq!(ask("VERIFIED", PASSWORD).status, 401, "the org has no hook yet");
    let hook = json!({
        "name": "old", "type": "com.okta.user.credential.password.import", "version": "1.0.0",
        "channel": { "type": "HTTP", "version": "1.0.0", "config": {
            "uri": "https://old.example/check",
            "authScheme": { "type": "HEADER", "key": "Authorization", "value": "s3" },
        } },
    });
    let made = post(&client, "/api/v1/inlineHooks", &hook);
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(ask("UNVERIFIED", PASSWORD).status, 401);
    let started = |client: &Client| {
        let filter = "filter=eventType+eq+%22user.session.start%22";
        let events = client.get(SUPER, &format!("/api/v1/logs?{filter}")).json();
        events.as_array().unwrap().iter().map(|event| event["outcome"]["result"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(started(&client), ["FAILURE", "FAILURE"], "one for each request, not for each decision");
    assert_eq!(ask("VERIFIED", PASSWORD).json()["status"], "SUCCESS");
    let count = |kind: &str| {
        let events = client.get(SUPER, &format!("/api/v1/logs?filter=eventType+eq+%22{kind}%22")).json();
        events.as_array().unwrap().len()
    };
    assert_eq!((count("user.import.password"), count("policy.evaluate_sign_on")), (2, 1));
    // Four sign-ins of a name are let through in a second.
    let clock = client.org.clock();
    clock.set(clock.now() + jiff::SignedDuration::from_secs(1));
    let later = sign_in(&client, "grace@example.com", PASSWORD);
    assert_eq!(later.json()["status"], "SUCCESS", "nobody is asked again");
    assert_eq!(sign_in(&client, "grace@example.com", "Cobol1959y").status, 401);
}
