//! The one stream of a run's results, `results.ndjson` (contracts §5). Every report is rendered from these records.
//!
//! Order: `header`; then for each scenario its `check`s, its `exchange`s and, closing it, its `scenario`; at the end
//! `footer`. A stream without a footer is truncated.

use serde::{Deserialize, Serialize};

use crate::suite::outcome::{Check, Claim, Counts, CutShort, Level, Verdict};

/// The version of the stream's form.
pub(crate) const SCHEMA: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    /// The first line.
    Header(Header),
    /// A judgement.
    Check(CheckRecord),
    /// What was on the wire, without its secrets.
    Exchange(ExchangeRecord),
    /// A scenario's end.
    Scenario(ScenarioRecord),
    /// The last line.
    Footer(Footer),
}

/// What was run, with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// `orgtwin 0.1.0`.
    pub(crate) tool: String,
    /// The driver in words.
    pub(crate) client: String,
    /// Name and version that the client gave.
    pub(crate) identity: String,
    /// The capabilities that it declared.
    pub(crate) capabilities: Vec<String>,
    /// The words of the command line that give the same run again, but for the selection.
    pub(crate) run_arguments: String,
    /// What it was tested against.
    pub(crate) target: String,
    /// The seed.
    pub(crate) seed: u64,
    /// Seconds that an op and a scenario may take.
    pub(crate) deadlines: [u64; 2],
    /// How many scenarios are planned.
    pub(crate) planned: usize,
    /// The frozen set that was asked for, `oin-api-service@2026-11`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// The words that selected a part; empty for everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) selection: String,
}

/// A check of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CheckRecord {
    /// The scenario's id.
    pub(crate) scenario: String,
    /// The judgement.
    #[serde(flatten)]
    pub(crate) check: Check,
    /// The requirements that it is about.
    pub(crate) requirements: Vec<String>,
}

/// One request and its response, redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExchangeRecord {
    /// The scenario's id.
    pub(crate) scenario: String,
    /// Its place in the ledger.
    pub(crate) seq: u64,
    /// The org's time.
    pub(crate) time: String,
    /// The operation.
    pub(crate) operation: Option<String>,
    /// `GET /api/v1/users`.
    pub(crate) request: String,
    /// The request's headers.
    pub(crate) request_headers: Vec<(String, String)>,
    /// The request's body, cut short.
    pub(crate) request_body: String,
    /// The status.
    pub(crate) status: u16,
    /// The response's headers.
    pub(crate) response_headers: Vec<(String, String)>,
    /// The response's body, cut short.
    pub(crate) response_body: String,
    /// Step and reason that decided.
    pub(crate) decided: Option<String>,
}

/// A scenario that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScenarioRecord {
    /// Its id.
    pub(crate) id: String,
    /// Its title.
    pub(crate) name: String,
    /// The feature's title.
    pub(crate) feature: String,
    /// The file.
    pub(crate) path: String,
    /// The line.
    pub(crate) line: usize,
    /// How much its requirements bind.
    pub(crate) level: Level,
    /// The requirements.
    pub(crate) requirements: Vec<String>,
    /// The worst of its checks.
    pub(crate) verdict: Verdict,
    /// Why it was not run, when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// How long it took.
    pub(crate) milliseconds: u64,
    /// What the client wrote beside its replies, when something is wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) client_log: String,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// Every planned scenario was run.
    pub(crate) complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut_short: Option<CutShort>,
    /// How many ended in what.
    pub(crate) counts: Counts,
    /// What broke outside of any scenario.
    pub(crate) broken: Vec<String>,
    /// How long the run took.
    pub(crate) milliseconds: u64,
    /// The exit code.
    pub(crate) exit: u8,
    /// What the run shows about the client.
    #[serde(default)]
    pub(crate) claim: Claim,
    /// What is wrong with the baseline: stale, expired, not run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) baseline: Vec<String>,
}
