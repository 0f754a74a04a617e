//! `/api/v1/users`.

use crate::client::{Client, SUPER};

#[test]
fn a_user_is_shown_as_okta_shows_it() {
    let client = Client::of(
        r#"
        created = "2026-01-02T03:04:05Z"
        [[users]]
        id = "00uada0000000000001d7"
        profile = { login = "ada@example.com", firstName = "Ada", lastName = "Admin", department = "Ops" }
        password = "x-secret-x"
        admin_roles = ["SUPER_ADMIN"]
        [[api_tokens]]
        token = "00t"
        owner = "ada@example.com"
        "#,
    );
    let answer = client.get("SSWS 00t", "/api/v1/users/ada@example.com");
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!("user", serde_json::to_string_pretty(&answer.json()).unwrap());
    let list = client.get("SSWS 00t", "/api/v1/users");
    insta::assert_snapshot!("user_in_list", serde_json::to_string_pretty(&list.json()).unwrap());
    assert!(!answer.text().contains("x-secret-x"), "the password is shown");
}

#[test]
fn a_single_user_carries_an_entity_tag_and_a_list_does_not() {
    let client = Client::dev();
    let answer = client.get(SUPER, "/api/v1/users/me");
    let tag = answer.header("etag").unwrap();
    assert!(tag.starts_with("W/\"") && tag.len() == 68, "{tag}");
    assert_eq!(client.get(SUPER, "/api/v1/users/me").header("etag"), Some(tag));
    assert_eq!(client.get(SUPER, "/api/v1/users").header("etag"), None);
}

#[test]
fn a_user_is_found_by_id_login_short_name_and_me() {
    let client = Client::dev();
    let id = client.get(SUPER, "/api/v1/users/me").json()["id"].as_str().unwrap().to_owned();
    for name in
        [&id, "ada.admin@example.com", "ADA.ADMIN@example.com", "ada.admin%40example.com", "ada.admin", "me"]
    {
        let answer = client.get(SUPER, &format!("/api/v1/users/{name}"));
        assert_eq!((answer.status, answer.json()["id"].as_str()), (200, Some(id.as_str())), "{name}");
    }
    let answer = client.get(SUPER, "/api/v1/users/nobody%40example.com");
    assert_eq!(answer.error(), "404 E0000007 Not found: Resource not found: nobody@example.com (User)");
}

#[test]
fn a_plain_list_leaves_deprovisioned_users_out() {
    let client = Client::of(
        r#"
        [[users]]
        profile = { login = "admin@example.com" }
        admin_roles = ["SUPER_ADMIN"]
        [[users]]
        profile = { login = "gone@example.com" }
        status = "DEPROVISIONED"
        [[users]]
        profile = { login = "suspended@example.com" }
        status = "SUSPENDED"
        [[api_tokens]]
        token = "00t"
        owner = "admin@example.com"
        "#,
    );
    let list = client.get("SSWS 00t", "/api/v1/users").json();
    let logins: Vec<_> =
        list.as_array().unwrap().iter().map(|user| user["profile"]["login"].clone()).collect();
    assert_eq!(logins, ["admin@example.com", "suspended@example.com"]);
    // By name it is there.
    assert_eq!(client.get("SSWS 00t", "/api/v1/users/gone@example.com").json()["status"], "DEPROVISIONED");
}

#[test]
fn the_groups_of_a_user() {
    let client = Client::dev();
    let answer = client.get(SUPER, "/api/v1/users/ursula.user@example.com/groups");
    let names: Vec<_> =
        answer.json().as_array().unwrap().iter().map(|group| group["profile"]["name"].clone()).collect();
    assert_eq!(names, ["Everyone", "Support"]);
    assert!(answer.header("link").unwrap().contains("/groups?limit=200>; rel=\"self\""));
}

#[test]
fn paths_are_taken_as_real_clients_write_them() {
    let client = Client::dev();
    for target in ["/api/v1/users/?limit=2", "//api/v1/users?limit=2", "/api/v1/users?limit=2"] {
        let answer = client.get(SUPER, target);
        assert_eq!((answer.status, answer.json().as_array().map(Vec::len)), (200, Some(2)), "{target}");
    }
    for target in [
        "/oauth2/v1/keys/",
        "//oauth2/v1/keys",
        "//oauth2/default/v1/keys",
        "//.well-known/openid-configuration",
    ] {
        assert_eq!(client.get(SUPER, target).status, 200, "{target}");
    }
}

#[test]
fn a_list_shows_the_fields_that_are_asked_for() {
    let client = Client::dev();
    let page = client.get(SUPER, "/api/v1/users?fields=status,profile:(login)&limit=1");
    let user = page.json()[0].clone();
    assert_eq!(user.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "status", "profile"]);
    assert_eq!(user["profile"], serde_json::json!({ "login": "ada.admin@example.com" }));
    let next = client.get(SUPER, &page.next().unwrap()).json();
    assert_eq!(next[0].as_object().unwrap().len(), 3, "the next page shows them, too");
}

#[test]
fn a_user_embeds_what_is_asked_for() {
    let client = Client::dev();
    let first = client.get(SUPER, "/api/v1/users?expand=classification&limit=1").json()[0].clone();
    assert_eq!(first["_embedded"]["classification"]["type"], "STANDARD");
    let own = format!("/api/v1/users/{}", first["id"].as_str().unwrap());
    let lite = serde_json::json!({ "type": "LITE" });
    assert_eq!(client.json("PUT", SUPER, &format!("{own}/classification"), &lite).status, 200);
    let user = client.get(SUPER, &format!("{own}?expand=classification,blocks")).json();
    assert_eq!(user["_embedded"]["classification"]["type"], "LITE");
    assert_eq!(user["_embedded"]["blocks"], serde_json::json!([]));
    assert_eq!(client.get(SUPER, &own).json().get("_embedded"), None);
}
