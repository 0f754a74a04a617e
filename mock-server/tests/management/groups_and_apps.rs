//! `/api/v1/groups` and `/api/v1/apps`.

use crate::client::{Client, SUPER};

#[test]
fn groups_and_their_members() {
    let client = Client::dev();
    let groups = client.get(SUPER, "/api/v1/groups").json();
    let groups = groups.as_array().unwrap();
    assert_eq!(groups.len(), 12);
    assert_eq!((&groups[0]["type"], &groups[0]["profile"]["name"]), (&"BUILT_IN".into(), &"Everyone".into()));
    let members = |name: &str| {
        let group = groups.iter().find(|group| group["profile"]["name"] == name).unwrap();
        let answer = client.get(SUPER, &format!("/api/v1/groups/{}/users", group["id"].as_str().unwrap()));
        assert!(answer.header("link").unwrap().ends_with("/users?limit=1000>; rel=\"self\""));
        answer.json().as_array().unwrap().len()
    };
    assert_eq!((members("Everyone"), members("Sales"), members("Empty")), (250, 50, 0));
    let answer = client.get(SUPER, "/api/v1/groups/00gnone/users");
    assert_eq!(answer.error(), "404 E0000007 Not found: Resource not found: 00gnone (UserGroup)");
}

#[test]
fn a_group_is_shown_as_okta_shows_it() {
    let client = Client::of(GROUPS);
    let answer = client.get("SSWS 00t", "/api/v1/groups/00gsales");
    insta::assert_snapshot!("group", serde_json::to_string_pretty(&answer.json()).unwrap());
}

const GROUPS: &str = r#"
created = "2026-01-02T03:04:05Z"
[[users]]
profile = { login = "admin@example.com" }
admin_roles = ["SUPER_ADMIN"]
[[groups]]
id = "00gsales"
name = "Sales"
[[apps]]
name = "portal"
kind = "web"
client_id = "0oaportal"
secrets = ["portal-secret-portal-secret-portal"]
redirect_uris = ["http://localhost/cb"]
[[apps]]
name = "sync"
client_id = "0oasync"
keys = [{ kid = "k1", pem_file = "fixture:client-ec256" }]
grants = ["okta.users.read"]
[[api_tokens]]
token = "00t"
owner = "admin@example.com"
"#;

#[test]
fn apps_are_shown_as_okta_shows_them() {
    let client = Client::of(GROUPS);
    let web = client.get("SSWS 00t", "/api/v1/apps/0oaportal");
    let mut shown = web.json();
    shown["orn"] = "[orn]".into();
    shown["credentials"]["signing"]["kid"] = "[kid]".into();
    insta::with_settings!({filters => vec![(r"aln[0-9A-Za-z]{17}", "[aln]"), (r"rst[0-9A-Za-z]{17}", "[rst]")]}, {
        insta::assert_snapshot!("web_app", serde_json::to_string_pretty(&shown).unwrap());
    });
    let service = client.get("SSWS 00t", "/api/v1/apps/0oasync").json();
    let oauth = &service["credentials"]["oauthClient"];
    assert_eq!(oauth["token_endpoint_auth_method"], "private_key_jwt");
    assert!(oauth.get("client_secret").is_none(), "a client that authenticates by key has no secret");
    let key = &service["settings"]["oauthClient"]["jwks"]["keys"][0];
    assert_eq!((&key["kid"], &key["kty"], key.get("d")), (&"k1".into(), &"EC".into(), None));
    assert_eq!(
        client.get("SSWS 00t", "/api/v1/apps/0oax").error(),
        "404 E0000007 Not found: Resource not found: 0oax (AppInstance)"
    );
}
