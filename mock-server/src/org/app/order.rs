//! The order in which Okta sends the members of an app (recorded).

use serde_json::{Map, Value};

const APP: [&str; 16] = [
    "id",
    "orn",
    "name",
    "label",
    "status",
    "lastUpdated",
    "created",
    "accessibility",
    "licensing",
    "visibility",
    "features",
    "signOnMode",
    "credentials",
    "universalLogout",
    "settings",
    "profile",
];

const VISIBILITY: [&str; 4] = ["autoLaunch", "autoSubmitToolbar", "hide", "appLinks"];

const CREDENTIALS: [&str; 7] =
    ["scheme", "userNameTemplate", "userName", "password", "revealPassword", "signing", "oauthClient"];

const SETTINGS: [&str; 8] = [
    "app",
    "notifications",
    "manualProvisioning",
    "implicitAssignment",
    "emOptInStatus",
    "notes",
    "signOn",
    "oauthClient",
];

const CLIENT: [&str; 5] =
    ["autoKeyRotation", "client_id", "client_secret", "token_endpoint_auth_method", "pkce_required"];

const CLIENT_SETTINGS: [&str; 20] = [
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "redirect_uris",
    "post_logout_redirect_uris",
    "response_types",
    "grant_types",
    "jwks_uri",
    "jwks",
    "initiate_login_uri",
    "application_type",
    "consent_method",
    "issuer_mode",
    "refresh_token",
    "idp_initiated_login",
    "wildcard_redirect",
    "dpop_bound_access_tokens",
    "participate_slo",
    "frontchannel_logout_uri",
];

/// Puts the members in order; others follow as they came.
pub(super) fn arrange(value: &mut Value) {
    for (pointer, order) in [
        ("", &APP[..]),
        ("/visibility", &VISIBILITY),
        ("/credentials", &CREDENTIALS),
        ("/settings", &SETTINGS),
        ("/credentials/oauthClient", &CLIENT),
        ("/settings/oauthClient", &CLIENT_SETTINGS),
    ] {
        let Some(Value::Object(members)) = value.pointer_mut(pointer) else { continue };
        let mut given = std::mem::take(members);
        let mut arranged = Map::with_capacity(given.len());
        for name in order {
            if let Some(member) = given.get_mut(*name) {
                arranged.insert((*name).to_owned(), member.take());
            }
        }
        for (name, member) in given {
            if !order.contains(&name.as_str()) {
                arranged.insert(name, member);
            }
        }
        *members = arranged;
    }
}
