#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;
use crate::client::protocol::{Achieved, Op, Outcome, Reason, Refused};

const TOLD: &str = "https://acme.okta.com";
const ME: &str = "0oa1";

fn ledger(exchanges: &[Value]) -> Ledger {
    let whole = |(at, exchange): (usize, &Value)| {
        let mut exchange = exchange.clone();
        exchange["seq"] = json!(at + 1);
        if exchange.get("time").is_none() {
            exchange["time"] = json!("2026-11-24T10:00:00Z");
        }
        if exchange.get("response").is_none() {
            exchange["response"] = json!({ "status": 200 });
        }
        if exchange["request"].get("headers").is_none() {
            let form = "application/x-www-form-urlencoded";
            exchange["request"]["headers"] =
                json!([["User-Agent", "a"], ["Host", "acme.okta.com"], ["Content-Type", form]]);
        }
        serde_json::from_value(exchange).unwrap()
    };
    Ledger(exchanges.iter().enumerate().map(whole).collect())
}

fn checks(doings: &[Doing], exchanges: &[Value], wrong_request: bool) -> Vec<Check> {
    let scene = Scene {
        doings,
        ledger: &ledger(exchanges),
        told: TOLD,
        own: TOLD,
        plain: "http://127.0.0.1:80",
        client_id: ME,
        wrong_request,
    };
    judge("X-001", &scene)
}

fn slugs(doings: &[Doing], exchanges: &[Value]) -> Vec<String> {
    let checks = checks(doings, exchanges, false);
    checks.into_iter().map(|check| check.id.trim_start_matches("X-001:").to_owned()).collect()
}

/// A token request whose assertion has these claims beside the right ones.
fn asserted(claims: &Value, header: &Value) -> Value {
    let mut right = json!({
        "iss": ME, "sub": ME, "aud": "https://acme.okta.com/oauth2/v1/token", "jti": "a",
        // The moment of every exchange here, and five minutes later.
        "iat": 1_795_514_400, "exp": 1_795_514_700,
    });
    right.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    right.as_object_mut().unwrap().retain(|_, claim| !claim.is_null());
    json!({
        "client": {
            "assertion": { "header": header, "claims": right },
            "issued": { "token": "T1", "scopes": ["okta.users.read"] },
        },
        "request": {
            "method": "POST", "target": "/oauth2/v1/token",
            "body": "grant_type=client_credentials&scope=okta.users.read&client_assertion=x",
        },
    })
}

fn claims(claims: &Value) -> Value {
    asserted(claims, &json!({ "alg": "RS256" }))
}

fn form(target: &str, body: &str, headers: &[[&str; 2]]) -> Value {
    let mut all = vec![["User-Agent", "a"], ["Host", "acme.okta.com"]];
    if !headers.iter().any(|[name, _]| *name == "Content-Type") {
        all.push(["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"]);
    }
    all.extend(headers);
    json!({ "request": { "method": "POST", "target": target, "headers": all, "body": body } })
}

fn call(target: &str, headers: &[[&str; 2]]) -> Value {
    let mut all = vec![["User-Agent", "a"]];
    if !headers.iter().any(|[name, _]| *name == "Host") {
        all.push(["Host", "acme.okta.com"]);
    }
    all.extend(headers);
    json!({ "request": { "method": "GET", "target": target, "headers": all } })
}

#[test]
fn each_monitor_speaks_when_its_rule_is_broken_and_only_then() {
    let bearer = ["Authorization", "Bearer b"];
    let with = |token: &str, mut exchange: Value| {
        exchange["client"] = json!({ "token": token });
        exchange
    };
    let ok = "grant_type=client_credentials&scope=s";
    let token = "/oauth2/v1/token";
    let basic = ["Authorization", "Basic aWQ6c2VjcmV0"];
    let table: Vec<(Vec<Value>, &[&str])> = vec![
        (vec![claims(&json!({})), with("T1", call("/api/v1/users?limit=2", &[bearer]))], &[]),
        (vec![claims(&json!({})), claims(&json!({ "jti": "b" }))], &[]),
        (vec![claims(&json!({})), claims(&json!({}))], &["fresh-jti"]),
        (vec![claims(&json!({ "jti": null })), claims(&json!({ "jti": null }))], &[]),
        (vec![asserted(&json!({}), &json!({ "alg": "HS256" }))], &["asymmetric-assertion"]),
        (vec![asserted(&json!({}), &json!({ "alg": "ES256K" }))], &["asymmetric-assertion"]),
        (vec![asserted(&json!({}), &json!({}))], &["asymmetric-assertion"]),
        (vec![claims(&json!({ "aud": TOLD }))], &["assertion-for-this-address"]),
        (vec![claims(&json!({ "aud": null }))], &["assertion-for-this-address"]),
        (vec![claims(&json!({ "aud": ["x", "https://acme.okta.com/oauth2/v1/token"] }))], &[]),
        (vec![claims(&json!({ "sub": "0oa2" }))], &["assertion-about-oneself"]),
        (vec![claims(&json!({ "exp": 1_795_521_600 }))], &["assertion-of-an-hour"]),
        (vec![claims(&json!({ "exp": 1_795_514_700_000_i64 }))], &["assertion-of-an-hour"]),
        (vec![claims(&json!({ "exp": null }))], &["assertion-of-an-hour"]),
        // A clock that is two hours ahead is no long life.
        (vec![claims(&json!({ "iat": 1_795_521_600, "exp": 1_795_521_900 }))], &[]),
        (vec![with("T9", call("/api/v1/users", &[bearer]))], &["own-token"]),
        (vec![call("/api/v1/users", &[bearer, bearer])], &["authorization-form"]),
        (vec![call("/api/v1/users", &[["Authorization", "Bearer undefined"]])], &["authorization-form"]),
        (vec![call("/api/v1/users", &[["Host", "evil.example"], bearer])], &["secrets-at-home"]),
        (vec![call("/api/v1/users", &[["Host", "evil.example"]])], &[]),
        (vec![call("/api/v1/users", &[["Host", "127.0.0.1"], bearer])], &["always-tls"]),
        (vec![call("/api/v1/users?access_token=x", &[])], &["no-secret-in-a-query", "documented-query"]),
        (vec![form(&format!("{token}?code_verifier=s"), ok, &[])], &["no-secret-in-a-query"]),
        (vec![form("/oauth2/default/v1/token", ok, &[])], &["org-authorization-server"]),
        (vec![form(token, ok, &[["Content-Type", "application/json"]])], &["token-request-type"]),
        (vec![form(token, ok, &[basic])], &[]),
        (vec![form(token, &format!("{ok}&client_secret=s"), &[basic])], &["one-credential"]),
        (vec![form(token, &format!("{ok}&client_id=s"), &[basic])], &["one-credential"]),
        (vec![form(token, &format!("{ok}&client_id=s&client_secret=t"), &[])], &[]),
        (vec![form(token, "grant_type=client_credentials", &[])], &["scopes-asked"]),
        (vec![form(token, "grant_type=client_credentials&scope=", &[])], &["scopes-asked"]),
        (vec![form(token, "grant_type=refresh_token", &[])], &[]),
        (vec![form(token, &format!("{ok}+offline_access"), &[])], &["no-offline-access"]),
        (vec![form(token, &format!("{ok}&tenant=a"), &[])], &["token-parameters-known"]),
        (vec![call("/api/v1/unicorns", &[])], &["documented-address"]),
        (vec![call("/api/v1/users?limit=two", &[])], &["documented-query"]),
        (vec![call("/api/v1/users?page=2", &[])], &["documented-query"]),
        (vec![form("/api/v1/users", r#"{"profile":"{}"}"#, &[])], &["documented-body"]),
        (
            vec![json!({ "request": { "method": "GET", "target": "/", "headers": [["Host", "h"]] } })],
            &["user-agent"],
        ),
        (vec![call("/api/v1/users", &[]); 10], &[]),
        (vec![call("/api/v1/groups", &[]); 11], &[]),
    ];
    for (exchanges, expected) in table {
        assert_eq!(slugs(&[], &exchanges), *expected, "{exchanges:?}");
    }
}

fn doing(op: Op, after: u64, outcome: Outcome) -> Doing {
    Doing { op, after, outcome }
}

fn ok(achieved: Achieved) -> Outcome {
    Outcome::Ok(achieved)
}

fn refused(status: Option<u16>, reason: Reason) -> Outcome {
    Outcome::Refused(Refused { status, error: None, reason: Some(reason) })
}

#[test]
fn a_storm_is_eleven_times_the_same_within_a_second_of_one_op() {
    let users = || call("/api/v1/users", &[]);
    let read = |after| doing(Op::get("/api/v1/users"), after, ok(Achieved::default()));
    assert_eq!(slugs(&[read(0)], &vec![users(); 10]), Vec::<String>::new());
    assert_eq!(slugs(&[read(0)], &vec![users(); 11]), ["no-request-storm"]);
    assert_eq!(slugs(&[read(0), read(6)], &vec![users(); 11]), Vec::<String>::new(), "it was asked twice");
    let spread: Vec<Value> = (0..30)
        .map(|nth| {
            let mut one = users();
            one["time"] = json!(format!("2026-11-24T10:00:{nth:02}Z"));
            one
        })
        .collect();
    assert_eq!(slugs(&[read(0)], &spread), Vec::<String>::new());
}

#[test]
fn a_claim_without_a_request_is_found() {
    let list = || Op::list_all("/api/v1/users");
    let page = || call("/api/v1/users?limit=2", &[]);
    let done = |op, after| doing(op, after, ok(Achieved::default()));
    assert_eq!(slugs(&[done(list(), 0)], &[page()]), Vec::<String>::new());
    assert_eq!(slugs(&[done(list(), 1)], &[page()]), ["claims-match-the-wire"]);
    assert_eq!(slugs(&[done(Op::GetToken, 0)], &[page()]), ["claims-match-the-wire"]);
    let escaped = call("/api/v1/users/a%40example.com", &[]);
    assert_eq!(slugs(&[done(Op::get("/api/v1/users/a@example.com"), 0)], &[escaped]), Vec::<String>::new());
    let mut failed = claims(&json!({}));
    failed["response"] = json!({ "status": 401 });
    assert_eq!(slugs(&[done(Op::GetToken, 0)], &[failed]), ["claims-match-the-wire"], "no token was issued");
}

#[test]
fn what_the_client_says_and_the_wire_does_not_show_is_found() {
    let answered = |status: u16, body: Value| {
        let mut one = call("/api/v1/users", &[]);
        one["response"] = json!({ "status": status, "body": body.to_string() });
        one
    };
    let users = || answered(200, json!([{ "id": "a" }, { "id": "b" }]));
    let get = || Op::get("/api/v1/users");
    let list = || Op::list_all("/api/v1/users");
    let count = |count| ok(Achieved { count: Some(count), ..Achieved::default() });
    let status = |status| ok(Achieved { status: Some(status), ..Achieved::default() });
    let ill = || {
        let mut one = users();
        one["faults"] = json!(["f1"]);
        one
    };
    let table: Vec<(Op, Outcome, Value, &[&str])> = vec![
        (get(), refused(Some(403), Reason::HttpStatus), answered(403, json!({})), &[]),
        (get(), refused(None, Reason::HttpStatus), users(), &["refused-by-nobody"]),
        (get(), refused(None, Reason::Validation), users(), &[]),
        (get(), refused(None, Reason::Transport), users(), &[]),
        (get(), refused(None, Reason::HttpStatus), ill(), &[]),
        (get(), refused(Some(500), Reason::HttpStatus), answered(403, json!({})), &["status-of-an-answer"]),
        (get(), status(200), users(), &[]),
        (get(), status(200), answered(403, json!({})), &["status-of-an-answer"]),
        (list(), count(2), users(), &[]),
        (list(), count(3), users(), &["count-of-the-pages"]),
        (list(), count(1), users(), &["count-of-the-pages"]),
        (list(), count(1), answered(200, json!([{ "id": "a" }, { "id": "a" }])), &[]),
        (list(), count(2), answered(200, json!([{ "id": "a" }, { "id": "a" }])), &[]),
        (list(), count(0), answered(200, json!({})), &[]),
    ];
    for (op, outcome, exchange, expected) in table {
        let doings = [doing(op, 0, outcome)];
        assert_eq!(slugs(&doings, std::slice::from_ref(&exchange)), *expected, "{doings:?} {exchange}");
    }
    let scope = |scope: &str| ok(Achieved { scope: Some(vec![scope.to_owned()]), ..Achieved::default() });
    let token = [claims(&json!({}))];
    assert_eq!(slugs(&[doing(Op::GetToken, 0, scope("okta.users.read"))], &token), Vec::<String>::new());
    assert_eq!(slugs(&[doing(Op::GetToken, 0, scope("okta.apps.read"))], &token), ["scope-of-a-token"]);
}

#[test]
fn a_wrong_request_is_its_author_s() {
    let wrong = || call("/api/v1/unicorns", &[]);
    let asked = [doing(Op::get("/api/v1/unicorns"), 0, refused(None, Reason::Validation))];
    let verdict = |doings: &[Doing], exchanges: &[Value], on_purpose| {
        let checks = checks(doings, exchanges, on_purpose);
        checks.into_iter().find(|check| check.id.ends_with("documented-address")).map(|check| check.verdict)
    };
    assert_eq!(verdict(&[], &[wrong()], false), Some(Verdict::Fail), "the client made it up");
    assert_eq!(verdict(&asked, &[wrong()], false), Some(Verdict::Error), "the harness asked for it");
    assert_eq!(verdict(&asked, &[wrong()], true), None, "the scenario is about it");
    assert_eq!(verdict(&[], &[wrong()], true), Some(Verdict::Fail), "not about this one");
    let administrator = call("/api/v1/unicorns", &[["Via", "1.1 bystander"]]);
    assert_eq!(verdict(&[], &[administrator], false), Some(Verdict::Error));
    let mut page = call("/api/v1/users", &[]);
    page["response"] = json!({
        "status": 200, "headers": [["link", "<https://acme.okta.com/api/v1/unicorns>; rel=\"next\""]],
    });
    assert_eq!(verdict(&[], &[page, wrong()], false), None, "the org handed it out");
}

#[test]
fn every_monitor_has_a_requirement_of_its_level() {
    for (slug, requirement, level, _) in MONITORS {
        let row = crate::requirements::find(requirement);
        assert_eq!(row.map(|row| row.level), Some(*level), "{slug}: {requirement}");
        assert_eq!(super::requirement(slug), Some(*requirement));
    }
}
