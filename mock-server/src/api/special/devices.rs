//! Device assurance policies and posture checks (recorded: okta-sdk-python 2025-09, terraform-provider-okta 2026-05;
//! documented).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set, unset};
use crate::api::own::{Handler, Operations};
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::org::document::Document;
use crate::wire::ApiError;

/// Operations that no verb does.
pub(in crate::api) const OPERATIONS: Operations = &[("listDefaultDevicePostureChecks", built_in as Handler)];

/// Members of a device assurance policy that say nothing of a device.
const NO_CONDITIONS: [&str; 8] = [
    "id",
    "name",
    "platform",
    "displayRemediationMode",
    "gracePeriod",
    "_links",
    "createdDate",
    "lastUpdate",
];

/// What is special about device assurance policies.
pub(super) struct DeviceAssurances;

impl Special for DeviceAssurances {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action == Action::Delete {
            return Ok(());
        }
        let says =
            |(name, value): (&String, &Value)| !NO_CONDITIONS.contains(&name.as_str()) && !is_empty(value);
        if !draft.body.iter().any(says) {
            let cause = "Please select at least one device condition before saving";
            return Err(ApiError::invalid("deviceAssuranceMediated", cause));
        }
        let name = draft.value["name"].clone();
        set(&mut draft.value, "/resourceDisplayName", json!({ "value": name, "sensitive": false }));
        date(draft);
        Ok(())
    }

    /// The answer to a replacement does not say who made it when (recorded).
    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        if asked.operation.id != "replaceDeviceAssurancePolicy" {
            return None;
        }
        let mut shown = document.whole();
        unset(&mut shown, "/createdDate");
        unset(&mut shown, "/createdBy");
        Some(shown)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Who changed it last, and when.
fn date(draft: &mut Draft<'_>) {
    let (now, by) = (draft.now(), draft.asked.caller.role_holder().to_owned());
    set(&mut draft.value, "/lastUpdate", now.into());
    set(&mut draft.value, "/lastUpdatedBy", by.into());
}

/// What is special about posture checks.
pub(super) struct PostureChecks;

impl Special for PostureChecks {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        date(draft);
        Ok(())
    }
}

/// `GET /device-posture-checks/default`: those that Okta made.
fn built_in(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    if asked.reach == Reach::Nothing {
        return Err(ApiError::AccessDenied);
    }
    let checks = asked.state.all("device_posture_checks").after(None);
    let shown: Vec<Value> =
        checks.filter(|check| check.is("/type", "BUILTIN")).map(|check| check.whole()).collect();
    Ok(Reply::json(StatusCode::OK, based(&Value::from(shown), &asked.request.base_url)))
}
