//! What else fails when the whole suite meets a mutant: `fixtures/selftest/survey.toml`. Nobody has thought about each of
//! these as about the rows of `kills.toml`; they were seen, and stand there so that a failure that is new is noticed.
//! Only `orgtwin selftest --all` looks here.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

use super::matrix::Row;

static TEXT: &str = include_str!("../../../fixtures/selftest/survey.toml");
static SURVEY: LazyLock<Result<Survey, String>> =
    LazyLock::new(|| read(TEXT, "fixtures/selftest/survey.toml"));

const HEAD: &str = "\
# What else fails when the whole suite meets a client or an org that is wrong on purpose: by its name, the check and the scenarios.
# Seen, not thought out: `orgtwin selftest --all --renew-survey FILE` adds what is new. What must fail stands in kills.toml.

";

/// Mutant → check → scenarios.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Survey(BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

fn read(text: &str, name: &str) -> Result<Survey, String> {
    toml::from_str(text).map(Survey).map_err(|error| format!("{name}: {error}"))
}

/// The survey, read once.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn survey() -> Result<&'static Survey, String> {
    SURVEY.as_ref().map_err(Clone::clone)
}

impl Survey {
    /// Whether a check of a scenario (`SCENARIO:check`) was seen to fail for a mutant.
    pub(super) fn has(&self, mutant: &str, id: &str) -> bool {
        let scenarios =
            |(scenario, check): (&str, &str)| Some(self.0.get(mutant)?.get(check)?.contains(scenario));
        id.split_once(':').and_then(scenarios).unwrap_or(false)
    }

    /// With what failed undeclared in these rows.
    pub(super) fn and(&self, rows: &[Row]) -> Self {
        let mut all = self.clone();
        for row in rows {
            // What was seen follows in brackets.
            let ids = row.undeclared.iter().filter_map(|one| one.split(' ').next()?.split_once(':'));
            for (scenario, check) in ids {
                let checks = all.0.entry(row.name.clone()).or_default();
                checks.entry(check.to_owned()).or_default().insert(scenario.to_owned());
            }
        }
        all
    }

    /// Writes it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let table = toml::to_string(&self.0).map_err(std::io::Error::other)?;
        std::fs::write(path, [HEAD, &table].concat())
    }

    /// The mutants and the ids that it names.
    #[cfg(test)]
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().flat_map(|(mutant, checks)| {
            checks.iter().flat_map(move |(check, scenarios)| {
                scenarios.iter().map(move |scenario| (mutant.as_str(), format!("{scenario}:{check}")))
            })
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_written_and_read_again() {
        let row = Row {
            undeclared: vec![
                "A-001.2:told (the org: refused nothing)".to_owned(),
                "A-002:told ()".to_owned(),
            ],
            ..Row::of("client", "no-state")
        };
        let survey = Survey::default().and(&[row, Row::of("client", "sound")]);
        let file = tempfile::NamedTempFile::new().unwrap();
        survey.write(file.path()).unwrap();
        let read = read(&std::fs::read_to_string(file.path()).unwrap(), "").unwrap();
        assert_eq!(read, survey);
        assert!(read.has("no-state", "A-001.2:told") && read.has("no-state", "A-002:told"));
        for (mutant, id) in [
            ("no-state", "A-001.1:told"),
            ("no-state", "A-002:asked"),
            ("sound", "A-002:told"),
            ("no-state", "told"),
        ] {
            assert!(!read.has(mutant, id), "{mutant} {id}");
        }
    }
}
