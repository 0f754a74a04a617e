//! The quick starts, run as their pages say, in the languages that are on the machine. That of Rust is a test of its own
//! (`quick_start_rust`), built with the dependencies at hand.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    install::{missing, node, python},
    pages::{files, root, text},
};

/// A copy of a quick start: what a run leaves behind does not belong into the repository.
fn copy(language: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let folder = format!("examples/quick-start/{language}");
    for file in files(&folder, "") {
        let to = copy.path().join(Path::new(&file).strip_prefix(&folder).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(root().join(&file), to).unwrap();
    }
    copy
}

/// Runs a command in a folder; its output.
fn run(folder: &Path, program: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("ORGTWIN", env!("CARGO_BIN_EXE_orgtwin"));
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {out}{err}", program.display());
    out.into_owned()
}

/// The program, if it is on the machine; else a printed reason.
fn there(program: &str, version: &str) -> Option<PathBuf> {
    if Command::new(program).arg(version).output().is_ok_and(|output| output.status.success()) {
        return Some(PathBuf::from(program));
    }
    missing(&format!("there is no {program}"));
    None
}

#[test]
fn curl() {
    if ["curl", "jq"].iter().any(|program| there(program, "--version").is_none())
        || there("openssl", "version").is_none()
    {
        return;
    }
    let out = run(copy("curl").path(), Path::new("sh"), &["quick-start.sh"]);
    let page = text("docs/quick-start/curl.md");
    let said = page.split_once("```text\n").unwrap().1.split_once("```").unwrap().0;
    // What the org told of its failure goes to standard error.
    let said: String =
        said.lines().filter(|line| !line.contains("503: ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(out, said);
}

#[test]
fn the_python_one() {
    let requirements = text("examples/quick-start/python/requirements.txt");
    let Some(python) = python(&requirements.lines().collect::<Vec<_>>()) else { return };
    let out = run(copy("python").path(), &python, &["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    assert!(out.contains("9 passed"), "{out}");
}

#[test]
fn the_node_one() {
    let package: serde_json::Value =
        serde_json::from_str(&text("examples/quick-start/node/package.json")).unwrap();
    let wanted = package["devDependencies"].as_object().unwrap();
    let wanted: Vec<String> =
        wanted.iter().map(|(name, version)| format!("{name}@{}", version.as_str().unwrap())).collect();
    let Some(modules) = node(&wanted.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    let copy = copy("node");
    std::os::unix::fs::symlink(modules, copy.path().join("node_modules")).unwrap();
    let out = run(copy.path(), Path::new("node"), &["--test"]);
    assert!(out.contains("# pass 8\n"), "{out}");
}

#[test]
fn the_java_one() {
    let Some(java) = there("java", "--version") else { return };
    let out = run(copy("java").path(), &java, &["QuickStart.java"]);
    assert_eq!(out.matches("ok: ").count(), 7, "{out}");
}

#[test]
fn the_go_one() {
    // Not required: a machine for Rust seldom has it.
    if Command::new("go").arg("version").output().is_err() {
        eprintln!("skipped: there is no go");
        return;
    }
    run(copy("go").path(), Path::new("go"), &["test", "-count=1", "./..."]);
}
