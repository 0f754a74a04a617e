//! How people sign in to an app: read once from the app when it is written.

use std::sync::Arc;

use serde_json::Value;

use super::state::OrgState;

/// What an app says about the people who use it.
#[derive(Debug, Default)]
pub struct SignIn {
    /// The name that people see.
    pub label: String,
    /// Where an answer may be sent, each compared as it is.
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// `code`, `token`, `id_token`: what the app may ask for, alone and together.
    pub response_types: Vec<String>,
    /// A code is given for a PKCE challenge only.
    pub pkce_required: bool,
    /// Whether scopes that need consent need it from this app's users (`consent_method` is `REQUIRED`).
    pub consent: bool,
    /// The one algorithm in which the app signs its request objects; none: any.
    pub request_object_alg: Option<String>,
    /// Who may use it; none: everybody.
    pub assigned: Option<Assigned>,
}

/// Who is assigned to an app: users, and members of groups.
#[derive(Debug, Default)]
pub struct Assigned {
    users: Vec<String>,
    groups: Vec<String>,
}

impl SignIn {
    pub(super) fn from_document(value: &Value, hidden: &Value) -> Self {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let settings = |name: &str| words(value.pointer(&format!("/settings/oauthClient/{name}")));
        Self {
            label: text("/label").or_else(|| text("/name")).unwrap_or_default().to_owned(),
            redirect_uris: settings("redirect_uris"),
            post_logout_redirect_uris: settings("post_logout_redirect_uris"),
            response_types: settings("response_types"),
            pkce_required: value.pointer("/credentials/oauthClient/pkce_required")
                == Some(&Value::Bool(true)),
            consent: text("/settings/oauthClient/consent_method") == Some("REQUIRED"),
            request_object_alg: text("/settings/oauthClient/request_object_signing_alg").map(str::to_owned),
            assigned: hidden.get("assigned").filter(|assigned| assigned.is_object()).map(|assigned| {
                Assigned { users: words(assigned.get("users")), groups: words(assigned.get("groups")) }
            }),
        }
    }

    /// Whether a user is assigned to the app.
    pub fn admits(&self, state: &OrgState, user: &Arc<str>) -> bool {
        self.assigned.as_ref().is_none_or(|assigned| {
            assigned.users.iter().any(|one| **one == **user)
                || assigned.groups.iter().any(|group| state.is_related("members", group, user))
        })
    }
}

fn words(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}
