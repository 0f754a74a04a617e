//! `POST /api/v1/eventHooks/{id}/lifecycle/verify`: the endpoint sends back a value that it was sent in a header
//! (Okta's documentation of event hooks). The status 400 of a failure is the specification's; its code is inferred.

use http::Method;
use serde_json::{Map, json};

use super::{call, hook, object, shown};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::events;
use crate::api::own::Operations;
use crate::exchange::{Answered, CallFailure, Reply, Trace};
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[("verifyEventHook", verify)];

const CHALLENGE: &str = "x-okta-verification-challenge";

fn verify(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, found) = hook(asked, "event_hooks")?;
    let Some((made, outcome)) = trace.done() else {
        let challenge = asked.org.ids().word(48);
        trace.note("operation", "the endpoint has to be asked first");
        trace.want(call(Method::GET, &found, Some((CHALLENGE.to_owned(), challenge)), ""));
        return Err(refused(&CallFailure::NotMade.to_string()));
    };
    judge(made.header(CHALLENGE).unwrap_or_default(), &outcome).map_err(|why| refused(&why))?;
    let state = asked.org.commit(asked.request.now, |state| {
        let current = target.find(asked, state)?;
        let nothing = Map::new();
        let action = Action::Lifecycle("verify".to_owned());
        let mut draft = Draft::update(asked, state, &target, current, &nothing, action)?;
        // An address that was changed meanwhile has not been verified.
        if current.text("/channel/config/uri") != found.text("/channel/config/uri") {
            return Err(refused("The endpoint was changed meanwhile."));
        }
        draft.value["verificationStatus"] = json!("VERIFIED");
        events::note(&mut draft);
        Ok(draft.into_changes())
    })?;
    trace.note("operation", format!("{} is verified", found.id));
    let stored = state.on(&target.shelf).get(&found.id);
    Ok(shown(asked, stored.unwrap_or(&found)))
}

/// Whether the answer proves that the endpoint is the author's.
fn judge(challenge: &str, outcome: &Result<Answered, CallFailure>) -> Result<(), String> {
    let answered = outcome.as_ref().map_err(ToString::to_string)?;
    if !(200..300).contains(&answered.status) {
        return Err(format!("The endpoint answered {}.", answered.status));
    }
    let body = object(&answered.body).ok_or("The answer of the endpoint is no JSON object.")?;
    match body.get("verification").and_then(|value| value.as_str()) {
        Some(value) if value == challenge => Ok(()),
        Some(_) => Err("The verification value of the answer is not the one that was sent.".to_owned()),
        None => Err("The answer of the endpoint has no verification value.".to_owned()),
    }
}

fn refused(why: &str) -> ApiError {
    ApiError::invalid("verification", format!("verification: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_value_that_was_sent_verifies() {
        let answered = |status, body: &str| Ok(Answered { status, body: body.to_owned().into() });
        for (outcome, verified) in [
            (answered(200, r#"{"verification":"c"}"#), true),
            (answered(200, r#"{"verification":"d"}"#), false),
            (answered(200, r#"{"verification":1}"#), false),
            (answered(200, "c"), false),
            (answered(200, "{}"), false),
            (answered(404, r#"{"verification":"c"}"#), false),
            (Err(CallFailure::TimedOut(3)), false),
        ] {
            assert_eq!(judge("c", &outcome).is_ok(), verified, "{outcome:?}");
        }
    }
}
