//! Killed under load, again and again.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use serde_json::{Value, json};

use crate::served::{Caller, Served};

/// How often it is killed, unless `ORGTWIN_KILLS` says otherwise.
const KILLS: usize = 50;
const WRITERS: usize = 3;

/// What a group may be after a kill: the last acknowledged description, and that of a write nobody answered; none: gone.
type Expected = Vec<Option<String>>;

/// What is known of the groups that the writers have made, by id.
type Groups = Mutex<BTreeMap<String, Expected>>;

#[test]
fn it_comes_back_with_every_acknowledged_write() {
    let kills = std::env::var("ORGTWIN_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("data");
    let groups = Groups::default();
    let mut token: Option<String> = None;
    let mut acknowledged = 0;
    for round in 0..kills {
        let served = Served::start(&folder, &[]);
        let admin = served.admin();
        check(&admin, &groups);
        let base_url = served.ready["base_url"].as_str().unwrap().to_owned();
        if let Some(token) = &token {
            let bearer = Caller::new(&base_url, token);
            assert_eq!(
                bearer.call("GET", "/api/v1/groups?limit=1", "").0,
                200,
                "a token of an earlier process"
            );
        }
        token = Some(new_token(&served));

        // Spread over the first moments and over the steady state.
        let moment = Duration::from_millis([3, 250, 40, 120, 10, 400, 80, 600, 20, 170][round % 10]);
        acknowledged += std::thread::scope(|scope| {
            let (admin, groups) = (&admin, &groups);
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| scope.spawn(move || write(admin, groups, &format!("{round}-{writer}"))))
                .collect();
            std::thread::sleep(moment);
            served.kill();
            writers.into_iter().map(|writer| writer.join().unwrap()).sum::<usize>()
        });
    }
    assert!(acknowledged > kills, "{acknowledged} writes: no load");
    let served = Served::start(&folder, &[]);
    check(&served.admin(), &groups);
    // And it goes on as if nothing had happened.
    assert_eq!(served.admin().call("POST", "/api/v1/groups", &body("after all", "")).0, 200);
}

/// Makes, changes and deletes groups until nobody answers; returns how many writes were acknowledged.
fn write(admin: &Caller, groups: &Groups, writer: &str) -> usize {
    let mut acknowledged = 0;
    for nth in 0.. {
        let name = format!("g-{writer}-{nth}");
        let Some((status, group)) = admin.try_call("POST", "/api/v1/groups", &body(&name, "new")) else {
            break;
        };
        assert_eq!(status, 200, "{group}");
        acknowledged += 1;
        let id = group["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/groups/{id}");
        let expect = |expected: &[Option<&str>]| {
            let expected = expected.iter().map(|one| one.map(str::to_owned)).collect();
            groups.lock().unwrap().insert(id.clone(), expected);
        };
        expect(&[Some("new"), Some("changed")]);
        let Some((status, said)) = admin.try_call("PUT", &path, &body(&name, "changed")) else { break };
        assert_eq!(status, 200, "{said}");
        acknowledged += 1;
        expect(&[Some("changed")]);
        if nth % 3 == 0 {
            expect(&[Some("changed"), None]);
            let Some((status, said)) = admin.try_call("DELETE", &path, "") else { break };
            assert_eq!(status, 204, "{said}");
            acknowledged += 1;
            expect(&[None]);
        }
    }
    acknowledged
}

/// Every group is as it was acknowledged; of a write that nobody answered it is known now whether it happened.
fn check(admin: &Caller, groups: &Groups) {
    let mut groups = groups.lock().unwrap();
    let mut found = all(admin);
    for (id, expected) in groups.iter_mut() {
        let found = found.remove(id);
        assert!(expected.contains(&found), "{id}: {found:?}, acknowledged was {expected:?}");
        *expected = vec![found];
    }
}

/// The descriptions of all groups, by id.
fn all(admin: &Caller) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut after = String::new();
    loop {
        let (status, page) = admin.call("GET", &format!("/api/v1/groups?limit=10000{after}"), "");
        assert_eq!(status, 200, "{page}");
        let page = page.as_array().unwrap();
        let text = |group: &Value, pointer: &str| {
            group.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        all.extend(page.iter().map(|group| (text(group, "/id"), text(group, "/profile/description"))));
        let Some(last) = page.last().filter(|_| page.len() == 10_000) else { return all };
        after = format!("&after={}", text(last, "/id"));
    }
}

fn body(name: &str, description: &str) -> String {
    json!({ "profile": { "name": name, "description": description } }).to_string()
}

/// An access token of an API service integration.
fn new_token(served: &Served) -> String {
    let clients = served.ready["clients"].as_array().unwrap();
    let client = clients.iter().find(|client| client["name"] == "acmesync").unwrap();
    let text = |member: &str| client[member].as_str().unwrap();
    let credentials = format!("{}:{}", text("client_id"), text("client_secret"));
    let basic =
        format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, credentials));
    let caller = Caller::new(served.ready["base_url"].as_str().unwrap(), &basic);
    let form = "grant_type=client_credentials&scope=okta.groups.read";
    let (status, answer) = caller.call("POST", "/oauth2/v1/token", form);
    assert_eq!(status, 200, "{answer}");
    format!("Bearer {}", answer["access_token"].as_str().unwrap())
}
