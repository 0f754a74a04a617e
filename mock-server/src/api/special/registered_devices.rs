//! Devices, and what stands around one: the authenticators that it came from, its users.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

/// `special = "devices"`.
pub(super) struct Devices;

impl Special for Devices {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        // A device that is deactivated loses its users (specification).
        if draft.action == Action::Lifecycle("deactivate".to_owned()) {
            let shelf = Shelf::below("device_users", &[&draft.id]);
            let users = draft.state.on(&shelf).after(None);
            draft.also.extend(users.map(|user| Change::remove(shelf.clone(), user.id.clone())));
        }
        Ok(())
    }

    /// One device says where it came from (recorded); a list with `expand=user` or `expand=userSummary` who uses it.
    fn show(&self, asked: &Asked<'_>, device: &Arc<Document>) -> Option<Value> {
        if asked.operation.id != "listDevices" {
            let mut value = device.whole();
            let origins: Vec<Value> =
                asked.state.all("authenticators").after(None).filter_map(origin).collect();
            value["_embedded"] = json!({ "originatedFrom": origins });
            return Some(value);
        }
        let expand = asked.query("expand")?;
        let users = users(asked, &device.id).filter_map(|link| match expand.as_str() {
            "user" => Some(link),
            "userSummary" => {
                let user = link.get("user")?.clone();
                let mut link = link;
                link["user"] = json!({ "id": user.get("id"), "profile": user.get("profile") });
                Some(link)
            }
            _ => None,
        });
        let users: Vec<Value> = users.collect();
        let mut value = device.whole();
        value["_embedded"] = json!({ "users": users });
        Some(value)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

/// The authenticator that devices enrol with (recorded).
fn origin(authenticator: &Arc<Document>) -> Option<Value> {
    authenticator.is("/key", "okta_verify").then(|| {
        json!({
            "id": authenticator.id,
            "name": authenticator.text("/name"),
            "key": authenticator.text("/key"),
        })
    })
}

/// The users of a device, each with what is known of the link (recorded).
pub(in crate::api) fn users<'a>(asked: &'a Asked<'_>, device: &str) -> impl Iterator<Item = Value> + 'a {
    let links = asked.state.on(&Shelf::below("device_users", &[device])).after(None);
    links.filter_map(|link| {
        let mut value = link.value();
        value["user"] = asked.state.get("users", &link.id)?.whole();
        Some(value)
    })
}
