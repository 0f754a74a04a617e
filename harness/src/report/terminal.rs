//! What a person sees: a live line on a terminal, a line for each scenario elsewhere, and every failure with what
//! is needed to understand and to repeat it.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Renderer,
    heartbeat::Heartbeat,
    record::{CheckRecord, ExchangeRecord, Footer, Header, Record, ScenarioRecord, StepRecord, StepState},
    run,
    verdict::{self, reproduce, seen_by, word},
};
use crate::suite::outcome::Verdict;

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
    heartbeat: Option<Heartbeat>,
    detail: Detail,
    run_arguments: String,
    checks: Vec<CheckRecord>,
    exchanges: Vec<ExchangeRecord>,
    steps: Vec<StepRecord>,
}

/// How much is said of each scenario.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What is wrong, and what decided.
    #[default]
    Failures,
    /// Every step as well (`-v`).
    Steps,
    /// And all that was on the wire (`-vv`).
    Wire,
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
            heartbeat: None,
            detail: Detail::default(),
            run_arguments: String::new(),
            checks: Vec::new(),
            exchanges: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Gives a sign of life when nothing was printed for long.
    pub(crate) fn heartbeat(mut self, heartbeat: Heartbeat) -> Self {
        self.heartbeat = Some(heartbeat);
        self
    }

    /// Says more of each scenario.
    pub(crate) fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    fn print(&mut self, text: &str) -> io::Result<()> {
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.printed();
        }
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
        let steps = std::mem::take(&mut self.steps);
        if let Some(bar) = &self.live {
            bar.inc(1);
        }
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.ended();
        }
        let bad = !matches!(scenario.verdict, Verdict::Pass | Verdict::NotApplicable);
        if self.live.is_some() && !bad && self.detail == Detail::Failures {
            return Ok(());
        }
        let mut text = line(scenario);
        if self.detail >= Detail::Steps {
            for step in &steps {
                step_text(&mut text, step);
            }
        }
        if self.detail >= Detail::Wire {
            for exchange in &exchanges {
                exchange_text(&mut text, exchange);
            }
        }
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
                if let Some(heartbeat) = &self.heartbeat {
                    heartbeat.planned(header.planned);
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
            Record::Step(step) => {
                self.steps.push(step.clone());
                Ok(())
            }
            Record::Feature(_) => Ok(()),
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
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.began(scenario);
        }
    }
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
    let level = verdict::level(scenario.level);
    let _ = writeln!(
        text,
        "  {}:{}   {level}: {}",
        scenario.path,
        scenario.line,
        scenario.requirements.join(", ")
    );
    let mut shown = None;
    for check in checks.iter().filter(|check| check.check.verdict > Verdict::Pass) {
        let exchange = run::evidence(exchanges, check);
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
    let witness = seen_by(check.check.witness);
    let _ = writeln!(text, "  {} {} ({witness})", word(check.check.verdict), check.check.id);
    let _ = writeln!(text, "    expected  {}", check.check.expected);
    let _ = writeln!(text, "    observed  {}", check.check.observed);
    if let Some(exchange) = exchange {
        exchange_text(text, exchange);
    }
}

fn step_text(text: &mut String, step: &StepRecord) {
    let mark = match step.state {
        StepState::Passed => "ok",
        StepState::Failed => "FAIL",
        StepState::Skipped => "-",
    };
    let _ = writeln!(text, "    {mark:<4} {:<5} {} ({} ms)", step.keyword, step.text, step.milliseconds);
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
    let mut text = String::from("\n");
    for cause in &footer.broken {
        let _ = writeln!(text, "broken: {cause}");
    }
    for cause in &footer.missing {
        let _ = writeln!(text, "missing: {cause}");
    }
    for fault in &footer.baseline {
        let _ = writeln!(text, "baseline: {fault}");
    }
    for note in &footer.notes {
        let _ = writeln!(text, "note: {note}");
    }
    let _ = writeln!(text, "{} in {}", verdict::numbers(footer), verdict::seconds(footer.milliseconds));
    let (claim, why) = verdict::meaning(footer);
    let _ = writeln!(text, "{claim}: {why}");
    text
}
