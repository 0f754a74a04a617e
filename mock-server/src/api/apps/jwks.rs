//! `/api/v1/apps/{id}/credentials/jwks`: the public keys of a client (mgmt-facts §7.5).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{app, around, newest, put};
use crate::api::answer::Asked;
use crate::api::own::Operations;
use crate::api::{body, events, special};
use crate::exchange::{Reply, Trace};
use crate::org::app::{keys_of, oauth_settings, stored_key};
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("listJwk", list),
    ("addJwk", add),
    ("getJwk", get),
    ("deletejwk", |asked, trace| change(asked, Step::Delete, trace)),
    ("activateOAuth2ClientJsonWebKey", |asked, trace| change(asked, Step::Activate, trace)),
    ("deactivateOAuth2ClientJsonWebKey", |asked, trace| change(asked, Step::Deactivate, trace)),
];

/// What is summed up in an error.
const ABOUT: &str = "JsonWebKey";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Activate,
    Deactivate,
    Delete,
}

fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let all: Vec<Value> =
        keys_of(&app.value(), &app.hidden).iter().map(|key| shown(asked, &app, key)).collect();
    Ok(Reply::json(StatusCode::OK, Value::Array(all).to_string()))
}

fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let key = find(&app, asked.parameter(1))?;
    Ok(Reply::json(StatusCode::OK, shown(asked, &app, &key).to_string()))
}

fn add(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let wanted = Value::Object(body::checked(asked)?);
    special::apps::usable(&wanted)?;
    let now = okta_timestamp(asked.request.now);
    let mut key = stored_key(&wanted, &around(asked, &now));
    key["id"] = json!(asked.org.ids().next("pks"));
    let id = key["id"].as_str().unwrap_or_default().to_owned();
    let state = asked.org.commit(asked.request.now, |state| {
        let app = newest(state, "apps", &app.id)?;
        let mut keys = keys_of(&app.value(), &app.hidden).to_vec();
        let refused = |cause: &str| Err(ApiError::invalid(ABOUT, cause));
        if keys.len() >= 50 {
            return refused(
                "You can't create a new key. You have reached the maximum number of keys allowed (50). To add \
                 another key, you must first delete an existing one.",
            );
        }
        if keys.iter().any(|one| one["kid"] == key["kid"]) {
            return refused("All keys in the 'jwks' must have a unique `kid`.");
        }
        let encrypts = |key: &Value| key["use"] == "enc" && key["status"] == "ACTIVE";
        if encrypts(&key) && keys.iter().any(encrypts) {
            return refused("You can't have more than one active encryption key.");
        }
        keys.push(key.clone());
        Ok(vec![stored(app, keys, Some((&id, &now))), events::credential(asked, state, app, "create")])
    })?;
    trace.note("operation", format!("{} has one key more", app.id));
    let app = newest(&state, "apps", &app.id)?;
    Ok(Reply::json(StatusCode::CREATED, shown(asked, app, &find(app, &id)?).to_string()))
}

fn change(asked: &Asked<'_>, step: Step, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let id = asked.parameter(1);
    let now = okta_timestamp(asked.request.now);
    let state = asked.org.commit(asked.request.now, |state| {
        let app = newest(state, "apps", &app.id)?;
        let active = find(app, id)?["status"] == "ACTIVE";
        let mut keys = keys_of(&app.value(), &app.hidden).to_vec();
        let by_key = app.is("/credentials/oauthClient/token_endpoint_auth_method", "private_key_jwt");
        let others = keys.iter().filter(|key| key["status"] == "ACTIVE" && key["use"] != "enc").count() > 1;
        let refused = |cause: &str| Err(ApiError::invalid(ABOUT, cause));
        match step {
            Step::Delete if active => {
                return refused(
                    "You can't delete an active JSON Web Key. Deactivate the key before deleting it.",
                );
            }
            Step::Deactivate if active && by_key && !others => {
                return refused(
                    "You can't deactivate the only active JSON Web Key when the client's \
                     'token_endpoint_auth_method' is 'private_key_jwt'.",
                );
            }
            Step::Delete => keys.retain(|key| key["id"] != *id),
            Step::Activate | Step::Deactivate => {
                let status = if step == Step::Activate { "ACTIVE" } else { "INACTIVE" };
                if let Some(key) = keys.iter_mut().find(|key| key["id"] == *id) {
                    key["status"] = json!(status);
                }
            }
        }
        let told = events::credential(asked, state, app, &format!("{step:?}"));
        Ok(vec![stored(app, keys, Some((id, &now))), told])
    })?;
    trace.note("operation", format!("key {id} of {}: {step:?}", app.id));
    if step == Step::Delete {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    let app = newest(&state, "apps", &app.id)?;
    Ok(Reply::json(StatusCode::OK, shown(asked, app, &find(app, id)?).to_string()))
}

fn find(app: &Arc<Document>, id: &str) -> Result<Value, ApiError> {
    let value = app.value();
    let found = keys_of(&value, &app.hidden).iter().find(|key| key["id"] == *id);
    found.cloned().ok_or_else(|| ApiError::NotFound(id.to_owned(), ABOUT))
}

/// The app with other keys. The times of keys are not part of an app, they stand in its hidden part.
fn stored(app: &Document, keys: Vec<Value>, touched: Option<(&str, &str)>) -> Change {
    let (mut value, mut hidden) = (app.value(), Value::clone(&app.hidden));
    if let Some((id, now)) = touched {
        let created = hidden.pointer(&format!("/key_times/{id}/0")).cloned();
        let created = created.unwrap_or_else(|| {
            let old = keys_of(&value, &hidden).iter().any(|key| key["id"] == *id);
            if old { value["created"].clone() } else { json!(now) }
        });
        if !hidden["key_times"].is_object() {
            hidden["key_times"] = json!({});
        }
        hidden["key_times"][id] = json!([created, now]);
    }
    let shown = value.pointer("/settings/oauthClient").is_some();
    let settings = oauth_settings(&value, &hidden).cloned();
    if let Some(mut settings) = settings {
        settings["jwks"] = json!({ "keys": keys });
        if shown {
            value["settings"]["oauthClient"] = settings;
        } else {
            hidden["client"]["settings"] = settings;
        }
    }
    put("apps", &app.id, value, hidden)
}

/// A key as this list shows it (specification: `OAuth2ClientJsonSigningKeyResponse`).
fn shown(asked: &Asked<'_>, app: &Document, key: &Value) -> Value {
    let id = key["id"].as_str().unwrap_or_default();
    let base = format!("{}/api/v1/apps/{}/credentials/jwks/{id}", asked.request.base_url, app.id);
    let created = app.value()["created"].clone();
    let times = app.hidden.pointer(&format!("/key_times/{id}"));
    let time =
        |nth: usize| times.and_then(|times| times.get(nth)).cloned().unwrap_or_else(|| created.clone());
    let mut shown = Map::new();
    for name in ["id", "status"] {
        shown.insert(name.to_owned(), key[name].clone());
    }
    shown.insert("created".to_owned(), time(0));
    shown.insert("lastUpdated".to_owned(), time(1));
    for (name, value) in key.as_object().into_iter().flatten() {
        shown.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let links = if key["status"] == "ACTIVE" {
        json!({ "deactivate": { "href": format!("{base}/lifecycle/deactivate"), "hints": { "allow": ["POST"] } } })
    } else {
        json!({
            "activate": { "href": format!("{base}/lifecycle/activate"), "hints": { "allow": ["POST"] } },
            "delete": { "href": base, "hints": { "allow": ["DELETE"] } },
        })
    };
    shown.insert("_links".to_owned(), links);
    Value::Object(shown)
}
