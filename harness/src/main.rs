//! `orgtwin`: a twin of an Okta org, and a conformance suite for its clients. The commands, nothing else.
#![forbid(unsafe_code)]

mod baseline;
mod causes;
mod checks;
mod cli;
mod client;
mod count;
mod coverage;
mod nearest;
mod oin;
mod operations;
mod pitfalls;
mod place;
mod processors;
mod real;
mod replay;
mod report;
mod requirements;
mod selftest;
mod serve;
mod steps;
mod suite;
mod target;

use std::{
    io::{IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use self::{
    cli::{BaselineCommand, Cli, ClientCommand, Command, Format, LogFormat},
    client::{ClientSpec, starter::Language},
    suite::outcome::exit,
    target::{Control, http_client},
};

/// Exchanges are made by one thread and dropped by another, which costs the system's allocator its locks: with this one a
/// single read is answered a fifth faster (`cargo bench -p mock-server --bench wire`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = if let Command::Serve(arguments) = &cli.command { arguments.log } else { LogFormat::Text };
    start_log(format);
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a crypto provider was installed before");
    }
    let code = match cli.command {
        Command::Serve(arguments) => serve::serve(*arguments),
        Command::Test(arguments) => test(*arguments),
        Command::Oin(arguments) => oin::command(*arguments),
        Command::Replay(arguments) => replay::command(&arguments),
        Command::Probe(arguments) => real::probe::command(&arguments),
        Command::Parity(arguments) => real::parity::command(&arguments),
        Command::Health { url } => health(&url),
        Command::Real(command) => real::command::real(&command),
        Command::Cleanup(arguments) => match here() {
            Ok(runtime) => runtime.block_on(real::command::cleanup(&arguments)),
            Err(error) => fail(&error, exit::BROKEN),
        },
        Command::Coverage { errors: true, .. } => match coverage::all_errors() {
            Ok(tables) => {
                let _ = std::io::stdout().write_all(tables.as_bytes());
                exit::CONFORMANT
            }
            Err(error) => fail(&error, exit::BROKEN),
        },
        Command::Coverage { requirements: true, .. } => match suite::load(None) {
            Ok((_, cases)) => {
                let _ = std::io::stdout().write_all(requirements::table::table(&cases).as_bytes());
                exit::CONFORMANT
            }
            Err(error) => fail(&error, error.exit()),
        },
        Command::Explain { pitfalls: true, .. } => page(|cases| Ok(pitfalls::page::page(cases))),
        Command::Explain { errors: true, .. } => page(pitfalls::errors::page),
        Command::Explain { id, .. } => explain(id.as_deref()),
        Command::Baseline(BaselineCommand::Update { file, from }) => update(&file, &from),
        Command::Coverage { .. } => {
            // A reader who has read enough (`| head`) is no failure.
            let _ = std::io::stdout().write_all(coverage::table(&mock_server::coverage()).as_bytes());
            exit::CONFORMANT
        }
        Command::Schema { format: Format::OrgFile } => {
            let _ = writeln!(std::io::stdout(), "{:#}", mock_server::org_file_schema());
            exit::CONFORMANT
        }
        Command::Schema { format: Format::Results } => {
            let _ = writeln!(std::io::stdout(), "{:#}", report::record::schema());
            exit::CONFORMANT
        }
        Command::Report(command) => match report::command::report(command) {
            Ok(code) => code,
            Err(error) => fail(&error, error.exit()),
        },
        Command::Schema { format: Format::ClientProfile } => {
            let _ = writeln!(std::io::stdout(), "{:#}", client::exec::profile::schema());
            exit::CONFORMANT
        }
        Command::Selftest(arguments) => selftest::selftest(&arguments),
        Command::Hostile { mode, at } => selftest::hostile::adapter(&mode, &at),
        Command::Client(ClientCommand::Lint { client, program }) => lint(&client, &program),
        Command::Client(ClientCommand::New { lang, dir }) => new_adapter(lang, &dir),
    };
    ExitCode::from(code)
}

fn start_log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

/// Says on stderr why there is no result, and gives the exit code.
fn fail(cause: &dyn std::fmt::Display, code: u8) -> u8 {
    let _ = writeln!(std::io::stderr(), "orgtwin: {cause}");
    code
}

fn test(arguments: cli::TestArgs) -> u8 {
    let options = match arguments.options() {
        Ok(options) => options,
        Err(error) => return fail(&error, exit::USAGE),
    };
    // Scenarios share this thread; the embedded org has threads of its own.
    match here() {
        Ok(runtime) => match runtime.block_on(suite::test(options)) {
            Ok(code) => code,
            Err(error) => fail(&error, error.exit()),
        },
        Err(error) => fail(&error, exit::BROKEN),
    }
}

/// Prints a page of the documentation that is made from the features.
fn page(made: impl Fn(&[suite::features::Case]) -> Result<String, String>) -> u8 {
    match suite::load(None) {
        Ok((_, cases)) => match made(&cases) {
            Ok(page) => {
                let _ = std::io::stdout().write_all(page.as_bytes());
                exit::CONFORMANT
            }
            Err(error) => fail(&error, exit::BROKEN),
        },
        Err(error) => fail(&error, error.exit()),
    }
}

fn explain(id: Option<&str>) -> u8 {
    let explained = match (id, here()) {
        (None, _) => Ok(requirements::explain::list()),
        (Some(id), Ok(runtime)) => runtime.block_on(requirements::explain::explain(id)),
        (Some(_), Err(error)) => return fail(&error, exit::BROKEN),
    };
    match explained {
        Ok(text) => {
            // A reader who has read enough (`| head`) is no failure.
            let _ = std::io::stdout().write_all(text.as_bytes());
            exit::CONFORMANT
        }
        Err(error) => fail(&error, error.exit()),
    }
}

fn update(file: &std::path::Path, from: &std::path::Path) -> u8 {
    match baseline::update::update(file, from) {
        Ok(updated) => {
            let mut out = std::io::stdout().lock();
            for (mark, checks) in [('+', &updated.added), ('-', &updated.removed)] {
                for check in checks {
                    let _ = writeln!(out, "{mark} {check}");
                }
            }
            let (added, removed) = (updated.added.len(), updated.removed.len());
            let _ = writeln!(out, "{}: {added} added, {removed} taken out", file.display());
            if added > 0 {
                let _ = writeln!(out, "Say in each new entry why it is known.");
            }
            exit::CONFORMANT
        }
        Err(error) => fail(&error, exit::USAGE),
    }
}

fn health(url: &str) -> u8 {
    let answered = here().map_err(|error| error.to_string()).and_then(|runtime| {
        runtime.block_on(async {
            let http = http_client().map_err(|error| error.to_string())?;
            let control = Control::new(http, &format!("{}/_mock", url.trim_end_matches('/')), None);
            control.health().await.map_err(|error| error.to_string())
        })
    });
    match answered {
        Ok(health) => {
            let _ = writeln!(std::io::stdout(), "{health}");
            exit::CONFORMANT
        }
        Err(cause) => fail(&cause, exit::BROKEN),
    }
}

fn new_adapter(language: Language, folder: &Path) -> u8 {
    match client::starter::write(language, folder) {
        Ok(next) => {
            let _ = std::io::stdout().write_all(next.as_bytes());
            exit::CONFORMANT
        }
        Err(error) => fail(&error, exit::USAGE),
    }
}

fn lint(client: &str, program: &[String]) -> u8 {
    let spec = match ClientSpec::parse(client, program) {
        Ok(spec) => spec,
        Err(error) => return fail(&error, exit::USAGE),
    };
    if matches!(spec, ClientSpec::Watch(_)) {
        let _ = writeln!(std::io::stdout(), "A client that a person starts has no adapter: nothing to lint.");
        return exit::CONFORMANT;
    }
    let runtime = match here() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, exit::BROKEN),
    };
    let (findings, log) = runtime.block_on(client::lint::lint(&*spec.driver(), client::lint::DEADLINES));
    let mut out = std::io::stdout().lock();
    let mut faults = 0;
    for finding in &findings {
        let (mark, words) = match (&finding.fault, &finding.note) {
            (Some(fault), _) => ("FAIL", format!(": {fault}")),
            (None, Some(note)) => ("ok", format!(" ({note})")),
            (None, None) => ("ok", String::new()),
        };
        faults += usize::from(finding.fault.is_some());
        let _ = writeln!(out, "{mark:<5} {}{words}", finding.name);
    }
    if faults == 0 {
        let _ =
            writeln!(out, "The adapter speaks the protocol; `orgtwin test` says what the client is worth.");
        return exit::CONFORMANT;
    }
    if !log.is_empty() {
        let _ = writeln!(out, "its output:\n{}", log.replace(client::lint::SECRET, report::taint::REDACTED));
    }
    let _ = writeln!(
        out,
        "The adapter is broken in {faults} of {} points; its client was not judged.",
        findings.len()
    );
    exit::BROKEN
}

fn here() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
