//! Reading and checking the metadata of a client. Pure: an object in, metadata or the sentence that refuses it out.
//!
//! Okta documents one sentence (token-facts dcr.invalid, blank `client_name`) and the rules (OpenAPI, `createClient`);
//! clients of Okta report two more, on `client_credentials` and on `implicit`. The other sentences are inferred from
//! those and from the errors of `/api/v1/apps` (mgmt-facts §7.5).

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::org::client::{AuthMethod, KeyMaterial};

/// What is known of a client that is about to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Metadata {
    pub name: String,
    pub application_type: String,
    pub auth_method: AuthMethod,
    pub grant_types: Vec<String>,
    pub response_types: Vec<String>,
    pub redirect_uris: Vec<String>,
    pub keys: Vec<Map<String, Value>>,
    /// The other members, as given: they are kept in the app's settings under the same names.
    pub others: Map<String, Value>,
}

/// Members that are URLs, or null.
const URLS: [&str; 7] = [
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "initiate_login_uri",
    "jwks_uri",
    "frontchannel_logout_uri",
];

/// Grant types that every kind of app may have.
const ANY_KIND: [&str; 7] = [
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:okta:params:oauth:grant-type:otp",
    "urn:okta:params:oauth:grant-type:oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-oob",
];

/// The other grant types of a kind of app; none for a kind that does not exist.
fn own_grant_types(application_type: &str) -> Option<&'static [&'static str]> {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    const CIBA: &str = "urn:openid:params:grant-type:ciba";
    Some(match application_type {
        "browser" => &["authorization_code", "implicit", "refresh_token", "interaction_code", DEVICE],
        "native" => {
            &["authorization_code", "implicit", "password", "refresh_token", "interaction_code", DEVICE, CIBA]
        }
        "web" => &[
            "authorization_code",
            "implicit",
            "refresh_token",
            "client_credentials",
            "interaction_code",
            DEVICE,
            CIBA,
        ],
        "service" => &["client_credentials"],
        _ => return None,
    })
}

/// Reads metadata. `replacing` is the id of the client that it is to replace; then nothing is defaulted.
///
/// # Errors
/// The `error_description`.
pub(super) fn read(body: &Map<String, Value>, replacing: Option<&str>) -> Result<Metadata, String> {
    let name = required_text(body, "client_name")?;
    given_by_okta(body, replacing)?;
    let defaulted = replacing.is_none();
    let application_type = match text(body, "application_type")? {
        Some(kind) => kind,
        None if defaulted => "web",
        None => return Err(blank("application_type")),
    };
    let own =
        own_grant_types(application_type).ok_or_else(|| unsupported("application_type", application_type))?;
    let grant_types = match texts(body, "grant_types")? {
        Some(types) if !types.is_empty() => types,
        _ if defaulted => vec!["authorization_code".to_owned()],
        _ => return Err(blank("grant_types")),
    };
    check_grant_types(application_type, own, &grant_types)?;
    let has = |grant: &str| grant_types.iter().any(|one| one == grant);

    let response_types = match texts(body, "response_types")? {
        Some(types) if !types.is_empty() => types,
        _ if application_type == "service" => vec!["token".to_owned()],
        _ if defaulted => vec!["code".to_owned()],
        _ => return Err(blank("response_types")),
    };
    check_response_types(&response_types, &has)?;

    let redirect_uris = texts(body, "redirect_uris")?.unwrap_or_default();
    if redirect_uris.is_empty()
        && (has("authorization_code") || has("implicit"))
        && !has("password")
        && !has("client_credentials")
    {
        return Err(blank("redirect_uris"));
    }
    for (member, uris) in [
        ("redirect_uris", redirect_uris.clone()),
        ("post_logout_redirect_uris", texts(body, "post_logout_redirect_uris")?.unwrap_or_default()),
    ] {
        if uris.iter().any(|uri| !is_absolute(uri) || uri.contains('#')) {
            return Err(format!(
                "'{member}': All redirect URIs must be absolute URIs and must not include a fragment component"
            ));
        }
    }
    for member in URLS {
        if text(body, member)?.is_some_and(|url| !is_absolute(url)) {
            return Err(format!("'{member}': The field must be an absolute URL"));
        }
    }

    let method = match text(body, "token_endpoint_auth_method")? {
        Some(method) => method,
        None if !defaulted => return Err(blank("token_endpoint_auth_method")),
        None if matches!(application_type, "native" | "browser") => "none",
        None => "client_secret_basic",
    };
    let auth_method =
        AuthMethod::parse(method).ok_or_else(|| unsupported("token_endpoint_auth_method", method))?;
    let mismatch = match (application_type, auth_method) {
        ("browser", AuthMethod::None) => None,
        ("browser", _) => Some("must be 'none'"),
        ("service", AuthMethod::None) => Some("must not be 'none'"),
        _ => None,
    };
    if let Some(rule) = mismatch {
        return Err(format!(
            "'token_endpoint_auth_method' {rule} when 'application_type' is '{application_type}'"
        ));
    }
    let keys = keys(body)?;
    if auth_method == AuthMethod::PrivateKeyJwt && keys.is_empty() && text(body, "jwks_uri")?.is_none() {
        return Err(
            "'jwks' or 'jwks_uri' is required when 'token_endpoint_auth_method' is 'private_key_jwt'"
                .to_owned(),
        );
    }
    if !keys.is_empty() && text(body, "jwks_uri")?.is_some() {
        return Err("'jwks' and 'jwks_uri' must not be present together".to_owned());
    }
    Ok(Metadata {
        name: name.to_owned(),
        application_type: application_type.to_owned(),
        auth_method,
        grant_types,
        response_types,
        redirect_uris,
        keys,
        others: others(body)?,
    })
}

/// What Okta gives cannot be given by the caller; a replacement may repeat the id (OpenAPI `replaceClient`).
fn given_by_okta(body: &Map<String, Value>, replacing: Option<&str>) -> Result<(), String> {
    if let Some(id) = text(body, "client_id")?
        && replacing != Some(id)
    {
        return Err("'client_id': The field cannot be set".to_owned());
    }
    for member in ["client_id_issued_at", "client_secret_expires_at"] {
        if body.contains_key(member) {
            return Err(format!("'{member}': The field cannot be set"));
        }
    }
    if replacing.is_none() && text(body, "client_secret")?.is_some() {
        return Err("'client_secret': The field cannot be set".to_owned());
    }
    Ok(())
}

fn check_grant_types(application_type: &str, own: &[&str], grant_types: &[String]) -> Result<(), String> {
    let known = |grant: &str| {
        ANY_KIND.contains(&grant)
            || ["browser", "native", "web", "service"]
                .into_iter()
                .filter_map(own_grant_types)
                .any(|own| own.contains(&grant))
    };
    for grant in grant_types {
        if !known(grant) {
            return Err(unsupported("grant_types", grant));
        }
        if !own.contains(&grant.as_str()) && !ANY_KIND.contains(&grant.as_str()) {
            return Err(format!(
                "'grant_types' must not contain '{grant}' when 'application_type' is '{application_type}'"
            ));
        }
    }
    let needed = match application_type {
        "service" => "client_credentials",
        "web" | "native" => "authorization_code",
        _ => return Ok(()),
    };
    if grant_types.iter().any(|grant| grant == needed) {
        return Ok(());
    }
    Err(format!("'grant_types' must contain '{needed}' when 'application_type' is '{application_type}'"))
}

fn check_response_types(response_types: &[String], has: &dyn Fn(&str) -> bool) -> Result<(), String> {
    for one in response_types {
        if !["code", "token", "id_token"].contains(&one.as_str()) {
            return Err(unsupported("response_types", one));
        }
    }
    let holds = |kind: &str| response_types.iter().any(|one| one == kind);
    if has("authorization_code") && !holds("code") {
        return Err("'response_types' must contain 'code' when 'grant_types' contains 'authorization_code'"
            .to_owned());
    }
    if has("implicit") && !holds("token") && !holds("id_token") {
        return Err(
            "'response_types' must contain at least one of ['token', 'id_token'] when 'grant_types' contains 'implicit'"
                .to_owned(),
        );
    }
    Ok(())
}

/// The keys of `jwks`, checked as those of an app are (mgmt-facts §7.5).
fn keys(body: &Map<String, Value>) -> Result<Vec<Map<String, Value>>, String> {
    let Some(set) = body.get("jwks").filter(|set| !set.is_null()) else { return Ok(Vec::new()) };
    let invalid = || "'jwks': The client JWKSet is invalid.".to_owned();
    let list = set.get("keys").and_then(Value::as_array).ok_or_else(invalid)?;
    if list.len() > 50 {
        return Err("'jwks': You have reached the maximum number of keys allowed (50).".to_owned());
    }
    let mut kids = HashSet::new();
    let mut keys = Vec::new();
    for key in list {
        let members = key.as_object().ok_or_else(invalid)?;
        let member = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        if matches!(KeyMaterial::from_jwk(key), KeyMaterial::Unusable) {
            // Four characters of base64url are three bytes.
            let short = member("kty") == "RSA" && (1..341).contains(&member("n").len());
            return Err(if short {
                "RSA key length in the 'jwks' is less than '2,048' bits for the given key.".to_owned()
            } else {
                invalid()
            });
        }
        if !kids.insert(member("kid").to_owned()) {
            return Err("All keys in the 'jwks' must have a unique `kid`.".to_owned());
        }
        if !matches!(member("use"), "" | "sig" | "enc") {
            return Err(unsupported("use", member("use")));
        }
        keys.push(members.clone());
    }
    Ok(keys)
}

/// The members that are only kept.
fn others(body: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let mut others = Map::new();
    let texts_and_lists =
        ["post_logout_redirect_uris", "request_object_signing_alg", "id_token_encrypted_response_alg"];
    let flags = ["frontchannel_logout_session_required", "dpop_bound_access_tokens"];
    for name in URLS.into_iter().chain(texts_and_lists).chain(flags) {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else { continue };
        if flags.contains(&name) && !value.is_boolean() {
            return Err(format!("'{name}': The field must be true or false"));
        }
        others.insert(name.to_owned(), value.clone());
    }
    Ok(others)
}

fn blank(member: &str) -> String {
    format!("'{member}': The field cannot be left blank")
}

fn unsupported(member: &str, value: &str) -> String {
    let value: String = value.chars().take(100).collect();
    format!("'{member}': The value '{value}' is not supported")
}

fn text<'b>(body: &'b Map<String, Value>, member: &str) -> Result<Option<&'b str>, String> {
    match body.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("'{member}': The field must be a string")),
    }
}

fn required_text<'b>(body: &'b Map<String, Value>, member: &str) -> Result<&'b str, String> {
    text(body, member)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| blank(member))
}

fn texts(body: &Map<String, Value>, member: &str) -> Result<Option<Vec<String>>, String> {
    let wrong = || format!("'{member}': The field must be an array of strings");
    match body.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map(Some).ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}

/// `scheme:` and something behind it, without spaces: custom schemes of native apps too.
fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let letters = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    letters
        && scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && !rest.is_empty()
        && (!["http", "https"].contains(&scheme) || rest.len() > 2 && rest.starts_with("//"))
        && uri.bytes().all(|byte| byte > b' ' && byte != 0x7f)
}
