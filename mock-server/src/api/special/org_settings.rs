//! Settings of the org: contacts, access of Okta's support, consent to Okta Aerial, bounced email addresses.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Action, Draft};
use crate::api::own::Operations;
use crate::api::target::ONLY;
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::BASE_MARK;
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("getOrgContactUser", contact),
    ("replaceOrgContactUser", replace_contact),
    ("revokeAerialConsent", revoke_aerial),
    ("bulkRemoveEmailAddressBounces", remove_bounces),
];

/// How long Okta's support gets in, and by how much that is extended.
const SUPPORT_HOURS: (i64, i64) = (8, 24);

/// Access of Okta's support to the org.
pub(super) struct OktaSupport;

impl Special for OktaSupport {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let until = match &draft.action {
            Action::Lifecycle(name) if name == "grant" => {
                Some(draft.asked.request.now + SignedDuration::from_hours(SUPPORT_HOURS.0))
            }
            Action::Lifecycle(name) if name == "extend" => {
                let until =
                    draft.value["expiration"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
                Some(until.unwrap_or(draft.asked.request.now) + SignedDuration::from_hours(SUPPORT_HOURS.1))
            }
            _ => None,
        };
        draft.value["expiration"] = until.map_or(Value::Null, |until| okta_timestamp(until).into());
        Ok(())
    }
}

/// Consent to Okta Aerial for an account.
pub(super) struct Aerial;

impl Special for Aerial {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let account = body::object(draft.asked.request)?;
        let Some(account) = account.get("accountId").and_then(Value::as_str).filter(|id| !id.is_empty())
        else {
            return Err(ApiError::invalid("accountId", "accountId: The field cannot be left blank"));
        };
        draft.value = json!({
            "accountId": account,
            "grantedBy": draft.asked.caller.role_holder(),
            "grantedDate": draft.now(),
        });
        Ok(())
    }
}

/// Without consent there is nothing to read; the answer says how to give it again.
fn revoke_aerial(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permitted(asked)?;
    if asked.state.get("org_aerial", ONLY).is_none() {
        return Err(ApiError::NotFound(ONLY.to_owned(), "OrgAerialConsent"));
    }
    asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![Change::remove("org_aerial", ONLY)]))?;
    let href = format!("{BASE_MARK}/api/v1/org/privacy/aerial/grant");
    let value = json!({ "_links": { "grant": { "href": href, "hints": { "allow": ["POST"] } } } });
    Ok(Reply::json(StatusCode::OK, based(&value, &asked.request.base_url)))
}

fn permitted(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.reach == Reach::Everything { Ok(()) } else { Err(ApiError::AccessDenied) }
}

/// The kind of contact that a path names, in any case.
fn contact_type(asked: &Asked<'_>) -> Result<String, ApiError> {
    permitted(asked)?;
    let name = asked.parameter(0);
    let id = name.to_ascii_uppercase();
    match asked.state.get("org_contacts", &id) {
        Some(_) => Ok(id),
        None => Err(ApiError::NotFound(name.to_owned(), "ContactType")),
    }
}

fn contact(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let id = contact_type(asked)?;
    let user = asked.state.get("org_contacts", &id).and_then(|contact| contact.hidden["userId"].as_str());
    // Until somebody is named it is the first user of the org, who signed up for it.
    let first = || asked.state.all("users").after(None).next().map(|user| user.id.to_string());
    Ok(contact_of(asked, user.map(str::to_owned).or_else(first)))
}

fn contact_of(asked: &Asked<'_>, user: Option<String>) -> Reply {
    let href = user.as_ref().map(|id| format!("{BASE_MARK}/api/v1/users/{id}"));
    let links = href.map_or(json!({}), |href| json!({ "user": { "href": href } }));
    let value = json!({ "userId": user, "_links": links });
    Reply::json(StatusCode::OK, based(&value, &asked.request.base_url))
}

fn replace_contact(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let id = contact_type(asked)?;
    let request = body::object(asked.request)?;
    let user = request.get("userId").and_then(Value::as_str).unwrap_or_default();
    if asked.state.get("users", user).is_none() {
        return Err(ApiError::NotFound(user.to_owned(), "User"));
    }
    asked.org.commit(asked.request.now, |state| {
        let Some(contact) = state.get("org_contacts", &id) else { return Ok(Vec::new()) };
        let hidden = json!({ "userId": user });
        Ok::<_, ApiError>(vec![Change::put("org_contacts", contact.id.clone(), contact.value(), hidden)])
    })?;
    Ok(contact_of(asked, Some(user.to_owned())))
}

/// Addresses of no user, and texts that are no addresses, are told; no address bounces here.
fn remove_bounces(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permitted(asked)?;
    let request = body::object(asked.request)?;
    let addresses = request.get("emailAddresses").and_then(Value::as_array);
    let Some(addresses) = addresses.filter(|addresses| !addresses.is_empty()) else {
        return Err(ApiError::invalid("emailAddresses", "emailAddresses: The field cannot be left blank"));
    };
    let known = |address: &str| {
        let mut users = asked.state.all("users").after(None);
        users.any(|user| user.is("/profile/email", address))
    };
    let errors: Vec<Value> = addresses
        .iter()
        .filter_map(|address| {
            let address = address.as_str().unwrap_or_default();
            let is_address = address.split('@').filter(|part| !part.is_empty()).count() == 2
                && address.matches('@').count() == 1;
            let reason = match is_address {
                false => {
                    "Invalid email address. The provided email address failed validation against RFC 3696."
                }
                true if !known(address) => {
                    "This email address does not belong to any user in your organization."
                }
                true => return None,
            };
            Some(json!({ "emailAddress": address, "reason": reason }))
        })
        .collect();
    Ok(Reply::json(StatusCode::OK, json!({ "errors": errors }).to_string()))
}
