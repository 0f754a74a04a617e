//! `/api/v1/authorizationServers` and what it does to tokens.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::client::{Answer, BASE, Client};

const ADMIN: &str = "SSWS 00serversToken000000000000000000000000000A";
const ROOT: &str = "/api/v1/authorizationServers";

fn client() -> Client {
    Client::of(include_str!("authorization_servers.toml"))
}

/// A new server without policies.
fn server(client: &Client) -> Value {
    let body = json!({ "name": "orders", "description": "Orders", "audiences": ["api://orders"] });
    let made = client.json("POST", ADMIN, ROOT, &body);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

fn id_of(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn make(client: &Client, path: &str, body: &Value) -> Value {
    let made = client.json("POST", ADMIN, path, body);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

fn token(client: &Client, server: &str, body: &str) -> Answer {
    let basic =
        format!("Basic {}", STANDARD.encode("0oaboth0000000000001:both-secret-0123456789abcdefghijklmnopqr"));
    let headers = [("Authorization", &*basic), ("Content-Type", "application/x-www-form-urlencoded")];
    client.send("POST", &format!("/oauth2/{server}/v1/token"), &headers, body)
}

fn password(login: &str, scope: &str) -> String {
    format!("grant_type=password&username={login}%40example.com&password=ada-password-1&scope={scope}")
}

fn claims(answer: &Answer, token: &str) -> Value {
    let body = answer.json();
    let token = body[token].as_str().unwrap_or_else(|| panic!("{}", answer.text()));
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn rule(name: &str, grants: &[&str], groups: &[&str], scopes: &[&str], minutes: i64) -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "name": name,
        "priority": 1,
        "conditions": {
            "people": { "groups": { "include": groups } },
            "grantTypes": { "include": grants },
            "scopes": { "include": scopes },
        },
        "actions": { "token": {
            "accessTokenLifetimeMinutes": minutes, "refreshTokenLifetimeMinutes": 0, "refreshTokenWindowMinutes": 60,
        } },
    })
}

#[test]
fn a_new_server_has_okta_s_scopes_and_lets_nobody_in() {
    let client = client();
    let server = server(&client);
    let id = id_of(&server);
    assert_eq!(server["issuer"], format!("{BASE}/oauth2/{id}"));
    let scopes = client.get(ADMIN, &format!("{ROOT}/{id}/scopes")).json();
    let names: Vec<_> =
        scopes.as_array().unwrap().iter().map(|scope| scope["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["openid", "profile", "email", "address", "phone", "offline_access", "device_sso"]);
    let claims = client.get(ADMIN, &format!("{ROOT}/{id}/claims")).json();
    assert_eq!((&claims[0]["name"], &claims[0]["system"]), (&json!("sub"), &json!(true)));
    assert_eq!(client.get(ADMIN, &format!("{ROOT}/{id}/policies")).json(), json!([]));

    make(&client, &format!("{ROOT}/{id}/scopes"), &json!({ "name": "orders.read" }));
    let refused = token(&client, &id, "grant_type=client_credentials&scope=orders.read");
    let text = "Policy evaluation failed for this request, please check the policy configurations.";
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json(), json!({ "error": "access_denied", "error_description": text }));
    // `default` lets everybody in, but does not have the scope.
    let refused = token(&client, "default", "grant_type=client_credentials&scope=orders.read");
    assert_eq!(refused.json()["error"], "invalid_scope");

    assert_eq!(
        client.json("POST", ADMIN, &format!("{ROOT}/{id}/lifecycle/deactivate"), &json!({})).status,
        204
    );
    assert_eq!(token(&client, &id, "grant_type=client_credentials").status, 404);
    assert_eq!(client.delete(ADMIN, &format!("{ROOT}/{id}")).status, 204);
    let gone = client.get(ADMIN, &format!("{ROOT}/{id}/scopes"));
    assert_eq!(
        gone.error(),
        format!("404 E0000007 Not found: Resource not found: {id} (AuthorizationServer)")
    );
}

#[test]
fn rules_say_who_gets_what_for_how_long() {
    let client = client();
    let id = id_of(&server(&client));
    for name in ["orders.read", "orders.write"] {
        make(&client, &format!("{ROOT}/{id}/scopes"), &json!({ "name": name }));
    }
    let policies = format!("{ROOT}/{id}/policies");
    let policy = json!({
        "type": "OAUTH_AUTHORIZATION_POLICY", "name": "own", "description": "own", "priority": 1,
        "conditions": { "clients": { "include": ["0oaboth0000000000001"] } },
    });
    let policy = make(&client, &policies, &policy);
    let rules = format!("{policies}/{}/rules", id_of(&policy));
    make(&client, &rules, &rule("staff", &["password"], &["00gstaff000000000001"], &["*"], 15));
    make(&client, &rules, &rule("service", &["client_credentials"], &["EVERYONE"], &["orders.read"], 30));

    let answer = token(&client, &id, "grant_type=client_credentials&scope=orders.read");
    assert_eq!(answer.json()["expires_in"], 1800);
    assert_eq!(
        token(&client, &id, "grant_type=client_credentials&scope=orders.write").json()["error"],
        "access_denied"
    );
    let answer = token(&client, &id, &password("ada.admin", "orders.write+openid+offline_access"));
    assert_eq!(answer.json()["expires_in"], 900);
    let uma = password("uma.user", "orders.write").replace("ada-password", "uma-password");
    assert_eq!(token(&client, &id, &uma).json()["error"], "access_denied");

    // Who has a refresh token goes on while the rule is there.
    let refresh = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    let again = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_eq!(token(&client, &id, &again).json()["expires_in"], 900);
    let clients = client.get(ADMIN, &format!("{ROOT}/{id}/clients")).json();
    assert_eq!(
        (clients.as_array().unwrap().len(), &clients[0]["client_id"]),
        (1, &json!("0oaboth0000000000001"))
    );
    let tokens = format!("{ROOT}/{id}/clients/0oaboth0000000000001/tokens");
    let held = client.get(ADMIN, &format!("{tokens}?expand=scope")).json();
    assert_eq!(held[0]["scopes"], json!(["orders.write", "openid", "offline_access"]));
    assert_eq!(
        held[0]["_embedded"]["scopes"][1]["description"],
        "Signals that a request is an OpenID request"
    );
    let user = held[0]["userId"].as_str().unwrap();
    for other in [
        "/api/v1/apps/0oaboth0000000000001/tokens".to_owned(),
        format!("/api/v1/users/{user}/clients/0oaboth0000000000001/tokens"),
    ] {
        let listed = client.get(ADMIN, &format!("{other}?expand=scope")).json();
        assert_eq!(listed[0]["_embedded"], held[0]["_embedded"], "{other}");
        assert_eq!(client.get(ADMIN, &other).json()[0].get("_embedded"), None, "{other}");
    }
    assert_eq!(client.delete(ADMIN, &tokens).status, 204);
    assert_eq!(client.get(ADMIN, &tokens).json(), json!([]));
    assert_eq!(token(&client, &id, &again).json()["error"], "invalid_grant");
}

#[test]
fn priorities_have_no_gaps() {
    let client = client();
    let id = id_of(&server(&client));
    let policies = format!("{ROOT}/{id}/policies");
    let policy = |name: &str, priority: i64| {
        json!({
            "type": "OAUTH_AUTHORIZATION_POLICY", "name": name, "description": name, "priority": priority,
            "conditions": { "clients": { "include": ["ALL_CLIENTS"] } },
        })
    };
    let a = make(&client, &policies, &policy("a", 9));
    assert_eq!(a["priority"], 1);
    make(&client, &policies, &policy("b", 1));
    make(&client, &policies, &policy("c", 2));
    let order = || {
        let list = client.get(ADMIN, &policies).json();
        let mut all: Vec<_> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["priority"].as_i64().unwrap(), one["name"].clone()))
            .collect();
        all.sort_by_key(|(priority, _)| *priority);
        all
    };
    assert_eq!(order(), [(1, json!("b")), (2, json!("c")), (3, json!("a"))]);
    client.json("PUT", ADMIN, &format!("{policies}/{}", id_of(&a)), &policy("a", 1));
    assert_eq!(order(), [(1, json!("a")), (2, json!("b")), (3, json!("c"))]);
    client.delete(ADMIN, &format!("{policies}/{}", id_of(&a)));
    assert_eq!(order(), [(1, json!("b")), (2, json!("c"))]);
}

#[test]
fn claims_are_in_the_tokens_that_they_are_for() {
    let client = client();
    let path = format!("{ROOT}/default/claims");
    let claim = |name: &str, kind: &str, value_type: &str, value: &str, always: bool| {
        json!({
            "name": name, "status": "ACTIVE", "claimType": kind, "valueType": value_type, "value": value,
            "alwaysIncludeInToken": always, "conditions": { "scopes": ["profile"] },
        })
    };
    make(&client, &path, &claim("mail", "RESOURCE", "EXPRESSION", "String.toUpperCase(user.email)", true));
    make(&client, &path, &claim("iss", "RESOURCE", "EXPRESSION", "'mine'", true));
    make(&client, &path, &claim("teams", "IDENTITY", "GROUPS", "St", true));
    make(&client, &path, &claim("level", "IDENTITY", "EXPRESSION", "1 + 2", false));
    let answer = token(&client, "default", &password("ada.admin", "openid+profile"));
    let access = claims(&answer, "access_token");
    assert_eq!(access["mail"], "ADA.ADMIN@EXAMPLE.COM");
    assert_eq!(access["iss"], format!("{BASE}/oauth2/default"), "no claim takes the place of Okta's");
    assert_eq!((access.get("teams"), access.get("level")), (None, None));
    let identity = claims(&answer, "id_token");
    assert_eq!((&identity["teams"], identity.get("level")), (&json!(["Staff"]), None));
    let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
    let told = client.get(&bearer, "/oauth2/default/v1/userinfo").json();
    assert_eq!((&told["level"], &told["teams"]), (&json!(3), &json!(["Staff"])));
    let plain = claims(&token(&client, "default", &password("ada.admin", "openid")), "access_token");
    assert_eq!(plain.get("mail"), None, "the scope that brings it is not there");
}

#[test]
fn keys_are_the_server_s_own_and_rotate() {
    let client = client();
    let before = token(&client, "default", &password("ada.admin", "openid"));
    let kids = |path: &str| -> Vec<String> {
        let keys = client.get(ADMIN, path).json();
        let keys = keys.get("keys").cloned().unwrap_or(keys);
        keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let first = kids("/oauth2/default/v1/keys");
    assert_eq!(first.len(), 2);
    assert_eq!(first, kids(&format!("{ROOT}/default/credentials/keys")));
    assert!(kids("/oauth2/v1/keys").iter().all(|kid| !first.contains(kid)), "no key is shared");
    let rotated = client.json(
        "POST",
        ADMIN,
        &format!("{ROOT}/default/credentials/lifecycle/keyRotate"),
        &json!({ "use": "sig" }),
    );
    let statuses: Vec<_> =
        rotated.json().as_array().unwrap().iter().map(|key| key["status"].clone()).collect();
    assert_eq!(statuses, ["ACTIVE", "NEXT", "EXPIRED"]);
    let second = kids("/oauth2/default/v1/keys");
    assert_eq!((&second[0], &second[2]), (&first[1], &first[0]));
    let after = token(&client, "default", &password("ada.admin", "openid"));
    for answer in [&before, &after] {
        let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
        assert_eq!(client.get(&bearer, "/oauth2/default/v1/userinfo").status, 200);
    }
    let server = client.get(ADMIN, &format!("{ROOT}/default")).json();
    assert_eq!(server["credentials"]["signing"]["kid"], second[0]);
}

#[test]
fn servers_trust_each_other_and_encrypt_for_their_apis() {
    let client = client();
    let id = id_of(&server(&client));
    let trusted = format!("{ROOT}/{id}/associatedServers");
    let default = id_of(&client.get(ADMIN, &format!("{ROOT}/default")).json());
    let listed = client.json("POST", ADMIN, &trusted, &json!({ "trusted": [default] })).json();
    assert_eq!(listed[0]["_links"]["self"]["href"], format!("{BASE}{trusted}/{default}"));
    assert_eq!(client.get(ADMIN, &format!("{trusted}?trusted=true")).json(), listed);
    assert_eq!(client.get(ADMIN, &format!("{trusted}?trusted=false")).json(), json!([]));
    assert_eq!(client.delete(ADMIN, &format!("{trusted}/{default}")).status, 204);
    assert_eq!(client.get(ADMIN, &format!("{trusted}?trusted=true")).json(), json!([]));

    let keys = format!("{ROOT}/{id}/resourceservercredentials/keys");
    let key = |kid: &str, status: &str| json!({ "kid": kid, "kty": "RSA", "use": "enc", "e": "AQAB", "n": "x", "status": status });
    let cause =
        client.json("POST", ADMIN, &keys, &key("a", "ACTIVE")).json()["errorCauses"][0]["errorSummary"]
            .clone();
    assert_eq!(
        cause,
        "Keys cannot be created with an ''ACTIVE'' status. Create an ''INACTIVE'' key and then activate it."
    );
    let made: Vec<_> = ["a", "b"].map(|kid| id_of(&make(&client, &keys, &key(kid, "INACTIVE")))).to_vec();
    for one in &made {
        let done = client.json("POST", ADMIN, &format!("{keys}/{one}/lifecycle/activate"), &json!({}));
        assert_eq!((done.status, &done.json()["status"]), (200, &json!("ACTIVE")));
    }
    assert_eq!(
        client.get(ADMIN, &format!("{keys}/{}", made[0])).json()["status"],
        "INACTIVE",
        "one key encrypts"
    );
    assert_eq!(client.delete(ADMIN, &format!("{keys}/{}", made[1])).status, 400);
    assert_eq!(client.delete(ADMIN, &format!("{keys}/{}", made[0])).status, 204);
}
