//! API tokens, and the shares of rate limits that principals have.

use serde_json::json;

use crate::client::Client;
use crate::groups::{ids, staff};

const SUPER: &str = "SSWS super";

#[test]
fn api_tokens_are_read_changed_and_revoked() {
    let org = staff();
    let listed = org.get(SUPER, "/api/v1/api-tokens");
    assert_eq!(listed.header("link"), None, "mgmt-facts §3");
    let listed = listed.json();
    let path = format!("/api/v1/api-tokens/{}", ids(&listed)[1]);
    let token = org.get(SUPER, &path).json();
    assert_eq!(token["userId"], "00uada000000000000001");
    assert_eq!(token["network"], json!({ "connection": "ANYWHERE" }));
    let body = json!({ "name": "renamed", "clientName": "x", "userId": "00u1", "network": { "connection": "ZONE", "exclude": ["nzo1"] } });
    let changed = org.json("PUT", SUPER, &path, &body).json();
    assert_eq!((&changed["name"], &changed["network"]["exclude"]), (&json!("renamed"), &json!(["nzo1"])));
    assert_eq!(changed["userId"], token["userId"], "a token keeps its owner");
    assert_eq!(org.get("SSWS ada", "/api/v1/users/me").status, 200);
    assert_eq!(org.delete(SUPER, &path).status, 204);
    assert_eq!(org.get("SSWS ada", "/api/v1/users/me").error(), "401 E0000011 Invalid token provided");
    assert!(org.get(SUPER, &path).error().ends_with("(Token)"));
    assert_eq!(org.delete(SUPER, "/api/v1/api-tokens/current").status, 204);
    assert_eq!(org.get(SUPER, "/api/v1/api-tokens").error(), "401 E0000011 Invalid token provided");
}

const TYPE: &str = "/api/v1/principal-rate-limits?filter=principalType%20eq%20%22SSWS_TOKEN%22";

/// Shapes and errors: recorded.
#[test]
fn every_token_has_a_share_of_rate_limits() {
    let org = staff();
    let unfiltered = org.get(SUPER, "/api/v1/principal-rate-limits");
    assert_eq!(unfiltered.error(), "400 E0000001 Api validation failed: principalRateLimitMediated");
    let shares = org.get(SUPER, TYPE).json();
    assert_eq!(shares.as_array().unwrap().len(), 2);
    let share = &shares[0];
    assert_eq!(
        (&share["defaultPercentage"], &share["defaultConcurrencyPercentage"]),
        (&json!(50), &json!(50))
    );
    let path = format!("/api/v1/principal-rate-limits/{}", share["id"].as_str().unwrap());
    let body = json!({
        "principalId": share["principalId"], "principalType": "SSWS_TOKEN",
        "defaultPercentage": 30, "defaultConcurrencyPercentage": 75,
    });
    let again = org.json("POST", SUPER, "/api/v1/principal-rate-limits", &body);
    assert_eq!(again.error(), "400 E0000001 Api validation failed: principalRateLimitMediated");
    assert_eq!(org.json("PUT", SUPER, &path, &body).json()["defaultPercentage"], 30);
    let unknown = json!({
        "principalId": "00Tnothing", "principalType": "SSWS_TOKEN",
        "defaultPercentage": 30, "defaultConcurrencyPercentage": 75,
    });
    let unknown = org.json("POST", SUPER, "/api/v1/principal-rate-limits", &unknown);
    assert_eq!(unknown.error(), "404 E0000007 Not found: Resource not found: 00Tnothing (Token)");
    let client = json!({
        "principalId": "0oaone00000000000001", "principalType": "OAUTH_CLIENT",
        "defaultPercentage": 30, "defaultConcurrencyPercentage": 75,
    });
    assert_eq!(org.json("POST", SUPER, "/api/v1/principal-rate-limits", &client).status, 201);
}

#[test]
fn a_share_is_what_the_limiter_counts() {
    let org: Client = staff();
    org.org.configure(|settings| settings.limits.profile = "integrator-2026".to_owned());
    let limit = || {
        let answer = org.get(SUPER, "/api/v1/users?limit=1");
        answer.header("x-rate-limit-limit").unwrap().parse::<u32>().unwrap()
    };
    let usual = limit();
    let share = org.get(SUPER, TYPE).json()[0].clone();
    let path = format!("/api/v1/principal-rate-limits/{}", share["id"].as_str().unwrap());
    let set = |percentage: u32| {
        let body = json!({
            "principalId": share["principalId"], "principalType": "SSWS_TOKEN", "defaultPercentage": percentage,
        });
        assert_eq!(org.json("PUT", SUPER, &path, &body).status, 200);
    };
    set(100);
    assert_eq!(limit(), usual * 2);
    set(10);
    assert_eq!(limit(), usual / 5);
}

/// Recorded.
#[test]
fn settings_of_rate_limits_are_kept() {
    let org = staff();
    for (name, before, after) in [
        ("per-client", json!({ "defaultMode": "ENFORCE" }), json!({ "defaultMode": "PREVIEW" })),
        ("warning-threshold", json!({ "warningThreshold": 60 }), json!({ "warningThreshold": 85 })),
        (
            "admin-notifications",
            json!({ "notificationsEnabled": true }),
            json!({ "notificationsEnabled": false }),
        ),
    ] {
        let path = format!("/api/v1/rate-limit-settings/{name}");
        assert_eq!(org.get(SUPER, &path).json(), before);
        assert_eq!(org.json("PUT", SUPER, &path, &after).json(), after);
        assert_eq!(org.get(SUPER, &path).json(), after);
    }
}

#[test]
fn governance_needs_a_licence() {
    let org = staff();
    for path in ["/api/v1/iam/governance/bundles", "/api/v1/iam/governance/optIn"] {
        assert_eq!(org.get(SUPER, path).json()["errorCode"], "E0000015", "{path}");
    }
}

/// What is said outside of the zones is inferred: 403 as to clients outside of theirs.
#[test]
fn an_api_token_works_in_its_network_zones_only() {
    let org = staff();
    let zone = |name: &str, gateway: &str| {
        let gateways = json!([{ "type": "CIDR", "value": gateway }]);
        let body = json!({ "type": "IP", "name": name, "status": "ACTIVE", "gateways": gateways });
        let made = org.json("POST", SUPER, "/api/v1/zones", &body);
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let (here, elsewhere) = (zone("here", "127.0.0.0/8"), zone("elsewhere", "192.0.2.0/24"));
    let path = format!("/api/v1/api-tokens/{}", ids(&org.get(SUPER, "/api/v1/api-tokens").json())[1]);
    let allowed = |network: serde_json::Value| {
        let body = json!({ "name": "t", "network": network });
        assert_eq!(org.json("PUT", SUPER, &path, &body).status, 200);
        org.get("SSWS ada", "/api/v1/users/me").status == 200
    };
    assert!(allowed(json!({ "connection": "ZONE", "include": [here] })));
    assert!(!allowed(json!({ "connection": "ZONE", "include": [elsewhere] })));
    let refused = org.get("SSWS ada", "/api/v1/users/me");
    assert!(refused.error().starts_with("403 E0000006 "), "{}", refused.error());
    assert!(refused.reason("caller").starts_with("127.0.0.1 is outside of the network zones"));
    assert!(allowed(json!({ "connection": "ZONE", "exclude": [elsewhere] })));
    assert!(!allowed(json!({ "connection": "ZONE", "exclude": [here] })));
    // A zone that is off contains nobody.
    let off = format!("/api/v1/zones/{here}/lifecycle/deactivate");
    assert_eq!(org.send("POST", &off, &[("Authorization", SUPER)], "").status, 200);
    assert!(allowed(json!({ "connection": "ZONE", "exclude": [here] })));
    assert!(allowed(json!({ "connection": "ANYWHERE" })));
}
