//! What belongs to a user besides groups: the apps on the dashboard, devices.

use serde_json::{Value, json};

use super::{Reply, Trace, ok, user};
use crate::api::answer::Asked;
use crate::api::own::Operations;
use crate::facts::resources::BASE_MARK;
use crate::org::change::Shelf;
use crate::org::document::Document;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations = &[("listAppLinks", app_links), ("listUserDevices", devices)];

/// The links of the apps that the user is assigned to.
fn app_links(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    let assignment = |app: &Document| {
        let own = asked.state.below("app_users", &app.id).get(&user.id).map(|own| own.id.clone());
        let through = || {
            let groups = asked.state.below("app_groups", &app.id).after(None);
            groups.map(|group| group.id.clone()).find(|id| asked.state.is_related("members", id, &user.id))
        };
        own.or_else(through)
    };
    let apps = asked.state.all("apps").after(None);
    let links: Vec<Value> = apps
        .filter(|app| app.is("/status", "ACTIVE"))
        .filter_map(|app| Some((app, assignment(app)?)))
        .enumerate()
        .map(|(nth, (app, assignment))| {
            let name = app.text("/name").unwrap_or_default();
            json!({
                "id": user.id,
                "label": app.text("/label"),
                "linkUrl": format!("{BASE_MARK}/home/{name}/{}/aln{}", app.id, app.id.get(3..).unwrap_or_default()),
                "logoUrl": null,
                "appName": name,
                "appInstanceId": app.id,
                "appAssignmentId": assignment,
                "credentialsSetup": false,
                "hidden": app.value().pointer("/visibility/hide/web") == Some(&Value::Bool(true)),
                "sortOrder": nth,
            })
        })
        .collect();
    Ok(ok(&Value::Array(links), asked))
}

/// The devices that list the user. Devices come from enrolments, which an org without phones has not.
fn devices(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    let uses = |device: &Document| {
        asked.state.on(&Shelf::below("device_users", &[&device.id])).get(&user.id).is_some()
    };
    let devices = asked.state.all("devices").after(None).filter(|device| uses(device));
    let shown = devices.map(|device| {
        json!({
            "created": device.text("/created"),
            "deviceUserId": format!("lnk{}", device.id.get(3..).unwrap_or_default()),
            "device": device.value(),
        })
    });
    Ok(ok(&Value::Array(shown.collect()), asked))
}
