//! An OAuth client as the authorization servers see it: read once from the app when it is written.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value, json};

use super::keys::spki_from_pem;
use super::network::Network;
use super::sign_in::SignIn;

/// How a client authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// Id and secret in the `Authorization` header.
    ClientSecretBasic,
    /// Id and secret in the form.
    ClientSecretPost,
    /// An assertion signed with the secret.
    ClientSecretJwt,
    /// An assertion signed with a private key.
    PrivateKeyJwt,
    /// None: a public client.
    None,
}

impl AuthMethod {
    /// All of them, in the order of the metadata (token-facts §9.1).
    pub const ALL: [Self; 5] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// The method with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// Whether the client has a secret.
    pub fn uses_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// The client id: that of the app or of the integration, unless the app was given another one.
    pub id: Arc<str>,
    /// The id of the app or of the integration.
    pub app: Arc<str>,
    /// How it authenticates.
    pub auth_method: AuthMethod,
    /// `service`, `web`, `native`, `browser`.
    pub application_type: String,
    /// An installed API service integration of the OIN: bound to the org server (token-facts tok.grant.oin_custom_as).
    pub integration: bool,
    /// The app is active.
    pub active: bool,
    /// Whether access tokens are bound to a DPoP key.
    pub dpop: bool,
    /// Its OAuth grant types.
    pub grant_types: Vec<String>,
    /// Its secrets.
    pub secrets: Vec<ClientSecret>,
    /// Its public keys.
    pub keys: Vec<ClientKey>,
    /// Where it publishes them instead.
    pub jwks_uri: Option<String>,
    /// From where it may call; empty: from anywhere (token-facts tok.auth.network_zone).
    pub allowed_ips: Vec<Network>,
    /// For how many seconds a refresh token works after it was replaced; none where it is never replaced.
    pub refresh_leeway: Option<i64>,
    /// How people sign in to it.
    pub sign_in: SignIn,
}

/// A secret of a client.
#[derive(Debug)]
pub struct ClientSecret {
    /// The secret.
    pub value: String,
    /// Whether it may be used.
    pub active: bool,
}

/// A public key of a client.
#[derive(Debug)]
pub struct ClientKey {
    /// The key id, if it has one.
    pub kid: Option<String>,
    /// `sig` or `enc`, if it says so.
    pub key_use: Option<String>,
    /// The algorithm that it is for, if it says so.
    pub alg: Option<String>,
    /// Whether it may be used.
    pub active: bool,
    /// The key itself.
    pub material: KeyMaterial,
}

/// A public key, ready to verify with.
pub enum KeyMaterial {
    /// RSA.
    Rsa(DecodingKey),
    /// EC on P-256.
    P256(DecodingKey),
    /// EC on P-384.
    P384(DecodingKey),
    /// EC on P-521: the uncompressed point. jsonwebtoken has no ES512, aws-lc-rs verifies it.
    P521(Vec<u8>),
    /// Not a key that can verify a signature.
    Unusable,
}

impl std::fmt::Debug for KeyMaterial {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Rsa(_) => "Rsa",
            Self::P256(_) => "P256",
            Self::P384(_) => "P384",
            Self::P521(_) => "P521",
            Self::Unusable => "Unusable",
        })
    }
}

impl Client {
    /// Reads a client from a document of `apps` or `integrations`; none for an app that is no OAuth client.
    pub fn from_document(value: &Value, hidden: &Value) -> Option<Self> {
        let text =
            |tree: &Value, pointer: &str| tree.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let integration = value.pointer("/signOnMode").is_none();
        // Apps of the OIN do not show what kind of client they are.
        let credentials =
            value.pointer("/credentials/oauthClient").or_else(|| hidden.pointer("/client/credentials"));
        let id = credentials.and_then(|credentials| text(credentials, "/client_id"));
        let app = text(value, "/id")?;
        let id = id.unwrap_or_else(|| app.clone());
        let (method, status) = if integration {
            (text(hidden, "/token_endpoint_auth_method")?, text(hidden, "/status"))
        } else {
            (text(credentials?, "/token_endpoint_auth_method")?, text(value, "/status"))
        };
        let settings = value.pointer("/settings/oauthClient").or_else(|| hidden.pointer("/client/settings"));
        let keys =
            settings.and_then(|settings| settings.pointer("/jwks/keys")).or_else(|| hidden.pointer("/keys"));
        let grant_types = settings.and_then(|settings| settings.get("grant_types")).and_then(Value::as_array);
        let application_type = settings.and_then(|settings| text(settings, "/application_type"));
        let refresh_leeway = refresh_leeway(
            settings.and_then(|settings| settings.get("refresh_token")),
            application_type.as_deref() == Some("browser"),
        );
        Some(Self {
            id: id.into(),
            app: app.into(),
            refresh_leeway,
            auth_method: AuthMethod::parse(&method)?,
            application_type: application_type.unwrap_or_else(|| "service".to_owned()),
            integration,
            active: status.as_deref() == Some("ACTIVE"),
            dpop: settings
                .and_then(|settings| settings.get("dpop_bound_access_tokens"))
                .and_then(Value::as_bool)
                .unwrap_or(false),
            grant_types: grant_types.map_or_else(
                || vec!["client_credentials".to_owned()],
                |types| types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            ),
            secrets: list(hidden.get("secrets"))
                .map(|secret| ClientSecret {
                    value: text(secret, "/value").unwrap_or_default(),
                    active: secret["status"] == "ACTIVE",
                })
                .collect(),
            keys: list(keys).map(ClientKey::from_jwk).collect(),
            jwks_uri: settings.and_then(|settings| text(settings, "/jwks_uri")).filter(|uri| !uri.is_empty()),
            allowed_ips: list(hidden.get("allowed_ips"))
                .filter_map(|network| Network::parse(network.as_str()?))
                .collect(),
            sign_in: SignIn::from_document(value, hidden),
        })
    }
}

/// Single-page apps rotate their refresh tokens unless they say otherwise (token-facts §10).
fn refresh_leeway(setting: Option<&Value>, single_page: bool) -> Option<i64> {
    let setting = |name: &str| setting.and_then(|setting| setting.get(name));
    let rotates = match setting("rotation_type").and_then(Value::as_str) {
        Some(rotation) => rotation == "ROTATE",
        None => single_page,
    };
    rotates.then(|| setting("leeway").and_then(Value::as_i64).unwrap_or(30))
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

impl ClientKey {
    /// A key from a JSON Web Key.
    pub fn from_jwk(jwk: &Value) -> Self {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            kid: text("kid"),
            key_use: text("use"),
            alg: text("alg"),
            active: jwk.get("status").is_none_or(|status| status != "INACTIVE"),
            material: KeyMaterial::from_jwk(jwk),
        }
    }
}

impl KeyMaterial {
    /// A key from a JSON Web Key; [`KeyMaterial::Unusable`] when it is none that Okta takes.
    pub fn from_jwk(jwk: &Value) -> Self {
        let member = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        let size = |name: &str| URL_SAFE_NO_PAD.decode(member(name)).map_or(0, |bytes| bytes.len());
        let on_curve = |bytes: usize| size("x") == bytes && size("y") == bytes;
        let key = match (member("kty"), member("crv")) {
            // Okta takes RSA keys of 2048 bits and more, the backend too.
            ("RSA", _) if size("n") >= 256 && size("e") > 0 => {
                DecodingKey::from_rsa_components(member("n"), member("e")).ok().map(Self::Rsa)
            }
            ("EC", "P-256") if on_curve(32) => {
                DecodingKey::from_ec_components(member("x"), member("y")).ok().map(Self::P256)
            }
            ("EC", "P-384") if on_curve(48) => {
                DecodingKey::from_ec_components(member("x"), member("y")).ok().map(Self::P384)
            }
            ("EC", "P-521") => point(member("x"), member("y")).map(Self::P521),
            _ => None,
        };
        key.unwrap_or(Self::Unusable)
    }
}

/// The uncompressed point of P-521.
fn point(x: &str, y: &str) -> Option<Vec<u8>> {
    let mut point = vec![4];
    for coordinate in [x, y] {
        let bytes = URL_SAFE_NO_PAD.decode(coordinate).ok()?;
        point.extend(std::iter::repeat_n(0, 66_usize.checked_sub(bytes.len())?));
        point.extend(bytes);
    }
    Some(point)
}

/// A PEM that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub(super) String);

impl KeyError {
    /// A message.
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

/// The JSON Web Key (public members only) of a PEM: PKCS#8, PKCS#1 or SEC1 private keys, or a public key.
///
/// # Errors
/// [`KeyError`] says what is wrong with the text.
pub fn jwk_from_pem(pem: &str) -> Result<Map<String, Value>, KeyError> {
    let spki = spki_from_pem(pem)?;
    let broken = || KeyError("the key inside is malformed".to_owned());
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (body, _) = der(&spki, 0x30).ok_or_else(broken)?;
    let (algorithm, rest) = der(body, 0x30).ok_or_else(broken)?;
    let (bits, _) = der(rest, 0x03).ok_or_else(broken)?;
    let bits = bits.get(1..).ok_or_else(broken)?;
    let (oid, parameters) = der(algorithm, 0x06).ok_or_else(broken)?;
    let jwk = if oid == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] {
        let (numbers, _) = der(bits, 0x30).ok_or_else(broken)?;
        let (modulus, rest) = der(numbers, 0x02).ok_or_else(broken)?;
        let (exponent, _) = der(rest, 0x02).ok_or_else(broken)?;
        let unsigned = |number: &[u8]| encode(number.strip_prefix(&[0]).unwrap_or(number));
        json!({ "kty": "RSA", "n": unsigned(modulus), "e": unsigned(exponent) })
    } else {
        let (curve, _) = der(parameters, 0x06).ok_or_else(broken)?;
        let name = match curve {
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => "P-256",
            [0x2b, 0x81, 0x04, 0x00, 0x22] => "P-384",
            [0x2b, 0x81, 0x04, 0x00, 0x23] => "P-521",
            _ => return Err(KeyError("neither RSA nor EC on P-256, P-384 or P-521".to_owned())),
        };
        let point = bits.strip_prefix(&[4]).ok_or_else(broken)?;
        let (x, y) = point.split_at(point.len() / 2);
        json!({ "kty": "EC", "crv": name, "x": encode(x), "y": encode(y) })
    };
    match jwk {
        Value::Object(members) => Ok(members),
        _ => Err(broken()),
    }
}

/// Splits off the DER element with this tag: its content, and what follows it.
pub(super) fn der(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(&[tag])?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (size, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length =
            size.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)));
        (length?, rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::org::keys::fixture_pem;

    #[test]
    fn every_fixture_key_becomes_a_usable_jwk() {
        for (name, kty, size) in [
            ("client-rsa", "RSA", 256),
            ("client-ec256", "EC", 32),
            ("client-ec384", "EC", 48),
            ("client-ec521", "EC", 66),
        ] {
            let jwk = jwk_from_pem(fixture_pem(name).unwrap()).unwrap();
            assert_eq!(jwk["kty"], kty, "{name}");
            let number = jwk.get("n").or_else(|| jwk.get("x")).unwrap().as_str().unwrap();
            assert_eq!(URL_SAFE_NO_PAD.decode(number).unwrap().len(), size, "{name}");
            assert!(!jwk.contains_key("d"), "{name} would show its private part");
            let material = KeyMaterial::from_jwk(&Value::Object(jwk));
            assert!(!matches!(material, KeyMaterial::Unusable), "{name}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        for text in ["", "no pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            jwk_from_pem(text).unwrap_err();
        }
        assert!(matches!(
            KeyMaterial::from_jwk(&json!({ "kty": "oct", "k": "AAAA" })),
            KeyMaterial::Unusable
        ));
    }
}
