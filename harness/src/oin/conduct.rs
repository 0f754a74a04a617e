//! The run: the suite's profile `oin-api-service`, with the client as an installed integration.

use std::{io::Write as _, path::Path};

use super::{
    Failure,
    arguments::OinArgs,
    broken,
    manifest::{Manifest, folder},
    usage,
};
use crate::{
    cli::quoted,
    client::ClientSpec,
    report::{Renderer, record::Record, run::Run},
    requirements::profiles::Profile,
    suite::{self, TestOptions, select::Selection},
};

/// The set of requirements.
const PROFILE: &str = "oin-api-service";
/// An installed integration has a secret and nothing else: whatever else a client can do is not made use of.
const SET_ASIDE: &[&str] =
    &["auth.private_key_jwt", "auth.none", "auth.ssws", "dpop", "grant.authorization_code"];

/// A run that was made.
pub(super) struct Conducted {
    /// The run.
    pub(super) run: Run,
    /// The client chooses what it reads.
    pub(super) own_pages: bool,
    /// The words that name its client, for commands.
    pub(super) again: String,
}

/// Runs the suite; nothing, if there is no client.
pub(super) async fn conduct(arguments: &OinArgs, manifest: &Manifest) -> Result<Option<Conducted>, Failure> {
    let (named, program) = match &arguments.client {
        Some(client) => (client.clone(), arguments.program.clone()),
        None if !arguments.program.is_empty() => ("stdio".to_owned(), arguments.program.clone()),
        None if manifest.client.is.is_empty() => return Ok(None),
        None => {
            let beside = folder(&arguments.manifest);
            let words = manifest.client.program.iter().map(|word| located(word, &beside)).collect();
            (manifest.client.is.clone(), words)
        }
    };
    let client = ClientSpec::parse(&named, &program).map_err(usage)?;
    let mut words = vec!["--client".to_owned(), quoted(&named)];
    if !program.is_empty() {
        words.push("--".to_owned());
        words.extend(program.iter().map(|word| quoted(word)));
    }
    let again = words.join(" ");
    let own_pages = matches!(client, ClientSpec::Exec(_) | ClientSpec::Watch(_));
    let tags = match &arguments.tags {
        Some(text) => Some(text.parse().map_err(|cause| usage(format!("--tags {text:?}: {cause}")))?),
        None => None,
    };
    let selection = Selection {
        words: arguments.tags.as_ref().map(|text| format!("--tags {}", quoted(text))).unwrap_or_default(),
        tags,
        profile: Some(Profile::find(PROFILE).map_err(broken)?),
        ..Selection::default()
    };
    let options = TestOptions {
        jobs: arguments.jobs.map_or_else(|| client.scenarios_at_a_time(), usize::from),
        client,
        run_arguments: again.clone(),
        selection,
        set_aside: SET_ASIDE,
        versions: manifest.versions(),
        report_dir: Some(arguments.report_dir.clone()),
        ..TestOptions::reference(Vec::new())
    };
    let begun = if arguments.verbose {
        suite::test(options).await
    } else {
        suite::conduct(options, Box::new(Progress::default())).await
    };
    begun.map_err(|error| {
        let code = error.exit();
        (Box::new(error) as Box<dyn std::fmt::Display>, code)
    })?;
    read(&arguments.report_dir).map(|run| Some(Conducted { run, own_pages, again }))
}

/// A file beside the manifest, from here; any other word as it is.
fn located(word: &str, folder: &Path) -> String {
    let beside = folder.join(word);
    if !word.contains('/') && beside.is_file() { beside.display().to_string() } else { word.to_owned() }
}

/// The run, as its stream has it.
fn read(folder: &Path) -> Result<Run, Failure> {
    let path = folder.join("results.ndjson");
    let text =
        std::fs::read_to_string(&path).map_err(|error| broken(format!("{}: {error}", path.display())))?;
    Run::read(&text).map_err(|error| broken(format!("{}: {error}", path.display())))
}

/// A line on stderr now and then.
#[derive(Default)]
struct Progress {
    planned: usize,
    ended: usize,
}

/// Scenarios between two lines.
const STEP: usize = 25;

impl Renderer for Progress {
    fn record(&mut self, record: &Record, _line: &str) -> std::io::Result<()> {
        match record {
            Record::Header(header) => {
                self.planned = header.planned;
                let client = &header.identity;
                let _ = writeln!(std::io::stderr(), "{client}: {} scenarios against an org", header.planned);
            }
            Record::Scenario(_) => {
                self.ended += 1;
                if self.ended.is_multiple_of(STEP) && self.ended < self.planned {
                    let _ = writeln!(std::io::stderr(), "{} of {}", self.ended, self.planned);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
