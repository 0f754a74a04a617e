//! `…/credentials/secrets` of apps and of API service integrations (mgmt-facts §7.4): a client has two at most, and one
//! of them is active. Those of an integration are shown in clear once.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{around, newest, owner, put};
use crate::api::answer::Asked;
use crate::api::events;
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::app::{active_secret, new_secret, secret_hash};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("listOAuth2ClientSecrets", |asked, _| list(asked, "apps")),
    ("createOAuth2ClientSecret", |asked, trace| create(asked, "apps", trace)),
    ("getOAuth2ClientSecret", |asked, _| get(asked, "apps")),
    ("deleteOAuth2ClientSecret", |asked, trace| change(asked, "apps", Step::Delete, trace)),
    ("activateOAuth2ClientSecret", |asked, trace| change(asked, "apps", Step::Activate, trace)),
    ("deactivateOAuth2ClientSecret", |asked, trace| change(asked, "apps", Step::Deactivate, trace)),
    ("listApiServiceIntegrationInstanceSecrets", |asked, _| list(asked, "integrations")),
    ("createApiServiceIntegrationInstanceSecret", |asked, trace| create(asked, "integrations", trace)),
    ("deleteApiServiceIntegrationInstanceSecret", |asked, trace| {
        change(asked, "integrations", Step::Delete, trace)
    }),
    ("activateApiServiceIntegrationInstanceSecret", |asked, trace| {
        change(asked, "integrations", Step::Activate, trace)
    }),
    ("deactivateApiServiceIntegrationInstanceSecret", |asked, trace| {
        change(asked, "integrations", Step::Deactivate, trace)
    }),
];

/// The name of the type in `Not found`.
const TYPE: &str = "OAuth2ClientSecretMediated";

/// What is done to a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Activate,
    Deactivate,
    Delete,
}

fn list(asked: &Asked<'_>, kind: &'static str) -> Result<Reply, ApiError> {
    let owner = owner(asked, kind)?;
    let all: Vec<Value> =
        of(&owner).iter().map(|secret| shown(asked, kind, &owner.id, secret, false)).collect();
    Ok(Reply::json(StatusCode::OK, Value::Array(all).to_string()))
}

fn get(asked: &Asked<'_>, kind: &'static str) -> Result<Reply, ApiError> {
    let owner = owner(asked, kind)?;
    let secret = find(of(&owner), asked.parameter(1))?;
    Ok(Reply::json(StatusCode::OK, shown(asked, kind, &owner.id, secret, false).to_string()))
}

fn create(asked: &Asked<'_>, kind: &'static str, trace: &mut Trace) -> Result<Reply, ApiError> {
    let owner = owner(asked, kind)?;
    let wanted: Map<String, Value> =
        if asked.request.body.is_empty() { Map::new() } else { crate::api::body::checked(asked)? };
    let now = okta_timestamp(asked.request.now);
    let value = match wanted.get("client_secret").and_then(Value::as_str) {
        Some(given) => {
            let printable = given.bytes().all(|byte| byte.is_ascii_graphic());
            if !printable || !(14..=100).contains(&given.len()) {
                let cause = "'client_secret' must be between 14 and 100 printable ASCII characters.";
                return Err(ApiError::invalid("client_secret", cause));
            }
            given.to_owned()
        }
        None => asked.org.ids().word(64),
    };
    let mut secret = new_secret(&value, &around(asked, &now));
    if wanted.get("status").is_some_and(|status| status == "INACTIVE") {
        secret["status"] = json!("INACTIVE");
    }
    asked.org.commit(asked.request.now, |state| {
        let owner = newest(state, kind, &owner.id)?;
        let mut secrets = of(owner).to_vec();
        if secrets.len() >= 2 {
            let cause = "You've reached the maximum number of client secrets per client.";
            return Err(ApiError::invalid(TYPE, cause));
        }
        secrets.push(secret.clone());
        Ok(vec![stored(kind, owner, secrets), events::credential(asked, state, owner, "create")])
    })?;
    trace.note("operation", format!("{} has one secret more", owner.id));
    Ok(Reply::json(StatusCode::CREATED, shown(asked, kind, &owner.id, &secret, true).to_string()))
}

fn change(asked: &Asked<'_>, kind: &'static str, step: Step, trace: &mut Trace) -> Result<Reply, ApiError> {
    let owner = owner(asked, kind)?;
    let id = asked.parameter(1);
    let now = okta_timestamp(asked.request.now);
    let state = asked.org.commit(asked.request.now, |state| {
        let owner = newest(state, kind, &owner.id)?;
        let active = find(of(owner), id)?["status"] == "ACTIVE";
        let mut secrets = of(owner).to_vec();
        let refused = |cause: &str| Err(ApiError::invalid(TYPE, cause));
        match step {
            Step::Delete if active => {
                return refused(
                    "You can't delete an active client secret. Deactivate the secret before deleting it.",
                );
            }
            Step::Deactivate
                if active && secrets.iter().filter(|one| one["status"] == "ACTIVE").count() == 1 =>
            {
                return refused("You can't deactivate the only active client secret.");
            }
            Step::Delete => secrets.retain(|secret| secret["id"] != *id),
            Step::Activate | Step::Deactivate => {
                let status = if step == Step::Activate { "ACTIVE" } else { "INACTIVE" };
                if let Some(secret) = secrets.iter_mut().find(|secret| secret["id"] == *id) {
                    secret["status"] = json!(status);
                    secret["lastUpdated"] = json!(now);
                }
            }
        }
        let told = events::credential(asked, state, owner, &format!("{step:?}"));
        Ok(vec![stored(kind, owner, secrets), told])
    })?;
    trace.note("operation", format!("secret {id} of {}: {step:?}", owner.id));
    if step == Step::Delete {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    let owner = newest(&state, kind, &owner.id)?;
    Ok(Reply::json(StatusCode::OK, shown(asked, kind, &owner.id, find(of(owner), id)?, false).to_string()))
}

fn of(owner: &Document) -> &[Value] {
    owner.hidden.get("secrets").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn find<'s>(secrets: &'s [Value], id: &str) -> Result<&'s Value, ApiError> {
    let found = secrets.iter().find(|secret| secret["id"] == *id);
    found.ok_or_else(|| ApiError::NotFound(id.to_owned(), TYPE))
}

/// The owner with other secrets: an app is shown with the first active one.
fn stored(kind: &'static str, owner: &Document, secrets: Vec<Value>) -> crate::org::change::Change {
    let (mut value, mut hidden) = (owner.value(), Value::clone(&owner.hidden));
    hidden["secrets"] = Value::Array(secrets);
    let secret = active_secret(&hidden).map(str::to_owned);
    if let (Some(shown), Some(secret)) = (value.pointer_mut("/credentials/oauthClient/client_secret"), secret)
    {
        *shown = json!(secret);
    }
    put(kind, &owner.id, value, hidden)
}

/// A secret as Okta shows it (recorded members and order).
fn shown(asked: &Asked<'_>, kind: &str, owner: &Arc<str>, secret: &Value, created: bool) -> Value {
    let value = secret["value"].as_str().unwrap_or_default();
    let id = secret["id"].as_str().unwrap_or_default();
    let path = if kind == "apps" { "api/v1/apps" } else { "integrations/api/v1/api-services" };
    let base = format!("{}/{path}/{owner}/credentials/secrets/{id}", asked.request.base_url);
    let links = if secret["status"] == "ACTIVE" {
        json!({ "deactivate": { "href": format!("{base}/lifecycle/deactivate"), "hints": { "allow": ["POST"] } } })
    } else {
        json!({
            "activate": { "href": format!("{base}/lifecycle/activate"), "hints": { "allow": ["POST"] } },
            "delete": { "href": base, "hints": { "allow": ["DELETE"] } },
        })
    };
    let masked = kind != "apps" && !created;
    let end = value.get(value.len().saturating_sub(4)..).unwrap_or_default();
    json!({
        "id": id,
        "created": secret["created"],
        "lastUpdated": secret["lastUpdated"],
        "status": secret["status"],
        "client_secret": if masked { format!("***{end}") } else { value.to_owned() },
        "secret_hash": secret_hash(value),
        "_links": links,
    })
}
