//! What is kept over a restart, and folders that cannot be used.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::served::{Caller, Served, orgtwin};

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("data");
    (outer, inner)
}

fn named(admin: &Caller) -> Vec<String> {
    let (status, groups) = admin.call("GET", "/api/v1/groups?q=kept", "");
    assert_eq!(status, 200);
    groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["profile"]["name"].as_str().unwrap().to_owned())
        .collect()
}

fn make(admin: &Caller, name: &str) {
    let body = json!({ "profile": { "name": name } }).to_string();
    assert_eq!(admin.call("POST", "/api/v1/groups", &body).0, 200);
}

#[test]
fn orgs_come_back_with_names_ports_clocks_keys_and_snapshots() {
    let (_outer, folder) = folder();
    let served = Served::start(&folder, &[]);
    let admin = served.admin();
    let (status, other) = admin.call("POST", "/_mock/orgs", r#"{"name":"other","max_page":2}"#);
    assert_eq!(status, 201, "{other}");
    let (status, gone) = admin.call("POST", "/_mock/orgs", r#"{"name":"gone"}"#);
    assert_eq!(status, 201, "{gone}");
    let other = Caller::admin(&other);
    make(&admin, "kept one");
    make(&other, "kept other");
    assert_eq!(admin.call("POST", "/_mock/orgs/default/snapshot", "").1, json!({ "id": "snap-1" }));
    make(&admin, "kept two");
    assert_eq!(
        admin.call("PUT", "/_mock/orgs/default/clock", r#"{"now":"2031-01-01T00:00:00Z","frozen":true}"#).0,
        200
    );
    assert_eq!(admin.call("POST", "/_mock/orgs/default/rotate-keys", "").0, 200);
    let keys = |admin: &Caller| admin.call("GET", "/oauth2/v1/keys", "").1;
    let events =
        |admin: &Caller| admin.call("GET", "/api/v1/logs?since=2031-01-01T00:00:00Z&limit=100", "").1;
    make(&admin, "kept three");
    let (keys_before, events_before) = (keys(&admin), events(&admin));
    assert!(!events_before.as_array().unwrap().is_empty());
    assert_eq!(admin.call("DELETE", "/_mock/orgs/gone", "").0, 204);
    let orgs = admin.call("GET", "/_mock/orgs", "").1;
    served.end();

    let served = Served::start(&folder, &["--seed", "1"]);
    let admin = served.admin();
    let again = admin.call("GET", "/_mock/orgs", "").1;
    let names =
        |orgs: &Value| orgs.as_array().unwrap().iter().map(|org| org["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&again), ["default", "other"]);
    assert_eq!(again[1]["base_url"], orgs[1]["base_url"], "the port that it had");
    assert_eq!(named(&admin), ["kept one", "kept two", "kept three"]);
    let clock = admin.call("GET", "/_mock/orgs/default/clock", "").1;
    assert_eq!(clock, json!({ "now": "2031-01-01T00:00:00.000Z", "frozen": true }));
    assert_eq!(keys(&admin), keys_before);
    assert_eq!(events(&admin), events_before);
    assert_eq!(named(&other), ["kept other"]);
    assert_eq!(other.call("GET", "/api/v1/users", "").1.as_array().unwrap().len(), 2, "its page size");

    let restore =
        |id: &str| admin.call("POST", "/_mock/orgs/default/restore", &json!({ "id": id }).to_string());
    assert_eq!(restore("snap-2").0, 404);
    assert_eq!(restore("snap-1").0, 204);
    assert_eq!(named(&admin), ["kept one"]);
    make(&admin, "kept four");
    served.kill();

    let served = Served::start(&folder, &[]);
    let admin = served.admin();
    assert_eq!(named(&admin), ["kept one", "kept four"]);
    assert_eq!(admin.call("GET", "/_mock/orgs/default/snapshots", "").1[0]["id"], "snap-1");
    assert_eq!(admin.call("DELETE", "/_mock/orgs/default/snapshots/snap-1", "").0, 204);
    assert_eq!(admin.call("POST", "/_mock/orgs/default/reset", "").0, 204);
    served.kill();

    let served = Served::start(&folder, &[]);
    let admin = served.admin();
    assert_eq!(named(&admin), Vec::<String>::new());
    assert_eq!(admin.call("GET", "/_mock/orgs/default/snapshots", "").1, json!([]));
    assert_eq!(admin.call("GET", "/_mock/orgs/default/clock", "").1["frozen"], false);
}

fn refused(folder: &Path) -> String {
    let folder = folder.display().to_string();
    let output = orgtwin(&["serve", "--listen", "127.0.0.1:0", "--data", &folder]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_with_the_remedy() {
    let (outer, folder) = folder();
    let served = Served::start(&folder, &[]);
    assert!(refused(&folder).contains("in use by another orgtwin; stop that one"));
    served.end();

    let foreign = outer.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("orgs.redb"), "not a database at all, but quite some text".repeat(1000)).unwrap();
    assert!(refused(&foreign).contains("is not a database of orgtwin"), "{}", refused(&foreign));
    let file = outer.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(refused(&file).contains("choose a folder that can be written"));
}
