//! Rate limits as a caller sees them (ratelimit-oin-facts §1.1 to §1.3).

use jiff::SignedDuration;

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
