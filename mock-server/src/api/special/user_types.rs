//! User types: each has a schema, whose id goes with the type's; users of a type keep it.

use serde_json::json;

use super::Special;
use crate::api::draft::{Action, Draft};
use crate::api::schemas;
use crate::org::change::Change;
use crate::wire::ApiError;

/// User types.
pub(super) struct UserTypes;

impl Special for UserTypes {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let schema = schemas::id_of_type(&draft.id);
        match draft.action {
            Action::Create => draft.hidden = json!({ "schema": schema }),
            Action::Delete => draft.also.push(Change::remove("user_schemas", schema)),
            _ => {
                let caller = draft.asked.caller.role_holder().to_owned();
                draft.value["lastUpdatedBy"] = json!(caller);
            }
        }
        Ok(())
    }
}
