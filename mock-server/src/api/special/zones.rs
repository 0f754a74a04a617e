//! Network zones: what locations and enhanced zones are completed with; the exempt zone says once that it is one
//! (recorded: terraform-provider-okta).

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Special, whole};
use crate::api::answer::Asked;
use crate::api::draft::Draft;
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is special about zones.
pub(super) struct Zones;

impl Special for Zones {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let zone = &mut draft.value;
        if zone["type"] == "DYNAMIC" {
            regions(&mut zone["locations"]);
        }
        if zone["type"] == "DYNAMIC_V2" {
            for name in ["locations", "ipServiceCategories", "asns"] {
                if let Some(condition) = zone[name].as_object_mut() {
                    for side in ["include", "exclude"] {
                        let list = condition.entry(side).or_insert_with(|| json!([]));
                        if list.is_null() {
                            *list = json!([]);
                        }
                    }
                }
            }
            regions(&mut zone["locations"]["include"]);
            regions(&mut zone["locations"]["exclude"]);
        }
        Ok(())
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        if asked.operation.id != "replaceNetworkZone" {
            return None;
        }
        let exempt = document.hidden.get("useAsExemptList")?;
        let mut shown = whole(&document.alone);
        shown["useAsBlackList"] = false.into();
        shown["useAsExemptList"] = exempt.clone();
        Some(shown)
    }
}

/// A location names a region, or says that it has none.
fn regions(locations: &mut Value) {
    for location in locations.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        location.entry("region").or_insert(Value::Null);
    }
}
