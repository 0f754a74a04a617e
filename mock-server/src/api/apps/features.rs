//! `/api/v1/apps/{id}/features`: provisioning settings. Only apps that users can be provisioned to have them, and only
//! once they are connected (errors recorded).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::app;
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::merge;
use crate::api::own::Operations;
use crate::api::spare_keys::SpareKeys;
use crate::api::target::ONLY;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("listFeaturesForApplication", list),
    ("getFeatureForApplication", get),
    ("updateFeatureForApplication", update),
    ("verifyProvisioningConnectionForApplication", verify),
    ("getUserProvisioningConnectionJWKS", connection_keys),
];

/// The features that there are: name, description, capabilities when nobody has changed them.
fn defaults() -> [(&'static str, &'static str, Value); 2] {
    let off = || json!({ "status": "DISABLED" });
    let outbound = json!({
        "create": { "lifecycleCreate": off() },
        "update": {
            "lifecycleDeactivate": off(),
            "profile": off(),
            "password": { "status": "DISABLED", "seed": "RANDOM", "change": "KEEP_EXISTING" },
        },
    });
    let inbound = json!({
        "importSettings": {
            "username": { "userNameFormat": "EMAIL", "userNameExpression": null },
            "schedule": { "status": "DISABLED" },
        },
        "importRules": {
            "userCreateAndMatch": {
                "exactMatchCriteria": "USERNAME",
                "allowPartialMatch": true,
                "autoActivateNewUsers": false,
                "autoConfirmExactMatch": false,
                "autoConfirmNewUsers": false,
                "autoConfirmPartialMatch": false,
            },
        },
    });
    [
        ("USER_PROVISIONING", "User provisioning settings from Okta to a downstream application", outbound),
        ("INBOUND_PROVISIONING", "In-bound provisioning settings from an application to Okta", inbound),
    ]
}

fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    provisioned(asked, &app)?;
    let all: Vec<Value> = defaults().iter().filter_map(|(name, ..)| feature(asked, &app, name)).collect();
    Ok(Reply::json(StatusCode::OK, Value::Array(all).to_string()))
}

fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let name = known(asked.parameter(1))?;
    provisioned(asked, &app)?;
    let feature = feature(asked, &app, name).ok_or_else(|| missing(name))?;
    Ok(Reply::json(StatusCode::OK, feature.to_string()))
}

/// Changes capabilities; what a request leaves out stays.
fn update(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let name = known(asked.parameter(1))?;
    let wanted = body::object(asked.request)?;
    // A request without any capability is none of the kinds that there are (recorded).
    if wanted.is_empty() {
        return Err(ApiError::MalformedBody);
    }
    provisioned(asked, &app)?;
    let shelf = Shelf::below("app_features", &[&app.id]);
    let state = asked.org.commit(asked.request.now, |state| {
        let mut capabilities = match state.on(&shelf).get(name) {
            Some(old) => old.value()["capabilities"].take(),
            None => {
                defaults().into_iter().find(|(one, ..)| *one == name).map(|(.., new)| new).unwrap_or_default()
            }
        };
        merge(&mut capabilities, Value::Object(wanted.clone()));
        let value = json!({ "name": name, "capabilities": capabilities });
        Ok::<_, ApiError>(vec![Change::put(shelf.clone(), name, value, Value::Null)])
    })?;
    trace.note("operation", format!("{name} of {} is changed", app.id));
    let asked = Asked {
        state: &state,
        parameters: asked.parameters.clone(),
        query: asked.query.clone(),
        reach: asked.reach.clone(),
        request_id: asked.request_id.clone(),
        spare_keys: SpareKeys::default(),
        ..*asked
    };
    let feature = feature(&asked, &app, name).ok_or_else(|| missing(name))?;
    Ok(Reply::json(StatusCode::OK, feature.to_string()))
}

/// The answer of an app's own authorization server to the org: nothing is fetched, so nothing is verified.
fn verify(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let id = asked.parameter(1);
    super::newest(asked.state, "apps", id)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The keys with which the org signs what it sends to an app.
fn connection_keys(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    app(asked)?;
    let keys: Vec<&Value> = asked.state.keys.published().take(1).collect();
    Ok(Reply::json(StatusCode::OK, json!({ "jwks": { "keys": keys } }).to_string()))
}

/// Whether users can be provisioned to the app.
///
/// # Errors
/// Recorded for an app that cannot, documented for one that is not connected.
fn provisioned(asked: &Asked<'_>, app: &Document) -> Result<(), ApiError> {
    let name = app.text("/name").unwrap_or_default();
    let able =
        facts().apps.app(&name).is_some_and(|listed| listed.provisioning || !listed.features.is_empty());
    if !able {
        return Err(ApiError::invalid("feature", "Provisioning is not supported."));
    }
    let connection = asked.state.on(&Shelf::below("app_connections", &[&app.id])).get(ONLY);
    if connection.is_some_and(|connection| connection.is("/status", "ENABLED")) {
        return Ok(());
    }
    Err(ApiError::invalid("feature", "Provisioning is not enabled for the app instance."))
}

fn known(name: &str) -> Result<&'static str, ApiError> {
    let found = defaults().into_iter().find(|(one, ..)| *one == name).map(|(one, ..)| one);
    found.ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ApiError {
    ApiError::NotFound(name.to_owned(), "PublicAppFeatureSetName")
}

/// A feature as Okta shows it (specification).
fn feature(asked: &Asked<'_>, app: &Document, name: &str) -> Option<Value> {
    let (name, description, capabilities) = defaults().into_iter().find(|(one, ..)| *one == name)?;
    let stored = asked.state.on(&Shelf::below("app_features", &[&app.id])).get(name);
    let capabilities = stored.map_or(capabilities, |stored| stored.value()["capabilities"].clone());
    let mut shown = Map::new();
    shown.insert("name".to_owned(), json!(name));
    shown.insert("status".to_owned(), json!("ENABLED"));
    shown.insert("description".to_owned(), json!(description));
    shown.insert("capabilities".to_owned(), capabilities);
    let own = format!("{}/api/v1/apps/{}/features/{name}", asked.request.base_url, app.id);
    shown.insert(
        "_links".to_owned(),
        json!({ "self": { "href": own, "hints": { "allow": ["GET", "PUT"] } } }),
    );
    Some(Value::Object(shown))
}
