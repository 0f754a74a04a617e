//! Writers and readers on one org, over sockets: nothing is lost, and no page is wrong.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::collections::BTreeSet;

use mock_server::MockOrg;
use serde_json::{Value, json};
use wire::{get, json as send_json, send};

const WRITERS: usize = 4;
const EACH: usize = 25;

/// A caller of an org.
#[derive(Clone)]
struct Caller {
    base: String,
    token: String,
}

impl Caller {
    async fn ask(&self, method: &str, url: &str, body: &Value) -> wire::Answer {
        let lines = [("Authorization", self.token.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, url, &lines, &body).await
    }

    /// A group with its description changed and the caller as its member; its id.
    async fn group(&self, name: &str, member: &str) -> String {
        let profile = json!({ "profile": { "name": name } });
        let made = self.ask("POST", &format!("{}/api/v1/groups", self.base), &profile).await;
        assert_eq!((made.status, made.header("content-type")), (200, Some("application/json")), "{made:?}");
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let own = format!("{}/api/v1/groups/{id}", self.base);
        let described = json!({ "profile": { "name": name, "description": format!("of {name}") } });
        assert_eq!(self.ask("PUT", &own, &described).await.status, 200);
        assert_eq!(self.ask("PUT", &format!("{own}/users/{member}"), &Value::Null).await.status, 204);
        id
    }

    /// All items of a list, page by page.
    async fn all(&self, target: &str) -> Vec<String> {
        let mut next = Some(format!("{}{target}", self.base));
        let mut seen = Vec::new();
        while let Some(url) = next {
            let page = self.ask("GET", &url, &Value::Null).await;
            assert_eq!(page.status, 200, "{page:?}");
            let listed = page.json();
            seen.extend(listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            let links = page.lines.iter().filter(|(name, _)| name == "link").map(|(_, line)| line);
            next = links
                .filter_map(|line| line.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'))
                .map(str::to_owned)
                .next();
        }
        seen
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_readers_over_sockets_lose_nothing() {
    let server = MockOrg::builder().start().await.unwrap();
    let orgs = format!("{}/orgs", server.control_url());
    let org = send_json("POST", &orgs, r#"{"name":"busy","rate_limits":"off"}"#).await.json();
    let text = |name: &str| org[name].as_str().unwrap().to_owned();
    let caller = Caller { base: text("base_url"), token: format!("SSWS {}", text("api_token")) };
    let me = caller.ask("GET", &format!("{}/api/v1/users/me", caller.base), &Value::Null).await.json();
    let me = me["id"].as_str().unwrap().to_owned();
    let before: BTreeSet<String> = caller.all("/api/v1/groups?limit=5").await.into_iter().collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (caller, me) = (caller.clone(), me.clone());
            tokio::spawn(async move {
                let mut own = Vec::new();
                for nth in 0..EACH {
                    own.push(caller.group(&format!("group {writer} {nth}"), &me).await);
                }
                own
            })
        })
        .collect();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (caller, before) = (caller.clone(), before.clone());
            tokio::spawn(async move {
                for _ in 0..5 {
                    let seen = caller.all("/api/v1/groups?limit=5").await;
                    let once: BTreeSet<String> = seen.iter().cloned().collect();
                    assert_eq!(once.len(), seen.len(), "a group is listed twice");
                    assert!(before.is_subset(&once), "a group is left out");
                }
            })
        })
        .collect();
    let mut made = BTreeSet::new();
    for writer in writers {
        made.extend(writer.await.unwrap());
    }
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(made.len(), WRITERS * EACH);
    let after: BTreeSet<String> = caller.all("/api/v1/groups?limit=50").await.into_iter().collect();
    assert_eq!(after, before.union(&made).cloned().collect());
    let theirs: BTreeSet<String> =
        caller.all(&format!("/api/v1/users/{me}/groups?limit=50")).await.into_iter().collect();
    assert!(made.is_subset(&theirs), "a member is lost");
    assert_eq!(get(&orgs).await.json().as_array().unwrap().len(), 2);
    let described = caller.all("/api/v1/groups?search=profile.description+sw+%22of+group%22&limit=50").await;
    assert_eq!(described.into_iter().collect::<BTreeSet<_>>(), made, "a change is lost");
}
