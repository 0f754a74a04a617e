//! Good requests: codes, tokens in the answer, response modes, pushed and signed requests, userinfo, signing out.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::exchange::Reply;
use mock_server::oauth::store::codes;
use mock_server::org::keys::fixture_pem;
use serde_json::{Value, json};

use crate::browser::{
    BASE, Browser, NOW, authorize, authorize_at, encoded, header_of, hidden_fields, json_of, landed, pair,
    parameters, text_of, value,
};

const WEB: &str = "0oaweb00000000000001";
const SECRET: &str = "web-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP";
const SPA: &str = "0oabrowser0000000001";
const OLD: &str = "0oaimplicit000000001";
const SIGNER: &str = "0oasigner00000000001";
const CB: &str = "https://app.example/cb";
const SPA_CB: &str = "https://spa.example/cb";
const OLD_CB: &str = "https://old.example/cb";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn half_hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("{WEB}:{SECRET}")))
}

fn redeem(browser: &Browser, path: &str, authorization: Option<&str>, form: &[(String, String)]) -> Reply {
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
    headers.extend(authorization.map(|value| ("authorization", value)));
    browser.send(Method::POST, path, &headers, encoded(form)).0
}

fn userinfo(browser: &Browser, token: &str) -> Reply {
    let header = format!("Bearer {token}");
    browser.send(Method::GET, "/oauth2/v1/userinfo", &[("authorization", &header)], String::new()).0
}

/// Code with PKCE, tokens, userinfo, from a public client by a session token.
#[test]
fn a_code_becomes_tokens() {
    let browser = Browser::new();
    let token = browser.una();
    let reply = browser.get(&authorize(
        SPA,
        SPA_CB,
        &[
            ("scope", Some("openid email okta.users.read.self")),
            ("state", Some("https://spa.example/?a=b&c={\"d\": 1}")),
            ("nonce", Some("n1")),
            ("code_challenge", Some(CHALLENGE)),
            ("code_challenge_method", Some("S256")),
            ("sessionToken", Some(&token)),
        ],
    ));
    let answer = landed(&reply, SPA_CB, '?');
    let names: Vec<&str> = answer.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state"]);
    assert_eq!(value(&answer, "state"), "https://spa.example/?a=b&c={\"d\": 1}");
    assert!(browser.cookie("sid").unwrap().starts_with("102"));
    let form = [
        pair("grant_type", "authorization_code"),
        pair("client_id", SPA),
        pair("redirect_uri", SPA_CB),
        pair("code", value(&answer, "code")),
        pair("code_verifier", VERIFIER),
    ];
    let tokens = redeem(&browser, "/oauth2/v1/token", None, &form);
    assert_eq!(tokens.status, 200, "{}", text_of(&tokens));
    let body = json_of(&tokens);
    assert_eq!(body["scope"], "openid email okta.users.read.self");
    let id = claims(body["id_token"].as_str().unwrap());
    assert_eq!((&id["nonce"], &id["aud"], &id["iss"]), (&json!("n1"), &json!(SPA), &json!(BASE)));
    assert_eq!((&id["auth_time"], &id["amr"]), (&json!(NOW), &json!(["pwd"])));
    assert_eq!(id["sid"], browser.cookie("sid").unwrap());
    let told = userinfo(&browser, body["access_token"].as_str().unwrap());
    assert_eq!(
        json_of(&told),
        json!({ "sub": id["sub"], "email": "una@example.com", "email_verified": true })
    );
    // A code is used once.
    assert_eq!(json_of(&redeem(&browser, "/oauth2/v1/token", None, &form))["error"], "invalid_grant");
}

#[test]
fn ungranted_scopes_are_left_out_of_the_token() {
    let browser = Browser::new();
    let token = browser.una();
    let scope = "okta.groups.read okta.users.read offline_access";
    let reply = browser.get(&authorize(WEB, CB, &[("scope", Some(scope)), ("sessionToken", Some(&token))]));
    let answer = landed(&reply, CB, '?');
    let form = [
        pair("grant_type", "authorization_code"),
        pair("redirect_uri", CB),
        pair("code", value(&answer, "code")),
    ];
    let body = json_of(&redeem(&browser, "/oauth2/v1/token", Some(&basic()), &form));
    assert_eq!(body["scope"], "okta.users.read offline_access", "{body}");
    assert!(body["refresh_token"].is_string() && body.get("id_token").is_none());
    // Without openid there is nothing to tell.
    let told = userinfo(&browser, body["access_token"].as_str().unwrap());
    assert_eq!((told.status.as_u16(), told.body.len()), (403, 0));
    let challenge = header_of(&told, "www-authenticate").unwrap();
    assert!(
        challenge.contains("scope=\"openid\"") && challenge.contains("insufficient_scope"),
        "{challenge}"
    );
}

#[test]
fn userinfo_refuses_what_is_no_token() {
    let browser = Browser::new();
    let ask = |target: &str, headers: &[(&str, &str)]| {
        let reply = browser.send(Method::GET, target, headers, String::new()).0;
        let challenge = header_of(&reply, "www-authenticate").unwrap_or_default().to_owned();
        assert!(reply.body.is_empty() && challenge.starts_with("Bearer "), "{challenge}");
        (reply.status.as_u16(), challenge)
    };
    for (target, headers, status, error, text) in [
        ("/oauth2/v1/userinfo", &[][..], 401, "invalid_request", "The access token is missing."),
        (
            "/oauth2/v1/userinfo",
            &[("authorization", "Bearer undefined")][..],
            401,
            "invalid_token",
            "The access token is invalid.",
        ),
        (
            "/oauth2/v1/userinfo",
            &[("authorization", "Basic YTpi")][..],
            401,
            "invalid_request",
            "The access token is missing.",
        ),
        (
            "/oauth2/v1/userinfo?access_token=x",
            &[][..],
            400,
            "invalid_request",
            "The access token cannot be presented in a query string.",
        ),
    ] {
        let (found, challenge) = ask(target, headers);
        assert_eq!(found, status, "{challenge}");
        assert!(
            challenge.contains(&format!("error=\"{error}\", error_description=\"{text}\"")),
            "{challenge}"
        );
    }
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("authorization", "Bearer x"), form];
    let reply = browser.send(Method::GET, "/oauth2/v1/userinfo", &headers, "access_token=x".to_owned()).0;
    let challenge = header_of(&reply, "www-authenticate").unwrap_or_default();
    assert_eq!((reply.status.as_u16(), reply.body.len()), (400, 0), "{challenge}");
    let text = "The access token cannot be specified in both the Authorization header and the request-body.";
    assert!(challenge.contains(&format!("error=\"invalid_request\", error_description=\"{text}\"")));
}

#[test]
fn tokens_in_the_answer_are_tied_to_each_other() {
    for (response_type, names) in [
        ("token", &["access_token", "token_type", "expires_in", "scope", "state"][..]),
        ("id_token", &["id_token", "state"][..]),
        ("code id_token", &["code", "id_token", "state"][..]),
        (
            "id_token token code",
            &["code", "access_token", "token_type", "expires_in", "scope", "id_token", "state"][..],
        ),
    ] {
        let browser = Browser::new();
        let session = browser.una();
        let reply = browser.get(&authorize(
            OLD,
            OLD_CB,
            &[
                ("response_type", Some(response_type)),
                ("nonce", Some("n1")),
                ("sessionToken", Some(&session)),
            ],
        ));
        let answer = landed(&reply, OLD_CB, '#');
        assert_eq!(answer.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
        let found = |name: &str| answer.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        if let Some(id_token) = found("id_token") {
            let id = claims(id_token);
            assert_eq!(id["nonce"], "n1");
            let hash = |name: &str| found(name).map_or(Value::Null, |token| json!(half_hash(token)));
            assert_eq!(id.get("at_hash").cloned().unwrap_or_default(), hash("access_token"));
            assert_eq!(id.get("c_hash").cloned().unwrap_or_default(), hash("code"));
        }
        if let Some(token) = found("access_token") {
            assert_eq!(claims(token)["scp"], json!(["openid", "profile"]));
            assert_eq!(userinfo(&browser, token).status, 200);
        }
    }
}

#[test]
fn an_answer_can_travel_in_a_page() {
    let browser = Browser::new();
    let session = browser.una();
    let form_post = browser.get(&authorize(
        WEB,
        CB,
        &[("response_mode", Some("form_post")), ("sessionToken", Some(&session))],
    ));
    let html = text_of(&form_post);
    assert!(html.contains(&format!("<form method=\"post\" action=\"{CB}\">")), "{html}");
    assert!(html.contains("<strong>Web &lt;app&gt;</strong>"), "{html}");
    let fields = hidden_fields(&html);
    assert_eq!(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["code", "state"]);
    let policy = header_of(&form_post, "content-security-policy").unwrap();
    assert!(policy.contains("script-src 'sha256-"), "{policy}");

    let message = browser.get(&authorize(
        OLD,
        OLD_CB,
        &[
            ("response_type", Some("id_token")),
            ("response_mode", Some("okta_post_message")),
            ("nonce", Some("n")),
        ],
    ));
    let html = text_of(&message);
    assert!(html.contains("<form data-origin=\"https://old.example\">"), "{html}");
    assert_eq!(hidden_fields(&html)[0].0, "id_token");
    let policy = header_of(&message, "content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'self' https://old.example"), "{policy}");

    // A refusal travels the same way.
    let refused =
        browser.get(&authorize(WEB, CB, &[("response_mode", Some("form_post")), ("scope", Some("profile"))]));
    let fields = hidden_fields(&text_of(&refused));
    assert_eq!((fields[0].1.as_str(), fields[1].1.as_str()), ("s1", "invalid_scope"));
}

#[test]
fn a_custom_server_has_its_own_scopes_and_issuer() {
    let browser = Browser::new();
    let session = browser.una();
    let path = "/oauth2/default/v1/authorize";
    let reply = browser.get(&authorize_at(
        path,
        WEB,
        CB,
        &[("scope", Some("openid items.read")), ("sessionToken", Some(&session))],
    ));
    let answer = landed(&reply, CB, '?');
    let form = [
        pair("grant_type", "authorization_code"),
        pair("redirect_uri", CB),
        pair("code", value(&answer, "code")),
    ];
    let body = json_of(&redeem(&browser, "/oauth2/default/v1/token", Some(&basic()), &form));
    let token = body["access_token"].as_str().unwrap_or_else(|| panic!("{body}"));
    assert_eq!(claims(token)["iss"], format!("{BASE}/oauth2/default"));
    assert_eq!(userinfo(&browser, token).status, 401, "the org server does not know it");
    let header = format!("Bearer {token}");
    let own = browser.send(
        Method::GET,
        "/oauth2/default/v1/userinfo",
        &[("authorization", &header)],
        String::new(),
    );
    assert_eq!(json_of(&own.0)["sub"], claims(token)["uid"]);
}

/// `dpop_jkt` (RFC 9449 §10) is kept with the code of an app whose tokens are bound; other apps have no use for it.
#[test]
fn a_code_remembers_the_key_that_its_request_names() {
    for (client, kept) in [("0oabound000000000001", Some("jkt-1")), (WEB, None)] {
        let browser = Browser::new();
        let session = browser.una();
        let changes = [("dpop_jkt", Some("jkt-1")), ("sessionToken", Some(&*session))];
        let answer = landed(&browser.get(&authorize(client, CB, &changes)), CB, '?');
        let allowed = codes::find(&browser.org.state(), NOW, value(&answer, "code")).unwrap();
        assert_eq!(allowed.dpop_jkt.as_deref(), kept, "{client}");
    }
}

fn push(browser: &Browser, form: &[(String, String)]) -> Reply {
    redeem(browser, "/oauth2/v1/par", Some(&basic()), form)
}

fn without_id(changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let mut form = parameters(WEB, CB, changes);
    form.retain(|(name, _)| name != "client_id");
    form
}

#[test]
fn a_pushed_request_is_answered_once_and_for_its_client() {
    let browser = Browser::new();
    let reply = push(&browser, &without_id(&[("state", Some("pushed"))]));
    assert_eq!(reply.status, 200, "{}", text_of(&reply));
    let body = json_of(&reply);
    assert_eq!(body["expires_in"], 3600);
    let uri = body["request_uri"].as_str().unwrap();
    assert!(uri.starts_with("urn:okta:"));
    let ask = |client: &str, more: &[(String, String)]| {
        let mut form = vec![pair("client_id", client), pair("request_uri", uri)];
        form.extend_from_slice(more);
        browser.get(&format!("/oauth2/v1/authorize?{}", encoded(&form)))
    };
    // Another client cannot use it, and what stands beside it does not count.
    assert_eq!(ask(SPA, &[]).status, 400);
    let page = ask(WEB, &[pair("state", "other")]);
    assert!(text_of(&page).contains("Sign in"));
    let mut fields = hidden_fields(&text_of(&page));
    fields.extend([pair("username", "una.user"), pair("password", "una's password")]);
    let done = browser.post("/oauth2/v1/authorize", &fields);
    assert_eq!(value(&landed(&done, CB, '?'), "state"), "pushed");
    let again = ask(WEB, &[pair("redirect_uri", CB), pair("state", "s")]);
    assert_eq!(value(&landed(&again, CB, '?'), "error"), "invalid_request_uri");
}

#[test]
fn a_push_is_checked_as_a_request_is() {
    let told = |form: &[(String, String)], authorization: Option<String>| {
        let browser = Browser::new();
        let reply = redeem(&browser, "/oauth2/v1/par", authorization.as_deref(), form);
        let body = json_of(&reply);
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (reply.status.as_u16(), text("error"), text("error_description"))
    };
    let openid = "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.";
    for (changes, status, error, text) in [
        (
            ("request_uri", Some("urn:okta:x")),
            400,
            "invalid_request",
            "The 'request_uri' parameter must not be present in the request.",
        ),
        (("scope", Some("profile")), 403, "access_denied", openid),
        (("scope", None), 400, "invalid_scope", "No scopes were requested."),
        (
            ("state", None),
            400,
            "invalid_request",
            "The authentication request has an invalid 'state' parameter.",
        ),
    ] {
        let found = told(&without_id(&[changes]), Some(basic()));
        assert_eq!(found, (status, error.to_owned(), text.to_owned()));
    }
    let nobody = told(&without_id(&[]), None);
    assert_eq!(nobody, (401, "invalid_client".to_owned(), "No client credentials found.".to_owned()));
}

fn signed(claims: &Value, key: &str) -> String {
    let header = Header { kid: Some("rsa".to_owned()), ..Header::new(Algorithm::RS256) };
    let key = EncodingKey::from_rsa_pem(fixture_pem(key).unwrap().as_bytes()).unwrap();
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

#[test]
fn a_signed_request_counts_once() {
    let good = || json!({ "iss": SIGNER, "aud": BASE, "exp": NOW + 300, "jti": "j1", "state": "signed", "max_age": 60 });
    let ask = |browser: &Browser, jwt: &str| {
        let session = browser.una();
        let reply =
            browser.get(&authorize(SIGNER, CB, &[("request", Some(jwt)), ("sessionToken", Some(&session))]));
        landed(&reply, CB, '?')
    };
    let browser = Browser::new();
    let jwt = signed(&good(), "client-rsa");
    let answer = ask(&browser, &jwt);
    assert_eq!((value(&answer, "state"), answer[0].0.as_str()), ("signed", "code"));
    assert_eq!(value(&ask(&browser, &jwt), "error_description"), "The request object has already been used.");

    let with = |name: &str, value: Value| {
        let mut claims = good();
        claims[name] = value;
        signed(&claims, "client-rsa")
    };
    for (jwt, text) in [
        (signed(&good(), "client-rsa-2"), "The signature of the request object is invalid."),
        (with("aud", json!("https://other.example")), "The audience of the request object is invalid."),
        (with("exp", json!(NOW)), "The request object is expired."),
        (with("exp", json!(NOW + 3601)), "The request object expires too far in the future."),
        (with("iat", json!(NOW + 1)), "The request object is issued in the future."),
    ] {
        let answer = ask(&Browser::new(), &jwt);
        assert_eq!(
            (value(&answer, "error"), value(&answer, "error_description")),
            ("invalid_request_object", text)
        );
    }
}

#[test]
fn signing_out_ends_the_session_and_goes_back() {
    let browser = Browser::new();
    let session = browser.una();
    let signed_in = browser.get(&authorize(
        OLD,
        OLD_CB,
        &[("response_type", Some("id_token")), ("nonce", Some("n")), ("sessionToken", Some(&session))],
    ));
    let hint = value(&landed(&signed_in, OLD_CB, '#'), "id_token").to_owned();
    let out = |form: &[(String, String)]| browser.get(&format!("/oauth2/v1/logout?{}", encoded(form)));
    let bad = out(&[pair("id_token_hint", "nonsense")]);
    assert_eq!(bad.status, 400);
    assert!(text_of(&bad).contains("The id token is invalid."));
    assert_eq!(out(&[]).status, 400);
    let uri = out(&[pair("id_token_hint", &hint), pair("post_logout_redirect_uri", "https://evil.example/")]);
    assert_eq!(uri.status, 400);
    assert!(
        text_of(&uri)
            .contains("must be a Logout redirect URI in the client app settings: https://acme-admin")
    );
    assert!(browser.cookie("sid").is_some(), "a refusal signs nobody out");
    let done = out(&[pair("id_token_hint", &hint)]);
    assert_eq!(done.status, 200);
    assert!(browser.cookie("sid").is_none());
    let none = browser.get(&authorize(WEB, CB, &[("prompt", Some("none"))]));
    assert_eq!(value(&landed(&none, CB, '?'), "error"), "login_required");
}

#[test]
fn signing_out_goes_where_the_app_said() {
    let browser = Browser::new();
    let session = browser.una();
    let reply = browser.get(&authorize(WEB, CB, &[("sessionToken", Some(&session))]));
    let form = [
        pair("grant_type", "authorization_code"),
        pair("redirect_uri", CB),
        pair("code", value(&landed(&reply, CB, '?'), "code")),
    ];
    let tokens = json_of(&redeem(&browser, "/oauth2/v1/token", Some(&basic()), &form));
    let hint = tokens["id_token"].as_str().unwrap();
    let query = encoded(&[
        pair("id_token_hint", hint),
        pair("post_logout_redirect_uri", "https://app.example/bye"),
        pair("state", "a b"),
    ]);
    // Also long after the token has expired, and without a session.
    let later = Browser { now: NOW + 100_000, ..browser };
    for _ in 0..2 {
        let done = later.get(&format!("/oauth2/v1/logout?{query}"));
        assert_eq!(header_of(&done, "location"), Some("https://app.example/bye?state=a+b"));
    }
    // Somebody else's token signs nobody out.
    let other = later.session_token("otto.other@example.com", "otto's password");
    later.get(&authorize(WEB, CB, &[("sessionToken", Some(&other))]));
    let mixed = later.get(&format!("/oauth2/v1/logout?{query}"));
    assert_eq!(mixed.status, 400);
    let told = "The ID token subject does not match the current session&#39;s user.";
    assert!(text_of(&mixed).contains("id_token_does_not_match_session"), "{}", text_of(&mixed));
    assert!(text_of(&mixed).contains(told), "{}", text_of(&mixed));
    assert!(later.cookie("sid").is_some());
}
