//! Observations of an update: an installation of the new version and one of the version before.

use jiff::{SignedDuration, Timestamp};

use super::Observed;
use crate::oin::finding::Finding;

/// So old may both tests be when an update is submitted.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(48);

/// OIN-083: each got a token in this run, so both were tested at the same time.
pub(super) fn both(observed: &Observed<'_>) -> Finding {
    let of =
        |scenario: &'static str| observed.tokens().filter(move |sent| sent.judged.scenario.id == scenario);
    let worked = |scenario: &'static str| of(scenario).find(|sent| sent.succeeded());
    if !observed.tokens().any(|sent| sent.succeeded()) {
        return Finding::not_judged("the client never got a token, so nothing was shown");
    }
    for (scenario, version) in [("UPD-001", "new version"), ("UPD-002", "version before")] {
        if let (Some(refused), None) = (of(scenario).last(), worked(scenario)) {
            let said = format!("an installation of the {version} got no token");
            return Finding::fails(said).with([refused.evidence()]);
        }
    }
    match (worked("UPD-001"), worked("UPD-002")) {
        (Some(new), Some(before)) => {
            let until =
                observed.started.parse::<Timestamp>().ok().and_then(|at| at.checked_add(GOOD_FOR).ok());
            let until = until.map(|at| format!("; good for a submission until {at}")).unwrap_or_default();
            let said = format!("both worked in the run of {}{until}", observed.started);
            Finding::holds(said).with([new.evidence(), before.evidence()])
        }
        _ => Finding::not_judged("the run has not a token for either version"),
    }
}
