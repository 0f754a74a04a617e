//! `…/credentials/keys`: the keys that a server signs with, and their change.

use http::StatusCode;
use serde_json::{Value, json};

use super::server::next_rotation;
use super::{KIND, name, server};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::set;
use crate::exchange::{Reply, Trace};
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

/// So many are shown: the one that signs, the next one, the latest former one.
const SHOWN: usize = 3;

/// `GET …/credentials/keys`
pub(super) fn list(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    Ok(Reply::json(StatusCode::OK, Value::Array(shown(asked, &server)?).to_string()))
}

/// `GET …/credentials/keys/{keyId}`
pub(super) fn get(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, server) = server(asked, trace)?;
    let id = asked.parameter(1).to_owned();
    let found = shown(asked, &server)?.into_iter().find(|key| key["kid"] == *id);
    let key = found.ok_or(ApiError::NotFound(id, "JsonWebKey"))?;
    Ok(Reply::json(StatusCode::OK, key.to_string()))
}

/// `POST …/credentials/lifecycle/keyRotate`: the next key signs, and what the old one has signed stays good.
pub(super) fn rotate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, _) = server(asked, trace)?;
    body::checked(asked)?;
    let fresh = asked.org.ids().key_id();
    let now = asked.request.now;
    let state = asked.org.commit(now, |state| {
        let server = target.find(asked, state)?;
        let (mut value, mut hidden) = (server.value(), Value::clone(&server.hidden));
        let kids: Vec<Value> = keys(server).filter_map(|key| key.get("kid").cloned()).collect();
        let [old, next, former @ ..] = kids.as_slice() else { return Err(ApiError::NoSuchPath) };
        let status = |kid: &Value, status: &str| json!({ "kid": kid, "status": status });
        let mut rotated = vec![status(next, "ACTIVE"), status(&json!(fresh), "NEXT"), status(old, "EXPIRED")];
        rotated.extend(former.iter().map(|kid| status(kid, "EXPIRED")));
        hidden["keys"] = Value::Array(rotated);
        set(&mut value, "/credentials/signing/kid", next.clone());
        set(&mut value, "/credentials/signing/lastRotated", json!(okta_timestamp(now)));
        if value.pointer("/credentials/signing/nextRotation").is_some() {
            set(&mut value, "/credentials/signing/nextRotation", json!(next_rotation(now)));
        }
        Ok(vec![Change::put(KIND, server.id.clone(), value, hidden)])
    })?;
    let server = target.find(asked, &state)?;
    trace.note("operation", format!("{} signs with another key", server.id));
    Ok(Reply::json(StatusCode::OK, Value::Array(shown(asked, server)?).to_string()))
}

fn keys(server: &Document) -> impl Iterator<Item = &Value> {
    server.hidden.get("keys").and_then(Value::as_array).into_iter().flatten()
}

fn shown(asked: &Asked<'_>, server: &Document) -> Result<Vec<Value>, ApiError> {
    let base = format!("{}/api/v1/authorizationServers/{}", asked.request.base_url, name(server));
    let shown = keys(server).take(SHOWN).map(|key| {
        let kid = key.get("kid").and_then(Value::as_str).unwrap_or_default();
        let pair = asked.org.key_ring().key(kid);
        let pair = pair.map_err(|_| ApiError::catalogued("E0000009", "", ""))?;
        let jwk = pair.jwk();
        Ok(json!({
            "status": key["status"],
            "alg": jwk["alg"],
            "e": jwk["e"],
            "n": jwk["n"],
            "kid": kid,
            "kty": jwk["kty"],
            "use": jwk["use"],
            "_links": { "self": {
                "href": format!("{base}/credentials/keys/{kid}"),
                "hints": { "allow": ["GET"] },
            } },
        }))
    });
    shown.collect()
}
