//! The file: `[[known]]` entries, every fault named with its line.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::suite::{features::Case, outcome::Check};

/// A baseline file that cannot be used (exit 2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("--baseline {path}:{line}: {message}")]
pub(crate) struct BaselineError {
    /// The file.
    pub(crate) path: String,
    /// The line, 0 for the whole file.
    pub(crate) line: usize,
    /// What is wrong and the remedy.
    pub(crate) message: String,
}

/// What is known of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// It does not hold.
    Fails,
    /// It holds at times.
    Flaky,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    known: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    check: String,
    kind: Kind,
    reason: String,
    issue: Option<String>,
    until: Option<String>,
    message: Option<String>,
}

/// A file of known failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Baseline {
    /// Its path.
    pub(crate) path: String,
    /// Its entries.
    pub(crate) entries: Vec<Entry>,
}

/// One known failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `PAGE-004:next-page-verbatim`; `*` stands for any characters.
    pub(crate) check: String,
    /// What is known of it.
    pub(crate) kind: Kind,
    /// Why.
    pub(crate) reason: String,
    /// Where it is tracked.
    pub(crate) issue: Option<String>,
    /// The last day on which it is known.
    pub(crate) until: Option<Date>,
    /// A part of what is expected or observed.
    pub(crate) message: Option<String>,
    /// Its line.
    pub(crate) line: usize,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// It is not there, or not a baseline.
    pub(crate) fn load(path: &str) -> Result<Self, BaselineError> {
        let text = std::fs::read_to_string(path).map_err(|error| BaselineError {
            path: path.to_owned(),
            line: 0,
            message: format!("cannot be read ({error})"),
        })?;
        Self::parse(path, &text)
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// It is no baseline.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self, BaselineError> {
        let wrong = |line: usize, message: String| BaselineError { path: path.to_owned(), line, message };
        let line_at = |offset: usize| crate::place::line(text, offset);
        let file: RawFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| line_at(span.start));
            wrong(line, error.message().to_owned())
        })?;
        let mut entries: Vec<Entry> = Vec::new();
        for raw in file.known {
            let line = line_at(raw.span().start);
            let RawEntry { check, kind, reason, issue, until, message } = raw.into_inner();
            let (scenario, slug) = check.split_once(':').unwrap_or_default();
            if scenario.is_empty() || slug.is_empty() {
                return Err(wrong(
                    line,
                    format!("check = {check:?}: not SCENARIO:CHECK, as PAGE-001:page-requests"),
                ));
            }
            if reason.trim().is_empty() {
                return Err(wrong(line, format!("{check}: reason is empty; say why it is known")));
            }
            if entries.iter().any(|entry| entry.check == check) {
                return Err(wrong(line, format!("{check} is there twice")));
            }
            let until = match until {
                None => None,
                Some(day) => Some(day.parse::<Date>().map_err(|_| {
                    wrong(line, format!("{check}: until = {day:?} is no date, as \"2027-03-01\""))
                })?),
            };
            entries.push(Entry { check, kind, reason, issue, until, message, line });
        }
        Ok(Self { path: path.to_owned(), entries })
    }

    /// That each entry is about a scenario that there is.
    ///
    /// # Errors
    /// Names the first that is not.
    pub(crate) fn known_to(&self, cases: &[Case]) -> Result<(), BaselineError> {
        match self.entries.iter().find(|entry| !cases.iter().any(|case| entry.is_of(&case.id))) {
            None => Ok(()),
            Some(entry) => {
                let ids = cases.iter().map(|case| case.id.as_str());
                let near = crate::nearest::did_you_mean(entry.scenario(), ids);
                Err(BaselineError {
                    path: self.path.clone(),
                    line: entry.line,
                    message: format!("{}: there is no such scenario{near}", entry.check),
                })
            }
        }
    }
}

impl Entry {
    fn scenario(&self) -> &str {
        self.check.split(':').next().unwrap_or_default()
    }

    /// It stands for more than one check.
    pub(crate) fn is_glob(&self) -> bool {
        self.check.contains('*')
    }

    /// It stands for this check.
    pub(crate) fn stands_for(&self, check: &str) -> bool {
        fits(&self.check, check)
    }

    /// It is about this scenario.
    pub(crate) fn is_of(&self, scenario: &str) -> bool {
        fits(self.scenario(), scenario)
    }

    /// Its day is over.
    pub(crate) fn expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// The check says what the entry says that it does.
    pub(crate) fn message_fits(&self, check: &Check) -> bool {
        self.message.as_ref().is_none_or(|part| {
            check.expected.contains(part.as_str()) || check.observed.contains(part.as_str())
        })
    }

    /// Reason and issue in words.
    pub(crate) fn because(&self) -> String {
        match &self.issue {
            Some(issue) => format!("{}, {issue}", self.reason),
            None => self.reason.clone(),
        }
    }
}

/// `*` stands for any characters, none among them.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let table = [
            ("A-001:a", "A-001:a", true),
            ("A-001:a", "A-001:ab", false),
            ("A-001:*", "A-001:ab", true),
            ("A-001.*:a", "A-001.12:a", true),
            ("A-001.*:a", "A-001:a", false),
            ("*:a", "A-001:a", true),
            ("*-001:*b", "A-001:b", true),
            ("*-001:*b", "A-001:c", false),
            ("A*B*C", "ABC", true),
            ("A*B*C", "AC", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_line() {
        let table = [
            (
                "[[known]]\ncheck = \"A\"\nkind = \"fails\"\nreason = \"r\"",
                "b:1: check = \"A\": not SCENARIO:CHECK",
            ),
            ("[[known]]\ncheck = \"A:b\"\nkind = \"fails\"\nreason = \"\"", "reason is empty"),
            ("\n[[known]]\ncheck = \"A:b\"\nkind = \"fails\"", "missing field `reason`"),
            ("[[known]]\ncheck = \"A:b\"\nkind = \"fail\"\nreason = \"r\"", "b:3: unknown variant `fail`"),
            (
                "[[known]]\ncheck = \"A:b\"\nkind = \"fails\"\nreason = \"r\"\ntill = \"x\"",
                "unknown field `till`",
            ),
            (
                "[[known]]\ncheck = \"A:b\"\nkind = \"fails\"\nreason = \"r\"\nuntil = \"soon\"",
                "until = \"soon\" is no date",
            ),
            (
                "[[known]]\ncheck = \"A:b\"\nkind = \"fails\"\nreason = \"r\"\n[[known]]\ncheck = \"A:b\"\nkind = \
                 \"flaky\"\nreason = \"r\"",
                "b:5: A:b is there twice",
            ),
        ];
        for (text, expected) in table {
            let error = Baseline::parse("b", text).map_err(|error| error.to_string());
            assert!(error.as_ref().is_err_and(|error| error.contains(expected)), "{expected}: {error:?}");
        }
    }
}
