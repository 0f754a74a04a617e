//! What lists may be asked for: `search`, `filter`, `q`, an order (mgmt-facts §4).

use crate::client::{Answer, Client, SUPER};

/// The logins of a list of users.
fn logins(answer: &Answer) -> Vec<String> {
    let users = answer.json();
    let login = |user: &serde_json::Value| user["profile"]["login"].as_str().map(str::to_owned);
    users.as_array().into_iter().flatten().filter_map(login).collect()
}

fn target(parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("/api/v1/users?{query}")
}

#[test]
fn users_are_found_by_their_attributes() {
    let client = Client::dev();
    for (parameter, text, found) in [
        ("search", r#"profile.email eq "ADA.admin@example.com""#, 1),
        ("search", r#"profile.login sw "o" and profile.lastName eq "org""#, 1),
        ("search", r#"profile.firstName eq "Ada" or profile.firstName eq "Olaf""#, 9),
        ("search", r#"status eq "STAGED""#, 1),
        ("search", r#"profile.nickName pr"#, 0),
        ("search", r#"not_there eq "x""#, 400),
        ("search", "profile.login eq", 400),
        ("filter", r#"profile.login eq "ada.admin@example.com""#, 1),
        ("filter", r#"profile.login eq "ADA.admin@example.com""#, 0),
        ("filter", r#"status eq "STAGED" or status eq "SUSPENDED""#, 1),
        ("q", "olaf", 1),
        ("q", "OLAF.ORG@", 1),
        ("q", "laf", 0),
    ] {
        let answer = client.get(SUPER, &target(&[(parameter, text)]));
        let expected = if found == 400 { 400 } else { 200 };
        assert_eq!(answer.status, expected, "{parameter}={text}");
        if found != 400 {
            assert_eq!(logins(&answer).len(), found, "{parameter}={text}: {:?}", logins(&answer));
        }
    }
    let both = client.get(SUPER, &target(&[("search", "id pr"), ("filter", r#"status eq "ACTIVE""#)]));
    assert_eq!((both.status, &both.json()["errorCode"]), (400, &"E0000033".into()));
    let bad = client.get(SUPER, &target(&[("search", "profile.login eq")]));
    assert_eq!(bad.json()["errorCauses"][0]["errorSummary"], "Invalid search syntax.");
}

#[test]
fn what_is_asked_for_goes_on_over_pages_and_in_order() {
    let client = Client::dev();
    let mut seen = Vec::new();
    let mut next = target(&[
        ("search", r#"profile.login co "example""#),
        ("sortBy", "profile.lastName"),
        ("sortOrder", "desc"),
        ("limit", "60"),
    ]);
    loop {
        let answer = client.get(SUPER, &next);
        assert_eq!(answer.status, 200, "{next}");
        let users = answer.json();
        seen.extend(users.as_array().unwrap().iter().map(|user| {
            let text = |name: &str| user["profile"][name].as_str().unwrap().to_lowercase();
            (text("lastName"), user["id"].as_str().unwrap().to_owned())
        }));
        let Some(target) = answer.next() else { break };
        assert!(target.contains("sortBy=profile.lastName") && target.contains("search="), "{target}");
        next = target;
    }
    assert_eq!(seen.len(), 250);
    let mut sorted = seen.clone();
    sorted.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    assert_eq!(seen, sorted);
}

#[test]
fn groups_are_found_by_the_beginning_of_their_name_without_link_lines() {
    let client = Client::dev();
    let answer = client.get(SUPER, "/api/v1/groups?q=ev");
    assert_eq!(answer.json().as_array().map(Vec::len), Some(1));
    assert_eq!(answer.json()[0]["profile"]["name"], "Everyone");
    assert_eq!(answer.header("link"), None);
}

#[test]
fn searches_may_lag_behind_writes_and_reads_never_do() {
    let org = Client::of(
        r#"
        search_lag_seconds = 5
        [[users]]
        profile = { login = "ada@example.com", firstName = "Ada", lastName = "A" }
        admin_roles = ["SUPER_ADMIN"]
        [[api_tokens]]
        owner = "ada@example.com"
        token = "00searchLagToken0000000000000000000000000A"
        "#,
    );
    let admin = "SSWS 00searchLagToken0000000000000000000000000A";
    let profile = serde_json::json!({
        "profile": { "login": "new@example.com", "email": "new@example.com", "firstName": "New", "lastName": "N" }
    });
    let made = org.json("POST", admin, "/api/v1/users", &profile);
    assert_eq!(made.status, 200, "{}", made.text());
    let found = |of: &str| {
        let text = format!(r#"profile.login eq "{of}""#);
        logins(&org.get(admin, &target(&[("search", &text)]))).len()
    };
    assert_eq!((found("new@example.com"), found("ada@example.com")), (0, 1));
    assert_eq!(org.get(admin, "/api/v1/users/new@example.com").status, 200, "a read by name is up to date");
    assert_eq!(logins(&org.get(admin, "/api/v1/users")).len(), 2, "a plain list too");
    org.org.clock().advance(jiff::SignedDuration::from_secs(6));
    assert_eq!(found("new@example.com"), 1);
}
