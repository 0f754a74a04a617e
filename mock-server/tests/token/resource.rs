//! Access tokens as the resource side takes them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use mock_server::facts::facts;
use mock_server::oauth::{TokenRefusal, verify};
use mock_server::org::change::Change;
use mock_server::org::keys::fixture_pem;
use mock_server::org::{Org, OrgOptions};
use serde_json::{Value, json};

use crate::ask::{Ask, NOW, damage, json_of, org, org_with, segment, sign};

fn token(org: &Org, ask: &Ask) -> String {
    json_of(&ask.send(org).0)["access_token"].as_str().unwrap().to_owned()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// An org that has never seen the tokens of the first, and has the same keys.
fn other(org: &Org) -> Org {
    org.fork(&OrgOptions { seed: Some(8), ..OrgOptions::default() })
}

#[test]
fn a_token_is_taken_until_it_expires() {
    let org = org();
    let token = token(&org, &Ask::new());
    // Once as remembered, once as read: an org from the same seed is the same org before it has seen anything.
    for org in [&org, &self::org()] {
        let state = org.state();
        let access = verify(org, &state, at(NOW + 3599), &token).unwrap();
        assert_eq!(*access.client_id, *"0oaservice0000000001");
        assert_eq!(access.user, None);
        assert!(access.has_scope("okta.users.read") && !access.has_scope("okta.groups.read"));
        assert_eq!((access.issued_at, access.expires_at), (NOW, NOW + 3600));
        assert_eq!(access.tag(), "T1");
        assert_eq!(org.tokens().tag(&token), "T1");
        assert_eq!(verify(org, &state, at(NOW + 3600), &token), Err(TokenRefusal::Expired));
        assert_eq!(verify(org, &state, at(NOW), &token), Ok(access));
    }
}

#[test]
fn a_generation_can_be_ended() {
    let org = org();
    let before = token(&org, &Ask::new());
    org.expire_tokens();
    assert_eq!(verify(&org, &org.state(), at(NOW), &before), Err(TokenRefusal::Expired));
    let after = token(&org, &Ask::new().claim("jti", "2"));
    assert!(verify(&org, &org.state(), at(NOW), &after).is_ok());
}

#[test]
fn a_client_that_is_gone_or_inactive_takes_its_tokens_with_it() {
    let org = org();
    let token = token(&org, &Ask::new());
    let id: Arc<str> = "0oaservice0000000001".into();
    let document = org.state().get("apps", &id).unwrap().clone();
    let put = |status: &str| {
        let mut value = document.value();
        value["status"] = status.into();
        let hidden = document.hidden.clone();
        let change = Change::put("apps", id.clone(), value, hidden);
        org.commit(at(NOW), |_| Ok::<_, TokenRefusal>(vec![change.clone()])).unwrap();
    };
    put("INACTIVE");
    assert_eq!(verify(&org, &org.state(), at(NOW), &token), Err(TokenRefusal::Revoked));
    put("ACTIVE");
    assert!(verify(&org, &org.state(), at(NOW), &token).is_ok());
    org.commit(at(NOW), |_| Ok::<_, TokenRefusal>(vec![Change::remove("apps", id.clone())])).unwrap();
    assert_eq!(verify(&org, &org.state(), at(NOW), &token), Err(TokenRefusal::Revoked));
    assert_eq!(verify(&org, &org.state(), at(NOW + 3600), &token), Err(TokenRefusal::Expired));
}

#[test]
fn tokens_of_others_are_told_by_audience_or_issuer() {
    let ask = Ask::new().basic("secret-basic").server("default").scope("items.read");
    for (dialect, refusal) in [
        (vec![], TokenRefusal::ForeignAudience),
        (vec![("foreign_token", "issuer")], TokenRefusal::ForeignIssuer),
    ] {
        let org = org_with(&dialect);
        let token = token(&org, &ask);
        for org in [&org, &other(&org)] {
            assert_eq!(verify(org, &org.state(), at(NOW), &token), Err(refusal));
        }
    }
    // Orgs share fixture keys, but not tokens; nor do the lives of an org before and after a reset.
    let org = org();
    let token = token(&org, &Ask::new());
    assert!(verify(&org, &org.state(), at(NOW), &token).is_ok());
    let other = other(&org);
    assert_eq!(verify(&other, &other.state(), at(NOW), &token), Err(TokenRefusal::ForeignIssuer));
    assert_eq!((org.tokens().tag(&token), other.tokens().tag(&token)), ("T1".to_owned(), "X1".to_owned()));
    org.reset();
    assert_eq!(verify(&org, &org.state(), at(NOW), &token), Err(TokenRefusal::ForeignIssuer));
}

#[test]
fn what_is_no_token_is_refused() {
    let org = org();
    let good = token(&org, &Ask::new());
    let parts: Vec<&str> = good.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let kid = org.keys().kid().to_owned();
    let head = |alg: &str| json!({ "kid": kid, "typ": "application/okta-internal-at+jwt", "alg": alg });
    let mut more = claims.clone();
    more["scp"] = json!(["okta.users.manage"]);
    let public = String::from_utf8(org.keys().document().to_vec()).unwrap();
    for token in [
        String::new(),
        "..".to_owned(),
        "undefined".to_owned(),
        "\u{0}\u{fffd}.ä.🦀".to_owned(),
        good.replace('.', ""),
        format!("{good}.x"),
        format!("{good}="),
        format!("{}.{}.", parts[0], parts[1]),
        damage(&good),
        // Another payload under the same signature.
        format!("{}.{}.{}", parts[0], segment(&more), parts[2]),
        // Without a signature, and with one that the public key would make.
        format!("{}.{}.", segment(&head("none")), segment(&claims)),
        sign(&head("HS256"), &claims, "HS256", None, Some(&public)),
        sign(&head("HS256"), &claims, "HS256", None, Some(fixture_pem("org-signing-1").unwrap())),
        // The right header, another key.
        {
            let message = format!("{}.{}", parts[0], parts[1]);
            let signed = sign(&head("RS256"), &claims, "RS256", Some("client-rsa"), None);
            format!("{message}.{}", signed.rsplit('.').next().unwrap())
        },
        // The org's key, an assertion and a header that it does not write.
        sign(&json!({ "alg": "RS256", "kid": kid }), &claims, "RS256", Some("org-signing-1"), None),
        Ask::new().assertion(&org),
    ] {
        assert_eq!(verify(&org, &org.state(), at(NOW), &token), Err(TokenRefusal::Invalid), "{token}");
        assert!(org.tokens().tag(&token).starts_with('X'), "{token}");
    }
}

#[test]
fn every_refusal_has_a_row_in_the_catalogue() {
    for refusal in [
        TokenRefusal::Invalid,
        TokenRefusal::Expired,
        TokenRefusal::Revoked,
        TokenRefusal::ForeignAudience,
        TokenRefusal::ForeignIssuer,
    ] {
        let row = facts().oauth_errors.get(refusal.row()).unwrap();
        assert_eq!((row.status.as_u16(), row.error.as_str()), (401, "invalid_token"));
    }
}
