//! Rules of policies: what their type fills in, how conditions and actions are written, priorities (recorded; types
//! without recordings as in the examples of the specification).

use serde_json::{Value, json};

use super::{conditions, is_system, keep, kind_of, priorities, rules_of};
use crate::api::draft::{Action, Draft, set, unset};
use crate::api::special::Special;
use crate::org::document::Document;
use crate::wire::ApiError;

/// Types of policies whose rules have dense priorities.
const DENSE: [&str; 4] = ["OKTA_SIGN_ON", "PASSWORD", "MFA_ENROLL", "IDP_DISCOVERY"];

/// What is special about rules.
pub(in crate::api::special) struct Rules;

impl Special for Rules {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(policy) = draft.target.parents.last().cloned() else { return Ok(()) };
        match draft.action {
            Action::Lifecycle(_) if is_system(&draft.value) => return Err(ApiError::AccessDenied),
            Action::Lifecycle(_) => return Ok(()),
            Action::Delete => {}
            Action::Create => {
                set(&mut draft.value, "/type", kind_of_rules(&policy).into());
                complete(draft);
            }
            Action::Replace | Action::Update => {
                set(&mut draft.value, "/type", kind_of_rules(&policy).into());
                complete(draft);
                if is_system(&draft.value) {
                    keep(draft, &["/name", "/priority", "/conditions"]);
                    return Ok(());
                }
            }
        }
        let mine = draft.id.clone();
        let others: Vec<_> =
            rules_of(draft.state, &policy.id).into_iter().filter(|rule| rule.id != mine).collect();
        let dense = policy.text("/type").is_some_and(|kind| DENSE.contains(&&*kind));
        match (dense, &draft.action) {
            (true, _) => priorities::rank(draft, &others),
            (false, Action::Delete) => {}
            (false, _) => priorities::number(draft, &others),
        }
        Ok(())
    }
}

/// The type of a policy's rules is the policy's, but for the one that is older than policies.
fn kind_of_rules(policy: &Document) -> String {
    match policy.text("/type").as_deref() {
        Some("OKTA_SIGN_ON") => "SIGN_ON".to_owned(),
        kind => kind.unwrap_or_default().to_owned(),
    }
}

/// Writes conditions and actions as Okta does.
fn complete(draft: &mut Draft<'_>) {
    let kind = kind_of(&draft.value).unwrap_or_default().to_owned();
    let body = Value::Object(draft.body.clone());
    let rule = &mut draft.value;
    if let Some(shown) = rule.get_mut("conditions") {
        conditions::drop_nulls(shown);
        conditions::people(shown);
        conditions::both_sides(shown, "userType");
        if matches!(kind.as_str(), "ACCESS_POLICY" | "IDP_DISCOVERY") {
            conditions::both_sides(shown, "platform");
        }
    }
    if kind != "PROFILE_ENROLLMENT" {
        conditions::drop_nulls(&mut rule["actions"]);
    }
    match kind.as_str() {
        "ACCESS_POLICY" => verification(rule, &body),
        "IDP_DISCOVERY" => providers(rule),
        "POST_AUTH_SESSION" => failures(rule),
        _ => {}
    }
}

/// How users prove themselves: chains of methods know no number of factors; what a constraint is about is required
/// unless it says otherwise.
fn verification(rule: &mut Value, body: &Value) {
    const AT: &str = "/actions/appSignOn/verificationMethod";
    let Some(method) = rule.pointer_mut(AT) else { return };
    if method["type"] != "ASSURANCE" {
        unset(method, "/factorMode");
        unset(method, "/inactivityPeriod");
        if body.pointer(AT).is_none_or(|asked| asked.get("reauthenticateIn").is_none_or(Value::is_null)) {
            unset(method, "/reauthenticateIn");
        }
    }
    let constraints = method.get_mut("constraints").and_then(Value::as_array_mut);
    for constraint in constraints.into_iter().flatten() {
        for class in ["knowledge", "possession"] {
            if let Some(Value::Object(about)) = constraint.get_mut(class) {
                about.entry("required").or_insert(Value::Bool(true));
            }
        }
    }
}

/// Where people sign in: criteria name a property, and nothing is said of a fall-back that is off.
fn providers(rule: &mut Value) {
    let Some(idp) = rule.pointer_mut("/actions/idp") else { return };
    if idp.get("shouldFallBackToOkta") != Some(&Value::Bool(true)) {
        unset(idp, "/shouldFallBackToOkta");
    }
    let criteria = idp.get_mut("matchCriteria").and_then(Value::as_array_mut);
    for criterion in criteria.into_iter().flatten().filter_map(Value::as_object_mut) {
        criterion.entry("propertyName").or_insert_with(|| "name".into());
    }
}

/// Ending a session says whether the person is signed out of apps too.
fn failures(rule: &mut Value) {
    let actions = rule.pointer_mut("/actions/postAuthSession/failureActions").and_then(Value::as_array_mut);
    for action in actions.into_iter().flatten().filter(|action| action["action"] == "TERMINATE_SESSION") {
        if let Some(action) = action.as_object_mut() {
            action.entry("slo").or_insert_with(|| json!(null));
        }
    }
}
