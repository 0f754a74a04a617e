//! Token exchange at a custom server (token-facts §10, txchg.*): a service app that was called for a user asks for the
//! user; and other grants that a client has and may not use.

use jiff::Timestamp;
use mock_server::org::Org;
use mock_server::org::change::Change;
use serde_json::{Value, json};

use crate::ask::{ADA, Answer, Ask, NOW, allowed, allowed_by_default, change, org, org_with};
use crate::table::{Expect, Row, judge, rows};

use Expect::OAuth;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const DEVICE_SECRET: &str = "urn:x-oath:params:oauth:token-type:device-secret";

const fn request(description: &'static str) -> Expect {
    OAuth(400, "invalid_request", description)
}

/// The access token with which Ada's app has called the service.
fn subject(org: &Org) -> String {
    let ask = Ask::code(org, "web", allowed_by_default(org, "web", "openid items.read")).of_default();
    ask.send(org).text("access_token").to_owned()
}

fn exchange_of(client: &'static str, token: &str) -> Ask {
    Ask::grant(client, EXCHANGE)
        .param("subject_token_type", ACCESS_TOKEN)
        .param("subject_token", token)
        .param("audience", "api://default")
        .param("scope", "items.read")
        .of_default()
}

/// A good exchange.
fn exchange(org: &Org) -> Ask {
    exchange_of("exchanger", &subject(org))
}

/// Native single sign-on, as an app with a device secret would ask for it.
fn native(client: &'static str) -> Ask {
    exchange_of(client, "x")
        .param("subject_token_type", ID_TOKEN)
        .param("actor_token_type", DEVICE_SECRET)
        .param("actor_token", "secret")
}

rows! {
    exchange_missing_subject, "txchg.missing", |org| exchange(org).drop("subject_token").send(org)
        => request("The required parameter 'subject_token' is missing.");
    exchange_missing_subject_type, "txchg.missing", |org| exchange(org).drop("subject_token_type").send(org)
        => request("The required parameter 'subject_token_type' is missing.");
    exchange_missing_actor, "txchg.missing", |org| native("features").drop("actor_token").send(org)
        => request("The required parameter 'actor_token' is missing.");
    exchange_subject, "txchg.subject", |org| exchange_of("exchanger", "a.b.c").send(org)
        => request("'subject_token' is invalid.");
    exchange_subject_revoked, "txchg.subject",
        |org| {
            let token = subject(org);
            assert_eq!(Ask::revoke("web", &token).of_default().send(org).status, 200);
            exchange_of("exchanger", &token).send(org)
        } => request("'subject_token' is invalid.");
    exchange_subject_without_a_user, "txchg.subject",
        |org| {
            let ask = crate::story::service_token_of_default(org);
            exchange_of("exchanger", &ask).send(org)
        } => request("'subject_token' is invalid.");
    exchange_subject_type, "txchg.subject_type",
        |org| exchange(org).param("subject_token_type", "urn:ietf:params:oauth:token-type:saml2").send(org)
        => request("'subject_token_type' is invalid or not supported.");
    exchange_requested, "txchg.requested",
        |org| exchange(org).param("requested_token_type", ID_TOKEN).send(org)
        => request("'requested_token_type' is invalid or not supported.");
    exchange_subject_expired, "txchg.subject_expired", |org| exchange(org).at(NOW + 3600).send(org)
        => OAuth(400, "invalid_grant", "The 'subject_token' either expired or the session associated with it was terminated.");
    exchange_audience, "txchg.aud", |org| exchange(org).param("audience", "api://other").send(org)
        => OAuth(400, "invalid_target", "Token Exchange requests must include a valid audience of the authorization server.");
    exchange_audience_missing, "txchg.aud", |org| exchange(org).drop("audience").send(org)
        => OAuth(400, "invalid_target", "Token Exchange requests must include a valid audience of the authorization server.");
    exchange_openid, "txchg.openid", |org| exchange(org).param("scope", "items.read openid").send(org)
        => OAuth(400, "invalid_scope", "Can't request 'openid' scopes using the Token Exchange flow for a service app.");
    exchange_offline_access, "txchg.openid", |org| exchange(org).param("scope", "offline_access").send(org)
        => OAuth(400, "invalid_scope", "Can't request 'openid' scopes using the Token Exchange flow for a service app.");
    exchange_by_another_kind_of_app, "txchg.obo_client", |org| exchange_of("features", &subject(org)).send(org)
        => request("Only service clients may use on-behalf token exchange.");
    exchange_native_by_a_service, "txchg.native_service", |org| native("exchanger").send(org)
        => request("A service client may not use the native sso flow.");
    exchange_actor, "txchg.actor", |org| native("features").send(org) => request("'actor_token' is invalid.");
    exchange_actor_type, "codes.invalid_actor_token_type",
        |org| native("features").param("actor_token_type", ACCESS_TOKEN).send(org)
        => request("'actor_token_type' is invalid or not supported.");
    exchange_token_of_the_org_server, "codes.invalid_subject_token_authorization_server",
        |org| {
            let token = Ask::code(org, "web", allowed(org, "web", "openid")).send(org);
            exchange_of("exchanger", token.text("access_token")).send(org)
        } => request("'subject_token' is invalid: the authorization server that issued it is not valid.");
    exchange_token_of_another_server, "codes.associated_server_not_trusted",
        |org| exchange(org).of("ausother000000000001").param("audience", "api://other").send(org)
        => OAuth(403, "access_denied", "The 'subject_token' issuer isn't a trusted authorization server.");
    exchange_user_inactive, "codes.invalid_subject_token_user_inactive",
        |org| {
            let ask = exchange(org);
            change(org, "users", ADA, |user| user["status"] = json!("SUSPENDED"));
            ask.send(org)
        } => request("'subject_token' is invalid: the user account is not active.");
    exchange_client_inactive, "codes.invalid_subject_token_client_inactive",
        |org| {
            let ask = exchange(org);
            change(org, "apps", "0oaweb00000000000001", |app| app["status"] = json!("INACTIVE"));
            ask.send(org)
        } => request("'subject_token' is invalid: the client application referenced in the token is not active.");
    exchange_user_not_assigned, "codes.invalid_subject_token_user_not_assigned",
        |org| exchange_of("exchanger-of-uma", &subject(org)).send(org)
        => request("'subject_token' is invalid: the user is not assigned to the client application.");
    exchange_consent, "codes.consent_required_token_exchange",
        |org| {
            change(org, "apps", "0oaexchanger00000001", |app| {
                app["settings"]["oauthClient"]["consent_method"] = json!("REQUIRED");
            });
            exchange(org).param("scope", "items.delete").send(org)
        }
        => OAuth(400, "consent_required", "The following scopes require user consent: [items.delete]. To access protected scopes using the token_exchange password grant type, please uncheck 'Require consent' in the app settings or set the apps 'consent_method' to 'TRUSTED'.");
    exchange_unknown_scope, "tok.scope.unknown", |org| exchange(org).param("scope", "nope").send(org)
        => OAuth(400, "invalid_scope", "One or more scopes are not configured for the authorization server resource.");

    public_for_itself, "codes.confidential_client_required",
        |org| Ask::grant("public", "client_credentials").param("scope", "items.read").of_default().send(org)
        => OAuth(400, "unauthorized_client", "Confidential client is required to make this request.");
}

/// Members in the documented order; the token is the user's, issued to the service, for the audience of the server.
#[test]
fn a_service_gets_a_token_for_the_user_who_called_it() {
    let org = org();
    let answer = exchange(&org).send(&org);
    let members: Vec<&str> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["token_type", "expires_in", "access_token", "scope", "issued_token_type"];
    assert_eq!((answer.status, members.as_slice()), (200, &expected[..]), "{}", answer.text);
    assert_eq!((answer.text("scope"), answer.text("issued_token_type")), ("items.read", ACCESS_TOKEN));
    let claims = answer.claims("access_token");
    for (claim, value) in [
        ("aud", json!("api://default")),
        ("cid", json!("0oaexchanger00000001")),
        ("uid", json!(ADA)),
        ("sub", json!("ada.admin@example.com")),
        ("scp", json!(["items.read"])),
        ("auth_time", json!(NOW)),
    ] {
        assert_eq!(claims[claim], value, "{claim}");
    }
    // What comes of it can be exchanged again.
    let token = answer.text("access_token");
    assert_eq!(exchange_of("exchanger", token).send(&org).status, 200);
}

/// Legacy rules, which an org file may ask for (token-facts tok.grant.browser, cors.offline).
#[test]
fn an_old_org_lets_browsers_redeem_codes_and_nothing_else() {
    let origin = "https://spa.example";
    let code = |org: &Org| Ask::code(org, "spa", allowed(org, "spa", "openid")).header("Origin", origin);
    let refresh = |org: &Org| {
        let token = crate::ask::refresh_token(org, "spa", "openid offline_access").token;
        Ask::refresh("spa", &token).header("Origin", origin)
    };
    let told =
        |answer: &Answer| (answer.status, answer.body["error_description"].as_str().map(str::to_owned));
    let new = org();
    assert_eq!(refresh(&new).send(&new).status, 200);
    assert_eq!(code(&new).param("scope", "openid offline_access").send(&new).status, 200);
    let old = org_with(&[("browser_requests", "code_only")]);
    assert_eq!(code(&old).send(&old).status, 200);
    let grant = "Browser requests to the token endpoint may only use the authorization_code grant_type.";
    let answer = refresh(&old).send(&old);
    assert_eq!(answer.text("error"), "unauthorized_client");
    assert_eq!(told(&answer), (400, Some(grant.to_owned())));
    let scope = "Browser requests to the token endpoint may not include the offline_access scope.";
    let answer = code(&old).param("scope", "openid offline_access").send(&old);
    assert_eq!(answer.text("error"), "invalid_scope");
    assert_eq!(told(&answer), (400, Some(scope.to_owned())));
}

/// An administrator who takes the app away takes its users' subject tokens away.
#[test]
fn a_deleted_app_leaves_no_subject() {
    let org = org();
    let ask = exchange(&org);
    let at = Timestamp::from_second(NOW).unwrap();
    let removal = Change::Remove { shelf: "apps".into(), id: "0oaweb00000000000001".into() };
    org.commit(at, |_| Ok::<_, ()>(vec![removal.clone()])).unwrap();
    let answer: Value = ask.send(&org).body;
    let told = "'subject_token' is invalid: the client application referenced in the token is not active.";
    assert_eq!(answer["error_description"], told);
}
