//! `GET …/v1/userinfo`: what the scopes of an access token tell of its user (token-facts §8, §12).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::access_token::{self, AccessToken, TokenRefusal};
use super::claims;
use super::dpop;
use super::errors::Refusal;
use super::server::Known;
use super::user::User;
use crate::exchange::{Form, Reply, Request, Trace};
use crate::facts::facts;
use crate::org::Org;
use crate::org::state::OrgState;
use crate::wire::{Challenge, Scheme};

/// Why nothing is told: a row of the catalogue.
struct Refused {
    row: &'static str,
    scheme: Scheme,
    scope: Option<&'static str>,
    reason: String,
}

impl Refused {
    fn new(row: &'static str, reason: impl Into<String>) -> Self {
        Self { row, scheme: Scheme::Bearer, scope: None, reason: reason.into() }
    }
}

/// Answers; a refusal is a challenge with an empty body.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    dpop::note(&request.headers, &mut trace.learnt);
    let claims = presented(request).and_then(|(scheme, token)| {
        trace.learnt.auth_method = Some(if scheme == Scheme::DPoP { "DPoP" } else { "Bearer" });
        let outcome = told(server, org, state, request, scheme, token);
        trace.learnt.token = Some(org.tokens().tag(token));
        outcome
    });
    match claims {
        Ok((access, claims)) => {
            trace.learnt.client_id = Some(access.client_id.to_string());
            trace.learnt.user = access.user.as_ref().map(|user| user.to_string());
            trace.note("userinfo", format!("the claims of {}", access.scopes.join(" ")));
            Ok(Reply::json(StatusCode::OK, Value::Object(claims).to_string()))
        }
        Err(refused) => {
            trace.note("userinfo", refused.reason);
            let Some(row) = facts().oauth_errors.get(refused.row) else {
                return Ok(Reply::empty(StatusCode::UNAUTHORIZED));
            };
            let challenge = Challenge {
                status: row.status,
                scheme: refused.scheme,
                scope: refused.scope,
                error: &row.error,
                description: &row.description,
            };
            Ok(challenge.reply(&request.base_url, request.path()))
        }
    }
}

/// The access token of a request and its scheme: in the header and nowhere else.
fn presented(request: &Request) -> Result<(Scheme, &str), Refused> {
    if Form::parse(request.query().as_bytes()).get("access_token").is_some() {
        return Err(Refused::new("access_token_in_query", "the token is in the query"));
    }
    let value = request.header("authorization").unwrap_or_default().trim();
    if !value.is_empty() && request.holds_access_token() {
        return Err(Refused::new("access_token_duplicate", "the token is in the header and in the body"));
    }
    let after = |scheme: &str| {
        let (head, token) = value.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| token.trim()).filter(|token| !token.is_empty())
    };
    let bearer = after("bearer").map(|token| (Scheme::Bearer, token));
    match bearer.or_else(|| after("dpop ").map(|token| (Scheme::DPoP, token))) {
        Some(found) => Ok(found),
        None => Err(Refused::new("access_token_missing", "there is no access token")),
    }
}

fn told(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    scheme: Scheme,
    token: &str,
) -> Result<(std::sync::Arc<AccessToken>, Map<String, Value>), Refused> {
    let refuse = |refusal: TokenRefusal| Refused {
        scheme,
        ..Refused::new(refusal.row(), format!("refused: {refusal}"))
    };
    let access = access_token::known(org, token).ok_or(TokenRefusal::Invalid).map_err(refuse)?;
    // The names under which an org is called are all its own; its servers differ by the paths.
    let of = access.issuer.split_once("/oauth2/").map(|(_, id)| id);
    if of != server.id().map(|id| &**id) {
        return Err(refuse(TokenRefusal::ForeignIssuer));
    }
    access_token::standing(org, state, request.now, &access).map_err(refuse)?;
    let scope = Some("openid");
    dpop::at_resource(org.counters(), request, scheme, token, &access).map_err(|fault| Refused {
        row: fault.row(),
        scheme: fault.scheme(),
        scope,
        reason: fault.reason(),
    })?;
    if !access.has_scope("openid") {
        let reason = "the token has no scope openid".to_owned();
        return Err(Refused { row: "access_token_insufficient_scopes", scheme, scope, reason });
    }
    let user = access.user.as_deref().and_then(|id| User::admitted(state, id));
    let user = user.ok_or(TokenRefusal::Revoked).map_err(refuse)?;
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(user.id()));
    claims.extend(user.claims(&access.scopes));
    if let Some(client) = state.derived.client(&access.client_id) {
        let own = claims::of(server, state, client, Some(user), &access.scopes, |claim| !claim.access);
        own.into_iter().filter(|(name, _)| name != "sub").for_each(|(name, value)| {
            claims.insert(name, value);
        });
    }
    Ok((access, claims))
}
