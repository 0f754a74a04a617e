//! The suite can fail: every mutant of the reference client is noticed by the scenario that is about its habit, and
//! every kind of check on the org notices an org that answers otherwise.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/ran.rs"]
mod ran;
mod support;

use std::collections::BTreeSet;

use ran::{Ran, run};
use support::path;

/// A mutant, the scenario about its habit, and the check that must fail there.
const KILLS: &[(&str, &str, &str)] = &[
    ("no-token-cache", "LIFE-001", "token-requests"),
    ("aud-is-issuer", "ASR-001", "assertion-audience"),
    ("iss-is-issuer", "ASR-002", "assertion-issuer"),
    ("assertion-two-hours", "ASR-003", "assertion-lifetime"),
    ("reused-jti", "ASR-004", "assertions-of-their-own"),
    ("kid-missing", "ASR-005", "assertion-key"),
    ("secret-in-body", "OIN-001", "basic-only"),
    ("secret-in-query", "TOK-001", "no-secret-in-a-query"),
    ("scope-missing", "TOK-001", "scopes-asked"),
    ("asks-for-more", "TOK-004", "scopes-asked-for"),
    ("custom-server", "TOK-003", "token-endpoint"),
    ("nameless", "TOK-006", "user-agent-sent"),
    ("error-as-token", "KEY-002", "told"),
    ("scopes-as-asked", "SCO-002", "scopes-of-the-token"),
    ("never-reauthenticate", "TOK-002", "token-renewed-once"),
    ("ignore-expiry", "LIFE-005", "expired-token-sent"),
    ("stop-at-first-page", "PAGE-001", "next-page-verbatim"),
    ("own-cursor", "PAGE-002", "next-page-verbatim"),
    ("first-link-line", "PAGE-001", "page-requests"),
    ("forget-page-size", "PAGE-003", "parameter-kept"),
    ("follow-foreign-link", "PAGE-007", "same-origin"),
    ("quiet-at-foreign-link", "PAGE-007", "no-part-as-whole"),
    ("no-outages", "ILL-001.1", "repeated"),
    ("repeats-lost-writes", "ILL-010", "calls-of-it"),
    ("repeat-refusals", "ERR-006", "called-once"),
    ("renew-on-403", "ROL-008", "token-requests"),
    ("renew-on-429", "RATE-004", "token-requests"),
    ("swallow-403", "MIS-002", "told"),
    ("nothing-on-429", "RATE-006", "told"),
    ("nothing-on-errors", "ERR-003", "told"),
    ("no-backoff", "RATE-002", "waits-for-reset"),
    ("never-gives-up", "RATE-006", "few-attempts"),
    ("api-token-as-bearer", "SSWS-001", "api-token-sent"),
    ("no-pkce", "SIGN-001", "pkce-challenge"),
    ("plain-pkce", "SIGN-001", "pkce-challenge"),
    ("state-ignored", "ANS-002", "no-token-request"),
    ("nonce-ignored", "ANS-004", "told-of-fault"),
    ("id-token-unchecked", "ANS-005", "no-call"),
    ("same-state", "SIGN-003", "values-of-their-own"),
    ("old-refresh-token-kept", "ROT-001", "latest-refresh-token"),
    ("no-refresh", "REF-001", "refreshes"),
    ("refresh-storm", "REF-003", "refreshes"),
    ("redirect-uri-other", "SIGN-006", "redirect-uri"),
    ("code-twice", "CODE-001", "code-once"),
    ("client-secret-in-url", "SIGN-009", "no-secret-in-a-query"),
    ("refresh-again", "REF-009", "dead-refresh-token"),
    ("refresh-for-more", "REF-006", "refresh-scope"),
    ("authorize-again", "WHO-004", "authorizations"),
    ("proof-without-nonce", "DPOP-001", "nonce-answered"),
    ("nonce-forgotten", "DPOP-002", "token-requests"),
    ("reused-proof-jti", "DPOP-004", "proofs-of-their-own"),
    ("htu-with-query", "DPOP-105", "proof-address"),
    ("proof-without-ath", "DPOP-106", "proof-token"),
    ("proof-key-changed", "DPOP-107", "proof-key"),
    ("bound-token-as-bearer", "DPOP-101", "scheme"),
    ("query-dropped", "SRCH-001", "received-exactly"),
    ("search-forgotten", "SRCH-009", "next-page-verbatim"),
    ("encoded-twice", "SRCH-002", "received-exactly"),
    ("nulls-dropped", "USER-009", "org-has"),
    ("body-unlabelled", "MERR-006", "body-label"),
    ("writes-twice", "USER-012", "called-once"),
    ("update-replaces", "USER-008", "answered"),
    ("empty-is-error", "GLST-001", "received"),
    ("no-body-is-error", "GRP-007", "received-empty"),
    ("lies-without-requests", "TOK-001", "claims-match-the-wire"),
];

/// Habits that are only advised against: the run passes, with a warning.
const ADVISED: &[&str] = &["nameless", "ignore-expiry", "nonce-forgotten"];

#[test]
fn every_mutant_is_noticed_where_its_habit_is_the_matter() {
    for (mutant, scenario, check) in KILLS {
        let client = format!("builtin:{mutant}");
        let Ran { code, out, err } = run(&["test", "--scenario", scenario, "--client", &client]);
        let noticed = out.lines().map(str::trim_start).any(|line| {
            let mut words = line.split_whitespace();
            let verdict = words.next().unwrap_or_default();
            let id = words.next().unwrap_or_default();
            let (of, slug) = id.split_once(':').unwrap_or_default();
            ["FAIL", "WARN"].contains(&verdict.to_uppercase().as_str())
                && of.starts_with(scenario)
                && slug == *check
        });
        assert!(noticed, "{mutant} {scenario}:{check}\n{out}{err}");
        let expected = if ADVISED.contains(mutant) { 0 } else { 1 };
        assert_eq!(code, Some(expected), "{mutant}: {out}");
    }
}

#[test]
fn the_table_names_every_mutant() {
    let Ran { err, .. } = run(&["test", "--client", "builtin:no-such-mutant"]);
    let (_, list) = err.split_once("there are: ").unwrap();
    let known: BTreeSet<&str> =
        list.lines().next().unwrap().split([',', ' ', ';']).filter(|name| !name.is_empty()).collect();
    let noticed: BTreeSet<&str> = KILLS.iter().map(|(mutant, ..)| *mutant).collect();
    assert_eq!(known, noticed);
}

#[test]
fn every_kind_of_check_on_the_org_notices_a_wrong_org() {
    let features = path("features/wrong-org");
    let wrong = [
        ("WRONG-001", "token-refused"),
        ("WRONG-002", "token-refused"),
        ("WRONG-003", "issued-scopes"),
        ("WRONG-004", "answered"),
        ("WRONG-004", "received"),
        ("WRONG-005", "call-refused"),
        ("WRONG-006", "call-refused"),
        ("WRONG-007", "received-exactly"),
        ("WRONG-008", "page-requests"),
        ("WRONG-009", "rate-headers"),
        ("WRONG-010", "self-link"),
        ("WRONG-011", "too-many-requests"),
        ("WRONG-012", "first-call-refused"),
        ("WRONG-013", "sent-back-with-error"),
        ("WRONG-014", "error-page"),
        ("WRONG-015", "person-refused"),
        ("WRONG-016", "id-token-subject"),
        ("WRONG-017", "id-token-claim"),
        ("WRONG-018", "refresh-token-rotation"),
        ("WRONG-019", "refresh-refused"),
        ("WRONG-020", "access-token-of"),
        ("WRONG-021", "no-refresh-token"),
        ("WRONG-022", "no-id-token"),
        ("WRONG-023", "id-token-claim-absent"),
        ("WRONG-024", "answer-of-the-request"),
        ("WRONG-025", "received-it"),
        ("WRONG-025", "learnt"),
        ("WRONG-025", "received-empty"),
        ("WRONG-026", "org-has"),
        ("WRONG-026", "org-has-named"),
        ("WRONG-026", "org-has-members"),
        ("WRONG-027", "received-in-order"),
    ];
    let mut arguments = vec!["test", "--features", &features];
    for (scenario, _) in wrong {
        arguments.extend(["--scenario", scenario]);
    }
    let Ran { code, out, err } = run(&arguments);
    assert_eq!(code, Some(1), "{out}{err}");
    for (scenario, check) in wrong {
        assert!(out.contains(&format!("FAIL {scenario}:{check}")), "{scenario}:{check}\n{out}");
    }
}
