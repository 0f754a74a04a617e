//! Settings of the org: what it says of itself, support, CAPTCHA, features, log streams, push, SMS, telephony.

use serde_json::{Value, json};

use crate::client::{Answer, Client, SUPER};

fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.json("POST", SUPER, path, &body)
}

fn get(client: &Client, path: &str) -> Value {
    client.get(SUPER, path).json()
}

#[test]
fn anybody_learns_which_org_it_is() {
    let client = Client::dev();
    let answer = client.send("GET", "/.well-known/okta-organization", &[], "");
    assert_eq!((answer.status, &answer.json()["pipeline"]), (200, &json!("idx")));
    assert_eq!(answer.json()["id"], get(&client, "/api/v1/org")["id"]);
    assert_eq!(answer.reason("scope"), "the operation is public");
    let links = client.send("GET", "/.well-known/assetlinks.json", &[], "");
    assert_eq!(links.text(), "[]");
}

#[test]
fn an_update_changes_what_it_names_and_a_replacement_the_rest_too() {
    let client = Client::dev();
    let org = post(&client, "/api/v1/org", json!({ "supportPhoneNumber": "1", "status": "X" })).json();
    assert_eq!((&org["supportPhoneNumber"], &org["status"]), (&json!("1"), &json!("ACTIVE")));
    let replaced = client.json("PUT", SUPER, "/api/v1/org", &json!({ "city": "Oslo" })).json();
    assert_eq!((&replaced["supportPhoneNumber"], &replaced["city"]), (&json!(""), &json!("Oslo")));
    assert_eq!(replaced["companyName"], org["companyName"]);
}

#[test]
fn support_gets_in_for_a_while() {
    let client = Client::dev();
    let path = "/api/v1/org/privacy/oktaSupport";
    assert_eq!(get(&client, path)["expiration"], Value::Null);
    let granted = post(&client, &format!("{path}/grant"), json!({})).json();
    let extended = post(&client, &format!("{path}/extend"), json!({})).json();
    let at = |value: &Value| value["expiration"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at(&granted).duration_since(client.org.clock().now()).as_hours(), 7, "8 hours, less a moment");
    assert_eq!(at(&extended).duration_since(at(&granted)).as_hours(), 24);
    assert_eq!(extended["_links"].as_object().unwrap().keys().collect::<Vec<_>>(), ["extend", "revoke"]);
    let revoked = post(&client, &format!("{path}/revoke"), json!({})).json();
    assert_eq!((&revoked["support"], &revoked["expiration"]), (&json!("DISABLED"), &Value::Null));
}

#[test]
fn consent_to_aerial_is_there_from_grant_to_revocation() {
    let client = Client::dev();
    let path = "/api/v1/org/privacy/aerial";
    assert_eq!(client.get(SUPER, path).status, 404);
    let account = json!({ "accountId": "0200bs0617vvhv2v675mch1cukp" });
    let granted = post(&client, &format!("{path}/grant"), account.clone()).json();
    assert_eq!(
        (&get(&client, path), &granted["grantedBy"]),
        (&granted, &get(&client, "/api/v1/users/me")["id"])
    );
    let revoked = post(&client, &format!("{path}/revoke"), account).json();
    assert!(revoked["_links"]["grant"]["href"].as_str().unwrap().ends_with("/aerial/grant"));
    assert_eq!(client.get(SUPER, path).status, 404);
}

#[test]
fn switches_say_what_they_are_and_link_to_what_they_can_become() {
    let client = Client::dev();
    let hidden = post(&client, "/api/v1/org/preferences/hideEndUserFooter", json!({})).json();
    assert_eq!(hidden["showEndUserFooter"], false);
    assert_eq!(get(&client, "/api/v1/org/preferences"), hidden);
    assert!(hidden["_links"].get("showEndUserFooter").is_some());
    let path = "/api/v1/org/privacy/oktaCommunication";
    assert_eq!(post(&client, &format!("{path}/optOut"), json!({})).json()["optOutEmailUsers"], true);
    assert_eq!(post(&client, &format!("{path}/optIn"), json!({})).json()["optOutEmailUsers"], false);
}

#[test]
fn a_contact_is_a_user_of_the_org() {
    let client = Client::dev();
    let me = get(&client, "/api/v1/users/me")["id"].clone();
    let path = "/api/v1/org/contacts/billing";
    assert!(get(&client, path)["userId"].is_string());
    assert_eq!(client.json("PUT", SUPER, path, &json!({ "userId": me })).status, 200);
    assert_eq!(get(&client, "/api/v1/org/contacts/BILLING")["userId"], me);
    let nobody = client.json("PUT", SUPER, path, &json!({ "userId": "00unobody" }));
    assert_eq!(nobody.error(), "404 E0000007 Not found: Resource not found: 00unobody (User)");
    assert_eq!(client.get(SUPER, "/api/v1/org/contacts/sales").status, 404);
    let errors =
        post(&client, "/api/v1/org/email/bounces/remove-list", json!({ "emailAddresses": ["x@y@z"] }));
    assert!(errors.json()["errors"][0]["reason"].as_str().unwrap().starts_with("Invalid email address."));
}

#[test]
fn an_org_has_one_captcha_and_does_not_lose_it_while_it_is_used() {
    let client = Client::dev();
    let body = json!({ "name": "c", "siteKey": "s", "secretKey": "x", "type": "HCAPTCHA" });
    let made = post(&client, "/api/v1/captchas", body.clone()).json();
    assert_eq!(made.get("secretKey"), None);
    let second = post(&client, "/api/v1/captchas", body).json();
    let cause = &second["errorCauses"][0];
    assert_eq!((&second["errorCode"], &cause["reason"]), (&json!("E0000166"), &json!("EXCEEDS_MAX_VALUE")));
    assert_eq!((&cause["locationType"], &cause["domain"]), (&json!("url"), &json!("captcha")));
    let path = format!("/api/v1/captchas/{}", made["id"].as_str().unwrap());
    let used = json!({ "captchaId": made["id"], "enabledPages": ["SIGN_IN"] });
    assert_eq!(client.json("PUT", SUPER, "/api/v1/org/captcha", &used).status, 200);
    assert!(client.delete(SUPER, &path).error().starts_with("403 E0000168 "));
    assert_eq!(client.delete(SUPER, "/api/v1/org/captcha").status, 204);
    assert_eq!(get(&client, "/api/v1/org/captcha")["captchaId"], Value::Null);
    assert_eq!(client.delete(SUPER, &path).status, 204);
}

#[test]
fn features_take_what_they_need_along_only_when_forced() {
    let client = Client::dev();
    let features = get(&client, "/api/v1/features");
    let id = |name: &str| {
        let found = features.as_array().unwrap().iter().find(|one| one["name"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let experience = id("New End User Experience");
    let quick = id("Allow end-users to quickly access everyday apps");
    let path = format!("/api/v1/features/{quick}");
    assert_eq!(get(&client, &format!("{path}/dependencies"))[0]["id"], experience.as_str());
    let enable =
        |query: &str| client.send("POST", &format!("{path}/enable{query}"), &[("Authorization", SUPER)], "");
    assert!(enable("").error().starts_with("400 E0000141 "));
    assert_eq!(enable("?mode=force").json()["status"], "ENABLED");
    assert_eq!(get(&client, &format!("/api/v1/features/{experience}"))["status"], "ENABLED");
}

#[test]
fn secrets_of_log_streams_and_push_providers_are_not_shown() {
    let client = Client::dev();
    let settings = json!({ "host": "a.splunkcloud.com", "edition": "aws", "token": "x-secret-x" });
    let body = json!({ "type": "splunk_cloud_logstreaming", "name": "s", "settings": settings, "status": "INACTIVE" });
    let stream = post(&client, "/api/v1/logStreams", body);
    assert_eq!((stream.status, &stream.json()["status"]), (200, &json!("ACTIVE")));
    assert!(!stream.text().contains("x-secret-x"));
    let path = format!("/api/v1/logStreams/{}", stream.json()["id"].as_str().unwrap());
    let off = client.send("POST", &format!("{path}/lifecycle/deactivate"), &[("Authorization", SUPER)], "");
    assert_eq!((off.status, off.text()), (200, ""));
    assert_eq!(get(&client, &path)["status"], "INACTIVE");

    let account = json!({ "project_id": "p1", "private_key": "x-secret-x" });
    let body =
        json!({ "name": "p", "providerType": "FCM", "configuration": { "serviceAccountJson": account } });
    let provider = post(&client, "/api/v1/push-providers", body);
    assert_eq!(provider.json()["configuration"], json!({ "projectId": "p1" }));
    let missing = post(&client, "/api/v1/push-providers", json!({ "name": "p" }));
    assert_eq!(missing.json()["errorCauses"].as_array().unwrap().len(), 2);
}

#[test]
fn an_update_of_an_sms_template_leaves_its_translations() {
    let client = Client::dev();
    let body = json!({ "name": "a", "type": "SMS_VERIFY_CODE", "template": "${code}", "translations": { "fr": "F" } });
    let made = post(&client, "/api/v1/templates/sms", body.clone()).json();
    let path = format!("/api/v1/templates/sms/{}", made["id"].as_str().unwrap());
    let changed = post(&client, &path, json!({ "name": "b", "translations": { "de": "D" } })).json();
    assert_eq!((&changed["name"], &changed["translations"]), (&json!("b"), &json!({ "fr": "F" })));
    let replaced = client.json("PUT", SUPER, &path, &body).json();
    assert_eq!(replaced.get("translations"), None, "the answer leaves them out");
    assert_eq!(get(&client, &path)["translations"], json!({ "fr": "F" }));
}

#[test]
fn one_telephony_provider_is_primary() {
    let client = Client::dev();
    let provider = |sid: &str| {
        let body = json!({ "providerName": "TWILIO", "providerSid": sid, "providerAuthToken": "x" });
        post(&client, "/api/v1/telephony-providers", body).json()
    };
    let (first, second) = (provider("AC1"), provider("AC2"));
    assert_eq!((&first["isPrimaryProvider"], &second["isPrimaryProvider"]), (&json!(true), &json!(false)));
    let path = |one: &Value| format!("/api/v1/telephony-providers/{}", one["id"].as_str().unwrap());
    post(&client, &format!("{}/setAsPrimary", path(&second)), json!({}));
    assert_eq!(get(&client, &path(&first))["isPrimaryProvider"], false);
    assert_eq!(get(&client, &path(&second))["isPrimaryProvider"], true);
}
