//! The pages of the documentation that are made from features and fixtures are what those say, and their commands show it.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/ran.rs"]
mod ran;
mod support;

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use ran::{Ran, run};
use support::orgtwin;

fn shipped(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn the_pages_are_what_features_and_fixtures_say() {
    for (flag, file) in [("--pitfalls", "docs/pitfalls.md"), ("--errors", "docs/errors.md")] {
        let Ran { code, out, err } = run(&["explain", flag]);
        assert_eq!(code, Some(0), "{err}");
        let there = shipped(file);
        let differs = there.lines().zip(out.lines()).find(|(there, made)| there != made);
        assert!(
            there == out,
            "{file} is older than what it is made from. Renew it: cargo run -- explain {flag} > {file}\n{differs:?}"
        );
    }
}

#[test]
fn a_pitfall_is_explained_by_its_id_and_by_a_piece_of_its_words() {
    for wanted in ["PIT-009", "expiration too far"] {
        let Ran { code, out, err } = run(&["explain", wanted]);
        assert_eq!(code, Some(0), "{err}");
        for words in [
            "PIT-009  \"The client_assertion token has an expiration too far into the future.\"\n",
            "\nsymptom    `401 invalid_client`",
            "\ncause      `exp` is more than an hour after the org's time",
            "\ncure       Let assertions live five minutes.",
            "\nseen       okta/okta-sdk-dotnet#489",
            "\nOKTA-ASSERTION-EXP (must, ",
            "reproduce  orgtwin test --scenario PIT-009",
            // The exchange is the scenario's own, and not that of its control.
            "example    what the built-in client did in PIT-009 just now",
            "POST /oauth2/v1/token → 401",
        ] {
            assert!(out.contains(words), "{wanted}, {words}: {out}");
        }
    }
    let Ran { code, out, .. } = run(&["explain", "invalid_client"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("PIT-008  ") && out.contains("PIT-010  "), "{out}");
    let Ran { code, err, .. } = run(&["explain", "a postcard"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no error of Okta's is known by these words"), "{err}");
    // An error that no pitfall tells of: what the catalogue and the table of what is reached say.
    let Ran { code, out, .. } = run(&["explain", "E0000014"]);
    assert_eq!(code, Some(0));
    for words in [
        "403 E0000014: Update of credentials failed\n",
        "when  the old password is wrong",
        "at    POST /api/v1/users/",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
}

/// An org as the page says, on a port of its own; stopped with the test.
struct Served(std::process::Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A pitfall's words: those of the title, or the first code of its symptom.
fn words(section: &str) -> String {
    let title = section.lines().find_map(|line| line.strip_prefix("### ")).unwrap();
    let symptom = section.lines().find_map(|line| line.strip_prefix("**Symptom.** ")).unwrap();
    let code = |text: &str| text.split('`').nth(1).map(ToOwned::to_owned);
    if title.starts_with('`') { code(title) } else { code(symptom) }.unwrap()
}

#[test]
fn every_command_of_the_page_shows_its_pitfall() {
    let mut server = orgtwin(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    // Kept: the server goes on to write.
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    let served = Served(server);
    let org = first.trim().rsplit(' ').next().unwrap();
    assert!(org.starts_with("http://127.0.0.1:"), "{first}");
    let page = shipped("docs/pitfalls.md");
    let oin = page.lines().find_map(|line| line.strip_prefix("export OIN=")).unwrap();
    let mut tried = 0;
    for section in page.split("<a id=\"pit-").skip(1) {
        let Some(command) = section.lines().find(|line| line.starts_with("curl ")) else { continue };
        let shell =
            Command::new("sh").args(["-c", command]).env("ORG", org).env("OIN", oin).output().unwrap();
        let shown = String::from_utf8_lossy(&shell.stdout).to_lowercase();
        let words = words(section);
        assert!(shown.contains(&words.to_lowercase()), "{command}\nshows no {words}:\n{shown}");
        tried += 1;
    }
    drop(served);
    assert!(tried >= 10, "{tried} commands");
}
