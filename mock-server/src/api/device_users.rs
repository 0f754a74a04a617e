//! `GET /api/v1/devices/{id}/users`: all on one page (mgmt-facts §3); a device that is not there is told of another type
//! than everywhere else (mgmt-facts §2).

use http::StatusCode;
use serde_json::Value;

use super::answer::Asked;
use super::own::Operations;
use super::special::device_users;
use super::target::reaches;
use super::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::wire::ApiError;

/// What is here.
pub(super) const OPERATIONS: Operations = &[("listDeviceUsers", users)];

fn users(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let id = asked.parameter(0);
    let device = asked.state.get("devices", id);
    let device = device.ok_or_else(|| ApiError::NotFound(id.to_owned(), "GenericUDObject"))?;
    if asked.reach == Reach::Nothing || !reaches(asked, device) {
        return Err(ApiError::AccessDenied);
    }
    let users = Value::Array(device_users(asked, &device.id).collect());
    Ok(Reply::json(StatusCode::OK, based(&users, &asked.request.base_url)))
}
