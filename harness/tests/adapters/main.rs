//! The adapters that `orgtwin client new` writes: built and run as it says, in the languages that are on this machine.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod proxy;
#[path = "../support/ran.rs"]
mod ran;
#[path = "../support/mod.rs"]
mod support;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use ran::{Ran, ran, run};
use support::orgtwin;

/// A language, and the program that must be there.
const LANGUAGES: &[(&str, &str)] = &[
    ("python", "python3"),
    ("node", "node"),
    ("go", "go"),
    ("java", "javac"),
    ("dotnet", "dotnet"),
    ("ruby", "ruby"),
    ("rust", "cargo"),
    ("bash", "jq"),
];

/// One scenario of each kind: a token, pages, a rate limit.
const CHOSEN: &[&str] = &["--tags", "@TOK-001 or @PAGE-001 or @RATE-001"];

/// An adapter that `client new` wrote, and that was built.
struct Adapter {
    folder: tempfile::TempDir,
    /// The program and its arguments, in that folder.
    program: Vec<String>,
}

impl Adapter {
    /// None where the language is not on this machine; a reason is printed.
    fn new(language: &str) -> Option<Self> {
        let needs = LANGUAGES.iter().find(|(name, _)| *name == language).unwrap().1;
        if Command::new(needs).arg("--version").output().is_err() {
            eprintln!("skipped {language}: there is no {needs}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let Ran { code, out, err } =
            run(&["client", "new", "--lang", language, "--dir", &folder.path().display().to_string()]);
        assert_eq!(code, Some(0), "{language}: {err}");
        // What is printed is what is done: a folder to be in, what builds it, and two runs of the suite.
        let mut commands = out.lines().filter_map(|line| line.strip_prefix("  "));
        assert_eq!(commands.next(), Some(format!("cd {}", folder.path().display()).as_str()));
        let mut program = None;
        for command in commands {
            match command.split_once(" stdio -- ") {
                Some((_, adapter)) => program = Some(words(adapter)),
                None if language == "rust" => {}
                None => build(&words(command), folder.path()),
            }
        }
        let mut program = program.unwrap();
        if language == "rust" {
            program = vec![rust_example().display().to_string()];
        }
        Some(Self { folder, program })
    }

    /// `orgtwin` with these arguments and the adapter, in the adapter's folder.
    fn judged(&self, arguments: &[&str]) -> Ran {
        let mut command = orgtwin(arguments);
        command.args(["stdio", "--"]).args(&self.program).current_dir(&self.folder);
        ran(command.output().unwrap())
    }
}

fn words(command: &str) -> Vec<String> {
    command.split(' ').map(str::to_owned).collect()
}

fn build(command: &[String], folder: &Path) {
    let built = Command::new(&command[0]).args(&command[1..]).current_dir(folder).output().unwrap();
    assert!(built.status.success(), "{command:?}: {built:?}");
}

/// The Rust adapter, built from the same sources with the crates at hand: an example of this package, which `cargo test`
/// builds with the tests. It is built here only when this test alone was.
fn rust_example() -> PathBuf {
    let orgtwin = Path::new(env!("CARGO_BIN_EXE_orgtwin"));
    let example = orgtwin.with_file_name("examples").join("adapter");
    if !example.exists() {
        let command = "cargo build --quiet --locked --package harness --example adapter";
        build(&words(command), Path::new(env!("CARGO_MANIFEST_DIR")));
    }
    example
}

#[test]
fn every_adapter_that_is_written_speaks_the_protocol_and_passes() {
    for (language, _) in LANGUAGES {
        let Some(adapter) = Adapter::new(language) else { continue };
        let Ran { code, out, err } = adapter.judged(&["client", "lint"]);
        assert_eq!(code, Some(0), "{language}: {out}{err}");
        let Ran { code, out, err } = adapter.judged(&[&["test"], CHOSEN, &["--client"]].concat());
        assert_eq!(code, Some(0), "{language}: {out}{err}");
        assert!(out.contains("3 passed"), "{language}: {out}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    std::fs::write(folder.path().join("clock.go"), "mine").unwrap();
    let Ran { code, out, err } = run(&["client", "new", "--lang", "go", "--dir", &place]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("clock.go is there already, and nothing is overwritten"), "{err}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn an_unknown_language_is_answered_with_those_that_there_are() {
    let Ran { code, err, .. } = run(&["client", "new", "--lang", "cobol"]);
    assert_eq!(code, Some(2));
    for (language, _) in LANGUAGES {
        assert!(err.contains(language), "{language}: {err}");
    }
}
