//! What is judged of everything that the client sent in a run: functions over its exchanges.

mod calls;
mod scopes;
mod tokens;
mod versions;

use super::{
    finding::{Finding, Outcome},
    manifest::Manifest,
    traffic::{Sent, sent},
};
use crate::report::run::Run;

/// What there is to observe.
pub(crate) struct Observed<'r> {
    /// Everything that the client sent.
    pub(crate) sent: Vec<Sent<'r>>,
    /// The client chooses the pages that it reads; where an adapter drives it, the suite does.
    pub(crate) own_pages: bool,
    /// What will be submitted.
    pub(crate) manifest: &'r Manifest,
    /// When the run began.
    pub(crate) started: &'r str,
}

type Observation = fn(&Observed<'_>) -> Finding;

/// The observations by the names that items call them.
const OBSERVATIONS: &[(&str, Observation)] = &[
    ("basic-only", tokens::basic_only),
    ("bearer", calls::bearer),
    ("both-versions", versions::both),
    ("content-length", calls::content_length),
    ("documented", calls::documented),
    ("grant-type", tokens::grant_type),
    ("least-privilege", scopes::least_privilege),
    ("no-custom-server", tokens::no_custom_server),
    ("no-person", calls::no_person),
    ("no-refresh-token", tokens::no_refresh_token),
    ("not-deprecated", calls::not_deprecated),
    ("one-credential", tokens::one_credential),
    ("page-size", calls::page_size),
    ("scope-present", scopes::scope_present),
    ("secret-accepted", tokens::secret_accepted),
    ("token-form", tokens::token_form),
    ("token-then-call", calls::token_then_call),
    ("user-agent", calls::user_agent),
];

/// The names of all observations.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    OBSERVATIONS.iter().map(|(name, _)| *name)
}

/// Observes by that name.
pub(crate) fn observe(name: &str, observed: &Observed<'_>) -> Finding {
    match OBSERVATIONS.iter().find(|(known, _)| *known == name) {
        Some((_, observation)) => observation(observed),
        None => Finding::new(Outcome::Open, format!("this version does not know how to observe {name}")),
    }
}

impl<'r> Observed<'r> {
    /// Of a run.
    pub(crate) fn of(run: &'r Run, own_pages: bool, manifest: &'r Manifest) -> Self {
        Self { sent: sent(run).collect(), own_pages, manifest, started: &run.header.started }
    }

    /// The requests for tokens.
    fn tokens(&self) -> impl Iterator<Item = Sent<'r>> {
        self.sent.iter().copied().filter(|sent| sent.is_for_a_token())
    }

    /// The calls of the Management API.
    fn calls(&self) -> impl Iterator<Item = Sent<'r>> {
        self.sent.iter().copied().filter(|sent| sent.is_a_call())
    }
}

/// Fails by those that are wrong; holds for the others, if there were any.
fn all<'r>(
    of: impl Iterator<Item = Sent<'r>>,
    what: &str,
    wrong: impl Fn(Sent<'r>) -> Option<String>,
) -> Finding {
    let (mut seen, mut faults, mut evidence) = (0_usize, Vec::<String>::new(), Vec::new());
    for sent in of {
        seen += 1;
        if let Some(fault) = wrong(sent) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            evidence.push(sent.evidence());
        }
    }
    match (seen, evidence.len()) {
        (0, _) => Finding::not_judged(format!("the run has no {what}")),
        (_, 0) => Finding::holds(format!("so in all {seen} {what}")),
        (_, wrong) => {
            faults.truncate(3);
            Finding::fails(format!("in {wrong} of {seen} {what}: {}", faults.join("; "))).with(evidence)
        }
    }
}

#[cfg(test)]
mod tests;
