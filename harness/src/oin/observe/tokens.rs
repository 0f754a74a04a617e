//! Observations of the requests for tokens (ratelimit-oin-facts 2.4, T1 to T7).

use super::{Observed, all};
use crate::oin::{
    finding::{Finding, Outcome},
    traffic::Sent,
};

/// OIN-002.
pub(super) fn grant_type(observed: &Observed<'_>) -> Finding {
    let sign_in = |sent: Sent<'_>| {
        let path = sent.path();
        let one = path.starts_with("/oauth2/")
            && (path.ends_with("/authorize") || path.ends_with("/device/authorize"));
        one && !sent.is_a_suites_call()
    };
    let of = observed.sent.iter().copied().filter(|sent| sent.is_for_a_token() || sign_in(*sent));
    all(of, "token requests", |sent| {
        if sign_in(sent) {
            return Some("somebody is sent to sign in".to_owned());
        }
        match sent.form("grant_type").or_else(|| sent.parameter("grant_type")) {
            Some(grant) if grant == "client_credentials" => None,
            Some(grant) => Some(format!("grant_type is {grant}")),
            None => Some("there is no grant_type".to_owned()),
        }
    })
}

/// The kinds of client authentication in a request.
fn credentials(sent: Sent<'_>) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    if sent.header("authorization").is_some_and(|value| scheme(value).eq_ignore_ascii_case("basic")) {
        kinds.push("Basic");
    }
    for (name, kind) in [("client_secret", "the secret in the body"), ("client_assertion", "an assertion")] {
        if sent.form(name).is_some() {
            kinds.push(kind);
        }
        if sent.parameter(name).is_some() {
            kinds.push(if name == "client_secret" {
                "the secret in the address"
            } else {
                "an assertion in the address"
            });
        }
    }
    kinds
}

fn scheme(value: &str) -> &str {
    value.split(' ').next().unwrap_or_default()
}

/// OIN-003.
pub(super) fn basic_only(observed: &Observed<'_>) -> Finding {
    all(observed.tokens(), "token requests", |sent| match credentials(sent).as_slice() {
        [] => Some("no credentials".to_owned()),
        kinds if kinds.contains(&"Basic") => None,
        kinds => Some(format!("{} instead of Basic", kinds.join(" and "))),
    })
}

/// OIN-004.
pub(super) fn one_credential(observed: &Observed<'_>) -> Finding {
    all(observed.tokens(), "token requests", |sent| {
        let kinds = credentials(sent);
        (kinds.len() > 1).then(|| kinds.join(" and "))
    })
}

/// OIN-005: the org took the pair at least once, so it is what was issued. Every secret of the org's has - in it.
pub(super) fn secret_accepted(observed: &Observed<'_>) -> Finding {
    let basic: Vec<Sent<'_>> = observed.tokens().filter(|sent| credentials(*sent) == ["Basic"]).collect();
    if basic.is_empty() {
        return Finding::not_judged("no token request came with Basic alone");
    }
    match basic.iter().find(|sent| sent.succeeded()) {
        Some(sent) => {
            Finding::holds("the org took the id and the secret that it had issued").with([sent.evidence()])
        }
        None if basic.iter().any(|sent| sent.exchange.response_body.contains("invalid_client")) => {
            Finding::fails(
                "the org knows no pair that the client sent: check for blanks, line ends and double encoding",
            )
            .with(basic.iter().map(|sent| sent.evidence()))
        }
        None => Finding::not_judged("no token request came as far as its secret"),
    }
}

/// OIN-008.
pub(super) fn token_form(observed: &Observed<'_>) -> Finding {
    all(observed.tokens(), "token requests", |sent| {
        let kind = sent.header("content-type").unwrap_or_default();
        let form = kind.split(';').next().unwrap_or_default().trim();
        if sent.method() != "POST" {
            Some(format!("it is a {}", sent.method()))
        } else if sent.query().is_some_and(|query| !query.is_empty()) {
            Some("its address has a query".to_owned())
        } else if !form.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Some(if form.is_empty() { "it has no content type".to_owned() } else { format!("it is {form}") })
        } else {
            None
        }
    })
}

/// OIN-018.
pub(super) fn no_refresh_token(observed: &Observed<'_>) -> Finding {
    all(observed.tokens(), "token requests", |sent| {
        let scope = sent.form("scope").or_else(|| sent.parameter("scope")).unwrap_or_default();
        if scope.split(' ').any(|word| word == "offline_access") && !sent.was_asked_for("offline_access") {
            Some("it asks for offline_access".to_owned())
        } else if sent.form("grant_type").is_some_and(|grant| grant == "refresh_token") {
            Some("it uses a refresh token".to_owned())
        } else {
            None
        }
    })
}

/// OIN-031.
pub(super) fn no_custom_server(observed: &Observed<'_>) -> Finding {
    let of = observed
        .sent
        .iter()
        .copied()
        .filter(|sent| sent.path().starts_with("/oauth2/") && !sent.is_a_suites_call());
    let finding = all(of, "requests of authorization servers", |sent| {
        let server = sent.path().trim_start_matches("/oauth2/").split('/').next().unwrap_or_default();
        (server != "v1").then(|| format!("it goes to the authorization server {server}"))
    });
    match finding.outcome {
        Outcome::Holds => Finding::holds("only the org's own authorization server was asked"),
        _ => finding,
    }
}
