//! Events are delivered to event hooks: those of a short while in one request, at most once again when nobody answers
//! (Okta's documentation of event hooks).

use std::sync::Arc;

use http::Method;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Courier;
use crate::exchange::Call;
use crate::org::Org;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::outbox::{Letter, delivers, lines_of};

/// Empties the outbox of an org, for ever. A hook that fails does not hold up others for longer than its two attempts.
pub(crate) async fn deliver<O: AsRef<Org>>(courier: Arc<Courier>, owner: Arc<O>) {
    loop {
        let letters = owner.as_ref().as_ref().outbox().take().await;
        for call in calls((*owner).as_ref(), &letters) {
            match courier.send(&call).await {
                Ok(answered) if (200..300).contains(&answered.status) => {
                    tracing::debug!(?call, status = answered.status, "events are delivered");
                }
                Ok(answered) => tracing::warn!(?call, status = answered.status, "events are not delivered"),
                Err(error) => tracing::warn!(?call, %error, "events are not delivered"),
            }
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
