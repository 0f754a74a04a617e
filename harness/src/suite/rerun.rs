//! `--rerun-failed`: what did not pass in an earlier run.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::outcome::Verdict;
use crate::report::record::Record;

/// A stream of results that cannot be used (exit 2).
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultsError {
    /// No such file.
    #[error("{path}: cannot be read ({cause}); `orgtwin test --report-dir DIR` writes DIR/results.ndjson")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        cause: std::io::Error,
    },
    /// Another file.
    #[error("{path}:{line}: not a line of results.ndjson ({cause})")]
    NoRecord {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The parser's words.
        cause: serde_json::Error,
    },
    /// No file is named, and no folder.
    #[error("--rerun-failed needs a results.ndjson, or a --report-dir that has one")]
    Unnamed,
}

/// The records of a stream.
///
/// # Errors
/// [`ResultsError`].
pub(crate) fn read_results(path: &Path) -> Result<Vec<Record>, ResultsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ResultsError::Unreadable { path: path.to_owned(), cause })?;
    let record = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|cause| ResultsError::NoRecord {
            path: path.to_owned(),
            line: at + 1,
            cause,
        })
    };
    text.lines().enumerate().map(record).collect()
}

/// The scenarios that did not pass; and whether the stream has its end.
pub(crate) fn not_passed(records: &[Record]) -> (BTreeSet<String>, bool) {
    let mut ids = BTreeSet::new();
    let mut whole = false;
    for record in records {
        match record {
            Record::Scenario(scenario)
                if !matches!(scenario.verdict, Verdict::Pass | Verdict::NotApplicable) =>
            {
                ids.insert(scenario.id.clone());
            }
            Record::Footer(footer) => whole = footer.complete,
            _ => {}
        }
    }
    (ids, whole)
}
