//! The org's System Log, as the witness of what no proxy saw: which tokens an app was given, and which it was refused. It
//! is written a little later than what it tells of, and says nothing of reads (harness-anchors §9 C, mgmt-facts §9).

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

use super::{caller::CallError, org::RealOrg};
use crate::target::ledger::{Exchange, Issued, Learnt, Ledger, Request, Response};

/// The pauses before each look at the log.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_millis(1500),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// What begins the type of every event about a token of the org's own server.
const GRANT: &str = "app.oauth2.token.grant";

/// What is known of an org's log.
#[derive(Default)]
pub(crate) struct SystemLog(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Why it cannot be read.
    closed: Option<String>,
    /// It was waited for in full once, and nothing came.
    silent: bool,
    /// The events that are some scenario's already, by their ids.
    told: BTreeSet<String>,
}

impl SystemLog {
    /// Why the log cannot be read, when somebody tried.
    pub(crate) fn closed(&self) -> Option<String> {
        self.known(|known| known.closed.clone())
    }

    fn known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The token requests among events, as far as they are of this app, not before `began`, nobody's yet, and not among
    /// those that the proxy has `seen`.
    fn take(&self, events: &Value, app: &str, began: Timestamp, seen: impl Fn(&str) -> bool) -> Ledger {
        let unseen = |event: &&Value| event["transaction"]["id"].as_str().is_none_or(|id| !seen(id));
        let events = events.as_array().into_iter().flatten().filter(unseen);
        let mut all: Vec<_> = events.filter_map(|event| told(event, app, began)).collect();
        all.sort_by(|(_, one), (_, other)| one.time.cmp(&other.time));
        self.known(|known| {
            all.retain(|(id, _)| known.told.insert((*id).to_owned()));
            known.silent &= all.is_empty();
        });
        let numbered =
            |(at, (_, exchange)): (usize, (&str, Exchange))| Exchange { seq: at as u64 + 1, ..exchange };
        Ledger(all.into_iter().enumerate().map(numbered).collect())
    }
}

/// The id of an event, and the token request that it tells of.
fn told<'e>(event: &'e Value, app: &str, began: Timestamp) -> Option<(&'e str, Exchange)> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let published = text("/published")?;
    let at: Timestamp = published.parse().ok()?;
    let given = match (text("/eventType")?.strip_prefix(GRANT)?, text("/outcome/result")?) {
        (".access_token", "SUCCESS") => true,
        ("", "FAILURE") => false,
        _ => return None,
    };
    if text("/actor/id")? != app || at < began {
        return None;
    }
    let words = |name: &str| -> Vec<String> {
        let listed = text(&format!("/debugContext/debugData/{name}")).unwrap_or_default();
        listed.split([',', ' ']).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    };
    let issued =
        given.then(|| Issued { token: "of the System Log".to_owned(), scopes: words("grantedScopes") });
    let client = Learnt {
        client_id: Some(app.to_owned()),
        auth_method: text("/debugContext/debugData/clientAuthType").map(ToOwned::to_owned),
        scopes_asked: Some(words("requestedScopes")),
        issued,
        ..Learnt::default()
    };
    // The log does not say with which status a refusal was answered.
    let status = if given { 200 } else { 400 };
    let exchange = Exchange {
        seq: 0,
        time: published.to_owned(),
        operation: None,
        client,
        request: Request {
            method: "POST".to_owned(),
            target: "/oauth2/v1/token".to_owned(),
            headers: Vec::new(),
            body: String::new(),
        },
        response: Response { status, headers: Vec::new(), body: String::new(), body_truncated: false },
        decided: Vec::new(),
        faults: Vec::new(),
        sent: None,
    };
    Some((text("/uuid")?, exchange))
}

impl RealOrg {
    /// The token requests of an app since this moment, as the org's System Log tells of them; nothing where it cannot be
    /// read, or says nothing in time.
    pub(crate) async fn logged(&self, app: &str, began: Timestamp) -> Ledger {
        let log = &self.log;
        let (closed, silent) = log.known(|known| (known.closed.is_some(), known.silent));
        if closed || self.config.api_token.is_none() {
            log.known(|known| {
                known.closed.get_or_insert_with(|| "harness.api_token_env names no API token".to_owned());
            });
            return Ledger::default();
        }
        let filter = format!("actor.id eq \"{app}\" and eventType sw \"{GRANT}\"");
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("since", &self.began.to_string())
            .append_pair("filter", &filter)
            .append_pair("sortOrder", "DESCENDING")
            .append_pair("limit", "100")
            .finish();
        // A log that has nothing to say after all that time is looked at once from then on.
        let looks = if silent { 1 } else { PAUSES.len() };
        for pause in PAUSES.into_iter().take(looks) {
            tokio::time::sleep(pause).await;
            match self.administer("GET", &format!("/api/v1/logs?{query}"), None).await {
                Ok(events) => {
                    let found = log.take(&events, app, began, |request| self.caller.has_seen(request));
                    if !found.0.is_empty() {
                        return found;
                    }
                }
                Err(CallError::Answer { status, .. }) => {
                    let words = format!(
                        "the org answered {status} at /api/v1/logs; whom harness.api_token_env belongs to needs an admin \
                         role that may view logs (for an app: the scope okta.logs.read as well)"
                    );
                    log.known(|known| known.closed = Some(words));
                    return Ledger::default();
                }
                // The end of the run is told elsewhere.
                Err(_) => return Ledger::default(),
            }
        }
        log.known(|known| known.silent = true);
        Ledger::default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: &str, kind: &str, result: &str, actor: &str, published: &str) -> Value {
        json!({ "uuid": id, "eventType": kind, "published": published, "actor": { "id": actor },
            "outcome": { "result": result },
            "debugContext": { "debugData": { "clientAuthType": "private_key_jwt",
                "requestedScopes": "okta.users.read, okta.groups.read", "grantedScopes": "okta.users.read" } } })
    }

    #[test]
    fn a_token_is_told_of_once_and_to_whom_it_belongs() {
        let began: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let given = "app.oauth2.token.grant.access_token";
        let mut seen = event("6", given, "SUCCESS", "0oa1", "2026-11-24T10:00:03.000Z");
        seen["transaction"]["id"] = json!("r6");
        let events = json!([
            event("5", given, "SUCCESS", "0oa1", "2026-11-24T10:00:02.000Z"),
            event("4", "app.oauth2.token.grant", "FAILURE", "0oa1", "2026-11-24T10:00:01.000Z"),
            event("3", given, "SUCCESS", "0oa2", "2026-11-24T10:00:01.000Z"),
            event("2", given, "SUCCESS", "0oa1", "2026-11-24T09:59:59.000Z"),
            event("1", "app.oauth2.token.revoke", "SUCCESS", "0oa1", "2026-11-24T10:00:01.000Z"),
            { "uuid": "0" },
            seen,
        ]);
        let log = SystemLog::default();
        let ledger = log.take(&events, "0oa1", began, |request| request == "r6");
        let requests = ledger.token_requests();
        let [refused, given] = requests.as_slice() else { unreachable!() };
        assert_eq!((refused.seq, refused.response.status, refused.client.issued.is_none()), (1, 400, true));
        assert_eq!((given.seq, given.response.status), (2, 200));
        assert_eq!(given.client.client_id.as_deref(), Some("0oa1"));
        assert_eq!(given.client.auth_method.as_deref(), Some("private_key_jwt"));
        let asked = ["okta.users.read".to_owned(), "okta.groups.read".to_owned()];
        assert_eq!(given.client.scopes_asked.as_deref(), Some(&asked[..]));
        assert_eq!(given.client.issued.as_ref().unwrap().scopes, ["okta.users.read"]);
        assert!(log.take(&events, "0oa1", began, |_| false).0.len() == 1, "all but one were told before");
    }
}
