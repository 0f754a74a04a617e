//! The `_links` of an app that differ from app to app. They are kept in the hidden part, where the resource file finds them.

use serde_json::{Map, Value, json};

use super::{Around, text};
use crate::facts::app_catalog::CatalogApp;

/// The logo of an app that has none.
const DEFAULT_LOGO: &str =
    "https://op3static.oktacdn.com/assets/img/logos/default.6770228fb0dab49a1695ef440a5279bb.png";

/// Completes `visibility.appLinks`, and says which links the app has. `{base}` and `{id}` are filled in when they are
/// rendered.
pub(super) fn complete(
    value: &mut Value,
    hidden: &mut Value,
    listed: Option<&CatalogApp>,
    around: &Around<'_>,
) {
    let name = text(value, "/name").to_owned();
    let known = known(&name, hidden, listed, around);
    let asked = value["visibility"]["appLinks"].take();
    let mut visible = Map::new();
    let mut links = Vec::new();
    for (link, place) in &known {
        let shown = asked.get(link).and_then(Value::as_bool).unwrap_or(true);
        visible.insert(link.clone(), json!(shown));
        if let Some(place) = place.as_str().filter(|_| shown) {
            links.push(json!({
                "name": link,
                "href": format!("{{base}}/home/{name}/{{id}}/{place}"),
                "type": "text/html",
            }));
        }
    }
    value["visibility"]["appLinks"] = Value::Object(visible);

    let logo =
        hidden.get("logo").and_then(Value::as_str).or_else(|| listed.and_then(|app| app.logo.as_deref()));
    let logo = logo.unwrap_or(DEFAULT_LOGO);
    let mode = text(value, "/signOnMode").to_owned();
    let mut own = json!({
        "appLinks": links,
        "logo": [{ "name": "medium", "href": logo, "type": "image/png" }],
    });
    let help = match (listed.and_then(|app| app.help.as_deref()), mode.as_str()) {
        (Some(help), _) => Some(help),
        (None, "SAML_2_0" | "SAML_1_1" | "WS_FEDERATION") => Some("instructions"),
        (None, "OPENID_CONNECT") if listed.is_none() => Some("external-doc"),
        _ => None,
    };
    if let Some(help) =
        help.filter(|_| matches!(mode.as_str(), "SAML_2_0" | "SAML_1_1" | "WS_FEDERATION" | "OPENID_CONNECT"))
    {
        own["help"] = json!({
            "href": format!("{{base}}/app/{name}/{{id}}/setup/help/{mode}/{help}"),
            "type": "text/html",
        });
    }
    if mode == "SAML_2_0" {
        own["metadata"] =
            json!({ "href": "{base}/api/v1/apps/{id}/sso/saml/metadata", "type": "application/xml" });
    }
    if let Some(credentials) = credentials(value, hidden, &mode) {
        own["clientCredentials"] = json!([{ "name": credentials, "href": format!("{{base}}/api/v1/apps/{{id}}/credentials/{credentials}") }]);
    }
    hidden["links"] = own;
}

/// The links that an app can have: the name, and the last part of the address.
fn known(
    name: &str,
    hidden: &mut Value,
    listed: Option<&CatalogApp>,
    around: &Around<'_>,
) -> Map<String, Value> {
    if let Some(listed) = listed {
        return listed.links.clone();
    }
    let place = match hidden.get("link").and_then(Value::as_str) {
        Some(place) => place.to_owned(),
        None => around.ids.next("aln"),
    };
    hidden["link"] = json!(place);
    Map::from_iter([(format!("{name}_link"), json!(place))])
}

/// Whether a client has secrets to look at, or keys.
fn credentials(value: &Value, hidden: &Value, mode: &str) -> Option<&'static str> {
    if mode != "OPENID_CONNECT" {
        return None;
    }
    let shown = value.pointer("/credentials/oauthClient/token_endpoint_auth_method");
    let method = shown.or_else(|| hidden.pointer("/client/credentials/token_endpoint_auth_method"))?;
    match method.as_str()? {
        "private_key_jwt" => Some("jwks"),
        "none" => None,
        _ => Some("secrets"),
    }
}
