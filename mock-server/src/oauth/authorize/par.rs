//! `POST …/v1/par`: an authenticated client leaves its authorize request here and gets a name for it (RFC 9126; Okta
//! answers 200, token-facts par.ok).

use http::StatusCode;
use serde_json::json;

use super::fault::Fault;
use super::request::{self, Asked};
use super::{Scene, grant_of};
use crate::exchange::{Form, Reply, Request, Trace};
use crate::facts::facts;
use crate::oauth::admission::{Door, admit};
use crate::oauth::errors::Refusal;
use crate::oauth::form::Parameters;
use crate::oauth::server::Known;
use crate::oauth::store::pushed_requests;
use crate::org::Org;
use crate::org::state::OrgState;

/// Parameters of client authentication, which are not part of the request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Answers. The request is checked as `/authorize` would; what it would tell the app is told here, as JSON.
pub(in crate::oauth) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = Parameters::read(request)?;
    let client = admit(Door::Par, server, org, state, request, &parameters, trace)?;

    let mut form = parameters.into_form();
    form.0.retain(|(name, _)| !CREDENTIALS.contains(&name.as_str()));
    let asked = Asked(form);
    let scene = Scene { server, org, state, request };
    if let Err(fault) = check(&scene, &asked, &client) {
        let (status, error, description) = told(&fault);
        trace.note("refuse", format!("{error}: {description}"));
        let body = json!({ "error": error, "error_description": description });
        return Ok(Reply::json(status, body.to_string()));
    }
    let now = request.now.as_second();
    let Asked(Form(kept)) = asked;
    let uri = pushed_requests::issue(org, now, client.id.clone(), server.id().cloned(), kept);
    trace.note("issue", "the request is kept for the browser");
    let body = json!({ "request_uri": uri, "expires_in": pushed_requests::LIFETIME });
    Ok(Reply::json(StatusCode::OK, body.to_string()))
}

fn check(scene: &Scene<'_>, asked: &Asked, client: &crate::org::client::Client) -> Result<(), Fault> {
    if asked.get("request_uri").is_some() {
        return Err(Fault::RequestUriPushed);
    }
    if client.application_type == "service" {
        return Err(Fault::ServiceApp("par"));
    }
    if !request::is_registered(client, asked.get("redirect_uri").unwrap_or_default()) {
        return Err(scene.unregistered(client));
    }
    let wanted = request::check(asked, client, &scene.state.settings.org_id)?;
    if !wanted.response.is_none() {
        let scope = asked.get("scope").unwrap_or_default();
        scene.scopes(scope, wanted.response.id_token, client, grant_of(&wanted))?;
    }
    Ok(())
}

/// As `/authorize` would tell it, but for one row (token-facts par.openid).
fn told(fault: &Fault) -> (StatusCode, &'static str, String) {
    if *fault == Fault::OpenIdScope
        && let Some(row) = facts().oauth_errors.get("openid_scope_required_access_token")
    {
        return (row.status, row.error.as_str(), row.description.clone());
    }
    fault.told()
}
