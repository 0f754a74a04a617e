//! Events that no request of a client tells of: what group rules assign, what somebody taps on a phone. They look like
//! those of `system_log/`, with the places empty where that has a request (Okta's events of jobs have them so).

use std::fmt::Write;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::change::Change;
use super::clock::log_timestamp;
use super::document::Document;
use super::event_log::LogEvent;
use super::ids::Ids;
use crate::facts::facts;

/// The org itself.
pub(super) fn system() -> Value {
    json!({
        "id": "unknown", "type": "SystemPrincipal", "alternateId": "system@okta.com", "displayName": "Okta System",
        "detailEntry": null,
    })
}

/// A user, as actor or target.
pub(super) fn user(user: &Document) -> Value {
    let text = |pointer: &str| user.text(pointer).unwrap_or_default();
    let name = format!("{} {}", text("/profile/firstName"), text("/profile/lastName"));
    entity("User", user, &text("/profile/login"), name.trim())
}

/// A group as target.
pub(super) fn group(group: &Document) -> Value {
    entity("UserGroup", group, "unknown", &group.text("/profile/name").unwrap_or_default())
}

fn entity(kind: &str, document: &Document, alternate_id: &str, name: &str) -> Value {
    json!({
        "id": document.id, "type": kind, "alternateId": alternate_id, "displayName": name, "detailEntry": null,
    })
}

/// The change that writes an event of a type.
pub(super) fn written(
    ids: &Ids,
    at: Timestamp,
    kind: &str,
    actor: &Value,
    targets: &[Value],
    debug: &Value,
) -> Change {
    let row = facts().events.get(kind);
    let published = at.as_millisecond();
    let event = json!({
        "actor": actor,
        "client": {
            "userAgent": null, "zone": null, "device": null, "id": null, "ipAddress": null,
            "geographicalContext": null,
        },
        "device": null,
        "authenticationContext": {
            "authenticationProvider": null, "credentialProvider": null, "credentialType": null, "issuer": null,
            "interface": null, "authenticationStep": 0, "rootSessionId": null, "externalSessionId": null,
        },
        "displayMessage": row.map_or(kind, |row| &row.message),
        "eventType": kind,
        "outcome": { "result": "SUCCESS", "reason": null },
        "published": log_timestamp(at),
        "securityContext": { "asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null },
        "severity": row.map_or("INFO", |row| &row.severity),
        "debugContext": { "debugData": debug },
        "legacyEventType": row.and_then(|row| row.legacy.as_deref()),
        "transaction": { "type": "JOB", "id": ids.uuid(), "detail": {} },
        "uuid": event_id(ids, published),
        "version": "0",
        "request": { "ipChain": [] },
        "target": targets,
    });
    Change::Event(Arc::new(LogEvent { published, text: event.to_string().into() }))
}

/// Tenths of a microsecond from the beginning of the Gregorian calendar to the Unix epoch (RFC 9562 §5.1).
const GREGORIAN: i64 = 0x01b2_1dd2_1381_4000;

/// A UUID of version 1, as the ids of Okta's events are: the time, and random bits for what it does not tell.
pub fn event_id(ids: &Ids, published: i64) -> String {
    let mut random = [0; 10];
    ids.fill(&mut random);
    let below = i64::from(u16::from_be_bytes([random[0], random[1]]) % 10_000);
    let ticks =
        published.saturating_mul(10_000).saturating_add(below).saturating_add(GREGORIAN).cast_unsigned();
    let (low, mid, high) = (ticks & 0xffff_ffff, ticks >> 32 & 0xffff, ticks >> 48 & 0x0fff | 0x1000);
    let sequence = u16::from_be_bytes([random[2], random[3]]) & 0x3fff | 0x8000;
    let mut uuid = format!("{low:08x}-{mid:04x}-{high:04x}-{sequence:04x}-");
    // The lowest bit of the first byte says that the node is no address of a device.
    random[4] |= 1;
    for byte in &random[4..] {
        let _ = write!(uuid, "{byte:02x}");
    }
    uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_1_and_tell_the_time() {
        let id = event_id(&Ids::new(Some(1)), 1_723_564_700_353);
        assert_eq!((id.len(), &id[14..15]), (36, "1"), "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        let ticks = u64::from_str_radix(&format!("{}{}{}", &id[15..18], &id[9..13], &id[..8]), 16);
        assert_eq!(ticks.map(|ticks| (ticks as i64 - GREGORIAN) / 10_000), Ok(1_723_564_700_353));
        event_id(&Ids::new(Some(1)), i64::MAX);
        event_id(&Ids::new(Some(1)), i64::MIN);
    }
}
