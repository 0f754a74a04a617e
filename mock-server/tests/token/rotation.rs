//! Signing keys take turns: the old one stays published, and what it has signed stays valid (token-facts §13).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use mock_server::oauth::verify;
use mock_server::org::{Org, OrgOptions};
use serde_json::Value;

use crate::ask::{Ask, NOW, json_of, org};

fn token(org: &Org, jti: &str) -> String {
    json_of(&Ask::new().claim("jti", jti).send(org).0)["access_token"].as_str().unwrap().to_owned()
}

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn published(org: &Org) -> Vec<String> {
    org.keys().published().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn old_tokens_stay_valid_and_new_ones_have_the_next_key() {
    let org = org();
    let before = published(&org);
    let old = token(&org, "1");
    assert_eq!((before.len(), kid(&old)), (2, before[0].clone()));

    org.rotate_keys().unwrap();
    let after = published(&org);
    assert_eq!(after.len(), 3);
    assert_eq!(
        (&after[0], &after[2]),
        (&before[1], &before[0]),
        "the next key signs, the old one is published"
    );
    let new = token(&org, "2");
    assert_eq!(kid(&new), after[0]);
    let app = org.state().all("apps").after(None).next().unwrap().value();
    assert_eq!(app["credentials"]["signing"]["kid"], after[0].as_str());

    // Verified anew, not remembered: an org made alike that has seen no token, rotated alike.
    let at = Timestamp::from_second(NOW).unwrap();
    let fresh = self::org();
    for (org, token) in [(&org, &old), (&org, &new), (&fresh, &old)] {
        assert!(verify(org, &org.state(), at, token).is_ok());
    }
    fresh.rotate_keys().unwrap();
    assert!(verify(&fresh, &fresh.state(), at, &old).is_ok(), "the old key verifies after the rotation");
    assert!(verify(&fresh, &fresh.state(), at, &new).is_ok());

    // The keys are state like any other: replayed, forked from the beginning, reset.
    assert!(org.replayed(&org.history().unwrap()) == *org.state());
    assert_eq!(published(&org.fork(&OrgOptions::default())), before);
    org.reset();
    assert_eq!(published(&org), before);
}

#[test]
fn the_published_keys_say_how_long_they_may_be_kept() {
    let org = org();
    let cache = |now: i64| {
        let mut request = Ask::new().at(now).request(&org);
        request.method = http::Method::GET;
        request.target = "/oauth2/v1/keys".to_owned();
        let reply = crate::ask::send(&org, &request).0;
        let lines = reply.headers.iter().filter(|(name, _)| name == "cache-control");
        lines.map(|(_, value)| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = cache(NOW);
    assert_eq!(first.len(), 1);
    let age: i64 = first[0]
        .strip_prefix("max-age=")
        .unwrap()
        .strip_suffix(", must-revalidate")
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=7_776_000).contains(&age), "{age}");
    assert_eq!(cache(NOW + 1), [format!("max-age={}, must-revalidate", age - 1)]);
}
