//! Apps: completed by what they are (`org/app`), with a signing key where their sign-on mode needs one, and ruled by the
//! org's default policies until others are assigned.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::credential_keys::made_by_org;
use crate::api::draft::{Action, Draft};
use crate::api::images;
use crate::api::target::ONLY;
use crate::org::app::{self, Around, has_certificate};
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::query::Path;
use crate::wire::ApiError;

/// `special = "apps"`.
pub(super) struct Apps;

impl Special for Apps {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                if draft.asked.query("activate").as_deref() == Some("false") {
                    draft.value["status"] = json!("INACTIVE");
                }
                number(draft);
                for (member, kind) in
                    [("accessPolicy", "ACCESS_POLICY"), ("profileEnrollment", "PROFILE_ENROLLMENT")]
                {
                    draft.hidden[member] = json!(default_policy(draft, member, kind));
                }
            }
            Action::Replace | Action::Update => has_instances(draft)?,
            Action::Delete => {
                forget(draft);
                return Ok(());
            }
            Action::Lifecycle(_) => return Ok(()),
        }
        refuse(&draft.value)?;
        let now = draft.now();
        let (org, settings) = (draft.asked.org, &draft.state.settings);
        let around = Around {
            ids: org.ids(),
            org_id: &settings.org_id,
            org_name: &settings.name,
            now: &now,
            signing_kid: draft.state.keys.kid(),
        };
        let old = draft.old.as_ref().map(|old| old.value());
        app::complete(&mut draft.value, &mut draft.hidden, old.as_ref(), &around);
        assigned(draft);
        if draft.action == Action::Create {
            admin_by_default(draft);
            keys(draft)?;
        }
        if has_certificate(&draft.value) {
            signing_key(draft)?;
        }
        Ok(())
    }

    /// Recorded: the only thing that a list embeds is a user of the apps.
    fn list(&self, asked: &Asked<'_>) -> Result<(), ApiError> {
        match asked.query("expand") {
            Some(expand) if !expand.is_empty() && !expand.starts_with("user/") => {
                Err(ApiError::invalid("RequestParams", "Expand query is malformed."))
            }
            _ => Ok(()),
        }
    }

    /// `expand=user/{id}`: the app as that user has it.
    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let expand = asked.query("expand")?;
        let user = expand.strip_prefix("user/")?;
        let held = asked.state.on(&Shelf::below("app_users", &[&document.id])).get(user)?;
        let mut value = document.whole();
        value["_embedded"] = json!({ "user": held.whole() });
        Some(value)
    }

    fn shows_in_lists(&self, asked: &Asked<'_>) -> bool {
        asked.query("expand").is_some()
    }

    /// `user.id`: the apps that a user is assigned to, alone or by a group; `group.id`: those of a group.
    fn having(&self, state: &OrgState, attribute: &Path, value: &str) -> Option<Vec<Arc<str>>> {
        if attribute.is("group.id") {
            return Some(state.derived.group_apps(value).cloned().collect());
        }
        let has = |app: &&Arc<Document>| state.below("app_users", &app.id).get(value).is_some();
        let apps = state.all("apps").after(None).filter(has);
        attribute.is("user.id").then(|| apps.map(|app| app.id.clone()).collect())
    }
}

/// What a client was granted goes with it, its roles, and the logo that was uploaded for it.
fn forget(draft: &mut Draft<'_>) {
    let client = draft.value.pointer("/credentials/oauthClient/client_id").and_then(Value::as_str);
    let client = client.unwrap_or(&draft.id).to_owned();
    let grants = draft.state.all("grants").after(None).filter(|grant| grant.is("/clientId", &client));
    let grants = grants.map(|grant| Change::remove("grants", grant.id.clone()));
    let roles = draft.state.all("role_assignments").after(None);
    let roles = roles.filter(|role| role.hidden["principal"] == *draft.id);
    let roles = roles.map(|role| Change::remove("role_assignments", role.id.clone()));
    let logo = draft.hidden.get("logo").and_then(Value::as_str);
    let gone: Vec<_> = grants.chain(roles).chain(images::forgotten(draft.state, logo)).collect();
    draft.also.extend(gone);
}

/// What an org has defined itself as an app for plug-in sign-on can be changed as long as it is in use (recorded:
/// E0000024; that it is the inactive app is inferred from the cause).
fn has_instances(draft: &Draft<'_>) -> Result<(), ApiError> {
    let inactive = draft.old.as_ref().is_some_and(|old| old.is("/status", "INACTIVE"));
    if inactive && draft.hidden["custom"] == true && draft.value["signOnMode"] == "AUTO_LOGIN" {
        let cause = "This operation on app metadata is not yet supported: No active instances.";
        return Err(ApiError::catalogued("E0000024", "", cause));
    }
    Ok(())
}

/// What Okta refuses.
fn refuse(value: &Value) -> Result<(), ApiError> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let federated = matches!(text("/signOnMode"), "SAML_1_1" | "WS_FEDERATION");
    let consent = value.pointer("/settings/app/requireAdminConsent") == Some(&Value::Bool(true));
    // Recorded: office365.
    if federated && text("/settings/app/wsFedConfigureType") == "AUTO" && !consent {
        let cause = "In order to continue using WS-FED Auto for SSO, you must grant admin consent.";
        return Err(ApiError::invalid("settings", cause));
    }
    let keys = value.pointer("/settings/oauthClient/jwks/keys").and_then(Value::as_array);
    keys.into_iter().flatten().try_for_each(usable)
}

/// Whether a public key may be a client's.
///
/// # Errors
/// RSA keys of less than 2,048 bits, recorded (mgmt-facts §7.5).
pub(in crate::api) fn usable(key: &Value) -> Result<(), ApiError> {
    let modulus = key.get("n").and_then(Value::as_str).unwrap_or_default().trim_end_matches('=');
    if key.get("kty").is_some_and(|kind| kind == "RSA") && modulus.len() * 6 < 2048 {
        let cause = "RSA key length in the 'jwks' is less than '2,048' bits for the given key.";
        return Err(ApiError::invalid("JsonWebKey", cause));
    }
    Ok(())
}

/// The hidden member of a service app that its first grant makes a super administrator.
pub(in crate::api) const ADMIN_BY_DEFAULT: &str = "admin_by_default";

/// A service app that is created while the setting "Public client app admins" is on (mgmt-facts §1.4); apps of before stay
/// as they are.
fn admin_by_default(draft: &mut Draft<'_>) {
    let setting = draft.state.get("client_privileges_setting", ONLY);
    let on = setting.is_some_and(|setting| setting.value()["clientPrivilegesSetting"] == true);
    let kind = draft.value.pointer("/settings/oauthClient/application_type");
    if on && kind.is_some_and(|kind| kind == "service") {
        draft.hidden[ADMIN_BY_DEFAULT] = json!(true);
    }
}

/// Which app with this label it is: a part of its name, if the org defines it itself.
fn number(draft: &mut Draft<'_>) {
    if draft.value.get("name").is_some_and(Value::is_string) {
        return;
    }
    let label = draft.value.get("label").and_then(Value::as_str).unwrap_or_default();
    let same = draft.state.all("apps").after(None).filter(|app| app.is("/label", label)).count();
    draft.hidden["nth"] = json!(same + 1);
}

/// The policy that new apps have: the org's own of its type; in an org without one, that of other apps.
fn default_policy(draft: &Draft<'_>, member: &str, kind: &str) -> String {
    if let Some(policy) = system_policy(draft.state, kind) {
        return policy;
    }
    let mut others = draft.state.all("apps").after(None);
    let other = others
        .find_map(|app| app.hidden.get(member)?.as_str().filter(|id| !id.is_empty()).map(str::to_owned));
    other.unwrap_or_else(|| draft.asked.org.ids().next("rst"))
}

/// The policy of a type that the org had on its first day, and that cannot be deleted.
pub(in crate::api) fn system_policy(state: &OrgState, kind: &str) -> Option<String> {
    let mut policies = state.all("policies").after(None);
    let own = policies
        .find(|policy| policy.is("/type", kind) && policy.value().get("system") == Some(&Value::Bool(true)));
    own.map(|policy| policy.id.to_string())
}

/// Everybody has an app that is assigned implicitly; any other one is assigned to users and groups.
fn assigned(draft: &mut Draft<'_>) {
    let implicit = draft.value.pointer("/settings/implicitAssignment") == Some(&Value::Bool(true));
    let was = draft.hidden.get("assigned").is_some_and(Value::is_object);
    if implicit {
        draft.hidden["assigned"] = Value::Null;
    } else if !was && draft.action == Action::Create {
        draft.hidden["assigned"] = json!({ "users": [], "groups": [] });
    }
}

/// Gives a new app its keys (recorded): the org's own, unless the org defines the app itself; and one that is made for
/// it, if it signs with SAML 2.0.
fn keys(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let mode = draft.value["signOnMode"].as_str().unwrap_or_default().to_owned();
    let own = draft.hidden["custom"] == true;
    let mut kid = None;
    if !own {
        let (id, mut shown, private) = match draft.state.all(ORG_KEY).after(None).next() {
            Some(stored) => (stored.id.to_string(), stored.value(), Value::clone(&stored.hidden)),
            None => {
                let made = made_by_org(draft.asked, "signing")?;
                let private = json!({ "private": made.private });
                draft.also.push(Change::put(ORG_KEY, made.kid.as_str(), made.shown.clone(), private.clone()));
                (made.kid, made.shown, private)
            }
        };
        let now = draft.now();
        shown["created"] = json!(now);
        shown["lastUpdated"] = json!(now);
        draft.also.push(Change::put(Shelf::below("app_keys", &[&draft.id]), id.as_str(), shown, private));
        kid = Some(id);
    }
    if !has_certificate(&draft.value) {
        return Ok(());
    }
    if own || mode == "SAML_2_0" {
        let made = made_by_org(draft.asked, "signing")?;
        let shelf = Shelf::below("app_keys", &[&draft.id]);
        draft.also.push(Change::put(
            shelf,
            made.kid.as_str(),
            made.shown,
            json!({ "private": made.private }),
        ));
        kid = Some(made.kid);
    }
    draft.hidden["external_key"] = json!(draft.asked.org.ids().next("exk"));
    draft.value["credentials"]["signing"] = json!({ "kid": kid });
    Ok(())
}

/// The collection of the key that apps of the OIN have from the org; made for the first of them.
const ORG_KEY: &str = "org_app_keys";

/// The key that signs: one that a request names must be the app's.
fn signing_key(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    if draft.action == Action::Create {
        return Ok(());
    }
    if draft.hidden.get("external_key").is_none() {
        draft.hidden["external_key"] = json!(draft.asked.org.ids().next("exk"));
    }
    let shelf = Shelf::below("app_keys", &[&draft.id]);
    let keys = draft.state.on(&shelf);
    match draft.value.pointer("/credentials/signing/kid").and_then(Value::as_str) {
        Some(kid) if keys.get(kid).is_some() => {}
        Some(kid) => return Err(ApiError::invalid("signing", format!("kid: {kid} is not a key of the app"))),
        None => {
            // The app did not sign before.
            let kid = match keys.after(None).last() {
                Some(last) => last.id.to_string(),
                None => {
                    let made = made_by_org(draft.asked, "signing")?;
                    let private = json!({ "private": made.private });
                    draft.also.push(Change::put(shelf, made.kid.as_str(), made.shown, private));
                    made.kid
                }
            };
            draft.value["credentials"]["signing"] = json!({ "kid": kid });
        }
    }
    Ok(())
}
