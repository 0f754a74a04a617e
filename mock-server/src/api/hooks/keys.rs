//! `GET /api/v1/hook-keys/public/{keyId}`: a public key by its own name, which is not the key's id.

use http::StatusCode;
use serde_json::Value;

use crate::api::answer::Asked;
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[("getPublicKey", public)];

fn public(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    if asked.reach == Reach::Nothing {
        return Err(ApiError::AccessDenied);
    }
    let name = asked.parameter(0);
    let mut keys = asked.state.all("hook_keys").after(None);
    let key = keys.find(|key| key.is("/keyId", name));
    let key = key.ok_or_else(|| ApiError::NotFound(name.to_owned(), "HookKey"))?;
    let public = key.hidden.get("public").unwrap_or(&Value::Null);
    Ok(Reply::json(StatusCode::OK, public.to_string()))
}
