//! An exchange as a line of the list, and why it was answered so in one sentence.

use serde_json::Value;

use crate::org::state::OrgState;

/// An exchange in a list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) time: String,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) status: u16,
    /// Who asked, as short as it can be told.
    pub(super) client: String,
    /// Why it was answered so.
    pub(super) why: String,
    /// The ids of the faults that touched it.
    pub(super) faults: Vec<String>,
}

impl Row {
    /// Of an exchange as the ledger shows it.
    pub(super) fn of(state: &OrgState, exchange: &Value) -> Self {
        let text =
            |pointer: &str| exchange.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let faults = exchange["faults"].as_array().into_iter().flatten();
        Self {
            seq: exchange["seq"].as_u64().unwrap_or_default(),
            time: text("/time"),
            method: text("/request/method"),
            target: text("/request/target"),
            status: status(exchange),
            client: client(state, &exchange["client"]),
            why: sentence(exchange),
            faults: faults.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    /// How the line looks.
    pub(super) fn class(&self) -> &'static str {
        match self.status {
            429 => "limited",
            400.. => "refused",
            _ => "ok",
        }
    }

    /// The time of day.
    pub(super) fn clock(&self) -> &str {
        let time = self.time.split_once('T').map_or(self.time.as_str(), |(_, time)| time);
        time.split_once('.').map_or(time, |(time, _)| time)
    }
}

fn status(exchange: &Value) -> u16 {
    exchange["response"]["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default()
}

/// The app's label or the user's login, where the org has them, and how the client authenticated.
fn client(state: &OrgState, client: &Value) -> String {
    let part = |name: &str| client[name].as_str();
    let named = |kind: &str, id: &str, pointer: &str| {
        state.get(kind, id).and_then(|found| Some(found.text(pointer)?.into_owned())).unwrap_or(id.to_owned())
    };
    let app = part("client_id").map(|id| named("apps", id, "/label"));
    let user = part("user").map(|id| named("users", id, "/profile/login"));
    let parts: Vec<String> =
        app.into_iter().chain(user).chain(part("auth_method").map(str::to_owned)).collect();
    parts.join(" · ")
}

/// Why an exchange was answered as it was: `403: the token has the scope okta.users.read, no admin role of the caller
/// reaches it`.
pub(super) fn sentence(exchange: &Value) -> String {
    let status = status(exchange);
    let steps: Vec<(&str, &str)> = exchange["decided"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|step| Some((step["step"].as_str()?, step["reason"].as_str()?)))
        .collect();
    let reason = |name: &str| steps.iter().rev().find(|(step, _)| *step == name).map(|(_, reason)| *reason);
    let scope = exchange["client"]["decided_by"]["scope"].as_str();
    let fault = steps.iter().rev().find(|(step, _)| *step == "fault");
    let because = match (status, fault, steps.last()) {
        (_, Some((_, fault)), _) => (*fault).to_owned(),
        (_, None, None) => "nothing was noted".to_owned(),
        (403, None, Some(_)) if reason("role") == Some("no admin role of the caller reaches it") => {
            let held = match scope {
                Some(scope) => format!("the token has the scope {scope}"),
                None => "the token is good".to_owned(),
            };
            format!("{held}, no admin role of its holder reaches this")
        }
        (200..400, None, Some((_, last))) => {
            let who = reason("role").filter(|_| scope.is_some()).filter(|role| *role != "no role is asked");
            match (scope, who) {
                (Some(scope), Some(role)) => format!("{scope} allows it, {role}"),
                (Some(scope), None) => format!("{scope} allows it"),
                (None, _) => (*last).to_owned(),
            }
        }
        (_, None, Some((_, last))) => (*last).to_owned(),
    };
    format!("{status}: {because}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::seed::OrgDocument;
    use crate::org::{Org, OrgOptions};

    fn exchange(status: u16, scope: Option<&str>, steps: &[(&str, &str)]) -> Value {
        let decided: Vec<Value> =
            steps.iter().map(|(step, reason)| json!({ "step": step, "reason": reason })).collect();
        json!({
            "seq": 3, "time": "2026-01-01T10:00:00.123Z",
            "client": { "client_id": "0oa1", "auth_method": "Bearer", "decided_by": { "scope": scope } },
            "request": { "method": "GET", "target": "/api/v1/users" },
            "response": { "status": status }, "decided": decided, "faults": ["f1"],
        })
    }

    #[test]
    fn the_reason_is_one_sentence() {
        let nothing = "no admin role of the caller reaches it";
        for (status, scope, steps, expected) in [
            (
                403,
                Some("okta.users.read"),
                vec![("scope", "okta.users.read allows it"), ("role", nothing), ("operation", "E0000006")],
                "403: the token has the scope okta.users.read, no admin role of its holder reaches this",
            ),
            (
                403,
                Some("okta.logs.read"),
                vec![("route", "listLogEvents"), ("scope", "the token lacks okta.logs.read")],
                "403: the token lacks okta.logs.read",
            ),
            (
                429,
                None,
                vec![("limit", "/api/v1/users: the principal's share of 3 is used up until 9")],
                "429: /api/v1/users: the principal's share of 3 is used up until 9",
            ),
            (
                200,
                Some("okta.users.read"),
                vec![("role", "ORG_ADMIN reaches it"), ("operation", "users: 3")],
                "200: okta.users.read allows it, ORG_ADMIN reaches it",
            ),
            (
                200,
                Some("okta.users.read"),
                vec![("role", "no admin role: the list is empty")],
                "200: okta.users.read allows it, no admin role: the list is empty",
            ),
            (503, None, vec![("route", "listUsers"), ("fault", "f1 answers 503")], "503: f1 answers 503"),
            (404, None, vec![("route", "Okta has no such path")], "404: Okta has no such path"),
            (200, None, vec![], "200: nothing was noted"),
        ] {
            assert_eq!(sentence(&exchange(status, scope, &steps)), expected);
        }
    }

    #[test]
    fn a_row_tells_who_and_when() {
        let org = Org::new(&OrgDocument::default(), &OrgOptions::default()).unwrap();
        let row = Row::of(&org.state(), &exchange(404, None, &[("route", "x")]));
        assert_eq!((row.seq, row.clock(), row.class()), (3, "10:00:00", "refused"));
        assert_eq!((&*row.client, &*row.faults[0]), ("0oa1 · Bearer", "f1"));
    }
}
