//! `/api/v1/idps`: what a provider becomes by its type, its keys, the users that it knows.

use mock_server::org::certificate::certify;
use serde_json::{Value, json};

use crate::client::{BASE, Client, SUPER};

fn created(client: &Client, path: &str, body: &Value) -> Value {
    let answer = client.json("POST", SUPER, path, body);
    assert!(matches!(answer.status, 200 | 201), "{} {}", answer.status, answer.text());
    answer.json()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

fn social(kind: &str, protocol: &str) -> Value {
    json!({
        "type": kind,
        "name": kind,
        "issuerMode": "ORG_URL",
        "protocol": {
            "type": protocol,
            "scopes": ["openid"],
            "credentials": { "client": { "client_id": "c", "client_secret": "s", "pkce_required": null } },
        },
        "policy": { "maxClockSkew": 120_000 },
    })
}

fn saml(client: &Client) -> Value {
    let kid = text(&key(client), "/kid").to_owned();
    let body = json!({
        "type": "SAML2",
        "name": "SAML & more",
        "issuerMode": "ORG_URL",
        "protocol": {
            "type": "SAML2",
            "endpoints": { "sso": { "url": "https://idp.example.com", "binding": "HTTP-POST" } },
            "credentials": { "trust": { "issuer": "https://idp.example.com", "kid": kid } },
        },
        "policy": { "maxClockSkew": 120_000 },
    });
    created(client, "/api/v1/idps", &body)
}

/// A certificate of somebody else.
fn certificate(client: &Client) -> Value {
    certify(client.org.ids(), "theirs", client.org.clock().now(), 3).unwrap().shown
}

fn key(client: &Client) -> Value {
    let theirs = certificate(client);
    created(client, "/api/v1/idps/credentials/keys", &json!({ "x5c": [theirs["x5c"][0]] }))
}

#[test]
fn a_provider_is_what_its_type_says() {
    let client = Client::dev();
    for (kind, protocol, authorization) in [
        ("GOOGLE", "OIDC", "https://accounts.google.com/o/oauth2/auth"),
        ("FACEBOOK", "OAUTH2", "https://www.facebook.com/dialog/oauth"),
        ("MICROSOFT", "OIDC", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"),
        ("APPLE", "OIDC", "https://appleid.apple.com/auth/authorize"),
    ] {
        let idp = created(&client, "/api/v1/idps", &social(kind, protocol));
        let id = text(&idp, "/id");
        assert!(id.starts_with("0oa"));
        assert_eq!(text(&idp, "/protocol/endpoints/authorization/url"), authorization);
        assert_eq!(idp["policy"]["maxClockSkew"], 0, "{kind}: only SAML keeps it");
        assert_eq!(idp["policy"].get("trustClaims"), None);
        assert_eq!(
            idp["protocol"]["credentials"]["client"],
            json!({ "client_id": "c", "client_secret": "s" })
        );
        assert_eq!(
            text(&idp, "/_links/authorize/href"),
            format!(
                "{BASE}/oauth2/v1/authorize?idp={id}&client_id={{clientId}}&response_type={{responseType}}\
                 &response_mode={{responseMode}}&scope={{scopes}}&redirect_uri={{redirectUri}}&state={{state}}\
                 &nonce={{nonce}}"
            )
        );
        assert_eq!(idp["_links"].get("deactivate"), None);
    }
    let idp = saml(&client);
    assert_eq!(idp.get("issuerMode"), None);
    assert_eq!(idp["policy"]["maxClockSkew"], 120_000);
    assert_eq!(idp["protocol"]["endpoints"]["acs"], json!({ "binding": "HTTP-POST", "type": "INSTANCE" }));
    assert!(text(&idp, "/protocol/credentials/trust/audience").contains("/service-provider/sp"));
    assert!(idp["_links"].get("metadata").is_some() && idp["_links"].get("authorize").is_none());
}

#[test]
fn a_replaced_saml_provider_keeps_its_audience_and_its_key() {
    let client = Client::dev();
    let before = saml(&client);
    let path = format!("/api/v1/idps/{}", text(&before, "/id"));
    let mut body = before.clone();
    body["name"] = json!("other");
    body["protocol"]["credentials"]["trust"]["audience"] = json!("https://mine.example.com");
    body["protocol"]["credentials"].as_object_mut().unwrap().remove("signing");
    let answer = client.json("PUT", SUPER, &path, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let after = answer.json();
    assert_eq!(after["name"], "other");
    for pointer in ["/created", "/protocol/credentials/trust/audience", "/protocol/credentials/signing/kid"] {
        assert_eq!(after.pointer(pointer), before.pointer(pointer), "{pointer}");
    }
}

#[test]
fn certificates_are_read_and_told_apart() {
    let client = Client::dev();
    let path = "/api/v1/idps/credentials/keys";
    let theirs = certificate(&client);
    let body = json!({ "x5c": [theirs["x5c"][0]] });
    let key = created(&client, path, &body);
    for name in ["kty", "use", "expiresAt", "x5t#S256", "e", "n"] {
        assert_eq!(key[name], theirs[name], "{name}");
    }
    assert_eq!(text(&key, "/kid").len(), 36);
    let again = client.json("POST", SUPER, path, &body);
    let expected =
        format!("409 E0000096 This certificate has already been uploaded with kid={}.", text(&key, "/kid"));
    assert_eq!(again.error(), expected);
    assert_eq!(client.json("POST", SUPER, path, &json!({ "x5c": ["AAAA"] })).status, 400);
    let kept = format!("{path}/{}", text(&key, "/kid"));
    assert_eq!(client.get(SUPER, &kept).json(), key);
    assert_eq!(client.delete(SUPER, &kept).status, 204);
    assert_eq!(
        client.get(SUPER, &kept).error(),
        format!("404 E0000007 Not found: Resource not found: {} (IdpTrust)", text(&key, "/kid"))
    );
}

#[test]
fn a_certificate_that_a_provider_signs_with_stays() {
    let client = Client::dev();
    let idp = saml(&client);
    let kid = text(&idp, "/protocol/credentials/trust/kid");
    let path = format!("/api/v1/idps/credentials/keys/{kid}");
    assert_eq!(client.delete(SUPER, &path).status, 400);
    assert_eq!(client.delete(SUPER, &format!("/api/v1/idps/{}", text(&idp, "/id"))).status, 204);
    assert_eq!(client.delete(SUPER, &path).status, 204);
}

#[test]
fn the_org_signs_with_keys_of_its_own() {
    let client = Client::dev();
    let (one, two) = (saml(&client), created(&client, "/api/v1/idps", &social("GOOGLE", "OIDC")));
    let path = format!("/api/v1/idps/{}/credentials/keys", text(&one, "/id"));
    let listed = client.get(SUPER, &path).json();
    assert_eq!(listed[0]["kid"], one["protocol"]["credentials"]["signing"]["kid"], "the org's key is there");
    assert_eq!(client.get(SUPER, &format!("{path}/active")).json(), listed);
    assert_eq!(
        client.json("POST", SUPER, &format!("{path}/generate?validityYears=1"), &json!({})).status,
        400
    );
    let made =
        client.send("POST", &format!("{path}/generate?validityYears=2"), &[("Authorization", SUPER)], "");
    assert_eq!(made.status, 201);
    let kid = text(&made.json(), "/kid").to_owned();
    assert_eq!(made.header("location"), Some(&*format!("{BASE}{path}/{kid}")));
    let target = text(&two, "/id");
    let clone = format!("{path}/{kid}/clone?targetIdpId={target}");
    let cloned = client.send("POST", &clone, &[("Authorization", SUPER)], "");
    assert_eq!(cloned.status, 201);
    assert_eq!(
        client.send("POST", &clone, &[("Authorization", SUPER)], "").status,
        400,
        "it is there already"
    );
    let there = client.get(SUPER, &format!("/api/v1/idps/{target}/credentials/keys/{kid}"));
    assert_eq!(there.json(), made.json());
}

#[test]
fn a_request_for_a_certificate_waits_until_it_is_published() {
    let client = Client::dev();
    let idp = saml(&client);
    let path = format!("/api/v1/idps/{}/credentials/csrs", text(&idp, "/id"));
    let body = json!({
        "subject": { "countryName": "CAN", "commonName": "SP Issuer" },
        "subjectAltNames": { "dnsNames": ["dev.okta.com"] },
    });
    let answer = client.json("POST", SUPER, &path, &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let csr = answer.json();
    let own = format!("{path}/{}", text(&csr, "/id"));
    assert_eq!(answer.header("location"), Some(&*format!("{BASE}{own}")));
    assert_eq!(client.get(SUPER, &path).json(), json!([csr]));
    let other = certificate(&client);
    let publish = format!("{own}/lifecycle/publish");
    let headers = [("Authorization", SUPER), ("Content-Type", "application/x-x509-ca-cert")];
    let refused = client.send("POST", &publish, &headers, text(&other, "/x5c/0"));
    assert_eq!(refused.status, 400, "it is for another key");
    assert_eq!(client.delete(SUPER, &own).status, 204);
    assert!(client.get(SUPER, &own).error().ends_with("(CertificateSigningRequest)"));
}

#[test]
fn metadata_names_the_audience_and_the_certificate() {
    let client = Client::dev();
    let idp = saml(&client);
    let path = format!("/api/v1/idps/{}/metadata.xml", text(&idp, "/id"));
    let answer = client.get(SUPER, &path);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=metadata.xml"));
    let audience = text(&idp, "/protocol/credentials/trust/audience");
    assert!(answer.text().contains(&format!("entityID=\"{audience}\"")), "{}", answer.text());
    assert!(answer.text().contains(">SAML &amp; more</md:ServiceName>"));
    assert_eq!(answer.text().matches("<ds:X509Certificate>MII").count(), 2);
    let other = created(&client, "/api/v1/idps", &social("GOOGLE", "OIDC"));
    assert_eq!(client.get(SUPER, &format!("/api/v1/idps/{}/metadata.xml", text(&other, "/id"))).status, 404);
}

#[test]
fn users_are_linked_to_providers_and_back() {
    let client = Client::dev();
    let idp = created(&client, "/api/v1/idps", &social("GOOGLE", "OIDC"));
    let me = client.get(SUPER, "/api/v1/users/me").json();
    let user = text(&me, "/id");
    let path = format!("/api/v1/idps/{}/users", text(&idp, "/id"));
    let own = format!("{path}/{user}");
    let of_user = format!("/api/v1/users/{user}/idps");
    assert_eq!(client.get(SUPER, &of_user).json(), json!([]));
    assert_eq!(
        client.json("POST", SUPER, &format!("{path}/00unobody"), &json!({ "externalId": "1" })).status,
        404
    );
    let linked = client.json("POST", SUPER, &own, &json!({ "externalId": "121749775026145" }));
    assert_eq!(linked.status, 200, "{}", linked.text());
    assert_eq!(linked.json()["externalId"], "121749775026145");
    assert_eq!(client.get(SUPER, &path).json()[0]["id"], user);
    let embedded = client.get(SUPER, &format!("{path}?expand=user")).json();
    assert_eq!(embedded[0]["_embedded"]["user"]["profile"], me["profile"]);
    let first = text(&me, "/profile/firstName").to_lowercase();
    for (q, found) in [(first.as_str(), 1), ("nobody", 0)] {
        let listed = client.get(SUPER, &format!("{path}?q={q}")).json();
        assert_eq!(listed.as_array().unwrap().len(), found, "{q}");
    }
    assert_eq!(client.get(SUPER, &of_user).json()[0]["id"], idp["id"]);
    assert_eq!(client.get(SUPER, &format!("{own}/credentials/tokens")).json(), json!([]));
    assert_eq!(client.delete(SUPER, &own).status, 204);
    assert_eq!(client.get(SUPER, &of_user).json(), json!([]));
}
