//! Which apps a user or a group has, in which order the groups of an app come, and its logo.

use serde_json::{Value, json};

use crate::client::{BASE, Client, SUPER};

struct Apps {
    client: Client,
    user: String,
    groups: Vec<String>,
}

impl Apps {
    fn new() -> Self {
        let client = Client::dev();
        let make = |path: &str, body: Value| {
            let made = client.json("POST", SUPER, path, &body);
            assert!(made.status < 300, "{}", made.text());
            made.json()["id"].as_str().unwrap().to_owned()
        };
        let profile = json!({ "firstName": "Eve", "lastName": "B", "email": "eve@b.example", "login": "eve@b.example" });
        let user = make("/api/v1/users", json!({ "profile": profile }));
        let group = |name: &str| make("/api/v1/groups", json!({ "profile": { "name": name } }));
        let groups = ["one", "two", "three"].map(group).into();
        Self { user, groups, client }
    }

    fn app(&self, label: &str) -> String {
        let body = json!({ "name": "bookmark", "label": label, "signOnMode": "BOOKMARK",
            "settings": { "app": { "requestIntegration": false, "url": "https://example.com/b" } } });
        let made = self.client.json("POST", SUPER, "/api/v1/apps", &body);
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    fn put(&self, app: &str, group: usize, body: &Value) -> Value {
        let path = format!("/api/v1/apps/{app}/groups/{}", self.groups[group]);
        let put = self.client.json("PUT", SUPER, &path, body);
        assert_eq!(put.status, 200, "{}", put.text());
        put.json()
    }

    /// The groups of an app as they are listed, by their numbers here, with their priorities.
    fn groups_of(&self, app: &str, query: &str) -> Vec<(usize, i64)> {
        let listed = self.client.get(SUPER, &format!("/api/v1/apps/{app}/groups{query}")).json();
        let number = |group: &Value| self.groups.iter().position(|id| group["id"] == **id).unwrap();
        let one = |group: &Value| (number(group), group["priority"].as_i64().unwrap());
        listed.as_array().unwrap().iter().map(one).collect()
    }
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn filter(expression: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(expression.as_bytes()).collect();
    format!("/api/v1/apps?filter={encoded}")
}

#[test]
fn apps_are_found_by_who_has_them() {
    let apps = Apps::new();
    let (alone, by_group, nobodys) = (apps.app("alone"), apps.app("by group"), apps.app("nobody's"));
    let assigned = json!({ "id": apps.user, "scope": "USER", "credentials": { "userName": "eve.b" } });
    let path = format!("/api/v1/apps/{alone}/users");
    assert_eq!(apps.client.json("POST", SUPER, &path, &assigned).status, 200);
    apps.put(&by_group, 0, &json!({}));
    let member = format!("/api/v1/groups/{}/users/{}", apps.groups[0], apps.user);
    assert_eq!(apps.client.send("PUT", &member, &[("Authorization", SUPER)], "").status, 204);

    let get = |target: &str| apps.client.get(SUPER, target);
    let of_user = format!("user.id eq \"{}\"", apps.user);
    assert_eq!(ids(&get(&filter(&of_user)).json()), [&alone, &by_group]);
    let of_group = format!("group.id eq \"{}\"", apps.groups[0]);
    assert_eq!(ids(&get(&filter(&of_group)).json()), [&by_group]);
    assert_eq!(ids(&get(&filter(&format!("{of_user} and {of_group}"))).json()), [&by_group]);
    let either = format!("{of_group} or id eq \"{nobodys}\"");
    assert_eq!(ids(&get(&filter(&either)).json()), [&by_group, &nobodys]);
    assert_eq!(get(&filter("user.id eq \"00unobody\"")).json(), json!([]));
    assert_eq!(get(&filter("user.id sw \"00u\"")).status, 400);

    // Page by page, with the user's own assignment embedded; links repeat what was asked.
    let path = format!("{}&expand=user%2F{}&limit=1", filter(&of_user), apps.user);
    let (mut next, mut names) = (Some(path), Vec::new());
    while let Some(target) = next {
        let page = get(&target);
        let listed = page.json();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        names.push(listed[0]["_embedded"]["user"]["credentials"]["userName"].as_str().unwrap().to_owned());
        next = page.next();
    }
    assert_eq!(names, ["eve.b", "eve@b.example"]);

    assert_eq!(apps.client.delete(SUPER, &member).status, 204);
    assert_eq!(ids(&get(&filter(&of_user)).json()), [&alone]);
}

#[test]
fn groups_come_in_the_order_of_their_priorities() {
    let apps = Apps::new();
    let app = apps.app("a");
    assert_eq!(apps.put(&app, 0, &json!({}))["priority"], 0);
    assert_eq!(apps.put(&app, 1, &json!({}))["priority"], 1);
    assert_eq!(apps.put(&app, 2, &json!({ "priority": 0 }))["priority"], 0);
    assert_eq!(apps.groups_of(&app, ""), [(2, 0), (0, 1), (1, 2)]);

    // A patch moves the others back too.
    let path = format!("/api/v1/apps/{app}/groups/{}", apps.groups[1]);
    let patch = json!([{ "op": "replace", "path": "/priority", "value": 1 }]);
    let headers = [("Authorization", SUPER), ("Content-Type", "application/json")];
    let patched = apps.client.send("PATCH", &path, &headers, &patch.to_string());
    assert_eq!((patched.status, &patched.json()["priority"]), (200, &json!(1)));
    assert_eq!(apps.groups_of(&app, ""), [(2, 0), (1, 1), (0, 2)]);

    let first = apps.client.get(SUPER, &format!("/api/v1/apps/{app}/groups?limit=2"));
    let rest = apps.client.get(SUPER, &first.next().unwrap());
    let sizes = [first.json(), rest.json()].map(|page| ids(&page).len());
    assert_eq!(sizes, [2, 1]);
    assert_eq!((ids(&rest.json())[0], rest.next()), (apps.groups[0].as_str(), None));
}

#[test]
fn groups_and_users_of_an_app_are_found_by_their_names() {
    let apps = Apps::new();
    let app = apps.app("a");
    (0..3).for_each(|group| {
        apps.put(&app, group, &json!({}));
    });
    assert_eq!(apps.groups_of(&app, "?q=T"), [(1, 1), (2, 2)]);
    assert_eq!(apps.groups_of(&app, "?q=thr"), [(2, 2)]);
    let assigned = json!({ "id": apps.user, "credentials": { "userName": "shared" } });
    let users = format!("/api/v1/apps/{app}/users");
    assert_eq!(apps.client.json("POST", SUPER, &users, &assigned).status, 200);
    for (q, found) in [("sha", 1), ("EVE", 1), ("b", 1), ("x", 0)] {
        let listed = apps.client.get(SUPER, &format!("{users}?q={q}")).json();
        assert_eq!(listed.as_array().unwrap().len(), found, "{q}");
    }
}

#[test]
fn a_logo_is_served_where_the_app_says() {
    let apps = Apps::new();
    let app = format!("/api/v1/apps/{}", apps.app("a"));
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    let uploaded = apps.client.upload(&format!("{app}/logo"), svg);
    assert_eq!((uploaded.status, uploaded.reply.body.len()), (201, 0));
    let url = uploaded.header("location").unwrap().to_owned();
    assert_eq!(apps.client.get(SUPER, &app).json()["_links"]["logo"][0]["href"], url);
    let own = url.strip_prefix(BASE).unwrap();
    let logo = apps.client.send("GET", own, &[], "");
    assert_eq!((&*logo.reply.body, logo.header("content-type")), (svg.as_slice(), Some("image/svg+xml")));
    assert!(logo.headers("content-security-policy").all(|policy| policy.contains("sandbox")));
    assert_eq!(apps.client.send("GET", &own.replace("/4/", "/5/"), &[], "").status, 404);
    let headers = [("Authorization", SUPER)];
    assert_eq!(apps.client.send("POST", &format!("{app}/lifecycle/deactivate"), &headers, "").status, 200);
    assert_eq!(apps.client.delete(SUPER, &app).status, 204);
    assert_eq!(apps.client.send("GET", own, &[], "").status, 404, "it goes with the app");
}
