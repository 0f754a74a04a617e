//! The world before, and the one intent, where limits are concerned: calls that are known by what they are about.

use cucumber::{given, when};
use serde_json::{Value, json};

use super::{acting::administer, org};
use crate::{
    client::protocol::Op,
    suite::world::{Stop, World},
};

/// Calls by what they are about: method, path, body. Most of their objects do not exist: a call that fails counts.
const CALLS: [(&str, &str, &str, &str); 47] = [
    (
        "a good sign-in",
        "POST",
        "/api/v1/authn",
        r#"{"username":"member@example.com","password":"the-member-knows-this-1"}"#,
    ),
    ("apps", "GET", "/api/v1/apps", ""),
    ("grants of an app", "GET", "/api/v1/apps/0oaserviceapp0000001/grants", ""),
    ("one app", "GET", "/api/v1/apps/0oaserviceapp0000001", ""),
    (
        "a change of an app",
        "PUT",
        "/api/v1/apps/0oanobody0000000001",
        r#"{"label":"Nobody","signOnMode":"BOOKMARK","settings":{}}"#,
    ),
    ("groups", "GET", "/api/v1/groups", ""),
    ("group rules", "GET", "/api/v1/groups/rules", ""),
    ("one group", "GET", "/api/v1/groups/00gnobody00000000000", ""),
    ("members of a group", "GET", "/api/v1/groups/00gnobody00000000000/users", ""),
    ("users", "GET", "/api/v1/users", ""),
    ("groups of a user", "GET", "/api/v1/users/00unobody0000000000/groups", ""),
    ("one user", "GET", "/api/v1/users/00unobody0000000000", ""),
    ("a change of a user", "POST", "/api/v1/users/00unobody0000000000", "{}"),
    ("the own user", "GET", "/api/v1/users/me", ""),
    ("the log", "GET", "/api/v1/logs", ""),
    ("custom roles", "GET", "/api/v1/iam/roles", ""),
    ("shares of limits", "GET", "/api/v1/principal-rate-limits?filter=principalType+eq+%22SSWS_TOKEN%22", ""),
    ("agent pools", "GET", "/api/v1/agentPools", ""),
    ("API tokens", "GET", "/api/v1/api-tokens", ""),
    ("captchas", "GET", "/api/v1/captchas", ""),
    ("the captcha of the org", "GET", "/api/v1/org/captcha", ""),
    ("devices", "GET", "/api/v1/devices", ""),
    ("users of a device", "GET", "/api/v1/devices/guonobody0000000000/users", ""),
    ("device assurances", "GET", "/api/v1/device-assurances", ""),
    ("domains", "GET", "/api/v1/domains", ""),
    (
        "a new domain",
        "POST",
        "/api/v1/domains",
        r#"{"domain":"login.example.com","certificateSourceType":"MANUAL"}"#,
    ),
    ("hook keys", "GET", "/api/v1/hook-keys", ""),
    ("sessions of an identity source", "GET", "/api/v1/identity-sources/0oanobody0000000001/sessions", ""),
    ("log streams", "GET", "/api/v1/logStreams", ""),
    (
        "a new org",
        "POST",
        "/api/v1/orgs",
        r#"{"subdomain":"branch","name":"Branch","edition":"SKU","admin":{"profile":{}}}"#,
    ),
    ("push providers", "GET", "/api/v1/push-providers", ""),
    ("a session", "GET", "/api/v1/sessions/102nobody", ""),
    ("a sign-in without a password", "POST", "/api/v1/authn", r#"{"username":"member@example.com"}"#),
    ("a check of a factor", "POST", "/api/v1/users/00unobody0000000000/factors/mblnobody/verify", "{}"),
    ("registered clients", "GET", "/oauth2/v1/clients", ""),
    ("an authorization", "GET", "/oauth2/v1/authorize?client_id=0oawebapp00000000001", ""),
    ("an introspection", "POST", "/oauth2/v1/introspect", "{}"),
    (
        "an authorization of a custom server",
        "GET",
        "/oauth2/default/v1/authorize?client_id=0oawebapp00000000001",
        "",
    ),
    ("an introspection of a custom server", "POST", "/oauth2/default/v1/introspect", "{}"),
    ("policies", "GET", "/api/v1/policies?type=PASSWORD", ""),
    ("authorization servers", "GET", "/api/v1/authorizationServers", ""),
    ("schemas", "GET", "/api/v1/meta/schemas/user/default", ""),
    (
        "an SMS to a phone",
        "POST",
        "/api/v1/users/00umember00000000000/factors",
        r#"{"factorType":"sms","provider":"OKTA","profile":{"phoneNumber":"+15554151337"}}"#,
    ),
    (
        "a call of a phone",
        "POST",
        "/api/v1/users/00umember00000000000/factors",
        r#"{"factorType":"call","provider":"OKTA","profile":{"phoneNumber":"+15554151337"}}"#,
    ),
    ("another code by e-mail", "POST", "/api/v1/users/00umember00000000000/factors/{factor}/resend", "{}"),
    (
        "a wrong code",
        "POST",
        "/api/v1/users/00umember00000000000/factors/{factor}/lifecycle/activate",
        r#"{"passCode":"none"}"#,
    ),
    (
        "a password reset by e-mail",
        "POST",
        "/api/v1/users/00umember00000000000/lifecycle/reset_password?sendEmail=true",
        "{}",
    ),
];

/// A call by what it is about.
async fn call(world: &mut World, about: &str) -> Result<Op, Stop> {
    let Some((_, method, path, body)) = CALLS.iter().find(|(name, ..)| *name == about) else {
        return Err(world.broke("step", format!("no call is known as {about:?}; see given_limits.rs")));
    };
    let mut path = (*path).to_owned();
    if path.contains("{factor}") {
        let list = format!("/api/v1/users/{}/factors", org::user_id("member"));
        let factors = administer(world, "GET", &list, None).await?;
        let Some(id) = factors[0]["id"].as_str() else {
            return Err(world.untestable("a factor of the member"));
        };
        path = path.replace("{factor}", id);
    }
    let body: Option<Value> = serde_json::from_str(body).ok();
    Ok(Op::Call { method: (*method).to_owned(), path, body })
}

/// The calls before the one that is judged: none of them is limited.
#[given(expr = "the client has made {int} call(s) for {string}")]
async fn has_made(world: &mut World, times: usize, about: String) -> Result<(), Stop> {
    for _ in 0..times {
        let op = call(world, &about).await?;
        world.perform(op).await?;
    }
    let ledger = world.ledger().await?;
    if ledger.limited().next().is_some() {
        return Err(world.untestable(format!("a call for {about} within the limit; the org answered 429")));
    }
    Ok(())
}

/// The call that is judged.
#[when(expr = "the client makes a call for {string}")]
async fn makes(world: &mut World, about: String) -> Result<(), Stop> {
    let op = call(world, &about).await?;
    world.perform(op).await.map(drop)
}

/// A bucket that may burst.
#[given(
    expr = "an org that allows {int} calls of the bucket {string} per minute, and {int} times as many in a burst"
)]
async fn bursts(world: &mut World, limit: u64, bucket: String, burst: u64) -> Result<(), Stop> {
    let org = world.org().await?;
    let buckets = json!({ bucket: { "limit": limit, "window_seconds": 60, "burst": burst } });
    let set = org.set_buckets(&buckets).await;
    world.need(set)
}

/// How many requests may be in flight.
#[given(expr = "an org that answers {int} requests at once")]
async fn in_flight(world: &mut World, requests: u64) -> Result<(), Stop> {
    let org = world.org().await?;
    let set = org.set_concurrency(requests).await;
    world.need(set)
}

/// A setting of the org, by an administrator.
#[given(expr = "an administrator has set the limits of browsers to {word}")]
async fn browser_mode(world: &mut World, mode: String) -> Result<(), Stop> {
    let path = "/api/v1/rate-limit-settings/per-client";
    administer(world, "PUT", path, Some(json!({ "defaultMode": mode }))).await.map(drop)
}

/// The client's own share of the org's limits.
#[given(expr = "an administrator has given the app {int} percent of the org's limits")]
async fn share(world: &mut World, percent: u64) -> Result<(), Stop> {
    let name = org::acting_app(world);
    let org = world.org().await?;
    let Some(id) = org.ready.clients.iter().find(|app| app.name == name).map(|app| app.client_id.clone())
    else {
        return Err(world.untestable(format!("the app {name}")));
    };
    let body = json!({
        "principalId": id, "principalType": "OAUTH_CLIENT",
        "defaultPercentage": percent, "defaultConcurrencyPercentage": percent,
    });
    administer(world, "POST", "/api/v1/principal-rate-limits", Some(body)).await.map(drop)
}

/// A mailbox that codes are sent to.
#[given("the member has a factor that gets codes by e-mail")]
async fn mail_factor(world: &mut World) -> Result<(), Stop> {
    let path = format!("/api/v1/users/{}/factors", org::user_id("member"));
    let profile = json!({ "email": org::login("member") });
    let body = json!({ "factorType": "email", "provider": "OKTA", "profile": profile });
    administer(world, "POST", &path, Some(body)).await.map(drop)
}
