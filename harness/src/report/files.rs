//! The files of a report folder. A file is written under another name, searched for secrets and only then put in its
//! place: who finds a report finds a whole one without secrets.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{
    Renderer, annotations, badge, junit, markdown, messages, page,
    record::Record,
    run::Run,
    taint::{Leak, Taint},
};

/// What a run that ended well or badly leaves behind.
const NAMES: &[&str] = &[
    "results.ndjson",
    "junit.xml",
    "summary.md",
    "badge.json",
    "messages.ndjson",
    "cucumber.html",
    "report.html",
];
/// The stream while the run goes on; what is left of a run that was killed.
const PARTIAL: &str = "results.ndjson.partial";

/// What is written when a run ends.
#[derive(Default)]
pub(crate) struct Wanted {
    /// The report folder.
    pub(crate) folder: Option<PathBuf>,
    /// A file that the summary is added to, as GitHub's `$GITHUB_STEP_SUMMARY`.
    pub(crate) step_summary: Option<PathBuf>,
    /// Where GitHub's annotations are printed.
    pub(crate) annotations: Option<Box<dyn io::Write>>,
}

/// Collects the stream, keeps it on disk as it grows, and writes every report at its end.
pub(crate) struct Files {
    wanted: Wanted,
    taint: Taint,
    partial: Option<File>,
    lines: String,
}

impl Files {
    /// Makes the folder and takes away the reports of the run before.
    ///
    /// # Errors
    /// The folder or the file cannot be made.
    pub(crate) fn create(wanted: Wanted, taint: Taint) -> io::Result<Self> {
        let partial = match &wanted.folder {
            None => None,
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                for name in NAMES {
                    match std::fs::remove_file(folder.join(name)) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                        _ => {}
                    }
                }
                Some(File::create(folder.join(PARTIAL))?)
            }
        };
        Ok(Self { wanted, taint, partial, lines: String::new() })
    }

    /// Writes every report of a stream that is there as a whole.
    ///
    /// # Errors
    /// As [`write()`].
    pub(crate) fn of_stream(wanted: Wanted, taint: Taint, stream: String) -> io::Result<()> {
        let mut files = Self::create(wanted, taint)?;
        files.lines = stream;
        files.finish()
    }

    fn finish(&mut self) -> io::Result<()> {
        // A secret may have become known after a line was written that has it.
        let stream: String =
            self.lines.lines().flat_map(|line| [self.taint.redact(line), "\n".to_owned()]).collect();
        let run = Run::read(&stream).map_err(io::Error::other)?;
        write(&run, &stream, &mut self.wanted, &self.taint)?;
        if let Some(folder) = &self.wanted.folder {
            self.partial = None;
            std::fs::remove_file(folder.join(PARTIAL))?;
        }
        Ok(())
    }
}

impl Renderer for Files {
    fn record(&mut self, record: &Record, line: &str) -> io::Result<()> {
        self.lines.push_str(line);
        self.lines.push('\n');
        if let Some(file) = &mut self.partial {
            // One write a line: what is there after a crash is whole.
            file.write_all(format!("{line}\n").as_bytes())?;
        }
        if matches!(record, Record::Footer(_)) { self.finish() } else { Ok(()) }
    }
}

/// Writes every report of a run.
///
/// # Errors
/// A file cannot be written, or would hold a secret ([`Leak`]). What can be written is written.
fn write(run: &Run, stream: &str, wanted: &mut Wanted, taint: &Taint) -> io::Result<()> {
    let mut done = Ok(());
    let mut and = |result: io::Result<()>| {
        if done.is_ok() {
            done = result;
        } else {
            drop(result);
        }
    };
    let summary = markdown::summary(run);
    if let Some(folder) = &wanted.folder {
        let mut file = |name: &str, text: io::Result<String>, around: [&str; 2]| {
            and(text.and_then(|text| put(folder, name, &text, around, taint)));
        };
        file("results.ndjson", Ok(stream.to_owned()), [""; 2]);
        file("junit.xml", junit::text(run), [""; 2]);
        file("summary.md", Ok(summary.clone()), [""; 2]);
        file("badge.json", Ok(badge::text(&run.footer)), [""; 2]);
        let messages = messages::envelopes(run).map_err(io::Error::other);
        let (lines, page) = match messages {
            Ok(messages) => (Ok(messages.lines()), Ok(messages.script())),
            Err(error) => (Err(io::Error::other(error.to_string())), Err(error)),
        };
        file("messages.ndjson", lines, [""; 2]);
        let around = messages::page();
        file("cucumber.html", page, [&around[0], &around[1]]);
        file("report.html", page::text(run), [""; 2]);
    }
    if let Some(path) = &wanted.step_summary {
        and(pass(taint, &summary).and_then(|()| {
            File::options().create(true).append(true).open(path)?.write_all(summary.as_bytes())
        }));
    }
    if let Some(out) = &mut wanted.annotations {
        let text = annotations::text(run);
        and(pass(taint, &text).and_then(|()| out.write_all(text.as_bytes())));
    }
    done
}

/// Writes a file beside its place, searches what was written, and puts it in place. `around` is what the program itself
/// brings (a vendored script): it knows no secret of a run.
pub(crate) fn put(folder: &Path, name: &str, text: &str, around: [&str; 2], taint: &Taint) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(name).suffix(".partial").tempfile_in(folder)?;
    for part in [around[0], text, around[1]] {
        file.write_all(part.as_bytes())?;
    }
    pass(taint, text)?;
    let written = file.persist(folder.join(name)).map_err(|error| error.error)?;
    readable(&written)
}

/// Temporary files are for their owner only; a report is for everybody who may read the folder.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

fn pass(taint: &Taint, text: &str) -> io::Result<()> {
    taint.search(text).map_err(|leak: Leak| io::Error::other(leak))
}
