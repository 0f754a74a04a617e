//! `par` and `logout` let a client in as the token endpoint does: from its networks, and an integration at the org server
//! only; and what is told about redirect URIs that are not the app's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;

use crate::browser::{
    Browser, authorize, encoded, json_of, landed, org_with, pair, parameters, text_of, value,
};

const WEB: &str = "0oaweb00000000000001";
const ZONED: &str = "0oazoned000000000001";
const OIN: &str = "0oaoin00000000000001";
const OLD: &str = "0oaimplicit000000001";
const CB: &str = "https://app.example/cb";
const OLD_CB: &str = "https://old.example/cb";
const SECRET: &str = "web-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP";

/// Status, `error`, `error_description` of a POST by a client that sends its secret in the header.
fn post(
    browser: &Browser,
    path: &str,
    client: &str,
    secret: &str,
    form: &[(String, String)],
) -> (u16, String) {
    let basic = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", basic.as_str()),
        ("accept", "application/json"),
    ];
    let reply = browser.send(Method::POST, path, &headers, encoded(form)).0;
    (reply.status.as_u16(), text_of(&reply))
}

const OUTSIDE: &str = "{\"error\":\"access_denied\",\"error_description\":\"The request is made from outside the client's permitted network zones.\"}";
const ORG_ONLY: &str = "{\"error\":\"unauthorized_client\",\"error_description\":\"This client cannot use a custom authorization server.\"}";

#[test]
fn a_client_pushes_and_signs_out_from_its_networks_only() {
    let browser = Browser::new();
    let request = parameters(ZONED, CB, &[("client_id", None)]);
    let outside = (403, OUTSIDE.to_owned());
    assert_eq!(post(&browser, "/oauth2/v1/par", ZONED, SECRET, &request), outside);
    let hint = [pair("id_token_hint", "x")];
    assert_eq!(post(&browser, "/oauth2/v1/logout", ZONED, SECRET, &hint), outside);
    // A wrong secret is told first; an app without a zone passes on to what comes next.
    assert_eq!(post(&browser, "/oauth2/v1/par", ZONED, "x", &request).0, 401);
    assert_eq!(post(&browser, "/oauth2/v1/par", WEB, SECRET, &request).0, 200);
    assert_eq!(post(&browser, "/oauth2/v1/logout", WEB, SECRET, &hint).0, 400);
    // A browser that signs out brings no credentials.
    let reply = browser.get("/oauth2/v1/logout?id_token_hint=x");
    assert!(text_of(&reply).contains("The id token is invalid."));
}

#[test]
fn an_integration_has_the_org_server_only() {
    let browser = Browser::new();
    let secret = "oin-secret-0123456789abcdefghijklmnopqrs";
    let request = parameters(OIN, CB, &[("client_id", None)]);
    let refused = (400, ORG_ONLY.to_owned());
    assert_eq!(post(&browser, "/oauth2/default/v1/par", OIN, secret, &request), refused);
    let hint = [pair("id_token_hint", "x")];
    assert_eq!(post(&browser, "/oauth2/default/v1/logout", OIN, secret, &hint), refused);
    // At the org server it is a service app, which has no users to send anywhere.
    let (status, text) = post(&browser, "/oauth2/v1/par", OIN, secret, &request);
    assert!(status == 400 && text.contains("'service'"), "{text}");
}

/// Backchannel sign-in takes a licence: without it no app has the grant, and says so (token-facts ciba.grant).
#[test]
fn asking_users_who_are_elsewhere_takes_the_grant() {
    let form = [pair("scope", "openid"), pair("login_hint", "una.user@example.com")];
    let (status, text) = post(&Browser::new(), "/oauth2/v1/bc/authorize", WEB, SECRET, &form);
    let told = "{\"error\":\"invalid_client\",\"error_description\":\"The client doesn't have the 'urn:openid:params:grant-type:ciba' grant type configured.\"}";
    assert_eq!((status, text.as_str()), (401, told));
    let nobody = Browser::new().post("/oauth2/v1/bc/authorize", &form);
    assert_eq!((nobody.status.as_u16(), json_of(&nobody)["error"].as_str()), (401, Some("invalid_client")));
}

#[test]
fn the_dialect_tells_whether_a_link_follows() {
    let (present, absent) = (Browser::new(), Browser::at(org_with(&[("redirect_uri_link", "absent")])));
    let uri = "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings";
    let out =
        "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings";
    for (browser, end) in [(&present, ": https://acme-admin.okta.example/admin/app/"), (&absent, ".")] {
        let target = authorize(WEB, "https://evil.example/cb", &[]);
        let summary = json_of(&browser.send(Method::GET, &target, &[], String::new()).0);
        let told = summary["errorSummary"].as_str().unwrap();
        assert!(told.starts_with(&format!("{uri}{end}")), "{told}");
        assert_eq!(told.ends_with("settings."), end == ".", "{told}");

        let session = browser.una();
        let changes =
            [("response_type", Some("id_token")), ("nonce", Some("n")), ("sessionToken", Some(&*session))];
        let answer = landed(&browser.get(&authorize(OLD, OLD_CB, &changes)), OLD_CB, '#');
        let form = [
            pair("id_token_hint", value(&answer, "id_token")),
            pair("post_logout_redirect_uri", "https://evil.example/"),
        ];
        let target = format!("/oauth2/v1/logout?{}", encoded(&form));
        let summary = json_of(&browser.send(Method::GET, &target, &[], String::new()).0);
        let told = summary["errorSummary"].as_str().unwrap();
        assert!(told.starts_with(&format!("{out}{end}")), "{told}");
        assert_eq!(told.ends_with("settings."), end == ".", "{told}");
    }
}
