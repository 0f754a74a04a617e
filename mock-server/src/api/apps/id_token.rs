//! `/api/v1/internal/apps/{id}/settings/oauth/idToken`: who issues the id tokens of a client. Not in the specification;
//! the Terraform provider uses it (recorded).

use http::StatusCode;
use serde_json::{Value, json};

use super::{app, newest};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::change::Change;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations =
    &[("getApplicationIdTokenSettings", get), ("updateApplicationIdTokenSettings", update)];

fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked).map_err(|_| missing(asked))?;
    let mode = app.text("/settings/oauthClient/issuer_mode").ok_or_else(|| missing(asked))?;
    let shown = json!({
        "issuer": &*asked.request.base_url,
        "orgUrl": null,
        "customUrl": null,
        "audience": app.text("/credentials/oauthClient/client_id"),
        "issuerMode": mode,
    });
    Ok(Reply::json(StatusCode::OK, shown.to_string()))
}

fn update(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked).map_err(|_| missing(asked))?;
    if app.text("/settings/oauthClient/issuer_mode").is_none() {
        return Err(missing(asked));
    }
    let wanted = body::object(asked.request)?;
    let mode = wanted.get("issuerMode").and_then(Value::as_str).unwrap_or_default();
    if !["ORG_URL", "CUSTOM_URL", "DYNAMIC"].contains(&mode) {
        return Err(ApiError::invalid("issuerMode", "issuerMode: The field cannot be left blank"));
    }
    asked.org.commit(asked.request.now, |state| {
        let app = newest(state, "apps", &app.id)?;
        let mut value = Value::clone(&app.value());
        value["settings"]["oauthClient"]["issuer_mode"] = json!(mode);
        Ok::<_, ApiError>(vec![Change::put("apps", app.id.clone(), value, app.hidden.clone())])
    })?;
    trace.note("operation", format!("the issuer of id tokens for {} is {mode}", app.id));
    let shown =
        json!({ "issuer": null, "orgUrl": null, "customUrl": null, "audience": null, "issuerMode": mode });
    Ok(Reply::json(StatusCode::OK, shown.to_string()))
}

fn missing(asked: &Asked<'_>) -> ApiError {
    ApiError::NotFound(super::parameter(asked, 0).to_owned(), "OAuth2AppInstance")
}
