//! Authenticators: which there may be, what a deactivation refuses, custom AAGUIDs (recorded: terraform-provider-okta,
//! okta-sdk-python).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Special;
use super::policies::enrolment;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, merge, set};
use crate::api::own::{Handler, Operations};
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::BASE_MARK;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

/// Operations that no verb does.
pub(in crate::api) const OPERATIONS: Operations =
    &[("getWellKnownAppAuthenticatorConfiguration", app_authenticators as Handler)];

/// A kind of authenticator: a row of `fixtures/authenticators.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Authenticator {
    r#type: String,
    name: String,
    settings: Option<Value>,
    methods: Vec<Value>,
    /// An org may have several.
    #[serde(default)]
    many: bool,
}

/// By key.
fn catalogue() -> &'static BTreeMap<String, Authenticator> {
    static CATALOGUE: LazyLock<BTreeMap<String, Authenticator>> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../../fixtures/authenticators.json")).unwrap_or_default()
    });
    &CATALOGUE
}

/// What is special about authenticators.
pub(super) struct Authenticators;

impl Special for Authenticators {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let lifecycle = match &draft.action {
            Action::Create => return create(draft),
            Action::Lifecycle(name) => name.clone(),
            Action::Replace | Action::Update => return needs_telephony(draft),
            Action::Delete => return Ok(()),
        };
        if lifecycle == "activate" {
            needs_telephony(draft)?;
            enrols_by_default(draft);
            return Ok(());
        }
        is_not_used(draft)
    }
}

/// A new authenticator has the type and the methods of its key.
fn create(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let key = draft.body.get("key").and_then(Value::as_str).unwrap_or_default();
    let has = draft.state.all("authenticators").after(None).any(|other| other.is("/key", key));
    let Some(row) = catalogue().get(key).filter(|row| row.many || !has) else {
        let what = "com.okta.services.factors.iface.dto.AuthenticatorCatalog";
        return Err(ApiError::invalid(what, "The field has an invalid value"));
    };
    set(&mut draft.value, "/type", row.r#type.as_str().into());
    if draft.value["name"].is_null() {
        set(&mut draft.value, "/name", row.name.as_str().into());
    }
    if let Some(settings) = &row.settings {
        let mut settings = settings.clone();
        merge(&mut settings, draft.body.get("settings").cloned().unwrap_or_else(|| json!({})));
        set(&mut draft.value, "/settings", settings);
    }
    provided(draft, key);
    if draft.asked.query("activate").as_deref() == Some("true") {
        needs_telephony(draft)?;
        set(&mut draft.value, "/status", "ACTIVE".into());
        enrols_by_default(draft);
    }
    for method in &row.methods {
        let id = method["type"].as_str().unwrap_or_default();
        let shelf = Shelf::below("authenticator_methods", &[&draft.id]);
        draft.also.push(Change::put(shelf, id, method.clone(), Value::Null));
    }
    Ok(())
}

/// Okta makes an app instance for what asks another server, and knows the client of a custom app (recorded).
fn provided(draft: &mut Draft<'_>, key: &str) {
    match key {
        "custom_app" => {
            let app = draft.value.pointer("/settings/appInstanceId").cloned();
            if let (Some(app), None) = (app, draft.value.pointer("/settings/oauthClientId")) {
                set(&mut draft.value, "/settings/oauthClientId", app);
            }
        }
        "onprem_mfa" | "rsa_token"
            if draft.value.pointer("/provider/configuration").is_some_and(Value::is_object)
                && draft.value.pointer("/provider/configuration/instanceId").is_none() =>
        {
            let id = draft.asked.org.ids().next("0oa");
            set(&mut draft.value, "/provider/configuration/instanceId", id.into());
        }
        _ => {}
    }
}

/// The phone authenticator needs a telephony hook (recorded: E0000226).
fn needs_telephony(draft: &Draft<'_>) -> Result<(), ApiError> {
    let has = |hook: &Arc<Document>| {
        hook.is("/type", "com.okta.telephony.provider") && hook.is("/status", "ACTIVE")
    };
    if draft.value["key"] == "phone_number" && !draft.state.all("inline_hooks").after(None).any(has) {
        return Err(ApiError::catalogued("E0000226", "", ""));
    }
    Ok(())
}

/// The default enrolment policy offers what has been activated (documented).
fn enrols_by_default(draft: &mut Draft<'_>) {
    let key = draft.value["key"].as_str().unwrap_or_default();
    let is_default = |policy: &&Arc<Document>| {
        policy.is("/type", "MFA_ENROLL") && policy.value().get("system") == Some(&Value::Bool(true))
    };
    let Some(policy) = draft.state.all("policies").after(None).find(is_default) else { return };
    let mut value = policy.value();
    let Some(entries) = value.pointer_mut("/settings/authenticators").and_then(Value::as_array_mut) else {
        return;
    };
    if entries.iter().any(|entry| enrolment::means(entry, key, &draft.id)) {
        return;
    }
    entries.push(enrolment::entry(key, &draft.id, "OPTIONAL"));
    draft.also.push(Change::put("policies", policy.id.clone(), value, policy.hidden.clone()));
}

/// Neither an app nor an enrolment policy uses it.
fn is_not_used(draft: &Draft<'_>) -> Result<(), ApiError> {
    let Some(authenticator) = &draft.old else { return Ok(()) };
    const CIBA: &str = "/settings/oauthClient/backchannel_custom_authenticator_id";
    if draft.state.all("apps").after(None).any(|app| app.is(CIBA, &authenticator.id)) {
        return Err(ApiError::invalid(
            "Authenticator",
            "Cannot delete this authenticator because it is being configured for CIBA by one or more OIDC applications.",
        ));
    }
    let key = authenticator.text("/key").unwrap_or_default();
    let enrols = |policy: &&Arc<Document>| {
        let value = policy.value();
        let entries = value.pointer("/settings/authenticators").and_then(Value::as_array);
        entries.into_iter().flatten().any(|entry| {
            enrolment::means(entry, &key, &authenticator.id)
                && entry.pointer("/enroll/self").is_some_and(|enrols| enrols != "NOT_ALLOWED")
        })
    };
    let policies = draft.state.all("policies").after(None);
    let names: Vec<_> = policies
        .filter(enrols)
        .filter_map(|policy| policy.text("/name").map(|name| name.into_owned()))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(ApiError::catalogued(
        "E0000148",
        "To continue, disable the authenticator in these policies.",
        &format!("Authenticator Enrollment Policies: {}", names.join(", ")),
    ))
}

/// `GET /.well-known/app-authenticator-configuration`: the custom app authenticators of an OAuth client (documented).
fn app_authenticators(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let client = asked.query("oauthClientId").filter(|client| !client.is_empty());
    let client = client.ok_or_else(|| ApiError::catalogued("E0000028", "oauthClientId", ""))?;
    let of_client = |authenticator: &&Arc<Document>| {
        authenticator.is("/key", "custom_app")
            && authenticator.is("/status", "ACTIVE")
            && authenticator.is("/settings/oauthClientId", &client)
    };
    let shown: Vec<Value> = asked
        .state
        .all("authenticators")
        .after(None)
        .filter(of_client)
        .map(|authenticator| {
            let value = authenticator.value();
            let shelf = Shelf::below("authenticator_methods", &[&authenticator.id]);
            let methods: Vec<Value> =
                asked.state.on(&shelf).after(None).map(|method| method.value()).collect();
            json!({
                "authenticatorId": &*authenticator.id,
                "orgId": asked.state.settings.org_id,
                "type": "app",
                "key": "custom_app",
                "name": value["name"],
                "createdDate": value["created"],
                "lastUpdated": value["lastUpdated"],
                "settings": { "userVerification": value["settings"]["userVerification"] },
                "supportedMethods": methods,
                "appAuthenticatorEnrollEndpoint": format!("{BASE_MARK}/idp/myaccount/app-authenticators"),
            })
        })
        .collect();
    Ok(Reply::json(StatusCode::OK, based(&Value::from(shown), &asked.request.base_url)))
}

/// Custom AAGUIDs: of the WebAuthn authenticator only (recorded: E0000015).
pub(super) struct Aaguids;

impl Special for Aaguids {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let authenticator = draft.target.parents.last();
        if authenticator.is_some_and(|authenticator| !authenticator.is("/key", "webauthn")) {
            return Err(ApiError::catalogued("E0000015", "", ""));
        }
        Ok(())
    }

    fn list(&self, asked: &Asked<'_>) -> Result<(), ApiError> {
        let id = asked.parameter(0);
        let authenticator = asked.state.get("authenticators", id);
        if authenticator.is_some_and(|authenticator| !authenticator.is("/key", "webauthn")) {
            return Err(ApiError::catalogued("E0000015", "", ""));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_and_its_methods_have_types() {
        assert!(catalogue().len() > 10);
        for (key, row) in catalogue() {
            assert!(!row.methods.is_empty(), "{key}");
            assert!(row.methods.iter().all(|method| method["type"].is_string()), "{key}");
        }
    }
}
