//! One stream of events, a file per renderer. Renderers see nothing but what is in the stream, and the stream holds
//! no secret of the run.

pub(crate) mod junit;
pub(crate) mod record;
pub(crate) mod taint;
pub(crate) mod terminal;

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
};

use self::{record::Record, taint::Taint};

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
    renderers: Vec<Box<dyn Renderer>>,
    broken: Vec<String>,
}

impl Report {
    /// A report of a run whose secrets `taint` knows.
    pub(crate) fn new(taint: Taint, renderers: Vec<Box<dyn Renderer>>) -> Self {
        Self { taint, renderers, broken: Vec::new() }
    }

    /// Redacts a record, sees that no secret is left, and hands it to every renderer.
    pub(crate) fn emit(&mut self, record: &Record) {
        let line = match serde_json::to_string(record) {
            Ok(line) => self.taint.redact(&line),
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

/// `results.ndjson`.
pub(crate) struct Ndjson(File);

impl Ndjson {
    /// Creates the file.
    ///
    /// # Errors
    /// The folder or the file cannot be made.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        File::create(folder.join("results.ndjson")).map(Self)
    }
}

impl Renderer for Ndjson {
    fn record(&mut self, _: &Record, line: &str) -> io::Result<()> {
        // One write a line: what is there after a crash is whole.
        self.0.write_all(format!("{line}\n").as_bytes())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use super::{
        junit::Junit,
        record::{CheckRecord, ExchangeRecord, Footer, Header, SCHEMA, ScenarioRecord},
        terminal::Terminal,
        *,
    };
    use crate::suite::outcome::{Check, Counts, Level, Verdict, Witness, claim, exit_code};

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn header() -> Record {
        Record::Header(Header {
            schema: SCHEMA,
            tool: "orgtwin 0.1.0".to_owned(),
            client: "stdio: python3 adapter.py".to_owned(),
            identity: "acme-sync 2.3.1 python 3.12".to_owned(),
            capabilities: vec!["list_all".to_owned()],
            run_arguments: "--client stdio -- python3 adapter.py".to_owned(),
            target: "the embedded org".to_owned(),
            seed: 1,
            deadlines: [60, 120],
            planned: 5,
            profile: None,
            selection: String::new(),
        })
    }

    fn check(scenario: &str, slug: &str, verdict: Verdict, observed: &str, exchange: Option<u64>) -> Record {
        Record::Check(CheckRecord {
            scenario: scenario.to_owned(),
            check: Check {
                id: format!("{scenario}:{slug}"),
                level: Level::Must,
                verdict,
                expected: "3 page requests".to_owned(),
                observed: observed.to_owned(),
                witness: if exchange.is_some() { Witness::Ledger } else { Witness::Harness },
                exchange,
            },
            requirements: vec!["OKTA-PAGINATION-LINK".to_owned()],
        })
    }

    fn exchange(scenario: &str) -> Record {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Record::Exchange(ExchangeRecord {
            scenario: scenario.to_owned(),
            seq: 3,
            time: "2026-11-24T10:00:00Z".to_owned(),
            operation: Some("listUsers".to_owned()),
            request: "GET /api/v1/users?after=00u2".to_owned(),
            request_headers: vec![
                pair("Host", "127.0.0.1"),
                pair("Authorization", "Bearer the-access-token"),
            ],
            request_body: String::new(),
            status: 403,
            response_headers: vec![pair("content-type", "application/json"), pair("server", "mock")],
            response_body: "{\"errorCode\":\"E0000006\"}".to_owned(),
            decided: Some("role: no admin role".to_owned()),
        })
    }

    fn scenario(id: &str, name: &str, verdict: Verdict, reason: Option<&str>, log: &str) -> Record {
        Record::Scenario(ScenarioRecord {
            id: id.to_owned(),
            name: name.to_owned(),
            feature: "Reading a whole collection".to_owned(),
            path: "features/paging.feature".to_owned(),
            line: 12,
            level: Level::Must,
            requirements: vec!["OKTA-PAGINATION-LINK".to_owned()],
            verdict,
            reason: reason.map(ToOwned::to_owned),
            milliseconds: 1042,
            client_log: log.to_owned(),
        })
    }

    fn footer(counts: Counts) -> Record {
        Record::Footer(Footer {
            complete: counts.not_run == 0,
            cut_short: None,
            counts,
            broken: Vec::new(),
            milliseconds: 5432,
            exit: exit_code(&counts, None, false),
            claim: claim(exit_code(&counts, None, false), &counts, false),
            baseline: Vec::new(),
        })
    }

    /// One scenario of each kind.
    fn run() -> Vec<Record> {
        let counts =
            Counts { passed: 1, failed: 1, untestable: 1, not_applicable: 1, errors: 1, ..Counts::default() };
        vec![
            header(),
            check("PAGE-001", "every-page", Verdict::Pass, "3 page requests", Some(3)),
            scenario("PAGE-001", "The client reads every page once", Verdict::Pass, None, ""),
            check("PAGE-002", "every-page", Verdict::Fail, "1 page request", Some(3)),
            check("PAGE-002", "reports-it", Verdict::Fail, "success", Some(3)),
            exchange("PAGE-002"),
            scenario("PAGE-002", "Cursors change", Verdict::Fail, None, "using token the-access-token\nbye"),
            check("PAGE-003", "control", Verdict::Untestable, "its control did not pass", None),
            scenario(
                "PAGE-003",
                "A page is refused",
                Verdict::Untestable,
                Some("its control did not pass"),
                "",
            ),
            check("DPOP-001", "applicable", Verdict::NotApplicable, "no capability dpop", None),
            scenario("DPOP-001", "A proof", Verdict::NotApplicable, Some("no capability dpop"), ""),
            check("PAGE-004", "adapter", Verdict::Error, "no reply to `list_all` within 60 s", None),
            scenario("PAGE-004", "A loop", Verdict::Error, Some("no reply"), ""),
            footer(counts),
        ]
    }

    #[test]
    fn the_terminal_shows_what_is_needed_to_understand_and_repeat() {
        let screen = Screen::default();
        let taint = Taint::default();
        taint.learn("the-access-token");
        let mut report = Report::new(taint, vec![Box::new(Terminal::new(Box::new(screen.clone()), false))]);
        for record in run() {
            report.emit(&record);
        }
        assert_eq!(report.broken(), Vec::<String>::new());
        insta::assert_snapshot!(String::from_utf8(screen.0.lock().unwrap().clone()).unwrap());
    }

    #[test]
    fn junit_has_a_case_for_each_scenario_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let taint = Taint::default();
        taint.learn("the-access-token");
        let mut report = Report::new(taint.clone(), vec![Box::new(Junit::new(folder.path(), taint))]);
        for record in run() {
            report.emit(&record);
        }
        insta::assert_snapshot!(std::fs::read_to_string(folder.path().join("junit.xml")).unwrap());
    }

    #[test]
    fn the_stream_is_read_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut report =
            Report::new(Taint::default(), vec![Box::new(Ndjson::create(folder.path()).unwrap())]);
        for record in run() {
            report.emit(&record);
        }
        let text = std::fs::read_to_string(folder.path().join("results.ndjson")).unwrap();
        let read: Vec<Record> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, run());
    }

    #[test]
    fn a_secret_that_cannot_be_taken_out_stops_the_record() {
        // A secret that is a part of the stream's own words would break every line that is redacted.
        let folder = tempfile::tempdir().unwrap();
        let taint = Taint::default();
        taint.learn("\"record\":\"header\"");
        let mut report = Report::new(taint, vec![Box::new(Ndjson::create(folder.path()).unwrap())]);
        report.emit(&header());
        assert_eq!(report.broken().len(), 1);
        assert_eq!(std::fs::read_to_string(folder.path().join("results.ndjson")).unwrap(), "");
    }

    #[test]
    fn the_last_sentence_says_what_the_numbers_mean() {
        let sentences: Vec<String> = [
            Counts { passed: 45, ..Counts::default() },
            Counts { passed: 44, warned: 1, ..Counts::default() },
            Counts { passed: 44, failed: 1, ..Counts::default() },
            Counts { passed: 44, untestable: 1, ..Counts::default() },
            Counts { passed: 44, errors: 1, ..Counts::default() },
            Counts { not_applicable: 3, ..Counts::default() },
        ]
        .into_iter()
        .map(|counts| {
            let screen = Screen::default();
            let mut report =
                Report::new(Taint::default(), vec![Box::new(Terminal::new(Box::new(screen.clone()), false))]);
            report.emit(&footer(counts));
            String::from_utf8(screen.0.lock().unwrap().clone()).unwrap()
        })
        .collect();
        insta::assert_snapshot!(sentences.concat());
    }
}
