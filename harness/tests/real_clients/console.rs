//! The console in a browser: what a person clicks is seen to change the org.

use serde_json::Value;

use crate::browser::Chromium;
use crate::server::Server;

const PAGE: &str = "/_mock/console/default";

fn names<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    list.as_array().into_iter().flatten().filter_map(|item| item[member].as_str()).collect()
}

/// A new exchange appears while the page is open; opened, it says why.
#[test]
fn exchanges_appear_as_they_happen_and_say_why() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    let base = server.text("/base_url");
    chromium.go(&format!("{base}/_mock/"));
    chromium.until("#nothing");
    server.admin("GET", "/api/v1/users/nobody");
    chromium.until("#rows tr.refused[data-seq='1']");
    server.admin("GET", "/api/v1/users?limit=1");
    chromium.until("#rows tr.ok[data-seq='2']");
    for width in [1280, 390] {
        chromium.pictures("exchanges", width);
    }
    // By keyboard: down to the second line, and into it.
    chromium.presses("j", 74, "j");
    chromium.presses("j", 74, "j");
    chromium.until("tr[data-seq='1'] a:focus");
    chromium.presses("Enter", 13, "\r");
    chromium.until(".verdict.refused");
    chromium.pictures("exchange", 390);
    chromium.pictures("exchange", 1280);
    chromium.clicks("a[rel=next]");
    chromium.until(".verdict.ok");
}

/// The two switches that people look for, also without scripts: a scope is granted, a role is assigned, and both are
/// taken back.
#[test]
fn scopes_are_granted_and_roles_assigned() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    let base = server.text("/base_url");
    let app = server.client("service-without-role")["client_id"].as_str().unwrap().to_owned();
    let (grants, roles) = (format!("/api/v1/apps/{app}/grants"), format!("/oauth2/v1/clients/{app}/roles"));
    let granted =
        |server: &Server| names(&server.admin("GET", &grants), "scopeId").contains(&"okta.logs.read");
    let revoke = "button[aria-label='Revoke okta.logs.read']";
    for scripts_off in [false, true] {
        chromium.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": scripts_off }));
        chromium.go(&format!("{base}{PAGE}/apps"));
        chromium.clicks(&format!("a[href='{PAGE}/apps/{app}']"));
        chromium.clicks("#scope");
        assert!(!granted(&server));
        chromium.types("okta.logs.read");
        chromium.presses("Enter", 13, "\r");
        chromium.until(revoke);
        assert!(granted(&server));
        chromium.clicks("form[action$='/roles'] button");
        chromium.until("form[action$='/unassign']");
        assert_eq!(names(&server.admin("GET", &roles), "type").len(), 1);
        chromium.pictures("app", 1280);
        chromium.pictures("app", 390);
        chromium.clicks(revoke);
        chromium.until(&format!("main:not(:has({revoke}))"));
        chromium.clicks("form[action$='/unassign'] button");
        chromium.until("main:not(:has(form[action$='/unassign']))");
        assert_eq!(names(&server.admin("GET", &roles), "type"), [""; 0]);
        assert!(!granted(&server));
    }
    // A scope that is none is refused in words.
    chromium.clicks("#scope");
    chromium.types("okta.nothing.read");
    chromium.presses("Enter", 13, "\r");
    chromium.until(".problem[role=alert]");
}

/// A user is found by name and suspended.
#[test]
fn a_user_is_suspended() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    chromium.go(&format!("{}{PAGE}/people", server.text("/base_url")));
    chromium.clicks("#q");
    chromium.types("ursula.user");
    chromium.presses("Enter", 13, "\r");
    chromium.until(".list tbody tr:only-child");
    chromium.clicks(".list tbody a");
    chromium.clicks("button[value=suspend]");
    chromium.until("button[value=unsuspend]");
    assert_eq!(server.admin("GET", "/api/v1/users/ursula.user@example.com")["status"], "SUSPENDED");
}

/// The clock stands, goes on and is moved; the org's answers follow.
#[test]
fn the_clock_is_stopped_and_moved() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    chromium.go(&format!("{}/_mock/", server.text("/base_url")));
    chromium.clicks("button[name=frozen][value=true]");
    chromium.until("button[name=frozen][value=false]");
    let clock = |server: &Server| server.control("GET", "clock", &Value::Null);
    let stopped = clock(&server);
    assert_eq!(stopped["frozen"], true);
    let hour = |at: &Value| -> i64 {
        let at: jiff::Timestamp = at["now"].as_str().unwrap().parse().unwrap();
        at.as_second() / 60
    };
    chromium.clicks("button[name=advance][value='3600']");
    chromium.until("button[name=frozen][value=false]");
    let moved = (0..200).map(|_| clock(&server)).find(|now| now["now"] != stopped["now"]).unwrap();
    assert_eq!(hour(&moved) - hour(&stopped), 60);
}

/// The next request of a client fails as the button says, and the one after that does not.
#[test]
fn a_fault_is_set_for_the_next_request() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    chromium.go(&format!("{}/_mock/", server.text("/base_url")));
    chromium.clicks("button[name=common][value=unavailable]");
    chromium.until("form[action$='/remove']");
    let ask = || server.ask("GET", "/.well-known/openid-configuration", &[], "");
    assert!(ask().starts_with("HTTP/1.1 503"), "the fault is not there");
    assert!(ask().starts_with("HTTP/1.1 200"), "the fault does not end");
    chromium.until("#rows tr .tag.fault");
}

/// A page of somebody else in the same browser cannot press the console's buttons.
#[test]
fn a_foreign_page_cannot_drive_the_org() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    let base = server.text("/base_url");
    let before = server.control("GET", "clock", &Value::Null)["frozen"].clone();
    chromium.go(&format!(
        "data:text/html,<form method=post action='{base}{PAGE}/clock'><button name=frozen value=true>x</button></form>"
    ));
    chromium.clicks("button");
    // The refusal is JSON, which Chromium shows in a `pre`.
    chromium.until("body > pre");
    assert_eq!(server.control("GET", "clock", &Value::Null)["frozen"], before);
}

/// A submission is installed, its secret shown once, a second one made, and all of it revoked; also without scripts.
#[test]
fn an_integration_is_installed_and_revoked() {
    let Some(mut chromium) = Chromium::start() else { return };
    let server = Server::start(&[]);
    let base = server.text("/base_url");
    let installed = |server: &Server| {
        names(&server.admin("GET", "/integrations/api/v1/api-services"), "type").contains(&"acme_watch")
    };
    for scripts_off in [false, true] {
        chromium.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": scripts_off }));
        chromium.go(&format!("{base}{PAGE}/integrations"));
        for width in [1280, 390] {
            chromium.pictures("integrations", width);
        }
        chromium.clicks("a[aria-label^='Install Acme Watch']");
        chromium.until("form input[name=version]");
        chromium.pictures("consent", 390);
        chromium.pictures("consent", 1280);
        assert!(!installed(&server));
        chromium.clicks("form[action*='/submissions/'] button");
        chromium.until("#secret");
        assert!(installed(&server));
        if !scripts_off {
            chromium.until("#secret + button");
        }
        for width in [1280, 390] {
            chromium.pictures("once", width);
        }
        chromium.clicks("a.primary");
        chromium.until("form[action$='/revoke']");
        chromium.until("main:not(:has(#secret))");
        chromium.clicks("form[action$='/secrets'] button");
        chromium.until("#secret");
        chromium.clicks("a.primary");
        chromium.until("main:not(:has(form[action$='/secrets']))");
        chromium.clicks("button[value=deactivate]");
        chromium.until("button[value=activate]");
        for width in [1280, 390] {
            chromium.pictures("integration", width);
        }
        chromium.clicks("button[value=delete]");
        chromium.until("form[action$='/secrets']");
        chromium.clicks("form[action$='/revoke'] button");
        chromium.until("a[aria-label^='Install Acme Watch']");
        assert!(!installed(&server));
    }
}
