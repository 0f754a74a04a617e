//! API tokens, and the shares of rate limits that principals have.

use std::sync::Arc;

use serde_json::json;

use super::Special;
use crate::api::draft::{Action, Draft};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is special about API tokens.
pub(super) struct ApiTokens;

impl Special for ApiTokens {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action == Action::Delete {
            let share = share_of(draft.state, &draft.id).map(|share| share.id.clone());
            draft.also.extend(share.map(|id| Change::remove("principal_rate_limits", id)));
        }
        Ok(())
    }
}

/// What is special about the shares of rate limits.
pub(super) struct PrincipalRateLimits;

/// What is summed up in their errors (recorded).
pub(in crate::api) const ABOUT: &str = "principalRateLimitMediated";

impl Special for PrincipalRateLimits {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let second = draft.asked.request.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        if let Some(old) = draft.old.as_ref().map(|old| old.value()) {
            // Whose share it is does not change.
            for member in ["principalId", "principalType"] {
                draft.value[member] = old[member].clone();
            }
            draft.value["createdDate"] = old["createdDate"].clone();
        } else {
            // Without both shares the request is refused before its principal is looked for (recorded, without a cause).
            let shares = ["defaultPercentage", "defaultConcurrencyPercentage"];
            if shares.iter().any(|share| !draft.body.contains_key(*share)) {
                return Err(ApiError::Validation(ABOUT.to_owned(), Vec::new()));
            }
            let text = |member: &str| draft.value[member].as_str().unwrap_or_default().to_owned();
            let (id, kind) = (text("principalId"), text("principalType"));
            let (found, type_name) = match kind.as_str() {
                "SSWS_TOKEN" => (draft.state.get("api_tokens", &id).is_some(), "Token"),
                "OAUTH_CLIENT" => (draft.state.derived.client(&id).is_some(), "PublicClientApp"),
                _ => return Err(ApiError::Validation(ABOUT.to_owned(), Vec::new())),
            };
            if !found {
                return Err(ApiError::NotFound(id, type_name));
            }
            // A principal has one; told without a cause (recorded).
            if share_of(draft.state, &id).is_some() {
                return Err(ApiError::Validation(ABOUT.to_owned(), Vec::new()));
            }
            draft.value["createdDate"] = json!(second);
        }
        for member in ["defaultPercentage", "defaultConcurrencyPercentage"] {
            if draft.value[member].as_u64().is_none_or(|percentage| percentage > 100) {
                return Err(ApiError::Validation(ABOUT.to_owned(), Vec::new()));
            }
        }
        draft.value["lastUpdate"] = json!(second);
        draft.value["lastUpdatedBy"] = json!(draft.asked.caller.role_holder());
        Ok(())
    }
}

fn share_of<'s>(state: &'s OrgState, principal: &str) -> Option<&'s Arc<Document>> {
    state.all("principal_rate_limits").after(None).find(|share| share.is("/principalId", principal))
}
