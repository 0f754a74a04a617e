//! The house, as a test: which module may use which, how long a file may be, what the tables and the code must agree
//! on (ARCHITECTURE.md).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file longer than this needs a reason at its top; there is none so far.
const LONGEST: usize = 600;

/// Who may use whom, inside `mock-server/src`. What is not listed is not allowed.
const WALLS: [(&str, &[&str]); 20] = [
    ("exchange", &[]),
    ("query", &[]),
    ("facts", &["query"]),
    ("org", &["facts", "limits", "query"]),
    ("limits", &["facts"]),
    ("wire", &["exchange", "facts", "limits", "org", "query"]),
    ("gate", &["exchange", "facts", "limits", "oauth", "org", "system_log", "wire"]),
    ("system_log", &["exchange", "facts", "org"]),
    ("oauth", &["exchange", "facts", "limits", "org", "pages", "system_log", "wire"]),
    ("pages", &["exchange"]),
    ("api", &["exchange", "facts", "gate", "oauth", "org", "query", "system_log", "validate", "wire"]),
    ("validate", &["facts"]),
    ("gateway", &["api", "exchange", "facts", "gate", "limits", "oauth", "org", "system_log", "wire"]),
    ("ledger", &["exchange", "facts", "org"]),
    ("outgoing", &["exchange", "org"]),
    ("faults", &["exchange", "facts", "gate", "limits", "oauth", "org", "wire"]),
    (
        "control",
        &[
            "control",
            "directory",
            "exchange",
            "facts",
            "faults",
            "gateway",
            "http",
            "ledger",
            "limits",
            "org",
        ],
    ),
    (
        "directory",
        &["exchange", "facts", "faults", "gateway", "http", "ledger", "limits", "org", "outgoing", "persist"],
    ),
    ("persist", &["org"]),
    ("http", &["control", "directory", "exchange", "gateway", "ledger", "limits", "org"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn modules_use_only_what_the_architecture_lets_them() {
    let src = workspace().join("mock-server/src");
    let mut broken = Vec::new();
    for path in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        let module = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let Some((_, allowed)) = WALLS.iter().find(|(name, _)| *name == module) else { continue };
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests may look over the walls.
        let text = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap()
            .split("#[cfg(test)]\n#[expect")
            .next()
            .unwrap();
        let used: BTreeSet<&str> = text
            .split("crate::")
            .skip(1)
            .map(|rest| rest.split(|one: char| !one.is_ascii_alphanumeric() && one != '_').next().unwrap())
            .filter(|name| WALLS.iter().any(|(module, _)| module == name))
            .collect();
        for name in used {
            if name != module && !allowed.contains(&name) {
                broken.push(format!("{} uses {name}", inside.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn files_are_short_enough_to_read() {
    let mut long = Vec::new();
    for folder in ["mock-server/src", "mock-server/tests", "harness/src", "harness/tests"] {
        let folder = workspace().join(folder);
        for path in if folder.exists() { sources(&folder) } else { Vec::new() } {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            if lines > LONGEST {
                long.push(format!("{}: {lines} lines", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_module_is_called_after_nothing() {
    for folder in ["mock-server/src", "harness/src"] {
        for path in sources(&workspace().join(folder)) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                !["utils", "util", "common", "helpers", "helper", "manager"].contains(&name),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn the_harness_judges_the_mock_by_what_it_answers_not_by_its_types() {
    for path in sources(&workspace().join("harness/src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for inner in [
            "mock_server::exchange",
            "mock_server::facts",
            "mock_server::gate",
            "mock_server::oauth",
            "mock_server::org::",
            "mock_server::wire",
        ] {
            assert!(!text.contains(inner), "{} uses {inner}", path.display());
        }
    }
}

/// The clock, the ids and the keys are the only places that read time or randomness; clippy bans the calls, this
/// test counts who may make exceptions.
#[test]
fn few_may_read_time_or_randomness() {
    let src = workspace().join("mock-server/src");
    let exceptions: BTreeSet<String> = sources(&src)
        .into_iter()
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("clippy::disallowed_methods"))
        .map(|path| path.strip_prefix(&src).unwrap().display().to_string())
        .collect();
    assert_eq!(exceptions, BTreeSet::from(["org/clock.rs".to_owned(), "org/ids.rs".to_owned()]));
}
