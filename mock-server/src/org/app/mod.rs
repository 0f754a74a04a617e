//! An app as Okta completes it: what its sign-on mode, its name in the catalogue and its credentials bring along. Apps of
//! an org file, registered clients and apps of the Management API become what they are here, so that they have one shape.

mod client;
mod credentials;
mod links;
mod order;

use serde_json::{Map, Value, json};

use super::ids::Ids;
use crate::facts::app_catalog::CatalogApp;
use crate::facts::facts;

pub use client::{active_secret, keys_of, new_secret, oauth_settings, secret_hash, stored_key};

/// The modes that have a signing certificate of their own.
const CERTIFIED: [&str; 3] = ["SAML_2_0", "SAML_1_1", "WS_FEDERATION"];

/// What surrounds an app that is completed.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Where ids and secrets come from.
    pub ids: &'a Ids,
    /// The org's id.
    pub org_id: &'a str,
    /// The org's name, with which the names of apps begin that the org defines itself.
    pub org_name: &'a str,
    /// Now, as Okta writes it.
    pub now: &'a str,
    /// The id of the key that signs the org's tokens.
    pub signing_kid: &'a str,
}

/// Completes an app: `value` is what a request says, over the id, the status and the times. `old` is the app as it was.
pub fn complete(value: &mut Value, hidden: &mut Value, old: Option<&Value>, around: &Around<'_>) {
    if !hidden.is_object() {
        *hidden = json!({});
    }
    let facts = &facts().apps;
    let custom = named(value, hidden, old, around);
    let name = text(value, "/name").to_owned();
    let listed = facts.app(&name);
    let mode = mode(value, listed, custom);
    value["signOnMode"] = json!(mode);

    let own =
        custom || name == "oidc_client" || !CERTIFIED.contains(&mode.as_str()) && mode != "OPENID_CONNECT";
    // The first that says something is heard: the request, the catalogue, the sign-on mode, what all apps have.
    if let Some(listed) = listed {
        fill(value, &of_catalogue(listed));
    }
    if own && let Some(template) = facts.mode(&mode) {
        fill(value, template);
    }
    fill(value, &facts.common);
    if !own {
        sign_on_of_oin(value, facts.oin_sign_on(&name, &mode));
    }
    if let Some(Value::Object(settings)) = value.pointer_mut("/settings/app") {
        // Recorded: an empty setting is none.
        settings.values_mut().filter(|setting| **setting == "").for_each(|setting| *setting = Value::Null);
    }
    credentials::complete(value, hidden);
    if listed.is_some_and(|listed| listed.first_party) {
        value["credentials"]["signing"] = json!({ "kid": around.signing_kid });
    } else if mode == "OPENID_CONNECT" {
        client::complete(value, hidden, name == "oidc_client" || shows_client(old), around);
    }
    if custom {
        of_custom(value, &mode);
    }
    if let Some(listed) = listed {
        without_what_it_lacks(value, listed);
    }
    value["orn"] = json!(format!("orn:okta:idp:{}:apps:{name}:{}", around.org_id, text(value, "/id")));
    links::complete(value, hidden, listed, around);
    order::arrange(value);
}

/// Whether an app has a signing certificate of its own; clients of the org sign with the org's key.
pub fn has_certificate(value: &Value) -> bool {
    CERTIFIED.contains(&text(value, "/signOnMode"))
}

/// Names the app. Whether it is one that the org defines itself, which says so by having no name at first.
fn named(value: &mut Value, hidden: &mut Value, old: Option<&Value>, around: &Around<'_>) -> bool {
    if let Some(old) = old {
        value["name"] = old["name"].clone();
    } else if text(value, "/name").is_empty() {
        let slug: String = text(value, "/label").chars().filter(char::is_ascii_alphanumeric).collect();
        let nth = hidden.get("nth").and_then(Value::as_u64).unwrap_or(1);
        let org: String = around
            .org_name
            .chars()
            .filter(|one| one.is_ascii_alphanumeric() || "-_".contains(*one))
            .collect();
        value["name"] = json!(format!("{org}_{}_{nth}", slug.to_ascii_lowercase()));
        hidden["custom"] = json!(true);
    } else {
        value["name"] = json!(text(value, "/name").to_ascii_lowercase());
    }
    hidden["custom"] == true
}

/// The sign-on mode. Apps of the OIN that sign in by filling a form do it by the browser plugin, whatever was asked for
/// (recorded: `AUTO_LOGIN` of aws_console and office365).
fn mode(value: &Value, listed: Option<&CatalogApp>, custom: bool) -> String {
    let given = text(value, "/signOnMode");
    let usual = listed.and_then(|listed| listed.mode.as_deref()).unwrap_or_default();
    match given {
        "" => usual.to_owned(),
        "AUTO_LOGIN" if !custom => "BROWSER_PLUGIN".to_owned(),
        given => given.to_owned(),
    }
}

/// What the catalogue says of an app of this name.
fn of_catalogue(listed: &CatalogApp) -> Value {
    let mut settings = Map::new();
    settings.insert("app".to_owned(), Value::Object(listed.app.clone()));
    if listed.implicit_assignment {
        settings.insert("implicitAssignment".to_owned(), json!(true));
    }
    let mut said = Map::new();
    said.insert("settings".to_owned(), Value::Object(settings));
    if let Some(hide) = &listed.hide {
        said.insert("visibility".to_owned(), json!({ "hide": hide }));
    }
    for (name, value) in [("licensing", &listed.licensing), ("universalLogout", &listed.universal_logout)] {
        if let Some(value) = value {
            said.insert(name.to_owned(), value.clone());
        }
    }
    if !listed.features.is_empty() {
        said.insert("features".to_owned(), json!(listed.features));
    }
    Value::Object(said)
}

/// Members that some apps of the catalogue lack.
fn without_what_it_lacks(value: &mut Value, listed: &CatalogApp) {
    if !listed.auto_launch {
        remove(value, "/visibility", "autoLaunch");
    }
    if !listed.notes {
        remove(value, "/settings", "notes");
    }
}

/// Apps of the OIN have few settings for signing in, and no others.
fn sign_on_of_oin(value: &mut Value, defaults: &Value) {
    let given = value["settings"]["signOn"].take();
    let Some(defaults) = defaults.as_object() else {
        remove(value, "/settings", "signOn");
        return;
    };
    let of = |name: &String, default: &Value| {
        let given = given.get(name).filter(|given| !given.is_null() && **given != "");
        (name.clone(), given.unwrap_or(default).clone())
    };
    value["settings"]["signOn"] =
        Value::Object(defaults.iter().map(|(name, value)| of(name, value)).collect());
}

/// What apps that the org defines itself lack or leave out.
fn of_custom(value: &mut Value, mode: &str) {
    if let Some(Value::Object(sign_on)) = value.pointer_mut("/settings/signOn") {
        // An empty override is none; the relay state is shown as null (recorded since 2026).
        sign_on.retain(|name, value| !name.ends_with("Override") || *value != "" && !value.is_null());
        if sign_on.get("defaultRelayState").is_some_and(|state| state == "") {
            sign_on.insert("defaultRelayState".to_owned(), Value::Null);
        }
    }
    if mode == "AUTO_LOGIN" {
        remove(value, "/visibility", "autoLaunch");
        if value["settings"]["notes"] == json!({ "admin": null, "enduser": null }) {
            remove(value, "/settings", "notes");
        }
    }
}

/// Only custom clients show what kind of client they are; an app of the OIN that did before goes on doing so.
fn shows_client(old: Option<&Value>) -> bool {
    old.is_some_and(|old| old.pointer("/credentials/oauthClient").is_some())
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn remove(value: &mut Value, above: &str, name: &str) {
    if let Some(Value::Object(members)) = value.pointer_mut(above) {
        members.shift_remove(name);
    }
}

/// Lays a value under another: what is missing or null is taken from it.
pub(super) fn fill(value: &mut Value, under: &Value) {
    match (value, under) {
        (Value::Object(members), Value::Object(under)) => {
            for (name, default) in under {
                match members.get_mut(name) {
                    Some(member) => fill(member, default),
                    None => {
                        members.insert(name.clone(), default.clone());
                    }
                }
            }
        }
        (value, under) if value.is_null() => *value = under.clone(),
        _ => {}
    }
}
