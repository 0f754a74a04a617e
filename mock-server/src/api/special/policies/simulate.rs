//! `POST /policies/simulate`: which policy and which rule would apply. Shape: example of the specification; a context
//! without a user or without groups is not well-formed (recorded for the latter).

use http::StatusCode;
use serde_json::{Value, json};

use super::{of_type, rules_of};
use crate::api::answer::Asked;
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The types that can be simulated.
const TYPES: [&str; 4] = ["OKTA_SIGN_ON", "MFA_ENROLL", "ACCESS_POLICY", "PROFILE_ENROLLMENT"];

/// Simulates what the request asks for.
pub(super) fn simulate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    if asked.reach == Reach::Nothing {
        return Err(ApiError::AccessDenied);
    }
    let questions: Vec<Value> =
        serde_json::from_slice(&asked.request.body).map_err(|_| ApiError::MalformedBody)?;
    let mut evaluation = Vec::new();
    for question in &questions {
        let app = question.get("appInstance").and_then(Value::as_str).ok_or(ApiError::MalformedBody)?;
        let context = Context::of(asked.state, question.get("policyContext"))?;
        let app =
            asked.state.get("apps", app).ok_or_else(|| ApiError::NotFound(app.to_owned(), "AppInstance"))?;
        let types = question.get("policyTypes").and_then(Value::as_array);
        let types: Vec<&str> = match types {
            Some(types) => types.iter().filter_map(Value::as_str).collect(),
            None => TYPES.to_vec(),
        };
        for kind in types {
            if !TYPES.contains(&kind) {
                return Err(ApiError::MalformedBody);
            }
            evaluation.push(evaluated(asked.state, kind, app, &context));
        }
    }
    trace.note("operation", "policies are evaluated, nothing changes");
    Ok(Reply::json(StatusCode::OK, json!({ "evaluation": evaluation }).to_string()))
}

/// What the request says of the moment.
struct Context<'q> {
    user: &'q str,
    groups: Vec<String>,
    zones: Vec<&'q str>,
    /// Where it says nothing of zones, nothing is known of the network.
    risk: Option<&'q str>,
}

impl<'q> Context<'q> {
    fn of(state: &OrgState, context: Option<&'q Value>) -> Result<Self, ApiError> {
        let context = context.ok_or(ApiError::MalformedBody)?;
        let texts = |pointer: &str| {
            let list = context.pointer(pointer).and_then(Value::as_array)?;
            Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        };
        let user = context.pointer("/user/id").and_then(Value::as_str).ok_or(ApiError::MalformedBody)?;
        let named = texts("/groups/ids").ok_or(ApiError::MalformedBody)?;
        let mut groups: Vec<String> = named.into_iter().map(str::to_owned).collect();
        groups.extend(state.holders("members", user, None).map(|group| group.to_string()));
        let zones = texts("/zones/ids").unwrap_or_default();
        Ok(Self { user, groups, zones, risk: context.pointer("/risk/level").and_then(Value::as_str) })
    }

    /// The conditions of a policy or a rule that decide something here, each with whether it holds.
    fn judge(&self, value: &Value) -> Vec<(&'static str, bool)> {
        let mut judged = Vec::new();
        let mut look = |name, pointer: &str, holds: &dyn Fn(&[&str]) -> bool| {
            let list = value.pointer(pointer).and_then(Value::as_array).filter(|list| !list.is_empty());
            if let Some(list) = list {
                judged.push((name, holds(&list.iter().filter_map(Value::as_str).collect::<Vec<_>>())));
            }
        };
        let member = |ids: &[&str]| self.groups.iter().any(|group| ids.contains(&group.as_str()));
        let inside = |ids: &[&str]| self.zones.iter().any(|zone| ids.contains(zone));
        look("people.users.include", "/conditions/people/users/include", &|ids| ids.contains(&self.user));
        look("people.users.exclude", "/conditions/people/users/exclude", &|ids| !ids.contains(&self.user));
        look("people.groups.include", "/conditions/people/groups/include", &member);
        look("people.groups.exclude", "/conditions/people/groups/exclude", &|ids| !member(ids));
        look("network.include", "/conditions/network/include", &inside);
        look("network.exclude", "/conditions/network/exclude", &|ids| !inside(ids));
        let level = value.pointer("/conditions/riskScore/level").and_then(Value::as_str);
        if let (Some(level), Some(risk)) = (level.filter(|level| *level != "ANY"), self.risk) {
            judged.push(("risk.level", level == risk));
        }
        judged
    }
}

/// The policies of a type that may apply to an app, the first first.
fn candidates(state: &OrgState, kind: &str, app: &Document) -> Vec<std::sync::Arc<Document>> {
    let Some(member) = super::mappings::member(kind) else { return of_type(state, kind) };
    let id = app.hidden.pointer(member).and_then(Value::as_str).unwrap_or_default();
    state.get("policies", id).cloned().into_iter().collect()
}

fn evaluated(state: &OrgState, kind: &str, app: &Document, context: &Context<'_>) -> Value {
    let (mut matched, mut others) = (Vec::new(), Vec::new());
    for policy in candidates(state, kind, app) {
        if !matched.is_empty() || !policy.is("/status", "ACTIVE") {
            continue;
        }
        let conditions = context.judge(&policy.value());
        let mut found = None;
        if holds(&conditions) {
            found = rules_of(state, &policy.id)
                .into_iter()
                .filter(|rule| rule.is("/status", "ACTIVE"))
                .map(|rule| (context.judge(&rule.value()), rule))
                .find(|(conditions, _)| holds(conditions));
        }
        let rules: Vec<Value> =
            found.iter().map(|(conditions, rule)| result(rule, conditions, true, None)).collect();
        let shown = result(&policy, &conditions, found.is_some(), Some(rules));
        if found.is_some() { matched.push(shown) } else { others.push(shown) }
    }
    json!({
        "status": null,
        "policyType": kind,
        "result": { "policies": matched },
        "undefined": { "policies": [] },
        "evaluated": { "policies": others },
    })
}

fn holds(conditions: &[(&'static str, bool)]) -> bool {
    conditions.iter().all(|(_, holds)| *holds)
}

fn result(
    document: &Document,
    conditions: &[(&'static str, bool)],
    matches: bool,
    rules: Option<Vec<Value>>,
) -> Value {
    let status = |holds: bool| if holds { "MATCH" } else { "NOT_MATCH" };
    let judged: Vec<Value> =
        conditions.iter().map(|(name, holds)| json!({ "type": name, "status": status(*holds) })).collect();
    let mut shown = json!({
        "id": &*document.id,
        "name": document.text("/name"),
        "status": status(matches),
        "conditions": judged,
    });
    if let Some(rules) = rules {
        shown["rules"] = rules.into();
    }
    shown
}
