//! Pushes: a phone is set up, a person taps on it (`org/factor.rs`), whoever waits polls (specification).

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::{Reply, Trace, ok};
use super::{commit, enrolled, is_tapped, named, own_address};
use crate::api::answer::Asked;
use crate::api::target::Target;
use crate::api::verbs::{based, shown};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::factor::{Push, PushResult};
use crate::wire::ApiError;

/// So long a push waits, in seconds.
const PATIENCE: i64 = 300;
/// So many pushes of a factor are remembered.
const MOST: usize = 10;

fn allow(href: String, method: &str) -> Value {
    json!({ "href": href, "hints": { "allow": [method] } })
}

/// The phone that is being set up, for those who wait.
fn setting_up(asked: &Asked<'_>, target: &Target, factor: &Document) -> Reply {
    let own = own_address(target, factor);
    let mut told = factor.value()["_embedded"]["activation"].clone();
    let expires = told["expiresAt"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
    if told["factorResult"] == "WAITING" && expires.is_some_and(|expires| expires <= asked.request.now) {
        told["factorResult"] = json!("TIMEOUT");
    }
    if told["factorResult"] == "WAITING" {
        told["_links"]["poll"] = allow(format!("{own}/lifecycle/activate/poll"), "POST");
    } else {
        told = json!({
            "factorResult": told["factorResult"],
            "_links": { "activate": allow(format!("{own}/lifecycle/activate"), "POST") },
        });
    }
    ok(&told, asked)
}

/// `POST …/lifecycle/activate` of a phone: it may take its time again.
pub(super) fn restart(asked: &Asked<'_>, target: &Target, trace: &mut Trace) -> Result<Reply, ApiError> {
    let factor = commit(asked, target, |draft| {
        enrolled::set_up(draft);
        Ok(())
    })?;
    trace.note("operation", format!("the phone of {} is set up again", factor.id));
    Ok(setting_up(asked, target, &factor))
}

/// `POST …/lifecycle/activate/poll`: the factor when it is active, until then how far it is.
pub(super) fn poll(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = tapped(asked, trace)?;
    if factor.is("/status", "ACTIVE") {
        return Ok(shown(asked, target.resource, StatusCode::OK, &factor));
    }
    Ok(setting_up(asked, &target, &factor))
}

/// `POST …/lifecycle/activate/{email|sms}`: the link for the phone is sent, which is to say, nothing is.
pub(super) fn send(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, factor) = tapped(asked, trace)?;
    let channel = asked.parameter(2);
    if !matches!(channel, "email" | "sms") {
        return Err(ApiError::NoSuchPath);
    }
    if !factor.is("/status", "PENDING_ACTIVATION") {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    let link =
        factor.value().pointer("/_embedded/activation/_links/qrcode/href").cloned().unwrap_or_default();
    trace.note("message", format!("the {channel} has the link {}", link.as_str().unwrap_or_default()));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `POST …/verify` of a phone: a push that waits.
pub(super) fn begin(
    asked: &Asked<'_>,
    target: &Target,
    matching: bool,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let mut number = [0];
    asked.org.ids().fill(&mut number);
    let push = Push {
        id: asked.org.ids().next("mst"),
        expires_at: asked.request.now.as_second().saturating_add(PATIENCE),
        result: PushResult::Waiting,
        answer: matching.then_some(10 + number[0] % 90),
    };
    let factor = commit(asked, target, |draft| {
        let mut pushes = Push::of(&draft.hidden);
        pushes.push(push.clone());
        pushes.drain(..pushes.len().saturating_sub(MOST));
        draft.hidden["pushes"] = json!(pushes);
        Ok(())
    })?;
    trace.note("operation", format!("a push waits on the phone of {}", factor.id));
    let mut told = told(asked, target, &factor, &push);
    if let Some(told) = told.as_object_mut() {
        told.shift_remove("profile");
    }
    Ok(Reply::json(StatusCode::CREATED, based(&told, &asked.request.base_url)))
}

/// `GET …/transactions/{id}`.
pub(super) fn transaction(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor, push) = found(asked, trace)?;
    let result = push.result(asked.request.now.as_second());
    trace.note("operation", format!("the push {} is {}", push.id, result.name()));
    Ok(ok(&told(asked, &target, &factor, &push), asked))
}

/// `DELETE …/transactions/{id}`: nobody waits any more.
pub(super) fn cancel(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, _, push) = found(asked, trace)?;
    commit(asked, &target, |draft| {
        let mut pushes = Push::of(&draft.hidden);
        pushes.retain(|one| one.id != push.id);
        draft.hidden["pushes"] = json!(pushes);
        Ok(())
    })?;
    trace.note("operation", format!("the push {} is taken back", push.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The factor that the path names, which is on a phone.
fn tapped(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Target, std::sync::Arc<Document>), ApiError> {
    let (target, factor) = named(asked, trace)?;
    if is_tapped(&factor.text("/factorType").unwrap_or_default()) {
        Ok((target, factor))
    } else {
        Err(ApiError::catalogued("E0000079", "", ""))
    }
}

fn found(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Target, std::sync::Arc<Document>, Push), ApiError> {
    let (target, factor) = named(asked, trace)?;
    let id = asked.parameter(2);
    let push = Push::of(&factor.hidden).into_iter().find(|push| push.id == id);
    let push = push.ok_or_else(|| ApiError::NotFound(id.to_owned(), "FactorTransaction"))?;
    Ok((target, factor, push))
}

/// A push, as it is told.
fn told(asked: &Asked<'_>, target: &Target, factor: &Document, push: &Push) -> Value {
    let own = own_address(target, factor);
    let profile = json!({ "credentialId": factor.text("/profile/credentialId") });
    let result = push.result(asked.request.now.as_second());
    match result {
        PushResult::Success => json!({ "factorResult": result.name() }),
        PushResult::Waiting => {
            let expires = Timestamp::from_second(push.expires_at).unwrap_or_default();
            let transaction = format!("{own}/transactions/{}", push.id);
            let mut told = json!({
                "expiresAt": okta_timestamp(expires),
                "factorResult": result.name(),
                "profile": profile,
                "_links": { "poll": allow(transaction.clone(), "GET"), "cancel": allow(transaction, "DELETE") },
            });
            if let Some(answer) = push.answer {
                told["_embedded"] = json!({ "challenge": { "correctAnswer": answer } });
            }
            told
        }
        PushResult::Rejected | PushResult::Timeout => json!({
            "factorResult": result.name(),
            "profile": profile,
            "_links": {
                "verify": allow(format!("{own}/verify"), "POST"),
                "factor": { "href": own, "hints": { "allow": ["GET", "DELETE"] } },
            },
        }),
    }
}
