//! What an item came to, and what that rests on.

/// What an item came to. The order is that of badness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It is about something that this client does not do.
    NotConcerned,
    /// It was seen to hold.
    Holds,
    /// A person has to look.
    Person,
    /// Nothing was shown, and nothing this program could do here would show it.
    Open,
    /// Nothing was shown in this run, and another run can.
    NotJudged,
    /// A should, or a part that may do harm, does not hold.
    Warns,
    /// It was seen not to hold.
    Fails,
}

impl Outcome {
    /// In a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NotConcerned => "not concerned",
            Self::Holds => "holds",
            Self::Person => "look at it",
            Self::Open => "not judged",
            Self::NotJudged => "not judged yet",
            Self::Warns => "warning",
            Self::Fails => "fails",
        }
    }

    /// The colour on the page.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::NotConcerned => "none",
            Self::Holds => "good",
            Self::Person | Self::Open => "open",
            Self::NotJudged | Self::Warns => "warn",
            Self::Fails => "bad",
        }
    }
}

/// A place in the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The scenario's id.
    pub(crate) scenario: String,
    /// The exchange in its ledger, when there is one.
    pub(crate) seq: Option<u64>,
    /// The request and its status, or the check.
    pub(crate) what: String,
}

/// What one judgement came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What.
    pub(crate) outcome: Outcome,
    /// In words.
    pub(crate) said: String,
    /// What it rests on.
    pub(crate) evidence: Vec<Evidence>,
}

impl Finding {
    /// Without evidence from a run.
    pub(crate) fn new(outcome: Outcome, said: impl Into<String>) -> Self {
        Self { outcome, said: said.into(), evidence: Vec::new() }
    }

    /// It holds.
    pub(crate) fn holds(said: impl Into<String>) -> Self {
        Self::new(Outcome::Holds, said)
    }

    /// It does not hold.
    pub(crate) fn fails(said: impl Into<String>) -> Self {
        Self::new(Outcome::Fails, said)
    }

    /// Nothing was shown.
    pub(crate) fn not_judged(said: impl Into<String>) -> Self {
        Self::new(Outcome::NotJudged, said)
    }

    /// With what it rests on, a few of it.
    pub(crate) fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence.into_iter().take(FEW));
        self
    }

    /// Holds if nothing is wrong; else says what is, all of it.
    pub(crate) fn of_faults(faults: Vec<String>, sound: impl Into<String>) -> Self {
        if faults.is_empty() { Self::holds(sound) } else { Self::fails(faults.join("; ")) }
    }
}

/// How much evidence is kept of one kind.
const FEW: usize = 3;
