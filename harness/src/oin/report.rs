//! What the page, the Markdown and the terminal are rendered from.

use super::{
    finding::Outcome,
    items::{Basis, Kind},
    judge::Judged,
    manifest::Manifest,
    profile::Profile,
    verdict::Verdict,
};
use crate::report::run::{self, Run};

/// The whole check.
pub(super) struct Report<'r> {
    /// What will be submitted.
    pub(super) manifest: &'r Manifest,
    /// Its file.
    pub(super) file: String,
    /// What it came to.
    pub(super) verdict: Verdict,
    /// Every item.
    pub(super) judged: Vec<Judged>,
    /// Scenarios that fail and that no item tells of.
    pub(super) besides: Vec<&'r run::Judged>,
    /// Scenarios that showed nothing, where the verdict is that not everything was judged.
    pub(super) without_result: Vec<&'r run::Judged>,
    /// The run, if there was one.
    pub(super) run: Option<&'r Run>,
    /// What the client was seen to do in it.
    pub(super) profile: Option<Profile>,
    /// The words that name the client.
    pub(super) again: String,
}

/// The three, in the order in which they bind.
pub(super) const BASES: [Basis; 3] = [Basis::Oin, Basis::Okta, Basis::Derived];

/// What it shows.
pub(super) const PROVES: &str = "How the client behaved towards a twin of an Okta org, as the org itself recorded it, and \
                                 that what will be submitted keeps to the rules that Okta has published.";
/// What it does not show.
pub(super) const PROVES_NOT: &str = "It is no certification by Okta and no promise that the review will pass: reviewers look \
                                     at more than a program sees. A real org may be set up in other ways. What is marked as \
                                     not judged was not looked at.";

impl Report<'_> {
    /// The items that came to this.
    pub(super) fn of(&self, outcome: Outcome) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(move |judged| judged.finding.outcome == outcome)
    }

    /// How many of a basis came to this.
    pub(super) fn count(&self, basis: &Basis, outcome: &Outcome) -> usize {
        self.of(*outcome).filter(|judged| judged.item.basis == *basis).count()
    }

    /// The command that shows this item again.
    pub(super) fn reproduce(&self, judged: &Judged) -> String {
        let scenario =
            judged.finding.evidence.first().and_then(|evidence| evidence.scenario.split('.').next());
        self.words(scenario.map(|id| format!(" --tags @{id}")).as_deref().unwrap_or_default())
    }

    /// The command that gives all of this again.
    pub(super) fn command(&self) -> String {
        self.words("")
    }

    fn words(&self, selection: &str) -> String {
        let manifest = crate::cli::quoted(&self.file);
        format!("orgtwin oin --manifest {manifest}{selection} {}", self.again).trim_end().to_owned()
    }

    /// Its name in the catalogue, or the file's.
    pub(super) fn name(&self) -> &str {
        let name = self.manifest.integration.name.trim();
        if name.is_empty() { &self.file } else { name }
    }

    /// How many items came to what, as `52 hold, 2 fail`.
    pub(super) fn numbers(&self) -> String {
        let mut parts = Vec::new();
        for (outcome, words) in OUTCOMES {
            let count = self.of(*outcome).count();
            if count > 0 {
                parts.push(format!("{count} {words}"));
            }
        }
        parts.join(", ")
    }
}

/// Each outcome, and how many of it are spoken of.
pub(super) const OUTCOMES: &[(Outcome, &str)] = &[
    (Outcome::Fails, "do not hold"),
    (Outcome::Warns, "warnings"),
    (Outcome::Holds, "hold"),
    (Outcome::NotJudged, "could be judged and were not"),
    (Outcome::Person, "to look at"),
    (Outcome::Open, "beyond this program"),
    (Outcome::NotConcerned, "not concerned"),
];

/// Where an item is judged, in a word.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Automatic => "automatic",
        Kind::Static => "static",
        Kind::Person => "person",
    }
}
