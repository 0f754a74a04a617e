//! The values of a scenario that a profile's texts may use.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    RsaPrivateKey,
    pkcs1::DecodeRsaPrivateKey as _,
    pkcs8::DecodePrivateKey as _,
    traits::{PrivateKeyParts as _, PublicKeyParts as _},
};
use serde_json::{Value, json};

use super::template::Values;
use crate::client::protocol::{Authentication, Connection, Op};

/// What an administrator would hand to the client; keys as text, files are the caller's.
pub(super) fn of_connection(client: &Connection) -> Values {
    let mut values = Values::from([
        ("org_url", client.org_url.clone()),
        ("org_host", client.org_url.split_once("://").map_or("", |(_, host)| host).to_owned()),
        ("issuer", client.issuer.clone()),
        ("token_url", format!("{}/oauth2/v1/token", client.org_url)),
        ("scopes", client.scopes.join(" ")),
        ("scopes_json", json!(client.scopes).to_string()),
    ]);
    if !client.client_id.is_empty() {
        values.insert("client_id", client.client_id.clone());
    }
    match &client.auth {
        Authentication::PrivateKeyJwt { private_key_pem, kid, alg } => {
            values.insert("private_key_pem", private_key_pem.clone());
            values.insert("alg", alg.clone());
            if let Some(kid) = kid {
                values.insert("kid", kid.clone());
            }
            if let Some(jwk) = jwk(private_key_pem, kid.as_deref(), alg) {
                values.insert("private_key_jwk", jwk.to_string());
            }
        }
        Authentication::ClientSecretBasic { client_secret } => {
            values.insert("client_secret", client_secret.clone());
        }
        Authentication::Ssws { api_token } => {
            values.insert("api_token", api_token.clone());
        }
        Authentication::Public => {}
    }
    values
}

/// What is asked for, added.
pub(super) fn add_op(values: &mut Values, op: &Op, star: Option<&str>) {
    let (method, target) = match op {
        Op::Call { method, path, .. } => (method.as_str(), path.as_str()),
        Op::ListAll { path, key } => {
            values.insert("key", key.clone());
            ("GET", path.as_str())
        }
        _ => ("", ""),
    };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let limit = query.split('&').find_map(|pair| pair.strip_prefix("limit="));
    values.insert("method", method.to_owned());
    values.insert("path", target.to_owned());
    values.insert("query", query.to_owned());
    values.insert("page_limit", limit.unwrap_or("200").to_owned());
    if let Some(star) = star {
        values.insert("id", star.to_owned());
    }
    if let Op::Call { body: Some(body), .. } = op {
        values.insert("body", body.to_string());
    }
}

/// An RSA key as its owner's JWK (RFC 7518 §6.3.2).
fn jwk(pem: &str, kid: Option<&str>, alg: &str) -> Option<Value> {
    let key = RsaPrivateKey::from_pkcs8_pem(pem).or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem)).ok()?;
    let mut jwk = json!({ "kty": "RSA", "alg": alg, "use": "sig" });
    let mut put = |name: &str, bytes: Vec<u8>| jwk[name] = Value::from(URL_SAFE_NO_PAD.encode(bytes));
    put("n", key.n().to_bytes_be());
    put("e", key.e().to_bytes_be());
    put("d", key.d().to_bytes_be());
    let [p, q] = key.primes() else { return None };
    put("p", p.to_bytes_be());
    put("q", q.to_bytes_be());
    put("dp", key.dp()?.to_bytes_be());
    put("dq", key.dq()?.to_bytes_be());
    put("qi", key.crt_coefficient()?.to_bytes_be());
    if let Some(kid) = kid {
        jwk["kid"] = Value::from(kid);
    }
    Some(jwk)
}
