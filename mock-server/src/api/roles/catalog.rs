//! Apps of Okta's catalogue, as targets of roles show them.

use serde_json::{Value, json};

/// The apps of which the details are known (recorded); others are shown by their names.
const KNOWN: [(&str, &str, &str, &str, &str, &str, &str); 2] = [
    (
        "facebook",
        "Facebook",
        "Giving people the power to share and make the world more open and connected.",
        "2021-03-18T17:37:56.000Z",
        "SOCIAL",
        "https://www.facebook.com/",
        "BROWSER_PLUGIN",
    ),
    (
        "oidc_client",
        "OpenID Connect Client",
        "OpenID Connect Client",
        "2017-06-20T02:25:02.000Z",
        "OAUTH2",
        "http://openid.net/specs/openid-connect-core-1_0.html",
        "OPENID_CONNECT",
    ),
];

/// An app of the catalogue by its name.
pub(super) fn app(name: &str, base_url: &str) -> Value {
    let known = KNOWN.iter().find(|known| known.0 == name);
    let (_, display, description, updated, category, website, mode) = known.copied().unwrap_or((
        name,
        name,
        name,
        "2021-03-18T17:37:56.000Z",
        "APPS",
        "https://www.okta.com/integrations/",
        "BROWSER_PLUGIN",
    ));
    let logo = "https://op3static.oktacdn.com/assets/img/logos/default.6770228fb0dab49a1695ef440a5279bb.png";
    json!({
        "name": name,
        "displayName": display,
        "description": description,
        "status": "ACTIVE",
        "lastUpdated": updated,
        "category": category,
        "verificationStatus": "OKTA_VERIFIED",
        "website": website,
        "signOnModes": [mode],
        "_links": {
            "logo": [{ "name": "medium", "href": logo, "type": "image/png" }],
            "self": { "href": format!("{base_url}/api/v1/catalog/apps/{name}") },
        },
    })
}
