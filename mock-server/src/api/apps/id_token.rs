//! `/api/v1/internal/apps/{id}/settings/oauth/idToken`: who issues the id tokens of a client. Not in the specification;
//! the Terraform provider uses it (recorded).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{app, newest};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::merge;
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations =
    &[("getApplicationIdTokenSettings", get), ("updateApplicationIdTokenSettings", update)];

fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = client(asked)?;
    let mut shown = settings();
    merge(&mut shown, app.hidden.get(MEMBER).cloned().unwrap_or_else(|| json!({})));
    shown["issuer"] = json!(&*asked.request.base_url);
    shown["audience"] = json!(app.text("/credentials/oauthClient/client_id"));
    shown["issuerMode"] = json!(app.text("/settings/oauthClient/issuer_mode"));
    Ok(Reply::json(StatusCode::OK, shown.to_string()))
}

/// Changes them. The answer says what the request said, and nothing else (recorded).
fn update(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = client(asked)?;
    let wanted = body::object(asked.request)?;
    let mode = wanted.get("issuerMode").and_then(Value::as_str);
    if mode.is_some_and(|mode| !["ORG_URL", "CUSTOM_URL", "DYNAMIC"].contains(&mode)) {
        return Err(ApiError::invalid("issuerMode", "issuerMode: The issuer mode is not known"));
    }
    asked.org.commit(asked.request.now, |state| {
        let app = newest(state, "apps", &app.id)?;
        let (mut value, mut hidden) = (app.value(), Value::clone(&app.hidden));
        if let Some(mode) = mode {
            value["settings"]["oauthClient"]["issuer_mode"] = json!(mode);
        }
        hidden[MEMBER] = Value::Object(wanted.clone());
        Ok::<_, ApiError>(vec![Change::put("apps", app.id.clone(), value, hidden)])
    })?;
    trace.note("operation", format!("the id tokens for {} are changed", app.id));
    let mut shown = settings();
    merge(&mut shown, Value::Object(wanted));
    Ok(Reply::json(StatusCode::OK, shown.to_string()))
}

/// Where they are in the hidden part of an app.
const MEMBER: &str = "id_token";

/// The settings of an app that nobody has changed.
fn settings() -> Value {
    json!({ "issuer": null, "orgUrl": null, "customUrl": null, "audience": null, "issuerMode": null })
}

/// The app, if it is a client that shows what it is.
fn client(asked: &Asked<'_>) -> Result<Arc<Document>, ApiError> {
    let app = app(asked).map_err(|_| missing(asked))?;
    if app.text("/settings/oauthClient/issuer_mode").is_some() { Ok(app) } else { Err(missing(asked)) }
}

fn missing(asked: &Asked<'_>) -> ApiError {
    ApiError::NotFound(asked.parameter(0).to_owned(), "OAuth2AppInstance")
}
