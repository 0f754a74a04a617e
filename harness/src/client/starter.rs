//! `orgtwin client new`: a whole adapter to start from, written into a folder. What is written is what lies in
//! `harness/examples/adapters/` and is tested there.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

mod languages;

pub(crate) use languages::Language;
use languages::Starter;

/// An adapter that cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StarterError {
    /// Nothing is overwritten.
    #[error("{} is there already, and nothing is overwritten: name another folder with --dir", .0.display())]
    Exists(PathBuf),
    /// The system says no.
    #[error("{}: {cause}", path.display())]
    Write {
        /// What cannot be written.
        path: PathBuf,
        /// The operating system's words.
        cause: io::Error,
    },
}

/// Writes the adapter and a README into a folder, which is made if need be; returns what to do next.
///
/// # Errors
/// [`StarterError`]; then nothing of the user's has changed.
pub(crate) fn write(language: Language, folder: &Path) -> Result<String, StarterError> {
    let starter = language.starter();
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause: io::Error| match cause.kind() {
            io::ErrorKind::AlreadyExists => StarterError::Exists(path),
            _ => StarterError::Write { path, cause },
        }
    };
    let readme = starter.readme();
    let files: Vec<(PathBuf, &str)> = starter
        .files
        .iter()
        .chain([&("README.md", &*readme)])
        .map(|(name, text)| (folder.join(name), *text))
        .collect();
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(StarterError::Exists(there.clone()));
    }
    for (path, text) in &files {
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        // Never over a file that came meanwhile.
        let mut file = fs::File::create_new(path).map_err(failed(path))?;
        file.write_all(text.as_bytes()).map_err(failed(path))?;
    }
    let Starter { build, run, yours, .. } = starter;
    let begin = starter.begin();
    let mut next =
        format!("{} is a whole client; put your own in place of {yours}.\n\n", folder.join(begin).display());
    let _ = writeln!(next, "  cd {}", folder.display());
    for command in build.into_iter().map(str::to_owned).chain([
        format!("orgtwin client lint stdio -- {run}"),
        format!("orgtwin test --client stdio -- {run}"),
    ]) {
        let _ = writeln!(next, "  {command}");
    }
    Ok(next)
}

impl Starter {
    /// The file to begin with.
    fn begin(&self) -> &'static str {
        self.files.first().map_or("", |(name, _)| name)
    }

    fn readme(&self) -> String {
        let Self { build, run, needs, yours, .. } = self;
        let file = self.begin();
        let build = build.map(|command| format!("{command}\n")).unwrap_or_default();
        format!(
            "# An orgtwin adapter\n\n\
             This program lets the suite of orgtwin drive a client: one JSON request a line on standard input, one JSON reply a\n\
             line on standard output. It needs {needs}.\n\n\
             As it is, it holds a small client of its own and passes. To test yours, put it in place of\n\
             {yours} in `{file}`, and declare in `hello` only what your client can do: what is\n\
             declared is tested, the rest is not applicable. Leave the loop that reads requests as it is.\n\n\
             ```sh\n\
             {build}orgtwin client lint stdio -- {run}   # is the adapter sound?\n\
             orgtwin test --client stdio -- {run} # does the client conform?\n\
             orgtwin test --scenario TOK-001 --client stdio -- {run}\n\
             ```\n\n\
             An adapter reports what came of an op and mends nothing: no retries of its own, no secrets on standard output.\n"
        )
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_language_is_written_once() {
        for language in Language::value_variants() {
            let folder = tempfile::tempdir().unwrap();
            let inner = folder.path().join("new");
            let next = write(*language, &inner).unwrap();
            let Starter { files, build, run, .. } = language.starter();
            for command in build.into_iter().chain([run]) {
                assert!(next.contains(command), "{command}: {next}");
            }
            for (name, text) in files {
                assert_eq!(fs::read_to_string(inner.join(name)).unwrap(), *text);
            }
            // One file of it is there already: nothing is touched, and nothing is added.
            let (last, _) = files.last().unwrap();
            fs::remove_dir_all(&inner).unwrap();
            fs::create_dir(&inner).unwrap();
            fs::write(inner.join(last), "mine").unwrap();
            assert!(
                matches!(write(*language, &inner), Err(StarterError::Exists(path)) if path == inner.join(last))
            );
            assert_eq!(fs::read_to_string(inner.join(last)).unwrap(), "mine");
            assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
        }
    }

    /// What `client new` writes is what was tested: nothing of an adapter's folder is forgotten.
    #[test]
    fn every_file_of_an_adapter_is_written() {
        let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/adapters");
        for language in Language::value_variants() {
            let name = language.to_possible_value().unwrap().get_name().to_owned();
            let folder = adapters.join(&name);
            let below = |folder: &Path| {
                fs::read_dir(folder)
                    .map_or(0, |found| found.filter(|one| one.as_ref().unwrap().path().is_file()).count())
            };
            assert_eq!(below(&folder) + below(&folder.join("src")), language.starter().files.len(), "{name}");
        }
    }

    /// The adapter in Rust is built with the crates that its sources were tested with.
    #[test]
    fn the_crates_of_the_rust_adapter_are_those_of_the_workspace() {
        let packages = |text: &str| {
            let lock: toml::Table = text.parse().unwrap();
            let found = lock["package"].as_array().unwrap().clone();
            found
                .into_iter()
                .map(|package| ["name", "version", "checksum"].map(|key| package.get(key).cloned()))
                .collect::<Vec<_>>()
        };
        let tested = packages(include_str!("../../../Cargo.lock"));
        let own = packages(include_str!("../../examples/adapters/rust/Cargo.lock"));
        // The adapter itself is the one without a checksum.
        let others: Vec<_> = own.iter().filter(|[_, _, checksum]| checksum.is_some()).collect();
        let strange: Vec<_> = others.iter().filter(|package| !tested.contains(package)).collect();
        assert!(
            strange.is_empty(),
            "copy Cargo.lock over that of harness/examples/adapters/rust and run `cargo tree` there: {strange:?}"
        );
        assert!(others.len() > 50, "{}", others.len());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let said = write(Language::Bash, &file.join("below")).unwrap_err().to_string();
        assert!(said.starts_with(&file.join("below").display().to_string()), "{said}");
    }
}
