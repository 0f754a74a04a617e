//! `orgtwin oin` as an author of an integration runs it: the sample in `examples/oin/`, and the same with one line that is wrong.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;
#[path = "support/ran.rs"]
mod ran;
mod support;

use std::{
    io::Write as _,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use files::path;
use ran::{Ran, ran, run};
use support::orgtwin;

/// What every broken sample is put to: a token, a token again, a list.
const COMMON: &str = "@OIN-001 or @LIFE-001 or @PAGE-001";
/// Pages and the links to them.
const PAGES: &str = "@PAGE-007 or @ASTRAY-003 or @GLST-005";
/// Limits.
const LIMITS: &str = "@RATE-001 or @RATE-002 or @RATE-004 or @RATE-006 or @LIM-005";
/// Domains.
const DOMAINS: &str = "@DOM-001 or @DOM-002 or @DOM-003";

/// Each fault, the scenarios beside the common ones that are about it and its neighbours, and the items that do not hold then:
/// those that name it, and OIN-081 where nothing succeeds any more.
const FAULTS: &[(&str, &str, &[&str])] = &[
    ("secret-in-body", "", &["OIN-003", "OIN-081"]),
    ("pasted-newline", "", &["OIN-005", "OIN-081"]),
    ("no-scope", "", &["OIN-006", "OIN-081"]),
    ("offline-access", "", &["OIN-018", "OIN-081"]),
    ("custom-server", "@TOK-003 or @UPD-001", &["OIN-001", "OIN-031", "OIN-081"]),
    ("ssws", "", &["OIN-012", "OIN-081"]),
    ("token-each-call", "@LIFE-002 or @LIFE-004 or @TOK-002 or @TOKENDAY-001 or @RATE-004", &["OIN-014"]),
    ("never-renews", "@TOK-002 or @TOKENDAY-001", &["OIN-016", "OIN-017"]),
    ("first-page", PAGES, &["OIN-047", "OIN-048", "OIN-049"]),
    ("one-link-line", PAGES, &["OIN-047", "OIN-048", "OIN-049"]),
    ("foreign-link", PAGES, &["OIN-030"]),
    ("at-once-on-429", LIMITS, &["OIN-035", "OIN-036"]),
    ("retry-after", LIMITS, &["OIN-035", "OIN-036"]),
    ("never-gives-up", LIMITS, &["OIN-037"]),
    ("403-is-empty", "@MIS-001 or @MIS-002", &["OIN-024"]),
    ("library-name", "", &["OIN-046"]),
    ("any-certificate", "@TRANS-004 or @TRANS-006 or @TRUST-002", &["OIN-009"]),
    ("admin-console", DOMAINS, &["OIN-010"]),
    ("okta-com-only", DOMAINS, &["OIN-011"]),
    ("any-token-type", "@TYPE-001", &["OIN-013"]),
    ("region-needed", "@UPD-001 or @UPD-002 or @UPD-003", &["OIN-084"]),
    ("scopes-as-asked", "@SCO-002 or @GASI-005 or @CONN-002", &["OIN-023"]),
    ("since-last-time", "@SYNC-002 or @SYNC-003", &["OIN-090"]),
];

/// The same with what Okta advises and does not ask for: warnings.
const ADVICE: &[(&str, &str, &[&str])] = &[
    ("small-pages", "@SYNC-001 or @SYNC-002", &["OIN-043"]),
    ("everything-again", "@SYNC-001 or @SYNC-002", &["OIN-044"]),
    ("role-blind", "@CONN-001 or @CONN-002 or @CONN-003", &["OIN-025", "OIN-089"]),
];

fn no_python() -> bool {
    let none = Command::new("python3").arg("--version").output().is_err();
    if none {
        let _ = writeln!(std::io::stderr(), "skipped: there is no python3");
    }
    none
}

/// The ids that the summary gives that word to.
fn items(out: &str, word: &str) -> Vec<String> {
    let named = out.lines().filter_map(|line| line.strip_prefix(word)?.split_whitespace().next());
    named.filter(|id| id.starts_with("OIN-")).map(str::to_owned).collect()
}

fn sample(fault: Option<(&str, &str)>, folder: &Path) -> Ran {
    let (manifest, folder) = (path("../../examples/oin/integration.toml"), folder.display().to_string());
    let mut arguments = vec!["oin", "--manifest", &manifest, "--report-dir", &folder];
    let broken = path("../../examples/oin/broken.py");
    let tags = match fault {
        Some((_, about)) if !about.is_empty() => format!("{COMMON} or {about}"),
        _ => COMMON.to_owned(),
    };
    if let Some((fault, _)) = fault {
        arguments.extend([
            "--tags", &tags, "--jobs", "2", "--client", "stdio", "--", "python3", "-S", &broken, fault,
        ]);
    }
    let mut command = orgtwin(&arguments);
    ran(command.env("OIN_TEST_PASSWORD", "a-password-that-nobody-sees").output().unwrap())
}

#[test]
fn the_sample_is_ready() {
    if no_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Ran { code, out, err } = sample(None, folder.path());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("Ready: Acme Sync\n"), "{out}");
    assert_eq!(items(&out, "fails "), Vec::<String>::new());
    assert_eq!(items(&out, "warning "), Vec::<String>::new());
    let page = std::fs::read_to_string(folder.path().join("oin.md")).unwrap();
    let not_judged: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| OIN-") && line.contains(" | not judged"))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    assert_eq!(not_judged, ["OIN-069"], "whether the guide's address answers is asked with --fetch");
    let concerns_keys: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| OIN-") && line.contains(" | not concerned | "))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    assert_eq!(concerns_keys, ["OIN-055", "OIN-056", "OIN-057", "OIN-058", "OIN-059"]);
    for (name, told) in [("oin.html", "<h1>Ready</h1>"), ("oin.md", "# Ready: Acme Sync")] {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains(told) && text.contains("no certification by Okta"), "{name}");
        for secret in ["a-password-that-nobody-sees", "first-secret-0123456789"] {
            assert!(!text.contains(secret), "{name} has {secret}");
        }
        for id in 1..=90 {
            assert!(text.contains(&format!("OIN-{id:03}")), "{name} tells nothing of OIN-{id:03}");
        }
    }
}

#[test]
fn each_broken_sample_fails_by_its_fault() {
    if no_python() {
        return;
    }
    let next = AtomicUsize::new(0);
    let judge = || {
        while let Some((fault, about, expected)) =
            FAULTS.iter().chain(ADVICE).nth(next.fetch_add(1, Ordering::Relaxed))
        {
            let folder = tempfile::tempdir().unwrap();
            let Ran { code, out, err } = sample(Some((fault, about)), folder.path());
            let advice = ADVICE.iter().any(|(name, ..)| name == fault);
            let (failed, warned) = (items(&out, "fails "), items(&out, "warning "));
            let (does_not_hold, nothing) = if advice { (warned, failed) } else { (failed, warned) };
            assert_eq!(does_not_hold, *expected, "{fault}: {out}{err}");
            assert_eq!(nothing, Vec::<String>::new(), "{fault}: {out}{err}");
            // With some of the scenarios not everything is judged; advice does not stand against a submission.
            assert_eq!(code, Some(if advice { 4 } else { 1 }), "{fault}: {out}");
            assert!(!out.contains("fails besides"), "{fault}: {out}");
            let text = std::fs::read_to_string(folder.path().join("oin.md")).unwrap();
            assert!(
                text.contains("How to fix: ") && text.contains("Reproduce: `orgtwin oin --manifest "),
                "{fault}"
            );
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(judge)).collect();
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn a_manifest_is_written_once_and_its_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("integration.toml").display().to_string();
    let reports = folder.path().join("reports").display().to_string();
    assert_eq!(run(&["oin", "init", &manifest]).code, Some(0));
    let Ran { code, err, .. } = run(&["oin", "init", &manifest]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("is there already"), "{err}");

    // Nothing is filled in, and there is no client.
    let Ran { code, out, .. } = run(&["oin", "--manifest", &manifest, "--report-dir", &reports]);
    assert_eq!(code, Some(1), "{out}");
    assert!(items(&out, "fails ").contains(&"OIN-060".to_owned()), "{out}");
    assert!(items(&out, "not judged yet ").contains(&"OIN-001".to_owned()), "{out}");

    std::fs::write(&manifest, "[integration]\nnmae = \"x\"\n").unwrap();
    let Ran { code, err, .. } = run(&["oin", "--manifest", &manifest, "--report-dir", &reports]);
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("integration.toml:2: unknown field `nmae`") && err.contains("did you mean name?"),
        "{err}"
    );
}

#[test]
fn a_sound_manifest_without_a_client_is_not_everything() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(path("../../examples/oin/integration.toml")).unwrap();
    let text = text.split("[client]").next().unwrap();
    let manifest = folder.path().join("integration.toml");
    std::fs::write(&manifest, text).unwrap();
    for name in ["logo.png", "guide.md"] {
        std::fs::copy(path(&format!("../../examples/oin/{name}")), folder.path().join(name)).unwrap();
    }
    let (manifest, reports) = (manifest.display().to_string(), folder.path().join("r").display().to_string());
    let Ran { code, out, err } = run(&["oin", "--manifest", &manifest, "--report-dir", &reports]);
    assert_eq!(code, Some(4), "{out}{err}");
    assert!(out.starts_with("Not everything could be judged: Acme Sync\n"), "{out}");
    assert_eq!(items(&out, "fails "), Vec::<String>::new());
}
