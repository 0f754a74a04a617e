//! `orgtwin probe` and `orgtwin parity` against a second orgtwin that does not know what it is used for: over TLS, without a
//! control API, with a dialect that is the default one in nothing.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/ran.rs"]
#[expect(dead_code, reason = "shared with tests that name no environment")]
mod ran;
mod support;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use ran::{Ran, ran};
use serde_json::Value;
use support::orgtwin;

/// The switches of a dialect as an org file has them.
type Switches = Vec<(String, String)>;

fn fixture(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Every switch, set to a value that is not the default.
fn every_switch_moved() -> Switches {
    let table: toml::Table = toml::from_str(&fixture("dialects.toml")).unwrap();
    let moved = |row: &toml::Value| {
        let (name, default) = (row["name"].as_str().unwrap(), row["default"].as_str().unwrap());
        let values = row["values"].as_array().unwrap().iter();
        let value = values.map(|value| value.as_str().unwrap()).find(|value| *value != default).unwrap();
        (name.to_owned(), value.to_owned())
    };
    table["switch"].as_array().unwrap().iter().map(moved).collect()
}

/// Everybody that docs/parity.md speaks of, and this dialect.
fn org_file(switches: &Switches) -> String {
    let (head, rest) = fixture("parity/twin.toml")
        .split_once("[[users]]")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let mut dialect = "[dialect]\n".to_owned();
    for (name, value) in switches {
        writeln!(dialect, "{name} = {value:?}").unwrap();
    }
    format!("{head}{dialect}\n[[users]]{rest}")
}

/// A second process in the place of a real org.
struct StandIn {
    child: Child,
    ready: Value,
    folder: tempfile::TempDir,
}

impl StandIn {
    fn start(org: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, ready) = (folder.path().join("org.toml"), folder.path().join("ready.json"));
        fs::write(&file, org).unwrap();
        let mut child = orgtwin(&[
            "serve",
            "--no-control",
            "--listen",
            "127.0.0.1:0",
            "--tls-listen",
            "127.0.0.1:0",
            "--org",
        ])
        .arg(&file)
        .arg("--ready-file")
        .arg(&ready)
        .stdout(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
        let text = (0..3000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            assert!(child.try_wait().unwrap().is_none(), "the server ended");
            fs::read_to_string(&ready).ok()
        });
        let ready = serde_json::from_str(&text.unwrap()).unwrap();
        let stand_in = Self { child, ready, folder };
        fs::write(stand_in.path("mine.toml"), stand_in.config()).unwrap();
        stand_in
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As a person writes them who has set up the org.
    fn config(&self) -> String {
        let list = |name: &str| self.ready[name].as_array().unwrap().iter();
        let secret = |name: &str, value: &Value| fs::write(self.path(name), value.as_str().unwrap()).unwrap();
        for token in list("api_tokens") {
            secret(&format!("{}.token", token["name"].as_str().unwrap()), &token["token"]);
        }
        let mut text = "[harness]\napi_token_file = \"admin.token\"\n".to_owned();
        text.push_str("role_less_api_token_file = \"nobody.token\"\n");
        text.push_str("[custom]\nserver = \"default\"\nscope = \"twin.read\"\n");
        for client in list("clients") {
            let name = client["name"].as_str().unwrap();
            writeln!(text, "[apps.{name}]\nclient_id = {}", client["client_id"]).unwrap();
            for member in ["private_key_file", "kid"] {
                if let Some(value) = client.get(member) {
                    writeln!(text, "{member} = {value}").unwrap();
                }
            }
            if let Some(value) = client.get("client_secret") {
                secret(&format!("{name}.secret"), value);
                writeln!(text, "client_secret_file = \"{name}.secret\"").unwrap();
            }
            match name {
                "web" => text.push_str("redirect_uri = \"http://localhost:8090/callback\"\n"),
                "public" => text.push_str("redirect_uri = \"http://localhost:8090/native\"\n"),
                "dpop" => text.push_str("redirect_uri = \"http://localhost:8090/bound\"\n"),
                _ => text.push_str("scopes = [\"okta.users.read\"]\n"),
            }
        }
        text
    }

    fn secrets(&self) -> Vec<&str> {
        let of = |list: &str, member: &str| {
            let entries = self.ready[list].as_array().unwrap().iter();
            entries.filter_map(|entry| entry[member].as_str()).collect::<Vec<_>>()
        };
        let ready = [of("api_tokens", "token"), of("clients", "client_secret")].concat();
        assert!(ready.len() >= 3, "{}", self.ready);
        ready
    }

    /// The client ids.
    fn ids(&self) -> Vec<String> {
        let clients = self.ready["clients"].as_array().unwrap().iter();
        clients.map(|client| client["client_id"].as_str().unwrap().to_owned()).collect()
    }

    /// `orgtwin probe` or `parity`, meant for this org.
    fn run(&self, command: &str, more: &[&str]) -> Ran {
        let url = self.ready["tls_base_url"].as_str().unwrap();
        let mut command = orgtwin(&[command, "--target", url, "--confirm-org", "127.0.0.1"]);
        command.env("CONFORMANCE_REAL", "1").arg("--target-ca").arg(self.ready["ca_file"].as_str().unwrap());
        // Where journals are written.
        command.current_dir(self.folder.path());
        ran(command.args(more).output().unwrap())
    }

    fn run_with_credentials(&self, command: &str, more: &[&str]) -> Ran {
        self.run(command, &[&["--org-config", "mine.toml"], more].concat())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The switches of a file that was written.
fn switches(file: &Path) -> Switches {
    let table: toml::Table = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let switches = table["dialect"].as_table().unwrap();
    switches.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

#[test]
fn what_the_probe_writes_makes_a_twin_that_cannot_be_told_from_the_org() {
    let moved = every_switch_moved();
    let asked = StandIn::start(&org_file(&moved));
    let file = asked.path("probed.toml");
    let probed = asked.run_with_credentials("probe", &["--allow-writes", "--out", file.to_str().unwrap()]);
    assert_eq!(probed.code, Some(0), "{}{}", probed.out, probed.err);
    let found = switches(&file);
    // An org that gives no tokens for client credentials shows nothing of what needs one.
    let hidden = ["public_client_app_admins"];
    let expected: Switches =
        moved.iter().filter(|(name, _)| !hidden.contains(&name.as_str())).cloned().collect();
    for (name, value) in &expected {
        assert!(
            found.contains(&(name.clone(), value.clone())),
            "{name}:\n{}",
            fs::read_to_string(&file).unwrap()
        );
    }
    assert_eq!(found.len(), expected.len(), "{}", fs::read_to_string(&file).unwrap());
    assert!(fs::read_to_string(&file).unwrap().contains("# public_client_app_admins = \"off\""));

    let dialect = file.display().to_string();
    // Another org of the same kind: in the first one devices wait for their users for ten minutes.
    let org = StandIn::start(&org_file(&moved));
    let same = org.run_with_credentials("parity", &["--allow-writes", "--dialect", &dialect]);
    assert_eq!((same.code, same.err.as_str()), (Some(0), ""), "{}", same.out);
    assert!(same.out.ends_with("no difference\n"), "{}", same.out);

    // The file is one that `serve` takes.
    let twin = StandIn::start(&org_file(&found));
    let again = twin.path("again.toml");
    let _ = twin.run_with_credentials("probe", &["--allow-writes", "--out", again.to_str().unwrap()]);
    assert_eq!(switches(&again), found);
    let served =
        orgtwin(&["serve", "--listen", "127.0.0.1:0", "--org", &dialect, "--ready-file", "/dev/null/none"])
            .output()
            .unwrap();
    let err = String::from_utf8(served.stderr).unwrap();
    assert!(err.contains("--ready-file") && !err.contains("--org"), "{err}");
}

#[test]
fn every_difference_of_an_org_is_told_and_explained() {
    let moved = every_switch_moved();
    let org = StandIn::start(&org_file(&moved));
    let reports = org.path("reports").display().to_string();
    let differs = org.run_with_credentials("parity", &["--allow-writes", "--report-dir", &reports, "--json"]);
    assert_eq!(differs.code, Some(1), "{}{}", differs.out, differs.err);
    let report: Value = serde_json::from_str(&differs.out).unwrap();
    let named: Switches = report["dialect"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    for (name, value) in moved.iter().filter(|(name, _)| name != "public_client_app_admins") {
        assert!(named.contains(&(name.clone(), value.clone())), "{name}: {named:?}");
    }
    let unexplained: Vec<_> = report["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["explained_by"].as_array().unwrap().is_empty())
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let (markdown, json) = (
        fs::read_to_string(org.path("reports/parity.md")).unwrap(),
        fs::read_to_string(org.path("reports/parity.json")).unwrap(),
    );
    assert_eq!(json, differs.out);
    assert!(markdown.contains("| TOKEN-UNKNOWN-CLIENT-FORM | POST /oauth2/v1/token | status | 400 | 401 | unknown_client_body = \"401\" |"), "{markdown}");
    for secret in org.secrets() {
        assert!(!markdown.contains(secret) && !json.contains(secret), "{secret}");
    }
    // Nor whose org it is.
    let port = org.ready["tls_base_url"].as_str().unwrap().rsplit_once(':').unwrap().1;
    assert!(markdown.starts_with(&format!("## Parity with org-1.example:{port}\n")), "{markdown}");
    for own in org.ids().iter().map(String::as_str).chain(["127.0.0.1"]) {
        assert!(!markdown.contains(own) && !json.contains(own), "{own}");
    }
    let revealed = org.run("parity", &["--observation", "META-OAUTH", "--reveal-org"]);
    assert!(revealed.out.contains("made of 127.0.0.1:"), "{}{}", revealed.out, revealed.err);

    // What was made was written down before, and is gone.
    let journals = fs::read_dir(org.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let journal =
        journals.into_iter().find(|path| path.extension().is_some_and(|end| end == "journal")).unwrap();
    let lines = fs::read_to_string(journal).unwrap();
    let entries: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&str> = entries.iter().map(|line| line["entry"].as_str().unwrap()).collect();
    assert_eq!(told, ["run", "intent", "made", "gone"], "{lines}");
    assert_eq!(entries[1]["kind"], "app");
}

#[test]
fn what_is_not_meant_is_not_asked() {
    let org = StandIn::start(&org_file(&Vec::new()));
    // Nothing that needs somebody is asked without credentials, and nothing that writes unless it is allowed.
    let anybody = org.run("parity", &[]);
    assert_eq!(anybody.code, Some(0), "{}{}", anybody.out, anybody.err);
    for words in [
        "API-ME: needs harness.api_token_env in the file of --org-config",
        "SERVICE-TOKEN: needs [apps.service-app]",
        "WRITE-GRANT: needs --allow-writes",
    ] {
        assert!(anybody.out.contains(words), "{words}\n{}", anybody.out);
    }
    let asked = org.run("probe", &[]);
    assert_eq!(asked.code, Some(0), "{}", asked.out);
    assert!(asked.out.contains("unknown_client_body = \"400\""), "{}", asked.out);
    assert!(
        asked.out.contains("# Not found out. WRITE-GRANT: needs --allow-writes\n# new_grant = \"200\""),
        "{}",
        asked.out
    );
    // The budget ends the questions, and what was answered stays.
    for (command, words) in
        [("probe", "# Stopped: --max-requests: 1"), ("parity", "stopped: --max-requests: 1")]
    {
        let stopped = org.run(command, &["--max-requests", "1"]);
        assert_eq!(stopped.code, Some(4), "{}", stopped.out);
        assert!(stopped.out.contains(words), "{}", stopped.out);
    }
    // There is one form of the file, and one flag.
    let old = org.run("parity", &["--credentials", "old.toml"]);
    assert_eq!(old.code, Some(2), "{}", old.out);
    assert!(
        old.err.contains("--credentials old.toml: there is one file for every command now, --org-config"),
        "{}",
        old.err
    );
    fs::write(org.path("old.toml"), "api_token = \"00secret\"\n[service]\nclient_id = \"0oa1\"\n").unwrap();
    let old = org.run("probe", &["--org-config", "old.toml"]);
    assert!(
        old.code == Some(2) && old.err.contains("`orgtwin real init` writes the one of today"),
        "{}",
        old.err
    );
    assert!(!old.err.contains("00secret"), "{}", old.err);
    // A plan calls nobody, and closed gates let nobody through.
    for command in ["probe", "parity"] {
        let plan = orgtwin(&[command, "--target", "https://acme.okta.com", "--plan"]).output().unwrap();
        let plan = ran(plan);
        assert_eq!(plan.code, Some(0), "{}", plan.err);
        assert!(plan.out.contains("POST /api/v1/apps/{own_app}/grants"), "{}", plan.out);
        for (arguments, words) in [
            (
                &["--target", "https://acme.okta.com"][..],
                "--confirm-org: type the target's host, acme.okta.com",
            ),
            (
                &["--target", "https://acme-admin.okta.com", "--confirm-org", "acme-admin.okta.com"][..],
                "-admin",
            ),
            (&["--target", "http://acme.okta.com"][..], "--target http://acme.okta.com"),
        ] {
            let Ran { code, err, .. } =
                ran(orgtwin(&[command]).args(arguments).env("CONFORMANCE_REAL", "1").output().unwrap());
            assert_eq!(code, Some(2), "{err}");
            assert!(err.contains(words), "{err}");
        }
    }
    // Nothing is left to be seen of the twin that it is.
    let health = ran(orgtwin(&["health", org.ready["base_url"].as_str().unwrap()]).output().unwrap());
    assert_eq!(health.code, Some(3), "{}", health.out);
    assert!(health.err.contains("404"), "{}", health.err);
    assert!(org.ready.get("control_url").is_none(), "{}", org.ready);
}
