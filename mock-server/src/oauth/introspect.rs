//! `POST …/v1/introspect`: what a token says, told to a client (token-facts §12, introspect.*).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::access_token;
use super::admission::{self, Door};
use super::errors::Refusal;
use super::grants::rotation;
use super::server::Known;
use super::store::refresh_tokens;
use super::user::User;
use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::client::{AuthMethod, Client};
use crate::org::state::OrgState;

const STEP: &str = "introspect";

/// Answers. Whatever `token_type_hint` says: it is a hint.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (client, token) = admission::about_token(Door::Introspect, server, org, state, request, trace)?;
    let token = token.as_str();
    let scene = Scene { server, org, state, request, client: &client };
    let found = scene.access(token).or_else(|refused| match scene.refresh(token) {
        Ok(found) => Ok(found),
        Err(Some(reason)) => Err(reason),
        Err(None) => scene.id(token).ok_or(refused),
    });
    let body = match found {
        Ok(body) => {
            trace.note(STEP, "the token is active");
            body
        }
        Err(reason) => {
            trace.note(STEP, format!("the token is not active: {reason}"));
            json!({ "active": false }).to_string()
        }
    };
    trace.learnt.token = Some(org.tokens().tag(token));
    Ok(Reply::json(StatusCode::OK, body))
}

struct Scene<'a> {
    server: &'a Known,
    org: &'a Org,
    state: &'a OrgState,
    request: &'a Request,
    client: &'a Client,
}

/// The members in Okta's order; a token of a service app has no user.
#[derive(Serialize)]
struct Access<'a> {
    active: bool,
    token_type: &'a str,
    scope: String,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    exp: i64,
    iat: i64,
    sub: &'a Value,
    aud: &'a Value,
    iss: &'a str,
    jti: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
}

#[derive(Serialize)]
struct Refresh<'a> {
    active: bool,
    token_type: &'a str,
    scope: String,
    client_id: &'a str,
    username: &'a str,
    exp: i64,
    sub: &'a str,
}

impl Scene<'_> {
    fn access(&self, token: &str) -> Result<String, String> {
        let refused = |reason: &str| reason.to_owned();
        let access = access_token::known(self.org, token).ok_or_else(|| refused("nobody knows it"))?;
        access_token::standing(self.org, self.state, self.request.now, &access)
            .map_err(|refusal| refusal.to_string())?;
        if !self.is_own(&access.issuer) {
            return Err(refused("another authorization server has issued it"));
        }
        // A resource server asks about tokens that were issued to others (RFC 7662); a client that proves nothing may not.
        if self.client.auth_method == AuthMethod::None && access.client_id != self.client.id {
            return Err(refused("it is another client's"));
        }
        let claims = claims(token).ok_or_else(|| refused("it cannot be read"))?;
        let member = |name: &str| claims.get(name).unwrap_or(&Value::Null);
        let body = Access {
            active: true,
            token_type: "Bearer",
            scope: access.scopes.join(" "),
            client_id: &access.client_id,
            username: access.user.as_ref().and(member("sub").as_str()),
            exp: access.expires_at,
            iat: access.issued_at,
            sub: member("sub"),
            aud: member("aud"),
            iss: &access.issuer,
            jti: member("jti"),
            uid: access.user.as_deref(),
        };
        Ok(serde_json::to_string(&body).unwrap_or_default())
    }

    /// The error is empty when the token is no refresh token.
    fn refresh(&self, token: &str) -> Result<String, Option<String>> {
        let family = refresh_tokens::owner(self.state, token).ok_or(None)?;
        let refused = |reason: &str| Some(reason.to_owned());
        if family.allowed.client_id != self.client.id {
            return Err(refused("it is another client's"));
        }
        if family.allowed.server != self.server.id().cloned() {
            return Err(refused("another authorization server has issued it"));
        }
        let now = self.request.now.as_second();
        let family = refresh_tokens::find(self.state, now, token, rotation(self.client))
            .map_err(|why| refused(&why.to_string()))?;
        let user = User::admitted(self.state, &family.allowed.user_id);
        let user = user.ok_or_else(|| refused("its user is inactive or gone"))?;
        let body = Refresh {
            active: true,
            token_type: "Bearer",
            scope: family.allowed.scopes.join(" "),
            client_id: &family.allowed.client_id,
            username: &user.login(),
            exp: family.expires_at.min(family.idle_at),
            sub: &user.login(),
        };
        Ok(serde_json::to_string(&body).unwrap_or_default())
    }

    /// An ID token of this client: its claims, behind `active`.
    fn id(&self, token: &str) -> Option<String> {
        if !access_token::is_signed(self.org, token) {
            return None;
        }
        let claims = claims(token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let live = claims.get("exp").and_then(Value::as_i64)? > self.request.now.as_second();
        if !live
            || !text("jti").starts_with("ID.")
            || text("aud") != &*self.client.id
            || !self.is_own(text("iss"))
        {
            return None;
        }
        let user = User::admitted(self.state, text("sub"))?;
        let mut body = Map::new();
        body.insert("active".to_owned(), json!(true));
        body.insert("client_id".to_owned(), json!(self.client.id));
        body.insert("username".to_owned(), json!(user.login()));
        body.extend(claims);
        Some(Value::Object(body).to_string())
    }

    /// Whether an issuer is the server that is asked, under whatever name the org was called.
    fn is_own(&self, issuer: &str) -> bool {
        match self.server.id() {
            None => !issuer.contains("/oauth2/"),
            Some(id) => issuer.split_once("/oauth2/").is_some_and(|(_, own)| own == &**id),
        }
    }
}

fn claims(token: &str) -> Option<Map<String, Value>> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}
