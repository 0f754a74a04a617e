//! Events are delivered to event hooks: those of a short while in one request, at most once again when nobody answers
//! (Okta's documentation of event hooks).

use std::sync::Arc;

use http::Method;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::Courier;
use crate::exchange::Call;
use crate::org::Org;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::outbox::{Letter, delivers, lines_of};

/// Empties the outbox of an org, or ends when it is told to stop. A hook that fails does not hold up others for longer than
/// its two attempts.
pub(crate) async fn deliver<O: AsRef<Org>>(courier: Arc<Courier>, owner: Arc<O>, stop: CancellationToken) {
    let org = (*owner).as_ref();
    while let Some(letters) = org.outbox().take() {
        if stop.run_until_cancelled(send(&courier, calls(org, &letters))).await.is_none() {
            return;
        }
    }
}

async fn send(courier: &Courier, calls: Vec<Call>) {
    for call in calls {
        match courier.send(&call).await {
            Ok(answered) if (200..300).contains(&answered.status) => {
                tracing::debug!(?call, status = answered.status, "events are delivered");
            }
            Ok(answered) => tracing::warn!(?call, status = answered.status, "events are not delivered"),
            Err(error) => tracing::warn!(?call, %error, "events are not delivered"),
        }
    }
}

/// A call for each hook that is still active and verified, with all events that wait for it.
fn calls(org: &Org, letters: &[Letter]) -> Vec<Call> {
    let state = org.state();
    let hooks = state.all("event_hooks").after(None).filter(|hook| delivers(hook));
    let call = |hook: &Arc<Document>| {
        let events: Vec<Box<RawValue>> = letters
            .iter()
            .filter(|letter| letter.hook == hook.id)
            .filter_map(|letter| RawValue::from_string(letter.event.to_string()).ok())
            .collect();
        if events.is_empty() {
            return None;
        }
        let envelope = Envelope {
            event_type: "com.okta.event_hook",
            event_type_version: "1.0",
            cloud_events_version: "0.1",
            source: hook.hidden.get("source").and_then(Value::as_str).unwrap_or_default(),
            event_id: org.ids().uuid(),
            data: Data { events },
            event_time: okta_timestamp(org.clock().now()),
            content_type: "application/json",
        };
        let uri = hook.text("/channel/config/uri")?.into_owned();
        Some(Call::new(Method::POST, uri, lines_of(hook), serde_json::to_vec(&envelope).ok()?))
    };
    hooks.filter_map(call).collect()
}

/// What a hook receives (Okta's documentation; `eventId` as seen on the wire).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    event_type: &'static str,
    event_type_version: &'static str,
    cloud_events_version: &'static str,
    source: &'a str,
    event_id: String,
    data: Data,
    event_time: String,
    content_type: &'static str,
}

#[derive(Serialize)]
struct Data {
    events: Vec<Box<RawValue>>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::OrgOptions;
    use crate::org::change::Change;
    use crate::org::seed::dev;

    fn hook(org: &Org, id: &'static str, status: &str, verified: &str, items: &[&str]) {
        let value = json!({
            "id": id,
            "status": status,
            "verificationStatus": verified,
            "events": { "items": items },
            "channel": { "config": {
                "uri": format!("https://hooks.example.com/{id}"),
                "headers": [{ "key": "X-Mine", "value": "1" }],
                "authScheme": { "type": "HEADER", "key": "Authorization" },
            } },
        });
        let hidden = json!({
            "source": "https://acme.okta.com/api/v1/eventHooks/x",
            "channel": { "config": { "authScheme": { "value": "secret" } } },
        });
        let at = org.clock().now();
        let put = Change::put("event_hooks", id, value, hidden);
        org.commit(at, |_| Ok::<_, std::convert::Infallible>(vec![put.clone()])).unwrap();
    }

    #[test]
    fn events_of_a_short_while_go_in_one_request_to_every_hook_that_wants_them() {
        let org = Org::new(&dev(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap();
        hook(&org, "who1", "ACTIVE", "VERIFIED", &["a", "b"]);
        hook(&org, "who2", "ACTIVE", "VERIFIED", &["b"]);
        hook(&org, "who3", "ACTIVE", "UNVERIFIED", &["a", "b"]);
        hook(&org, "who4", "INACTIVE", "VERIFIED", &["a", "b"]);
        let state = org.state();
        for (kind, n) in [("a", 1), ("b", 2), ("c", 3)] {
            org.outbox().post(&state, &json!({ "eventType": kind, "n": n }).to_string());
        }
        let letters = org.outbox().take().unwrap();
        assert_eq!(letters.len(), 3);
        let calls = calls(&org, &letters);
        let sent: Vec<(String, Value)> = calls
            .iter()
            .map(|call| {
                let body: Value = serde_json::from_slice(&call.body).unwrap();
                (call.url.clone(), body["data"]["events"].clone())
            })
            .collect();
        assert_eq!(
            sent,
            [
                (
                    "https://hooks.example.com/who1".to_owned(),
                    json!([{ "eventType": "a", "n": 1 }, { "eventType": "b", "n": 2 }])
                ),
                ("https://hooks.example.com/who2".to_owned(), json!([{ "eventType": "b", "n": 2 }])),
            ]
        );
        assert_eq!(calls[0].header("authorization"), Some("secret"));
        assert_eq!(calls[0].header("x-mine"), Some("1"));
        let body: Value = serde_json::from_slice(&calls[0].body).unwrap();
        assert_eq!(body["eventType"], "com.okta.event_hook");
        assert_eq!(body["source"], "https://acme.okta.com/api/v1/eventHooks/x");
        assert!(!format!("{calls:?}").contains("secret"), "secrets are not logged");
    }

    #[test]
    fn a_filter_lets_through_what_fits_and_says_nothing_of_other_types() {
        let org = Org::new(&dev(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap();
        hook(&org, "who1", "ACTIVE", "VERIFIED", &["a", "b"]);
        let mut value = org.state().get("event_hooks", "who1").unwrap().value();
        value["events"]["filter"] = json!({ "eventFilterMap": [
            { "event": "a", "condition": { "expression": "event.target.?[displayName eq 'Sales'].size()>0" } },
        ] });
        let put = Change::put("event_hooks", "who1", value, json!({}));
        org.commit(org.clock().now(), |_| Ok::<_, std::convert::Infallible>(vec![put.clone()])).unwrap();
        for (kind, name) in [("a", "Sales"), ("a", "Support"), ("b", "Support"), ("c", "Sales")] {
            let event = json!({ "eventType": kind, "target": [{ "displayName": name }] });
            org.outbox().post(&org.state(), &event.to_string());
        }
        let letters = org.outbox().take().unwrap();
        let posted: Vec<Value> =
            letters.iter().map(|letter| serde_json::from_str(&letter.event).unwrap()).collect();
        let told = |event: &Value| format!("{} {}", event["eventType"], event["target"][0]["displayName"]);
        let told: Vec<_> = posted.iter().map(told).collect();
        assert_eq!(told, ["\"a\" \"Sales\"", "\"b\" \"Support\""]);
    }

    #[test]
    fn a_hook_that_is_gone_by_then_gets_nothing() {
        let org = Org::new(&dev(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap();
        hook(&org, "who1", "ACTIVE", "VERIFIED", &["a"]);
        org.outbox().post(&org.state(), r#"{"eventType":"a"}"#);
        hook(&org, "who1", "INACTIVE", "VERIFIED", &["a"]);
        assert!(calls(&org, &org.outbox().take().unwrap()).is_empty());
    }
}
