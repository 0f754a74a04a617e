//! Runs at a real org, for which a second process stands in: it is called over TLS by its own name, and what it saw is read
//! from its ledger afterwards, by the door that a real org does not have.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod stand_in;

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use stand_in::{API_TOKEN, SECRET, StandIn};

/// Neither reads nor tokens.
fn writes(seen: &[(String, String, u64)]) -> Vec<&(String, String, u64)> {
    let harmless = ["/oauth2/v1/token", "/oauth2/v1/revoke"];
    seen.iter().filter(|(method, path, _)| method != "GET" && !harmless.contains(&path.as_str())).collect()
}

fn count(seen: &[(String, String, u64)], wanted: &str) -> usize {
    seen.iter().filter(|(_, path, _)| path == wanted).count()
}

#[test]
fn a_run_reads_within_its_budget_and_leaves_nothing_behind() {
    let org = StandIn::start();
    let reports = org.folder.path().join("reports");
    let ran = org.test(&["--report-dir", &reports.display().to_string()]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("Conformant in part"), "{}", ran.out);
    let seen = org.seen();
    assert_eq!(writes(&seen), Vec::<&(String, String, u64)>::new());
    assert!(seen.len() <= 300 && seen.len() > 60, "{}", seen.len());
    assert!(ran.out.contains(&format!("{} requests were made of the org", seen.len())), "{}", ran.out);
    assert_eq!(count(&seen, "/oauth2/v1/token"), count(&seen, "/oauth2/v1/revoke"), "every token is revoked");
    assert_eq!(org.valid_tokens(), 0, "and none works any longer");

    let results = std::fs::read_to_string(reports.join("results.ndjson")).unwrap();
    let records: Vec<Value> = results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let witnesses: std::collections::BTreeSet<&str> =
        records.iter().filter_map(|record| record["witness"].as_str()).collect();
    assert_eq!(witnesses.into_iter().collect::<Vec<_>>(), ["client_says", "proxy"]);
    assert_eq!(records.iter().filter(|record| record["record"] == "scenario").count(), 27);
    let footer = records.last().unwrap();
    assert_eq!((footer["claim"].as_str(), footer["exit"].as_u64()), (Some("partial"), Some(0)));

    let key = std::fs::read_to_string(org.key("service")).unwrap();
    let line = key.lines().nth(1).unwrap().to_owned();
    let mut secrets = org.tokens();
    assert!(secrets.len() > 20);
    secrets.extend([SECRET.to_owned(), API_TOKEN.to_owned(), line]);
    for file in std::fs::read_dir(&reports).unwrap() {
        let path = file.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let leak = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(leak, None, "{}", path.display());
    }
    let said = format!("{}{}", ran.out, ran.err);
    assert!(secrets.iter().all(|secret| !said.contains(secret.as_str())));
}

/// Whose org it is: its host, ids, people.
const OWN: [&str; 9] = [
    "localhost",
    "0oaRealServiceApp001",
    "0oaRealIntegration01",
    "00uTheMember00000001",
    "00uTheHelper00000001",
    "00uadmin000000000000",
    "00gTheSupportTeam001",
    "ember@acme.example",
    "ember%40acme.example",
];

#[test]
fn reports_tell_nobody_whose_org_it_is() {
    let org = StandIn::start();
    let reports = org.folder.path().join("reports");
    let folder = reports.display().to_string();
    // One scenario of them does not hold: what failed is shown with its exchange.
    let fault = json!({ "match": { "path": "/api/v1/apps" }, "fault": { "drop_headers": ["link"] } });
    org.control("POST", "/faults", &fault);
    let ran = org.test(&["--report-dir", &folder, "-vv"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let results = std::fs::read_to_string(reports.join("results.ndjson")).unwrap();
    for word in
        ["https://org-1.example:", "/api/v1/users/user-", "app-3 by private_key_jwt", "mail-", "group-"]
    {
        assert!(results.contains(word), "{word}");
    }
    // Ids that the suite brings are nobody's.
    assert!(results.contains("GET /api/v1/users/00unobody00000000000"));
    for own in OWN {
        assert!(!ran.out.contains(own), "{own}: {}", ran.out);
    }
    let files: Vec<_> = std::fs::read_dir(&reports).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 7, "{files:?}");
    for path in files {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        // The page of Cucumber brings a script that knows this machine's name.
        let host = if path.ends_with("cucumber.html") { 1 } else { 0 };
        let leak = OWN.iter().skip(host).find(|own| text.contains(**own));
        assert_eq!(leak, None, "{}", path.display());
    }
    let revealed = ["--report-dir", &folder, "--reveal-org", "--scenario", "ERR-001"];
    assert_eq!(org.test(&revealed).code, Some(0));
    let results = std::fs::read_to_string(reports.join("results.ndjson")).unwrap();
    assert!(results.contains("00uTheMember00000001") && results.contains("the real org https://localhost:"));
}

#[test]
fn each_gate_is_closed_until_it_is_opened() {
    let org = StandIn::start();
    let list = org.file("allowed.txt", "acme.okta.com\n");
    let open = org.file("open.txt", "# ours\nlocalhost\n");
    let org_toml = org.config();
    let target = org.target.clone();
    let ca = org.ca();
    let base = ["test", "--target", &target, "--target-ca", &ca];
    let good = ["--confirm-org", "localhost", "--org-config", &org_toml];
    let in_ci = [("CI", "true")];
    let table: Vec<(Vec<&str>, &[(&str, &str)], &str)> = vec![
        (vec!["--org-config", &org_toml], &[], "--confirm-org: type the target's host, localhost"),
        (vec!["--confirm-org", "LOCALHOST", "--org-config", &org_toml], &[], "--confirm-org: type"),
        ([&good[..], &["--allow-list", &list]].concat(), &[], "--allow-list: localhost is not on it"),
        (good.to_vec(), &in_ci, "CONFORMANCE_REAL: set it to 1"),
        (vec!["--confirm-org", "localhost"], &[], "--org-config: name the file"),
        ([&good[..], &["--journal", "x"]].concat(), &[], "--allow-writes"),
    ];
    for (more, env, words) in table {
        let ran = org.run(&[&base[..], &more].concat(), env);
        assert_eq!(ran.code, Some(2), "{more:?} {}{}", ran.out, ran.err);
        assert!(ran.err.contains(words), "{more:?}: {}", ran.err);
    }
    let admin = ["test", "--target", "https://acme-admin.okta.com", "--confirm-org", "acme-admin.okta.com"];
    let ran = org.run(&admin, &[]);
    assert!(ran.code == Some(2) && ran.err.contains("without -admin"), "{}", ran.err);
    let twin = ["test", "--confirm-org", "localhost", "--list"];
    assert!(org.run(&twin, &[]).err.contains("--confirm-org is about a real org"));

    let plan = org.run(&[&base[..], &good, &["--plan", "--allow-list", &open]].concat(), &[]);
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    assert!(
        plan.out.contains("Nothing was asked.") && plan.out.contains("0oaRealServiceApp001"),
        "{}",
        plan.out
    );
    assert_eq!(org.seen(), [], "no gate was passed");

    let meant = [("CI", "true"), ("CONFORMANCE_REAL", "1")];
    let one = ["--scenario", "TOK-001", "--allow-list", &open];
    let ran = org.run(&[&base[..], &good, &one].concat(), &meant);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

#[test]
fn the_budget_is_kept_and_a_429_is_the_end() {
    let org = StandIn::start();
    let ran = org.test(&["--max-requests", "25"]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("--max-requests: ") && ran.out.contains("Ended before its end"), "{}", ran.out);
    let seen = org.seen();
    assert!(seen.len() <= 25 && seen.len() > 20, "{}", seen.len());
    assert_eq!(
        count(&seen, "/oauth2/v1/token"),
        count(&seen, "/oauth2/v1/revoke"),
        "tidying up is within it"
    );

    let org = StandIn::start();
    org.control(
        "POST",
        "/faults",
        &json!({
            "match": { "method": "GET", "path": "/api/v1/apps", "nth": 1 },
            "fault": { "rate_limited": { "kind": "minute", "reset_in_seconds": 30 } },
        }),
    );
    let ran = org.test(&[]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("the org answered 429: nothing more is asked"), "{}", ran.out);
    let seen = org.seen();
    assert_eq!(seen.last().map(|(_, _, status)| *status), Some(429), "not even a token is revoked after it");

    let org = StandIn::start();
    org.control(
        "PUT",
        "/rate-limits",
        &json!({ "buckets": { "/api/v1/groups": { "limit": 5, "window_seconds": 60 } } }),
    );
    let ran = org.test(&[]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    assert!(format!("{}{}", ran.out, ran.err).contains("less than half"), "{}{}", ran.out, ran.err);
    let seen = org.seen();
    assert!(
        seen.iter().all(|(.., status)| *status != 429) && count(&seen, "/api/v1/groups") == 3,
        "{seen:?}"
    );
}

#[test]
fn what_is_missing_in_the_org_is_named_before_the_first_scenario() {
    for (from, to, words) in [
        ("\"admin_roles\": [\"READ_ONLY_ADMIN\"]", "\"admin_roles\": []", "without an admin role"),
        ("\"kid\": \"k1\"", "\"kid\": \"other\"", "set it ACTIVE"),
        ("\"grants\": [\"okta.users.read\", ", "\"grants\": [", "the scopes okta.users.read are not granted"),
        ("\"label\": \"Client under test\"", "\"dpop\": true", "Demonstrating Proof of Possession"),
        ("[\"m.ember@acme.example\", ", "[", "groups.Support: its members are not exactly"),
    ] {
        let org = StandIn::unlike(from, to);
        let ran = org.test(&[]);
        assert_eq!(ran.code, Some(2), "{to} {}{}", ran.out, ran.err);
        assert!(ran.err.contains(words), "{to}: {}", ran.err);
        let seen = org.seen();
        assert!(seen.len() < 16 && writes(&seen).is_empty(), "{}", seen.len());
        assert_eq!(org.valid_tokens(), 0);
    }
}

#[test]
fn writes_are_journaled_marked_and_undone() {
    let org = StandIn::start();
    let journal = org.folder.path().join("journal").display().to_string();
    let ran = org.test(&["--allow-writes", "--journal", &journal]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("pass       GRP-004"), "{}", ran.out);
    let text = std::fs::read_to_string(&journal).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |entry: &str| lines.iter().filter(|line| line["entry"] == entry).count();
    assert_eq!((of("intent"), of("made"), of("gone")), (5, 5, 5), "{text}");
    let names = lines.iter().filter_map(|line| line["name"].as_str());
    assert!(names.clone().all(|name| name.starts_with("conf-")), "{text}");
    assert_eq!(org.marked(), Vec::<String>::new());
    // Everything that was written to is in the journal.
    let ids: Vec<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    let seen = org.seen();
    for (method, path, _) in writes(&seen) {
        let creates = method == "POST" && ["/api/v1/groups", "/api/v1/users"].contains(&path.as_str());
        assert!(creates || ids.iter().any(|id| path.contains(id)), "{method} {path}");
    }

    // Somebody else's lock.
    org.create_group("conf-lock");
    let ran = org.test(&["--allow-writes", "--journal", &format!("{journal}-2")]);
    assert!(ran.code == Some(2) && ran.err.contains("another run writes there"), "{}", ran.err);
    assert_eq!(org.marked(), ["conf-lock"], "which stays");
}

#[test]
fn what_a_killed_run_has_left_is_found_by_its_journal() {
    let org = StandIn::start();
    let journal = org.folder.path().join("journal");
    org.control(
        "POST",
        "/faults",
        &json!({
            "match": { "method": "POST", "path": "/api/v1/groups", "nth": 2 }, "fault": { "delay_ms": 1500 },
        }),
    );
    let at = journal.display().to_string();
    let more = ["--allow-writes", "--journal", &at, "--tags", "@real:write"];
    let mut child = org.command(&more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait(|| intents(&journal) >= 2);
    child.kill().unwrap();
    child.wait().unwrap();
    // The org may still be about to make what it was asked for.
    std::thread::sleep(Duration::from_secs(2));
    assert!(org.marked().iter().any(|name| name == "conf-lock"), "{:?}", org.marked());
    for _ in 0..2 {
        let ran = org.cleanup(&at);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert_eq!(org.marked(), Vec::<String>::new());
    }
    let again = org.cleanup(&at);
    assert!(again.out.contains("0 deleted, 0 still there"), "{}", again.out);
}

#[test]
fn an_adapter_is_led_through_the_proxy() {
    let adapters =
        [("python3", "python/adapter.py"), ("node", "node/adapter.mjs"), ("bash", "bash/adapter.sh")];
    for (program, path) in adapters {
        // What the adapter in bash is made of besides.
        let needs = if program == "bash" { "jq" } else { program };
        if std::process::Command::new(needs).arg("--version").output().is_err() {
            continue;
        }
        let org = StandIn::start();
        let path = format!("{}/examples/adapters/{path}", env!("CARGO_MANIFEST_DIR"));
        let ran = org.test(&["--client", "stdio", "--", program, &path]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("27 passed"), "{}", ran.out);
    }
}

/// The example in Python, which makes a group whenever it is to read something.
const MEDDLER: &str = r#"
import sys
sys.path.insert(0, sys.argv[1])
import adapter
call = adapter.Client.call
def meddle(self, method, url, body=None):
    try:
        call(self, "POST", self.config["org_url"] + "/api/v1/groups", {"profile": {"name": "meddler"}})
    except adapter.Refused:
        pass
    return call(self, method, url, body)
adapter.Client.call = meddle
adapter.main()
"#;

#[test]
fn a_client_that_writes_unasked_does_not_get_through() {
    let org = StandIn::start();
    let meddler = org.file("meddler.py", MEDDLER);
    let folder = format!("{}/examples/adapters/python", env!("CARGO_MANIFEST_DIR"));
    let client = ["--client", "stdio", "--", "python3", "-B", &meddler, &folder];
    let ran = org.test(&[&["--scenario", "ERR-001"], &client[..]].concat());
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("POST /api/v1/groups would write, and the run may only read"), "{}", ran.out);
    let seen = org.seen();
    assert!(writes(&seen).is_empty() && count(&seen, "/api/v1/users/00uTheMember00000001") > 0, "{seen:?}");

    // Where it may write, it may not make what nobody could tidy up.
    let journal = org.folder.path().join("journal").display().to_string();
    let more = ["--allow-writes", "--journal", &journal, "--scenario", "ERR-001"];
    let ran = org.test(&[&more[..], &client].concat());
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("whose name does not begin with conf-"), "{}", ran.out);
    let seen = org.seen();
    assert_eq!(writes(&seen).iter().filter(|(method, ..)| method == "POST").count(), 1, "the lock: {seen:?}");
    assert_eq!(org.marked(), Vec::<String>::new());
}

#[test]
fn a_client_that_goes_around_the_proxy_shows_little() {
    let org = StandIn::start();
    let adapter = org.file(
        "around.py",
        "import json, sys\n\
         for line in sys.stdin:\n\
         \x20   r = json.loads(line)\n\
         \x20   a = {'outcome': 'ok'}\n\
         \x20   if r['op'] == 'hello':\n\
         \x20       a = {'protocol': 1, 'client': {'name': 'around'}, 'capabilities': ['auth.private_key_jwt']}\n\
         \x20   if r['op'] == 'get_token':\n\
         \x20       a = {'outcome': 'ok', 'token_type': 'Bearer', 'expires_in': 3600, 'scope': ['okta.users.read']}\n\
         \x20   print(json.dumps({'id': r['id'], **a}), flush=True)\n\
         \x20   if r['op'] == 'bye': break\n",
    );
    let ran = org.test(&[
        "--scenario",
        "TOK-005",
        "--scenario",
        "ASR-001",
        "--client",
        "stdio",
        "--",
        "python3",
        &adapter,
    ]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("nobody but the client saw that a must holds in TOK-005"), "{}", ran.out);
    assert!(ran.out.contains("1 passed, 1 not applicable"), "{}", ran.out);
}

/// The example in Python, which takes no proxy and trusts the org's own authority.
const LONER: &str = r#"
import sys
sys.path.insert(0, sys.argv[1])
import adapter
init = adapter.Client.__init__
def alone(self, config):
    init(self, {**config, "proxy": None, "ca_pem": open(sys.argv[2]).read()})
adapter.Client.__init__ = alone
adapter.main()
"#;

/// The scenarios that nobody but the client saw hold.
fn unwitnessed(out: &str) -> Vec<&str> {
    let line =
        out.lines().find_map(|line| line.split_once("nobody but the client saw that a must holds in "));
    let mut ids: Vec<&str> = line.map(|(_, ids)| ids.split(", ").collect()).unwrap_or_default();
    ids.sort_unstable();
    ids
}

#[test]
fn the_system_log_tells_of_a_client_that_goes_around_the_proxy() {
    let org = StandIn::start();
    let (loner, ca, reports) = (org.file("loner.py", LONER), org.ca(), org.folder.path().join("reports"));
    let (folder, at) =
        (format!("{}/examples/adapters/python", env!("CARGO_MANIFEST_DIR")), reports.display().to_string());
    let client = ["--client", "stdio", "--", "python3", "-B", &loner, &folder, &ca];
    let chosen = ["TOK-001", "TOK-004", "TOK-005", "ASR-001", "ERR-001", "MIS-002"];
    let scenarios: Vec<&str> = chosen.iter().flat_map(|id| ["--scenario", id]).collect();
    // It is written a little later than what it tells of.
    org.control(
        "POST",
        "/faults",
        &json!({ "match": { "path": "/api/v1/logs", "times": 2 }, "fault": { "body": [] } }),
    );
    let ran = org.test(&[&["--report-dir", &at], &scenarios[..], &client].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("Conformant in part"), "{}", ran.out);
    let results = std::fs::read_to_string(reports.join("results.ndjson")).unwrap();
    let records: Vec<Value> = results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let checks = records.iter().filter(|record| record["record"] == "check");
    let told = checks.filter(|check| check["witness"] == "syslog");
    let told: Vec<(&str, &str)> =
        told.map(|check| (check["id"].as_str().unwrap(), check["verdict"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("ASR-001:token-issued", "pass"),
            ("TOK-001:token-issued", "pass"),
            ("TOK-001:authenticates-as-configured", "pass"),
            ("TOK-004:scopes-asked-for", "pass"),
            ("TOK-004:issued-scopes", "pass"),
            ("TOK-005:token-issued", "pass"),
        ]
    );
    assert!(std::fs::read_to_string(reports.join("junit.xml")).unwrap().contains("value=\"syslog\""));
    // What no log tells of is as it was.
    assert_eq!(unwitnessed(&ran.out), ["ERR-001"]);
    assert!(!ran.out.contains("System Log was not read"), "{}", ran.out);

    // A log that may not be read is told of, and fails nothing.
    org.control(
        "POST",
        "/faults",
        &json!({ "match": { "path": "/api/v1/logs" }, "fault": { "error": "E0000006" } }),
    );
    let ran = org.test(&[&scenarios[..], &client].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("the org's System Log was not read: the org answered 403"), "{}", ran.out);
    assert_eq!(unwitnessed(&ran.out), ["ERR-001", "TOK-005"]);
    let asked =
        org.seen().iter().filter(|(_, path, status)| path == "/api/v1/logs" && *status == 403).count();
    assert_eq!(asked, 1, "once is enough");
}

#[test]
fn what_a_killed_parity_has_left_is_found_by_its_journal() {
    // Killed when the app is there and its id is known, and when it is not.
    for (path, lines) in [("/api/v1/apps/*/grants", 3), ("/api/v1/apps", 2)] {
        let org = StandIn::start();
        let journal = org.folder.path().join("parity.journal");
        let rule = json!({ "method": "POST", "path": path, "times": 1 });
        let slow = json!({ "match": rule, "fault": { "delay_ms": 60000 } });
        org.control("POST", "/faults", &slow);
        let at = journal.display().to_string();
        let arguments = ["--observation", "WRITE-GRANT", "--allow-writes", "--journal", &at];
        let mut child = org.parity(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let written = || std::fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
        wait(|| written() >= lines && org.apps().iter().any(|label| label.starts_with("conf-")));
        child.kill().unwrap();
        child.wait().unwrap();
        for _ in 0..2 {
            let ran = org.cleanup(&at);
            assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
            assert!(!org.apps().iter().any(|label| label.starts_with("conf-")), "{:?}", org.apps());
        }
        assert_eq!(org.apps().len(), 5, "nothing else is gone: {:?}", org.apps());
    }
}

fn intents(journal: &Path) -> usize {
    std::fs::read_to_string(journal).map_or(0, |text| text.matches("\"intent\"").count())
}

fn wait(until: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !until() {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come to that");
        std::thread::sleep(Duration::from_millis(5));
    }
}
