//! Many writers and readers on one org: nothing is lost, pages have no object twice and none left out that was there
//! throughout, and what the org knows of its objects from several sides agrees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::{Answer, Client};

const ADMIN: &str = "SSWS 00t";
const RULED: &str = "00gruled";
const GROUPS: [&str; 3] = ["00gone", "00gtwo", "00gthree"];
const APP: &str = "/api/v1/apps/0oaapp";

/// An org with three groups, one that a rule fills, and an app.
fn org() -> Client {
    let client = Client::of(
        r#"
        [[users]]
        profile = { login = "admin@example.com" }
        admin_roles = ["SUPER_ADMIN"]
        [[groups]]
        id = "00gone"
        name = "One"
        [[groups]]
        id = "00gtwo"
        name = "Two"
        [[groups]]
        id = "00gthree"
        name = "Three"
        [[groups]]
        id = "00gruled"
        name = "Ruled"
        [[apps]]
        name = "app"
        kind = "web"
        client_id = "0oaapp"
        secrets = ["app-secret-app-secret-app-secret-app"]
        redirect_uris = ["http://localhost/cb"]
        [[api_tokens]]
        token = "00t"
        owner = "admin@example.com"
        "#,
    );
    client.org.configure(|settings| settings.limits.profile = "off".to_owned());
    let rule = json!({
        "type": "group_rule",
        "name": "engineers",
        "conditions": { "expression": { "value": "user.department==\"Eng\"", "type": "urn:okta:expression:1.0" } },
        "actions": { "assignUserToGroups": { "groupIds": [RULED] } },
    });
    let rule = id(&client.json("POST", ADMIN, "/api/v1/groups/rules", &rule));
    let path = format!("/api/v1/groups/rules/{rule}/lifecycle/activate");
    assert_eq!(client.send("POST", &path, &[("Authorization", ADMIN)], "").status, 204);
    client
}

fn id(answer: &Answer) -> String {
    assert!(answer.status < 300, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn user(login: &str, department: &str) -> Value {
    json!({ "profile": { "firstName": "F", "lastName": "L", "login": login, "email": login, "department": department } })
}

fn create(client: &Client, login: &str, department: &str) -> Answer {
    client.json("POST", ADMIN, "/api/v1/users?activate=false", &user(login, department))
}

/// Deactivates and deletes.
fn delete(client: &Client, user: &str) {
    for _ in 0..2 {
        assert_eq!(client.delete(ADMIN, &format!("/api/v1/users/{user}")).status, 204);
    }
}

/// A list that is read page by page.
struct Walk {
    target: String,
    next: Option<String>,
    seen: Vec<String>,
}

impl Walk {
    fn new(target: &str) -> Self {
        Self { target: target.to_owned(), next: Some(target.to_owned()), seen: Vec::new() }
    }

    /// Reads a page; whether there are more.
    fn step(&mut self, client: &Client) -> bool {
        let Some(next) = self.next.take() else { return false };
        let page = client.get(ADMIN, &next);
        assert_eq!(page.status, 200, "{next}: {}", page.text());
        let listed = page.json();
        self.seen.extend(listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        self.next = page.next();
        self.next.is_some()
    }

    /// What was listed, once each, and among it all of these.
    fn check(&self, throughout: &BTreeSet<String>) {
        let seen: BTreeSet<_> = self.seen.iter().cloned().collect();
        assert_eq!(seen.len(), self.seen.len(), "{}: twice in {:?}", self.target, self.seen);
        let missing: Vec<_> = throughout.difference(&seen).collect();
        assert!(missing.is_empty(), "{}: {missing:?} not in {:?}", self.target, self.seen);
    }
}

fn all(client: &Client, target: &str) -> BTreeSet<String> {
    let mut walk = Walk::new(target);
    while walk.step(client) {}
    walk.check(&BTreeSet::new());
    walk.seen.into_iter().collect()
}

/// What the org says of its objects from several sides agrees, and follows from its history.
fn agree(client: &Client) {
    assert!(
        client.org.replayed(&client.org.history().unwrap()) == *client.org.state(),
        "the history tells another story"
    );
    let one = |id: String| {
        let profile = client.get(ADMIN, &format!("/api/v1/users/{id}")).json()["profile"].clone();
        (id, profile)
    };
    let people: BTreeMap<String, Value> =
        all(client, "/api/v1/users?search=id+pr&limit=50").into_iter().map(one).collect();
    let groups = all(client, "/api/v1/groups");
    let members: BTreeMap<&String, BTreeSet<String>> =
        groups.iter().map(|group| (group, all(client, &format!("/api/v1/groups/{group}/users")))).collect();
    for (id, profile) in &people {
        let login = profile["login"].as_str().unwrap();
        let found = client.get(ADMIN, &format!("/api/v1/users/{login}"));
        assert_eq!(found.json()["id"], json!(id), "by its login");
        let indexed =
            client.get(ADMIN, &format!("/api/v1/users?search=profile.email+eq+%22{login}%22")).json();
        assert_eq!((indexed.as_array().unwrap().len(), &indexed[0]["id"]), (1, &json!(id)), "by an index");
        let theirs = all(client, &format!("/api/v1/users/{id}/groups"));
        let has =
            members.iter().filter(|(_, members)| members.contains(id)).map(|(group, _)| (*group).clone());
        assert_eq!(theirs, has.collect(), "the groups of {login}");
    }
    for (group, members) in &members {
        assert!(members.iter().all(|user| people.contains_key(user)), "a member of {group} is gone");
        let stats = client.get(ADMIN, &format!("/api/v1/groups/{group}?expand=stats")).json();
        assert_eq!(stats["_embedded"]["stats"]["usersCount"], json!(members.len()), "{group}");
    }
    let engineers =
        people.iter().filter(|(_, profile)| profile["department"] == "Eng").map(|(id, _)| id.clone());
    assert_eq!(members[&RULED.to_owned()], engineers.collect(), "the rule");
    let by_groups: BTreeSet<String> = all(client, &format!("{APP}/groups"))
        .iter()
        .inspect(|group| assert!(groups.contains(*group), "{group} is gone and has the app"))
        .flat_map(|group| members[group].clone())
        .collect();
    assert_eq!(all(client, &format!("{APP}/users")), by_groups, "the users of the app");
}

#[derive(Debug, Clone)]
enum Step {
    Create { engineer: bool },
    Delete(usize),
    Move { user: usize, engineer: bool },
    Join(usize, usize),
    Leave(usize, usize),
    Give(usize),
    Take(usize),
    Read(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(|engineer| Step::Create { engineer }),
        1 => any::<usize>().prop_map(Step::Delete),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(user, engineer)| Step::Move { user, engineer }),
        3 => (0..3_usize, any::<usize>()).prop_map(|(group, user)| Step::Join(group, user)),
        2 => (0..3_usize, any::<usize>()).prop_map(|(group, user)| Step::Leave(group, user)),
        1 => (0..4_usize).prop_map(Step::Give),
        1 => (0..4_usize).prop_map(Step::Take),
        6 => (0..LISTS.len()).prop_map(Step::Read),
    ]
}

/// The lists that are read while others write; of all but the last two every user is an item.
const LISTS: [&str; 5] = [
    "/api/v1/users?limit=2",
    "/api/v1/users?search=profile.login+co+%22example%22&limit=3",
    "/api/v1/users?search=id+pr&sortBy=profile.login&sortOrder=desc&limit=3",
    "/api/v1/groups/00gone/users?limit=2",
    "/api/v1/apps/0oaapp/users?limit=2",
];

fn department(engineer: bool) -> &'static str {
    if engineer { "Eng" } else { "Ops" }
}

/// Carries out one order in which the requests of several callers may arrive.
fn interleave(client: &Client, steps: &[Step]) {
    let mut people: Vec<String> = Vec::new();
    let mut walks: Vec<(Walk, BTreeSet<String>)> = Vec::new();
    let start = |list: usize, client: &Client| {
        // What is there now; what goes meanwhile is taken out of it.
        (Walk::new(LISTS[list]), all(client, LISTS[list]))
    };
    for list in 0..LISTS.len() {
        walks.push(start(list, client));
    }
    let groups = [GROUPS[0], GROUPS[1], GROUPS[2], RULED];
    let put = |target: &str| client.json("PUT", ADMIN, target, &json!({})).status;
    for (nth, step) in steps.iter().enumerate() {
        let pick = |at: &usize| people.get(at % people.len().max(1)).cloned();
        match step {
            Step::Create { engineer } => {
                // The order by login is not the order of creation.
                let login = format!("u{}-{nth}@example.com", nth * 7 % 10);
                people.push(id(&create(client, &login, department(*engineer))));
            }
            Step::Delete(at) => {
                let Some(user) = pick(at) else { continue };
                delete(client, &user);
                people.retain(|one| *one != user);
            }
            Step::Move { user, engineer } => {
                let Some(user) = pick(user) else { continue };
                let body = json!({ "profile": { "department": department(*engineer) } });
                id(&client.json("POST", ADMIN, &format!("/api/v1/users/{user}"), &body));
            }
            Step::Join(group, at) => {
                let Some(user) = pick(at) else { continue };
                assert_eq!(put(&format!("/api/v1/groups/{}/users/{user}", groups[*group])), 204);
            }
            Step::Leave(group, at) => {
                let Some(user) = pick(at) else { continue };
                let target = format!("/api/v1/groups/{}/users/{user}", groups[*group]);
                assert_eq!(client.delete(ADMIN, &target).status, 204);
            }
            Step::Give(group) => assert_eq!(put(&format!("{APP}/groups/{}", groups[*group])), 200),
            Step::Take(group) => {
                let status = client.delete(ADMIN, &format!("{APP}/groups/{}", groups[*group])).status;
                assert!(status == 204 || status == 404, "{status}");
            }
            Step::Read(list) => {
                if !walks[*list].0.step(client) {
                    let (walk, throughout) = std::mem::replace(&mut walks[*list], start(*list, client));
                    walk.check(&throughout);
                }
            }
        }
        if !matches!(step, Step::Read(_) | Step::Create { .. }) {
            for (walk, throughout) in &mut walks {
                let there = all(client, &walk.target);
                throughout.retain(|one| there.contains(one));
            }
        }
    }
    agree(client);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_order_requests_arrive_in_pages_are_whole(steps in prop::collection::vec(step(), 20..60)) {
        interleave(&org(), &steps);
    }
}

/// What the writers share.
#[derive(Default)]
struct Shared {
    alive: Mutex<BTreeSet<String>>,
    won: Mutex<BTreeMap<usize, usize>>,
    done: AtomicBool,
}

const WRITERS: usize = 4;
const ROUNDS: usize = 50;

/// One of the writers: creates and deletes users of its own, moves everybody's, and tries names that others try too.
fn write(client: &Client, me: usize, target: &str, shared: &Shared) {
    let mut own: Vec<String> = Vec::new();
    let mut random = me as u64 + 1;
    let mut pick = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let quietly = |status: u16| assert!(matches!(status, 200 | 204 | 404), "{status}");
    for round in 0..ROUNDS {
        let made = create(client, &format!("w{me}-{round}@example.com"), department(pick(2) == 0));
        own.push(id(&made));
        shared.alive.lock().unwrap().insert(id(&made));
        let contested = create(client, &format!("contested-{round}@example.com"), "Ops");
        if contested.status == 200 {
            shared.alive.lock().unwrap().insert(id(&contested));
            *shared.won.lock().unwrap().entry(round).or_default() += 1;
        } else {
            assert_eq!(contested.error(), "400 E0000001 Api validation failed: login");
        }
        // Nobody's change of the one user takes another's back.
        let mine = json!({ "profile": { ["city", "state", "zipCode", "title"][me]: format!("{round}") } });
        id(&client.json("POST", ADMIN, &format!("/api/v1/users/{target}"), &mine));
        let other = {
            let alive = shared.alive.lock().unwrap();
            let nth = pick(alive.len());
            alive.iter().nth(nth).cloned().unwrap()
        };
        let group = GROUPS[pick(3)];
        let member = format!("/api/v1/groups/{group}/users/{other}");
        match pick(6) {
            0 => quietly(client.delete(ADMIN, &member).status),
            1 => quietly(client.json("PUT", ADMIN, &format!("{APP}/groups/{group}"), &json!({})).status),
            2 => quietly(client.delete(ADMIN, &format!("{APP}/groups/{group}")).status),
            3 => {
                let body = json!({ "profile": { "department": department(pick(2) == 0) } });
                let status = client.json("POST", ADMIN, &format!("/api/v1/users/{other}"), &body).status;
                // A deactivated user is not changed.
                quietly(if status == 403 { 404 } else { status });
            }
            _ => quietly(client.json("PUT", ADMIN, &member, &json!({})).status),
        }
        if pick(4) == 0 {
            let gone = own.swap_remove(pick(own.len()));
            // From here on nobody counts on it.
            shared.alive.lock().unwrap().remove(&gone);
            delete(client, &gone);
        }
    }
}

/// One of the readers: lists again and again.
fn read(client: &Client, list: &str, shared: &Shared) {
    loop {
        let done = shared.done.load(Ordering::Acquire);
        let before = shared.alive.lock().unwrap().clone();
        let mut walk = Walk::new(list);
        while walk.step(client) {}
        let after = shared.alive.lock().unwrap().clone();
        let throughout: BTreeSet<_> = before.intersection(&after).cloned().collect();
        walk.check(if list.contains("/groups/") || list.contains("/apps/") { EMPTY } else { &throughout });
        if done {
            return;
        }
    }
}

static EMPTY: &BTreeSet<String> = &BTreeSet::new();

#[test]
fn writers_and_readers_side_by_side_lose_nothing() {
    let client = org();
    let target = id(&create(&client, "target@example.com", "Ops"));
    let shared = Shared::default();
    shared.alive.lock().unwrap().insert(target.clone());
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|me| {
                let (client, target, shared) = (&client, &target, &shared);
                scope.spawn(move || write(client, me, target, shared))
            })
            .collect();
        for list in LISTS {
            let (client, shared) = (&client, &shared);
            scope.spawn(move || read(client, list, shared));
        }
        let outcomes: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        shared.done.store(true, Ordering::Release);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    });
    let profile = client.get(ADMIN, &format!("/api/v1/users/{target}")).json()["profile"].clone();
    for attribute in ["city", "state", "zipCode", "title"] {
        assert_eq!(profile[attribute], json!(format!("{}", ROUNDS - 1)), "{attribute}: a change is lost");
    }
    let won = shared.won.lock().unwrap().clone();
    assert!((0..ROUNDS).all(|round| won.get(&round) == Some(&1)), "{won:?}");
    let mut there = all(&client, "/api/v1/users?search=id+pr&limit=50");
    assert!(there.remove(client.get(ADMIN, "/api/v1/users/me").json()["id"].as_str().unwrap()));
    assert_eq!(there, *shared.alive.lock().unwrap());
    agree(&client);
}
