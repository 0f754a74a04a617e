//! Pages (mgmt-facts §3).

use proptest::prelude::*;

use crate::client::{BASE, Client, SUPER};

#[test]
fn two_link_lines_self_first_and_no_next_on_the_last_page() {
    let client = Client::dev();
    let first = client.get(SUPER, "/api/v1/users");
    let lines: Vec<_> = first.headers("link").collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], format!("<{BASE}/api/v1/users?limit=200>; rel=\"self\""));
    assert!(lines[1].starts_with(&format!("<{BASE}/api/v1/users?after=200u")), "{}", lines[1]);
    assert!(lines[1].ends_with("&limit=200>; rel=\"next\""), "{}", lines[1]);
    let last = client.get(SUPER, &first.next().unwrap());
    assert_eq!((first.json().as_array().unwrap().len(), last.json().as_array().unwrap().len()), (200, 50));
    assert_eq!(last.headers("link").count(), 1);
}

#[test]
fn defaults_differ_per_list() {
    let client = Client::dev();
    for (target, limit) in [("/api/v1/users", 200), ("/api/v1/groups", 10000), ("/api/v1/apps", 20)] {
        let answer = client.get(SUPER, target);
        assert_eq!(
            answer.header("link"),
            Some(format!("<{BASE}{target}?limit={limit}>; rel=\"self\"").as_str())
        );
    }
}

#[test]
fn a_cursor_that_names_nothing_is_refused() {
    let client = Client::dev();
    for target in ["/api/v1/users?after=nothing", "/api/v1/apps?after=0oanothing", "/api/v1/groups?after=%00"]
    {
        let answer = client.get(SUPER, target);
        assert_eq!(answer.error(), "400 E0000029 Invalid paging request.", "{target}");
        assert_eq!(answer.json()["errorCauses"][0]["errorSummary"], "Invalid cursor.");
    }
}

#[test]
fn an_org_that_caps_its_pages_serves_small_data_in_several() {
    let client = Client::of(
        r#"
        max_page = 2
        [generate]
        users = 5
        [[users]]
        profile = { login = "admin@example.com" }
        admin_roles = ["SUPER_ADMIN"]
        [[api_tokens]]
        token = "00t"
        owner = "admin@example.com"
        "#,
    );
    let mut sizes = Vec::new();
    let mut target = Some("/api/v1/users".to_owned());
    while let Some(next) = target {
        let answer = client.get("SSWS 00t", &next);
        sizes.push(answer.json().as_array().unwrap().len());
        target = answer.next();
    }
    assert_eq!(sizes, [2, 2, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whatever the size of the pages, walking them gives every user once, in the order of creation.
    #[test]
    fn pages_have_no_hole_and_no_duplicate(limit in 1_usize..250) {
        let client = Client::dev();
        client.org.configure(|settings| settings.limits.profile = "off".to_owned());
        let whole = client.get(SUPER, "/api/v1/groups").json();
        let everyone = whole[0]["id"].as_str().unwrap().to_owned();
        let mut ids = Vec::new();
        let mut target = Some(format!("/api/v1/groups/{everyone}/users?limit={limit}"));
        while let Some(next) = target {
            let answer = client.get(SUPER, &next);
            let page = answer.json();
            let page = page.as_array().unwrap();
            prop_assert!(page.len() <= limit && !page.is_empty());
            ids.extend(page.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
            target = answer.next();
        }
        let state = client.org.state();
        let expected: Vec<_> = state.all("users").after(None).map(|user| user.id.to_string()).collect();
        prop_assert_eq!(ids, expected);
    }
}
