//! The reference client and its mutants, driven through the protocol against scripted orgs.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Builtin, mutants,
    scripted::{Answered, Asked, ScriptedOrg},
};
use crate::client::{
    Session,
    protocol::{Achieved, Authentication, Connection, Op, Outcome, Reason, Refused},
    session::{Deadlines, outcome_of},
};

const TOKEN: &str = "POST /oauth2/v1/token";
const USERS: &str = "/api/v1/users?limit=2";

fn json_answer(status: u16, body: Value) -> Answered {
    (status, vec![("Content-Type", "application/json; charset=utf-8".to_owned())], body.to_string())
}

fn token(number: usize) -> Answered {
    let token = format!("token-{number}");
    json_answer(
        200,
        json!({"token_type": "Bearer", "expires_in": 3600, "access_token": token, "scope": "okta.users.read"}),
    )
}

/// Answers token requests, and everything else by the script.
fn with_tokens(
    script: impl Fn(&Asked, usize) -> Answered + Send + Sync + 'static,
) -> impl Fn(&Asked, usize) -> Answered + Send + Sync + 'static {
    move |asked, before| if asked.line == TOKEN { token(before) } else { script(asked, before) }
}

fn secret() -> Authentication {
    Authentication::ClientSecretBasic { client_secret: "s3cret/+~".to_owned() }
}

/// A client that is configured for the org.
async fn client(org: &str, mutant: Option<&str>, auth: Authentication) -> Session {
    // The program does this once in main; the first test that comes does it here.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let deadlines = Deadlines { ready: Duration::from_secs(5), op: Duration::from_secs(10) };
    let driver = Builtin::new(mutant.map(|name| mutants::find(name).unwrap()));
    let mut session = Session::open(&driver, deadlines).unwrap();
    session.hello().await.unwrap();
    let connection = Connection {
        org_url: org.to_owned(),
        issuer: org.to_owned(),
        client_id: "0oa1".to_owned(),
        auth,
        scopes: vec!["okta.users.read".to_owned()],
        dpop: false,
        ca_pem: None,
        proxy: None,
        settings: std::collections::BTreeMap::new(),
        sign_in: None,
    };
    let configured = session.ask(Op::Configure { client: Box::new(connection) }).await.unwrap();
    assert_eq!(configured, Outcome::Ok(Achieved::default()));
    session
}

async fn ask(org: &ScriptedOrg, mutant: Option<&str>, op: Op) -> Outcome {
    let mut client = client(&org.url, mutant, secret()).await;
    let outcome = client.ask(op).await.unwrap();
    client.bye().await.unwrap();
    outcome
}

fn refused(outcome: Outcome) -> Refused {
    match outcome {
        Outcome::Refused(refused) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_used_again() {
    for (mutant, expected) in [(None, 1), (Some("no-token-cache"), 2)] {
        let org = ScriptedOrg::start(with_tokens(|_, _| json_answer(200, json!([])))).await;
        let mut client = client(&org.url, mutant, secret()).await;
        for _ in 0..2 {
            client.ask(Op::get(USERS)).await.unwrap();
        }
        assert_eq!(org.lines().iter().filter(|line| *line == TOKEN).count(), expected, "{mutant:?}");
    }
}

#[tokio::test]
async fn a_token_is_replaced_a_minute_before_it_expires_by_the_clients_clock() {
    let org = ScriptedOrg::start(with_tokens(|_, _| json_answer(200, json!([])))).await;
    let mut client = client(&org.url, None, secret()).await;
    for (ms, requests) in [(0, 1), (3_500_000, 1), (45_000, 2)] {
        client.ask(Op::AdvanceClock { ms }).await.unwrap();
        client.ask(Op::GetToken).await.unwrap();
        assert_eq!(org.lines().len(), requests, "after {ms} ms more");
    }
}

#[tokio::test]
async fn basic_credentials_are_form_encoded() {
    let org = ScriptedOrg::start(with_tokens(|_, _| json_answer(200, json!([])))).await;
    ask(&org, None, Op::GetToken).await;
    // 0oa1:s3cret%2F%2B%7E
    assert!(org.asked()[0].head.contains("Basic MG9hMTpzM2NyZXQlMkYlMkIlN0U="), "{}", org.asked()[0].head);
    assert_eq!(org.asked()[0].body, "grant_type=client_credentials&scope=okta.users.read");

    ask(&org, Some("secret-in-query"), Op::GetToken).await;
    assert!(org.lines()[1].contains("?client_id=0oa1&client_secret=s3cret"), "{}", org.lines()[1]);
    ask(&org, Some("scope-missing"), Op::GetToken).await;
    assert_eq!(org.asked()[2].body, "grant_type=client_credentials");
}

#[tokio::test]
async fn assertions_are_short_lived_fresh_and_meant_for_the_token_endpoint() {
    let claims = async |mutant: Option<&str>| {
        let org = ScriptedOrg::start(with_tokens(|_, _| json_answer(200, json!([])))).await;
        let pem = include_str!("../../../../fixtures/keys/client-rsa.pem").to_owned();
        let auth = Authentication::PrivateKeyJwt {
            private_key_pem: pem,
            kid: Some("k1".to_owned()),
            alg: "RS256".to_owned(),
        };
        let mut client = client(&org.url, mutant, auth).await;
        let mut claims = Vec::new();
        for _ in 0..2 {
            client.ask(Op::ForgetToken).await.unwrap();
            client.ask(Op::GetToken).await.unwrap();
        }
        for asked in org.asked() {
            let form = form_urlencoded::parse(asked.body.as_bytes());
            let (_, jwt) = form.into_iter().find(|(name, _)| name == "client_assertion").unwrap();
            let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
            let mut payload: Value = serde_json::from_slice(&payload).unwrap();
            payload["seconds"] = json!(payload["exp"].as_i64().unwrap() - payload["iat"].as_i64().unwrap());
            payload["aud"] = json!(payload["aud"].as_str().unwrap().replace(&org.url, "ORG"));
            claims.push(payload);
        }
        claims
    };
    let good = claims(None).await;
    for claim in &good {
        assert_eq!((&claim["iss"], &claim["sub"]), (&json!("0oa1"), &json!("0oa1")));
        assert_eq!((&claim["aud"], &claim["seconds"]), (&json!("ORG/oauth2/v1/token"), &json!(300)));
    }
    assert_ne!(good[0]["jti"], good[1]["jti"]);
    let reused = claims(Some("reused-jti")).await;
    assert_eq!(reused[0]["jti"], reused[1]["jti"]);
    assert_eq!(claims(Some("aud-is-issuer")).await[0]["aud"], "ORG");
    assert_eq!(claims(Some("assertion-two-hours")).await[0]["seconds"], 7200);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let unauthorized =
        || (401, vec![("WWW-Authenticate", "Bearer error=\"invalid_token\"".to_owned())], String::new());
    let org = ScriptedOrg::start(with_tokens(move |asked, _| {
        if asked.head.contains("token-0") { unauthorized() } else { json_answer(200, json!([])) }
    }))
    .await;
    assert!(matches!(ask(&org, None, Op::get(USERS)).await, Outcome::Ok(_)));
    assert_eq!(org.lines(), [TOKEN, "GET /api/v1/users?limit=2", TOKEN, "GET /api/v1/users?limit=2"]);

    let org = ScriptedOrg::start(with_tokens(move |_, _| unauthorized())).await;
    let refusal = refused(ask(&org, None, Op::get(USERS)).await);
    assert_eq!((refusal.status, refusal.error.unwrap().code.as_deref()), (Some(401), Some("invalid_token")));
    assert_eq!(org.lines().len(), 4, "once, not for ever");

    assert_eq!(refused(ask(&org, Some("never-reauthenticate"), Op::get(USERS)).await).status, Some(401));
    assert_eq!(org.lines().len(), 4 + 2);
}

fn limited(reset: &str) -> Answered {
    let mut answered =
        json_answer(429, json!({"errorCode": "E0000047", "errorSummary": "API call exceeded rate limit"}));
    // Ten minutes, so that a wait in real time would be noticed.
    answered.1.push(("Date", "Tue, 24 Nov 2026 10:00:00 GMT".to_owned()));
    answered.1.push(("X-Rate-Limit-Reset", reset.to_owned()));
    answered
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_by_the_clients_clock() {
    let org = ScriptedOrg::start(with_tokens(|_, before| {
        if before < 2 { limited("1795515000") } else { json_answer(200, json!([])) }
    }))
    .await;
    let mut client = client(&org.url, None, secret()).await;
    let call = client.send(Op::get(USERS)).await.unwrap();
    while org.lines().len() < 2 {
        tokio::task::yield_now().await;
    }
    let moved = client.send(Op::AdvanceClock { ms: 601_000 }).await.unwrap();
    let (first, _) = client.next_reply().await.unwrap();
    let (second, reply) = client.next_reply().await.unwrap();
    assert_eq!((first, second), (moved, call), "the clock is heard while the call waits");
    assert!(matches!(outcome_of("call", reply).unwrap(), Outcome::Ok(_)));
    assert_eq!(org.lines().len(), 3);
}

#[tokio::test]
async fn patience_has_an_end() {
    let org = ScriptedOrg::start(with_tokens(|_, _| limited("1795515000"))).await;
    let refusal = refused(ask(&org, Some("no-backoff"), Op::get(USERS)).await);
    assert_eq!((refusal.status, refusal.reason), (Some(429), Some(Reason::RetriesExhausted)));
    assert_eq!(org.lines().len(), 1 + 4);

    let org =
        ScriptedOrg::start(with_tokens(|_, _| json_answer(429, json!({"errorCode": "E0000047"})))).await;
    assert_eq!(
        refused(ask(&org, None, Op::get(USERS)).await).status,
        Some(429),
        "without a reset nobody can wait"
    );
    assert_eq!(org.lines().len(), 2);
}

/// Three pages of one user each; how the links are written is the table's matter.
fn pages(
    links: fn(&str, usize) -> Vec<String>,
) -> impl Fn(&Asked, usize) -> Answered + Send + Sync + 'static {
    with_tokens(move |asked, _| {
        let host = asked.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
        let page = asked.line.split("after=").nth(1).map_or(1, |after| after.parse().unwrap_or(1));
        let mut answered = json_answer(200, json!([{"id": format!("u{page}")}]));
        answered.1.extend(links(&host, page).into_iter().map(|link| ("Link", link)));
        answered
    })
}

fn own(host: &str, page: usize) -> String {
    format!("<http://{host}/api/v1/users?after={page}>; rel=\"self\"")
}

fn next(host: &str, page: usize) -> String {
    format!("<http://{host}/api/v1/users?after={}>; rel=\"next\"", page + 1)
}

#[tokio::test]
async fn pages_are_followed_as_they_were_given() {
    let table: [fn(&str, usize) -> Vec<String>; 2] = [
        |host, page| if page < 3 { vec![own(host, page), next(host, page)] } else { vec![own(host, page)] },
        |host, page| {
            if page < 3 { vec![format!("{}, {}", own(host, page), next(host, page))] } else { Vec::new() }
        },
    ];
    for links in table {
        let org = ScriptedOrg::start(pages(links)).await;
        let Outcome::Ok(list) = ask(&org, None, Op::list_all("/api/v1/users?limit=1")).await else {
            panic!()
        };
        assert_eq!(list.values, Some(vec![json!("u1"), json!("u2"), json!("u3")]));
        assert_eq!(list.count, Some(3));

        let Outcome::Ok(list) = ask(&org, Some("stop-at-first-page"), Op::list_all("/api/v1/users")).await
        else {
            panic!()
        };
        assert_eq!(list.count, Some(1));
        ask(&org, Some("own-cursor"), Op::list_all("/api/v1/users?limit=1")).await;
        assert!(org.lines().contains(&"GET /api/v1/users?limit=1&after=u1".to_owned()), "{:?}", org.lines());
    }
}

#[tokio::test]
async fn a_loop_of_pages_ends_in_a_refusal() {
    let org = ScriptedOrg::start(pages(|host, page| vec![next(host, page % 3)])).await;
    let refusal = refused(ask(&org, None, Op::list_all("/api/v1/users?after=1")).await);
    assert_eq!(refusal.reason, Some(Reason::Validation));
    assert_eq!(org.lines().len(), 1 + 3, "pages 1, 2 and 3, and none of them again");
}

#[tokio::test]
async fn a_token_goes_to_no_other_origin() {
    let elsewhere = ScriptedOrg::start(|_, _| json_answer(200, json!([]))).await;
    let foreign = format!("<{}/api/v1/users?after=2>; rel=\"next\"", elsewhere.url);
    let org = ScriptedOrg::start(with_tokens(move |_, _| {
        let mut answered = json_answer(200, json!([{"id": "u1"}]));
        answered.1.push(("Link", foreign.clone()));
        answered
    }))
    .await;
    let refusal = refused(ask(&org, None, Op::list_all("/api/v1/users")).await);
    assert_eq!(refusal.reason, Some(Reason::Validation));
    assert_eq!(elsewhere.lines(), Vec::<String>::new());
    ask(&org, Some("follow-foreign-link"), Op::list_all("/api/v1/users")).await;
    assert!(elsewhere.asked()[0].head.contains("authorization: Bearer"), "the mutant hands its token out");
}

#[tokio::test]
async fn errors_reach_the_caller_in_the_words_of_the_org() {
    let challenge =
        "Bearer authorization_uri=\"x\", error=\"insufficient_scope\", error_description=\"no scope\"";
    let table: [(Answered, u16, Option<&str>, Option<&str>); 3] = [
        (
            json_answer(403, json!({"errorCode": "E0000006", "errorSummary": "You do not have permission"})),
            403,
            Some("E0000006"),
            Some("You do not have permission"),
        ),
        (
            (403, vec![("WWW-Authenticate", challenge.to_owned())], String::new()),
            403,
            Some("insufficient_scope"),
            Some("no scope"),
        ),
        ((502, Vec::new(), "<html>".to_owned()), 502, None, None),
    ];
    for (answered, status, code, message) in table {
        let org = ScriptedOrg::start(with_tokens(move |_, _| answered.clone())).await;
        let refusal = refused(ask(&org, None, Op::get(USERS)).await);
        let error = refusal.error.unwrap();
        assert_eq!((refusal.status, refusal.reason), (Some(status), Some(Reason::HttpStatus)));
        assert_eq!((error.code.as_deref(), error.message.as_deref()), (code, message));
    }
    let org = ScriptedOrg::start(|_, _| {
        json_answer(400, json!({"error": "invalid_scope", "error_description": "none"}))
    })
    .await;
    assert_eq!(
        refused(ask(&org, None, Op::GetToken).await).error.unwrap().code.as_deref(),
        Some("invalid_scope")
    );
    assert!(matches!(ask(&org, Some("lies-without-requests"), Op::GetToken).await, Outcome::Ok(_)));
    let org =
        ScriptedOrg::start(with_tokens(|_, _| json_answer(403, json!({"errorCode": "E0000006"})))).await;
    let Outcome::Ok(swallowed) = ask(&org, Some("swallow-403"), Op::get(USERS)).await else { panic!() };
    assert_eq!(swallowed.body, Some(json!([])));
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_not_used() {
    let table = [
        (200, vec![("Content-Type", "text/html".to_owned())], "[]".to_owned()),
        (200, vec![("Content-Type", "application/json".to_owned())], "[{]".to_owned()),
        (200, vec![("Content-Type", "application/json".to_owned())], "{}".to_owned()),
    ];
    for answered in table {
        let org = ScriptedOrg::start(with_tokens(move |_, _| answered.clone())).await;
        let refusal = refused(ask(&org, None, Op::list_all("/api/v1/users")).await);
        assert_eq!(refusal.reason, Some(Reason::Validation));
    }
}

#[tokio::test]
async fn an_org_that_is_not_there_is_a_refusal() {
    let mut client = client("http://127.0.0.1:9", None, secret()).await;
    assert_eq!(refused(client.ask(Op::GetToken).await.unwrap()).reason, Some(Reason::Transport));
}
