//! The password import inline hook: it is asked whether a login and a password belong together (specification,
//! `PasswordImportRequest`, `PasswordImportResponse`). Without an answer that says so they do not.

use http::Method;
use serde_json::{Value, json};

use super::told::Teller;
use crate::exchange::{Answered, Call, CallFailure, Trace};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::outbox::lines_of;

/// The type of the hook.
const KIND: &str = "com.okta.user.credential.password.import";

/// What the hook says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The password is the user's.
    Verified,
    /// It is not, or nobody says so.
    Unverified,
    /// It has to be asked first: the trace waits.
    Asking,
}

/// Asks the org's hook.
pub(super) fn ask(
    teller: Teller<'_>,
    user: &str,
    (login, password): (&str, &str),
    trace: &mut Trace,
) -> Verdict {
    let hooks = teller.state.all("inline_hooks").after(None);
    let mut hooks = hooks.filter(|hook| hook.is("/type", KIND) && hook.is("/status", "ACTIVE"));
    let Some(hook) = hooks.next() else {
        trace.note(
            "sign_in",
            "the password waits for a hook, and the org has no active one that imports passwords",
        );
        return Verdict::Unverified;
    };
    if !hook.is("/channel/type", "HTTP") {
        trace.note("sign_in", format!("{} is not asked: its channel is not HTTP", hook.id));
        return Verdict::Unverified;
    }
    let uri = hook.text("/channel/config/uri").unwrap_or_default();
    if let Some(outcome) = trace.done_at(&uri) {
        let verdict = verdict(&outcome);
        trace.note("sign_in", format!("{} says {verdict:?}", hook.id));
        teller.imported(trace, user, verdict == Verdict::Verified);
        return verdict;
    }
    trace.note("sign_in", format!("{} has to be asked first", hook.id));
    let body = payload(teller, hook, login, password, trace).to_string();
    trace.want(Call::new(Method::POST, uri, lines_of(hook), body));
    Verdict::Asking
}

fn payload(teller: Teller<'_>, hook: &Document, login: &str, password: &str, trace: &Trace) -> Value {
    let request = teller.request;
    json!({
        "eventId": teller.org.ids().word(22),
        "eventTime": okta_timestamp(request.now),
        "eventType": KIND,
        "eventTypeVersion": "1.0",
        "contentType": "application/json",
        "cloudEventVersion": "0.1",
        "source": format!("{}/api/v1/inlineHooks/{}", request.base_url, hook.id),
        "data": {
            "context": {
                "request": {
                    "id": trace.request_id,
                    "method": request.method.as_str(),
                    "url": { "value": request.path() },
                    "ipAddress": request.peer.to_string(),
                },
                "credential": { "username": login, "password": password },
            },
            "action": { "credential": "UNVERIFIED" },
        },
    })
}

/// The last command that says something about the credential; without one it is unverified.
fn verdict(outcome: &Result<Answered, CallFailure>) -> Verdict {
    let Ok(answered) = outcome else { return Verdict::Unverified };
    let said = (200..300).contains(&answered.status).then(|| serde_json::from_slice::<Value>(&answered.body));
    let Some(Ok(said)) = said else { return Verdict::Unverified };
    let commands = said.get("commands").and_then(Value::as_array);
    let mut updates =
        commands.into_iter().flatten().filter(|command| command["type"] == "com.okta.action.update");
    match updates.next_back().map(|command| command["value"]["credential"] == "VERIFIED") {
        Some(true) => Verdict::Verified,
        _ => Verdict::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_command_verifies() {
        let update = |credential: &str| {
            json!({ "commands": [{ "type": "com.okta.action.update", "value": { "credential": credential } }] })
                .to_string()
        };
        for (status, body, expected) in [
            (200, update("VERIFIED"), Verdict::Verified),
            (200, update("UNVERIFIED"), Verdict::Unverified),
            (500, update("VERIFIED"), Verdict::Unverified),
            (204, String::new(), Verdict::Unverified),
            (200, "[]".to_owned(), Verdict::Unverified),
            (200, update("VERIFIED").replace("action.update", "action.other"), Verdict::Unverified),
        ] {
            let answered = Answered { status, body: body.clone().into() };
            assert_eq!(verdict(&Ok(answered)), expected, "{status} {body}");
        }
        assert_eq!(verdict(&Err(CallFailure::NotMade)), Verdict::Unverified);
    }
}
