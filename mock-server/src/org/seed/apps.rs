//! OAuth apps and API service integrations as Okta shows them.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::document::{AppEntry, AppKind, KeyEntry, SecretEntry};
use super::{ClientCredentials, SeedError};
use crate::org::app::{self, Around};
use crate::org::change::{Change, Shelf};
use crate::org::client::{AuthMethod, jwk_from_pem};
use crate::org::ids::Ids;
use crate::org::keys::fixture_pem;
use crate::org::network::Network;

/// An app that is about to be written.
pub(crate) struct NewApp {
    pub id: String,
    pub value: Value,
    pub hidden: Value,
    pub credentials: ClientCredentials,
}

/// What all apps of an org share.
pub(crate) struct Surroundings<'a> {
    pub ids: &'a Ids,
    pub org_id: &'a str,
    pub org_name: &'a str,
    pub created: &'a str,
    pub signing_kid: &'a str,
    /// The policy that apps are under; empty where the org has none.
    pub access_policy: &'a str,
    /// The policy for people who register; empty where the org has none.
    pub profile_enrollment: &'a str,
    /// Whether service apps bind their tokens to a key when their entries do not say.
    pub dpop_on_service_apps: bool,
}

impl Surroundings<'_> {
    /// What surrounds an app that is completed.
    fn around(&self) -> Around<'_> {
        Around {
            ids: self.ids,
            org_id: self.org_id,
            org_name: self.org_name,
            now: self.created,
            signing_kid: self.signing_kid,
        }
    }
}

/// An app of `/api/v1/apps`.
pub(crate) fn app(entry: &AppEntry, place: &str, around: &Surroundings<'_>) -> Result<NewApp, SeedError> {
    let parts = Parts::read(entry, place, around, false)?;
    let kind = match entry.kind {
        AppKind::Service => "service",
        AppKind::Web => "web",
        AppKind::Native => "native",
        AppKind::Browser => "browser",
    };
    let by_default = entry.kind == AppKind::Service && around.dpop_on_service_apps;
    let dpop = entry.dpop.unwrap_or(by_default);
    let pkce = matches!(entry.kind, AppKind::Native | AppKind::Browser);
    let mut settings = Map::new();
    settings.insert("redirect_uris".into(), json!(entry.redirect_uris));
    if !entry.post_logout_redirect_uris.is_empty() {
        let uris = json!(entry.post_logout_redirect_uris);
        settings.insert("post_logout_redirect_uris".into(), uris);
    }
    settings.insert("response_types".into(), json!(response_types(entry)));
    settings.insert("grant_types".into(), json!(grant_types(entry)));
    if !parts.keys.is_empty() {
        settings.insert("jwks".into(), json!({ "keys": parts.keys }));
    }
    settings.insert("application_type".into(), json!(kind));
    settings.insert("issuer_mode".into(), json!("ORG_URL"));
    if let Some(refresh_token) = refresh_token(entry, place)? {
        settings.insert("refresh_token".into(), refresh_token);
    }
    if let Some(algorithm) = request_object_signing_alg(entry, place)? {
        settings.insert("request_object_signing_alg".into(), json!(algorithm));
    }
    settings.insert("dpop_bound_access_tokens".into(), json!(dpop));
    let mut value = json!({
        "id": parts.id,
        "name": "oidc_client",
        "label": entry.label.as_deref().unwrap_or(&entry.name),
        "status": parts.status,
        "lastUpdated": around.created,
        "created": around.created,
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "oauthClient": { "token_endpoint_auth_method": parts.method.as_str(), "pkce_required": pkce },
        },
        "settings": { "oauthClient": settings }
    });
    let policy = |id: &str| if id.is_empty() { around.ids.next("rst") } else { id.to_owned() };
    let mut hidden = json!({
        "secrets": parts.secrets,
        "profileEnrollment": policy(around.profile_enrollment),
        "accessPolicy": policy(around.access_policy),
        "allowed_ips": entry.allowed_ips,
    });
    app::complete(&mut value, &mut hidden, None, &around.around());
    Ok(parts.finish(entry, value, hidden))
}

/// An installed API service integration (recorded shape: ratelimit-oin-facts §2.3).
pub(super) fn integration(
    entry: &AppEntry,
    place: &str,
    around: &Surroundings<'_>,
) -> Result<NewApp, SeedError> {
    if entry.dpop == Some(true) {
        let message = "tokens of an integration are never bound to a key: leave it out";
        return Err(SeedError::invalid(format!("{place}.dpop"), message));
    }
    let parts = Parts::read(entry, place, around, true)?;
    let value = json!({
        "id": parts.id,
        "type": entry.name,
        "name": entry.label.as_deref().unwrap_or(&entry.name),
        "createdAt": around.created,
        "grantedScopes": entry.grants,
        "properties": {},
    });
    let hidden = json!({
        "status": parts.status,
        "token_endpoint_auth_method": parts.method.as_str(),
        "secrets": parts.secrets,
        "keys": parts.keys,
        "allowed_ips": entry.allowed_ips,
        "logo": { "name": "medium", "href": DEFAULT_LOGO },
    });
    Ok(parts.finish(entry, value, hidden))
}

/// The logo of an integration that has none.
const DEFAULT_LOGO: &str =
    "https://op3static.oktacdn.com/assets/img/logos/default.6770228fb0dab49a1695ef440a5279bb.png";

/// The users and the groups of an app, as the Management API shows them.
pub(super) fn assignments(
    app: &Arc<str>,
    assigned: &Value,
    created: &str,
    users: &HashMap<String, Arc<str>>,
) -> Vec<Change> {
    let ids = |list: &str| {
        let ids = assigned.get(list).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(Value::as_str).map(Arc::<str>::from).collect::<Vec<_>>()
    };
    let login = |user: &Arc<str>| users.iter().find(|(_, id)| *id == user).map(|(login, _)| login);
    let users = ids("users").into_iter().map(|user| {
        let value = json!({
            "id": user,
            "externalId": null,
            "created": created,
            "lastUpdated": created,
            "scope": "USER",
            "status": "ACTIVE",
            "statusChanged": created,
            "passwordChanged": null,
            "syncState": "DISABLED",
            "credentials": { "userName": login(&user) },
            "profile": {},
        });
        Change::put(Shelf::below("app_users", &[app]), user, value, Value::Null)
    });
    let groups = ids("groups").into_iter().enumerate().map(|(nth, group)| {
        let value = json!({ "id": group, "lastUpdated": created, "priority": nth, "profile": {} });
        Change::put(Shelf::below("app_groups", &[app]), group, value, Value::Null)
    });
    users.chain(groups).collect()
}

/// What apps and integrations have in common.
struct Parts {
    id: String,
    status: String,
    method: AuthMethod,
    secrets: Vec<Value>,
    keys: Vec<Value>,
    private_key: Option<(String, Option<String>)>,
}

impl Parts {
    fn read(entry: &AppEntry, place: &str, around: &Surroundings<'_>, oin: bool) -> Result<Self, SeedError> {
        let default = match (oin, entry.kind) {
            (true, _) | (_, AppKind::Web) => "client_secret_basic",
            (_, AppKind::Service) => "private_key_jwt",
            (_, AppKind::Native | AppKind::Browser) => "none",
        };
        let name = entry.auth_method.as_deref().unwrap_or(default);
        let method = AuthMethod::parse(name).ok_or_else(|| {
            let known = AuthMethod::ALL.map(AuthMethod::as_str);
            SeedError::unknown(format!("{place}.auth_method"), "authentication method", name, known)
        })?;
        let status = status(entry.status.as_deref(), &format!("{place}.status"))?;
        for (nth, text) in entry.allowed_ips.iter().enumerate() {
            if Network::parse(text).is_none() {
                let place = format!("{place}.allowed_ips[{nth}]");
                let message = format!("{text:?} is no address and no block of addresses such as 10.0.0.0/8");
                return Err(SeedError::invalid(place, message));
            }
        }
        let mut secrets = Vec::new();
        for (nth, secret) in entry.secrets.iter().enumerate() {
            let (value, state) = match secret {
                SecretEntry::Value(value) => (value, "ACTIVE".to_owned()),
                SecretEntry::WithStatus(with) => {
                    (&with.value, status_of(&with.status, &format!("{place}.secrets[{nth}].status"))?)
                }
            };
            secrets.push(json!({
                "value": value,
                "status": state,
                "id": around.ids.next("ocs"),
                "created": around.created,
                "lastUpdated": around.created,
            }));
        }
        if secrets.len() > 2 {
            return Err(SeedError::invalid(format!("{place}.secrets"), "a client has at most two secrets"));
        }
        if secrets.is_empty() && method.uses_secret() {
            secrets.push(app::new_secret(&around.ids.word(64), &around.around()));
        }
        let mut keys = Vec::new();
        let mut private_key = None;
        for (nth, key) in entry.keys.iter().enumerate() {
            let (jwk, pem) = public_key(key, &format!("{place}.keys[{nth}]"), around)?;
            if private_key.is_none() {
                private_key = pem.map(|pem| (pem, key.kid.clone()));
            }
            keys.push(jwk);
        }
        if keys.len() > 50 {
            return Err(SeedError::invalid(format!("{place}.keys"), "a client has at most 50 keys"));
        }
        let id = entry.client_id.clone().unwrap_or_else(|| around.ids.next("0oa"));
        Ok(Self { id, status, method, secrets, keys, private_key })
    }

    fn first_secret(&self) -> Option<&str> {
        self.secrets
            .iter()
            .find(|secret| secret["status"] == "ACTIVE")
            .and_then(|secret| secret["value"].as_str())
    }

    fn finish(self, entry: &AppEntry, value: Value, hidden: Value) -> NewApp {
        let secret = self.first_secret().filter(|_| self.method.uses_secret()).map(str::to_owned);
        let (private_key_pem, kid) = match self.private_key {
            Some((pem, kid)) => (Some(pem), kid),
            None => (None, None),
        };
        let credentials = ClientCredentials {
            name: entry.name.clone(),
            client_id: self.id.clone(),
            client_secret: secret,
            private_key_pem,
            kid,
            auth_method: self.method.as_str().to_owned(),
            scopes: entry.grants.clone(),
        };
        NewApp { id: self.id, value, hidden, credentials }
    }
}

/// A key as the org stores it (mgmt-facts §7.3), and the private PEM if the document has it.
fn public_key(
    key: &KeyEntry,
    place: &str,
    around: &Surroundings<'_>,
) -> Result<(Value, Option<String>), SeedError> {
    let file = key.pem_file.as_deref().map(|file| match file.strip_prefix("fixture:") {
        Some(name) => fixture_pem(name).map(str::to_owned).ok_or_else(|| {
            SeedError::invalid(format!("{place}.pem_file"), format!("there is no fixture key {name:?}"))
        }),
        None => Err(SeedError::invalid(
            format!("{place}.pem_file"),
            "key files are read when the org file is; give the text as `pem` here",
        )),
    });
    let pem = match (file, &key.pem) {
        (Some(file), _) => Some(file?),
        (None, pem) => pem.clone(),
    };
    let jwk = match (&pem, &key.jwk) {
        (Some(pem), None) => jwk_from_pem(pem)
            .map_err(|error| SeedError::invalid(place, format!("the PEM is no key: {error}")))?,
        (None, Some(jwk)) => jwk.clone(),
        _ => return Err(SeedError::invalid(place, "give one of `pem`, `pem_file` and `jwk`")),
    };
    let status = status(key.status.as_deref(), &format!("{place}.status"))?;
    let mut stored = Map::new();
    stored.insert("id".into(), json!(around.ids.next("pks")));
    stored.insert("status".into(), json!(status));
    stored.insert("created".into(), json!(around.created));
    stored.insert("lastUpdated".into(), json!(around.created));
    for (name, value) in jwk {
        if !["d", "p", "q", "dp", "dq", "qi", "oth", "k"].contains(&name.as_str()) {
            stored.insert(name, value);
        }
    }
    for (name, given) in [("kid", &key.kid), ("use", &key.key_use), ("alg", &key.alg)] {
        if let Some(given) = given {
            stored.insert(name.into(), json!(given));
        }
    }
    let private = pem.filter(|pem| pem.contains("PRIVATE KEY"));
    Ok((Value::Object(stored), private))
}

pub(super) fn status(given: Option<&str>, place: &str) -> Result<String, SeedError> {
    status_of(given.unwrap_or("ACTIVE"), place)
}

fn status_of(given: &str, place: &str) -> Result<String, SeedError> {
    match given {
        "ACTIVE" | "INACTIVE" => Ok(given.to_owned()),
        other => Err(SeedError::unknown(place, "status", other, ["ACTIVE", "INACTIVE"])),
    }
}

/// How refresh tokens are replaced, for apps that have the grant (token-facts §10).
fn refresh_token(entry: &AppEntry, place: &str) -> Result<Option<Value>, SeedError> {
    let Some(given) = &entry.refresh_token else {
        let rotation = match entry.kind {
            AppKind::Browser => json!({ "rotation_type": "ROTATE", "leeway": 30 }),
            _ => json!({ "rotation_type": "STATIC" }),
        };
        return Ok(grant_types(entry).iter().any(|grant| grant == "refresh_token").then_some(rotation));
    };
    let known = ["STATIC", "ROTATE"];
    if !known.contains(&given.rotation_type.as_str()) {
        let place = format!("{place}.refresh_token.rotation_type");
        return Err(SeedError::unknown(place, "rotation", &given.rotation_type, known));
    }
    let leeway = given.leeway.unwrap_or(30);
    if leeway > 60 {
        let place = format!("{place}.refresh_token.leeway");
        return Err(SeedError::invalid(place, format!("{leeway} seconds; Okta takes 0 to 60")));
    }
    Ok(Some(json!({ "rotation_type": given.rotation_type, "leeway": leeway })))
}

/// The algorithms that request objects may be signed in (token-facts §9.1).
const REQUEST_OBJECT_ALGORITHMS: [&str; 9] =
    ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

fn request_object_signing_alg<'e>(entry: &'e AppEntry, place: &str) -> Result<Option<&'e str>, SeedError> {
    match entry.request_object_signing_alg.as_deref() {
        Some(name) if !REQUEST_OBJECT_ALGORITHMS.contains(&name) => {
            let place = format!("{place}.request_object_signing_alg");
            Err(SeedError::unknown(place, "algorithm", name, REQUEST_OBJECT_ALGORITHMS))
        }
        given => Ok(given),
    }
}

fn grant_types(entry: &AppEntry) -> Vec<String> {
    entry.grant_types.clone().unwrap_or_else(|| match entry.kind {
        AppKind::Service => vec!["client_credentials".into()],
        AppKind::Web | AppKind::Native | AppKind::Browser => {
            vec!["authorization_code".into(), "refresh_token".into()]
        }
    })
}

fn response_types(entry: &AppEntry) -> Vec<String> {
    entry.response_types.clone().unwrap_or_else(|| match entry.kind {
        AppKind::Service => vec!["token".into()],
        AppKind::Web | AppKind::Native | AppKind::Browser => vec!["code".into()],
    })
}
