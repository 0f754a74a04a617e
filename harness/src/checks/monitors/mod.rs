//! What is judged in every scenario, mostly from the ledger (harness-anchors §4.3). A monitor speaks only when something is
//! wrong, so that a scenario's own checks stay what it is about. A file holds one idea.

mod assertion;
mod authorization;
mod secrets;
mod specification;
mod storm;
mod token_request;
mod transport;
mod truth;
mod user_agent;

#[cfg(test)]
mod tests;

use crate::{
    suite::{
        outcome::{Check, Level, Verdict, Witness},
        world::Doing,
    },
    target::ledger::{Exchange, Ledger},
};

pub(crate) use transport::strayed;

/// What the monitors look at: a scenario that is over.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// Everything that the client was asked for.
    pub(crate) doings: &'a [Doing],
    /// The org's record.
    pub(crate) ledger: &'a Ledger,
    /// Where the client was told that the org is; empty if it was told nothing.
    pub(crate) told: &'a str,
    /// Where the org is for this client when nobody stands between them.
    pub(crate) own: &'a str,
    /// Where the org is without TLS.
    pub(crate) plain: &'a str,
    /// The client id that the client was configured with; empty with an API token.
    pub(crate) client_id: &'a str,
    /// The scenario's requests break Okta's specification on purpose (`@wrong-request`).
    pub(crate) wrong_request: bool,
}

impl<'a> Scene<'a> {
    /// What the client did, and nobody else.
    fn exchanges(&self) -> impl Iterator<Item = &'a Exchange> + use<'a> {
        self.ledger.own()
    }

    /// The client's requests for tokens.
    fn token_requests(&self) -> impl Iterator<Item = &'a Exchange> + use<'a> {
        self.exchanges().filter(|exchange| exchange.is_token_request())
    }

    /// Each op with what the client did from its beginning to the next one's.
    fn ops(&self) -> impl Iterator<Item = (&'a Doing, Vec<&'a Exchange>)> {
        let ends = self.doings.iter().skip(1).map(|next| next.after).chain([u64::MAX]);
        self.doings.iter().zip(ends).map(|(doing, end)| {
            let within = |exchange: &&Exchange| exchange.seq > doing.after && exchange.seq <= end;
            (doing, self.exchanges().filter(within).collect())
        })
    }
}

/// Who did what a monitor found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Client,
    /// The harness asked for it, or sent it itself: never a verdict on the client.
    Harness,
}

/// What a monitor found wrong.
#[derive(Debug)]
struct Finding {
    expected: String,
    observed: String,
    exchange: Option<u64>,
    by: By,
}

impl Finding {
    /// Something that the client did, at an exchange.
    fn at(exchange: &Exchange, expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            observed: observed.into(),
            exchange: Some(exchange.seq),
            by: By::Client,
        }
    }

    /// Something in the client's words.
    fn said(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self { expected: expected.into(), observed: observed.into(), exchange: None, by: By::Client }
    }
}

type Monitor = fn(&Scene<'_>) -> Option<Finding>;

/// All monitors: the check's slug, the requirement, how much it binds, and the judgement.
const MONITORS: &[(&str, &str, Level, Monitor)] = &[
    // The client's words against the wire.
    ("claims-match-the-wire", "CLIENT-TRUTHFUL", Level::Must, truth::done_on_the_wire),
    ("refused-by-nobody", "CLIENT-TRUTHFUL", Level::Must, truth::refused_by_somebody),
    ("count-of-the-pages", "CLIENT-TRUTHFUL", Level::Must, truth::count_of_the_pages),
    ("status-of-an-answer", "CLIENT-TRUTHFUL", Level::Must, truth::status_of_an_answer),
    ("scope-of-a-token", "CLIENT-TRUTHFUL", Level::Must, truth::scope_of_a_token),
    // What goes where.
    ("no-secret-in-a-query", "OKTA-SECRETS-IN-URLS", Level::Must, secrets::in_a_query),
    ("secrets-at-home", "OKTA-PAGINATION-ORIGIN", Level::Must, transport::secrets_at_home),
    ("always-tls", "OIN-HTTPS", Level::Must, transport::always_tls),
    // Token requests.
    ("org-authorization-server", "OKTA-ORG-AUTHORIZATION-SERVER", Level::Must, token_request::org_server),
    ("token-request-type", "OIN-TOKEN-FORM", Level::Must, token_request::is_a_form),
    ("one-credential", "OIN-ONE-CREDENTIAL", Level::Must, token_request::one_credential),
    ("scopes-asked", "OIN-SCOPE-IN-REQUEST", Level::Must, token_request::scopes_asked),
    ("no-offline-access", "OIN-NO-OFFLINE-ACCESS", Level::Must, token_request::no_offline_access),
    ("token-parameters-known", "OKTA-TOKEN-PARAMETERS", Level::Should, token_request::known_parameters),
    // Assertions.
    ("fresh-jti", "RFC7523-3-jti", Level::Must, assertion::fresh_jti),
    ("asymmetric-assertion", "OKTA-ASSERTION-ALG", Level::Must, assertion::asymmetric),
    ("assertion-for-this-address", "RFC7523-3-aud", Level::Must, assertion::audience),
    ("assertion-about-oneself", "RFC7523-3-iss", Level::Must, assertion::issuer_and_subject),
    ("assertion-of-an-hour", "OKTA-ASSERTION-EXP", Level::Must, assertion::an_hour_at_most),
    // Calls.
    ("authorization-form", "OKTA-AUTHORIZATION-FORM", Level::Must, authorization::well_formed),
    ("own-token", "OIN-TENANTS-APART", Level::Must, authorization::own_token),
    ("documented-address", "OIN-PUBLIC-ENDPOINTS", Level::Must, specification::address),
    ("documented-query", "OKTA-DOCUMENTED-QUERY", Level::Should, specification::query),
    ("documented-body", "OKTA-DOCUMENTED-BODY", Level::Must, specification::body),
    ("no-request-storm", "OKTA-NO-STORM", Level::Must, storm::no_storm),
    ("user-agent", "OIN-USER-AGENT", Level::Should, user_agent::named),
];

/// The requirement that a monitor's check is about.
pub(crate) fn requirement(slug: &str) -> Option<&'static str> {
    MONITORS.iter().find(|(name, ..)| *name == slug).map(|(_, requirement, ..)| *requirement)
}

/// The monitors that judge a requirement.
pub(crate) fn about(requirement: &str) -> impl Iterator<Item = &'static str> {
    MONITORS.iter().filter(move |(_, about, ..)| *about == requirement).map(|(slug, ..)| *slug)
}

/// The findings of all monitors as checks of the scenario.
pub(crate) fn judge(id: &str, scene: &Scene<'_>) -> Vec<Check> {
    let judged = MONITORS.iter().filter_map(|(slug, _, level, monitor)| {
        let finding = monitor(scene)?;
        let (verdict, observed) = match (finding.by, level) {
            (By::Harness, _) => (
                Verdict::Error,
                format!("the harness, not the client: {}; please report it", finding.observed),
            ),
            (By::Client, Level::Must) => (Verdict::Fail, finding.observed),
            (By::Client, Level::Should) => (Verdict::Warn, finding.observed),
        };
        Some(Check {
            id: format!("{id}:{slug}"),
            level: *level,
            verdict,
            expected: finding.expected,
            observed,
            witness: Witness::Ledger,
            exchange: finding.exchange,
        })
    });
    judged.collect()
}
