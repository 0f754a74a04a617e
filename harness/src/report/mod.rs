//! One stream of records, from which every report is made: the terminal while the run goes on (`terminal`), the files at
//! its end (`files`: one module a report). They see nothing but what is in the stream, and the stream holds no secret of
//! the run. What was written can be rendered again, put together and compared (`merge`, `compare`).

mod annotations;
mod badge;
pub(crate) mod command;
mod compare;
pub(crate) mod files;
pub(crate) mod heartbeat;
mod junit;
mod markdown;
mod merge;
mod messages;
mod page;
pub(crate) mod pseudonyms;
pub(crate) mod record;
pub(crate) mod run;
pub(crate) mod taint;
pub(crate) mod terminal;
pub(crate) mod verdict;

use std::io;

use self::{pseudonyms::Pseudonyms, record::Record, taint::Taint};

/// Renders the stream.
pub(crate) trait Renderer {
    /// Takes the next record; `line` is the record as it stands in the stream.
    ///
    /// # Errors
    /// The report cannot be written.
    fn record(&mut self, record: &Record, line: &str) -> io::Result<()>;

    /// A scenario is under way.
    fn progress(&mut self, _scenario: &str) {}
}

/// The stream and its renderers.
pub(crate) struct Report {
    taint: Taint,
    names: Option<Pseudonyms>,
    renderers: Vec<Box<dyn Renderer>>,
    broken: Vec<String>,
}

impl Report {
    /// A report of a run whose secrets `taint` knows.
    pub(crate) fn new(taint: Taint, renderers: Vec<Box<dyn Renderer>>) -> Self {
        Self { taint, names: None, renderers, broken: Vec::new() }
    }

    /// The same with other names for what is a real org's own.
    pub(crate) fn under_names(mut self, names: Option<Pseudonyms>) -> Self {
        self.names = names;
        self
    }

    /// Redacts a record, gives what it names other names, sees that no secret is left, and hands it to every renderer.
    pub(crate) fn emit(&mut self, record: &Record) {
        let line = match self.written(record) {
            Ok(line) => line,
            Err(error) => return self.broke(format!("a record cannot be written: {error}")),
        };
        if let Err(leak) = self.taint.search(&line) {
            return self.broke(leak.to_string());
        }
        let Ok(record) = serde_json::from_str::<Record>(&line) else {
            return self.broke("a record could not be read again after redaction".to_owned());
        };
        let mut failures = Vec::new();
        for renderer in &mut self.renderers {
            if let Err(error) = renderer.record(&record, &line) {
                failures.push(format!("a report cannot be written: {error}"));
            }
        }
        self.broken.extend(failures);
    }

    /// The record as a line without secrets, under other names where it is about a real org.
    fn written(&self, record: &Record) -> serde_json::Result<String> {
        // Secrets first: of one that has other names in it nobody finds the whole.
        let line = self.taint.redact(&serde_json::to_string(record)?);
        let Some(names) = &self.names else { return Ok(line) };
        let mut value = serde_json::from_str(&line)?;
        if let Record::Feature(feature) = record {
            // What a feature names is nobody's, but for what is known to be the org's.
            names.spare(&feature.text);
            names.cover_all(&mut value, Pseudonyms::cover_known);
        } else {
            names.cover_all(&mut value, Pseudonyms::cover);
        }
        serde_json::to_string(&value)
    }

    /// A text without the run's secrets: before it is cut, for half a secret is found by nobody who looks for the whole.
    pub(crate) fn redacted(&self, text: &str) -> String {
        self.taint.redact(text)
    }

    /// A scenario is under way.
    pub(crate) fn progress(&mut self, scenario: &str) {
        for renderer in &mut self.renderers {
            renderer.progress(scenario);
        }
    }

    /// Notes what broke outside of any scenario.
    pub(crate) fn broke(&mut self, cause: String) {
        if !self.broken.contains(&cause) {
            self.broken.push(cause);
        }
    }

    /// What broke outside of any scenario, so far.
    pub(crate) fn broken(&self) -> &[String] {
        &self.broken
    }
}

#[cfg(test)]
mod tests;
