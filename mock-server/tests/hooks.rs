//! Hooks over sockets: an endpoint is verified, executed, and told of nothing else.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "wire/endpoint.rs"]
mod endpoint;
mod wire;

use endpoint::{Endpoint, header};
use mock_server::MockOrg;
use serde_json::{Value, json};
use wire::send;

async fn call(org: &MockOrg, method: &str, path: &str, body: &Value) -> (u16, Value, Vec<(String, String)>) {
    let authorization = format!("SSWS {}", org.ready().api_token.as_deref().unwrap());
    let lines = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = send(method, &format!("{}{path}", org.base_url()), &lines, &body).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default(), answer.lines)
}

async fn event_hook(org: &MockOrg, uri: &str) -> String {
    let body = json!({
        "name": "tell me",
        "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create"] },
        "channel": { "type": "HTTP", "version": "1.0.0", "config": {
            "uri": uri,
            "headers": [{ "key": "X-Mine", "value": "1" }],
            "authScheme": { "type": "HEADER", "key": "Authorization", "value": "very secret" },
        } },
    });
    let (status, hook, _) = call(org, "POST", "/api/v1/eventHooks", &body).await;
    assert_eq!(status, 200, "{hook}");
    format!("/api/v1/eventHooks/{}", hook["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_endpoint_that_sends_the_value_back_is_verified() {
    let org = MockOrg::builder().start().await.unwrap();
    let endpoint = Endpoint::with(vec![(200, r#"{"verification":"{challenge}"}"#)]).await;
    let path = event_hook(&org, &endpoint.url).await;
    let (status, hook, lines) = call(&org, "POST", &format!("{path}/lifecycle/verify"), &Value::Null).await;
    assert_eq!((status, &hook["verificationStatus"]), (200, &json!("VERIFIED")), "{hook}");
    assert_eq!(hook["_links"].get("verify"), None);
    let limits = lines.iter().filter(|(name, _)| name == "x-rate-limit-remaining").count();
    assert_eq!(limits, 1, "the request is charged once, and says so once");
    let seen = endpoint.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("GET /hook "), "{}", seen[0]);
    assert_eq!(header(&seen[0], "authorization"), Some("very secret"));
    assert_eq!(header(&seen[0], "x-mine"), Some("1"));
    assert_eq!(header(&seen[0], "accept"), Some("application/json"));

    // A changed address is another endpoint.
    let (_, mut body, _) = call(&org, "GET", &path, &Value::Null).await;
    assert_eq!(body["verificationStatus"], "VERIFIED");
    body["channel"]["config"]["uri"] = json!(format!("{}/other", endpoint.url));
    let (status, hook, _) = call(&org, "PUT", &path, &body).await;
    assert_eq!((status, &hook["verificationStatus"]), (200, &json!("UNVERIFIED")), "{hook}");
}

#[tokio::test]
async fn a_server_error_is_tried_once_more_and_a_refusal_is_not() {
    let org = MockOrg::builder().start().await.unwrap();
    let good = (200, r#"{"verification":"{challenge}"}"#);
    for (script, verified, calls) in [
        (vec![(503, ""), good], true, 2),
        (vec![(503, ""), (500, ""), good], false, 2),
        (vec![(401, ""), good], false, 1),
        (vec![(302, ""), good], false, 1),
        (vec![(200, r#"{"verification":"guessed"}"#), good], false, 1),
    ] {
        let endpoint = Endpoint::with(script.clone()).await;
        let path = event_hook(&org, &endpoint.url).await;
        let (status, answer, _) = call(&org, "POST", &format!("{path}/lifecycle/verify"), &Value::Null).await;
        assert_eq!(status, if verified { 200 } else { 400 }, "{script:?}: {answer}");
        assert_eq!(endpoint.seen().len(), calls, "{script:?}");
        let (_, hook, _) = call(&org, "GET", &path, &Value::Null).await;
        assert_eq!(hook["verificationStatus"] == "VERIFIED", verified, "{script:?}");
    }
}

#[tokio::test]
async fn an_inline_hook_is_executed_with_a_secret_or_with_a_token() {
    let org = MockOrg::builder().start().await.unwrap();
    let endpoint = Endpoint::with(vec![
        (200, r#"{"commands":[]}"#),
        (200, r#"{"access_token":"t0ken","token_type":"Bearer"}"#),
        (200, r#"{"commands":[1]}"#),
        (400, "{}"),
    ])
    .await;
    let hook = |name: &str, kind: &str, config: Value| {
        json!({ "name": name, "type": "com.okta.oauth2.tokens.transform", "version": "1.0.0",
            "channel": { "type": kind, "version": "1.0.0", "config": config } })
    };
    let secret = json!({ "uri": endpoint.url,
        "authScheme": { "type": "HEADER", "key": "Authorization", "value": "very secret" } });
    let token = json!({ "uri": endpoint.url, "authType": "client_secret_post", "clientId": "me",
        "clientSecret": "very secret", "tokenUrl": format!("{}/token", endpoint.url), "scope": "api" });
    let payload = json!({ "source": "x", "data": { "n": 1 } });
    for (body, expected) in [
        (hook("a", "HTTP", secret.clone()), (200, json!({ "commands": [] }))),
        (hook("b", "OAUTH", token), (200, json!({ "commands": [1] }))),
        (hook("c", "HTTP", secret), (400, json!("E0000135"))),
    ] {
        let (status, made, _) = call(&org, "POST", "/api/v1/inlineHooks", &body).await;
        assert_eq!(status, 200, "{made}");
        let path = format!("/api/v1/inlineHooks/{}/execute", made["id"].as_str().unwrap());
        let (status, answer, _) = call(&org, "POST", &path, &payload).await;
        let told = answer.get("errorCode").cloned().unwrap_or(answer);
        assert_eq!((status, told), expected);
    }
    let seen = endpoint.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen[0].ends_with(&payload.to_string()) && seen[2].ends_with(&payload.to_string()));
    assert_eq!(header(&seen[0], "authorization"), Some("very secret"));
    assert!(seen[1].starts_with("POST /hook/token "), "{}", seen[1]);
    assert!(
        seen[1].ends_with("grant_type=client_credentials&client_id=me&client_secret=very+secret&scope=api")
    );
    assert_eq!(header(&seen[2], "authorization"), Some("Bearer t0ken"));
}

#[tokio::test]
async fn the_ledger_shows_one_exchange_and_no_secret_of_the_hook() {
    let org = MockOrg::builder().start().await.unwrap();
    let endpoint = Endpoint::with(vec![(200, r#"{"verification":"{challenge}"}"#)]).await;
    let path = event_hook(&org, &endpoint.url).await;
    call(&org, "POST", &format!("{path}/lifecycle/verify"), &Value::Null).await;
    let answer = wire::get(&format!("{}/orgs/default/ledger", org.control_url())).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let ledger = answer.json();
    let verified: Vec<&Value> = ledger
        .as_array()
        .unwrap()
        .iter()
        .filter(|kept| kept["request"]["target"].as_str().unwrap().ends_with("/verify"))
        .collect();
    assert_eq!(verified.len(), 1);
    assert_eq!(verified[0]["response"]["status"], 200);
    assert!(!verified[0].to_string().contains("very secret"));

    let reset = wire::json("POST", &format!("{}/orgs/default/reset", org.control_url()), "").await;
    assert_eq!(reset.status, 204, "{reset:?}");
    let (status, _, _) = call(&org, "GET", &path, &Value::Null).await;
    assert_eq!(status, 404, "a reset forgets hooks");
}
