//! Rate limits as a caller sees them (ratelimit-oin-facts §1.1 to §1.3).

use jiff::SignedDuration;
use mock_server::exchange::Trace;
use mock_server::gateway;
use mock_server::limits::{self, BucketOverride, LimitSettings};
use serde_json::{Value, json};

use crate::client::{Client, SUPER};

fn tiny() -> Client {
    let client = Client::dev();
    client.org.configure(|settings| settings.limits.profile = "tiny".to_owned());
    client.org.clock().freeze(true);
    client
}

#[test]
fn the_headers_count_down_and_the_fourth_request_is_one_too_many() {
    let client = tiny();
    let now = client.org.clock().now().as_second();
    for remaining in ["2", "1", "0"] {
        let answer = client.get(SUPER, "/api/v1/users?limit=1");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-rate-limit-limit"), Some("3"));
        assert_eq!(answer.header("x-rate-limit-remaining"), Some(remaining));
        assert_eq!(answer.header("x-rate-limit-reset"), Some((now + 60).to_string().as_str()));
    }
    let refused = client.get(SUPER, "/api/v1/users?limit=1");
    assert_eq!(refused.error(), "429 E0000047 API call exceeded rate limit due to too many requests.");
    assert_eq!(refused.header("x-rate-limit-remaining"), Some("0"));
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(refused.header("cache-control"), None);
    assert!(refused.header("date").is_some() && refused.header("x-okta-request-id").is_some());
    client.org.clock().advance(SignedDuration::from_secs(60));
    assert_eq!(client.get(SUPER, "/api/v1/users?limit=1").status, 200);
}

#[test]
fn buckets_and_principals_are_counted_apart_and_failures_count_too() {
    let client = tiny();
    for _ in 0..3 {
        client.get(SUPER, "/api/v1/users/nobody");
    }
    assert_eq!(client.get(SUPER, "/api/v1/users/me").status, 200, "its own bucket");
    assert_eq!(client.get(SUPER, "/api/v1/users/nobody").status, 429, "404s are counted");
    assert_eq!(client.get(SUPER, "/api/v1/groups").status, 200);
    assert_eq!(
        client.get("SSWS 00devReadOnlyToken00000000000000000000000A", "/api/v1/users/nobody").status,
        404
    );
}

#[test]
fn off_limits_nothing_and_says_nothing() {
    let client = Client::dev();
    client.org.configure(|settings| settings.limits.profile = "off".to_owned());
    let answer = client.get(SUPER, "/api/v1/users?limit=1");
    assert_eq!((answer.status, answer.header("x-rate-limit-limit")), (200, None));
}

#[test]
fn the_token_endpoint_has_a_share_a_client_and_keys_are_not_charged() {
    let client = tiny();
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Basic MG9hMTp4")];
    for _ in 0..3 {
        let answer = client.send("POST", "/oauth2/v1/token", &form, "grant_type=client_credentials&scope=x");
        assert_eq!((answer.status, answer.header("x-rate-limit-limit")), (401, Some("3")));
    }
    let refused = client.send("POST", "/oauth2/v1/token", &form, "grant_type=client_credentials&scope=x");
    assert_eq!(refused.error(), "429 E0000047 API call exceeded rate limit due to too many requests.");
    for target in
        ["/oauth2/v1/keys", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
    {
        let answer = client.send("GET", target, &[], "");
        assert_eq!((answer.status, answer.header("x-rate-limit-limit")), (200, None), "{target}");
    }
}

/// Requests of anybody about somebody, one too many (§1.7): who refuses it, and after how long it passes.
#[test]
fn a_phone_a_mailbox_and_a_factor_are_not_asked_too_often() {
    let client = Client::dev();
    client.org.clock().freeze(true);
    let wait = |seconds| client.org.clock().advance(SignedDuration::from_secs(seconds));
    let post = |target: &str, body: &Value| client.json("POST", SUPER, target, body);
    let factors = "/api/v1/users/ada.admin@example.com/factors";
    for (kind, refusal) in [
        ("sms", "429 E0000109 An SMS message was recently sent. Please wait 30 seconds before trying again."),
        ("call", "429 E0000133 A phone call was recently made. Please wait 30 seconds before trying again."),
    ] {
        let body = json!({ "factorType": kind, "provider": "OKTA", "profile": { "phoneNumber": "+1 555 415 1337" } });
        assert_eq!(post(factors, &body).status, 200, "{kind}");
        let refused = post(factors, &body);
        assert_eq!(refused.error(), refusal);
        let number = |name: &str| refused.header(name).map(str::to_owned);
        assert_eq!(number("x-rate-limit-limit").as_deref(), Some("1"));
        assert_eq!(number("x-rate-limit-remaining").as_deref(), Some("0"));
        assert_eq!(refused.headers("x-rate-limit-reset").count(), 1);
        wait(29);
        assert_eq!(post(factors, &body).status, 429, "{kind}");
        wait(1);
        assert_eq!(post(factors, &body).status, 200, "{kind}");
    }
    let mail =
        json!({ "factorType": "email", "provider": "OKTA", "profile": { "email": "ada@example.com" } });
    let id = post(factors, &mail).json()["id"].as_str().unwrap().to_owned();
    let resend = || post(&format!("{factors}/{id}/resend"), &json!({}));
    assert_eq!(resend().status, 200);
    assert_eq!(
        resend().error(),
        "429 E0000118 An email was recently sent. Please wait 5 seconds before trying again."
    );
    wait(5);
    assert_eq!(resend().status, 200);
    // Three of five codes are used up.
    let guess = || post(&format!("{factors}/{id}/lifecycle/activate"), &json!({ "passCode": "none" }));
    assert_eq!((guess().status, guess().status), (403, 403));
    assert_eq!(guess().error(), "429 E0000047 API call exceeded rate limit due to too many requests.");
    wait(295);
    assert_eq!(guess().status, 403);
}

#[test]
fn a_mailbox_gets_no_more_than_thirty_a_minute() {
    let client = Client::dev();
    client.org.clock().freeze(true);
    let reset = |user: &str, send: bool| {
        let target = format!("/api/v1/users/{user}/lifecycle/reset_password?sendEmail={send}");
        client.json("POST", SUPER, &target, &json!({})).status
    };
    let told: Vec<_> = (0..31).map(|_| reset("ada.admin@example.com", true)).collect();
    assert_eq!((&told[..30], told[30]), (&[200; 30][..], 429));
    assert_eq!(reset("ada.admin@example.com", false), 200, "nothing is mailed");
}

#[test]
fn a_name_signs_in_four_times_a_second() {
    let client = Client::dev();
    client.org.clock().freeze(true);
    let sign_in = |name: &str| {
        client.json("POST", SUPER, "/api/v1/authn", &json!({ "username": name, "password": "wrong" }))
    };
    let told: Vec<_> = (0..6).map(|_| sign_in("ada.admin@example.com").status).collect();
    assert_eq!(told, [401, 401, 401, 401, 429, 429]);
    assert_eq!(sign_in("somebody.else@example.com").status, 401);
    client.org.clock().advance(SignedDuration::from_secs(1));
    assert_eq!(sign_in("ADA.admin@example.com").status, 401);
    let query =
        form_urlencoded::byte_serialize(br#"outcome.reason eq "user_rate_limited""#).collect::<String>();
    let events = client.get(SUPER, &format!("/api/v1/logs?filter={query}")).json();
    assert_eq!(events[0]["eventType"], "user.session.start");
}

#[test]
fn orgs_are_made_ten_times_a_minute_and_a_token_may_half_of_that() {
    let client = Client::dev();
    let make = || client.json("POST", SUPER, "/api/v1/orgs", &json!({})).status;
    let told: Vec<_> = (0..6).map(|_| make()).collect();
    assert_eq!((told.iter().filter(|status| **status == 429).count(), told[5]), (1, 429), "{told:?}");
}

/// A share is given by an entity, a threshold and the modes of browsers by settings (§1.9).
#[test]
fn settings_change_what_is_limited() {
    let client = tiny();
    let set = |name: &str, body: Value| {
        let target = format!("/api/v1/rate-limit-settings/{name}");
        let answer = client.json("PUT", SUPER, &target, &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        // The next setting is not refused for the ones before.
        client.org.clock().advance(SignedDuration::from_secs(60));
    };
    client.org.configure(|settings| {
        settings.limits.profile = "workforce".to_owned();
        settings.limits.buckets = vec![own(limits::CLIENT_BASED, 1, 60, 1)];
    });
    let authorize = |device: &str| {
        let cookie = format!("dt={device}");
        let target = "/oauth2/v1/authorize?client_id=0oanobody0000000001";
        client.send("GET", target, &[("Cookie", &cookie)], "")
    };
    assert_ne!(authorize("one").status, 429);
    let refused = authorize("one");
    assert_eq!(refused.error(), "429 E0000047 API call exceeded rate limit due to too many requests.");
    assert_eq!(refused.header("x-rate-limit-limit"), Some("1"), "the browser's, not the org's");
    assert_ne!(authorize("two").status, 429, "another device");
    assert_eq!(told(&client, "system.client.rate_limit.violation").len(), 1);
    set("per-client", json!({ "defaultMode": "PREVIEW" }));
    assert!((0..3).all(|_| authorize("one").status != 429));
    assert_eq!(told(&client, "system.client.rate_limit.notification").len(), 1, "once a window");
    let overrides =
        json!({ "defaultMode": "ENFORCE", "useCaseModeOverrides": { "OAUTH2_AUTHORIZE": "DISABLE" } });
    set("per-client", overrides);
    let free = authorize("one");
    assert_eq!((free.status != 429, free.header("x-rate-limit-limit")), (true, Some("2000")));
    set("admin-notifications", json!({ "notificationsEnabled": false }));
}

fn own(bucket: &str, limit: u32, window_seconds: u32, burst: u32) -> BucketOverride {
    BucketOverride { bucket: bucket.to_owned(), limit, window_seconds, burst }
}

/// The events of a type, without a limit on reading them.
fn told(client: &Client, kind: &str) -> Vec<Value> {
    let before = client.org.state().settings.limits.clone();
    client.org.configure(|settings| settings.limits = LimitSettings::profile("off"));
    let filter =
        form_urlencoded::byte_serialize(format!("eventType eq \"{kind}\"").as_bytes()).collect::<String>();
    let events = client.get(SUPER, &format!("/api/v1/logs?filter={filter}")).json();
    client.org.configure(|settings| settings.limits = before.clone());
    events.as_array().unwrap().clone()
}

/// A principal's limits are told as limits of an operation (§1.8).
#[test]
fn a_token_that_uses_up_its_share_is_warned_and_told_of() {
    let client = tiny();
    for _ in 0..6 {
        client.get(SUPER, "/api/v1/users?limit=1");
    }
    let warnings = told(&client, "system.operation.rate_limit.warning");
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    let violations = told(&client, "system.operation.rate_limit.violation");
    assert_eq!(violations.len(), 1, "{violations:#?}");
    let event = &violations[0];
    assert_eq!((&event["outcome"]["result"], &event["severity"]), (&json!("DENY"), &json!("WARN")));
    let debug = &event["debugContext"]["debugData"];
    for (name, value) in [
        ("operationRateLimitSubtype", "ssws_token"),
        ("operationRateLimitThreshold", "3"),
        ("operationRateLimitTimeSpan", "1"),
        ("operationRateLimitTimeUnit", "MINUTES"),
        ("operationRateLimitType", "web_request"),
        ("operationRateLimitSecondsToReset", "60"),
        ("requestUri", "/api/v1/users"),
    ] {
        assert_eq!(debug[name], value, "{name}: {debug:#}");
    }
    assert!(told(&client, "system.org.rate_limit.violation").is_empty());
}

/// Warning, burst, violation, in this order (§1.7): 2, five times, by different people.
#[test]
fn authentication_bursts_before_it_is_refused() {
    let client = tiny();
    client.org.configure(|settings| settings.limits.buckets = vec![own("/api/v1/authn", 2, 60, 5)]);
    let sign_in = |nth: usize| {
        let body = json!({ "username": format!("{nth}@example.com"), "password": "x" });
        client.json("POST", SUPER, "/api/v1/authn", &body).status
    };
    let refused: Vec<_> = (1..=12).filter(|nth| sign_in(*nth) == 429).collect();
    assert_eq!(refused, [11, 12]);
    for kind in ["warning", "burst", "violation"] {
        assert_eq!(told(&client, &format!("system.org.rate_limit.{kind}")).len(), 1, "{kind}");
    }
}

/// RL-8, recorded.
#[test]
fn some_answers_carry_no_rate_headers() {
    let client = Client::dev();
    let headers = |method: &str, target: &str, accept: &str| {
        let answer = client.send(method, target, &[("Authorization", SUPER), ("Accept", accept)], "");
        let code = answer.json()["errorCode"].as_str().unwrap().to_owned();
        (answer.status, code, answer.header("x-rate-limit-limit").is_some())
    };
    assert_eq!(headers("PATCH", "/api/v1/users", "*/*"), (405, "E0000022".to_owned(), false));
    let brands = client.get(SUPER, "/api/v1/brands").json();
    let gated = format!("/api/v1/brands/{}/well-known-uris", brands[0]["id"].as_str().unwrap());
    assert_eq!(headers("GET", &gated, "*/*"), (401, "E0000015".to_owned(), false));
    assert_eq!(headers("POST", "/api/v1/orgs", "*/*"), (401, "E0000015".to_owned(), true));
    assert_eq!(headers("GET", "/api/v1/users/nobody", "*/*"), (404, "E0000007".to_owned(), true));
}

#[test]
fn an_org_may_count_an_app_once_and_charge_its_keys() {
    let dialect = "\n[dialect]\napp_counters = \"one\"\nmetadata_limits = \"charged\"\n";
    for (dialect, left, keys) in [("", "2", None), (dialect, "1", Some("6"))] {
        let client = Client::of(&format!("{}{dialect}", include_str!("staff.toml")));
        client.org.configure(|settings| settings.limits.profile = "tiny".to_owned());
        let app = "/api/v1/apps/0oaone00000000000001";
        client.get("SSWS super", app);
        let changed = client.json("PUT", "SSWS super", app, &json!({}));
        assert_eq!(changed.header("x-rate-limit-remaining"), Some(left));
        assert_eq!(client.send("GET", "/oauth2/v1/keys", &[], "").header("x-rate-limit-limit"), keys);
    }
}

/// In flight: the org's, a token's half of them, a browser's five (§1.7).
#[test]
fn requests_in_flight_are_limited_for_an_org_a_token_and_a_browser() {
    let client = Client::dev();
    client.org.configure(|settings| settings.limits.concurrency = Some(4));
    let helper = "SSWS 00devReadOnlyToken00000000000000000000000A";
    let mut sky = Vec::new();
    let mut ask = |authorization: &str| {
        let flight = client.org.in_flight().arrive();
        let request = client.request("GET", "/api/v1/users?limit=1", &[("Authorization", authorization)], "");
        let reply = gateway::answer_in_flight(&client.org, &request, &flight, &mut Trace::default());
        sky.push(flight);
        let number = |name: &str| {
            let line = reply.headers.iter().find(|(own, _)| own.as_str() == name);
            line.map(|(_, value)| value.to_str().unwrap().to_owned())
        };
        (reply.status.as_u16(), number("x-rate-limit-limit"), number("x-rate-limit-remaining"))
    };
    let crowded = (429, Some("0".to_owned()), Some("0".to_owned()));
    assert_eq!((ask(SUPER).0, ask(SUPER).0), (200, 200));
    assert_eq!(ask(SUPER), crowded, "half of four");
    assert_eq!(ask(helper).0, 200, "the fourth");
    assert_eq!((ask(helper), ask(helper)), (crowded.clone(), crowded), "the fifth and the sixth");
    sky.clear();
    assert_eq!(client.org.in_flight().count(), 0);
    assert_eq!(told(&client, "core.concurrency.org.limit.violation").len(), 1, "once a minute");
    assert_eq!(told(&client, "system.operation.rate_limit.violation").len(), 1);
    client.org.configure(|settings| settings.limits.concurrency = Some(100));
    let mut authorize = || {
        let flight = client.org.in_flight().arrive();
        let request = client.request("GET", "/oauth2/v1/authorize?client_id=0oax", &[], "");
        let reply = gateway::answer_in_flight(&client.org, &request, &flight, &mut Trace::default());
        sky.push(flight);
        reply.status.as_u16()
    };
    let refused: Vec<_> = (1..=6).filter(|_| authorize() == 429).collect();
    assert_eq!(refused, [6]);
    assert_eq!(told(&client, "system.client.concurrency_rate_limit.violation").len(), 1);
}
