//! Behaviour detection rules: dates without a T, distances with a point (recorded: terraform-provider-okta 2025-08).

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::Draft;
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is special about behaviours.
pub(super) struct Behaviors;

impl Special for Behaviors {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if let Some(radius) = draft.value.pointer_mut("/settings/radiusKilometers")
            && let Some(kilometers) = radius.as_f64()
        {
            *radius = json!(kilometers);
        }
        Ok(())
    }

    fn show(&self, _: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let mut shown = document.whole();
        for name in ["created", "lastUpdated"] {
            if let Some(date) = shown[name].as_str().and_then(without_t) {
                shown[name] = date.into();
            }
        }
        Some(shown)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

/// `2025-08-25T08:25:43.000Z` as `2025-08-25 08:25:43.0`.
fn without_t(date: &str) -> Option<String> {
    Some(format!("{} {}.0", date.get(..10)?, date.get(11..19)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_recorded() {
        assert_eq!(without_t("2025-08-25T08:25:43.000Z").as_deref(), Some("2025-08-25 08:25:43.0"));
        assert_eq!(without_t("today"), None);
    }
}
