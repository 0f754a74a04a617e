//! Every row of token-facts §11, and its neighbours: the request, and where and how it is told.

use std::collections::BTreeSet;

use crate::browser::{
    BASE, Browser, authorize, authorize_at, header_of, json_of, landed, org_with, pair, text_of, value,
};

const WEB: &str = "0oaweb00000000000001";
const SPA: &str = "0oabrowser0000000001";
const OLD: &str = "0oaimplicit000000001";
const CB: &str = "https://app.example/cb";
const SPA_CB: &str = "https://spa.example/cb";
const OLD_CB: &str = "https://old.example/cb";
const DEFAULT: &str = "/oauth2/default/v1/authorize";
const CLOSED: &str = "/oauth2/ausclosed00000000001/v1/authorize";

/// A challenge that is one.
const GOOD: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A refusal.
struct Row {
    fact: &'static str,
    target: String,
    expect: Told,
}

/// Where a refusal is told.
enum Told {
    /// To the app, by redirect, in the query or behind the fragment; with or without the state.
    App(&'static str, char, bool, &'static str, &'static str),
    /// On a page, or in an envelope.
    Here(&'static str, &'static str),
}

fn app(error: &'static str, text: &'static str) -> Told {
    Told::App(CB, '?', true, error, text)
}

fn spa(error: &'static str, text: &'static str) -> Told {
    Told::App(SPA_CB, '?', true, error, text)
}

fn web(changes: &[(&str, Option<&str>)]) -> String {
    authorize(WEB, CB, changes)
}

fn rows() -> Vec<Row> {
    let row = |fact, target, expect| Row { fact, target, expect };
    let unknown = "Invalid value for 'client_id' parameter.";
    let uri = "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings: https://acme-admin.okta.example/admin/app/oidc_client/instance/0oaweb00000000000001#tab-general";
    let state = "The authentication request has an invalid 'state' parameter.";
    let scopes = "One or more scopes are not configured for the authorization server resource.";
    let openid = "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.";
    let types =
        "The response type is not supported by the authorization server. Configured response types: [code].";
    let modes = "The response mode is not supported by the authorization server. Valid response modes: [query, fragment, form_post, okta_post_message].";
    let query = "'query' response mode cannot be used with either the 'id_token' or 'token' response types.";
    let message = "'okta_post_message' response mode cannot be used with the 'code' response type.";
    let nonce = "The 'nonce' parameter is required for authorize requests with either the 'id_token' or 'token' response types..";
    let prompt = "Invalid value for 'prompt' parameter. Supported values: [none, login, consent]";
    let age = "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.";
    let method = "PKCE code challenge method is not supported. Valid values: [S256]";
    let chars = "PKCE code challenge contains illegal characters.";
    let login = "The client specified not to prompt, but the user is not logged in.";
    let s256 = ("code_challenge_method", Some("S256"));
    vec![
        row("authz.client_id", web(&[("client_id", None)]), Told::Here("invalid_client", unknown)),
        row(
            "authz.client_id",
            web(&[("client_id", Some("0oanobody"))]),
            Told::Here("invalid_client", unknown),
        ),
        row(
            "authz.client_id",
            authorize("0oainactive000000001", CB, &[]),
            Told::Here("invalid_client", unknown),
        ),
        row("authz.redirect_uri", web(&[("redirect_uri", None)]), Told::Here("invalid_request", uri)),
        row(
            "authz.redirect_uri",
            authorize(WEB, "https://app.example/cb/", &[]),
            Told::Here("invalid_request", uri),
        ),
        row(
            "authz.redirect_uri",
            authorize(WEB, "https://app.example/CB", &[]),
            Told::Here("invalid_request", uri),
        ),
        row(
            "authz.redirect_uri",
            authorize(WEB, "https://evil.example/cb", &[("state", None)]),
            Told::Here("invalid_request", uri),
        ),
        row(
            "authz.service_app",
            authorize("0oaservice0000000001", CB, &[]),
            Told::Here(
                "invalid_request",
                "Clients with 'application_type' of 'service' are not allowed to access the 'authorize' endpoint.",
            ),
        ),
        row("authz.state", web(&[("state", None)]), Told::App(CB, '?', false, "invalid_request", state)),
        row(
            "authz.state",
            web(&[("state", Some("a\r\nb"))]),
            Told::App(CB, '?', false, "invalid_request", state),
        ),
        row("authz.state", web(&[("state", Some("ä"))]), Told::App(CB, '?', false, "invalid_request", state)),
        row(
            "authz.scope_unknown",
            web(&[("scope", Some("openid okta.users.invent"))]),
            app("invalid_scope", scopes),
        ),
        row(
            "authz.scope_unknown",
            authorize_at(DEFAULT, WEB, CB, &[("scope", Some("openid nothing"))]),
            app("invalid_scope", scopes),
        ),
        row(
            "authz.scope_custom",
            web(&[("scope", Some("openid items.read"))]),
            app("invalid_scope", "Custom scopes are not allowed for this request."),
        ),
        row(
            "authz.scope_missing",
            web(&[("scope", None)]),
            app("invalid_scope", "No scopes were requested."),
        ),
        row("authz.scope_openid", web(&[("scope", Some("profile"))]), app("invalid_scope", openid)),
        row(
            "authz.scope_openid",
            authorize_at(DEFAULT, WEB, CB, &[("scope", Some("email items.read"))]),
            app("invalid_scope", openid),
        ),
        row(
            "authz.scope_openid",
            authorize(
                OLD,
                OLD_CB,
                &[
                    ("response_type", Some("id_token")),
                    ("nonce", Some("n")),
                    ("scope", Some("okta.users.read")),
                ],
            ),
            Told::App(OLD_CB, '#', true, "invalid_scope", openid),
        ),
        row(
            "authz.scope_ungranted",
            web(&[("scope", Some("okta.groups.read"))]),
            app("consent_required", "You are not allowed any of the requested scopes."),
        ),
        row(
            "authz.scope_ungranted",
            web(&[("scope", Some("openid okta.groups.read"))]),
            app("consent_required", "You are not allowed any of the requested scopes."),
        ),
        row("authz.login_required", web(&[("prompt", Some("none"))]), app("login_required", login)),
        row(
            "authz.login_required",
            web(&[("prompt", Some("none")), ("sessionToken", Some("20111nonsense"))]),
            app("login_required", login),
        ),
        row("authz.prompt", web(&[("prompt", Some("maybe"))]), app("invalid_request", prompt)),
        row("authz.prompt", web(&[("prompt", Some("none login"))]), app("invalid_request", prompt)),
        row("authz.response_type", web(&[("response_type", None)]), app("unsupported_response_type", types)),
        row(
            "authz.response_type",
            web(&[("response_type", Some("token"))]),
            Told::App(CB, '#', true, "unsupported_response_type", types),
        ),
        row(
            "authz.response_type",
            web(&[("response_type", Some("code code"))]),
            app("unsupported_response_type", types),
        ),
        row(
            "authz.response_mode",
            web(&[("response_mode", Some("smoke"))]),
            app("unsupported_response_mode", modes),
        ),
        row(
            "authz.mode_query_tokens",
            authorize(
                OLD,
                OLD_CB,
                &[
                    ("response_type", Some("code token")),
                    ("response_mode", Some("query")),
                    ("nonce", Some("n")),
                ],
            ),
            Told::App(OLD_CB, '#', true, "unsupported_response_mode", query),
        ),
        row(
            "authz.mode_post_message_code",
            web(&[("response_mode", Some("okta_post_message"))]),
            app("unsupported_response_mode", message),
        ),
        row(
            "authz.nonce",
            authorize(OLD, OLD_CB, &[("response_type", Some("token"))]),
            Told::App(OLD_CB, '#', true, "invalid_request", nonce),
        ),
        row(
            "authz.pkce_required",
            authorize(SPA, SPA_CB, &[]),
            spa("invalid_request", "PKCE code challenge is required by the application."),
        ),
        row(
            "authz.pkce_method",
            authorize(SPA, SPA_CB, &[("code_challenge", Some(GOOD))]),
            spa("invalid_request", method),
        ),
        row(
            "authz.pkce_method",
            authorize(
                SPA,
                SPA_CB,
                &[("code_challenge", Some(GOOD)), ("code_challenge_method", Some("plain"))],
            ),
            spa("invalid_request", method),
        ),
        row(
            "authz.pkce_chars",
            authorize(SPA, SPA_CB, &[("code_challenge", Some("short")), s256]),
            spa("invalid_request", chars),
        ),
        row(
            "authz.pkce_chars",
            web(&[("code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")), s256]),
            app("invalid_request", chars),
        ),
        row(
            "authz.grant_missing",
            authorize("0oawithoutcode000001", CB, &[]),
            app(
                "unauthorized_client",
                "The client is not authorized to use the provided grant type. Configured grant types: [refresh_token].",
            ),
        ),
        row("authz.max_age", web(&[("max_age", Some("-1"))]), app("invalid_request", age)),
        row("authz.max_age", web(&[("max_age", Some("2147483648"))]), app("invalid_request", age)),
        row("authz.max_age", web(&[("max_age", Some("soon"))]), app("invalid_request", age)),
        row(
            "authz.idp",
            web(&[("idp", Some("0oaidp"))]),
            app("invalid_request", "Identity provider is not valid."),
        ),
        row(
            "authz.acr",
            web(&[("acr_values", Some("gold"))]),
            app("access_denied", "'acr_values' not supported."),
        ),
        row(
            "authz.acr",
            web(&[("acr_values", Some("urn:okta:loa:2fa:any"))]),
            app(
                "unmet_authentication_requirements",
                "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
            ),
        ),
        row(
            "authz.par_uri",
            web(&[("request_uri", Some("urn:okta:nothing"))]),
            app("invalid_request_uri", "The authorize request_uri is invalid."),
        ),
        row(
            "authz.request_object",
            web(&[("request", Some("no.jwt"))]),
            app("invalid_request_object", "The request object cannot be parsed."),
        ),
        // A custom server whose policies do not name the app.
        row(
            "authz.scope_custom",
            authorize_at(CLOSED, WEB, CB, &[("scope", Some("items.read"))]),
            app(
                "access_denied",
                "Policy evaluation failed for this request, please check the policy configurations.",
            ),
        ),
    ]
}

#[test]
fn refusals_are_told_where_and_as_the_facts_say() {
    for Row { fact, target, expect } in rows() {
        let browser = Browser::new();
        let reply = browser.get(&target);
        let referrer: Vec<_> =
            reply.headers.iter().filter(|(name, _)| name.as_str() == "referrer-policy").collect();
        assert_eq!(referrer.len(), 1, "{fact}");
        assert_eq!(referrer[0].1, "no-referrer", "{fact}");
        match expect {
            Told::App(uri, mark, with_state, error, text) => {
                let mut told = vec![pair("error", error), pair("error_description", text)];
                if with_state {
                    told.insert(0, pair("state", "s1"));
                }
                assert_eq!(landed(&reply, uri, mark), told, "{fact}");
            }
            Told::Here(error, text) => {
                assert_eq!(reply.status, 400, "{fact}");
                assert!(header_of(&reply, "location").is_none());
                let html = text_of(&reply);
                assert!(html.contains("<h1>400 Bad Request</h1>"), "{fact}: {html}");
                let shown = text.replace('\'', "&#39;");
                assert!(html.contains(error) && html.contains(&shown), "{fact}: {html}");
                // A program is told the same in the envelope.
                let reply = browser.send(http::Method::GET, &target, &[], String::new()).0;
                assert_eq!(reply.status, 400);
                let body = json_of(&reply);
                assert_eq!(
                    (body["errorCode"].as_str(), body["errorSummary"].as_str()),
                    (Some(error), Some(text))
                );
            }
        }
        assert!(browser.cookie("sid").is_none(), "{fact}: a refusal starts no session");
    }
}

/// Rows that need somebody who is signed in, a signed object, or a consent; each has a test of its own.
const ELSEWHERE: [&str; 3] = ["authz.not_assigned", "authz.login_reauth", "authz.consent"];

#[test]
fn the_table_has_every_fact() {
    let Some(known) = crate::token_facts::known() else { return };
    let wanted: BTreeSet<&str> =
        known.keys().map(String::as_str).filter(|id| id.starts_with("authz.")).collect();
    let shown: BTreeSet<&str> = rows().iter().map(|row| row.fact).chain(ELSEWHERE).collect();
    assert_eq!(shown, wanted);
}

#[test]
fn a_dialect_may_deny_mixed_scopes_and_call_custom_ones_unknown() {
    let strict =
        Browser::at(org_with(&[("mixed_scopes", "deny"), ("custom_scope_on_org", "not_configured")]));
    let mixed = strict.get(&web(&[("scope", Some("okta.users.read okta.groups.read"))]));
    assert_eq!(value(&landed(&mixed, CB, '?'), "error"), "invalid_scope");
    let custom = strict.get(&web(&[("scope", Some("openid items.read"))]));
    assert!(value(&landed(&custom, CB, '?'), "error_description").starts_with("One or more scopes"));
}

#[test]
fn a_parameter_that_is_there_twice_is_refused() {
    let target = format!("{}&state=s2", web(&[]));
    let reply = Browser::new().get(&target);
    assert_eq!(reply.status, 400);
    assert!(text_of(&reply).contains("[state]"), "{}", text_of(&reply));
}

#[test]
fn an_unknown_server_is_told_as_for_tokens() {
    let reply = Browser::new().get(&authorize_at("/oauth2/ausnone/v1/authorize", WEB, CB, &[]));
    assert_eq!(
        (reply.status.as_u16(), json_of(&reply)["errorCode"].as_str().unwrap().to_owned()),
        (404, "E0000007".to_owned())
    );
    assert!(BASE.starts_with("https"));
}
