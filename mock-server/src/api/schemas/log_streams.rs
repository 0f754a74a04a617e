//! The schemas of log streams, a type of stream each (OpenAPI 2026.06.3).

use std::sync::LazyLock;

use http::StatusCode;
use serde_json::Value;

use crate::api::answer::Asked;
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::BASE_MARK;
use crate::gate::roles::Reach;
use crate::wire::ApiError;

static SCHEMAS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = include_str!("../../../../fixtures/schemas/log_streams.json").replace("{base}", BASE_MARK);
    serde_json::from_str(&text).unwrap_or_default()
});

fn permit(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.reach == Reach::Everything { Ok(()) } else { Err(ApiError::AccessDenied) }
}

/// All.
pub(super) fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let all = Value::Array(SCHEMAS.clone());
    Ok(Reply::json(StatusCode::OK, based(&all, &asked.request.base_url)))
}

/// One, by the type of stream, which ends its id.
pub(super) fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let name = asked.parameter(0);
    let is = |schema: &&Value| {
        let id = schema.get("$id").or_else(|| schema.get("id")).and_then(Value::as_str);
        id.is_some_and(|id| id.rsplit('/').next() == Some(name))
    };
    let found = SCHEMAS.iter().find(is);
    let found = found.ok_or_else(|| ApiError::NotFound(name.to_owned(), "LogStreamSchema"))?;
    Ok(Reply::json(StatusCode::OK, based(found, &asked.request.base_url)))
}
