//! The observations as a table: what a client sends, and what is said of it.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;

const FORM: &str = "grant_type=client_credentials&scope=okta.users.read";

/// A run of one scenario with these exchanges: method and target, headers, body, status.
fn run(steps: &[&str], exchanges: &[(&str, Value, &str, u16)]) -> Run {
    let header = json!({ "record": "header", "schema": 1, "tool": "t", "client": "c", "identity": "i", "capabilities": [],
        "run_arguments": "", "target": "t", "seed": 1, "deadlines": [1, 1], "planned": 1 });
    let mut lines = vec![header];
    for (at, (request, headers, body, status)) in exchanges.iter().enumerate() {
        let headers: Vec<(String, String)> = headers
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        lines.push(json!({ "record": "exchange", "scenario": "A-001", "seq": at + 1,
            "time": format!("2026-11-01T00:00:{at:02}Z"), "operation": null, "request": request,
            "request_headers": headers, "request_body": body, "status": status, "response_headers": [],
            "response_body": if *status == 401 { "{\"error\":\"invalid_client\"}" } else { "" }, "decided": null }));
    }
    for step in steps {
        lines.push(
            json!({ "record": "step", "scenario": "A-001", "keyword": "Given", "text": step, "line": 1,
            "state": "passed", "milliseconds": 0 }),
        );
    }
    lines.push(
        json!({ "record": "scenario", "id": "A-001", "name": "n", "feature": "f", "path": "p", "line": 1,
        "level": "must", "requirements": [], "verdict": "pass", "milliseconds": 0 }),
    );
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Run::read(&text).unwrap()
}

fn observed(name: &str, steps: &[&str], exchanges: &[(&str, Value, &str, u16)]) -> Finding {
    let (run, manifest) = (run(steps, exchanges), Manifest::default());
    observe(name, &Observed::of(&run, true, &manifest))
}

fn basic() -> Value {
    json!({ "authorization": "Basic [redacted]", "content-type": "application/x-www-form-urlencoded", "user-agent": "acme/1" })
}

fn bearer() -> Value {
    json!({ "authorization": "Bearer [redacted]", "user-agent": "acme/1" })
}

#[test]
fn a_sound_client_holds_wherever_something_was_seen() {
    let sound = [
        ("POST /oauth2/v1/token", basic(), FORM, 200),
        ("GET /api/v1/users?limit=200", bearer(), "", 200),
        (
            "POST /api/v1/users/00u1/lifecycle/suspend",
            json!({ "authorization": "Bearer [redacted]", "content-length": "0", "user-agent": "acme/1" }),
            "",
            200,
        ),
    ];
    for name in names().filter(|name| !["both-versions", "least-privilege"].contains(name)) {
        let finding = observed(name, &[], &sound);
        assert_eq!(finding.outcome, Outcome::Holds, "{name}: {}", finding.said);
    }
    for name in names() {
        let finding = observed(name, &[], &[]);
        assert_eq!(finding.outcome, Outcome::NotJudged, "{name}, of nothing: {}", finding.said);
    }
}

#[test]
fn each_fault_is_seen() {
    let with = |name: &str, value: &str| {
        let mut headers = basic();
        headers[name] = value.into();
        headers
    };
    let bare = json!({ "user-agent": "acme/1", "content-type": "application/x-www-form-urlencoded" });
    let token = "POST /oauth2/v1/token";
    let table: &[(&str, (&str, Value, &str, u16), &str)] = &[
        ("grant-type", (token, basic(), "grant_type=password&scope=a", 400), "grant_type is password"),
        ("grant-type", (token, basic(), "scope=a", 400), "there is no grant_type"),
        ("grant-type", ("GET /oauth2/v1/authorize?x=1", json!({}), "", 302), "somebody is sent to sign in"),
        (
            "basic-only",
            (token, bare.clone(), "client_secret=[redacted]", 401),
            "the secret in the body instead of Basic",
        ),
        (
            "basic-only",
            (token, bare.clone(), "client_assertion=[redacted]", 200),
            "an assertion instead of Basic",
        ),
        ("basic-only", (token, bare, FORM, 400), "no credentials"),
        (
            "one-credential",
            (token, basic(), "client_secret=[redacted]", 400),
            "Basic and the secret in the body",
        ),
        ("secret-accepted", (token, basic(), FORM, 401), "the org knows no pair"),
        ("scope-present", (token, basic(), "grant_type=client_credentials", 400), "there is no scope"),
        ("scope-present", (token, basic(), "scope=a%2Cb", 400), "not separated by spaces"),
        ("scope-present", (token, basic(), "scope=a+a", 400), "a scope is there twice"),
        (
            "token-form",
            (token, with("content-type", "application/json"), "{}", 400),
            "it is application/json",
        ),
        ("token-form", ("POST /oauth2/v1/token?scope=a", basic(), FORM, 400), "its address has a query"),
        ("token-form", ("GET /oauth2/v1/token", basic(), "", 405), "it is a GET"),
        ("no-refresh-token", (token, basic(), "scope=a+offline_access", 400), "it asks for offline_access"),
        ("no-refresh-token", (token, basic(), "grant_type=refresh_token", 400), "it uses a refresh token"),
        (
            "no-custom-server",
            ("POST /oauth2/default/v1/token", basic(), FORM, 400),
            "the authorization server default",
        ),
        (
            "no-custom-server",
            ("GET /oauth2/aus1/v1/keys", json!({}), "", 200),
            "the authorization server aus1",
        ),
        (
            "bearer",
            ("GET /api/v1/users", with("authorization", "SSWS [redacted]"), "", 401),
            "the scheme is SSWS",
        ),
        (
            "bearer",
            ("GET /api/v1/users?access_token=[redacted]", json!({}), "", 401),
            "the token is in the address",
        ),
        ("no-person", ("GET /api/v1/users/me", bearer(), "", 404), "/api/v1/users/me is about a person"),
        ("no-person", ("POST /api/v1/authn", json!({}), "{}", 200), "/api/v1/authn is about a person"),
        (
            "user-agent",
            ("GET /api/v1/users", with("user-agent", "python-requests/2.32"), "", 200),
            "name of a library",
        ),
        ("user-agent", ("GET /api/v1/users", with("user-agent", "acme"), "", 200), "acme names no version"),
        ("user-agent", ("GET /api/v1/users", json!({}), "", 200), "there is no User-Agent"),
        (
            "content-length",
            ("POST /api/v1/users/00u1/lifecycle/suspend", bearer(), "", 200),
            "no Content-Length",
        ),
        ("documented", ("GET /api/internal/things", bearer(), "", 404), "/api/internal/things is private"),
        ("documented", ("GET /api/v1/unicorns", bearer(), "", 404), "/api/v1/unicorns is not documented"),
        ("not-deprecated", ("GET /api/v1/events", bearer(), "", 410), "read the System Log"),
        ("page-size", ("GET /api/v1/users?limit=10", bearer(), "", 200), "is read by 10, and 200 would do"),
        (
            "token-then-call",
            (token, basic(), FORM, 401),
            "no scenario has a token and then a successful call",
        ),
    ];
    for (name, exchange, said) in table {
        let finding = observed(name, &[], std::slice::from_ref(exchange));
        assert!(matches!(finding.outcome, Outcome::Fails | Outcome::Warns), "{name} {said}: {finding:?}");
        assert!(finding.said.contains(said), "{name}: {:?} instead of {said:?}", finding.said);
        assert_eq!(finding.evidence.first().map(|evidence| evidence.seq), Some(Some(1)), "{name}");
    }
    let mut seen: Vec<&str> = table.iter().map(|(name, ..)| *name).collect();
    seen.extend(["both-versions", "least-privilege"]);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, names().collect::<Vec<_>>(), "each observation can fail");
}

#[test]
fn what_the_scenario_asks_for_and_what_bystanders_do_is_not_the_clients_idea() {
    let asked = ("POST /oauth2/v1/token", basic(), "scope=a+offline_access", 400);
    let steps = ["the client asks for \"a offline_access\""];
    assert_eq!(observed("no-refresh-token", &steps, &[asked]).outcome, Outcome::Holds);
    let bystander =
        ("GET /api/v1/users", json!({ "via": "1.1 bystander", "authorization": "SSWS [redacted]" }), "", 200);
    assert_eq!(observed("bearer", &[], &[bystander]).outcome, Outcome::NotJudged);
}

#[test]
fn both_versions_have_to_get_a_token() {
    let of = |scenario: &str, status| {
        let mut run = run(&[], &[("POST /oauth2/v1/token", basic(), FORM, status)]);
        run.scenarios[0].scenario.id = scenario.to_owned();
        run
    };
    let table = [
        (200, Some(200), Outcome::Holds, "both worked in the run of"),
        (200, Some(400), Outcome::Fails, "the version before got no token"),
        (400, Some(200), Outcome::Fails, "the new version got no token"),
        (200, None, Outcome::NotJudged, "not a token for either"),
        (400, Some(400), Outcome::NotJudged, "never got a token"),
    ];
    for (new, before, outcome, said) in table {
        let mut run = of("UPD-001", new);
        run.header.started = "2026-11-01T00:00:00Z".to_owned();
        run.scenarios.extend(before.into_iter().flat_map(|status| of("UPD-002", status).scenarios));
        let manifest = Manifest::default();
        let finding = observe("both-versions", &Observed::of(&run, false, &manifest));
        assert_eq!(finding.outcome, outcome, "{finding:?}");
        assert!(finding.said.contains(said), "{finding:?}");
        assert_eq!(outcome == Outcome::Holds, finding.said.contains("until 2026-11-03T00:00:00Z"));
    }
}

#[test]
fn scopes_are_held_to_the_operations_that_use_them() {
    let scope = |names: &[&str]| -> String {
        names.iter().map(|name| format!("[[scope]]\nname = \"{name}\"\n")).collect()
    };
    let operation = |method: &str, path: &str, scope: &str| {
        format!("[[operation]]\nmethod = \"{method}\"\npath = \"{path}\"\nscope = \"{scope}\"\n")
    };
    let read = operation("GET", "/api/v1/users", "okta.users.read");
    let table = [
        (scope(&["okta.users.read"]) + &read, "each of the 1 scopes is used"),
        (
            scope(&["okta.users.read", "okta.groups.read"]) + &read,
            "okta.groups.read is registered, and no operation uses it",
        ),
        (read.clone(), "GET /api/v1/users uses okta.users.read, which is not registered"),
        (
            scope(&["okta.users.manage"]) + &operation("GET", "/api/v1/users", "okta.users.manage"),
            "okta.users.manage is used to read only",
        ),
        (
            scope(&["okta.users.read"]) + &operation("POST", "/api/v1/users", "okta.users.read"),
            "POST /api/v1/users takes okta.users.manage, not okta.users.read",
        ),
        (
            scope(&["okta.users.read"]) + &operation("GET", "/api/v1/unicorns", "okta.users.read"),
            "GET /api/v1/unicorns is no operation of the Management API",
        ),
    ];
    for (at, (text, said)) in table.iter().enumerate() {
        let manifest = Manifest::parse("m", text).unwrap();
        let empty = run(&[], &[]);
        let finding = observe("least-privilege", &Observed::of(&empty, true, &manifest));
        assert!(finding.said.contains(said), "{:?} instead of {said:?}", finding.said);
        assert_eq!(finding.outcome == Outcome::Holds, at == 0, "{said}");
    }
}
