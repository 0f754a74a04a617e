//! `/oauth2/v1/clients` (token-facts §12 dcr.*): registration, its refusals, and that a registered client is a client.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::exchange::{Answered, CallFailure};
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use serde_json::{Value, json};

use crate::client::{BASE, Client};

const SUPER: &str = "SSWS super";
const CLIENTS: &str = "/oauth2/v1/clients";

fn org() -> Client {
    Client::of(include_str!("registrars.toml"))
}

fn key(name: &str, kid: &str) -> Value {
    let mut jwk = jwk_from_pem(fixture_pem(name).unwrap()).unwrap();
    jwk.insert("kid".into(), json!(kid));
    Value::Object(jwk)
}

fn service() -> Value {
    json!({
        "client_name": "Example Service Client",
        "response_types": ["token"],
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt",
        "application_type": "service",
        "jwks": { "keys": [key("client-rsa", "key1")] },
    })
}

fn web() -> Value {
    json!({
        "client_name": "Example OAuth 2.0 client",
        "client_uri": "https://www.example.com",
        "logo_uri": "https://www.example.com/logo.png",
        "application_type": "web",
        "redirect_uris": ["https://www.example.com/oauth2/redirectUri"],
        "post_logout_redirect_uris": ["https://www.example.com/oauth2/postLogoutRedirectUri"],
        "response_types": ["code", "id_token"],
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
        "token_endpoint_auth_method": "client_secret_post",
        "initiate_login_uri": "https://www.example.com/oauth2/login",
    })
}

fn keys_of(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_registered_service_gets_a_token() {
    let org = org();
    let made = org.json("POST", SUPER, CLIENTS, &service());
    assert_eq!(made.status, 201, "{}", made.text());
    let client = made.json();
    assert_eq!(
        keys_of(&client),
        [
            "client_id",
            "client_id_issued_at",
            "client_name",
            "client_uri",
            "logo_uri",
            "redirect_uris",
            "response_types",
            "grant_types",
            "token_endpoint_auth_method",
            "application_type",
            "jwks"
        ],
        "no secret for private_key_jwt"
    );
    assert_eq!(keys_of(&client["jwks"]["keys"][0]), ["kty", "kid", "use", "e", "n"]);
    assert_eq!(client["jwks"]["keys"][0]["use"], Value::Null);
    let id = client["client_id"].as_str().unwrap();
    assert!(id.starts_with("0oa") && id.len() == 20);

    // It is an app, it can be granted a scope and a role, and then it reads users.
    let app = org.get(SUPER, &format!("/api/v1/apps/{id}")).json();
    assert_eq!(app["settings"]["oauthClient"]["consent_method"], "REQUIRED");
    assert_eq!(app["label"], "Example Service Client");
    let grant = json!({ "issuer": BASE, "scopeId": "okta.users.read" });
    assert_eq!(org.json("POST", SUPER, &format!("/api/v1/apps/{id}/grants"), &grant).status, 200);
    let role = json!({ "type": "READ_ONLY_ADMIN" });
    assert_eq!(org.json("POST", SUPER, &format!("{CLIENTS}/{id}/roles"), &role).status, 201);
    let bearer = org.bearer(id, "client-rsa", "okta.users.read");
    assert_eq!(org.get(&bearer, "/api/v1/users").json().as_array().unwrap().len(), 4);

    // Deleted, it is gone with all that it had, and so are its tokens.
    let gone = org.delete(SUPER, &format!("{CLIENTS}/{id}"));
    assert_eq!((gone.status, gone.text()), (204, ""));
    assert_eq!(org.get(&bearer, "/api/v1/users").status, 401);
    assert_eq!(org.org.state().derived.grants(id).len(), 0);
    assert_eq!(org.org.state().derived.roles(id).count(), 0);
    let missing = format!("404 E0000007 Not found: Resource not found: {id} (PublicClientApp)");
    assert_eq!(org.get(SUPER, &format!("{CLIENTS}/{id}")).error(), missing);
    assert_eq!(org.delete(SUPER, &format!("{CLIENTS}/{id}")).error(), missing);
    assert_eq!(org.json("PUT", SUPER, &format!("{CLIENTS}/{id}"), &service()).error(), missing);
}

#[test]
fn a_web_client_has_a_secret_that_is_shown_when_it_is_written() {
    let org = org();
    let made = org.json("POST", SUPER, CLIENTS, &web());
    assert_eq!(made.status, 201, "{}", made.text());
    let client = made.json();
    let secret = client["client_secret"].as_str().unwrap();
    assert_eq!(secret.len(), 64);
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["post_logout_redirect_uris"], web()["post_logout_redirect_uris"]);
    assert_eq!(client["initiate_login_uri"], "https://www.example.com/oauth2/login");
    let id = client["client_id"].as_str().unwrap();
    let path = format!("{CLIENTS}/{id}");

    let read = org.get(SUPER, &path).json();
    assert!(read.get("client_secret").is_none());
    assert_eq!(read["client_secret_expires_at"], 0);

    // A replacement keeps the secret, and nothing that it does not say.
    let mut update = web();
    update["client_id"] = json!(id);
    update["client_name"] = json!("Updated OAuth 2.0 client");
    update["grant_types"] = json!(["authorization_code"]);
    update.as_object_mut().unwrap().remove("logo_uri");
    let replaced = org.json("PUT", SUPER, &path, &update);
    assert_eq!(replaced.status, 200, "{}", replaced.text());
    let replaced = replaced.json();
    assert_eq!(replaced["client_secret"], secret);
    assert_eq!(replaced["client_name"], "Updated OAuth 2.0 client");
    assert_eq!(
        (&replaced["grant_types"], &replaced["logo_uri"]),
        (&json!(["authorization_code"]), &Value::Null)
    );
    assert_eq!(replaced["client_id_issued_at"], client["client_id_issued_at"]);

    let renewed = org.json("POST", SUPER, &format!("{path}/lifecycle/newSecret"), &json!({}));
    assert_eq!(renewed.status, 200);
    assert_ne!(renewed.json()["client_secret"], secret);
    assert_eq!(renewed.json()["client_secret"].as_str().unwrap().len(), 64);
}

/// The secret that is shown is the one that works, before and after it is renewed. The token endpoint tells a wrong
/// secret before it looks at anything else of the request.
#[test]
fn the_secret_that_is_shown_is_the_one_that_works() {
    let org = org();
    let mut basic = web();
    basic["token_endpoint_auth_method"] = json!("client_secret_basic");
    let client = org.json("POST", SUPER, CLIENTS, &basic).json();
    let id = client["client_id"].as_str().unwrap();
    let outcome = |secret: &Value| {
        let value = format!("Basic {}", STANDARD.encode(format!("{id}:{}", secret.as_str().unwrap())));
        let headers =
            [("Authorization", value.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        let answer = org.send("POST", "/oauth2/v1/token", &headers, "grant_type=client_credentials");
        answer.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome(&client["client_secret"]), "unauthorized_client");
    let renewed = org.json("POST", SUPER, &format!("{CLIENTS}/{id}/lifecycle/newSecret"), &json!({})).json();
    assert_eq!(outcome(&client["client_secret"]), "invalid_client");
    assert_eq!(outcome(&renewed["client_secret"]), "unauthorized_client");
}

/// A client may publish its keys itself: they are fetched when they are needed, kept, and fetched again for a key that is
/// not among them (token-facts tok.assert.jwks_uri_*).
#[test]
fn keys_behind_a_url_are_fetched() {
    const KEYS: &str = "https://www.example.com/oauth2/jwks-uri";
    let org = org();
    let mut body = service();
    body.as_object_mut().unwrap().remove("jwks");
    body["jwks_uri"] = json!(KEYS);
    let made = org.json("POST", SUPER, CLIENTS, &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made["jwks_uri"], KEYS);
    let id = made["client_id"].as_str().unwrap();

    let calls = std::cell::Cell::new(0);
    let ask = |kid: &str, set: Result<Value, CallFailure>| {
        let now = org.org.clock().now().as_second();
        let claims = json!({
            "iss": id, "sub": id, "aud": format!("{BASE}/oauth2/v1/token"), "exp": now + 300,
            "jti": org.org.ids().word(20),
        });
        let private = EncodingKey::from_rsa_pem(fixture_pem("client-rsa").unwrap().as_bytes()).unwrap();
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
        let assertion = jsonwebtoken::encode(&header, &claims, &private).unwrap();
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let form = format!(
            "grant_type=client_credentials&scope=okta.users.read&client_assertion_type={kind}&client_assertion={assertion}"
        );
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer = org.send_with(("POST", "/oauth2/v1/token"), &headers, &form, |call| {
            assert_eq!((call.method.as_str(), call.url.as_str()), ("GET", KEYS));
            calls.set(calls.get() + 1);
            set.clone().map(|set| Answered { status: 200, body: set.to_string().into() })
        });
        answer.json()["error_description"].as_str().unwrap_or("-").to_owned()
    };
    let named = |kid: &str| key("client-rsa", kid);
    let set = |keys: &[Value]| Ok(json!({ "keys": keys }));
    assert_eq!(ask("a", Err(CallFailure::TimedOut(3))), "Error retrieving the client JWKSet from jwks_uri.");
    assert_eq!(ask("a", set(&[])), "The client JWKSet from jwks_uri must contain at least one key.");
    let text = "All keys in the client JWKSet from jwks_uri must have a unique kid.";
    assert_eq!(ask("a", set(&[named("a"), named("a")])), text);
    // Nothing is granted to it, which is told once the client is known by its key.
    let good = "You are not allowed any of the requested scopes.";
    assert_eq!(ask("a", set(&[named("a")])), good);
    assert_eq!(calls.get(), 4);
    assert_eq!(ask("a", Err(CallFailure::NotMade)), good, "the set is kept");
    assert_eq!(calls.get(), 4);
    assert_eq!(ask("b", set(&[named("a"), named("b")])), good, "another key is looked for");
    assert_eq!(ask("c", set(&[named("a")])), "The client_assertion JWT kid is invalid.", "once");
    assert_eq!(calls.get(), 6);
    org.org.clock().advance(jiff::SignedDuration::from_secs(301));
    assert_eq!(ask("a", set(&[named("a")])), good, "an old set is fetched again");
    assert_eq!(calls.get(), 7);
}

#[test]
fn a_client_without_a_secret_gets_no_new_one() {
    let org = org();
    let refused =
        org.json("POST", SUPER, "/oauth2/v1/clients/0oareader00000000001/lifecycle/newSecret", &json!({}));
    assert_eq!(refused.error(), "400 E0000001 Api validation failed: client_secret");
}

/// A fault in good metadata, and the `error_description`.
#[test]
fn bad_metadata_is_told() {
    let org = org();
    let rows: Vec<(Value, &str, Value, &str)> = vec![
        (service(), "client_name", Value::Null, "'client_name': The field cannot be left blank"),
        (service(), "client_name", json!(" "), "'client_name': The field cannot be left blank"),
        (service(), "client_name", json!(7), "'client_name': The field must be a string"),
        (service(), "client_id", json!("0oamine"), "'client_id': The field cannot be set"),
        (service(), "client_secret", json!("mine"), "'client_secret': The field cannot be set"),
        (service(), "client_id_issued_at", json!(1), "'client_id_issued_at': The field cannot be set"),
        (service(), "application_type", json!("tv"), "'application_type': The value 'tv' is not supported"),
        (
            service(),
            "grant_types",
            json!(["authorization_code"]),
            "'grant_types' must not contain 'authorization_code' when 'application_type' is 'service'",
        ),
        (
            service(),
            "grant_types",
            json!(["urn:ietf:params:oauth:grant-type:token-exchange"]),
            "'grant_types' must contain 'client_credentials' when 'application_type' is 'service'",
        ),
        (service(), "grant_types", json!(["magic"]), "'grant_types': The value 'magic' is not supported"),
        (
            service(),
            "grant_types",
            json!("client_credentials"),
            "'grant_types': The field must be an array of strings",
        ),
        (
            service(),
            "token_endpoint_auth_method",
            json!("none"),
            "'token_endpoint_auth_method' must not be 'none' when 'application_type' is 'service'",
        ),
        (
            service(),
            "token_endpoint_auth_method",
            json!("tls"),
            "'token_endpoint_auth_method': The value 'tls' is not supported",
        ),
        (
            service(),
            "jwks",
            Value::Null,
            "'jwks' or 'jwks_uri' is required when 'token_endpoint_auth_method' is 'private_key_jwt'",
        ),
        (
            service(),
            "jwks_uri",
            json!("https://k.example"),
            "'jwks' and 'jwks_uri' must not be present together",
        ),
        (service(), "jwks", json!([]), "'jwks': The client JWKSet is invalid."),
        (
            service(),
            "jwks",
            json!({ "keys": [{ "kty": "RSA", "kid": "a", "e": "AQAB", "n": "AJncrKuine49" }] }),
            "RSA key length in the 'jwks' is less than '2,048' bits for the given key.",
        ),
        (
            service(),
            "jwks",
            json!({ "keys": [key("client-rsa", "a"), key("client-ec256", "a")] }),
            "All keys in the 'jwks' must have a unique `kid`.",
        ),
        (web(), "redirect_uris", json!([]), "'redirect_uris': The field cannot be left blank"),
        (
            web(),
            "redirect_uris",
            json!(["https://a.example/#here"]),
            "'redirect_uris': All redirect URIs must be absolute URIs and must not include a fragment component",
        ),
        (
            web(),
            "post_logout_redirect_uris",
            json!(["/out"]),
            "'post_logout_redirect_uris': All redirect URIs must be absolute URIs and must not include a fragment component",
        ),
        (
            web(),
            "response_types",
            json!(["id_token"]),
            "'response_types' must contain 'code' when 'grant_types' contains 'authorization_code'",
        ),
        (
            web(),
            "response_types",
            json!(["code"]),
            "'response_types' must contain at least one of ['token', 'id_token'] when 'grant_types' contains 'implicit'",
        ),
        (
            web(),
            "grant_types",
            json!(["refresh_token"]),
            "'grant_types' must contain 'authorization_code' when 'application_type' is 'web'",
        ),
        (
            web(),
            "grant_types",
            json!(["authorization_code", "password"]),
            "'grant_types' must not contain 'password' when 'application_type' is 'web'",
        ),
        (
            web(),
            "application_type",
            json!("browser"),
            "'token_endpoint_auth_method' must be 'none' when 'application_type' is 'browser'",
        ),
        (web(), "client_uri", json!("nowhere"), "'client_uri': The field must be an absolute URL"),
    ];
    for (mut body, member, value, description) in rows {
        body[member] = value;
        let answer = org.json("POST", SUPER, CLIENTS, &body);
        let expected = json!({ "error": "invalid_client_metadata", "error_description": description });
        assert_eq!((answer.status, answer.text()), (400, expected.to_string().as_str()), "{member}");
    }
    assert_eq!(org.org.state().all("apps").len(), 7, "nothing was registered");
}

#[test]
fn a_client_with_nothing_but_what_is_needed_gets_the_defaults() {
    let org = org();
    let body = json!({ "client_name": "Small", "redirect_uris": ["https://small.example/callback"] });
    let client = org.json("POST", SUPER, CLIENTS, &body).json();
    for (member, value) in [
        ("application_type", json!("web")),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
    ] {
        assert_eq!(client[member], value, "{member}");
        // A replacement has no defaults.
        let mut update = client.clone();
        for own in ["client_secret", "client_id_issued_at", "client_secret_expires_at", member] {
            update.as_object_mut().unwrap().remove(own);
        }
        let path = format!("{CLIENTS}/{}", client["client_id"].as_str().unwrap());
        let refused = org.json("PUT", SUPER, &path, &update).json();
        assert_eq!(refused["error_description"], format!("'{member}': The field cannot be left blank"));
    }
}

/// token-facts dcr.403; mgmt-facts §7.7 row "clients".
#[test]
fn who_may_register() {
    let org = org();
    let registrar = |scope: &str| org.bearer("0oaregistrar00000001", "client-rsa", scope);
    let bearers = [registrar("okta.clients.register"), registrar("okta.clients.manage")];
    let reader = org.bearer("0oareader00000000001", "client-rsa", "okta.clients.read");
    let powerless = org.bearer("0oapowerless00000001", "client-rsa", "okta.clients.register");
    for (authorization, create, list) in [
        (SUPER, 201, 200),
        ("SSWS app", 201, 200),
        ("SSWS readonly", 403, 200),
        ("SSWS org", 403, 403),
        ("SSWS nobody", 401, 401),
        ("", 403, 403),
        (&bearers[0], 201, 403),
        (&bearers[1], 201, 200),
        (&reader, 403, 200),
        (&powerless, 403, 403),
    ] {
        let made = org.json("POST", authorization, CLIENTS, &service());
        assert_eq!(made.status, create, "{authorization}: {}", made.text());
        assert_eq!(org.get(authorization, CLIENTS).status, list, "{authorization}");
    }
    let without_role = org.json("POST", &powerless, CLIENTS, &service());
    assert_eq!(without_role.json()["errorCode"], "E0000006");
    let without_scope = org.json("POST", &reader, CLIENTS, &service());
    assert_eq!(without_scope.text(), "");
    assert!(without_scope.header("www-authenticate").unwrap().contains("scope=\"okta.clients.register\""));
}

#[test]
fn clients_are_listed_in_pages_and_found_by_the_beginning_of_their_names() {
    let org = org();
    let names = |answer: &crate::client::Answer| {
        let list = answer.json();
        let names =
            list.as_array().unwrap().iter().map(|client| client["client_name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let first = org.get(SUPER, "/oauth2/v1/clients?limit=3");
    assert_eq!(names(&first), ["reader", "registrar", "powerless"]);
    let second = org.get(SUPER, &first.next().unwrap());
    assert_eq!(names(&second), ["web"]);
    assert_eq!(second.next(), None);
    assert_eq!(names(&org.get(SUPER, "/oauth2/v1/clients?q=Re")), ["reader", "registrar"]);
    let narrowed = org.get(SUPER, "/oauth2/v1/clients?q=re&limit=1");
    assert!(narrowed.next().unwrap().ends_with("limit=1&q=re"));
    assert_eq!(names(&org.get(SUPER, &narrowed.next().unwrap())), ["registrar"]);
    assert_eq!(org.get(SUPER, "/oauth2/v1/clients?after=0oanothing").json()["errorCode"], "E0000029");
    let integration = org.get(SUPER, "/oauth2/v1/clients/0oaoin00000000000001").json();
    assert_eq!(integration["application_type"], "service");
    assert!(integration.get("client_secret").is_none());
}
