//! Every row of token-facts §10 and of introspect and revoke in §12 that an org without licences meets: what is done,
//! what comes back. Several rows may share the id of one fact.

use mock_server::oauth::store::refresh_tokens;
use mock_server::org::Org;

use serde_json::json;

use crate::ask::{
    Answer, Ask, NOW, VERIFIER, allowed, allowed_by_default, allowed_without_challenge, change, device_code,
    org, refresh_token,
};

/// A row: the fact it shows, what is done, the answer.
pub(crate) struct Row {
    pub(crate) fact: &'static str,
    pub(crate) ask: fn(&Org) -> Answer,
    pub(crate) expect: Expect,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// 200, the scopes, and which tokens there are besides the access token.
    Tokens(&'static str, &'static [&'static str]),
    /// Status, `error`, `error_description`.
    OAuth(u16, &'static str, &'static str),
    /// 200 and exactly this body.
    Body(&'static str),
    /// 200 and `active`, with these members in this order.
    Active(&'static [&'static str]),
}

use Expect::{Active, Body, OAuth, Tokens};

/// A table, and a test of each of its rows.
macro_rules! rows {
    ($($name:ident, $fact:literal, |$org:ident| $ask:expr => $expect:expr;)*) => {
        /// The table.
        pub(crate) const ROWS: &[Row] = &[$(Row { fact: $fact, ask: |$org| $ask, expect: $expect }),*];

        $(#[test] fn $name() {
            judge(&Row { fact: $fact, ask: |$org| $ask, expect: $expect });
        })*
    };
}

pub(crate) use rows;

pub(crate) fn judge(row: &Row) {
    let org = org();
    let answer = (row.ask)(&org);
    let members: Vec<&str> =
        answer.body.as_object().map(|body| body.keys().map(String::as_str).collect()).unwrap_or_default();
    let steps = &answer.trace.steps;
    assert!(!steps.is_empty() && !answer.trace.gap, "{}: no reason is given", row.fact);
    match row.expect {
        Tokens(scopes, besides) => {
            let expected: Vec<&str> = ["token_type", "expires_in", "access_token", "scope"]
                .iter()
                .chain(besides)
                .copied()
                .collect();
            assert_eq!((answer.status, members), (200, expected), "{}: {} {steps:?}", row.fact, answer.text);
            assert_eq!(answer.text("scope"), scopes, "{}", row.fact);
            assert_eq!(answer.body["expires_in"], 3600);
        }
        OAuth(status, error, text) => {
            assert_eq!(members, ["error", "error_description"], "{}: {} {steps:?}", row.fact, answer.text);
            let found = (answer.status, answer.text("error"), answer.text("error_description"));
            assert_eq!(found, (status, error, text), "{}: {steps:?}", row.fact);
        }
        Body(text) => {
            assert_eq!((answer.status, answer.text.as_str()), (200, text), "{}: {steps:?}", row.fact)
        }
        Active(expected) => {
            assert_eq!((answer.status, members.as_slice()), (200, expected), "{}: {steps:?}", row.fact);
            assert_eq!(answer.body["active"], true);
        }
    }
    if answer.text.is_empty() {
        assert!(answer.reply.headers.is_empty(), "an empty body has no content type");
    }
}

const CODE: &str = "The authorization code is invalid or has expired.";
const OTHER_CLIENT: &str = "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the authorize request.";
const OTHER_SERVER: &str = "The grant was issued for another authorization server.";
const REDIRECT: &str =
    "The 'redirect_uri' does not match the redirection URI used in the authorization request.";
const NO_VERIFIER: &str = "PKCE code verifier is required by the application.";
const REFRESH: &str = "The refresh token is invalid or expired.";
const DEVICE: &str = "The device code is invalid or has expired.";
const PASSWORD: &str = "The credentials provided were invalid.";
const UNSUPPORTED: &str = "The authorization grant type is not supported by the authorization server. Configured grant types: [urn:ietf:params:oauth:grant-type:token-exchange, urn:ietf:params:oauth:grant-type:jwt-bearer, urn:openid:params:grant-type:ciba].";
const INACTIVE: &str = r#"{"active":false}"#;
const ACCESS: &[&str] = &[
    "active",
    "token_type",
    "scope",
    "client_id",
    "username",
    "exp",
    "iat",
    "sub",
    "aud",
    "iss",
    "jti",
    "uid",
];
const SERVICE: &[&str] =
    &["active", "token_type", "scope", "client_id", "exp", "iat", "sub", "aud", "iss", "jti"];
const REFRESH_MEMBERS: &[&str] = &["active", "token_type", "scope", "client_id", "username", "exp", "sub"];
const NONE: &str = "No client credentials found.";
const MISMATCH: &str =
    "Client authentication failed. Either the client or the client credentials are invalid.";
const NO_TOKEN: &str = "The 'token' parameter is required.";

const fn grant(description: &'static str) -> Expect {
    OAuth(400, "invalid_grant", description)
}

const fn request(description: &'static str) -> Expect {
    OAuth(400, "invalid_request", description)
}

const fn missing(description: &'static str) -> Expect {
    request(description)
}

fn code(org: &Org) -> Ask {
    Ask::code(org, "web", allowed(org, "web", "openid okta.users.read"))
}

fn access_token(org: &Org) -> String {
    code(org).send(org).text("access_token").to_owned()
}

fn id_token(org: &Org) -> String {
    code(org).send(org).text("id_token").to_owned()
}

fn refresh(org: &Org, client: &'static str) -> Ask {
    Ask::refresh(client, &refresh_token(org, client, "openid offline_access profile").token)
}

fn ada(client: &'static str) -> Ask {
    Ask::password(client, "ada.admin@example.com", "ada-password-1")
}

rows! {
    code_ok, "code.ok", |org| code(org).send(org) => Tokens("openid okta.users.read", &["id_token"]);
    code_ok_with_refresh_token, "code.ok",
        |org| Ask::code(org, "web", allowed(org, "web", "openid offline_access")).send(org)
        => Tokens("openid offline_access", &["refresh_token", "id_token"]);
    code_ok_without_openid, "code.ok",
        |org| Ask::code(org, "web", allowed(org, "web", "offline_access okta.users.read.self")).send(org)
        => Tokens("offline_access okta.users.read.self", &["refresh_token"]);
    code_ok_app_without_refresh_grant, "code.ok",
        |org| Ask::code(org, "without-refresh", allowed(org, "without-refresh", "openid offline_access")).send(org)
        => Tokens("openid offline_access", &["id_token"]);
    code_ok_public, "code.ok",
        |org| Ask::code(org, "native", allowed(org, "native", "openid")).send(org) => Tokens("openid", &["id_token"]);
    code_ok_without_pkce, "code.ok",
        |org| Ask::code(org, "web", allowed_without_challenge(org, "web", "openid")).send(org)
        => Tokens("openid", &["id_token"]);
    code_ok_custom, "code.ok",
        |org| Ask::code(org, "web", allowed_by_default(org, "web", "openid items.read")).of_default().send(org)
        => Tokens("openid items.read", &["id_token"]);
    code_ok_browser, "code.ok",
        |org| Ask::code(org, "spa", allowed(org, "spa", "openid")).header("Origin", "https://spa.example").send(org)
        => Tokens("openid", &["id_token"]);
    code_unknown, "code.invalid", |org| code(org).param("code", "nope").send(org) => grant(CODE);
    code_expired, "code.invalid", |org| code(org).at(NOW + 300).send(org) => grant(CODE);
    code_in_its_last_second, "code.ok",
        |org| code(org).at(NOW + 299).send(org) => Tokens("openid okta.users.read", &["id_token"]);
    code_used, "code.invalid", |org| { let ask = code(org); ask.send(org); ask.send(org) } => grant(CODE);
    code_survives_a_mistake, "code.ok",
        |org| { let ask = code(org); ask.clone().param("redirect_uri", "https://x").send(org); ask.send(org) }
        => Tokens("openid okta.users.read", &["id_token"]);
    code_other_client, "code.other_client",
        |org| Ask::code(org, "other-web", allowed(org, "web", "openid")).send(org) => grant(OTHER_CLIENT);
    code_redirect, "code.redirect",
        |org| code(org).param("redirect_uri", "https://web.example/callback/").send(org) => grant(REDIRECT);
    code_other_server, "code.other_as", |org| code(org).of_default().send(org) => request(OTHER_SERVER);
    code_of_custom_server_at_org, "code.other_as",
        |org| Ask::code(org, "web", allowed_by_default(org, "web", "openid")).send(org) => request(OTHER_SERVER);
    code_pkce_bad, "code.pkce_bad",
        |org| code(org).param("code_verifier", &VERIFIER.replace('d', "e")).send(org)
        => grant("PKCE verification failed.");
    code_pkce_plain, "code.pkce_bad",
        |org| code(org).param("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").send(org)
        => grant("PKCE verification failed.");
    code_pkce_no_verifier, "code.pkce_no_verifier",
        |org| code(org).drop("code_verifier").send(org) => request(NO_VERIFIER);
    code_pkce_required_by_app, "code.pkce_no_verifier",
        |org| Ask::code(org, "native", allowed_without_challenge(org, "native", "openid")).send(org)
        => request(NO_VERIFIER);
    code_pkce_no_challenge, "code.pkce_no_challenge",
        |org| Ask::code(org, "web", allowed_without_challenge(org, "web", "openid"))
            .param("code_verifier", VERIFIER).send(org)
        => request("PKCE code challenge should be specified in the authorize request for code verification.");
    code_missing, "code.missing_param", |org| code(org).drop("code").send(org)
        => missing("The required parameter 'code' is missing.");
    code_redirect_missing, "code.missing_param", |org| code(org).drop("redirect_uri").send(org)
        => missing("The required parameter 'redirect_uri' is missing.");

    refresh_static, "refresh.ok", |org| refresh(org, "web").send(org)
        => Tokens("openid offline_access profile", &["refresh_token", "id_token"]);
    refresh_rotating, "refresh.ok", |org| refresh(org, "spa").send(org)
        => Tokens("openid offline_access profile", &["refresh_token", "id_token"]);
    refresh_narrower, "refresh.ok", |org| refresh(org, "web").param("scope", "profile openid").send(org)
        => Tokens("profile openid", &["refresh_token", "id_token"]);
    refresh_without_openid, "refresh.ok", |org| refresh(org, "web").param("scope", "offline_access").send(org)
        => Tokens("offline_access", &["refresh_token"]);
    refresh_from_a_page_of_the_app, "refresh.ok",
        |org| refresh(org, "spa").header("Origin", "https://spa.example").send(org)
        => Tokens("openid offline_access profile", &["refresh_token", "id_token"]);
    refresh_within_the_leeway, "refresh.ok",
        |org| { let ask = refresh(org, "spa"); ask.send(org); ask.at(NOW + 29).send(org) }
        => Tokens("openid offline_access profile", &["refresh_token", "id_token"]);
    refresh_unknown, "refresh.invalid", |org| Ask::refresh("web", "nope").send(org) => grant(REFRESH);
    refresh_an_access_token, "refresh.invalid",
        |org| Ask::refresh("web", &access_token(org)).send(org) => grant(REFRESH);
    refresh_idle_too_long, "refresh.invalid",
        |org| refresh(org, "web").at(NOW + refresh_tokens::IDLE).send(org) => grant(REFRESH);
    refresh_replaced_and_past_the_leeway, "refresh.invalid",
        |org| { let ask = refresh(org, "spa"); ask.send(org); ask.at(NOW + 30).send(org) } => grant(REFRESH);
    refresh_replaced_without_leeway, "refresh.invalid",
        |org| { let ask = refresh(org, "rotating-web"); ask.send(org); ask.send(org) } => grant(REFRESH);
    refresh_revoked, "refresh.invalid",
        |org| {
            let token = refresh_token(org, "web", "openid offline_access").token;
            Ask::revoke("web", &token).send(org);
            Ask::refresh("web", &token).send(org)
        } => grant(REFRESH);
    refresh_wider, "refresh.scope", |org| refresh(org, "web").param("scope", "openid email okta.users.read").send(org)
        => OAuth(400, "access_denied", "Some of the scopes requested for the refresh request were not granted in the original authorize request. Denied scopes: email, okta.users.read.");
    refresh_other_client, "refresh.other_client",
        |org| Ask::refresh("other-web", &refresh_token(org, "web", "offline_access").token).send(org)
        => grant(REFRESH);
    refresh_other_server, "code.other_as", |org| refresh(org, "web").of_default().send(org) => request(OTHER_SERVER);
    refresh_missing, "code.missing_param", |org| Ask::grant("web", "refresh_token").send(org)
        => missing("The required parameter 'refresh_token' is missing.");

    device_ok, "device.ok", |org| Ask::device("native", &device_code(org, Some(true))).send(org)
        => Tokens("openid okta.users.read", &["id_token"]);
    device_used, "device.invalid",
        |org| { let ask = Ask::device("native", &device_code(org, Some(true))); ask.send(org); ask.send(org) }
        => grant(DEVICE);
    device_pending, "device.pending", |org| Ask::device("native", &device_code(org, None)).send(org)
        => OAuth(400, "authorization_pending", "The device authorization is pending. Please try again later.");
    device_pending_after_the_interval, "device.pending",
        |org| { let ask = Ask::device("native", &device_code(org, None)); ask.send(org); ask.at(NOW + 5).send(org) }
        => OAuth(400, "authorization_pending", "The device authorization is pending. Please try again later.");
    device_slow, "device.slow",
        |org| { let ask = Ask::device("native", &device_code(org, None)); ask.send(org); ask.at(NOW + 4).send(org) }
        => OAuth(400, "slow_down", "Slow down the polling frequency. Please try again later.");
    device_expired, "device.expired",
        |org| Ask::device("native", &device_code(org, None)).at(NOW + 600).send(org)
        => OAuth(400, "expired_token", "The device code has expired.");
    device_unknown, "device.invalid", |org| Ask::device("native", "nope").send(org) => grant(DEVICE);
    device_denied, "device.denied", |org| Ask::device("native", &device_code(org, Some(false))).send(org)
        => OAuth(403, "access_denied", "The resource owner or authorization server denied the request.");
    device_missing, "code.missing_param", |org| Ask::device("native", "").send(org)
        => missing("The required parameter 'device_code' is missing.");
    device_other_server, "code.other_as",
        |org| Ask::device("native", &device_code(org, Some(true))).of_default().send(org) => request(OTHER_SERVER);

    exchange, "txchg.unsupported",
        |org| Ask::grant("features", "urn:ietf:params:oauth:grant-type:token-exchange").send(org)
        => OAuth(400, "unsupported_grant_type", "'urn:ietf:params:oauth:grant-type:token-exchange' grant type is not supported.");
    exchange_not_on_the_app, "tok.grant.not_allowed",
        |org| Ask::grant("other-web", "urn:ietf:params:oauth:grant-type:token-exchange").send(org)
        => OAuth(400, "unauthorized_client", "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token].");
    jwt_bearer, "tok.grant.unknown",
        |org| Ask::grant("features", "urn:ietf:params:oauth:grant-type:jwt-bearer").send(org)
        => OAuth(400, "unsupported_grant_type", UNSUPPORTED);
    ciba, "tok.grant.unknown", |org| Ask::grant("features", "urn:openid:params:grant-type:ciba").send(org)
        => OAuth(400, "unsupported_grant_type", UNSUPPORTED);

    password_ok, "code.ok", |org| ada("password").send(org) => Tokens("openid", &["id_token"]);
    password_by_short_name, "code.ok",
        |org| ada("native").param("username", "ADA.admin").send(org) => Tokens("openid", &["id_token"]);
    password_with_refresh_token, "code.ok",
        |org| ada("password").param("scope", "openid offline_access okta.users.read okta.groups.read").send(org)
        => Tokens("openid offline_access okta.users.read", &["refresh_token", "id_token"]);
    password_custom, "code.ok", |org| ada("password").param("scope", "items.read").of_default().send(org)
        => Tokens("items.read", &[]);
    password_wrong, "password.bad", |org| ada("password").param("password", "x").send(org) => grant(PASSWORD);
    password_no_such_user, "password.bad", |org| ada("password").param("username", "x@y.z").send(org) => grant(PASSWORD);
    password_suspended, "password.bad",
        |org| Ask::password("password", "sue.suspended@example.com", "sue-password-1").send(org) => grant(PASSWORD);
    password_expired, "codes.expired_password_credentials",
        |org| Ask::password("password", "pia.past@example.com", "pia-password-1").send(org)
        => grant("Password has expired.");
    password_not_assigned, "authz.not_assigned",
        |org| Ask::password("password", "uma.user@example.com", "uma-password-1").send(org)
        => OAuth(400, "access_denied", "User is not assigned to the client application.");
    password_rate, "password.rate",
        |org| { for _ in 0..4 { ada("password").send(org); } ada("password").send(org) }
        => OAuth(429, "invalid_grant", "API call exceeded rate limit due to too many requests.");
    password_rate_of_the_next_second, "code.ok",
        |org| { for _ in 0..4 { ada("password").send(org); } ada("password").at(NOW + 1).send(org) }
        => Tokens("openid", &["id_token"]);
    password_nobody_has, "codes.missing_password_enrollment",
        |org| Ask::password("password", "nia.nopassword@example.com", "x").send(org)
        => grant("The user does not configure a password.");
    password_consent, "codes.consent_required_ropf",
        |org| {
            change(org, "apps", "0oapassword000000001", |app| {
                app["settings"]["oauthClient"]["consent_method"] = json!("REQUIRED");
            });
            ada("password").param("scope", "items.read items.delete").of_default().send(org)
        }
        => OAuth(400, "consent_required", "The following scopes require user consent: [items.delete]. To access protected scopes using the resource owner password grant type, please uncheck 'Require consent' in the app settings or set the 'consent_method' to 'TRUSTED' through the apps API.");
    password_missing, "code.missing_param", |org| ada("password").drop("password").send(org)
        => missing("The required parameter 'password' is missing.");
    password_username_missing, "code.missing_param", |org| ada("password").drop("username").send(org)
        => missing("The required parameter 'username' is missing.");
    password_without_openid, "authz.scope_openid", |org| ada("password").param("scope", "email").send(org)
        => OAuth(400, "invalid_scope", "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.");
    password_no_scope, "tok.scope.missing", |org| ada("password").drop("scope").send(org)
        => OAuth(400, "invalid_scope", "No scopes were requested.");
    password_none_granted, "tok.scope.none_granted", |org| ada("password").param("scope", "okta.groups.read").send(org)
        => OAuth(400, "consent_required", "You are not allowed any of the requested scopes.");
    password_unknown_scope, "tok.scope.unknown", |org| ada("password").param("scope", "okta.nope.read").send(org)
        => OAuth(400, "invalid_scope", "One or more scopes are not configured for the authorization server resource.");
    password_not_on_the_app, "tok.grant.not_allowed", |org| ada("other-web").send(org)
        => OAuth(400, "unauthorized_client", "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token].");

    origin_of_nobody, "cors.origin",
        |org| Ask::code(org, "spa", allowed(org, "spa", "openid")).header("Origin", "https://spa.example.evil").send(org)
        => request("Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.");
    origin_of_nobody_at_refresh, "cors.origin",
        |org| refresh(org, "spa").header("Origin", "null").send(org)
        => request("Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.");
    origin_not_trusted, "cors.trusted", |org| ada("native").header("Origin", "https://spa.example").send(org)
        => request("Browser requests to the token endpoint must be made from one of the registered Trusted Origins.");
    origin_with_a_secret, "tok.auth.browser_no_pkce",
        |org| refresh(org, "web").header("Origin", "https://web.example").send(org)
        => OAuth(401, "invalid_client", "Browser requests to the token endpoint must use Proof Key for Code Exchange.");

    introspect_access, "introspect.active", |org| Ask::introspect("web", &access_token(org)).send(org) => Active(ACCESS);
    introspect_refresh, "introspect.active",
        |org| Ask::introspect("web", &refresh_token(org, "web", "openid offline_access").token).send(org)
        => Active(REFRESH_MEMBERS);
    introspect_id, "introspect.active", |org| Ask::introspect("web", &id_token(org)).send(org)
        => Active(&["active", "client_id", "username", "sub", "ver", "iss", "aud", "iat", "exp", "jti", "amr", "idp",
            "sid", "auth_time", "at_hash", "nonce"]);
    introspect_service, "introspect.active",
        |org| Ask::introspect("web", &crate::story::service_token(org)).send(org) => Active(SERVICE);
    introspect_wrong_hint, "introspect.active",
        |org| Ask::introspect("web", &access_token(org)).param("token_type_hint", "refresh_token").send(org)
        => Active(ACCESS);
    introspect_public_in_the_query, "introspect.active",
        |org| {
            let token = refresh_token(org, "native", "openid offline_access").token;
            Ask::introspect("native", &token).anonymous().query("client_id=0oanative00000000001").send(org)
        } => Active(REFRESH_MEMBERS);
    introspect_garbage, "introspect.inactive", |org| Ask::introspect("web", "a.b.c").send(org) => Body(INACTIVE);
    introspect_expired, "introspect.inactive",
        |org| Ask::introspect("web", &access_token(org)).at(NOW + 3600).send(org) => Body(INACTIVE);
    introspect_expired_id, "introspect.inactive",
        |org| Ask::introspect("web", &id_token(org)).at(NOW + 3600).send(org) => Body(INACTIVE);
    introspect_revoked, "introspect.inactive",
        |org| {
            let token = access_token(org);
            Ask::revoke("web", &token).send(org);
            Ask::introspect("web", &token).send(org)
        } => Body(INACTIVE);
    introspect_other_s_refresh_token, "introspect.inactive",
        |org| Ask::introspect("other-web", &refresh_token(org, "web", "offline_access").token).send(org)
        => Body(INACTIVE);
    introspect_other_s_by_a_public_client, "introspect.inactive",
        |org| Ask::introspect("native", &access_token(org)).send(org) => Body(INACTIVE);
    introspect_at_another_server, "introspect.inactive",
        |org| Ask::introspect("web", &access_token(org)).of_default().send(org) => Body(INACTIVE);
    introspect_custom_at_its_server, "introspect.active",
        |org| {
            let ask = Ask::code(org, "web", allowed_by_default(org, "web", "items.read")).of_default();
            Ask::introspect("web", ask.send(org).text("access_token")).of_default().send(org)
        } => Active(ACCESS);
    introspect_no_token, "introspect.no_token", |org| Ask::introspect("web", "").send(org) => request(NO_TOKEN);
    introspect_no_auth, "introspect.no_auth", |org| Ask::introspect("web", "x").anonymous().send(org)
        => OAuth(401, "invalid_client", NONE);
    introspect_only_id, "introspect.only_id",
        |org| Ask::introspect("web", "x").anonymous().param("client_id", "0oaweb00000000000001").send(org)
        => OAuth(401, "invalid_client", MISMATCH);
    introspect_only_id_in_the_query, "introspect.only_id",
        |org| Ask::introspect("web", "x").anonymous().query("client_id=0oaweb00000000000001").send(org)
        => OAuth(401, "invalid_client", MISMATCH);
    introspect_secret_in_the_query, "tok.auth.query",
        |org| Ask::introspect("web", "x").anonymous().query("client_id=0oaweb00000000000001&client_secret=x").send(org)
        => request("Client credentials cannot be supplied via query parameters.");
    introspect_audience, "introspect.aud", |org| crate::story::introspect_for_the_token_endpoint(org)
        => OAuth(401, "invalid_client", "The audience claim for client_assertion must be the endpoint invoked for the request.");

    revoke_access, "revoke.ok", |org| Ask::revoke("web", &access_token(org)).send(org) => Body("");
    revoke_refresh, "revoke.ok",
        |org| Ask::revoke("web", &refresh_token(org, "web", "offline_access").token).send(org) => Body("");
    revoke_garbage, "revoke.ok", |org| Ask::revoke("web", "nope").send(org) => Body("");
    revoke_twice, "revoke.ok",
        |org| { let ask = Ask::revoke("web", &access_token(org)); ask.send(org); ask.send(org) } => Body("");
    revoke_public_by_basic_without_colon, "revoke.ok",
        |org| Ask::revoke("native", "x").anonymous().header("Authorization", "Basic MG9hbmF0aXZlMDAwMDAwMDAwMDE=").send(org)
        => Body("");
    revoke_foreign, "revoke.foreign", |org| Ask::revoke("other-web", &access_token(org)).send(org) => Body("");
    revoke_no_token, "revoke.no_token", |org| Ask::revoke("web", "").send(org) => request(NO_TOKEN);
    revoke_no_auth, "revoke.no_auth", |org| Ask::revoke("web", "x").anonymous().send(org)
        => OAuth(401, "invalid_client", NONE);
}
