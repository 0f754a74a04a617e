//! `junit.xml`: a suite for each feature, a case for each scenario.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{
    Renderer,
    record::{CheckRecord, Footer, Record, ScenarioRecord},
    taint::Taint,
    terminal,
};
use crate::suite::outcome::Verdict;

/// Collects a run and writes it at its end.
pub(crate) struct Junit {
    path: PathBuf,
    taint: Taint,
    run_arguments: String,
    checks: Vec<CheckRecord>,
    suites: BTreeMap<String, TestSuite>,
}

impl Junit {
    /// Will write `junit.xml` into the folder.
    pub(crate) fn new(folder: &Path, taint: Taint) -> Self {
        Self {
            path: folder.join("junit.xml"),
            taint,
            run_arguments: String::new(),
            checks: Vec::new(),
            suites: BTreeMap::new(),
        }
    }

    fn scenario(&mut self, scenario: &ScenarioRecord) {
        let checks = std::mem::take(&mut self.checks);
        let mut case = TestCase::new(format!("{} {}", scenario.id, scenario.name), status(scenario, &checks));
        case.set_classname(scenario.feature.clone());
        case.set_assertions(checks.len());
        case.set_time(Duration::from_millis(scenario.milliseconds));
        for requirement in &scenario.requirements {
            case.add_property(("requirement", requirement.as_str()));
        }
        case.add_property(("feature-file", format!("{}:{}", scenario.path, scenario.line).as_str()));
        if !matches!(scenario.verdict, Verdict::Pass | Verdict::NotApplicable) {
            case.set_system_out(terminal::reproduce(&self.run_arguments, &scenario.id));
        }
        if !scenario.client_log.is_empty() {
            case.set_system_err(scenario.client_log.clone());
        }
        self.suites
            .entry(scenario.feature.clone())
            .or_insert_with(|| TestSuite::new(scenario.feature.clone()))
            .add_test_case(case);
    }

    fn text(&mut self, footer: &Footer) -> io::Result<String> {
        let mut report = Report::new("orgtwin");
        report.set_time(Duration::from_millis(footer.milliseconds));
        report.add_test_suites(std::mem::take(&mut self.suites).into_values());
        if !footer.broken.is_empty() || !footer.complete {
            let mut suite = TestSuite::new("orgtwin");
            for cause in &footer.broken {
                suite.add_test_case(broken("harness", cause));
            }
            if !footer.complete {
                suite.add_test_case(broken(
                    "complete",
                    &format!("{} scenarios were not run", footer.counts.not_run),
                ));
            }
            report.add_test_suite(suite);
        }
        report.to_string().map_err(io::Error::other)
    }
}

fn broken(name: &str, cause: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(cause);
    let mut case = TestCase::new(name, status);
    case.set_classname("orgtwin");
    case
}

fn status(scenario: &ScenarioRecord, checks: &[CheckRecord]) -> TestCaseStatus {
    let kind = match scenario.verdict {
        Verdict::Pass | Verdict::Warn => return TestCaseStatus::success(),
        Verdict::NotApplicable => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(scenario.reason.clone().unwrap_or_default());
            return status;
        }
        // What is known stays visible, and fails no job.
        Verdict::ExpectedFail | Verdict::Flaky => {
            let known = checks.iter().find(|check| check.check.verdict == scenario.verdict);
            let mut status = TestCaseStatus::skipped();
            status.set_message(known.map(|check| check.check.observed.clone()).unwrap_or_default());
            return status;
        }
        Verdict::Fail | Verdict::Untestable | Verdict::UnexpectedPass => NonSuccessKind::Failure,
        Verdict::Error => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    let bad: Vec<&CheckRecord> = checks.iter().filter(|check| check.check.verdict > Verdict::Warn).collect();
    let first = bad.first().map(|check| format!("{}: {}", check.check.id, check.check.observed));
    status.set_message(first.unwrap_or_default());
    status.set_type(terminal::word(scenario.verdict));
    let mut text = String::new();
    for check in bad {
        terminal::check_text(&mut text, check, None);
    }
    status.set_description(text);
    status
}

impl Renderer for Junit {
    fn record(&mut self, record: &Record, _: &str) -> io::Result<()> {
        match record {
            Record::Header(header) => self.run_arguments.clone_from(&header.run_arguments),
            Record::Check(check) => self.checks.push(check.clone()),
            Record::Exchange(_) => {}
            Record::Scenario(scenario) => self.scenario(scenario),
            Record::Footer(footer) => {
                let text = self.text(footer)?;
                // What was apart in the records may have been joined here.
                self.taint.search(&text).map_err(io::Error::other)?;
                std::fs::write(&self.path, text)?;
            }
        }
        Ok(())
    }
}
