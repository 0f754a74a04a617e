//! Signing in: the page and its form, sessions, session tokens, and who may use an app.

use jiff::Timestamp;
use mock_server::org::change::Change;
use mock_server::org::event_log::Place;
use mock_server::org::seed::{OrgDocument, dev};
use mock_server::org::{Org, OrgOptions};
use serde_json::json;

use crate::browser::{
    Browser, NOW, authorize, authorize_at, header_of, hidden_fields, json_of, landed, pair, text_of, value,
};

const WEB: &str = "0oaweb00000000000001";
const CB: &str = "https://app.example/cb";
const AUTHORIZE: &str = "/oauth2/v1/authorize";

fn web(changes: &[(&str, Option<&str>)]) -> String {
    authorize(WEB, CB, changes)
}

/// Fills the form of the page in and posts it.
fn fill(browser: &Browser, target: &str, username: &str, password: &str) -> mock_server::exchange::Reply {
    let mut fields = hidden_fields(&text_of(&browser.get(target)));
    fields.extend([pair("username", username), pair("password", password)]);
    browser.post(AUTHORIZE, &fields)
}

#[test]
fn the_page_signs_in_and_the_session_lasts() {
    let browser = Browser::new();
    let page = browser.get(&web(&[("login_hint", Some("una.user@example.com"))]));
    assert_eq!(page.status, 200);
    assert_eq!(header_of(&page, "content-type"), Some("text/html;charset=utf-8"));
    let html = text_of(&page);
    assert!(html.contains("value=\"una.user@example.com\""), "the hint is filled in");
    assert!(!html.contains("Or sign in as"), "the org does not offer people");
    let done = fill(&browser, &web(&[]), "UNA.USER@example.com", "una's password");
    let answer = landed(&done, CB, '?');
    assert_eq!((answer[0].0.as_str(), value(&answer, "state")), ("code", "s1"));
    let cookie = done.headers.iter().find(|(name, value)| {
        name.as_str() == "set-cookie" && value.to_str().unwrap().starts_with("sid=102")
    });
    let cookie = cookie.unwrap().1.to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; Secure; SameSite=None"), "{cookie}");
    // The session answers for others, also with prompt=none, and other answers leave it alone.
    browser.get("/favicon.ico");
    let none = landed(&browser.get(&web(&[("prompt", Some("none")), ("state", Some("s2"))])), CB, '?');
    assert_eq!((none[0].0.as_str(), value(&none, "state")), ("code", "s2"));
    // prompt=login asks again.
    assert_eq!(browser.get(&web(&[("prompt", Some("login"))])).status, 200);
    // The log: one sign-in, and each time the user was let in.
    let state = browser.org.state();
    let events = state.events.behind(Place { ms: i64::MIN, nth: 0 });
    let events: Vec<serde_json::Value> =
        events.map(|entry| serde_json::from_str(&entry.event.text).unwrap()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event["eventType"].as_str().unwrap()).collect();
    let let_in = ["user.authentication.sso", "app.oauth2.authorize.code"];
    assert_eq!(kinds, [&["policy.evaluate_sign_on", "user.session.start"][..], &let_in, &let_in].concat());
    assert_eq!(events[1]["actor"]["alternateId"], "una.user@example.com");
    assert_eq!(events[1]["authenticationContext"]["credentialType"], "PASSWORD");
    assert_eq!(events[2]["target"][0]["id"], WEB);
    let later = Browser { now: NOW + 7200, ..browser };
    assert_eq!(later.get(&web(&[])).status, 200, "a session lasts two hours");
}

#[test]
fn an_old_session_is_not_enough_for_max_age() {
    let browser = Browser::new();
    landed(&fill(&browser, &web(&[]), "una.user", "una's password"), CB, '?');
    let later = Browser { now: NOW + 61, ..browser };
    assert_eq!(later.get(&web(&[("max_age", Some("61"))])).status, 302);
    assert_eq!(later.get(&web(&[("max_age", Some("60"))])).status, 200);
    let none = landed(&later.get(&web(&[("max_age", Some("60")), ("prompt", Some("none"))])), CB, '?');
    let text = "The client specified not to prompt, but the client app requires re-authentication or MFA.";
    assert_eq!((value(&none, "error"), value(&none, "error_description")), ("login_required", text));
}

#[test]
fn whoever_is_not_let_in_is_told_on_the_page() {
    for (username, password, problem) in [
        ("una.user@example.com", "wrong", "Unable to sign in"),
        ("una.user@example.com", "", "Unable to sign in"),
        ("nobody@example.com", "una's password", "Unable to sign in"),
        ("nick.nopassword@example.com", "", "Unable to sign in"),
        ("sam.suspended@example.com", "sam's password", "Unable to sign in"),
        ("loki.locked@example.com", "loki's password", "Unable to sign in"),
        ("dora.gone@example.com", "dora's password", "Unable to sign in"),
        ("stan.staged@example.com", "stan's password", "Unable to sign in"),
        ("ella.expired@example.com", "ella's password", "Your password has expired"),
        ("ella.expired@example.com", "wrong", "Unable to sign in"),
    ] {
        let browser = Browser::new();
        let reply = fill(&browser, &web(&[]), username, password);
        assert_eq!(reply.status, 200);
        let html = text_of(&reply);
        assert!(html.contains(&format!("role=\"alert\">{problem}</p>")), "{username}: {html}");
        assert!(html.contains(&format!("value=\"{username}\"")), "what was typed stays");
        assert!(
            password.is_empty() || !html.contains(&password.replace('\'', "&#39;")),
            "the password does not"
        );
        assert!(browser.cookie("sid").is_none());
        // And then rightly.
        let mut fields = hidden_fields(&html);
        fields.extend([pair("username", "una.user"), pair("password", "una's password")]);
        landed(&browser.post(AUTHORIZE, &fields), CB, '?');
    }
}

/// Another site can post the form, but it has not the nonce of this browser.
#[test]
fn the_form_of_another_site_signs_nobody_in() {
    let browser = Browser::new();
    let mut fields = hidden_fields(&text_of(&browser.get(&web(&[]))));
    fields.extend([pair("username", "una.user"), pair("password", "una's password")]);
    let strange = Browser::new();
    let mut forged = fields.clone();
    forged.retain(|(name, _)| name != "signin");
    for (attempt, form) in [(&strange, &fields), (&browser, &forged)] {
        let reply = attempt.post(AUTHORIZE, form);
        assert!(text_of(&reply).contains("This page was out of date. Please sign in again."));
        assert!(attempt.cookie("sid").is_none());
    }
    // A planted cookie that is no nonce does not help.
    let planted = Browser::new();
    planted.set_cookie("signin", "x");
    forged.push(pair("signin", "x"));
    assert!(text_of(&planted.post(AUTHORIZE, &forged)).contains("out of date"));
    landed(&browser.post(AUTHORIZE, &fields), CB, '?');
}

#[test]
fn a_session_token_is_used_once_and_not_for_long() {
    let browser = Browser::new();
    let token = browser.una();
    assert!(token.starts_with("20111"));
    let target = web(&[("sessionToken", Some(&token)), ("prompt", Some("none"))]);
    assert_eq!(landed(&browser.get(&target), CB, '?')[0].0, "code");
    let other = Browser { org: browser.org, ..Browser::new() };
    assert_eq!(value(&landed(&other.get(&target), CB, '?'), "error"), "login_required");
    let slow = other.una();
    let later = Browser { now: NOW + 300, ..other };
    let target = web(&[("sessionToken", Some(&slow))]);
    let page = later.get(&target);
    assert_eq!(page.status, 200, "an expired one leads to the page");
    assert!(!text_of(&page).contains(&slow), "which does not carry it on");
}

#[test]
fn who_is_not_assigned_gets_no_answer() {
    for (client, login, password, assigned) in [
        ("0oamembersonly000001", "una.user", "una's password", true),
        ("0oamembersonly000001", "otto.other", "otto's password", false),
        ("0oaottoonly000000001", "otto.other", "otto's password", true),
        ("0oaottoonly000000001", "una.user", "una's password", false),
    ] {
        let browser = Browser::new();
        let answer = landed(&fill(&browser, &authorize(client, CB, &[]), login, password), CB, '?');
        if assigned {
            assert_eq!(answer[0].0, "code");
        } else {
            let text = "User is not assigned to the client application.";
            assert_eq!(
                answer,
                [pair("state", "s1"), pair("error", "access_denied"), pair("error_description", text)]
            );
            assert!(browser.cookie("sid").is_some(), "signed in all the same");
        }
    }
}

/// Apps that were registered by API ask their users for consent, where a scope of a custom server needs it.
#[test]
fn consent_is_not_given_in_silence() {
    let browser = Browser::new();
    let now = Timestamp::from_second(NOW).unwrap();
    let changed = browser.org.commit(now, |state| {
        let app = state.get("apps", WEB).unwrap();
        let mut value = app.value();
        value["settings"]["oauthClient"]["consent_method"] = json!("REQUIRED");
        let hidden = app.hidden.clone();
        Ok::<_, ()>(vec![Change::put("apps", app.id.clone(), value, hidden)])
    });
    changed.unwrap();
    let ask = |prompt: Option<&str>, scope: &str| {
        let token = browser.una();
        let changes = [("scope", Some(scope)), ("prompt", prompt), ("sessionToken", Some(&*token))];
        browser.get(&authorize_at("/oauth2/default/v1/authorize", WEB, CB, &changes))
    };
    let told = landed(&ask(Some("none"), "openid items.private"), CB, '?');
    let text = "The following scopes require user consent: [items.private].";
    assert_eq!((value(&told, "error"), value(&told, "error_description")), ("consent_required", text));

    // The page names what is asked for; whoever says no sends the app away, and is asked again.
    let decide = |page: &mock_server::exchange::Reply, decision: &str| {
        let mut fields = hidden_fields(&text_of(page));
        fields.push(pair("consent", decision));
        browser.post("/oauth2/default/v1/authorize", &fields)
    };
    let page = ask(None, "openid items.private");
    assert_eq!(page.status, 200);
    assert!(text_of(&page).contains("items.private") && text_of(&page).contains("Don't Allow"));
    let told = landed(&decide(&page, "deny"), CB, '?');
    let text = "The resource owner or authorization server denied the request.";
    assert_eq!((value(&told, "error"), value(&told, "error_description")), ("access_denied", text));

    // Nobody decides for somebody else: without the page's proof the page comes again.
    let mut forged = hidden_fields(&text_of(&page));
    forged.retain(|(name, _)| name != "proof");
    forged.extend([pair("consent", "allow"), pair("proof", "guessed")]);
    assert_eq!(browser.post("/oauth2/default/v1/authorize", &forged).status, 200);

    // A yes is remembered, as a grant that the API shows; `prompt=consent` asks all the same, and `login` once only.
    let page = ask(Some("login"), "openid items.private");
    assert_eq!(landed(&decide(&page, "allow"), CB, '?')[0].0, "code");
    assert_eq!(landed(&ask(Some("none"), "openid items.private"), CB, '?')[0].0, "code");
    assert_eq!(ask(Some("consent"), "openid items.private").status, 200);
    let state = browser.org.state();
    let una = state.all("users").by_alias("una.user@example.com").unwrap();
    let grants: Vec<_> = state.below("user_grants", &una.id).after(None).map(|grant| grant.whole()).collect();
    assert_eq!(grants.len(), 1);
    assert!(grants[0]["issuer"].as_str().unwrap().ends_with("/oauth2/default"));
    assert_eq!((&grants[0]["clientId"], &grants[0]["source"]), (&json!(WEB), &json!("END_USER")));
    assert_eq!(landed(&ask(Some("none"), "openid items.read"), CB, '?')[0].0, "code");
}

#[test]
fn authn_answers_as_okta_does() {
    let browser = Browser::new();
    let ask = |username: &str, password: &str| {
        browser.post_json("/api/v1/authn", &json!({ "username": username, "password": password }))
    };
    let reply = ask("una.user@example.com", "una's password");
    assert_eq!(reply.status, 200);
    let mut body = json_of(&reply);
    assert_eq!(body["expiresAt"], "2026-11-24T10:05:00.000Z");
    assert_eq!(body["_embedded"]["user"]["profile"]["login"], "una.user@example.com");
    let members: Vec<String> = body.as_object_mut().unwrap().keys().cloned().collect();
    assert_eq!(members, ["expiresAt", "status", "sessionToken", "_embedded", "_links"]);
    for (username, password) in [
        ("una.user@example.com", "wrong"),
        ("nobody@example.com", "una's password"),
        ("sam.suspended@example.com", "sam's password"),
        ("loki.locked@example.com", "loki's password"),
        ("dora.gone@example.com", "dora's password"),
        ("stan.staged@example.com", "stan's password"),
    ] {
        let reply = ask(username, password);
        let body = json_of(&reply);
        assert_eq!((reply.status.as_u16(), &body["errorCode"]), (401, &json!("E0000004")), "{username}");
        assert_eq!(
            (&body["errorSummary"], &body["errorCauses"]),
            (&json!("Authentication failed"), &json!([]))
        );
    }
    let expired = json_of(&ask("ella.expired@example.com", "ella's password"));
    assert_eq!(expired["status"], "PASSWORD_EXPIRED");
    assert!(expired["stateToken"].is_string() && expired.get("sessionToken").is_none());
    for (body, status, code) in [
        (json!({ "username": "una.user" }), 400, "E0000001"),
        (json!({ "username": 1, "password": "x" }), 400, "E0000003"),
        (json!([]), 400, "E0000003"),
        (json!({ "token": "x" }), 401, "E0000011"),
    ] {
        let reply = browser.post_json("/api/v1/authn", &body);
        assert_eq!((reply.status.as_u16(), &json_of(&reply)["errorCode"]), (status, &json!(code)), "{body}");
    }
}

/// The page of the `dev` org offers its people, and one of their forms signs in.
#[test]
fn a_developer_picks_somebody() {
    let browser =
        Browser::at(Org::new(&dev(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap());
    let callback = "http://localhost:8090/callback";
    let html = text_of(&browser.get(&authorize("0oadevweb000000001d7", callback, &[])));
    for piece in ["Or sign in as", "Ada Admin", "super admin", "ursula.user@example.com"] {
        assert!(html.contains(piece), "{piece} is missing: {html}");
    }
    assert!(!html.contains("stella.staged"), "who cannot sign in is not offered");
    let forms: Vec<&str> = html.split("<form").collect();
    let ursula = forms.iter().find(|form| form.contains("value=\"ursula.user@example.com\"")).unwrap();
    let fields = hidden_fields(&format!("<form{ursula}"));
    assert_eq!(landed(&browser.post(AUTHORIZE, &fields), callback, '?')[0].0, "code");
}

#[test]
fn mistakes_in_the_org_file_are_named_with_their_place() {
    for (toml, message) in [
        (
            "[[users]]\nprofile = { login = \"una@b.example\" }\n[[apps]]\nname = \"a\"\nkind = \"web\"\nassigned_users = [\"uma@b.example\"]",
            "apps[0].assigned_users: there is no user \"uma@b.example\" (did you mean \"una@b.example\"?)",
        ),
        (
            "[[apps]]\nname = \"a\"\nkind = \"web\"\nassigned_groups = [\"Everyon\"]",
            "apps[0].assigned_groups: there is no group \"Everyon\" (did you mean \"Everyone\"?)",
        ),
    ] {
        let document = OrgDocument::from_toml(toml).unwrap();
        assert_eq!(Org::new(&document, &OrgOptions::default()).unwrap_err().to_string(), message);
    }
}
