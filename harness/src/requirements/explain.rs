//! `orgtwin explain ID`: all that is known of a requirement, a scenario, a check or a pitfall, with an exchange of a client
//! that does it right. The exchange is not written down anywhere: it is made when it is asked for.

use std::{cell::RefCell, fmt::Write as _, io, rc::Rc};

use super::{Observable, Requirement, all, find, lint::word, table};
use crate::{
    nearest::did_you_mean,
    pitfalls::{self, Pitfall, errors},
    report::{
        Renderer,
        record::{CheckRecord, ExchangeRecord, Record},
        terminal,
    },
    suite::{
        self, NotBegun, TestOptions,
        features::Case,
        outcome::{Verdict, exit},
    },
};

/// What cannot be explained.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExplainError {
    /// Exit 2.
    #[error(
        "{0}: no requirement, scenario or check is called so, and no pitfall and no error of Okta's is known by these words{1}; `orgtwin explain --list` \
         names the requirements, docs/pitfalls.md the pitfalls"
    )]
    Unknown(String, String),
    /// The suite's own faults.
    #[error(transparent)]
    Suite(#[from] NotBegun),
    /// Exit 3.
    #[error("{0}")]
    Catalogue(String),
}

impl ExplainError {
    /// The exit code of contracts §1.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Unknown(..) => exit::USAGE,
            Self::Suite(error) => error.exit(),
            Self::Catalogue(_) => exit::BROKEN,
        }
    }
}

/// A line for each requirement.
pub(crate) fn list() -> String {
    let width = all().iter().map(|row| row.id.len()).max().unwrap_or_default();
    all().iter().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "{:<width$}  {:<6}  {}", row.id, word(row.level), row.sentence);
        text
    })
}

/// The page of an id, or of the pitfall that is known by such words; of several, a line each; else the errors of Okta's
/// catalogues that are called or say so.
///
/// # Errors
/// Nothing is called so; the suite's own files are faulty, or the tables of errors.
pub(crate) async fn explain(wanted: &str) -> Result<String, ExplainError> {
    let (_, cases) = suite::load(None)?;
    let named = wanted.split(':').next().unwrap_or_default();
    let is_id =
        find(wanted).is_some() || cases.iter().any(|case| case.id == named || case.tagged_id == named);
    let by_words = if is_id { Vec::new() } else { pitfalls::known_by(wanted, &cases) };
    if !is_id
        && by_words.is_empty()
        && let Some(text) = errors::text(wanted).map_err(ExplainError::Catalogue)?
    {
        return Ok(text);
    }
    let id = match by_words.as_slice() {
        [] => wanted,
        [one] => one.case.id.as_str(),
        several => return Ok(choice(wanted, several)),
    };
    let scenario = id.split(':').next().unwrap_or_default();
    let of_id: Vec<&Case> =
        cases.iter().filter(|case| case.id == scenario || case.tagged_id == scenario).collect();
    let rows: Vec<&Requirement> = match find(id) {
        Some(row) => vec![row],
        None if of_id.is_empty() => return Err(unknown(id, &cases)),
        None => of_id[0].values("req").filter_map(find).collect(),
    };
    let judging: Vec<&Case> = if of_id.is_empty() {
        cases.iter().filter(|case| case.values("req").any(|req| req == rows[0].id)).collect()
    } else {
        of_id
    };
    // A requirement that a monitor alone judges shows in any scenario with a token and a call.
    let run: Vec<String> = match judging.as_slice() {
        [] if matches!(rows[0].observable, Observable::No { .. }) => Vec::new(),
        [] => vec!["PAGE-001".to_owned()],
        some => some.iter().map(|case| case.id.clone()).collect(),
    };
    let records = if run.is_empty() { Vec::new() } else { reference_run(run).await? };
    if let Some((_, slug)) = id.split_once(':') {
        let made =
            records.iter().any(|record| matches!(record, Record::Check(check) if check.check.id == id));
        if !made && crate::checks::monitors::requirement(slug).is_none() {
            let ids = records.iter().filter_map(|record| match record {
                Record::Check(check) => Some(check.check.id.as_str()),
                _ => None,
            });
            return Err(ExplainError::Unknown(id.to_owned(), did_you_mean(id, ids)));
        }
    }
    // A monitor's check is about the monitor's requirement, wherever it speaks.
    let monitored =
        id.split_once(':').and_then(|(_, slug)| crate::checks::monitors::requirement(slug)).and_then(find);
    let rows = monitored.map_or(rows, |row| vec![row]);
    let pitfall = pitfalls::all(&cases).into_iter().find(|pitfall| pitfall.case.id == id);
    let mut text = pitfall.as_ref().map(pitfalls::text).unwrap_or_default();
    for row in rows {
        requirement(&mut text, row, &cases);
    }
    for case in &judging {
        let _ =
            writeln!(text, "scenario   {}  {} ({}:{})", case.id, case.scenario.name, case.path, case.line());
        for step in &case.steps {
            let _ = writeln!(text, "             {}{}", step.step.keyword, step.step.value);
        }
        for check in checks(&records, &case.id) {
            let _ = writeln!(text, "           check {}: {}", check.check.id, check.check.expected);
        }
        let _ = writeln!(text, "           reproduce  orgtwin test --scenario {} --client …\n", case.id);
    }
    // A control runs before the scenario that needs it, and is not what was asked about.
    let own: Vec<&str> = judging.iter().map(|case| case.id.as_str()).collect();
    example(&mut text, id, &own, &records);
    Ok(text)
}

/// Several pitfalls are known by these words.
fn choice(words: &str, several: &[Pitfall<'_>]) -> String {
    several.iter().fold(format!("Pitfalls that are known by \"{words}\":\n\n"), |mut text, pitfall| {
        let _ = writeln!(text, "{}  {}", pitfall.case.id, pitfall.case.scenario.name);
        text
    })
}

fn unknown(id: &str, cases: &[Case]) -> ExplainError {
    let known = all().iter().map(|row| row.id.as_str()).chain(cases.iter().map(|case| case.id.as_str()));
    ExplainError::Unknown(id.to_owned(), did_you_mean(id, known))
}

fn requirement(text: &mut String, row: &Requirement, cases: &[Case]) {
    let _ = writeln!(text, "{} ({}, {})\n", row.id, word(row.level), row.profiles.join(", "));
    let _ = writeln!(text, "{}\n", row.sentence);
    let _ = writeln!(text, "why        {}", row.why);
    let _ = writeln!(text, "fix        {}", row.fix);
    for source in &row.sources {
        let _ = writeln!(text, "source     {source}");
    }
    match &row.observable {
        Observable::No { reason } => {
            let _ = writeln!(text, "judged by  nothing: {reason}");
        }
        seen => {
            let place = if *seen == Observable::Wire { "on the wire" } else { "in what the caller gets" };
            let _ = writeln!(text, "judged by  {} (seen {place})", table::judges(row, cases).join(", "));
        }
    }
    text.push('\n');
}

fn checks<'a>(records: &'a [Record], scenario: &str) -> Vec<&'a CheckRecord> {
    let of = |record: &'a Record| match record {
        Record::Check(check) => Some(check),
        _ => None,
    };
    records.iter().filter_map(of).filter(|check| check.scenario == scenario).collect()
}

/// The exchange on which a check of a right client rests; the last of its scenario if the check names none. `own` are the
/// scenarios that were asked about; none for a requirement that a monitor alone judges.
fn example(text: &mut String, id: &str, own: &[&str], records: &[Record]) {
    let is_own = |scenario: &str| own.is_empty() || own.contains(&scenario);
    let exchanges: Vec<&ExchangeRecord> = records
        .iter()
        .filter_map(|record| match record {
            Record::Exchange(exchange) if is_own(&exchange.scenario) => Some(exchange),
            _ => None,
        })
        .collect();
    let named = records.iter().find_map(|record| match record {
        Record::Check(check)
            if check.check.verdict == Verdict::Pass
                && is_own(&check.scenario)
                && (!id.contains(':') || check.check.id == id) =>
        {
            let seq = check.check.exchange?;
            exchanges.iter().find(|exchange| exchange.scenario == check.scenario && exchange.seq == seq)
        }
        _ => None,
    });
    let first = exchanges.first().map(|exchange| exchange.scenario.as_str());
    let last = exchanges.iter().rev().find(|exchange| Some(exchange.scenario.as_str()) == first);
    if let Some(exchange) = named.or(last) {
        let _ = writeln!(text, "example    what the built-in client did in {} just now", exchange.scenario);
        terminal::exchange_text(text, exchange);
    }
}

/// Keeps what is reported.
struct Keeper(Rc<RefCell<Vec<Record>>>);

impl Renderer for Keeper {
    fn record(&mut self, record: &Record, _: &str) -> io::Result<()> {
        self.0.borrow_mut().push(record.clone());
        Ok(())
    }
}

/// What the built-in client does in these scenarios.
async fn reference_run(scenarios: Vec<String>) -> Result<Vec<Record>, NotBegun> {
    let kept = Rc::new(RefCell::new(Vec::new()));
    suite::conduct(TestOptions::reference(scenarios), Box::new(Keeper(Rc::clone(&kept)))).await?;
    Ok(kept.take())
}
