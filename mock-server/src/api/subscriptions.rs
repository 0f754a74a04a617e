//! Which notifications admins get by email, by role and by user. Nobody is emailed: what is kept is the choice.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Asked;
use super::own::Operations;
use super::target;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::gate::roles::Reach;
use crate::org::change::{Change, Shelf};
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is here.
pub(super) const OPERATIONS: Operations = &[
    ("listSubscriptionsRole", list),
    ("getSubscriptionsNotificationTypeRole", get),
    ("subscribeByNotificationTypeRole", subscribe),
    ("unsubscribeByNotificationTypeRole", unsubscribe),
    ("listSubscriptionsUser", list),
    ("getSubscriptionsNotificationTypeUser", get),
    ("subscribeByNotificationTypeUser", subscribe),
    ("unsubscribeByNotificationTypeUser", unsubscribe),
];

/// The types in the order in which Okta lists them, and whether admins get them unless they choose otherwise (recorded
/// for SUPER_ADMIN; the types of 2021 and later: documented).
const TYPES: [(&str, bool); 13] = [
    ("IWA_AGENT", true),
    ("CONNECTOR_AGENT", true),
    ("USER_LOCKED_OUT", false),
    ("APP_IMPORT", false),
    ("AD_AGENT", true),
    ("LDAP_AGENT", true),
    ("RATELIMIT_NOTIFICATION", true),
    ("OKTA_ANNOUNCEMENT", true),
    ("OKTA_UPDATE", true),
    ("USER_DEPROVISION", false),
    ("REPORT_SUSPICIOUS_ACTIVITY", true),
    ("AGENT_AUTO_UPDATE_NOTIFICATION", true),
    ("AGENT_AUTO_UPDATE_NOTIFICATION_LDAP", true),
];

/// The kind of choices.
const KIND: &str = "subscriptions";

/// Whose subscriptions a path is about.
struct Subscriber {
    id: Arc<str>,
    /// `/api/v1/roles/SUPER_ADMIN`.
    path: String,
}

impl Subscriber {
    fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        let name = asked.parameter(0);
        let users = asked.operation.path.starts_with("/api/v1/users/");
        let found = |kind: &'static str| {
            let resource = facts().resources.get(kind).ok_or(ApiError::NoSuchPath)?;
            target::find(asked, asked.state, resource, &Shelf::from(kind), name)
        };
        let id: Arc<str> = if users {
            found("users")?.id.clone()
        } else if facts().roles.standard(name).is_some() {
            name.into()
        } else {
            found("iam_roles")?.id.clone()
        };
        let own = users && asked.caller.user() == Some(&*id);
        if asked.reach == Reach::Nothing && !own {
            return Err(ApiError::AccessDenied);
        }
        let path = format!("/api/v1/{}/{id}", if users { "users" } else { "roles" });
        Ok(Self { id, path })
    }

    fn shelf(&self) -> Shelf {
        Shelf::below(KIND, &[&self.id])
    }

    fn shown(&self, asked: &Asked<'_>, state: &OrgState, (name, usual): (&str, bool)) -> Value {
        let chosen = state.on(&self.shelf()).get(name).map(|choice| choice.is("/status", "subscribed"));
        let subscribed = chosen.unwrap_or(usual);
        let own = format!("{}{}/subscriptions/{name}", asked.request.base_url, self.path);
        let (status, other) =
            if subscribed { ("subscribed", "unsubscribe") } else { ("unsubscribed", "subscribe") };
        let mut links = json!({});
        links[other] = json!({ "href": format!("{own}/{other}"), "hints": { "allow": ["POST"] } });
        links["self"] = json!({ "href": own });
        json!({ "notificationType": name, "channels": ["email"], "status": status, "_links": links })
    }
}

fn notification(asked: &Asked<'_>) -> Result<(&'static str, bool), ApiError> {
    let name = asked.parameter(1);
    let known = TYPES.into_iter().find(|(known, _)| *known == name);
    known.ok_or_else(|| {
        ApiError::invalid("notificationType", format!("notificationType: {name} is not a notification type"))
    })
}

fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let subscriber = Subscriber::of(asked)?;
    let shown: Vec<_> = TYPES.iter().map(|kind| subscriber.shown(asked, asked.state, *kind)).collect();
    Ok(Reply::json(StatusCode::OK, Value::Array(shown).to_string()))
}

fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let subscriber = Subscriber::of(asked)?;
    let shown = subscriber.shown(asked, asked.state, notification(asked)?);
    Ok(Reply::json(StatusCode::OK, shown.to_string()))
}

fn subscribe(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    choose(asked, "subscribed", trace)
}

fn unsubscribe(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    choose(asked, "unsubscribed", trace)
}

fn choose(asked: &Asked<'_>, status: &str, trace: &mut Trace) -> Result<Reply, ApiError> {
    let subscriber = Subscriber::of(asked)?;
    let (name, _) = notification(asked)?;
    asked.org.commit(asked.request.now, |_| {
        let value = json!({ "status": status });
        Ok::<_, ApiError>(vec![Change::put(subscriber.shelf(), name, value, Value::Null)])
    })?;
    trace.note("operation", format!("{} is {status} for {name}", subscriber.id));
    Ok(Reply::json(StatusCode::OK, "{}"))
}
