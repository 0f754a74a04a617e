//! Installing real clients from their registries.
//!
//! A client that is not on the machine and cannot be installed skips its tests with a printed reason; with
//! `ORGTWIN_REQUIRE_CLIENTS=1`, which `.ci/run` sets, that is a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// Skips with a reason, or fails where clients are required.
pub(crate) fn missing(reason: &str) {
    assert!(std::env::var_os("ORGTWIN_REQUIRE_CLIENTS").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
}

/// Whoever installs into a folder: tests run side by side, and several need the same.
static INSTALLING: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());

/// Makes the folder of an installation, unless it is complete: it is kept between runs.
fn made(name: &str, make: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let alone = INSTALLING.lock().unwrap().entry(name.to_owned()).or_default().clone();
    let _alone = alone.lock().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !folder.join("complete").exists() {
        make(&folder)?;
        std::fs::write(folder.join("complete"), "").map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// A Python that has these packages (`okta==3.4.6`); made once, under the target folder.
pub(crate) fn python(packages: &[&str]) -> Option<PathBuf> {
    let pip = ["-m", "pip", "install", "--quiet"].iter().chain(packages).copied().collect::<Vec<_>>();
    let made = made(&packages.join("-").replace("==", "-"), |folder| {
        run(Path::new("python3"), &["-m", "venv", &folder.display().to_string()], None)?;
        run(&folder.join("bin/python"), &pip, None)
    });
    installed(made, packages).map(|folder| folder.join("bin/python"))
}

/// The `node_modules` that have these npm packages (`name@1.2.3`); made once, under the target folder.
pub(crate) fn node(packages: &[&str]) -> Option<PathBuf> {
    let npm = ["install", "--no-audit", "--no-fund"].iter().chain(packages).copied().collect::<Vec<_>>();
    let made = made(&packages.join("-").replace(['/', '@'], "-"), |folder| {
        run(Path::new("node"), &["--version"], None)?;
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        // npm installs into the nearest folder above that has one.
        std::fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string())?;
        run(Path::new("npm"), &npm, Some(folder))
    });
    installed(made, packages).map(|folder| folder.join("node_modules"))
}

fn installed(made: Result<PathBuf, String>, packages: &[&str]) -> Option<PathBuf> {
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
