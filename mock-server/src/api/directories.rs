//! Directories behind agents: an Active Directory or LDAP server that an org can change groups in. This org has no agents;
//! what can be told without one is told.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Asked;
use super::body;
use super::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("updateGroupMembership", modify),
    ("submitGroupAttributeQuery", query),
    ("getGroupAttributeQueryResult", result),
];

/// The directory and the group that a request is about exist, and the caller reaches them.
fn check(asked: &Asked<'_>, group: &str) -> Result<(), ApiError> {
    if asked.reach != Reach::Everything {
        return Err(ApiError::AccessDenied);
    }
    let id = asked.parameter(0);
    if asked.state.get("apps", id).is_none() {
        return Err(ApiError::NotFound(id.to_owned(), "AppInstance"));
    }
    if asked.state.get("groups", group).is_none() {
        return Err(ApiError::NotFound(group.to_owned(), "UserGroup"));
    }
    Ok(())
}

/// Adds people to a group of a directory, or removes them.
fn modify(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let body = Value::Object(body::object(asked.request)?);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let group = text("/id");
    check(asked, group)?;
    let on = match text("/parameters/action") {
        "ADD" => true,
        "REMOVE" => false,
        _ => return Err(ApiError::invalid("action", "action: The field has an invalid value")),
    };
    let users = body.pointer("/parameters/values").and_then(Value::as_array);
    let users: Vec<&str> = users.into_iter().flatten().filter_map(Value::as_str).collect();
    asked.org.commit(asked.request.now, |state| {
        users
            .iter()
            .map(|user| {
                let user = state.get("users", user);
                let to = user.ok_or_else(|| ApiError::NotFound(text("/id").to_owned(), "User"))?.id.clone();
                let from = group.into();
                Ok(if on {
                    Change::Link { relation: "members", from, to }
                } else {
                    Change::Unlink { relation: "members", from, to }
                })
            })
            .collect::<Result<Vec<_>, ApiError>>()
    })?;
    trace.note("operation", format!("the directory's group {group} is changed"));
    Ok(Reply::empty(StatusCode::OK))
}

/// Asks for attributes of a group; the result is there at once.
fn query(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let group = asked.parameter(1).to_owned();
    check(asked, &group)?;
    let body = body::object(asked.request)?;
    let Some(wanted) = body.get("attributes").and_then(Value::as_array).cloned() else {
        return Err(ApiError::invalid("attributes", "attributes: The field cannot be left blank"));
    };
    let id = asked.org.ids().next("rdj");
    asked.org.commit(asked.request.now, |_| {
        let asked_for = json!({ "group": group, "attributes": wanted });
        Ok::<_, ApiError>(vec![Change::put("directory_queries", id.as_str(), Value::Null, asked_for)])
    })?;
    Ok(Reply::json(StatusCode::ACCEPTED, json!({ "resultId": id }).to_string()))
}

/// The result: those attributes that the org's own profile of the group has.
fn result(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let group = asked.parameter(1).to_owned();
    check(asked, &group)?;
    let id = asked.parameter(2);
    let query = asked.state.get("directory_queries", id).filter(|query| query.hidden["group"] == group);
    let query = query.ok_or_else(|| ApiError::NotFound(id.to_owned(), "GroupQueryResult"))?;
    let own = asked.state.get("groups", &group).map(|group| group.value());
    let mut profile = serde_json::Map::new();
    for name in query.hidden["attributes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let value = own.as_ref().and_then(|own| {
            let of = if name == "cn" { "name" } else { name };
            own.pointer("/profile")?.get(of).cloned()
        });
        if let Some(value) = value {
            profile.insert(name.to_owned(), value);
        }
    }
    Ok(Reply::json(StatusCode::OK, json!({ "id": group, "profile": profile }).to_string()))
}
