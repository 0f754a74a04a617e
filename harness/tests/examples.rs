//! The examples of `examples/`, each by its one command against a fresh org of the built program; and that they can fail.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether there is a Python; where it has to be there (`ORGTWIN_REQUIRE_CLIENTS`), its absence is a failure.
fn python() -> bool {
    if Command::new("python3").arg("--version").output().is_ok_and(|python| python.status.success()) {
        return true;
    }
    assert!(std::env::var_os("ORGTWIN_REQUIRE_CLIENTS").is_none(), "there is no python3");
    let _ = writeln!(std::io::stderr(), "skipped the examples: there is no python3");
    false
}

/// Runs an example of a folder of them: exit code, output, errors.
fn example(folder: &Path, name: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new("sh");
    command.arg(folder.join("run.sh")).arg(name).env("ORGTWIN", env!("CARGO_BIN_EXE_orgtwin"));
    let output = command.env_remove("ORG_URL").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let programs = folders.filter(|entry| entry.path().join("connection.py").exists());
    let mut names: Vec<String> = programs.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_example_works() {
    let folder = repository().join("examples");
    let names = names(&folder);
    assert_eq!(names.len(), 5, "{names:?}");
    for name in names {
        let page = std::fs::read_to_string(folder.join(&name).join("README.md")).unwrap();
        assert!(page.contains(&format!("examples/run.sh {name}`")), "{name}: its page names another command");
        let feature = repository().join(format!("features/integrations/{name}.feature"));
        let feature = std::fs::read_to_string(feature).unwrap();
        assert!(
            feature.contains(&format!("examples/{name}.\n")),
            "{name}: its feature names another program"
        );
        if python() {
            let (code, out, err) = example(&folder, &name);
            assert_eq!(code, Some(0), "{name}: {out}{err}");
            assert!(out.ends_with("works\n"), "{name}: {out}");
        }
    }
}

#[test]
fn an_example_that_meets_another_org_fails() {
    if !python() {
        return;
    }
    let copy = tempfile::tempdir().unwrap();
    let (from, name) = (repository().join("examples"), "okta-api-service-integration");
    for file in ["run.sh", "lib/wire.py", "lib/stage.py", &format!("{name}/connection.py")] {
        let to = copy.path().join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from.join(file), to).unwrap();
    }
    let org = std::fs::read_to_string(repository().join("fixtures/orgs/dev.toml")).unwrap();
    let unlike = format!("{org}\n[dialect]\nmixed_scopes = \"deny\"\n");
    std::fs::write(copy.path().join(name).join("org.toml"), unlike).unwrap();
    let (code, out, err) = example(copy.path(), name);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(err.contains("NOT SO"), "{err}");
}

#[test]
fn a_name_that_is_none_is_told_with_those_that_are() {
    let (code, _, err) = example(&repository().join("examples"), "nobody");
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("workato"), "{err}");
}
