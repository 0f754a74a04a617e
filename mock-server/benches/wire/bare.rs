//! The bare axum handlers that the ratios are taken against: the same bytes, the same two RSA operations, nothing else.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mock_server::exchange::Reply;
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::{SigningKeys, fixture_pem};
use serde_json::{Value, json};

/// A router that answers with these replies, header lines and all, and mints tokens.
pub(crate) fn router(page: Reply, user: Reply, audience: String) -> Router {
    let answer = |reply: Reply| {
        let headers: HeaderMap =
            reply.headers.into_iter().fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            });
        move || async move { (headers, reply.body) }
    };
    let jwk = jwk_from_pem(fixture_pem("client-rsa").unwrap()).unwrap();
    let key =
        DecodingKey::from_rsa_components(jwk["n"].as_str().unwrap(), jwk["e"].as_str().unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[audience]);
    let token = Arc::new((key, validation, SigningKeys::fixture()));
    Router::new()
        .route("/api/v1/users", get(answer(page)))
        .route("/api/v1/users/{id}", get(answer(user)))
        .route("/oauth2/v1/token", post(move |body: Bytes| async move { mint(&token, &body) }))
}

/// One RS256 verification by jsonwebtoken, one RS256 signature by aws-lc-rs with a parsed key: what orgtwin uses.
fn mint(token: &(DecodingKey, Validation, Arc<SigningKeys>), body: &[u8]) -> Response {
    let (key, validation, keys) = token;
    let assertion = form_urlencoded::parse(body).find(|(name, _)| name == "client_assertion").unwrap().1;
    let claims = jsonwebtoken::decode::<Value>(assertion.as_bytes(), key, validation).unwrap().claims;
    let header = json!({ "kid": keys.kid(), "typ": "JWT", "alg": "RS256" });
    let payload =
        json!({ "iss": "x", "sub": claims["sub"], "exp": claims["exp"], "scp": ["okta.users.read"] });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&header), encode(&payload));
    let signature = URL_SAFE_NO_PAD.encode(keys.current().sign(message.as_bytes()).unwrap());
    let body = json!({
        "token_type": "Bearer", "expires_in": 3600, "access_token": format!("{message}.{signature}"),
        "scope": "okta.users.read",
    });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
