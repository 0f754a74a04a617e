//! `orgtwin client new`: a whole adapter to start from, written into a folder. What is written is what lies in
//! `harness/examples/adapters/` and is tested there.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

/// The language of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Python 3.9 or newer, no packages.
    Python,
    /// Node 18.17 or newer, no packages.
    Node,
    /// Java 17 or newer, no packages and no build tool.
    Java,
    /// bash with curl, jq and openssl.
    Bash,
}

/// The one file of an adapter, and what is said about it.
struct Starter {
    file: &'static str,
    text: &'static str,
    /// What makes a program of it, in its folder.
    build: Option<&'static str>,
    /// What runs it, in its folder.
    run: &'static str,
    needs: &'static str,
    yours: &'static str,
}

impl Language {
    fn starter(self) -> Starter {
        match self {
            Self::Python => Starter {
                file: "adapter.py",
                text: include_str!("../../examples/adapters/python/adapter.py"),
                build: None,
                run: "python3 adapter.py",
                needs: "Python 3.9 or newer; no packages",
                yours: "`Client.get_token`, `Client.call` and `Client.list_all`",
            },
            Self::Node => Starter {
                file: "adapter.mjs",
                text: include_str!("../../examples/adapters/node/adapter.mjs"),
                build: None,
                run: "node adapter.mjs",
                needs: "Node 18.17 or newer; no packages",
                yours: "`Client.getToken`, `Client.call` and `Client.listAll`",
            },
            Self::Java => Starter {
                file: "Adapter.java",
                text: include_str!("../../examples/adapters/java/Adapter.java"),
                build: Some("javac -d . Adapter.java"),
                run: "java -cp . Adapter",
                needs: "a JDK, 17 or newer; no packages",
                yours: "`Client.token`, `Client.call` and `Client.listAll`",
            },
            Self::Bash => Starter {
                file: "adapter.sh",
                text: include_str!("../../examples/adapters/bash/adapter.sh"),
                build: None,
                run: "bash adapter.sh",
                needs: "bash, curl, jq and openssl",
                yours: "the functions above the loop that reads requests",
            },
        }
    }
}

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
    let (adapter, readme) = (folder.join(starter.file), folder.join("README.md"));
    if let Some(there) = [&adapter, &readme].into_iter().find(|path| path.exists()) {
        return Err(StarterError::Exists(there.clone()));
    }
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for (path, text) in [(&adapter, starter.text), (&readme, &*starter.readme())] {
        // Never over a file that came meanwhile.
        let mut file = fs::File::create_new(path).map_err(failed(path))?;
        file.write_all(text.as_bytes()).map_err(failed(path))?;
    }
    let Starter { build, run, yours, .. } = starter;
    let mut next = format!("{} is a whole client; put your own in place of {yours}.\n\n", adapter.display());
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
    fn readme(&self) -> String {
        let Self { file, build, run, needs, yours, .. } = self;
        let build = build.map(|command| format!("{command}\n")).unwrap_or_default();
        format!(
            "# An orgtwin adapter\n\n\
             `{file}` lets the suite of orgtwin drive a client: one JSON request a line on standard input, one JSON reply a line\n\
             on standard output. It needs {needs}.\n\n\
             As it is, it holds a small client of its own and passes. To test yours, put it in place of\n\
             {yours}, and declare in `hello` only what your client can do: what is\n\
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
    use super::*;

    #[test]
    fn every_language_is_written_once() {
        for language in Language::value_variants() {
            let folder = tempfile::tempdir().unwrap();
            let inner = folder.path().join("new");
            let next = write(*language, &inner).unwrap();
            let starter = language.starter();
            assert!(next.contains("orgtwin client lint stdio -- "), "{next}");
            assert_eq!(fs::read_to_string(inner.join(starter.file)).unwrap(), starter.text);
            fs::write(inner.join(starter.file), "mine").unwrap();
            assert!(matches!(write(*language, &inner), Err(StarterError::Exists(_))));
            assert_eq!(fs::read_to_string(inner.join(starter.file)).unwrap(), "mine");
        }
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
