//! `/api/v1/apps/{id}/grants` (mgmt-facts §7.1): shapes, refusals, and what they do to the next token.

use serde_json::json;

use crate::client::{BASE, Client, SUPER};

const APP: &str = "0oadevservice00001d7";

fn scopes_of(client: &Client, asked: &str) -> String {
    let bearer = client.bearer(APP, "client-rsa", asked);
    let payload = bearer.split('.').nth(1).unwrap();
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["scp"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_grant_is_in_the_next_token_and_a_revoked_one_is_not() {
    let client = Client::dev();
    let path = format!("/api/v1/apps/{APP}/grants");
    assert_eq!(scopes_of(&client, "okta.users.read okta.logs.read"), "okta.users.read");

    let made = client.json("POST", SUPER, &path, &json!({ "issuer": BASE, "scopeId": "okta.logs.read" }));
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("oag") && id.len() == 20);
    let keys: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "id",
            "status",
            "created",
            "createdBy",
            "lastUpdated",
            "issuer",
            "clientId",
            "scopeId",
            "source",
            "_embedded",
            "_links"
        ]
    );
    assert_eq!(made["createdBy"]["type"], "User");
    assert_eq!((&made["issuer"], &made["source"]), (&json!(BASE), &json!("ADMIN")));
    assert_eq!(made["_embedded"]["scope"]["id"], "okta.logs.read");
    assert_eq!(made["_links"]["client"]["href"], format!("{BASE}/oauth2/v1/clients/{APP}"));
    assert_eq!(made["_links"]["self"]["hints"]["allow"], json!(["GET", "DELETE"]));
    assert_eq!(scopes_of(&client, "okta.users.read okta.logs.read"), "okta.users.read okta.logs.read");

    let single = client.get(SUPER, &format!("{path}/{id}")).json();
    assert!(single.get("_embedded").is_none());
    assert_eq!(single["_links"], made["_links"]);
    let expanded = client.get(SUPER, &format!("{path}/{id}?expand=scope")).json();
    assert_eq!(expanded, made);
    let list = client.get(SUPER, &path);
    assert_eq!(list.headers("link").count(), 0, "grants are not cut into pages");
    assert_eq!(list.json().as_array().unwrap().last().unwrap(), &single);

    let again = client.json("POST", SUPER, &path, &json!({ "issuer": BASE, "scopeId": "okta.logs.read" }));
    assert_eq!((again.status, &again.json()["id"]), (200, &made["id"]), "a grant is there once");

    let gone = client.delete(SUPER, &format!("{path}/{id}"));
    assert_eq!((gone.status, gone.text()), (204, ""));
    assert_eq!(scopes_of(&client, "okta.users.read okta.logs.read"), "okta.users.read");
    let twice = client.delete(SUPER, &format!("{path}/{id}")).error();
    assert_eq!(twice, format!("404 E0000007 Not found: Resource not found: {id} (OAuth2ScopeConsentGrant)"));
}

/// Recorded in 2020 with 200; the SDKs of today know 201 alone.
#[test]
fn a_dialect_answers_a_grant_with_201() {
    let dialect = "[dialect]\nnew_grant = \"201\"\n";
    let client = Client::of(&format!("{}\n{dialect}", include_str!("../../../fixtures/orgs/dev.toml")));
    let body = json!({ "issuer": BASE, "scopeId": "okta.logs.read" });
    let made = client.json("POST", SUPER, &format!("/api/v1/apps/{APP}/grants"), &body);
    assert_eq!((made.status, &made.json()["scopeId"]), (201, &json!("okta.logs.read")));
}

#[test]
fn what_cannot_be_granted_is_refused() {
    let client = Client::dev();
    let path = format!("/api/v1/apps/{APP}/grants");
    for (body, expected) in [
        (json!({}), "400 E0000001 Api validation failed: issuer"),
        (json!({ "issuer": BASE }), "400 E0000001 Api validation failed: scopeId"),
        (
            json!({ "issuer": BASE, "scopeId": "okta.nothing.read" }),
            "400 E0000001 Api validation failed: scopeId",
        ),
        (
            json!({ "issuer": "https://other.example", "scopeId": "okta.logs.read" }),
            "400 E0000001 Api validation failed: issuer",
        ),
        (json!([]), "400 E0000003 The request body was not well-formed."),
    ] {
        assert_eq!(client.json("POST", SUPER, &path, &body).error(), expected, "{body}");
    }
    let form = client.send("POST", &path, &[("Authorization", SUPER), ("Content-Type", "text/plain")], "x");
    assert_eq!(form.json()["errorCode"], "E0000021");
    let unknown = client.get(SUPER, "/api/v1/apps/0oanothing/grants").error();
    assert_eq!(unknown, "404 E0000007 Not found: Resource not found: 0oanothing (AppInstance)");
}

/// Only super administrators grant scopes (mgmt-facts §1.4, §7.7); read-only ones look.
#[test]
fn roles_decide_who_grants() {
    let client = Client::of(include_str!("registrars.toml"));
    let path = "/api/v1/apps/0oareader00000000001/grants";
    let body = json!({ "issuer": BASE, "scopeId": "okta.logs.read" });
    for (token, get, post) in [
        ("SSWS super", 200, 200),
        ("SSWS app", 200, 403),
        ("SSWS readonly", 200, 403),
        ("SSWS org", 403, 403),
    ] {
        assert_eq!(client.get(token, path).status, get, "{token}");
        assert_eq!(client.json("POST", token, path, &body).status, post, "{token}");
    }
    let lacking = client.get(&client.bearer("0oareader00000000001", "client-rsa", "okta.clients.read"), path);
    assert_eq!((lacking.status, lacking.text()), (403, ""));
    assert!(lacking.header("www-authenticate").unwrap().contains("scope=\"okta.appGrants.read\""));
}
