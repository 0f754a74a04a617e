//! Smaller users, for callers that ask for them in the content type (mgmt-facts §4): `okta-response=omitCredentials,…`.

use std::sync::Arc;

use serde_json::Value;

use crate::api::answer::Asked;
use crate::api::verbs::shown_value;
use crate::org::document::Document;

/// Links that have to do with credentials.
const CREDENTIALS_LINKS: [&str; 6] = [
    "changePassword",
    "changeRecoveryQuestion",
    "expirePassword",
    "forgotPassword",
    "resetFactors",
    "resetPassword",
];

/// The user without what the caller does not want; none when the caller wants all.
pub(super) fn trimmed(asked: &Asked<'_>, user: &Arc<Document>) -> Option<Value> {
    let wanted = asked.request.header("content-type")?;
    let (_, wanted) = wanted.split_once("okta-response=")?;
    let wanted = wanted.split(';').next().unwrap_or_default().trim_matches(|one| one == '"' || one == ' ');
    let omits = |name: &str| wanted.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
    let in_list = asked.operation.id == "listUsers";
    let mut value = shown_value(user, in_list)?;
    if omits("omitCredentials") {
        value.as_object_mut()?.shift_remove("credentials");
    }
    if omits("omitCredentialsLinks")
        && let Some(links) = value.get_mut("_links").and_then(Value::as_object_mut)
    {
        links.retain(|name, _| !CREDENTIALS_LINKS.contains(&name.as_str()));
    }
    if omits("omitTransitioningToStatus") {
        value.as_object_mut()?.shift_remove("transitioningToStatus");
    }
    Some(value)
}
