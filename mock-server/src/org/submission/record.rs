//! Submissions as the org keeps them: every version that was saved, the one that customers can install, and how far the
//! review is. An instance is a snapshot of one version (ratelimit-oin-facts §2.1).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Fault, Status, Submission};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;

/// The collection.
pub const KIND: &str = "submissions";

/// What was saved at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Counted from 1.
    pub number: u64,
    /// When, as Okta writes it.
    pub at: String,
    /// What.
    pub submission: Submission,
}

/// A step of the review that cannot be taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmoved {
    /// There is no such step.
    #[error("status: {from:?} is followed by {next}, not by {to:?}")]
    NoStep {
        /// Where it is.
        from: &'static str,
        /// What may follow.
        next: String,
        /// What was wanted.
        to: &'static str,
    },
    /// The form is not filled in, or there is no instance to test.
    #[error("not ready to be submitted: {0}")]
    Unready(String),
}

/// What may follow a status. An edit makes a draft of everything that is not with its author.
fn next(status: Status) -> &'static [Status] {
    match status {
        Status::Draft | Status::IsvToReview => &[Status::OinToReview],
        Status::OinToReview => &[Status::IsvToReview, Status::Published],
        Status::Published => &[],
    }
}

/// The type that a name makes: lower case, words joined by `_`.
fn type_of(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("_");
    if joined.starts_with(|first: char| first.is_ascii_lowercase()) {
        joined
    } else {
        format!("api_{joined}")
    }
}

/// The id of a new submission: that of the org, the name, what it is, and a number (`acme_strawberrycentral_api_1`).
fn id_of(state: &OrgState, name: &str) -> String {
    let letters =
        |text: &str| -> String { text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect() };
    let begin = format!("{}_{}_api", letters(&state.settings.name), letters(name));
    let mut nth = 1_u64;
    while state.get(KIND, &format!("{begin}_{nth}")).is_some() {
        nth += 1;
    }
    format!("{begin}_{nth}")
}

/// A new submission, as its author has filled it in.
///
/// # Errors
/// The type is taken.
pub fn created(state: &OrgState, submission: &Submission, now: &str) -> Result<Change, Fault> {
    let kind = submission.kind.clone().unwrap_or_else(|| type_of(&submission.name));
    if let Some(other) = of_type(state, &kind) {
        let message = format!("{kind:?} is that of {} already; give another one", other.id);
        return Err(Fault { field: "type".to_owned(), message });
    }
    let id: Arc<str> = id_of(state, &submission.name).into();
    let status = submission.status.unwrap_or_default();
    let first = Version {
        number: 1,
        at: now.to_owned(),
        submission: Submission { kind: Some(kind), ..submission.clone() },
    };
    let published = (status == Status::Published).then(|| (1, now.to_owned()));
    Ok(stored(&id, &[first], status, published))
}

/// An edited submission: a new version, which no instance of before learns of, and a draft again unless its author has it.
/// Nothing when nothing is different.
///
/// # Errors
/// The type is another one.
pub fn edited(document: &Document, submission: &Submission, now: &str) -> Result<Option<Change>, Fault> {
    let mut versions = versions(document);
    let Some(last) = versions.last() else { return Ok(None) };
    let kind = last.submission.kind.clone();
    if submission.kind.is_some() && submission.kind != kind {
        let message = format!("stays {:?}; a new type is a new submission", kind.unwrap_or_default());
        return Err(Fault { field: "type".to_owned(), message });
    }
    let submission = Submission { kind, status: None, ..submission.clone() };
    if submission == last.submission {
        return Ok(None);
    }
    let number = last.number + 1;
    versions.push(Version { number, at: now.to_owned(), submission });
    let status = match status_of(document) {
        Status::IsvToReview => Status::IsvToReview,
        _ => Status::Draft,
    };
    Ok(Some(stored(&document.id, &versions, status, published(document))))
}

/// The grants of the instances of a submission, if they followed an edit: what no org does, for selftests.
pub fn followed(state: &OrgState, document: &Document, submission: &Submission, now: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let made = |instance: &&Arc<Document>| made_from(instance).is_some_and(|(id, _)| id == &*document.id);
    for instance in state.all("integrations").after(None).filter(made) {
        let held = state.all("grants").after(None).filter(|grant| grant.is("/clientId", &instance.id));
        changes.extend(held.map(|grant| Change::remove("grants", grant.id.clone())));
        for scope in &submission.api_service.scopes {
            let id = format!("{}-{scope}", instance.id);
            let grant = json!({
                "id": id, "status": "ACTIVE", "created": now, "lastUpdated": now, "clientId": instance.id,
                "scopeId": scope, "source": "ADMIN",
            });
            changes.push(Change::put("grants", id, grant, Value::Null));
        }
    }
    changes
}

/// A submission one step further in its review.
///
/// # Errors
/// [`Unmoved`] says what is missing.
pub fn moved(state: &OrgState, document: &Document, to: Status, now: &str) -> Result<Change, Unmoved> {
    let from = status_of(document);
    if !next(from).contains(&to) {
        let next: Vec<String> = next(from).iter().map(|status| format!("{:?}", status.name())).collect();
        let next = if next.is_empty() { "an edit".to_owned() } else { next.join(" or ") };
        return Err(Unmoved::NoStep { from: from.name(), next, to: to.name() });
    }
    let versions = versions(document);
    if to == Status::OinToReview {
        unready(state, document, versions.last())?;
    }
    let published = match (to, versions.last()) {
        (Status::Published, Some(last)) => Some((last.number, now.to_owned())),
        _ => published(document),
    };
    Ok(stored(&document.id, &versions, to, published))
}

/// The Wizard's gate (OIN-079, OIN-082): everything is filled in, and an instance of the latest version can be used.
fn unready(state: &OrgState, document: &Document, last: Option<&Version>) -> Result<(), Unmoved> {
    let mut missing: Vec<String> =
        last.iter().flat_map(|last| last.submission.missing()).map(|fault| fault.to_string()).collect();
    let latest = last.map_or(0, |last| last.number);
    let usable = |instance: &&Arc<Document>| {
        let secrets = instance.hidden.get("secrets").and_then(Value::as_array);
        made_from(instance).is_some_and(|(id, version)| id == &*document.id && version == latest)
            && secrets.into_iter().flatten().any(|secret| secret["status"] == "ACTIVE")
    };
    if !state.all("integrations").after(None).any(|instance| usable(&instance)) {
        missing.push(format!(
            "there is no instance of version {latest} with an active secret; POST …/submissions/{}/test-instance makes one",
            document.id
        ));
    }
    if missing.is_empty() { Ok(()) } else { Err(Unmoved::Unready(missing.join("; "))) }
}

/// The submission that a type installs.
pub fn of_type<'s>(state: &'s OrgState, kind: &str) -> Option<&'s Arc<Document>> {
    state.all(KIND).after(None).find(|document| document.is("/type", kind))
}

/// What an instance was made from: the submission and the number of its version.
pub fn made_from(instance: &Document) -> Option<(&str, u64)> {
    let origin = instance.hidden.get("submission")?;
    Some((origin.get("id")?.as_str()?, origin.get("version")?.as_u64()?))
}

/// The number of the version that was saved last.
pub fn latest(document: &Document) -> u64 {
    let versions = document.hidden.get("versions").and_then(Value::as_array);
    versions.and_then(|versions| u64::try_from(versions.len()).ok()).unwrap_or_default()
}

/// A version by its number; without one, what customers install: the published version, and the last one where none is.
pub fn version(document: &Document, number: Option<u64>) -> Option<Version> {
    let versions = versions(document);
    match number.or_else(|| published(document).map(|(number, _)| number)) {
        Some(number) => versions.into_iter().find(|version| version.number == number),
        None => versions.into_iter().last(),
    }
}

fn status_of(document: &Document) -> Status {
    document.text("/status").and_then(|name| Status::named(&name)).unwrap_or_default()
}

fn versions(document: &Document) -> Vec<Version> {
    let kept = document.hidden.get("versions").and_then(Value::as_array);
    let read = |(nth, kept): (usize, &Value)| {
        Some(Version {
            number: u64::try_from(nth).ok()? + 1,
            at: kept.get("at")?.as_str()?.to_owned(),
            submission: serde_json::from_value(kept.get("submission")?.clone()).ok()?,
        })
    };
    kept.into_iter().flatten().enumerate().filter_map(read).collect()
}

/// The version that is published, and since when.
fn published(document: &Document) -> Option<(u64, String)> {
    let published = document.hidden.get("published")?;
    Some((published.get("version")?.as_u64()?, published.get("at")?.as_str()?.to_owned()))
}

fn stored(id: &Arc<str>, versions: &[Version], status: Status, published: Option<(u64, String)>) -> Change {
    let Some(last) = versions.last() else { return Change::remove(KIND, id.clone()) };
    let record = |submission: &Submission| serde_json::to_value(submission).unwrap_or_default();
    let mut value = Map::new();
    value.insert("id".to_owned(), json!(id));
    if let Value::Object(members) = record(&last.submission) {
        value.extend(members);
    }
    let with_number = |wanted: u64| versions.iter().find(|version| version.number == wanted);
    let out = published.as_ref().and_then(|(number, _)| with_number(*number));
    let listed: Vec<Value> = versions
        .iter()
        .map(|version| {
            json!({
                "version": version.number,
                "savedAt": version.at,
                "name": version.submission.name,
                "scopes": version.submission.api_service.scopes,
                "published": out.is_some_and(|out| out.number == version.number),
            })
        })
        .collect();
    for (name, member) in [
        ("defaultLogo", json!(last.submission.logo.is_none())),
        ("status", json!(status.name())),
        ("version", json!(last.number)),
        ("lastUpdated", json!(last.at)),
        ("lastPublished", json!(published.as_ref().map(|(_, at)| at))),
        ("isNonFunctionalOnlySubmission", json!(out.is_some_and(|out| same_function(out, last)))),
        ("versions", Value::Array(listed)),
    ] {
        value.insert(name.to_owned(), member);
    }
    let kept: Vec<Value> = versions
        .iter()
        .map(|version| json!({ "at": version.at, "submission": record(&version.submission) }))
        .collect();
    let published = published.map(|(version, at)| json!({ "version": version, "at": at }));
    let hidden = json!({ "versions": kept, "published": published });
    Change::put(KIND, id.clone(), Value::Object(value), hidden)
}

/// Whether an edit has left alone what the integration does.
fn same_function(one: &Version, other: &Version) -> bool {
    let function = |version: &Version| {
        let Submission { api_service, capabilities, config, .. } = version.submission.clone();
        (api_service, capabilities, config)
    };
    one.number != other.number && function(one) == function(other)
}

#[cfg(test)]
mod tests {
    use super::type_of;

    #[test]
    fn a_type_is_made_of_the_name() {
        for (name, expected) in [
            ("My App CIE", "my_app_cie"),
            ("Acme  Sync!", "acme_sync"),
            ("7 Seas", "api_7_seas"),
            ("Ärger", "rger"),
        ] {
            assert_eq!(type_of(name), expected);
        }
    }
}
