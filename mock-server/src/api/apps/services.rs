//! API service integrations: the secret is shown when one is installed, and never again.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::api::answer::Asked;
use crate::api::body;
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::api::verbs::create_with;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::app::active_secret;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[("createApiServiceIntegrationInstance", install)];

fn install(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let resource = facts().resources.get("integrations").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    target.permit(asked, None, trace)?;
    let body = body::checked(asked)?;
    let installed = create_with(asked, &target, &body)?;
    trace.note("operation", format!("{} is installed", installed.id));
    let base_url = &asked.request.base_url;
    let whole: Map<String, Value> = serde_json::from_slice(&installed.bytes(base_url)).unwrap_or_default();
    let mut shown = Map::new();
    for (name, value) in whole {
        let last = name == "createdBy";
        shown.insert(name, value);
        if last {
            shown.insert("clientSecret".to_owned(), json!(active_secret(&installed.hidden)));
        }
    }
    Ok(Reply::json(StatusCode::CREATED, Value::Object(shown).to_string()))
}
