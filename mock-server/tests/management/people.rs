//! Users are written: created, changed, moved through their lifecycle; what they sign in with.

use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};

pub(crate) fn post(client: &Client, target: &str, body: &Value) -> Answer {
    client.json("POST", SUPER, target, body)
}

fn person(login: &str) -> Value {
    json!({ "profile": { "firstName": "Grace", "lastName": "Hopper", "login": login, "email": login } })
}

pub(crate) fn with_password(login: &str) -> Value {
    let mut person = person(login);
    person["credentials"] = json!({
        "password": { "value": "Cobol1959x" },
        "recovery_question": { "question": "What bug?", "answer": "a moth" },
    });
    person
}

/// A new user's id.
pub(crate) fn new(client: &Client, query: &str, body: &Value) -> String {
    let answer = post(client, &format!("/api/v1/users{query}"), body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn cause(answer: &Answer) -> String {
    let body = answer.json();
    let first = body["errorCauses"][0]["errorSummary"].as_str().unwrap_or_default().to_owned();
    format!("{} | {first}", answer.error())
}

fn status(client: &Client, id: &str) -> String {
    client.get(SUPER, &format!("/api/v1/users/{id}")).json()["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_user_begins_in_the_state_that_the_request_asks_for() {
    let client = Client::dev();
    let federated = json!({ "provider": { "type": "FEDERATION", "name": "FEDERATION" } });
    let hashed = json!({ "password": { "hash": { "algorithm": "SHA-256", "value": "AAAA" } } });
    for (nth, (query, credentials, status, activated, changed)) in [
        ("", json!({ "password": {} }), "PROVISIONED", true, false),
        ("?activate=false", json!({}), "STAGED", false, false),
        ("?activate=false", json!({ "password": { "value": "Cobol1959x" } }), "STAGED", false, true),
        ("?activate=true", json!({ "password": { "value": "Cobol1959x" } }), "ACTIVE", true, true),
        ("", hashed, "ACTIVE", true, true),
        ("?provider=true", federated, "ACTIVE", true, false),
        (
            "?nextLogin=changePassword",
            json!({ "password": { "value": "Cobol1959x" } }),
            "PASSWORD_EXPIRED",
            true,
            true,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = person(&format!("grace{nth}@example.com"));
        body["credentials"] = credentials;
        let answer = post(&client, &format!("/api/v1/users{query}"), &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let user = answer.json();
        assert_eq!(user["status"], status, "{query}");
        assert_eq!(user["activated"].is_string(), activated, "{query}");
        assert_eq!(user["passwordChanged"].is_string(), changed, "{query}");
        assert_eq!(user["credentials"].get("password").is_some(), changed, "{query}");
        let groups = client.get(SUPER, &format!("/api/v1/users/{}/groups", user["id"].as_str().unwrap()));
        assert_eq!(groups.json()[0]["profile"]["name"], "Everyone");
    }
}

#[test]
fn a_user_that_cannot_be_created_is_told_why() {
    let client = Client::dev();
    let profile = |name: &str, value: Value| {
        let mut person = person("grace@example.com");
        person["profile"][name] = value;
        person
    };
    new(&client, "", &person("taken@example.com"));
    let many: Vec<String> = (0..21).map(|nth| format!("00g{nth}")).collect();
    let with = |name: &str, value: Value| {
        let mut person = person("grace@example.com");
        person[name] = value;
        person
    };
    let weak = json!({ "password": { "value": "password" } });
    for (query, body, expected) in [
        (
            "",
            profile("notValid", json!("x")),
            "400 E0000001 Api validation failed: newUser | Property name 'notValid' is not defined in profile",
        ),
        (
            "",
            profile("login", json!("Taken@example.com")),
            "400 E0000001 Api validation failed: login | login: An object with this field already exists in the current organization",
        ),
        (
            "",
            profile("lastName", Value::Null),
            "400 E0000001 Api validation failed: lastName | lastName: The field cannot be left blank",
        ),
        (
            "",
            profile("login", json!("grace")),
            "400 E0000001 Api validation failed: login | login: Username must be in the form of an email address",
        ),
        (
            "?nextLogin=changePassword",
            person("grace@example.com"),
            "400 E0000124 Could not create user. To create a user and expire their password immediately, a password must be specified | ",
        ),
        (
            "?activate=false&nextLogin=changePassword",
            with_password("grace@example.com"),
            "400 E0000125 Could not create user. To create a user and expire their password immediately, \"activate\" must be true | ",
        ),
        ("", with("groupIds", json!(many)), "400 E0000093 Target count limit exceeded | "),
        (
            "",
            with("groupIds", json!(["00gnone"])),
            "404 E0000007 Not found: Resource not found: 00gnone (UserGroup) | ",
        ),
        (
            "",
            with("credentials", weak),
            "400 E0000001 Api validation failed: password | Password requirements were not met. Password requirements: at least 8 characters, a lowercase letter, an uppercase letter, a number, no parts of your username.",
        ),
    ] {
        let answer = post(&client, &format!("/api/v1/users{query}"), &body);
        assert_eq!(cause(&answer), expected, "{query} {body}");
    }
    assert_eq!(client.get(SUPER, "/api/v1/users/grace@example.com").status, 404, "nothing was created");
}

#[test]
fn put_replaces_the_profile_and_post_changes_what_it_names() {
    let client = Client::dev();
    let mut body = with_password("grace@example.com");
    body["profile"]["title"] = json!("Rear admiral");
    let id = new(&client, "", &body);
    let target = format!("/api/v1/users/{id}");
    let partly = post(&client, &target, &json!({ "profile": { "nickName": "Amazing" } })).json();
    assert_eq!(partly["profile"]["title"], "Rear admiral");
    assert_eq!(partly["profile"]["nickName"], "Amazing");
    assert_eq!(partly["credentials"]["recovery_question"]["question"], "What bug?");
    let whole = client.json("PUT", SUPER, &target, &person("grace@example.com")).json();
    assert_eq!(whole["profile"].get("title"), None);
    assert_eq!(whole["credentials"]["password"], json!({}), "credentials stay");
    let gone = post(&client, &target, &json!({ "profile": { "lastName": null } }));
    assert_eq!(gone.status, 400);
}

#[test]
fn a_change_may_be_bound_to_what_the_client_has_seen() {
    let client = Client::dev();
    let id = new(&client, "", &person("grace@example.com"));
    let target = format!("/api/v1/users/{id}");
    let tag = client.get(SUPER, &target).header("etag").unwrap().to_owned();
    let change = |tag: &str, title: &str| {
        let headers = [("Authorization", SUPER), ("Content-Type", "application/json"), ("If-Match", tag)];
        client.send("POST", &target, &headers, &json!({ "profile": { "title": title } }).to_string())
    };
    assert_eq!(change("no tag", "a").error(), "400 E0000242 ETag syntax is invalid.");
    assert_eq!(change("W/\"00\"", "a").error(), "412 E0000231 ETag value doesn't match.");
    assert_eq!(change(&tag, "a").status, 200);
    assert_eq!(change(&tag, "b").status, 412, "it has changed since");
}

#[test]
fn the_lifecycle_allows_what_okta_allows() {
    let client = Client::dev();
    let id = new(&client, "?activate=false", &with_password("grace@example.com"));
    let act = |name: &str| post(&client, &format!("/api/v1/users/{id}/lifecycle/{name}"), &json!({}));
    for (name, answer, then) in [
        ("unlock", "403 E0000032 Unlock is not allowed for this user.", "STAGED"),
        ("reactivate", "403 E0000038 This operation is not allowed in the user's current status.", "STAGED"),
        ("suspend", "400 E0000001 Api validation failed: suspendUser", "STAGED"),
        ("activate", "{}", "ACTIVE"),
        ("activate", "403 E0000016 Activation failed because the user is already active", "ACTIVE"),
        ("suspend", "{}", "SUSPENDED"),
        ("reset_password", "403 E0000017 Password reset failed", "SUSPENDED"),
        ("unsuspend", "{}", "ACTIVE"),
        ("expire_password", "PASSWORD_EXPIRED", "PASSWORD_EXPIRED"),
        ("deactivate", "{}", "DEPROVISIONED"),
        ("deactivate", "{}", "DEPROVISIONED"),
        ("activate?sendEmail=false", "token", "ACTIVE"),
    ] {
        let reply = act(name);
        let told = match reply.status {
            200 if reply.json().get("activationToken").is_some() => "token".to_owned(),
            200 if reply.json().get("status").is_some() => {
                reply.json()["status"].as_str().unwrap().to_owned()
            }
            200 => reply.text().to_owned(),
            _ => reply.error(),
        };
        assert_eq!((told.as_str(), status(&client, &id).as_str()), (answer, then), "{name}");
    }
}

#[test]
fn a_user_is_deleted_in_two_steps() {
    let client = Client::dev();
    let id = new(&client, "", &person("grace@example.com"));
    let target = format!("/api/v1/users/{id}");
    assert_eq!(client.delete(SUPER, &target).status, 204);
    assert_eq!(status(&client, &id), "DEPROVISIONED");
    let refused = post(&client, &target, &json!({ "profile": { "title": "x" } }));
    assert_eq!(refused.error(), "403 E0000038 This operation is not allowed in the user's current status.");
    assert_eq!(client.delete(SUPER, &target).status, 204);
    assert_eq!(
        client.get(SUPER, &target).error(),
        format!("404 E0000007 Not found: Resource not found: {id} (User)")
    );
    new(&client, "", &person("grace@example.com"));
}

#[test]
fn passwords_are_changed_recovered_and_expire() {
    let client = Client::dev();
    let id = new(&client, "", &with_password("grace@example.com"));
    let act = |path: &str, body: Value| post(&client, &format!("/api/v1/users/{id}/{path}"), &body);
    let signs_in = |password: &str| {
        // A name signs in four times a second.
        client.org.clock().advance(jiff::SignedDuration::from_secs(1));
        let body = json!({ "username": "grace@example.com", "password": password });
        let answer = client.json("POST", "", "/api/v1/authn", &body);
        if answer.status == 200 {
            answer.json()["status"].as_str().unwrap().to_owned()
        } else {
            answer.error()
        }
    };
    assert_eq!(signs_in("Cobol1959x"), "SUCCESS");
    let change = |old: &str, new: &str| {
        act(
            "credentials/change_password",
            json!({ "oldPassword": { "value": old }, "newPassword": { "value": new } }),
        )
    };
    assert_eq!(
        cause(&change("wrong", "Flowmatic1955")),
        "403 E0000014 Update of credentials failed | Old Password is not correct"
    );
    let changed = change("Cobol1959x", "Flowmatic1955");
    assert_eq!(
        changed.json(),
        json!({ "password": {}, "recovery_question": { "question": "What bug?" },
            "provider": { "type": "OKTA", "name": "OKTA" } })
    );
    assert_eq!(signs_in("Cobol1959x"), "401 E0000004 Authentication failed");
    assert_eq!(signs_in("Flowmatic1955"), "SUCCESS");
    let forgotten = |answer: &str| {
        act(
            "credentials/forgot_password_recovery_question",
            json!({ "password": { "value": "Univac1951" }, "recovery_question": { "answer": answer } }),
        )
    };
    assert_eq!(
        forgotten("a beetle").error(),
        "403 E0000087 The recovery question answer did not match our records."
    );
    assert_eq!(forgotten("A moth").status, 200);
    assert_eq!(signs_in("Univac1951"), "SUCCESS");
    let question = json!({ "password": { "value": "Univac1951" },
        "recovery_question": { "question": "Which ship?", "answer": "USS Hopper" } });
    assert_eq!(
        act("credentials/change_recovery_question", question).json()["recovery_question"]["question"],
        "Which ship?"
    );
    let url = act("credentials/forgot_password?sendEmail=false", json!({})).json();
    assert!(url["resetPasswordUrl"].as_str().unwrap().contains("/signin/reset-password/dfp"), "{url}");
    let temporary = act("lifecycle/expire_password_with_temp_password", json!({})).json();
    assert_eq!(signs_in(temporary["tempPassword"].as_str().unwrap()), "PASSWORD_EXPIRED");
    let url = act("lifecycle/reset_password?sendEmail=false", json!({})).json();
    assert!(url["resetPasswordUrl"].as_str().unwrap().contains("/reset_password/drp"), "{url}");
    assert_eq!(status(&client, &id), "RECOVERY");
}

#[test]
fn a_caller_may_ask_for_smaller_users() {
    let client = Client::dev();
    let wanted = "application/json; okta-response=\"omitCredentials,omitCredentialsLinks\"";
    let headers = [("Authorization", SUPER), ("Content-Type", wanted)];
    let small = client.send("GET", "/api/v1/users/me", &headers, "").json();
    assert_eq!(small.get("credentials"), None);
    assert_eq!(small["_links"].get("resetPassword"), None);
    assert!(small["_links"]["self"]["href"].as_str().unwrap().starts_with("http://acme"));
    let list = client.send("GET", "/api/v1/users?limit=2", &headers, "").json();
    assert_eq!(list[1].get("credentials"), None);
    assert!(list[1]["profile"].is_object());
}

#[test]
fn sessions_are_those_that_people_have() {
    let client = Client::dev();
    let id = new(&client, "", &with_password("grace@example.com"));
    let sign_in = json!({ "username": "grace@example.com", "password": "Cobol1959x" });
    let token = client.json("POST", "", "/api/v1/authn", &sign_in).json()["sessionToken"].clone();
    let session = post(&client, "/api/v1/sessions", &json!({ "sessionToken": token }));
    assert_eq!(session.status, 200, "{}", session.text());
    let session = session.json();
    assert_eq!((session["userId"].as_str(), session["status"].as_str()), (Some(&*id), Some("ACTIVE")));
    let again = post(&client, "/api/v1/sessions", &json!({ "sessionToken": token }));
    assert_eq!(again.error(), "401 E0000004 Authentication failed");
    let target = format!("/api/v1/sessions/{}", session["id"].as_str().unwrap());
    assert_eq!(client.get(SUPER, &target).json()["login"], "grace@example.com");
    assert_eq!(post(&client, &format!("{target}/lifecycle/refresh"), &json!({})).status, 200);
    let cookie = format!("sid={}", session["id"].as_str().unwrap());
    let own = client.send("GET", "/api/v1/sessions/me", &[("Authorization", SUPER), ("Cookie", &cookie)], "");
    assert_eq!(own.json()["id"], session["id"]);
    assert_eq!(client.delete(SUPER, &format!("/api/v1/users/{id}/sessions")).status, 204);
    assert!(client.get(SUPER, &target).error().ends_with("(AppSession)"));
}

#[test]
fn factors_are_enrolled_activated_and_verified() {
    let client = Client::dev();
    let id = new(&client, "", &with_password("grace@example.com"));
    let factors = format!("/api/v1/users/{id}/factors");
    let question = json!({ "factorType": "question", "provider": "OKTA",
        "profile": { "question": "disliked_food", "answer": "liver" } });
    let enrolled = post(&client, &factors, &question).json();
    assert_eq!(enrolled["status"], "ACTIVE");
    assert_eq!(enrolled["profile"].get("answer"), None);
    let own = format!("{factors}/{}", enrolled["id"].as_str().unwrap());
    let verify = |answer: &str| post(&client, &format!("{own}/verify"), &json!({ "answer": answer }));
    assert_eq!(verify("liver").json(), json!({ "factorResult": "SUCCESS" }));
    assert_eq!(verify("cake").error(), "403 E0000068 Invalid Passcode/Answer");
    let other = json!({ "profile": { "question": "first_award", "answer": "spelling" } });
    let replaced = client.json("PUT", SUPER, &own, &other).json();
    assert_eq!(replaced["profile"]["questionText"], "What did you earn your first medal or award for?");
    let phone =
        json!({ "factorType": "sms", "provider": "OKTA", "profile": { "phoneNumber": "+15554151337" } });
    let sms = post(&client, &factors, &phone);
    let code = sms.reason("message").rsplit(' ').next().unwrap().to_owned();
    assert_eq!(sms.json()["status"], "PENDING_ACTIVATION");
    let own = format!("{factors}/{}", sms.json()["id"].as_str().unwrap());
    let activate =
        |code: &str| post(&client, &format!("{own}/lifecycle/activate"), &json!({ "passCode": code }));
    assert_eq!(activate("none").error(), "403 E0000068 Invalid Passcode/Answer");
    assert_eq!(activate(&code).json()["status"], "ACTIVE");
    // A phone is sent one message in 30 seconds.
    client.org.clock().advance(jiff::SignedDuration::from_secs(30));
    assert_eq!(post(&client, &format!("{own}/verify"), &json!({})).json()["factorResult"], "CHALLENGE");
    assert_eq!(client.get(SUPER, &factors).json().as_array().unwrap().len(), 2);
    assert_eq!(
        post(&client, &format!("/api/v1/users/{id}/lifecycle/reset_factors"), &json!({})).text(),
        "{}"
    );
    assert_eq!(client.get(SUPER, &factors).text(), "[]");
}

#[test]
fn linked_objects_are_seen_from_both_ends() {
    let client = Client::dev();
    let definition = json!({
        "primary": { "name": "manager", "title": "Manager", "type": "USER" },
        "associated": { "name": "subordinate", "title": "Subordinate", "type": "USER" },
    });
    let definitions = "/api/v1/meta/schemas/user/linkedObjects";
    assert_eq!(post(&client, definitions, &definition).status, 201);
    assert_eq!(post(&client, definitions, &definition).status, 409);
    assert_eq!(client.get(SUPER, &format!("{definitions}/subordinate")).json()["primary"]["name"], "manager");
    let people: Vec<String> =
        ["boss", "one", "two"].map(|name| new(&client, "", &person(&format!("{name}@example.com")))).into();
    let linked = |user: &str, name: &str| {
        let list = client.get(SUPER, &format!("/api/v1/users/{user}/linkedObjects/{name}")).json();
        let href = |one: &Value| {
            one["_links"]["self"]["href"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
        };
        list.as_array().unwrap().iter().map(href).collect::<Vec<_>>()
    };
    for person in &people[1..] {
        let target = format!("/api/v1/users/{person}/linkedObjects/manager/{}", people[0]);
        assert_eq!(client.json("PUT", SUPER, &target, &json!({})).status, 204);
    }
    assert_eq!(linked(&people[0], "subordinate"), people[1..]);
    assert_eq!(linked(&people[1], "manager"), people[..1]);
    assert_eq!(
        client.delete(SUPER, &format!("/api/v1/users/{}/linkedObjects/manager", people[1])).status,
        204
    );
    assert_eq!(linked(&people[0], "subordinate"), people[2..]);
    assert_eq!(client.delete(SUPER, &format!("{definitions}/manager")).status, 204);
    let gone = client.get(SUPER, &format!("/api/v1/users/{}/linkedObjects/manager", people[2]));
    assert_eq!(gone.error(), "404 E0000007 Not found: Resource not found: manager (LinkedObjectProperty)");
}
