//! The token that the request presents is revoked before the request is decided.

use super::{Effect, Settings};
use crate::exchange::{Form, Request};
use crate::gate::caller::{Presented, presented};
use crate::oauth;
use crate::org::Org;
use crate::org::change::Change;

#[derive(Debug)]
struct RevokeToken;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(RevokeToken))
}

impl Effect for RevokeToken {
    fn prepare(&self, org: &Org, request: &Request) {
        match presented(&request.headers, request.query()) {
            Presented::ApiToken(value) => {
                let token = org.state().derived.api_token(value).map(|token| token.id.clone());
                if let Some(id) = token {
                    org.record(request.now, vec![Change::remove("api_tokens", id)]);
                }
            }
            Presented::Bearer(token) | Presented::DPoP(token) => oauth::withdraw(org, request.now, token),
            Presented::Nothing | Presented::InQuery if request.has_form() => {
                if let Some(token) = Form::parse(&request.body).get("refresh_token") {
                    oauth::withdraw(org, request.now, token);
                }
            }
            Presented::Nothing | Presented::InQuery => {}
        }
    }
}
