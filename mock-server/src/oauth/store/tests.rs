//! Each kind over its life: issued, found, used up, expired, told apart from others, replayed.

use std::sync::Arc;

use super::device_codes::{Answer, Approval, Decision};
use super::refresh_tokens::{IDLE, LIFETIME, Rotation, Unusable};
use super::{Allowed, codes, device_codes, pushed_requests, refresh_tokens, sessions};
use crate::org::seed::OrgDocument;
use crate::org::{Org, OrgOptions};

const NOW: i64 = 1_795_514_400;

fn org() -> Org {
    Org::new(&OrgDocument::default(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap()
}

fn allowed() -> Allowed {
    Allowed {
        client_id: "0oa1".into(),
        user_id: "00u1".into(),
        server: None,
        scopes: vec!["openid".into(), "offline_access".into()],
        nonce: Some("n".to_owned()),
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
        session: Some("102s".into()),
        redirect_uri: Some("https://app.example/cb".to_owned()),
        challenge: Some("c".to_owned()),
        dpop_jkt: None,
    }
}

#[test]
fn a_code_is_redeemed_once_and_in_time() {
    let org = org();
    let code = codes::issue(&org, NOW, allowed());
    assert_eq!(codes::find(&org.state(), NOW + 299, &code), Some(allowed()));
    assert_eq!(codes::take(&org, NOW + 300, &code), None, "its time is over");
    assert_eq!(codes::take(&org, NOW + 299, &code), Some(allowed()));
    assert_eq!(codes::take(&org, NOW + 299, &code), None, "it was used");
    assert_eq!(codes::take(&org, NOW, "other"), None);
}

#[test]
fn of_many_that_redeem_a_code_one_wins() {
    let org = org();
    let code = codes::issue(&org, NOW, allowed());
    let winners: usize = std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..8).map(|_| scope.spawn(|| usize::from(codes::take(&org, NOW, &code).is_some()))).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(winners, 1);
}

#[test]
fn what_is_outdated_does_not_pile_up() {
    let org = org();
    for second in 0..2000 {
        codes::issue(&org, NOW + second, allowed());
    }
    assert_eq!(org.state().all("codes").len(), 300);
}

#[test]
fn a_session_lasts_until_it_ends() {
    let org = org();
    let session = sessions::start(&org, NOW, "00u1", vec!["pwd".to_owned()]);
    assert_eq!(
        sessions::find(&org.state(), NOW + sessions::LIFETIME - 1, &session.id),
        Some(session.clone())
    );
    assert_eq!(sessions::find(&org.state(), NOW + sessions::LIFETIME, &session.id), None);
    assert!(sessions::end(&org, NOW, &session.id));
    assert!(!sessions::end(&org, NOW, &session.id));
    assert_eq!(sessions::find(&org.state(), NOW, &session.id), None);
}

#[test]
fn a_pushed_request_is_its_client_s() {
    let org = org();
    let parameters = vec![("scope".to_owned(), "openid".to_owned())];
    let uri = pushed_requests::issue(&org, NOW, "0oa1".into(), None, parameters.clone());
    assert!(uri.starts_with("urn:okta:"));
    assert_eq!(pushed_requests::take(&org, NOW, "0oa2", &uri), None);
    assert_eq!(*pushed_requests::find(&org.state(), NOW, &uri).unwrap().client_id, *"0oa1");
    assert_eq!(pushed_requests::take(&org, NOW + 3600, "0oa1", &uri), None);
    assert_eq!(pushed_requests::take(&org, NOW, "0oa1", &uri).unwrap().parameters, parameters);
    assert_eq!(pushed_requests::take(&org, NOW, "0oa1", &uri), None);
}

#[test]
fn a_static_refresh_token_stays_the_same() {
    let org = org();
    let first = refresh_tokens::issue(&org, NOW, allowed());
    for nth in 1..6 {
        let next = refresh_tokens::rotate(&org, NOW + nth, &first.token, Rotation::Static).unwrap();
        assert_eq!(next.token, first.token);
        assert_eq!(next.family.expires_at, NOW + LIFETIME);
    }
}

#[test]
fn a_rotated_refresh_token_works_for_the_leeway_and_then_kills_its_family() {
    let org = org();
    let rotation = Rotation::Rotate(30);
    let rotate = |at: i64, token: &Arc<str>| refresh_tokens::rotate(&org, at, token, rotation);
    let first = refresh_tokens::issue(&org, NOW, allowed());
    let second = rotate(NOW + 10, &first.token).unwrap();
    assert_ne!(second.token, first.token);
    assert_eq!(second.family.id, first.family.id);
    let again = rotate(NOW + 39, &first.token).unwrap();
    assert!(again.token != second.token, "within the leeway");
    assert!(rotate(NOW + 39, &second.token).is_ok(), "both go on");
    assert_eq!(rotate(NOW + 40, &first.token), Err(Unusable::Reused));
    for token in [&first.token, &second.token, &again.token] {
        assert_eq!(rotate(NOW + 41, token), Err(Unusable::Revoked), "the family is dead");
    }
    assert!(refresh_tokens::family(&org.state(), &first.family.id).unwrap().revoked);
}

#[test]
fn without_a_leeway_the_second_use_is_one_too_many() {
    let org = org();
    let first = refresh_tokens::issue(&org, NOW, allowed());
    assert!(refresh_tokens::rotate(&org, NOW, &first.token, Rotation::Rotate(0)).is_ok());
    assert_eq!(refresh_tokens::rotate(&org, NOW, &first.token, Rotation::Rotate(0)), Err(Unusable::Reused));
}

#[test]
fn a_refresh_token_ends_when_idle_and_after_its_lifetime() {
    let org = org();
    let token = refresh_tokens::issue(&org, NOW, allowed()).token;
    let rotate = |at: i64| refresh_tokens::rotate(&org, at, &token, Rotation::Static);
    assert_eq!(rotate(NOW + IDLE), Err(Unusable::Expired));
    let mut at = NOW;
    while at + IDLE - 1 < NOW + LIFETIME {
        at += IDLE - 1;
        assert!(rotate(at).is_ok());
    }
    assert_eq!(rotate(NOW + LIFETIME), Err(Unusable::Expired));
}

#[test]
fn a_revoked_family_is_dead_and_others_are_not() {
    let org = org();
    let (one, two) =
        (refresh_tokens::issue(&org, NOW, allowed()), refresh_tokens::issue(&org, NOW, allowed()));
    refresh_tokens::revoke_family(&org, NOW, &one.family.id);
    assert_eq!(refresh_tokens::rotate(&org, NOW, &one.token, Rotation::Static), Err(Unusable::Revoked));
    assert!(refresh_tokens::rotate(&org, NOW, &two.token, Rotation::Static).is_ok());
    assert_eq!(refresh_tokens::rotate(&org, NOW, "x", Rotation::Static), Err(Unusable::Unknown));
}

fn approval() -> Approval {
    Approval { user_id: "00u1".into(), auth_time: NOW, amr: vec!["pwd".to_owned()], session: None }
}

#[test]
fn a_device_waits_asks_not_too_often_and_gets_its_answer_once() {
    let org = org();
    let code = device_codes::issue(&org, NOW, "0oa1".into(), None, vec!["openid".into()]);
    let ask = |at| device_codes::ask(&org, at, "0oa1", None, &code.device_code);
    assert_eq!((code.device_code.len(), code.user_code.len()), (36, 8));
    assert_eq!(device_codes::ask(&org, NOW, "0oa2", None, &code.device_code), Answer::OtherClient);
    assert_eq!(device_codes::ask(&org, NOW, "0oa1", Some("aus1"), &code.device_code), Answer::OtherServer);
    assert_eq!(ask(NOW), Answer::Pending);
    assert_eq!(ask(NOW + 4), Answer::SlowDown);
    assert_eq!(ask(NOW + 9), Answer::Pending);
    let typed = format!("{}-{}", &code.user_code[..4].to_lowercase(), &code.user_code[4..]);
    let found = device_codes::by_user_code(&org.state(), NOW, &typed).unwrap();
    assert_eq!(found.device_code, code.device_code);
    assert!(device_codes::settle(&org, NOW, &code.device_code, &Decision::Approved(approval())));
    assert!(!device_codes::settle(&org, NOW, &code.device_code, &Decision::Denied));
    assert_eq!(device_codes::by_user_code(&org.state(), NOW, &typed), None);
    assert!(matches!(ask(NOW + 10), Answer::Approved(_, by) if by == approval()));
    assert_eq!(ask(NOW + 11), Answer::Unknown);
}

#[test]
fn a_device_is_told_that_its_time_is_over_or_the_answer_is_no() {
    let org = org();
    let late = device_codes::issue(&org, NOW, "0oa1".into(), None, Vec::new());
    let denied = device_codes::issue(&org, NOW, "0oa1".into(), None, Vec::new());
    assert_ne!(late.user_code, denied.user_code);
    assert_eq!(device_codes::ask(&org, NOW + 600, "0oa1", None, &late.device_code), Answer::Expired);
    assert!(!device_codes::settle(&org, NOW + 600, &late.device_code, &Decision::Denied));
    assert!(device_codes::settle(&org, NOW, &denied.device_code, &Decision::Denied));
    assert_eq!(device_codes::ask(&org, NOW, "0oa1", None, &denied.device_code), Answer::Denied);
}

#[test]
fn replaying_the_changes_gives_the_same_org() {
    let org = org();
    let code = codes::issue(&org, NOW, allowed());
    codes::take(&org, NOW, &code);
    sessions::start(&org, NOW, "00u1", Vec::new());
    let first = refresh_tokens::issue(&org, NOW, allowed());
    let second = refresh_tokens::rotate(&org, NOW, &first.token, Rotation::Rotate(30)).unwrap();
    refresh_tokens::revoke_family(&org, NOW, &second.family.id);
    let device = device_codes::issue(&org, NOW, "0oa1".into(), None, Vec::new());
    device_codes::settle(&org, NOW, &device.device_code, &Decision::Approved(approval()));
    assert!(org.replayed(&org.history().unwrap()) == *org.state());
    org.reset();
    assert_eq!(codes::find(&org.state(), NOW, &code), None);
    assert!(org.state().all("refresh_tokens").is_empty());
}
