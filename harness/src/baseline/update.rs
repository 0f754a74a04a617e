//! `orgtwin baseline update FILE --from results.ndjson`: writes down what fails, takes out what does not any longer, and
//! leaves comments and everything else as they are.

use std::{collections::BTreeSet, path::Path};

use toml_edit::{ArrayOfTables, DocumentMut, Item};

use super::{
    read::{Baseline, BaselineError, Kind},
    template::entry,
};
use crate::{
    report::record::Record,
    suite::{
        outcome::{Check, Verdict},
        rerun::{ResultsError, read_results},
    },
};

/// What stands in an entry until somebody says why.
const UNSAID: &str = "not yet explained";

/// An update that was not made (exit 2).
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpdateError {
    /// The stream.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A part of the suite says nothing about the rest.
    #[error("--from {0}: {1}, so it cannot say what a baseline holds; run the whole suite")]
    NotWhole(String, &'static str),
    /// The baseline.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The file.
    #[error("{path}: {cause}")]
    File {
        /// The baseline.
        path: String,
        /// Why not.
        cause: String,
    },
}

/// What an update changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Updated {
    /// The checks that were written down.
    pub(crate) added: Vec<String>,
    /// The entries that were taken out.
    pub(crate) removed: Vec<String>,
}

/// Updates the file; makes it if there is none.
///
/// # Errors
/// [`UpdateError`]; the file is as it was then.
pub(crate) fn update(file: &Path, from: &Path) -> Result<Updated, UpdateError> {
    let path = file.display().to_string();
    let failed = |cause: String| UpdateError::File { path: path.clone(), cause };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error.to_string())),
    };
    let records = read_results(from)?;
    whole(&records).map_err(|why| UpdateError::NotWhole(from.display().to_string(), why))?;
    let (text, updated) = rewrite(&path, &text, &records)?;
    // First beside it, then in its place: a baseline is never half written.
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, file))
        .map_err(|error| failed(error.to_string()))?;
    Ok(updated)
}

/// The run was about everything and got to its end.
fn whole(records: &[Record]) -> Result<(), &'static str> {
    match (records.first(), records.last()) {
        (Some(Record::Header(header)), _) if !header.selection.is_empty() => Err("only a part was selected"),
        (Some(Record::Header(_)), Some(Record::Footer(footer)))
            if footer.complete && footer.counts.errors == 0 && footer.broken.is_empty() =>
        {
            Ok(())
        }
        (Some(Record::Header(_)), Some(Record::Footer(_))) => Err("the run broke or was interrupted"),
        _ => Err("it has no end"),
    }
}

fn rewrite(path: &str, text: &str, records: &[Record]) -> Result<(String, Updated), UpdateError> {
    let baseline = Baseline::parse(path, text)?;
    let bad = |verdict| {
        matches!(verdict, Verdict::Fail | Verdict::Untestable | Verdict::ExpectedFail | Verdict::Flaky)
    };
    let (mut failing, mut warned, mut judged) = (Vec::<&Check>::new(), BTreeSet::new(), BTreeSet::new());
    for record in records {
        match record {
            Record::Check(record) if bad(record.check.verdict) => failing.push(&record.check),
            Record::Check(record) if record.check.verdict == Verdict::Warn => {
                warned.insert(record.check.id.as_str());
            }
            Record::Scenario(scenario) if scenario.verdict != Verdict::NotApplicable => {
                judged.insert(scenario.id.as_str());
            }
            _ => {}
        }
    }
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        UpdateError::File { path: path.to_owned(), cause: error.to_string() }
    })?;
    let mut updated = Updated { added: Vec::new(), removed: Vec::new() };
    let item = document.entry("known").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(known) = item.as_array_of_tables_mut() else {
        return Err(UpdateError::File {
            path: path.to_owned(),
            cause: "`known` is written inline; write [[known]] tables".to_owned(),
        });
    };
    for at in (0..known.len()).rev() {
        let old = &baseline.entries[at];
        let still = failing.iter().any(|check| old.stands_for(&check.id))
            || warned.iter().any(|check| old.stands_for(check));
        let ran = judged.iter().any(|scenario| old.is_of(scenario));
        if old.kind == Kind::Fails && ran && !still {
            known.remove(at);
            updated.removed.push(old.check.clone());
        }
    }
    updated.removed.reverse();
    for check in failing {
        if !baseline.entries.iter().any(|old| old.stands_for(&check.id)) {
            known.push(entry(check, UNSAID));
            updated.added.push(check.id.clone());
        }
    }
    Ok((document.to_string(), updated))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{
        report::record::{CheckRecord, ScenarioRecord},
        suite::outcome::{Level, Witness},
    };

    fn check(id: &str, verdict: Verdict) -> Record {
        Record::Check(CheckRecord {
            scenario: id.split(':').next().unwrap().to_owned(),
            check: Check {
                id: id.to_owned(),
                level: Level::Must,
                verdict,
                expected: "a \"link\"".to_owned(),
                observed: "none".to_owned(),
                witness: Witness::Ledger,
                exchange: None,
            },
            requirements: Vec::new(),
        })
    }

    fn scenario(id: &str, verdict: Verdict) -> Record {
        Record::Scenario(ScenarioRecord {
            id: id.to_owned(),
            name: String::new(),
            feature: String::new(),
            path: String::new(),
            line: 1,
            level: Level::Must,
            requirements: Vec::new(),
            verdict,
            reason: None,
            milliseconds: 0,
            client_log: String::new(),
        })
    }

    #[test]
    fn what_is_mended_goes_what_is_new_comes_and_comments_stay() {
        let old = "# Our own list.\n\n[[known]]\ncheck = \"A-001:x\" # since May\nkind = \"fails\"\nreason = \"r\"\n\n# \
                   Gone soon.\n[[known]]\ncheck = \"A-002:x\"\nkind = \"fails\"\nreason = \"r\"\n\n[[known]]\ncheck = \
                   \"A-002:y\"\nkind = \"flaky\"\nreason = \"r\"\n\n[[known]]\ncheck = \"A-003:*\"\nkind = \
                   \"fails\"\nreason = \"r\"\n";
        let records = [
            check("A-001:x", Verdict::ExpectedFail),
            scenario("A-001", Verdict::ExpectedFail),
            check("A-002:x", Verdict::UnexpectedPass),
            scenario("A-002", Verdict::UnexpectedPass),
            check("A-003:z", Verdict::NotApplicable),
            scenario("A-003", Verdict::NotApplicable),
            check("A-004:w", Verdict::Warn),
            check("A-004:x", Verdict::Fail),
            scenario("A-004", Verdict::Fail),
        ];
        let (text, updated) = rewrite("b.toml", old, &records).unwrap();
        assert_eq!(
            updated,
            Updated { added: vec!["A-004:x".to_owned()], removed: vec!["A-002:x".to_owned()] }
        );
        insta::assert_snapshot!(text);
        let (again, unchanged) = rewrite("b.toml", &text, &records).unwrap();
        assert_eq!((again, unchanged.added.len() + unchanged.removed.len()), (text, 0));
    }

    #[test]
    fn only_a_whole_run_says_what_a_baseline_holds() {
        let record = |value: serde_json::Value| serde_json::from_value::<Record>(value).unwrap();
        let header = |selection: &str| {
            record(
                serde_json::json!({"record": "header", "schema": 1, "tool": "", "client": "", "identity": "",
                "capabilities": [], "run_arguments": "", "target": "", "seed": 1, "deadlines": [60, 120],
                "planned": 1, "selection": selection}),
            )
        };
        let footer = |complete: bool, errors: usize| {
            record(
                serde_json::json!({"record": "footer", "complete": complete, "broken": [], "milliseconds": 1,
                "exit": 0, "counts": {"passed": 1, "warned": 0, "failed": 0, "untestable": 0, "not_applicable": 0,
                "errors": errors, "not_run": 0}}),
            )
        };
        let table = [
            (vec![header(""), footer(true, 0)], Ok(())),
            (vec![header("--req A"), footer(true, 0)], Err("only a part was selected")),
            (vec![header(""), footer(false, 0)], Err("the run broke or was interrupted")),
            (vec![header(""), footer(true, 1)], Err("the run broke or was interrupted")),
            (vec![header("")], Err("it has no end")),
            (vec![], Err("it has no end")),
        ];
        for (records, expected) in table {
            assert_eq!(whole(&records), expected, "{records:?}");
        }
    }

    #[test]
    fn a_new_file_has_what_fails() {
        let (text, updated) = rewrite("b.toml", "", &[check("A-004:x", Verdict::Fail)]).unwrap();
        assert_eq!(updated.added, ["A-004:x"]);
        assert_eq!(Baseline::parse("b.toml", &text).unwrap().entries.len(), 1);
    }
}
