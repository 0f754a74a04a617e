//! `POST …/v1/token`: one request's way, in Okta's order (token-facts §1.3).

use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::admission::{self, Door};
use super::dpop;
use super::errors::{OAuthError, ROBOTS, Refusal};
use super::form::Parameters;
use super::grants::{self, Asked, Issued};
use super::mint::Mint;
use super::scopes;
use super::server::Known;
use super::told::Teller;
use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::client::AuthMethod;
use crate::org::state::OrgState;
use crate::wire::not_implemented;

/// Answers.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let outcome = decide(server, org, state, request, trace);
    if let Err(refusal) = &outcome {
        Teller { server, org, state, request }.refused(trace, refusal);
    }
    outcome
}

fn decide(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = Parameters::read(request)?;
    let scope = parameters.get("scope");
    trace.learnt.scopes_asked = scope
        .filter(|scope| scope.len() <= scopes::MAX_LENGTH)
        .map(|scope| scopes::words(scope).into_iter().map(str::to_owned).collect());

    let asked_grant = parameters.get("grant_type");
    let origin = request.headers.get("origin").map(|origin| origin.to_str().unwrap_or_default());
    let with_verifier = parameters.get("code_verifier").is_some();
    if origin.is_some() && !with_verifier && !grants::without_pkce(asked_grant) {
        return Err(without_verifier());
    }
    let client = admission::admit(Door::Token, server, org, state, request, &parameters, trace)?;

    let grant = grants::check(&client, asked_grant)?;
    let dialect = &state.settings.dialect;
    grants::admit(&client, server, grant, dialect)?;
    if let Some(origin) = origin {
        if !with_verifier && client.auth_method != AuthMethod::None {
            return Err(without_verifier());
        }
        grants::check_origin(&client, grant, scope, origin, dialect)?;
    }
    trace.note("grant", format!("{grant} is among the app's grant types"));

    // Before the scopes: an app that needs a proof and sends none is told so, whatever it asks for (token-facts §1.3).
    let endpoint = server.endpoint(&request.base_url, "token");
    let proven = dpop::at_token_endpoint(org, dialect, request, &endpoint, &client, trace)?;

    let now = request.now.as_second();
    let mint = Mint { org, state, server, base_url: &request.base_url, now };
    let jkt = proven.as_ref().map(|proven| proven.jkt.clone());
    let asked = Asked { mint, request, client: &client, parameters: &parameters, jkt };
    let Some(tokens) = grants::tokens(&asked, grant, trace) else {
        trace.gap = true;
        trace.note("grant", format!("{grant} is not implemented"));
        return Ok(not_implemented(org.ids(), &format!("token ({grant})")));
    };
    let issued = tokens?;
    Teller { server, org, state, request }.granted(trace, &parameters, grant, &issued);
    let reply = told(&issued, trace);
    Ok(match proven {
        Some(proven) => reply.with_text(dpop::NONCE, &proven.nonce),
        None => reply,
    })
}

fn without_verifier() -> Refusal {
    let reason = "there is an Origin header and no code_verifier: a browser may not hold credentials";
    Refusal::new("client_auth", OAuthError::BrowserWithoutPkce, reason)
}

#[derive(Serialize)]
struct Body<'a> {
    token_type: &'a str,
    expires_in: i64,
    access_token: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'a str>,
}

/// The success (token-facts §2 and §10: key order as recorded).
fn told(issued: &Issued, trace: &mut Trace) -> Reply {
    let access = &issued.access.access;
    let scope = access.scopes.join(" ");
    trace.note("issue", format!("{} for {scope}", access.tag()));
    trace.learnt.issued = Some(json!({
        "token": access.tag(),
        "scopes": access.scopes,
        "expires_at": access.expires_at,
    }));
    let body = Body {
        token_type: if access.jkt.is_some() { "DPoP" } else { "Bearer" },
        expires_in: access.expires_at.saturating_sub(access.issued_at),
        access_token: &issued.access.token,
        scope: &scope,
        refresh_token: issued.refresh_token.as_deref(),
        id_token: issued.id_token.as_deref(),
        issued_token_type: issued.issued_token_type,
    };
    Reply::json(StatusCode::OK, serde_json::to_vec(&body).unwrap_or_default())
        .with(ROBOTS, HeaderValue::from_static("noindex,nofollow"))
}
