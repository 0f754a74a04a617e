//! What rows cannot tell: what tokens say, and what happens to one token when something happens to another.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::oauth::assertion::JWT_BEARER;
use mock_server::oauth::{TokenRefusal, verify};
use mock_server::org::Org;
use mock_server::org::change::Change;
use mock_server::org::event_log::Place;
use mock_server::org::keys::fixture_pem;
use serde_json::json;

use crate::ask::{ADA, Answer, Ask, BASE, NOW, allowed, allowed_by_default, device_code, org, refresh_token};

fn signed(org: &Org, audience: &str, jti: &str) -> String {
    let id = crate::ask::id_of(org, "service");
    let claims = json!({ "iss": id, "sub": id, "aud": audience, "exp": NOW + 300, "jti": jti });
    let key = EncodingKey::from_rsa_pem(fixture_pem("client-rsa").unwrap().as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

fn with_assertion(ask: Ask, org: &Org, audience: &str, jti: &str) -> Answer {
    ask.anonymous()
        .param("client_assertion_type", JWT_BEARER)
        .param("client_assertion", &signed(org, audience, jti))
        .send(org)
}

/// A token of an app that acts for itself.
pub(crate) fn service_token(org: &Org) -> String {
    let ask = Ask::grant("service", "client_credentials").param("scope", "okta.users.read");
    let answer = with_assertion(ask, org, &format!("{BASE}/oauth2/v1/token"), "1");
    answer.text("access_token").to_owned()
}

/// The same of the custom server `default`.
pub(crate) fn service_token_of_default(org: &Org) -> String {
    let ask = Ask::grant("service", "client_credentials").param("scope", "items.read").of_default();
    let answer = with_assertion(ask, org, &format!("{BASE}/oauth2/default/v1/token"), "1");
    answer.text("access_token").to_owned()
}

pub(crate) fn introspect_for_the_token_endpoint(org: &Org) -> Answer {
    with_assertion(Ask::introspect("service", "x"), org, &format!("{BASE}/oauth2/v1/token"), "1")
}

fn standing(org: &Org, token: &str, at: i64) -> Result<(), TokenRefusal> {
    verify(org, &org.state(), Timestamp::from_second(at).unwrap(), token).map(|_| ())
}

#[test]
fn each_endpoint_wants_its_own_url() {
    let org = org();
    for (nth, (ask, path)) in
        [(Ask::introspect("service", "x"), "introspect"), (Ask::revoke("service", "x"), "revoke")]
            .into_iter()
            .enumerate()
    {
        let own = format!("{BASE}/oauth2/v1/{path}");
        assert_eq!(with_assertion(ask, &org, &own, &format!("{nth}")).status, 200, "{path}");
    }
    let custom = format!("{BASE}/oauth2/default/v1/introspect");
    let answer = with_assertion(Ask::introspect("service", "x").of_default(), &org, &custom, "c");
    assert_eq!(answer.text, r#"{"active":false}"#);
}

#[test]
fn a_user_s_tokens_say_what_the_user_has_allowed() {
    let org = org();
    let answer = Ask::code(&org, "web", allowed(&org, "web", "openid profile offline_access")).send(&org);
    let access = answer.claims("access_token");
    for (claim, value) in [
        ("iss", json!(BASE)),
        ("aud", json!(BASE)),
        ("sub", json!("ada.admin@example.com")),
        ("uid", json!(ADA)),
        ("cid", json!("0oaweb00000000000001")),
        ("scp", json!(["openid", "profile", "offline_access"])),
        ("auth_time", json!(NOW - 60)),
    ] {
        assert_eq!(access[claim], value, "{claim}");
    }
    let jti: Vec<&str> = access["jti"].as_str().unwrap().split('.').collect();
    assert_eq!((jti.len(), jti[0], jti[1].len(), &jti[2][..3], jti[2].len()), (3, "AT", 43, "oar", 20));
    let id = answer.claims("id_token");
    for (claim, value) in [
        ("iss", json!(BASE)),
        ("aud", json!("0oaweb00000000000001")),
        ("sub", json!(ADA)),
        ("nonce", json!("n-1")),
        ("amr", json!(["pwd"])),
        ("sid", json!("102session")),
        ("name", json!("Ada Admin")),
        ("auth_time", json!(NOW - 60)),
    ] {
        assert_eq!(id[claim], value, "{claim}");
    }
    assert_eq!(answer.trace.learnt.user.as_deref(), Some(ADA));
    let told = format!("{:?} {:?}", answer.trace.steps, answer.trace.learnt);
    for name in ["access_token", "refresh_token", "id_token"] {
        assert!(!told.contains(answer.text(name)), "the trace tells the {name}");
    }
    // A refresh: the same sign-in, no nonce (real-clients 13).
    let answer = Ask::refresh("web", answer.text("refresh_token")).at(NOW + 100).send(&org);
    let again = answer.claims("id_token");
    assert_eq!(
        (&again["sub"], &again["auth_time"], again.get("nonce")),
        (&id["sub"], &id["auth_time"], None)
    );
    assert_eq!(again["iat"], NOW + 100);
    assert!(answer.claims("access_token")["jti"].as_str().unwrap().ends_with(jti[2]));
}

#[test]
fn a_custom_server_s_tokens_are_its_own() {
    let org = org();
    let allowed = allowed_by_default(&org, "web", "openid items.read");
    let answer = Ask::code(&org, "web", allowed).of_default().send(&org);
    let issuer = format!("{BASE}/oauth2/default");
    let (access, id) = (answer.claims("access_token"), answer.claims("id_token"));
    assert_eq!((&access["iss"], &access["aud"]), (&json!(issuer), &json!("api://default")));
    assert_eq!((&id["iss"], &id["aud"]), (&json!(issuer), &json!("0oaweb00000000000001")));
    assert_eq!(access.as_object().unwrap().keys().next_back().unwrap(), "sub");
    assert!(standing(&org, answer.text("access_token"), NOW).is_err(), "the API is Okta's alone");
}

#[test]
fn a_static_refresh_token_comes_back_five_times_and_a_rotating_one_is_another_each_time() {
    let org = org();
    for (client, rotates) in [("web", false), ("native", false), ("spa", true), ("rotating-web", true)] {
        let mut token = refresh_token(&org, client, "openid offline_access").token.to_string();
        for nth in 1..=5 {
            let answer = Ask::refresh(client, &token).at(NOW + nth).send(&org);
            let next = answer.text("refresh_token").to_owned();
            assert_eq!(next != token, rotates, "{client}");
            token = next;
        }
    }
}

#[test]
fn a_refused_refresh_uses_nothing_up() {
    let org = org();
    let token = refresh_token(&org, "rotating-web", "openid offline_access").token;
    let ask = Ask::refresh("rotating-web", &token);
    assert_eq!(ask.clone().param("scope", "email").send(&org).status, 400);
    assert_eq!(Ask::refresh("other-web", &token).send(&org).status, 400);
    assert_eq!(ask.send(&org).status, 200);
}

#[test]
fn reuse_kills_the_newest_token_and_every_access_token_of_the_family_and_nothing_else() {
    let org = org();
    let first = refresh_token(&org, "spa", "openid offline_access").token;
    let other = Ask::refresh("spa", &refresh_token(&org, "spa", "openid offline_access").token).send(&org);
    let second = Ask::refresh("spa", &first).send(&org);
    let third = Ask::refresh("spa", second.text("refresh_token")).at(NOW + 10).send(&org);
    for answer in [&second, &third] {
        assert_eq!(standing(&org, answer.text("access_token"), NOW + 20), Ok(()));
    }
    assert_eq!(Ask::refresh("spa", &first).at(NOW + 30).send(&org).text("error"), "invalid_grant");
    let newest = Ask::refresh("spa", third.text("refresh_token")).at(NOW + 31).send(&org);
    assert_eq!(newest.text("error_description"), "The refresh token is invalid or expired.");
    for answer in [&second, &third] {
        assert_eq!(standing(&org, answer.text("access_token"), NOW + 31), Err(TokenRefusal::Revoked));
    }
    assert_eq!(standing(&org, other.text("access_token"), NOW + 31), Ok(()));
    let told = told(&org);
    assert_eq!(
        told.iter().filter(|one| *one == "app.oauth2.token.detect_reuse FAILURE").count(),
        1,
        "{told:?}"
    );
}

/// Types and outcomes of the events in the System Log.
fn told(org: &mock_server::org::Org) -> Vec<String> {
    let state = org.state();
    let events = state.events.behind(Place { ms: i64::MIN, nth: 0 });
    let events = events.map(|entry| serde_json::from_str::<serde_json::Value>(&entry.event.text).unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    events.map(|one| format!("{} {}", text(&one["eventType"]), text(&one["outcome"]["result"]))).collect()
}

#[test]
fn a_code_s_tokens_are_told_one_by_one_and_a_refresh_tells_what_is_new() {
    let org = org();
    let answer = Ask::code(&org, "web", allowed(&org, "web", "openid offline_access")).send(&org);
    let grant = |what: &str| format!("app.oauth2.token.grant.{what} SUCCESS");
    let first = [grant("access_token"), grant("id_token"), grant("refresh_token")];
    assert_eq!(told(&org), first);
    Ask::refresh("web", answer.text("refresh_token")).send(&org);
    assert_eq!(
        told(&org)[3..],
        [grant("access_token"), grant("id_token")],
        "the refresh token stays the same"
    );
    Ask::revoke("web", answer.text("refresh_token")).send(&org);
    assert_eq!(told(&org)[5..], ["app.oauth2.token.revoke SUCCESS"]);
    for secret in ["access_token", "refresh_token", "id_token"] {
        let state = org.state();
        let mut events = state.events.behind(Place { ms: i64::MIN, nth: 0 });
        assert!(
            events.all(|entry| !entry.event.text.contains(answer.text(secret))),
            "the log tells the {secret}"
        );
    }
}

#[test]
fn revoking_a_refresh_token_revokes_its_access_tokens_and_not_the_other_way_round() {
    let org = org();
    let answer = Ask::code(&org, "web", allowed(&org, "web", "openid offline_access")).send(&org);
    let (access, refresh) = (answer.text("access_token"), answer.text("refresh_token"));
    let second = Ask::refresh("web", refresh).send(&org);
    assert_eq!(Ask::revoke("web", access).send(&org).status, 200);
    assert_eq!(standing(&org, access, NOW), Err(TokenRefusal::Revoked));
    assert_eq!(TokenRefusal::Revoked.row(), "access_token_revoked");
    assert_eq!(standing(&org, second.text("access_token"), NOW), Ok(()));
    assert_eq!(Ask::refresh("web", refresh).send(&org).status, 200, "the refresh token goes on");
    assert_eq!(Ask::revoke("web", refresh).send(&org).status, 200);
    assert_eq!(standing(&org, second.text("access_token"), NOW), Err(TokenRefusal::Revoked));
    assert_eq!(Ask::introspect("web", refresh).send(&org).text, r#"{"active":false}"#);
}

#[test]
fn a_client_revokes_its_own_tokens_only() {
    let org = org();
    let answer = Ask::code(&org, "web", allowed(&org, "web", "openid offline_access")).send(&org);
    for name in ["access_token", "refresh_token"] {
        assert_eq!(Ask::revoke("other-web", answer.text(name)).send(&org).status, 200);
    }
    assert_eq!(standing(&org, answer.text("access_token"), NOW), Ok(()));
    assert_eq!(Ask::refresh("web", answer.text("refresh_token")).send(&org).status, 200);
}

#[test]
fn a_token_of_a_service_app_can_be_revoked_and_introspected() {
    let org = org();
    let token = service_token(&org);
    let body = Ask::introspect("web", &token).send(&org).body;
    assert_eq!(
        (&body["client_id"], &body["sub"]),
        (&json!("0oaservice0000000001"), &json!("0oaservice0000000001"))
    );
    let own = format!("{BASE}/oauth2/v1/revoke");
    assert_eq!(with_assertion(Ask::revoke("service", &token), &org, &own, "r").text, "");
    assert_eq!(standing(&org, &token, NOW), Err(TokenRefusal::Revoked));
}

#[test]
fn introspection_tells_whose_a_token_is() {
    let org = org();
    let answer = Ask::code(&org, "web", allowed(&org, "web", "openid offline_access")).send(&org);
    let body = Ask::introspect("web", answer.text("access_token")).send(&org).body;
    let jti = answer.claims("access_token")["jti"].clone();
    let expected = json!({
        "active": true, "token_type": "Bearer", "scope": "openid offline_access", "client_id": "0oaweb00000000000001",
        "username": "ada.admin@example.com", "exp": NOW + 3600, "iat": NOW, "sub": "ada.admin@example.com", "aud": BASE,
        "iss": BASE, "jti": jti, "uid": ADA,
    });
    assert_eq!(body, expected);
}

/// What an administrator does counts for the next token: a grant, a user, an app that is taken away.
#[test]
fn what_is_taken_away_counts_for_the_next_token() {
    let org = org();
    let token = refresh_token(&org, "web", "openid okta.users.read offline_access").token;
    let first = Ask::refresh("web", &token).send(&org);
    assert_eq!(first.text("scope"), "openid okta.users.read offline_access");
    let commit = |change: Change| {
        let at = Timestamp::from_second(NOW).unwrap();
        org.commit(at, |_| Ok::<_, TokenRefusal>(vec![change.clone()])).unwrap();
    };
    let state = org.state();
    let grants = state.all("grants").after(None);
    let grant = grants
        .filter(|grant| grant.is("/clientId", "0oaweb00000000000001"))
        .find(|grant| grant.is("/scopeId", "okta.users.read"))
        .unwrap();
    commit(Change::remove("grants", grant.id.clone()));
    assert_eq!(Ask::refresh("web", &token).send(&org).text("scope"), "openid offline_access");

    let user = state.get("users", ADA).unwrap();
    let mut value = user.value();
    value["status"] = json!("SUSPENDED");
    let hidden = user.hidden.clone();
    commit(Change::put("users", user.id.clone(), value, hidden));
    assert_eq!(Ask::refresh("web", &token).send(&org).text("error"), "invalid_grant");
    assert_eq!(standing(&org, first.text("access_token"), NOW), Err(TokenRefusal::Revoked));
    assert_eq!(
        Ask::device("native", &device_code(&org, Some(true))).send(&org).text("error"),
        "invalid_grant"
    );
}
