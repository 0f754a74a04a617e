//! Identity providers: completed by their type, with a signing key towards them; their certificates; their users.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Special;
use super::assignments::{begins, embed};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::idps::signing_key;
use crate::org::certificate;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// `special = "idps"`.
pub(super) struct Idps;

/// `special = "idp_keys"`.
pub(super) struct IdpKeys;

/// `special = "idp_users"`.
pub(super) struct IdpUsers;

/// The order of the members of `protocol` (recorded).
const ORDER: [&str; 9] = [
    "type",
    "endpoints",
    "algorithms",
    "relayState",
    "settings",
    "scopes",
    "issuer",
    "oktaIdpOrgUrl",
    "credentials",
];

/// What a client fills in where an application sends a browser to a provider (recorded).
const AUTHORIZE: &str = "client_id={clientId}&response_type={responseType}&response_mode={responseMode}\
                         &scope={scopes}&redirect_uri={redirectUri}&state={state}&nonce={nonce}";

impl Special for Idps {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if matches!(draft.action, Action::Delete | Action::Lifecycle(_)) {
            return Ok(());
        }
        let kind = draft.value.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let by_token = !matches!(kind.as_str(), "SAML2" | "X509") && !kind.starts_with("IDV_");
        let Some(shown) = draft.value.as_object_mut() else { return Ok(()) };
        // Recorded: only providers that answer at the callback show whose address that is.
        if !by_token {
            shown.shift_remove("issuerMode");
        }
        // Recorded: whatever is asked for, assertions with a clock are SAML's and those of certificates.
        if by_token && let Some(skew) = draft.value.pointer_mut("/policy/maxClockSkew") {
            *skew = json!(0);
        }
        if let Some(client) =
            draft.value.pointer_mut("/protocol/credentials/client").and_then(Value::as_object_mut)
        {
            client.retain(|_, value| !value.is_null());
        }
        if let Some(protocol) = draft.value.get_mut("protocol").and_then(Value::as_object_mut) {
            arrange(protocol);
        }
        if by_token {
            draft.hidden["authorize"] = json!(AUTHORIZE);
        }
        if draft.action == Action::Create {
            let kid = signing_key(draft)?;
            draft.hidden["signing"] = json!(kid);
        }
        if kind == "SAML2" {
            objects(&draft.value)?;
            let audience = draft.old.as_ref().and_then(|old| {
                old.text("/protocol/credentials/trust/audience").map(|text| text.into_owned())
            });
            let credentials = &mut draft.value["protocol"]["credentials"];
            // Okta chooses it, in lower case (recorded), once.
            let audience = audience.or_else(|| {
                let chosen = credentials["trust"]["audience"].as_str()?;
                let (front, last) = chosen.rsplit_once('/')?;
                Some(format!("{front}/{}", last.to_lowercase()))
            });
            credentials["trust"]["audience"] = json!(audience);
            if credentials["signing"].get("kid").is_none_or(Value::is_null) {
                credentials["signing"] = json!({ "kid": draft.hidden["signing"] });
            }
        }
        Ok(())
    }
}

/// Without a type, or with that of another kind, the schema does not say what the parts of a protocol are.
fn objects(value: &Value) -> Result<(), ApiError> {
    let parts = ["", "/credentials", "/credentials/trust", "/credentials/signing"];
    let wrong = parts.into_iter().find(|part| {
        value.pointer(&format!("/protocol{part}")).is_some_and(|part| !part.is_object() && !part.is_null())
    });
    let Some(wrong) = wrong else { return Ok(()) };
    let name = wrong.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("protocol");
    Err(ApiError::invalid(name, format!("{name}: The field has an invalid value")))
}

/// The members that are known first and in order, then any others.
fn arrange(protocol: &mut Map<String, Value>) {
    let mut before = std::mem::take(protocol);
    for name in ORDER {
        if let Some(value) = before.shift_remove(name) {
            protocol.insert(name.to_owned(), value);
        }
    }
    protocol.extend(before);
}

impl Special for IdpKeys {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create | Action::Replace | Action::Update => {}
            Action::Delete => return unused(draft),
            Action::Lifecycle(_) => return Ok(()),
        }
        let text = draft.value.pointer("/x5c/0").and_then(Value::as_str).unwrap_or_default();
        let Some(seen) = certificate::uploaded(text) else {
            return Err(ApiError::invalid(
                "x5c",
                "x5c: The certificate is not a base64-encoded X.509 certificate.",
            ));
        };
        let mut others = draft.state.on(&draft.target.shelf).after(None);
        if let Some(other) =
            others.find(|other| other.id != draft.id && other.is("/x5t#S256", &seen.thumbprint))
        {
            return Err(ApiError::catalogued("E0000096", &other.id, ""));
        }
        draft.value["expiresAt"] = json!(okta_timestamp(seen.ends));
        draft.value["x5t#S256"] = json!(seen.thumbprint);
        for name in ["kty", "e", "n"] {
            draft.value[name] = seen.public.get(name).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// A certificate that a provider signs with stays (specification: only one that is not used can be deleted).
fn unused(draft: &Draft<'_>) -> Result<(), ApiError> {
    let mut idps = draft.state.all("idps").after(None);
    match idps.find(|idp| idp.is("/protocol/credentials/trust/kid", &draft.id)) {
        None => Ok(()),
        Some(idp) => {
            let cause = format!("kid: The key is used by the identity provider {}.", idp.id);
            Err(ApiError::invalid("kid", cause))
        }
    }
}

impl Special for IdpUsers {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.state.get("users", &draft.id).is_none() {
            return Err(ApiError::NotFound(draft.id.to_string(), "User"));
        }
        Ok(())
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        embed(asked, document, "user", "users")
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }

    /// The names of the user (specification).
    fn typed(&self, state: &OrgState, document: &Document, typed: &str) -> Option<bool> {
        let names = ["/profile/firstName", "/profile/lastName", "/profile/email"];
        Some(state.get("users", &document.id).is_some_and(|user| begins(user, &names, typed)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_protocol_come_in_order() {
        let mut protocol = json!({ "credentials": 1, "other": 2, "scopes": 3, "type": 4 });
        arrange(protocol.as_object_mut().unwrap());
        assert_eq!(protocol.to_string(), r#"{"type":4,"scopes":3,"credentials":1,"other":2}"#);
    }
}
