//! Installing real clients from their registries.
//!
//! A client that is not on the machine and cannot be installed skips its tests with a printed reason; with
//! `ORGTWIN_REQUIRE_CLIENTS=1`, which `.ci/run` sets, that is a failure.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Skips with a reason, or fails where clients are required.
pub(crate) fn missing(reason: &str) {
    assert!(std::env::var_os("ORGTWIN_REQUIRE_CLIENTS").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
}

/// One installation at a time: tests run side by side.
static INSTALLING: Mutex<()> = Mutex::new(());

/// The folder of an installation, which is kept between runs; and whether it is complete.
fn folder(name: &str) -> (PathBuf, bool) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let complete = folder.join("complete").exists();
    (folder, complete)
}

/// A Python that has these packages (`okta==3.4.6`); made once, under the target folder.
pub(crate) fn python(packages: &[&str]) -> Option<PathBuf> {
    let _one = INSTALLING.lock().unwrap();
    let (folder, complete) = folder(&packages.join("-").replace("==", "-"));
    let python = folder.join("bin/python");
    if complete {
        return Some(python);
    }
    let pip = ["-m", "pip", "install", "--quiet"].iter().chain(packages).copied().collect::<Vec<_>>();
    let made = run(Path::new("python3"), &["-m", "venv", &folder.display().to_string()], None)
        .and_then(|()| run(&python, &pip, None))
        .and_then(|()| std::fs::write(folder.join("complete"), "").map_err(|error| error.to_string()));
    installed(made, packages).map(|()| python)
}

/// The `node_modules` that have these npm packages (`name@1.2.3`); made once, under the target folder.
pub(crate) fn node(packages: &[&str]) -> Option<PathBuf> {
    let _one = INSTALLING.lock().unwrap();
    let (folder, complete) = folder(&packages.join("-").replace(['/', '@'], "-"));
    let modules = folder.join("node_modules");
    if complete {
        return Some(modules);
    }
    let npm = ["install", "--no-audit", "--no-fund"].iter().chain(packages).copied().collect::<Vec<_>>();
    let made = run(Path::new("node"), &["--version"], None)
        .and_then(|()| std::fs::create_dir_all(&folder).map_err(|error| error.to_string()))
        // npm installs into the nearest folder above that has one.
        .and_then(|()| std::fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string()))
        .and_then(|()| run(Path::new("npm"), &npm, Some(&folder)))
        .and_then(|()| std::fs::write(folder.join("complete"), "").map_err(|error| error.to_string()));
    installed(made, packages).map(|()| modules)
}

fn installed(made: Result<(), String>, packages: &[&str]) -> Option<()> {
    made.map_err(|error| missing(&format!("{} cannot be installed: {}", packages.join(", "), error.trim())))
        .ok()
}

fn run(program: &Path, arguments: &[&str], folder: Option<&Path>) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(format!("{}: {error}", program.display())),
    }
}
