//! Writing clients: registration, replacement, a new secret.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::metadata::{self, Metadata};
use super::{find, named, permitted, shown, told};
use crate::api::answer::Asked;
use crate::api::special::apps::system_policy;
use crate::api::{body, events};
use crate::exchange::{Reply, Trace};
use crate::org::change::Change;
use crate::org::client::AuthMethod;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::seed::apps::{NewApp, Surroundings, app};
use crate::org::seed::document::AppEntry;
use crate::system_log::Entity;
use crate::wire::ApiError;

/// Registers a client: an app that asks for consent, unlike those made at `/api/v1/apps` (token-facts §12).
pub(in crate::api) fn create(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    permitted(asked)?;
    let metadata = metadata::read(&body::object(asked.request)?, None).map_err(ApiError::ClientMetadata)?;
    let NewApp { id, mut value, hidden, .. } = built(asked, &metadata, None)?;
    value["settings"]["oauthClient"]["consent_method"] = json!("REQUIRED");
    let id: Arc<str> = id.into();
    let (value, hidden) = (Arc::new(value), Arc::new(hidden));
    let client = Entity::of_value("AppInstance", &id, &value);
    let put = Change::put("apps", id.clone(), value, hidden);
    let state = asked.commit(|state| {
        let told = told(asked, state, client.clone(), "create");
        Ok::<_, ApiError>([put.clone()].into_iter().chain(told).collect())
    })?;
    trace.note("operation", format!("{id} is registered"));
    Ok(Reply::json(StatusCode::CREATED, shown(find(&state, &id)?, true).to_string()))
}

/// Replaces the metadata of a client. Its id, and its secret where it still needs one, stay.
pub(in crate::api) fn replace(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let id = app_of(asked)?.id.clone();
    let metadata =
        metadata::read(&body::object(asked.request)?, Some(&id)).map_err(ApiError::ClientMetadata)?;
    let NewApp { value: new, hidden: new_hidden, .. } = built(asked, &metadata, Some(&id))?;
    let state = asked.commit(|state| {
        let old = find(state, &id)?;
        let mut value = old.value();
        let mut hidden = Value::clone(&old.hidden);
        value["label"] = new["label"].clone();
        value["lastUpdated"] = json!(okta_timestamp(asked.request.now));
        value["credentials"]["oauthClient"] = new["credentials"]["oauthClient"].clone();
        value["settings"]["oauthClient"] = new["settings"]["oauthClient"].clone();
        value["settings"]["oauthClient"]["consent_method"] =
            old.value()["settings"]["oauthClient"]["consent_method"].clone();
        match old.hidden["secrets"].as_array().filter(|secrets| !secrets.is_empty()) {
            Some(_) if metadata.auth_method.uses_secret() => {
                value["credentials"]["oauthClient"]["client_secret"] =
                    json!(super::shown::active_secret(&old.hidden));
            }
            _ => hidden["secrets"] = new_hidden["secrets"].clone(),
        }
        let told = told(asked, state, Entity::of_value("AppInstance", &id, &value), "update");
        Ok::<_, ApiError>([put(&id, value, hidden)].into_iter().chain(told).collect())
    })?;
    trace.note("operation", format!("{id} is replaced"));
    Ok(Reply::json(StatusCode::OK, shown(find(&state, &id)?, true).to_string()))
}

/// Gives a client a new secret; the old ones no longer work.
pub(in crate::api) fn new_secret(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let id = app_of(asked)?.id.clone();
    let secret = asked.org.ids().word(64);
    let secret_id = asked.org.ids().next("ocs");
    let state = asked.commit(|state| {
        let old = find(state, &id)?;
        let method = old.text("/credentials/oauthClient/token_endpoint_auth_method").unwrap_or_default();
        if !AuthMethod::parse(&method).is_some_and(AuthMethod::uses_secret) {
            let cause =
                format!("'client_secret' can't be used when 'token_endpoint_auth_method' is '{method}'.");
            return Err(ApiError::Validation("client_secret".to_owned(), vec![cause]));
        }
        let mut value = old.value();
        let mut hidden = Value::clone(&old.hidden);
        value["lastUpdated"] = json!(okta_timestamp(asked.request.now));
        value["credentials"]["oauthClient"]["client_secret"] = json!(secret);
        hidden["secrets"] = json!([{
            "value": secret,
            "status": "ACTIVE",
            "id": secret_id,
            "created": value["lastUpdated"],
            "lastUpdated": value["lastUpdated"],
        }]);
        let told = events::credential(asked, state, old, "create");
        Ok(vec![put(&id, value, hidden), told])
    })?;
    trace.note("operation", format!("{id} has a new secret"));
    Ok(Reply::json(StatusCode::OK, shown(find(&state, &id)?, true).to_string()))
}

/// The app that the path names. An integration is no app: its settings are not the org's to change.
fn app_of<'a>(asked: &'a Asked<'_>) -> Result<&'a Arc<Document>, ApiError> {
    let client = named(asked)?;
    if asked.state.get("apps", &client.id).is_some() { Ok(client) } else { Err(ApiError::AccessDenied) }
}

fn put(id: &Arc<str>, value: Value, hidden: Value) -> Change {
    Change::put("apps", id.clone(), value, hidden)
}

/// The app of this metadata, made as one of an org file is.
fn built(asked: &Asked<'_>, metadata: &Metadata, id: Option<&str>) -> Result<NewApp, ApiError> {
    let entry = json!({
        "name": metadata.name,
        "label": metadata.name,
        "client_id": id,
        "kind": metadata.application_type,
        "auth_method": metadata.auth_method.as_str(),
        "grant_types": metadata.grant_types,
        "response_types": metadata.response_types,
        "redirect_uris": metadata.redirect_uris,
        "keys": metadata.keys.iter().map(|key| json!({ "jwk": key })).collect::<Vec<_>>(),
        "dpop": metadata.others.get("dpop_bound_access_tokens").and_then(Value::as_bool).unwrap_or(false),
    });
    let refused = |what: String| ApiError::ClientMetadata(what);
    let entry: AppEntry = serde_json::from_value(entry).map_err(|error| refused(error.to_string()))?;
    let policy = |kind: &str| system_policy(asked.state, kind).unwrap_or_default();
    let around = Surroundings {
        ids: asked.org.ids(),
        org_id: &asked.state.settings.org_id,
        org_name: &asked.state.settings.name,
        created: &okta_timestamp(asked.request.now),
        signing_kid: asked.state.keys.kid(),
        access_policy: &policy("ACCESS_POLICY"),
        profile_enrollment: &policy("PROFILE_ENROLLMENT"),
        dpop_on_service_apps: false,
    };
    let mut made = app(&entry, "client", &around).map_err(|error| refused(error.to_string()))?;
    if let Some(settings) = made.value.pointer_mut("/settings/oauthClient").and_then(Value::as_object_mut) {
        settings.extend(metadata.others.clone());
    }
    Ok(made)
}
