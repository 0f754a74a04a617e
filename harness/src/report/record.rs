//! The one stream of a run's results, `results.ndjson` (contracts §5). Every report is rendered from these records.
//!
//! Order: `header`; the `feature`s that the run takes scenarios from; then for each scenario its `check`s, its `exchange`s,
//! its `step`s and, closing it, its `scenario`; at the end `footer`. A stream without a footer is truncated. Its JSON
//! Schema is made of these types (`orgtwin schema results`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::suite::outcome::{Check, Claim, Counts, CutShort, Level, Verdict};

/// The version of the stream's form.
pub(crate) const SCHEMA: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    /// The first line.
    Header(Header),
    /// A feature file, as it was read.
    Feature(FeatureRecord),
    /// A judgement.
    Check(CheckRecord),
    /// What was on the wire, without its secrets.
    Exchange(ExchangeRecord),
    /// A step, and what it came to.
    Step(StepRecord),
    /// A scenario's end.
    Scenario(ScenarioRecord),
    /// The last line.
    Footer(Footer),
}

/// What was run, with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// When the run began, RFC 3339.
    #[serde(default)]
    pub(crate) started: String,
    /// Which part of how many this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<[usize; 2]>,
    /// The frozen set that was asked for, `oin-api-service@2026-11`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// The words that selected a part; empty for everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) selection: String,
}

/// A feature file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FeatureRecord {
    /// The file.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// A check of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// A step of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StepRecord {
    /// The scenario's id.
    pub(crate) scenario: String,
    /// `Given`, `When`, `Then`, `And`, `But`.
    pub(crate) keyword: String,
    /// The phrase, with the values of an outline's row.
    pub(crate) text: String,
    /// The line in the feature file.
    pub(crate) line: usize,
    /// What it came to.
    pub(crate) state: StepState,
    /// How long it took.
    pub(crate) milliseconds: u64,
    /// The ids of the checks that it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) checks: Vec<String>,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepState {
    /// Done, and no check of it is worse than a warning.
    Passed,
    /// It ended the scenario, or a check of it did not hold.
    Failed,
    /// Not begun.
    Skipped,
}

/// A scenario that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Footer {
    /// Every planned scenario was run.
    pub(crate) complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut_short: Option<CutShort>,
    /// How many ended in what.
    pub(crate) counts: Counts,
    /// What is not there of a whole that was put together: shards, ends of streams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<String>,
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
    /// What else is to be known of the run: why it was ended, what limits its claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// The JSON Schema of a line of the stream.
pub(crate) fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Record).to_value();
    schema["title"] = "A line of orgtwin's results.ndjson".into();
    schema
}
