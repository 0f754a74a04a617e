//! The commands and flags of contracts §1, as far as this version implements them.

mod words;

pub(crate) use words::quoted;

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use cucumber::gherkin::tagexpr::TagOperation;

use crate::{
    client::{ClientSpec, ClientSpecError, session::Deadlines, starter::Language},
    oin::arguments::OinArgs,
    real::{
        args::{RealArgs, RealUsage},
        command::{CleanupArgs, RealCommand},
        parity::ParityArgs,
        probe::ProbeArgs,
    },
    replay::ReplayArgs,
    report::{command::ReportCommand, terminal::Detail},
    requirements::profiles::{NoProfile, Profile},
    suite::{
        TestOptions,
        rerun::{self, ResultsError},
        select::{Selection, Writes},
        versions::Versions,
    },
};

/// Runs are the same unless asked otherwise.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// Seconds for an operation and for a scenario, unless asked otherwise.
pub(crate) const OP_TIMEOUT: u64 = 60;
pub(crate) const SCENARIO_TIMEOUT: u64 = 120;

/// A twin of an Okta org on your machine, and a conformance suite that drives any client against it.
#[derive(Parser)]
#[command(name = "orgtwin", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs an org until it is interrupted.
    ///
    /// Every option can be given by the environment as well, as ORGTWIN_LISTEN for --listen; the command line wins.
    Serve(Box<ServeArgs>),
    /// Runs the conformance suite against a client.
    ///
    /// Exit codes: 0 conformant; 1 not conformant; 2 usage, configuration or an invalid feature file; 3 the harness,
    /// the org or the adapter broke; 4 nothing ran, or not everything.
    Test(Box<TestArgs>),
    /// Judges an API service integration before it is submitted to the OIN: its client against an org, and what the form asks for.
    ///
    /// Exit codes: 0 ready; 1 an item does not hold; 2 usage, or a manifest that cannot be used; 3 the harness, the org or the adapter
    /// broke; 4 not everything could be judged.
    Oin(Box<OinArgs>),
    /// Replays traffic recorded of a real org against a fresh twin and prints where they differ.
    ///
    /// Exit codes: 0 replayed; 1 fewer answers match than --min-match wants; 2 usage, or a file that cannot be read; 3 the
    /// twin broke; 4 nothing could be replayed.
    Replay(Box<ReplayArgs>),
    /// About real orgs as targets of `test`.
    #[command(subcommand)]
    Real(RealCommand),
    /// Deletes what a run at a real org (test, probe, parity) has left there, by its journal. Done again, it finds nothing.
    Cleanup(Box<CleanupArgs>),
    Probe(Box<ProbeArgs>),
    Parity(Box<ParityArgs>),
    /// Exits with 0 when a server answers.
    Health {
        /// The server.
        #[arg(env = "MOCK_ORG", default_value = "http://127.0.0.1:8080")]
        url: String,
    },
    /// Prints which of the Management API's operations the org answers, and where each is known from.
    Coverage {
        /// The errors of the authorization servers instead: which are reached, by what request, shown by which test.
        #[arg(long)]
        errors: bool,
        /// The requirements instead: by which scenarios each is tested, or why it is not.
        #[arg(long, conflicts_with = "errors")]
        requirements: bool,
    },
    /// Tells of a requirement, a scenario, a check or a pitfall: what it asks for, why, who says so, how to fix it, what
    /// judges it, and how it looks on the wire.
    Explain {
        /// OKTA-PAGINATION-LINK, PAGE-001, PAGE-001:page-requests or PIT-009; or a code of Okta's, as E0000047, or a piece
        /// of its words, as "expiration too far".
        #[arg(value_name = "ID", required_unless_present_any = ["list", "pitfalls", "errors"])]
        id: Option<String>,
        /// Names all requirements.
        #[arg(long, conflicts_with = "id")]
        list: bool,
        /// Prints docs/pitfalls.md: all pitfalls, by what one searches for.
        #[arg(long, conflicts_with_all = ["id", "list"])]
        pitfalls: bool,
        /// Prints docs/errors.md: which error of Okta means what.
        #[arg(long, conflicts_with_all = ["id", "list", "pitfalls"])]
        errors: bool,
    },
    /// About what is known to fail.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Prints the JSON Schema of a file format.
    Schema {
        /// Which.
        #[arg(value_enum)]
        format: Format,
    },
    /// Shows that the suite can fail: runs it against clients, orgs and adapters that are wrong on purpose, and prints the kill matrix.
    ///
    /// Exit codes: 0 every one of them is noticed where it should be, and nowhere else; 1 not so; 3 the harness broke.
    Selftest(SelftestArgs),
    /// An adapter with bad manners, for `selftest`.
    #[command(hide = true)]
    Hostile {
        /// What it does.
        mode: String,
        /// The op at which it does it.
        #[arg(default_value = "")]
        at: String,
    },
    /// About adapters.
    #[command(subcommand)]
    Client(ClientCommand),
    /// About results that were written: renders them again, puts shards together, compares runs.
    #[command(subcommand)]
    Report(ReportCommand),
}

/// A file format that is published.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// What `serve --org` and `POST /_mock/orgs` read.
    OrgFile,
    /// A line of what `test --report-dir` writes as results.ndjson.
    Results,
    /// What `--client exec:FILE` reads.
    ClientProfile,
}

#[derive(Subcommand)]
pub(crate) enum BaselineCommand {
    /// Writes down what fails and takes out what does not any longer; comments stay. Refused when only a part was run.
    Update {
        /// The baseline; made if there is none.
        file: PathBuf,
        /// The results of a whole run.
        #[arg(long, value_name = "RESULTS.ndjson")]
        from: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    /// Tells a broken adapter from a non-conformant client.
    Lint {
        /// The client: builtin, builtin:MUTANT, stdio:PROGRAM, `stdio` with a program after `--`, an adapter's http://…,
        /// exec:PROFILE for a client that cannot be changed, or watch for one that a person starts.
        client: String,
        /// The adapter's program and its arguments.
        #[arg(last = true, value_name = "PROGRAM")]
        program: Vec<String>,
    },
    /// Writes a whole adapter to start from.
    New {
        /// In this language.
        #[arg(long)]
        lang: Language,
        /// Into this folder.
        #[arg(long, value_name = "DIR", default_value = "adapter")]
        dir: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Plain HTTP; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", env = "ORGTWIN_LISTEN")]
    pub(crate) listen: SocketAddr,
    /// HTTPS beside it, with a certificate of an authority made at start.
    #[arg(long, value_name = "ADDR", env = "ORGTWIN_TLS_LISTEN")]
    pub(crate) tls_listen: Option<SocketAddr>,
    /// A further name in the certificate (repeatable).
    #[arg(
        long,
        value_name = "NAME",
        requires = "tls_listen",
        env = "ORGTWIN_HOST_NAME",
        value_delimiter = ','
    )]
    pub(crate) host_name: Vec<String>,
    /// Your own certificate chain, in PEM.
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_listen",
        requires = "tls_key",
        env = "ORGTWIN_TLS_CERT"
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "ORGTWIN_TLS_KEY")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The org's address as clients see it; otherwise issuer, links and audiences follow the address called.
    #[arg(long, value_name = "URL", env = "ORGTWIN_BASE_URL")]
    pub(crate) base_url: Option<String>,
    /// Believe X-Forwarded-Proto and X-Forwarded-Host.
    #[arg(long, env = "ORGTWIN_TRUST_PROXY", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) trust_proxy: bool,
    /// The org as a file, TOML or JSON; otherwise the built-in `dev` org.
    #[arg(long, value_name = "FILE", env = "ORGTWIN_ORG")]
    pub(crate) org: Option<PathBuf>,
    /// Adds this many generated users.
    #[arg(long, value_name = "N", env = "ORGTWIN_USERS")]
    pub(crate) users: Option<usize>,
    /// No page of a list is longer, so that small data has several.
    #[arg(long, value_name = "N", env = "ORGTWIN_MAX_PAGE")]
    pub(crate) max_page: Option<usize>,
    /// A rate-limit profile, or `off`.
    #[arg(long, value_name = "PROFILE", env = "ORGTWIN_RATE_LIMITS")]
    pub(crate) rate_limits: Option<String>,
    /// What the ledger of each org keeps at most, in MiB; the oldest exchanges go first, 0 keeps none.
    #[arg(long, value_name = "N", env = "ORGTWIN_LEDGER_MIB", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(0..=1_048_576))]
    pub(crate) ledger_mib: u32,
    /// Without a control API, ledger and console to be seen: what is below /_mock is answered as an org answers it.
    #[arg(long, env = "ORGTWIN_NO_CONTROL", conflicts_with = "control_token", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) no_control: bool,
    /// Bearer token of the control API; needed when listening beyond this machine.
    #[arg(long, value_name = "TOKEN", env = "ORGTWIN_CONTROL_TOKEN", hide_env_values = true)]
    pub(crate) control_token: Option<String>,
    /// Keeps the orgs in this folder, so that they are there after a restart; those that are in it already stay as they
    /// are, whatever --org and --users say.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// What writes survive: the end of the process in whatever way (`system`), or a power failure as well (`disk`).
    #[arg(long, value_name = "LEVEL", default_value = "system", requires = "data")]
    pub(crate) data_sync: DataSync,
    /// Receives address and credentials as JSON once the org listens.
    #[arg(long, value_name = "PATH", env = "ORGTWIN_READY_FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// The same seed gives the same ids.
    #[arg(long, value_name = "N", env = "ORGTWIN_SEED")]
    pub(crate) seed: Option<u64>,
    /// Lets so many percent of the API calls go wrong in ways that a careful client survives: 429, 503, a reset
    /// connection, a delay. Which ones follows from --seed, or from 1.
    #[arg(long, value_name = "N%", value_parser = percent)]
    pub(crate) chaos: Option<f64>,
    /// How log lines on stderr look.
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text", env = "ORGTWIN_LOG")]
    pub(crate) log: LogFormat,
}

/// How log lines look.
/// How safely writes are kept.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataSync {
    /// Handed to the operating system.
    System,
    /// On the disk.
    Disk,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Args)]
pub(crate) struct SelftestArgs {
    /// Runs every scenario against every mutant, not only those that its declaration names and one of each area. Takes a
    /// hundred times as long as `orgtwin test`, and says at each how far it is.
    #[arg(long)]
    pub(crate) all: bool,
    /// With --all: writes the survey of what else fails (fixtures/selftest/survey.toml), with what is new.
    #[arg(long, value_name = "FILE", requires = "all")]
    pub(crate) renew_survey: Option<PathBuf>,
    /// Only what has this name (repeatable).
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// Another table of what notices what than fixtures/selftest/kills.toml as it was compiled in.
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) table: Option<PathBuf>,
    /// Writes kill-matrix.txt and kill-matrix.json there.
    #[arg(long, value_name = "DIR")]
    pub(crate) report_dir: Option<PathBuf>,
    /// Mutants at a time; otherwise as many as there are processors, 4 at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
}

#[derive(Args)]
pub(crate) struct TestArgs {
    /// The client: builtin, builtin:MUTANT, stdio:PROGRAM, `stdio` with a program after `--`, an adapter's http://…,
    /// exec:PROFILE for a client that cannot be changed, or watch for one that a person starts.
    #[arg(long, value_name = "CLIENT", default_value = "builtin")]
    client: String,
    /// The embedded org (`mock`), the address of a running `orgtwin serve` (http://…), or a real org (https://…).
    #[arg(long, value_name = "mock|URL", env = "MOCK_ORG", default_value = "mock")]
    target: String,
    /// The running twin's control token.
    #[arg(long, value_name = "TOKEN", env = "ORGTWIN_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// Only scenarios whose tags fit, as "@paging and not @should".
    #[arg(long, value_name = "EXPR")]
    tags: Option<String>,
    /// Only this scenario (repeatable), with the control that it needs.
    #[arg(long, value_name = "ID")]
    scenario: Vec<String>,
    /// Only scenarios that judge this requirement (repeatable).
    #[arg(long, value_name = "ID")]
    req: Vec<String>,
    /// Only what a kind of client has to do, as of a month: NAME or NAME@YYYY-MM.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Only what did not pass in an earlier run; the last one in --report-dir if no file is named.
    #[arg(long, value_name = "RESULTS.ndjson", num_args = 0..=1)]
    rerun_failed: Option<Option<PathBuf>>,
    /// What is known to fail: TOML, `[[known]]` check, kind = "fails" or "flaky", reason, issue?, until?, message?
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
    /// A should that does not hold fails the run.
    #[arg(long)]
    strict: bool,
    /// Adds the features of a folder of your own.
    #[arg(long, value_name = "DIR")]
    features: Option<PathBuf>,
    /// Scenarios at a time; otherwise as many as there are processors, 4 at most, and 16 of the built-in client.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Part I of N of the scenarios, as 1/3.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// Writes the reports there: report.html (for a person), results.ndjson (everything), junit.xml, summary.md,
    /// badge.json, messages.ndjson and cucumber.html (Cucumber Messages and their page).
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// Adds the summary, in Markdown, to this file.
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY")]
    step_summary: Option<PathBuf>,
    /// Prints a GitHub annotation for each requirement that does not hold, 10 at most.
    #[arg(long, env = "GITHUB_ACTIONS", value_parser = clap::builder::FalseyValueParser::new())]
    annotations: bool,
    /// Shows every step; twice (-vv) everything on the wire as well.
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// The same seed gives the same orgs.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Seconds that the client may take for one operation: 60, and 600 for one that a person starts.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    op_timeout: Option<u64>,
    /// Seconds that one scenario may take: 120, and 900 for a client that a person starts.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    scenario_timeout: Option<u64>,
    /// Names the selected scenarios and runs nothing.
    #[arg(long, conflicts_with = "dry_run")]
    list: bool,
    /// Checks features and selection, shows the order and runs nothing.
    #[arg(long)]
    dry_run: bool,
    /// The adapter's program and its arguments, for `--client stdio`.
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<String>,
    #[command(flatten)]
    real: RealArgs,
}

/// A command line that clap accepts and we cannot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    /// The client.
    #[error(transparent)]
    Client(#[from] ClientSpecError),
    /// The tag expression.
    #[error("--tags {expression:?}: not a tag expression ({cause}); as \"@paging and not @should\"")]
    Tags {
        /// As given.
        expression: String,
        /// The parser's words.
        cause: String,
    },
    /// The target.
    #[error("--target {0}: neither `mock` nor an http:// or https:// address")]
    Target(String),
    /// The real org.
    #[error(transparent)]
    Real(#[from] RealUsage),
    /// The profile.
    #[error(transparent)]
    Profile(#[from] NoProfile),
    /// The earlier run.
    #[error(transparent)]
    Rerun(#[from] ResultsError),
}

impl TestOptions {
    /// The built-in client in these scenarios, as anybody may run it.
    pub(crate) fn reference(scenarios: Vec<String>) -> Self {
        let op = Duration::from_secs(OP_TIMEOUT);
        Self {
            client: ClientSpec::Builtin(None),
            run_arguments: String::new(),
            target: None,
            real: None,
            control_token: None,
            selection: Selection { scenarios, ..Selection::default() },
            set_aside: &[],
            versions: Versions::default(),
            features: None,
            baseline: None,
            step_summary: None,
            annotations: false,
            detail: Detail::default(),
            strict: false,
            usual_deadlines: true,
            jobs: 4,
            report_dir: None,
            seed: DEFAULT_SEED,
            deadlines: Deadlines { ready: op.min(Duration::from_secs(10)), op },
            scenario_deadline: Duration::from_secs(SCENARIO_TIMEOUT),
            list: false,
            dry_run: false,
        }
    }
}

impl TestArgs {
    /// The options of a run.
    ///
    /// # Errors
    /// [`UsageError`], exit 2.
    pub(crate) fn options(self) -> Result<TestOptions, UsageError> {
        let client = ClientSpec::parse(&self.client, &self.program)?;
        let (run_arguments, words) = (words::run_arguments(&self), words::selection_words(&self));
        let rerun = self.rerun()?;
        let tags = match self.tags {
            None => None,
            Some(expression) => match expression.parse::<TagOperation>() {
                Ok(tags) => Some(tags),
                Err(cause) => return Err(UsageError::Tags { expression, cause: cause.to_string() }),
            },
        };
        let target = match self.target.as_str() {
            "mock" => None,
            url if url.starts_with("http://") || url.starts_with("https://") => Some(url.to_owned()),
            other => return Err(UsageError::Target(other.to_owned())),
        };
        let real = match target.as_deref().filter(|url| url.starts_with("https://")) {
            Some(url) => Some(self.real.run(url)?),
            None => self.real.none().map(|()| None)?,
        };
        let writes = if self.real.writes() { Writes::Allowed } else { Writes::Refused };
        let jobs = match self.jobs {
            Some(jobs) => usize::from(jobs),
            None => client.scenarios_at_a_time(),
        };
        let profile = self.profile.as_deref().map(Profile::find).transpose()?;
        let (op, scenario) = match client {
            // A person needs longer than a program.
            ClientSpec::Watch(_) => (self.op_timeout.unwrap_or(600), self.scenario_timeout.unwrap_or(900)),
            _ => (self.op_timeout.unwrap_or(OP_TIMEOUT), self.scenario_timeout.unwrap_or(SCENARIO_TIMEOUT)),
        };
        let op = Duration::from_secs(op);
        Ok(TestOptions {
            client,
            run_arguments,
            target,
            control_token: self.control_token,
            selection: Selection {
                real: real.is_some().then_some(writes),
                tags,
                scenarios: self.scenario,
                requirements: self.req,
                profile,
                rerun,
                shard: self.shard,
                words,
            },
            real,
            set_aside: &[],
            versions: Versions::default(),
            baseline: self.baseline,
            strict: self.strict,
            usual_deadlines: self.op_timeout.is_none() && self.scenario_timeout.is_none(),
            features: self.features,
            jobs,
            report_dir: self.report_dir,
            step_summary: self.step_summary,
            annotations: self.annotations,
            detail: match self.verbose {
                0 => Detail::Failures,
                1 => Detail::Steps,
                _ => Detail::Wire,
            },
            seed: self.seed,
            deadlines: Deadlines { ready: op.min(Duration::from_secs(10)), op },
            scenario_deadline: Duration::from_secs(scenario),
            list: self.list,
            dry_run: self.dry_run,
        })
    }
}

impl TestArgs {
    /// The scenarios of `--rerun-failed`.
    fn rerun(&self) -> Result<Option<BTreeSet<String>>, UsageError> {
        let file = match (&self.rerun_failed, &self.report_dir) {
            (None, _) => return Ok(None),
            (Some(Some(file)), _) => file.clone(),
            (Some(None), Some(folder)) => folder.join("results.ndjson"),
            (Some(None), None) => return Err(ResultsError::Unnamed.into()),
        };
        let (ids, whole) = rerun::not_passed(&rerun::read_results(&file)?);
        if !whole {
            tracing::warn!("{}: not everything was run there; what was not is left out", file.display());
        }
        Ok(Some(ids))
    }
}

/// `5%` or `5`.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>().ok();
    let number = number.filter(|number| *number > 0.0 && *number <= 100.0);
    number.ok_or_else(|| format!("{text:?} is no share of the calls, as 5%"))
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let wrong = || format!("{text:?} is not a part of the whole, as 1/3");
    let (part, parts) = text.split_once('/').ok_or_else(wrong)?;
    match (part.parse(), parts.parse()) {
        (Ok(part), Ok(parts)) if part >= 1 && part <= parts => Ok((part, parts)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn options(words: &[&str]) -> Result<TestOptions, UsageError> {
        let cli = Cli::try_parse_from(["orgtwin", "test"].iter().chain(words)).unwrap();
        let Command::Test(arguments) = cli.command else { unreachable!() };
        arguments.options()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        assert_eq!(shard("2/3"), Ok((2, 3)));
        assert_eq!((percent("5%"), percent("0.5"), percent("100")), (Ok(5.0), Ok(0.5), Ok(100.0)));
        for wrong in ["0", "101%", "-1", "NaN", "x", ""] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
        for wrong in ["0/3", "4/3", "a/b", "3", ""] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_run_is_repeated_by_its_words() {
        let words = |words: &[&str]| options(words).map(|options| options.run_arguments).unwrap();
        assert_eq!(words(&[]), "");
        assert_eq!(words(&["--client", "builtin:own-cursor"]), "--client builtin:own-cursor");
        assert_eq!(
            words(&["--client", "stdio", "--", "python3", "my adapter.py"]),
            "--client stdio -- python3 'my adapter.py'"
        );
        assert_eq!(words(&["--seed", "7", "--features", "my dir"]), "--features 'my dir' --seed 7");
    }

    #[test]
    fn what_cannot_be_run_is_a_usage_error() {
        assert!(matches!(options(&["--tags", "@a and"]), Err(UsageError::Tags { .. })));
        assert!(matches!(options(&["--target", "acme"]), Err(UsageError::Target(_))));
        assert!(matches!(options(&["--client", "stdio"]), Err(UsageError::Client(_))));
    }
}
