//! The users that hold a role, by themselves or through a group.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use super::permitted;
use crate::api::answer::Asked;
use crate::api::page::{self, Sizes};
use crate::exchange::{Reply, Trace};
use crate::org::document::Document;
use crate::wire::ApiError;

/// A page of them; the next page is named in the body.
pub(super) fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permitted(asked)?;
    let state = asked.state;
    let users = state.all("users");
    let mut holders: BTreeMap<u64, &Arc<Document>> = BTreeMap::new();
    for holder in state.derived.role_holders() {
        let members = state.related("members", holder, None).chain([holder]);
        holders.extend(members.filter_map(|id| users.get(id)).map(|user| (user.seq, user)));
    }
    let query = &asked.query;
    let sizes = Sizes { default: 100, max: 100, cap: state.settings.max_page };
    let wanted = page::wanted(query, sizes, &state.settings.dialect)?;
    let behind = match &wanted.after {
        Some(after) => users.place(after).ok_or(ApiError::InvalidCursor("E0000029"))? + 1,
        None => 0,
    };
    let mut rest = holders.range(behind..).map(|(_, user)| *user);
    let page: Vec<_> = rest.by_ref().take(wanted.take).collect();
    let base = &asked.request.base_url;
    let org = &state.settings.org_id;
    let value: Vec<_> = page
        .iter()
        .map(|user| {
            let own = format!("{base}/api/v1/users/{}", user.id);
            json!({
                "id": user.id,
                "orn": format!("orn:okta:directory:{org}:users:{}", user.id),
                "_links": { "self": { "href": own }, "roles": { "href": format!("{own}/roles") } },
            })
        })
        .collect();
    let path = asked.request.path();
    let mut links = json!({ "self": { "href": format!("{base}{path}") } });
    if let (Some(last), Some(_)) = (page.last(), rest.next()) {
        let next = format!("{base}{path}?after={}&limit={}", last.id, wanted.limit);
        links["next"] = json!({ "href": next });
    }
    Ok(Reply::json(StatusCode::OK, json!({ "value": value, "_links": links }).to_string()))
}
