//! `orgtwin oin`: what an author runs before an API service integration is submitted to the OIN. The suite judges the client
//! (automatic items), functions judge the manifest (static items), and the rest is a list for a person.

pub(crate) mod arguments;
mod conduct;
mod fetch;
mod finding;
mod items;
mod judge;
mod manifest;
mod markdown;
mod material;
mod observe;
mod page;
mod profile;
mod report;
mod summary;
mod traffic;
mod verdict;

use std::{fmt::Display, io::Write as _};

use self::{
    arguments::{OinArgs, OinCommand},
    judge::Known,
    manifest::{Manifest, ManifestError},
    material::Material,
    observe::Observed,
    profile::Profile,
    report::Report,
    verdict::Verdict,
};
use crate::{
    report::{files, taint::Taint},
    suite::outcome::exit,
};

/// Runs the command and gives its exit code.
pub(crate) fn command(arguments: OinArgs) -> u8 {
    if let Some(OinCommand::Init { file }) = &arguments.command {
        return match manifest::init(file) {
            Ok(()) => {
                let next = format!(
                    "{}: fill it in, then run `orgtwin oin --manifest {}`\n",
                    file.display(),
                    file.display()
                );
                let _ = std::io::stdout().write_all(next.as_bytes());
                exit::CONFORMANT
            }
            Err(error) => fail(&error, exit::USAGE),
        };
    }
    match check(&arguments) {
        Ok(code) => code,
        Err((error, code)) => fail(&*error, code),
    }
}

type Failure = (Box<dyn Display>, u8);

fn usage(error: impl Display + 'static) -> Failure {
    (Box::new(error), exit::USAGE)
}

fn broken(error: impl Display + 'static) -> Failure {
    (Box::new(error), exit::BROKEN)
}

fn fail(cause: &dyn Display, code: u8) -> u8 {
    let _ = writeln!(std::io::stderr(), "orgtwin: {cause}");
    code
}

fn check(arguments: &OinArgs) -> Result<u8, Failure> {
    let manifest = Manifest::load(&arguments.manifest).map_err(usage)?;
    let areas = items::areas().map_err(broken)?;
    std::fs::create_dir_all(&arguments.report_dir)
        .map_err(|error| usage(ManifestError::of(&arguments.report_dir, error.to_string())))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
    let mut material = Material::read(&manifest, &manifest::folder(&arguments.manifest));
    if arguments.fetch {
        material.fetched = Some(runtime.block_on(fetch::all(&manifest)).map_err(broken)?);
    }
    let conducted = runtime.block_on(conduct::conduct(arguments, &manifest))?;
    let run = conducted.as_ref().map(|conducted| &conducted.run);
    let own_pages = conducted.as_ref().is_some_and(|conducted| conducted.own_pages);
    material.run = run;
    let taint = Taint::default();
    if let Some(password) = &material.password {
        taint.learn(password);
    }
    let known = Known { material, run: run.map(|run| (run, Observed::of(run, own_pages, &manifest))) };
    let judged = judge::all(areas, &known);
    let verdict = Verdict::of(&judged, run);
    let report = Report {
        manifest: &manifest,
        file: arguments.manifest.display().to_string(),
        verdict,
        besides: run.map(|run| verdict::besides(&judged, run)).unwrap_or_default(),
        without_result: run.map(|run| verdict::without_result(verdict, run)).unwrap_or_default(),
        judged,
        run,
        profile: run.map(Profile::of),
        again: conducted.as_ref().map(|conducted| conducted.again.clone()).unwrap_or_default(),
    };
    let page = page::text(&report).map_err(broken)?;
    for (name, text) in [("oin.html", page), ("oin.md", markdown::text(&report))] {
        files::put(&arguments.report_dir, name, &taint.redact(&text), [""; 2], &taint).map_err(broken)?;
    }
    let told = taint.redact(&summary::text(&report, &arguments.report_dir));
    let _ = std::io::stdout().write_all(told.as_bytes());
    Ok(verdict.exit())
}
