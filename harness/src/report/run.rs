//! A whole run, read back from its stream: what every report is rendered from.

use std::collections::BTreeMap;

use super::record::{
    CheckRecord, ExchangeRecord, FeatureRecord, Footer, Header, Record, SCHEMA, ScenarioRecord, StepRecord,
};
use crate::suite::outcome::{Counts, CutShort, Verdict, claim, exit, exit_code};

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// What was run, with what.
    pub(crate) header: Header,
    /// The feature files.
    pub(crate) features: Vec<FeatureRecord>,
    /// The scenarios that came to an end, in that order.
    pub(crate) scenarios: Vec<Judged>,
    /// What it came to; of a stream that was cut off, what can be said without its end.
    pub(crate) footer: Footer,
}

/// A scenario with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    /// The scenario.
    pub(crate) scenario: ScenarioRecord,
    /// Its checks.
    pub(crate) checks: Vec<CheckRecord>,
    /// What was on the wire.
    pub(crate) exchanges: Vec<ExchangeRecord>,
    /// Its steps.
    pub(crate) steps: Vec<StepRecord>,
}

/// A file that is no stream of results.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    /// A line.
    #[error("line {line}: not a record of results.ndjson ({cause})")]
    Line {
        /// From 1.
        line: usize,
        /// The parser's words.
        cause: String,
    },
    /// The first line.
    #[error("line 1: no header; is this a results.ndjson?")]
    NoHeader,
    /// The version.
    #[error(
        "line 1: the stream has form {0}, and this program reads form {SCHEMA}; use the orgtwin that wrote it"
    )]
    Schema(u32),
}

impl Run {
    /// Reads a stream. A last line that is cut off and a missing footer make the run incomplete, not unreadable.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn read(text: &str) -> Result<Self, ReadError> {
        let mut lines = text.lines().enumerate().peekable();
        let mut header = None;
        let (mut features, mut scenarios, mut footer) = (Vec::new(), Vec::new(), None);
        let mut open: BTreeMap<String, Parts> = BTreeMap::new();
        while let Some((at, line)) = lines.next() {
            let record = match serde_json::from_str::<Record>(line) {
                Ok(record) => record,
                // The process ended while it wrote this.
                Err(error) if error.is_eof() && lines.peek().is_none() && header.is_some() => break,
                Err(_) if at == 0 => return Err(ReadError::NoHeader),
                Err(error) => return Err(ReadError::Line { line: at + 1, cause: error.to_string() }),
            };
            match record {
                Record::Header(read) if at == 0 => {
                    if read.schema != SCHEMA {
                        return Err(ReadError::Schema(read.schema));
                    }
                    header = Some(read);
                }
                _ if at == 0 => return Err(ReadError::NoHeader),
                Record::Header(_) => {
                    let cause = "a second header; `orgtwin report merge` puts streams together".to_owned();
                    return Err(ReadError::Line { line: at + 1, cause });
                }
                Record::Feature(feature) => features.push(feature),
                Record::Check(check) => open.entry(check.scenario.clone()).or_default().checks.push(check),
                Record::Exchange(exchange) => {
                    open.entry(exchange.scenario.clone()).or_default().exchanges.push(exchange);
                }
                Record::Step(step) => open.entry(step.scenario.clone()).or_default().steps.push(step),
                Record::Scenario(scenario) => {
                    let Parts { checks, exchanges, steps } = open.remove(&scenario.id).unwrap_or_default();
                    scenarios.push(Judged { scenario, checks, exchanges, steps });
                }
                Record::Footer(read) => footer = Some(read),
            }
        }
        let header = header.ok_or(ReadError::NoHeader)?;
        let footer = footer.unwrap_or_else(|| {
            let cut_off = "the end of the stream is missing: the run was cut off".to_owned();
            settle(header.planned, &scenarios, Ending { missing: vec![cut_off], ..Ending::default() })
        });
        Ok(Self { header, features, scenarios, footer })
    }

    /// The stream again.
    ///
    /// # Errors
    /// A record cannot be written as JSON.
    pub(crate) fn stream(&self) -> serde_json::Result<String> {
        let mut text = String::new();
        let mut add = |record: &Record| {
            serde_json::to_string(record).map(|line| {
                text.push_str(&line);
                text.push('\n');
            })
        };
        add(&Record::Header(self.header.clone()))?;
        for feature in &self.features {
            add(&Record::Feature(feature.clone()))?;
        }
        for judged in &self.scenarios {
            for check in &judged.checks {
                add(&Record::Check(check.clone()))?;
            }
            for exchange in &judged.exchanges {
                add(&Record::Exchange(exchange.clone()))?;
            }
            for step in &judged.steps {
                add(&Record::Step(step.clone()))?;
            }
            add(&Record::Scenario(judged.scenario.clone()))?;
        }
        add(&Record::Footer(self.footer.clone()))?;
        Ok(text)
    }
}

#[derive(Default)]
struct Parts {
    checks: Vec<CheckRecord>,
    exchanges: Vec<ExchangeRecord>,
    steps: Vec<StepRecord>,
}

/// What is known of a run's end beside its scenarios.
#[derive(Default)]
pub(super) struct Ending {
    /// Why it was cut short.
    pub(super) cut_short: Option<CutShort>,
    /// What is wrong with the baseline.
    pub(super) baseline: Vec<String>,
    /// A should that does not hold fails the run.
    pub(super) strict: bool,
    /// Less than the whole was asked of the client.
    pub(super) limited: bool,
    /// What is not there.
    pub(super) missing: Vec<String>,
    /// What broke outside of any scenario.
    pub(super) broken: Vec<String>,
    /// What else is to be known.
    pub(super) notes: Vec<String>,
    /// How long it took.
    pub(super) milliseconds: u64,
}

/// The footer that follows from the scenarios.
pub(super) fn settle(planned: usize, scenarios: &[Judged], ending: Ending) -> Footer {
    let Ending { cut_short, baseline, strict, limited, missing, broken, notes, milliseconds } = ending;
    let mut counts = Counts::default();
    for judged in scenarios {
        counts.add(judged.scenario.verdict);
    }
    counts.not_run = planned.saturating_sub(scenarios.len());
    let code = match exit_code(&counts, cut_short, !broken.is_empty()) {
        _ if !missing.is_empty() => exit::INCOMPLETE,
        exit::CONFORMANT if !baseline.is_empty() || (strict && counts.warned > 0) => exit::NON_CONFORMANT,
        code => code,
    };
    Footer {
        complete: counts.not_run == 0 && missing.is_empty(),
        cut_short,
        counts,
        exit: code,
        claim: claim(code, &counts, limited),
        baseline,
        missing,
        broken,
        notes,
        milliseconds,
    }
}

impl Judged {
    /// The checks that say what is wrong.
    pub(super) fn bad(&self) -> impl Iterator<Item = &CheckRecord> {
        self.checks.iter().filter(|check| check.check.verdict > Verdict::Pass)
    }

    /// The exchange that a check rests on; where none is named, the last that went wrong on the wire is the likeliest.
    pub(super) fn evidence(&self, check: &CheckRecord) -> Option<&ExchangeRecord> {
        evidence(&self.exchanges, check)
    }
}

/// See [`Judged::evidence`].
pub(super) fn evidence<'e>(
    exchanges: &'e [ExchangeRecord],
    check: &CheckRecord,
) -> Option<&'e ExchangeRecord> {
    match check.check.exchange {
        Some(seq) => exchanges.iter().find(|exchange| exchange.seq == seq),
        None => exchanges.iter().rev().find(|exchange| exchange.status >= 400).or(exchanges.last()),
    }
}
