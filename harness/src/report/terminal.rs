//! What a person sees: a live line on a terminal, a line for each scenario elsewhere, and every failure with what
//! is needed to understand and to repeat it.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Renderer,
    record::{CheckRecord, ExchangeRecord, Footer, Header, Record, ScenarioRecord},
};
use crate::suite::outcome::{Counts, CutShort, Level, Verdict, Witness};

/// Characters of a body that are shown.
const BODY_SHOWN: usize = 240;
/// The headers that decide, and are shown.
const TELLING: &[&str] = &[
    "authorization",
    "content-type",
    "dpop",
    "www-authenticate",
    "link",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-okta-request-id",
];

/// Prints a run.
pub(crate) struct Terminal {
    out: Box<dyn Write>,
    live: Option<ProgressBar>,
    run_arguments: String,
    checks: Vec<CheckRecord>,
    exchanges: Vec<ExchangeRecord>,
}

impl Terminal {
    /// Prints to `out`; `live` shows one line that changes instead of a line for each scenario that passes.
    pub(crate) fn new(out: Box<dyn Write>, live: bool) -> Self {
        Self {
            out,
            live: live.then(|| {
                let bar = ProgressBar::new(0);
                let style = ProgressStyle::with_template("{spinner} {pos}/{len}  {wide_msg}");
                if let Ok(style) = style {
                    bar.set_style(style);
                }
                bar
            }),
            run_arguments: String::new(),
            checks: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    fn print(&mut self, text: &str) -> io::Result<()> {
        let out = &mut self.out;
        let mut write = || out.write_all(text.as_bytes()).and_then(|()| out.flush());
        let written = match &self.live {
            Some(bar) => bar.suspend(write),
            None => write(),
        };
        // A reader who has read enough (`| head`) is no failure of the run.
        written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    }

    fn scenario(&mut self, scenario: &ScenarioRecord) -> io::Result<()> {
        let (checks, exchanges) = (std::mem::take(&mut self.checks), std::mem::take(&mut self.exchanges));
        if let Some(bar) = &self.live {
            bar.inc(1);
        }
        let bad = !matches!(scenario.verdict, Verdict::Pass | Verdict::NotApplicable);
        if self.live.is_some() && !bad {
            return Ok(());
        }
        let mut text = line(scenario);
        if bad {
            failure(&mut text, scenario, &checks, &exchanges, &self.run_arguments);
        }
        self.print(&text)
    }
}

impl Renderer for Terminal {
    fn record(&mut self, record: &Record, _: &str) -> io::Result<()> {
        match record {
            Record::Header(header) => {
                self.run_arguments.clone_from(&header.run_arguments);
                if let Some(bar) = &self.live {
                    bar.set_length(header.planned as u64);
                }
                self.print(&opening(header))
            }
            Record::Check(check) => {
                self.checks.push(check.clone());
                Ok(())
            }
            Record::Exchange(exchange) => {
                self.exchanges.push(exchange.clone());
                Ok(())
            }
            Record::Scenario(scenario) => self.scenario(scenario),
            Record::Footer(footer) => {
                if let Some(bar) = &self.live {
                    bar.finish_and_clear();
                }
                self.print(&closing(footer))
            }
        }
    }

    fn progress(&mut self, scenario: &str) {
        if let Some(bar) = &self.live {
            bar.set_message(scenario.to_owned());
        }
    }
}

/// A verdict in a word.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Warn => "warn",
        Verdict::NotApplicable => "n/a",
        Verdict::Untestable => "UNTESTABLE",
        Verdict::Error => "ERROR",
        Verdict::ExpectedFail => "known",
        Verdict::Flaky => "flaky",
        Verdict::UnexpectedPass => "STALE",
    }
}

/// The command that runs one scenario again.
pub(super) fn reproduce(run_arguments: &str, id: &str) -> String {
    format!("orgtwin test --scenario {id} {run_arguments}").trim_end().to_owned()
}

fn opening(header: &Header) -> String {
    let one = if header.planned == 1 { "scenario" } else { "scenarios" };
    format!(
        "{}: {} {one} for {} ({}), against {}, seed {}\n\n",
        header.tool, header.planned, header.client, header.identity, header.target, header.seed
    )
}

fn line(scenario: &ScenarioRecord) -> String {
    let mut line = format!(
        "{:<10} {:<10} {} ({}.{:03} s)",
        word(scenario.verdict),
        scenario.id,
        scenario.name,
        scenario.milliseconds / 1000,
        scenario.milliseconds % 1000
    );
    if let (Verdict::NotApplicable, Some(reason)) = (scenario.verdict, &scenario.reason) {
        let _ = write!(line, ": {reason}");
    }
    line.push('\n');
    line
}

fn failure(
    text: &mut String,
    scenario: &ScenarioRecord,
    checks: &[CheckRecord],
    exchanges: &[ExchangeRecord],
    run_arguments: &str,
) {
    let level = if scenario.level == Level::Must { "must" } else { "should" };
    let _ = writeln!(
        text,
        "  {}:{}   {level}: {}",
        scenario.path,
        scenario.line,
        scenario.requirements.join(", ")
    );
    let mut shown = None;
    for check in checks.iter().filter(|check| check.check.verdict > Verdict::Pass) {
        let exchange = match check.check.exchange {
            Some(seq) => exchanges.iter().find(|exchange| exchange.seq == seq),
            // Nothing named: the last thing that went wrong on the wire is the likeliest.
            None => exchanges.iter().rev().find(|exchange| exchange.status >= 400).or(exchanges.last()),
        };
        // Several checks often rest on one exchange: it is shown with the first.
        let seq = exchange.map(|exchange| exchange.seq);
        check_text(text, check, exchange.filter(|_| seq != shown));
        shown = seq.or(shown);
    }
    if !scenario.client_log.is_empty() {
        text.push_str("  the client's own output\n");
        for line in scenario.client_log.lines().rev().take(12).collect::<Vec<_>>().into_iter().rev() {
            let _ = writeln!(text, "    | {line}");
        }
    }
    let _ = writeln!(text, "  reproduce  {}\n", reproduce(run_arguments, &scenario.id));
}

/// A check with what was expected and observed, and the exchange that decided.
pub(super) fn check_text(text: &mut String, check: &CheckRecord, exchange: Option<&ExchangeRecord>) {
    let witness = match check.check.witness {
        Witness::Ledger => "seen by the org",
        Witness::ClientSays => "as the client says",
        Witness::Harness => "said by the harness",
    };
    let _ = writeln!(text, "  {} {} ({witness})", word(check.check.verdict), check.check.id);
    let _ = writeln!(text, "    expected  {}", check.check.expected);
    let _ = writeln!(text, "    observed  {}", check.check.observed);
    if let Some(exchange) = exchange {
        exchange_text(text, exchange);
    }
}

/// An exchange, as far as it tells.
pub(crate) fn exchange_text(text: &mut String, exchange: &ExchangeRecord) {
    let _ = writeln!(text, "    exchange  #{} {} → {}", exchange.seq, exchange.request, exchange.status);
    let telling = |headers: &[(String, String)], mark: char, text: &mut String| {
        for (name, value) in
            headers.iter().filter(|(name, _)| TELLING.contains(&name.to_lowercase().as_str()))
        {
            let _ = writeln!(text, "              {mark} {name}: {value}");
        }
    };
    telling(&exchange.request_headers, '>', text);
    body(&exchange.request_body, '>', text);
    telling(&exchange.response_headers, '<', text);
    body(&exchange.response_body, '<', text);
    if let Some(decided) = &exchange.decided {
        let _ = writeln!(text, "    decided   {decided}");
    }
}

fn body(body: &str, mark: char, text: &mut String) {
    if body.is_empty() {
        return;
    }
    let short: String = body.chars().take(BODY_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let more = if body.chars().count() > BODY_SHOWN { " …" } else { "" };
    let _ = writeln!(text, "              {mark} {short}{more}");
}

fn closing(footer: &Footer) -> String {
    let Counts { passed, warned, failed, untestable, not_applicable, errors, not_run, .. } = footer.counts;
    let Counts { expected_fail, flaky, unexpected_pass, .. } = footer.counts;
    let mut text = String::from("\n");
    for cause in &footer.broken {
        let _ = writeln!(text, "broken: {cause}");
    }
    for fault in &footer.baseline {
        let _ = writeln!(text, "baseline: {fault}");
    }
    let _ = write!(text, "{} passed", passed + warned);
    for (count, name) in [
        (warned, "of them with warnings"),
        (failed, "failed"),
        (untestable, "untestable"),
        (errors, "broken"),
        (expected_fail, "failed as known"),
        (flaky, "flaky as known"),
        (unexpected_pass, "passed and known to fail"),
        (not_applicable, "not applicable"),
        (not_run, "not run"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {name}");
        }
    }
    let _ = writeln!(text, " in {}.{} s", footer.milliseconds / 1000, footer.milliseconds % 1000 / 100);
    let _ = writeln!(text, "{}", meaning(footer));
    text
}

/// What the numbers mean, in one sentence.
fn meaning(footer: &Footer) -> String {
    let counts = &footer.counts;
    match footer.exit {
        0 if counts.expected_fail + counts.flaky > 0 => {
            "As the baseline says: nothing else fails. What is known to fail does, so this client is conformant in part."
                .to_owned()
        }
        0 if counts.warned > 0 => {
            "Conformant: every must holds; the warnings are recommendations that do not.".to_owned()
        }
        0 => "Conformant: every requirement that was tested holds for this client.".to_owned(),
        1 if counts.failed + counts.untestable == 0 && (counts.unexpected_pass > 0 || !footer.baseline.is_empty()) => {
            "The baseline is not true any longer: see above.".to_owned()
        }
        1 if counts.failed + counts.untestable == 0 => {
            "Not conformant by --strict: a recommendation does not hold.".to_owned()
        }
        1 if counts.failed == 0 => {
            "Not shown to be conformant: for the untestable scenarios a prerequisite is missing, and nothing was shown."
                .to_owned()
        }
        1 => "Not conformant: the failures above show what the client does and what it should do.".to_owned(),
        3 if footer.cut_short == Some(CutShort::CircuitBreaker) => {
            "Broken: scenario after scenario ended in an error, so the rest was not run; this says nothing about the \
             client. `orgtwin client lint` finds what is wrong with an adapter."
                .to_owned()
        }
        3 => "Broken: the harness, the org or the adapter did not work, so this is no verdict on the client.".to_owned(),
        _ if footer.cut_short == Some(CutShort::Interrupted) => {
            "Interrupted: not everything was run, so this is no verdict on the client.".to_owned()
        }
        _ => "Nothing was judged, so this is no verdict on the client.".to_owned(),
    }
}
