//! What a reader asks of a ledger: the query of its URL.

use jiff::Timestamp;

use super::filter::Filter;
use super::outcome::Statuses;
use crate::exchange::Form;
use crate::facts::nearest;

/// The parameters that there are.
const PARAMETERS: [&str; 13] = [
    "since",
    "limit",
    "from",
    "until",
    "method",
    "path",
    "client",
    "status",
    "error",
    "operation",
    "fault",
    "format",
    "secrets",
];

/// How exchanges are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JSON array.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// HAR 1.2.
    Har,
}

/// What a reader wants, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Which exchanges.
    pub(crate) filter: Filter,
    /// Whether `since` was given.
    pub(crate) since_given: bool,
    /// The form; otherwise by `Accept`.
    pub(crate) format: Option<Format>,
    /// Secrets as they are, not as tags.
    pub(crate) plain: bool,
}

/// A query that cannot be. The message names the parameter, the value and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadingError {
    /// A parameter that is none.
    #[error("there is no parameter {name:?}; use {known}{hint}", known = PARAMETERS.join(", "))]
    Unknown {
        /// Its name.
        name: String,
        /// ` (did you mean "…"?)`, or nothing.
        hint: String,
    },
    /// A value that is none.
    #[error("{name}={value:?}: {remedy}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: String,
        /// What to give.
        remedy: &'static str,
    },
    /// A parameter that occurs twice.
    #[error("{0} occurs twice; give it once")]
    Twice(String),
}

impl Reading {
    /// Reads the query of a ledger's URL. A parameter without a value counts as absent.
    ///
    /// # Errors
    /// [`ReadingError`] names the parameter.
    pub(crate) fn from_query(query: &str) -> Result<Self, ReadingError> {
        let form = Form::parse(query.as_bytes());
        if let Some(name) = form.duplicates().first() {
            return Err(ReadingError::Twice((*name).to_owned()));
        }
        let mut reading = Self::default();
        for (name, value) in form.0 {
            let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else {
                let near = nearest(&name, PARAMETERS);
                let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
                return Err(ReadingError::Unknown { name, hint });
            };
            reading.set(name, value)?;
        }
        Ok(reading)
    }

    fn set(&mut self, name: &'static str, value: String) -> Result<(), ReadingError> {
        let wrong = |value: &str, remedy| ReadingError::Value { name, value: value.to_owned(), remedy };
        let filter = &mut self.filter;
        if value.is_empty() && name != "since" {
            return Ok(());
        }
        match name {
            "since" => {
                let remedy = "this is no number; give the seq of the last exchange that you have seen";
                filter.since = value.parse().map_err(|_| wrong(&value, remedy))?;
                self.since_given = true;
            }
            "limit" => {
                let number = value.parse().ok().filter(|number| *number > 0);
                filter.limit = Some(number.ok_or_else(|| wrong(&value, "give how many, at least 1"))?);
            }
            "from" | "until" => {
                let remedy = "this is no time; write it as 2026-01-31T10:00:00Z (a `+` as %2B)";
                // A `+` that was not encoded came as a space.
                let time = value.parse().or_else(|_| value.replace(' ', "+").parse::<Timestamp>());
                let time = Some(time.map_err(|_| wrong(&value, remedy))?);
                if name == "from" { filter.from = time } else { filter.until = time }
            }
            "status" => {
                let remedy = "this is no status; give 429, 4xx, or several with commas";
                filter.status = Some(Statuses::parse(&value).ok_or_else(|| wrong(&value, remedy))?);
            }
            "format" => {
                self.format = Some(match value.as_str() {
                    "json" => Format::Json,
                    "ndjson" => Format::Ndjson,
                    "har" => Format::Har,
                    _ => return Err(wrong(&value, "there are json, ndjson and har")),
                });
            }
            "secrets" => {
                self.plain = match value.as_str() {
                    "plain" => true,
                    "tags" => false,
                    _ => return Err(wrong(&value, "there are tags, which is the default, and plain")),
                };
            }
            "method" => filter.method = Some(value.to_ascii_uppercase()),
            "path" => filter.path = Some(value),
            "client" => filter.client = Some(value),
            "error" => filter.error = Some(value),
            "operation" => filter.operation = Some(value),
            _ => filter.fault = Some(value),
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read() {
        let filter =
            Filter { since: 7, method: Some("POST".into()), path: Some("/a b".into()), ..Filter::default() };
        let good = Reading { filter, since_given: true, ..Reading::default() };
        assert_eq!(Reading::from_query("since=7&method=post&path=%2Fa+b&client="), Ok(good));
        assert_eq!(Reading::from_query(""), Ok(Reading::default()));
        let read = Reading::from_query(
            "limit=3&from=2026-01-01T00:00:00%2B02:00&until=2026-01-01T00:00:00+02:00&status=4xx,500&secrets=plain&format=har",
        )
        .unwrap();
        assert_eq!((read.filter.limit, read.plain, read.format), (Some(3), true, Some(Format::Har)));
        assert_eq!(read.filter.from, read.filter.until);
        assert_eq!(read.filter.from.unwrap().to_string(), "2025-12-31T22:00:00Z");
    }

    #[test]
    fn bad_queries_are_told_the_remedy() {
        for (query, part) in [
            ("metod=GET", "(did you mean \"method\"?)"),
            ("since=-1", "since=\"-1\": this is no number"),
            ("since=", "since=\"\""),
            ("since=1&since=2", "since occurs twice"),
            ("limit=0", "limit=\"0\""),
            ("from=yesterday", "from=\"yesterday\": this is no time"),
            ("status=6xx", "status=\"6xx\""),
            ("status=4xx,", "status="),
            ("format=xml", "there are json, ndjson and har"),
            ("secrets=yes", "there are tags"),
            ("clinet=a", "did you mean \"client\"?"),
        ] {
            let refused = Reading::from_query(query).unwrap_err().to_string();
            assert!(refused.contains(part), "{query}: {refused}");
        }
    }
}
