//! Network zones: what locations and enhanced zones are completed with; the exempt zone says once that it is one
//! (recorded: terraform-provider-okta).

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::Draft;
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is special about zones.
pub(super) struct Zones;

impl Special for Zones {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let zone = &mut draft.value;
        // A body that leaves the type out is not judged by it before.
        for name in ["locations", "ipServiceCategories", "asns"] {
            let fits = match zone["type"].as_str() {
                Some("DYNAMIC_V2") => zone[name].is_object(),
                Some("DYNAMIC") => zone[name].is_array(),
                _ => true,
            };
            if !fits && zone.get(name).is_some_and(|list| !list.is_null()) {
                return Err(ApiError::invalid(name, format!("{name}: The field has an invalid value")));
            }
        }
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
        let mut shown = document.whole();
        shown["useAsBlackList"] = false.into();
        shown["useAsExemptList"] = exempt.clone();
        Some(shown)
    }
}

/// A location names a region, or says that it has none. Their order is that of a Java hash set, which is what Okta
/// keeps them in, as recorded orders show.
fn regions(locations: &mut Value) {
    let Some(locations) = locations.as_array_mut() else { return };
    for location in locations.iter_mut().filter_map(Value::as_object_mut) {
        location.entry("region").or_insert(Value::Null);
    }
    let buckets = (locations.len() * 4 / 3 + 1).max(16).next_power_of_two();
    let text = |location: &Value, name: &str| location[name].as_str().map_or(0, java_hash);
    locations.sort_by_key(|location| {
        let hash = text(location, "region").wrapping_mul(31).wrapping_add(text(location, "country"));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

/// `String.hashCode()`.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_come_in_recorded_orders() {
        for (sent, shown) in [
            (vec!["US", "AF-BGL"], vec!["AF-BGL", "US"]),
            (vec!["CN-BJ", "BE-VAN"], vec!["BE-VAN", "CN-BJ"]),
            (vec!["US", "UA-26", "AF-BGL"], vec!["UA-26", "AF-BGL", "US"]),
        ] {
            let location = |name: &&str| match name.split_once('-') {
                Some((country, _)) => json!({ "country": country, "region": name }),
                None => json!({ "country": name, "region": null }),
            };
            let mut locations = sent.iter().map(location).collect::<Value>();
            regions(&mut locations);
            assert_eq!(locations, shown.iter().map(location).collect::<Value>());
        }
    }
}
