//! `junit.xml`: a suite for each feature, a case for each scenario.

use std::{collections::BTreeMap, io, time::Duration};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{
    run::{Judged, Run},
    terminal, verdict,
};
use crate::suite::outcome::{Verdict, Witness};

/// The run as JUnit XML.
///
/// # Errors
/// It cannot be written as XML.
pub(super) fn text(run: &Run) -> io::Result<String> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for judged in &run.scenarios {
        let feature = judged.scenario.feature.as_str();
        suites
            .entry(feature)
            .or_insert_with(|| TestSuite::new(feature))
            .add_test_case(case(judged, &run.header.run_arguments));
    }
    let footer = &run.footer;
    let mut report = Report::new("orgtwin");
    report.set_time(Duration::from_millis(footer.milliseconds));
    report.add_test_suites(suites.into_values());
    if !footer.broken.is_empty() || !footer.complete {
        let mut suite = TestSuite::new("orgtwin");
        for cause in &footer.broken {
            suite.add_test_case(broken("harness", cause));
        }
        for cause in &footer.missing {
            suite.add_test_case(broken("missing", cause));
        }
        if footer.counts.not_run > 0 {
            let cause = format!("{} scenarios were not run", footer.counts.not_run);
            suite.add_test_case(broken("complete", &cause));
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(io::Error::other)
}

fn case(judged: &Judged, run_arguments: &str) -> TestCase {
    let scenario = &judged.scenario;
    let mut case = TestCase::new(format!("{} {}", scenario.id, scenario.name), status(judged));
    case.set_classname(scenario.feature.clone());
    case.set_assertions(judged.checks.len());
    case.set_time(Duration::from_millis(scenario.milliseconds));
    for requirement in &scenario.requirements {
        case.add_property(("requirement", requirement.as_str()));
    }
    case.add_property(("level", verdict::level(scenario.level)));
    for (witness, name) in [
        (Witness::Ledger, "ledger"),
        (Witness::Proxy, "proxy"),
        (Witness::SystemLog, "syslog"),
        (Witness::ClientSays, "client_says"),
        (Witness::Harness, "harness"),
    ] {
        if judged.checks.iter().any(|check| check.check.witness == witness) {
            case.add_property(("witness", name));
        }
    }
    case.add_property(("feature-file", format!("{}:{}", scenario.path, scenario.line).as_str()));
    if !matches!(scenario.verdict, Verdict::Pass | Verdict::NotApplicable) {
        case.set_system_out(verdict::reproduce(run_arguments, &scenario.id));
    }
    if !scenario.client_log.is_empty() {
        case.set_system_err(scenario.client_log.clone());
    }
    case
}

fn broken(name: &str, cause: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(cause);
    let mut case = TestCase::new(name, status);
    case.set_classname("orgtwin");
    case
}

fn status(judged: &Judged) -> TestCaseStatus {
    let scenario = &judged.scenario;
    let kind = match scenario.verdict {
        Verdict::Pass | Verdict::Warn => return TestCaseStatus::success(),
        Verdict::NotApplicable => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(scenario.reason.clone().unwrap_or_default());
            return status;
        }
        // What is known stays visible, and fails no job.
        Verdict::ExpectedFail | Verdict::Flaky => {
            let known = judged.checks.iter().find(|check| check.check.verdict == scenario.verdict);
            let mut status = TestCaseStatus::skipped();
            status.set_message(known.map(|check| check.check.observed.clone()).unwrap_or_default());
            return status;
        }
        Verdict::Fail | Verdict::Untestable | Verdict::UnexpectedPass => NonSuccessKind::Failure,
        Verdict::Error => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    let bad = || judged.bad().filter(|check| check.check.verdict > Verdict::Warn);
    let first = bad().next().map(|check| format!("{}: {}", check.check.id, check.check.observed));
    status.set_message(first.unwrap_or_default());
    status.set_type(verdict::word(scenario.verdict));
    let mut text = String::new();
    for check in bad() {
        terminal::check_text(&mut text, check, None);
    }
    status.set_description(text);
    status
}
