//! `response_type=none` and `prompt=enroll_authenticator`: what belongs together, and what is told when it does not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;

use crate::browser::{Browser, authorize, json_of, landed, pair, value};

const WEB: &str = "0oaweb00000000000001";
const SECRET: &str = "web-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP";
const CB: &str = "https://app.example/cb";
const LOA: &str = "urn:okta:loa:2fa:any:ifpossible";

/// A good request to enrol, with changes.
fn enrol(changes: &[(&'static str, Option<&'static str>)]) -> String {
    let mut all = vec![
        ("response_type", Some("none")),
        ("prompt", Some("enroll_authenticator")),
        ("enroll_amr_values", Some("okta_verify sms")),
        ("acr_values", Some(LOA)),
        ("max_age", Some("0")),
        ("scope", None),
    ];
    for change in changes {
        all.retain(|(name, _)| name != &change.0);
        all.push(*change);
    }
    authorize(WEB, CB, &all)
}

#[test]
fn a_request_enrols_or_asks_for_tokens_and_not_half_of_each() {
    let amr = "'enroll_amr_values' parameter must have valid space delimited authenticators list for request with 'none' as response_type.";
    let acr = "'acr_values' parameter must have the value 'urn:okta:loa:2fa:any:ifpossible' for request with 'enroll_authenticator' as prompt.";
    let age =
        "'max_age' parameter must have the value '0' for request with 'enroll_authenticator' as prompt.";
    let prompt = "'prompt' parameter must have the value 'enroll_authenticator' for request with 'none' as response_type.";
    for (changes, text) in [
        (("response_type", Some("code")), "Authenticator enrollment requires 'none' response_type."),
        (
            ("scope", Some("openid")),
            "'scope' parameter is not supported for request with 'none' as response_type.",
        ),
        (
            ("nonce", Some("n")),
            "'nonce' parameter is not supported for request with 'none' as response_type.",
        ),
        (("prompt", None), prompt),
        (("prompt", Some("login")), prompt),
        (("max_age", None), age),
        (("max_age", Some("60")), age),
        (("enroll_amr_values", None), amr),
        (("enroll_amr_values", Some("okta_verify carrier_pigeon")), amr),
        (("enroll_amr_values", Some("okta_verify,sms")), amr),
        (("acr_values", None), acr),
        (("acr_values", Some("urn:okta:loa:1fa:any")), acr),
    ] {
        let answer = landed(&Browser::new().get(&enrol(&[changes])), CB, '?');
        let told = [pair("state", "s1"), pair("error", "invalid_request"), pair("error_description", text)];
        assert_eq!(answer, told, "{changes:?}");
    }
}

/// A good one is not answered with something else: there is no page for it.
#[test]
fn enrolling_itself_is_not_implemented() {
    let browser = Browser::new();
    assert_eq!(browser.get(&enrol(&[])).status, 501);
    assert_eq!(browser.get(&enrol(&[("prompt", Some("none"))])).status, 302);
}

#[test]
fn prompts_that_contradict_the_rest_of_the_request() {
    let ask = |changes: &[(&str, Option<&str>)]| {
        let answer = landed(&Browser::new().get(&authorize(WEB, CB, changes)), CB, '?');
        (value(&answer, "error").to_owned(), value(&answer, "error_description").to_owned())
    };
    let request = |text: &str| ("invalid_request".to_owned(), text.to_owned());
    let at_once = "'prompt' parameter must not have the value 'none' for request with 'zero' as max_age.";
    assert_eq!(ask(&[("prompt", Some("none")), ("max_age", Some("0"))]), request(at_once));
    assert_eq!(ask(&[("prompt", Some("none")), ("max_age", Some("1"))]).0, "login_required");
    let refresh = "The 'prompt' parameter value 'idp_refresh' requires the 'idp' parameter to be specified.";
    assert_eq!(ask(&[("prompt", Some("idp_refresh"))]), request(refresh));
    let idp = ask(&[("prompt", Some("idp_refresh")), ("idp", Some("0oaidp"))]);
    assert_eq!(idp, request("Identity provider is not valid."));
}

/// A push is checked the same way, and kept if it is good.
#[test]
fn a_push_to_enrol_is_checked_too() {
    let browser = Browser::new();
    let push = |target: &str| {
        let form = target.split_once('?').unwrap().1.replace("client_id=0oaweb00000000000001&", "");
        let basic = format!("Basic {}", STANDARD.encode(format!("{WEB}:{SECRET}")));
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
        json_of(&browser.send(Method::POST, "/oauth2/v1/par", &headers, form).0)
    };
    assert!(push(&enrol(&[]))["request_uri"].is_string());
    let told = push(&enrol(&[("nonce", Some("n"))]));
    assert_eq!(told["error"], "invalid_request", "{told}");
}
