//! An event as the JSON object of Okta's log (OpenAPI `LogEvent`), members in the order of published events.

use std::net::IpAddr;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::entity::Entity;
use super::event::{Event, Scene};
use super::user_agent;
use crate::facts::facts;
use crate::org::clock;
use crate::org::own_event::event_id;

/// What is not known of a place: a mock has no atlas, and does not make one up.
const NOWHERE: Option<()> = None;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    actor: &'a Entity,
    client: Client<'a>,
    device: Option<()>,
    authentication_context: AuthenticationContext<'a>,
    display_message: &'a str,
    event_type: &'a str,
    outcome: Outcome<'a>,
    published: &'a str,
    security_context: SecurityContext,
    severity: &'a str,
    debug_context: DebugContext<'a>,
    legacy_event_type: Option<&'a str>,
    transaction: Transaction<'a>,
    uuid: &'a str,
    version: &'a str,
    request: RequestChain,
    target: Option<&'a [Entity]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    user_agent: UserAgent<'a>,
    /// Okta writes the word: published events have `"zone":"null"` where no zone fits.
    zone: &'a str,
    device: &'a str,
    id: Option<&'a str>,
    ip_address: IpAddr,
    geographical_context: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserAgent<'a> {
    raw_user_agent: Option<&'a str>,
    os: &'a str,
    browser: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticationContext<'a> {
    authentication_provider: Option<&'a str>,
    credential_provider: Option<&'a str>,
    credential_type: Option<&'a str>,
    issuer: Option<()>,
    interface: Option<()>,
    authentication_step: u8,
    root_session_id: &'a str,
    external_session_id: &'a str,
}

#[derive(Serialize)]
struct Outcome<'a> {
    result: &'a str,
    reason: Option<&'a str>,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct SecurityContext {
    as_number: Option<()>,
    as_org: Option<()>,
    isp: Option<()>,
    domain: Option<()>,
    is_proxy: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DebugContext<'a> {
    debug_data: DebugData<'a>,
}

struct DebugData<'a> {
    own: &'a [(&'static str, Value)],
    request_id: &'a str,
    request_uri: &'a str,
    url: &'a str,
}

impl Serialize for DebugData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.own {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("requestId", self.request_id)?;
        map.serialize_entry("requestUri", self.request_uri)?;
        map.serialize_entry("url", self.url)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Transaction<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: &'a str,
    detail: Detail<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    request_api_token_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestChain {
    ip_chain: [Hop; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hop {
    ip: IpAddr,
    geographical_context: Option<()>,
    version: &'static str,
    source: Option<()>,
}

/// The object, compact.
pub(super) fn text(event: &Event, scene: &Scene<'_>) -> String {
    let Scene { ids, request, request_id } = *scene;
    let row = facts().events.get(&event.kind);
    let failed = event.result != "SUCCESS" && event.result != "ALLOW";
    let legacy = row.and_then(|row| match &row.legacy_failure {
        Some(legacy) if failed => Some(legacy.as_str()),
        _ => row.legacy.as_deref(),
    });
    let severity = row.map_or("INFO", |row| if failed { &row.failure } else { &row.severity });
    let raw = request.header("user-agent");
    let agent = user_agent::read(raw.unwrap_or_default());
    let session = event.session.as_deref().unwrap_or("unknown");
    let provider = event.credential.map(|_| "OKTA_AUTHENTICATION_PROVIDER");
    let path = request.path();
    let shown = Shown {
        actor: &event.actor,
        client: Client {
            user_agent: UserAgent { raw_user_agent: raw, os: agent.os, browser: agent.browser },
            zone: "null",
            device: agent.device,
            id: event.client.as_deref(),
            ip_address: request.peer,
            geographical_context: NOWHERE,
        },
        device: None,
        authentication_context: AuthenticationContext {
            authentication_provider: provider,
            credential_provider: provider,
            credential_type: event.credential,
            issuer: None,
            interface: None,
            authentication_step: 0,
            root_session_id: session,
            external_session_id: session,
        },
        display_message: row.map_or(&*event.kind, |row| &row.message),
        event_type: &event.kind,
        outcome: Outcome { result: event.result, reason: event.reason.as_deref() },
        published: &clock::log_timestamp(request.now),
        security_context: SecurityContext::default(),
        severity,
        debug_context: DebugContext {
            debug_data: DebugData {
                own: &event.debug,
                request_id,
                request_uri: path,
                url: &url(path, request.query()),
            },
        },
        legacy_event_type: legacy,
        transaction: Transaction {
            kind: "WEB",
            id: request_id,
            detail: Detail { request_api_token_id: event.api_token.as_deref() },
        },
        uuid: &event_id(ids, request.now.as_millisecond()),
        version: "0",
        request: RequestChain {
            ip_chain: [Hop {
                ip: request.peer,
                geographical_context: NOWHERE,
                version: if request.peer.is_ipv4() { "V4" } else { "V6" },
                source: None,
            }],
        },
        target: Some(event.targets.as_slice()).filter(|targets| !targets.is_empty()),
    };
    serde_json::to_string(&shown).unwrap_or_default()
}

/// Parameters of a query that an event may repeat. The others may hold secrets: tokens, codes, hints.
const HARMLESS: [&str; 14] = [
    "activate",
    "provider",
    "nextLogin",
    "sendEmail",
    "expand",
    "limit",
    "after",
    "strict",
    "since",
    "until",
    "filter",
    "search",
    "q",
    "sortOrder",
];

/// The path with a question mark, as Okta writes it, and the harmless part of the query.
fn url(path: &str, query: &str) -> String {
    let mut url = format!("{path}?");
    let kept = query.split('&').filter(|pair| HARMLESS.contains(&pair.split('=').next().unwrap_or_default()));
    for (nth, pair) in kept.enumerate() {
        if nth > 0 {
            url.push('&');
        }
        url.push_str(pair);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_no_secret() {
        for (query, told) in [
            ("", "/x?"),
            ("activate=false", "/x?activate=false"),
            ("id_token_hint=ey&state=s&activate=true&limit=2", "/x?activate=true&limit=2"),
        ] {
            assert_eq!(url("/x", query), told);
        }
    }
}
