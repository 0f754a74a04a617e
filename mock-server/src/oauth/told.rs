//! What the System Log is told by the authorization servers (mgmt-facts §9). What succeeded is told token by token; what
//! was refused is told of the whole request, with the internal name of the error as the reason.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{OAuthError, Refusal};
use super::form::Parameters;
use super::grants::Issued;
use super::grants::fault::GrantFault;
use super::mint::{LIFETIME, Minted};
use super::scopes;
use super::server::Known;
use super::store::refresh_tokens;
use super::store::sessions::Session;
use crate::exchange::{Request, Trace};
use crate::org::Org;
use crate::org::clock::okta_timestamp;
use crate::org::sign_on;
use crate::org::state::OrgState;
use crate::org::tokens::AccessToken;
use crate::system_log::{Entity, Event, Scene};

/// A request at an authorization server, as the log sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Teller<'a> {
    /// The server; the org's own for what is no server's (a sign-in).
    pub(super) server: &'a Known,
    pub(super) org: &'a Org,
    pub(super) state: &'a OrgState,
    pub(super) request: &'a Request,
}

impl Teller<'_> {
    /// A type of event: those of custom servers are types of their own.
    fn kind(&self, rest: &str) -> Cow<'static, str> {
        let of = if self.server.id().is_some() { "app.oauth2.as" } else { "app.oauth2" };
        Cow::Owned(format!("{of}.{rest}"))
    }

    fn write(&self, trace: &Trace, events: &[Event]) {
        if trace.waits() {
            // Nothing has come of the request yet.
            return;
        }
        let scene = Scene { ids: self.org.ids(), request: self.request, request_id: &trace.request_id };
        scene.write(self.org, events);
    }

    /// The tokens of a token request.
    pub(super) fn granted(&self, trace: &Trace, parameters: &Parameters, grant: &str, issued: &Issued) {
        let access = &issued.access.access;
        let common = |kind: &str| {
            let event = Event::new(self.kind(kind), Entity::client(self.state, &access.client_id))
                .debug("clientAuthType", trace.learnt.auth_method)
                .debug("grantedScopes", access.scopes.join(", "))
                .debug("requestedScopes", listed(parameters.get("scope")))
                .debug("grantType", grant);
            match &access.user {
                Some(user) => event.target(Entity::user(self.state, user)),
                None => event,
            }
        };
        let mut events = vec![common("token.grant.access_token").target(access_token(&issued.access))];
        if let Some(token) = &issued.id_token {
            events.push(common("token.grant.id_token").target(id_token(token, access)));
        }
        let going_on = parameters.get("refresh_token");
        if let Some(token) = issued.refresh_token.as_deref().filter(|token| Some(*token) != going_on) {
            events.push(common("token.grant.refresh_token").target(refresh_token(token, access)));
        }
        self.write(trace, &events);
    }

    /// A token request that was refused. A client that only has to try again (with a nonce, or later) is not told of.
    pub(super) fn refused(&self, trace: &Trace, refusal: &Refusal) {
        let again = matches!(
            refusal.error,
            OAuthError::UseNonce(_) | OAuthError::Grant(GrantFault::DevicePending | GrantFault::SlowDown)
        );
        let Some(client) = trace.learnt.client_id.as_deref().filter(|_| !again) else { return };
        let parameters = Parameters::read(self.request).ok();
        let sent = |name: &str| parameters.as_ref().and_then(|parameters| parameters.get(name));
        let grant = sent("grant_type").filter(|grant| grant.len() <= 100);
        let actor = Entity::client(self.state, client);
        let reason = refusal.error.row(&self.state.settings.dialect);
        let event = Event::new(self.kind("token.grant"), actor.clone())
            .failed(reason)
            .debug("clientAuthType", trace.learnt.auth_method)
            .debug("requestedScopes", listed(sent("scope")))
            .debug("grantType", grant);
        let mut events = vec![event];
        if refusal.error == OAuthError::Grant(GrantFault::RefreshTokenReused) {
            let family = sent("refresh_token").and_then(|token| refresh_tokens::owner(self.state, token));
            let reuse = Event::new(self.kind("token.detect_reuse"), actor).failed(reason);
            let reuse = family.iter().fold(reuse, |event, family| {
                event.target(Entity::user(self.state, &family.allowed.user_id)).target(Entity::named(
                    "refresh_token",
                    family.id.to_string(),
                    "Refresh Token",
                ))
            });
            events.push(reuse);
        }
        self.write(trace, &events);
    }

    /// A token that its client has given back.
    pub(super) fn revoked(&self, trace: &Trace, client: &str, kind: &'static str, subject: Option<&str>) {
        let name = if kind == "access_token" { "Access Token" } else { "Refresh Token" };
        let event = Event::new(self.kind("token.revoke"), Entity::client(self.state, client))
            .debug("clientAuthType", trace.learnt.auth_method);
        let event = match subject {
            Some(user) => event.target(Entity::user(self.state, user)),
            None => event,
        };
        let tag = trace.learnt.token.clone().unwrap_or_default();
        self.write(trace, &[event.target(Entity::named(kind, tag, name))]);
    }

    /// Somebody has signed in.
    pub(super) fn signed_in(&self, trace: &Trace, user: &str, session: Option<&Session>) {
        let event = Event::new("user.session.start", Entity::user(self.state, user)).credential("PASSWORD");
        let event = match session {
            Some(session) => event.session(&*session.id),
            None => event,
        };
        self.write(trace, &[self.evaluated(Entity::user(self.state, user), true), event]);
    }

    /// What the org's sign-on policies say of somebody with the right password.
    fn evaluated(&self, user: Entity, lets_in: bool) -> Event {
        let event = Event::new("policy.evaluate_sign_on", user);
        let event = match lets_in {
            true => event.decided("ALLOW", "Sign-on policy evaluation resulted in ALLOW"),
            false => event.decided("DENY", sign_on::DENIED),
        };
        let policies = self.state.all("policies").after(None);
        let mut policies = policies.filter(|policy| policy.is("/type", "OKTA_SIGN_ON"));
        match policies.find(|policy| policy.is("/status", "ACTIVE")) {
            Some(policy) => event.target(Entity::of("PolicyEntity", policy)),
            None => event,
        }
    }

    /// A hook has said whether somebody's password is the right one.
    pub(super) fn imported(&self, trace: &Trace, user: &str, right: bool) {
        let event = Event::new("user.import.password", Entity::user(self.state, user))
            .target(Entity::user(self.state, user));
        self.write(trace, &[if right { event } else { event.failed("UNVERIFIED") }]);
    }

    /// Somebody has not signed in, by what was sent as the login.
    pub(super) fn not_signed_in(&self, trace: &Trace, login: &str, reason: &'static str) {
        let actor = match self.state.all("users").by_alias(login.trim()) {
            Some(user) => Entity::of("User", user),
            None => Entity::unknown_user(login.trim()),
        };
        let denied = (reason == sign_on::DENIED).then(|| self.evaluated(actor.clone(), false));
        let event = Event::new("user.session.start", actor).failed(reason).credential("PASSWORD");
        let events: Vec<_> = denied.into_iter().chain([event.debug("loginResult", reason)]).collect();
        self.write(trace, &events);
    }

    /// Somebody has signed out.
    pub(super) fn signed_out(&self, trace: &Trace, session: &Session) {
        let actor = Entity::user(self.state, &session.user_id);
        self.write(trace, &[Event::new("user.session.end", actor).session(&*session.id)]);
    }

    /// Somebody has been let into an app, which has got a code or tokens.
    pub(super) fn let_in(
        &self,
        trace: &Trace,
        client: &str,
        session: &Session,
        scopes: &str,
        given: &[&'static str],
    ) {
        let user = || Entity::user(self.state, &session.user_id);
        let app = Entity::app(self.state, client);
        let sso = Event::new("user.authentication.sso", user())
            .session(&*session.id)
            .target(app.clone())
            .target(Entity { kind: "AppUser".into(), ..user() });
        let mut events = vec![sso];
        for what in given {
            let event = Event::new(self.kind(&format!("authorize.{what}")), user())
                .session(&*session.id)
                .target(app.clone())
                .debug("requestedScopes", listed(Some(scopes)));
            events.push(event);
        }
        self.write(trace, &events);
    }

    /// A request for a user that was refused.
    pub(super) fn not_let_in(&self, trace: &Trace, reason: &'static str) {
        let Some(client) = trace.learnt.client_id.as_deref() else { return };
        let actor = match &trace.learnt.user {
            Some(user) => Entity::user(self.state, user),
            None => Entity::client(self.state, client),
        };
        let event = Event::new(self.kind("authorize"), actor).failed(reason);
        self.write(trace, &[event.target(Entity::app(self.state, client))]);
    }
}

/// Scopes as the log lists them.
fn listed(scope: Option<&str>) -> Value {
    let scope = scope.filter(|scope| scope.len() <= scopes::MAX_LENGTH).unwrap_or_default();
    scopes::words(scope).join(", ").into()
}

/// A token as a target. Its value is only told as a hash.
fn token(
    kind: &'static str,
    name: &'static str,
    id: String,
    value: &str,
    expires: i64,
    of: &AccessToken,
) -> Entity {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
    let expires = okta_timestamp(Timestamp::from_second(expires).unwrap_or_default());
    let subject = of.user.as_ref().unwrap_or(&of.client_id);
    let target = Entity { alternate_id: None, ..Entity::named(kind, id, name) };
    target.with(json!({ "expires": expires, "subject": subject, "hash": URL_SAFE_NO_PAD.encode(digest) }))
}

fn access_token(minted: &Minted) -> Entity {
    let access = &minted.access;
    token("access_token", "Access Token", jti(&minted.token), &minted.token, access.expires_at, access)
}

fn id_token(value: &str, of: &AccessToken) -> Entity {
    token("id_token", "ID Token", jti(value), value, of.issued_at.saturating_add(LIFETIME), of)
}

fn refresh_token(value: &str, of: &AccessToken) -> Entity {
    let id = of.family.as_deref().unwrap_or_default().to_owned();
    let expires = of.issued_at.saturating_add(refresh_tokens::IDLE);
    token("refresh_token", "Refresh Token", id, value, expires, of)
}

/// The id of a token that has just been made.
fn jti(token: &str) -> String {
    #[derive(Deserialize)]
    struct Claims {
        jti: String,
    }
    let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Claims>(&claims).ok());
    claims.map(|claims| claims.jti).unwrap_or_default()
}
