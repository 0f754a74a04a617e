//! `GET` and `POST …/v1/authorize`: a browser comes with an app's request, and goes back with the answer.
//!
//! The order (token-facts §11): the app; its redirect URI; from here on refusals go back to the app; the parameters
//! (`request`); the scopes (`scopes`); who is there and whether that will do (`sign_in`, `decision`); whether the user
//! may use the app; the answer (`response`).

mod consent;
mod decision;
mod enrolment;
mod fault;
mod par;
mod request;
mod request_object;
mod response;
mod scopes;
mod sign_in;
mod without_browser;

pub(super) use par::answer as push;

use std::sync::Arc;

use http::{HeaderValue, header};
use serde_json::json;

use super::cookies;
use super::errors::Refusal;
use super::form::Parameters;
use super::mint::{Behalf, Mint};
use super::server::Known;
use super::store::sessions::Session;
use super::store::{Allowed, codes, pushed_requests};
use super::terms;
use super::told::Teller;
use super::user::User;
use crate::exchange::{Form, Reply, Request, Trace};
use crate::facts::dialects::Switch;
use crate::org::Org;
use crate::org::client::Client;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;
use crate::pages::ErrorPage;
use crate::wire::{envelope, not_implemented};
use decision::{Decision, Presence};
use fault::Fault;
use request::{Asked, AuthorizeRequest};
use response::Channel;
use sign_in::Attempt;
pub(super) use without_browser::user_scopes;

/// What one request is looked at with.
struct Scene<'a> {
    server: &'a Known,
    org: &'a Org,
    state: &'a OrgState,
    request: &'a Request,
}

/// Answers.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let sent = Asked(Parameters::read(request)?.into_form());
    let scene = Scene { server, org, state, request };
    let reply = scene.decide(&sent, trace);
    let own = reply.headers.iter().any(|(name, _)| *name == header::REFERRER_POLICY);
    Ok(if own { reply } else { reply.with(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")) })
}

impl Scene<'_> {
    fn teller(&self) -> Teller<'_> {
        Teller { server: self.server, org: self.org, state: self.state, request: self.request }
    }

    fn decide(&self, sent: &Asked, trace: &mut Trace) -> Reply {
        let client = match self.client(sent, trace) {
            Ok(client) => client,
            Err(fault) => return self.on_page(&fault, trace),
        };
        // What was pushed or signed counts, not what stands beside it.
        let (asked, unusable) = match self.asked(sent, &client) {
            Ok(asked) => (asked, None),
            Err(fault) => (sent.clone(), Some(fault)),
        };
        let redirect_uri = asked.get("redirect_uri").unwrap_or_default();
        let blind = self.state.settings.mutations.has(Mutation::RedirectUri);
        if !blind && !request::is_registered(&client, redirect_uri) {
            let fault = unusable.unwrap_or_else(|| self.unregistered(&client));
            return self.on_page(&fault, trace);
        }
        trace.note("redirect_uri", "the redirect URI is the app's");
        let channel = request::channel(&asked, redirect_uri);
        let outcome = match unusable {
            Some(fault) => Err(fault),
            None => self.answered(sent, &asked, &client, &channel, trace),
        };
        outcome.unwrap_or_else(|fault| self.to_app(&fault, &client, &channel, trace))
    }

    /// The active app that a request names.
    fn client(&self, sent: &Asked, trace: &mut Trace) -> Result<Arc<Client>, Fault> {
        let id = sent.get("client_id").unwrap_or_default();
        let client = self.state.derived.client(id).filter(|client| client.active);
        let client = client.ok_or(Fault::UnknownClient)?;
        trace.learnt.client_id = Some(client.id.to_string());
        trace.note("client", format!("{} asks for a user", client.id));
        if client.application_type == "service" {
            return Err(Fault::ServiceApp("authorize"));
        }
        Ok(client.clone())
    }

    /// The parameters that count: those sent, those pushed before, or those in a request object.
    fn asked(&self, sent: &Asked, client: &Client) -> Result<Asked, Fault> {
        let now = self.request.now.as_second();
        if let Some(uri) = sent.get("request_uri") {
            if sent.get("request").is_some() {
                return Err(Fault::RequestTwice);
            }
            if uri.contains("://") {
                return Err(Fault::RequestUriByReference);
            }
            let pushed = pushed_requests::find(self.state, now, uri).ok_or(Fault::RequestUri)?;
            if pushed.client_id != client.id {
                let dialect = &self.state.settings.dialect;
                let named = dialect.is(Switch::RequestUriOfAnotherClient, "mismatched_client");
                return Err(if named { Fault::RequestUriOfOtherClient } else { Fault::RequestUri });
            }
            if pushed.server.as_deref() != self.server.id().map(|id| &**id) {
                return Err(Fault::RequestUriOfOtherServer);
            }
            return Ok(Asked(Form(pushed.parameters)));
        }
        let Some(jwt) = sent.get("request") else { return Ok(sent.clone()) };
        // The object comes again with the form of the sign-in page: that is the same use of it.
        let again = cookies::nonce(self.request).is_some_and(|own| sent.get("signin") == Some(own));
        let issuer = self.server.issuer(&self.request.base_url);
        let counters = (!again).then(|| self.org.counters());
        let mut form = request_object::read(jwt, client, &issuer, now, counters)?;
        let beside = sent.0.0.iter().filter(|(name, _)| form.get(name).is_none());
        form.0.extend(beside.cloned().collect::<Vec<_>>());
        Ok(Asked(form))
    }

    /// The request, good or not, of an app that can be answered.
    fn answered(
        &self,
        sent: &Asked,
        asked: &Asked,
        client: &Client,
        channel: &Channel,
        trace: &mut Trace,
    ) -> Result<Reply, Fault> {
        let wanted = request::check(asked, client, &self.state.settings.org_id)?;
        let scope = asked.get("scope").unwrap_or_default();
        trace.learnt.scopes_asked = (scope.len() <= super::scopes::MAX_LENGTH)
            .then(|| super::scopes::words(scope).into_iter().map(str::to_owned).collect());
        if wanted.response.is_none() {
            trace.gap = true;
            trace.note("enrolment", "there is no page to enrol an authenticator");
            return Ok(not_implemented(self.org.ids(), "authorize (enroll_authenticator)"));
        }
        let grant = grant_of(&wanted);
        let (scopes, reason) = self.scopes(scope, wanted.response.id_token, client, grant)?;
        trace.note("scope", reason);

        let now = self.request.now.as_second();
        let attempt = sign_in::attempt(self.teller(), sent, trace);
        let problem = if let Attempt::Failed(problem) = attempt { Some(problem) } else { None };
        let (session, fresh) = match attempt {
            Attempt::Succeeded(session) => (Some(session), true),
            Attempt::Failed(_) => (None, false),
            Attempt::None => (cookies::session(self.state, self.request), false),
        };
        let consented = consent::decided(self, session.as_ref(), client);
        let presence = match &session {
            None => Presence::Nobody,
            // Who decides on the consent page was let through to it.
            Some(_) if fresh || consented != consent::Decision::Open => Presence::Now,
            Some(session) => Presence::Since(session.auth_time),
        };
        match (decision::decide(wanted.prompt, wanted.max_age, presence, now), session) {
            (Decision::Refuse(fault), _) => Err(fault),
            (Decision::Proceed, Some(session)) => {
                trace.learnt.user = Some(session.user_id.to_string());
                let (name, value) = cookies::set_session(&session, &self.request.base_url);
                // Also a user who gets no answer has signed in.
                let outcome =
                    self.granted(sent, &wanted, scopes, client, channel, (&session, consented), trace);
                let reply = outcome.unwrap_or_else(|fault| self.to_app(&fault, client, channel, trace));
                Ok(reply.with(name, value))
            }
            (Decision::Proceed | Decision::SignIn, _) => {
                trace.note("sign_in", "the sign-in page is shown");
                Ok(sign_in::page(self.org, self.state, self.request, client, sent, asked, problem))
            }
        }
    }

    fn unregistered(&self, client: &Client) -> Fault {
        let dialect = &self.state.settings.dialect;
        let link = dialect.is(Switch::RedirectUriLink, "present");
        Fault::RedirectUri(link.then(|| admin_page(&self.request.base_url, client)))
    }

    fn scopes(
        &self,
        scope: &str,
        id_token: bool,
        client: &Client,
        grant: &str,
    ) -> Result<scopes::Granted, Fault> {
        match self.server {
            Known::Org => {
                let grants = self.state.derived.grants(&client.id);
                scopes::of_org_server(scope, id_token, grants, &self.state.settings.dialect)
            }
            Known::Custom(_) if client.integration => Err(Fault::OrgServerOnly),
            Known::Custom(server) => scopes::of_custom_server(scope, id_token, server, client, grant),
        }
    }

    /// The answer for a user who is there: a code, tokens, or both.
    #[expect(clippy::too_many_arguments, reason = "everything that was found out comes together here")]
    fn granted(
        &self,
        sent: &Asked,
        wanted: &AuthorizeRequest,
        scopes: Vec<Arc<str>>,
        client: &Client,
        channel: &Channel,
        (session, consented): (&Session, consent::Decision),
        trace: &mut Trace,
    ) -> Result<Reply, Fault> {
        let user = User::admitted(self.state, &session.user_id).ok_or(Fault::LoginRequired)?;
        let anybody = self.state.settings.mutations.has(Mutation::Assignment);
        if !anybody && !client.sign_in.admits(self.state, user.id()) {
            return Err(Fault::NotAssigned);
        }
        let terms = terms::of(self.server, self.state, client, grant_of(wanted), Some(user), &scopes);
        let terms = terms.ok_or(Fault::NoPolicy)?;
        if let Known::Custom(server) = self.server {
            let question = consent::Question { server, client, user, session, prompt: wanted.prompt, sent };
            if let Some(page) = consent::settle(self, &question, &scopes, consented, trace)? {
                return Ok(page);
            }
        }
        let now = self.request.now.as_second();
        if let Some(uri) = sent.get("request_uri") {
            pushed_requests::take(self.org, now, &client.id, uri).ok_or(Fault::RequestUri)?;
        }
        let allowed = Allowed {
            client_id: client.id.clone(),
            user_id: session.user_id.clone(),
            server: self.server.id().cloned(),
            scopes,
            nonce: wanted.nonce.clone(),
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            session: Some(session.id.clone()),
            redirect_uri: Some(channel.redirect_uri.clone()),
            challenge: wanted.challenge.clone(),
            // An app whose tokens are not bound has no use for it, as for proofs.
            dpop_jkt: wanted.dpop_jkt.clone().filter(|_| client.dpop),
        };
        let mut answer: Vec<(String, String)> = Vec::new();
        let mut say = |name: &str, value: &str| answer.push((name.to_owned(), value.to_owned()));
        let code = wanted.response.code.then(|| codes::issue(self.org, now, allowed.clone()));
        if let Some(code) = &code {
            trace.note("issue", format!("a code for {}", allowed.scopes.join(" ")));
            say("code", code);
        }
        let mint = Mint {
            org: self.org,
            state: self.state,
            server: self.server,
            base_url: &self.request.base_url,
            now,
        };
        let mut access_token = None;
        if wanted.response.token {
            let behalf = Behalf { user, auth_time: session.auth_time, family: None };
            let minted =
                mint.bound_access_token(client, Some(behalf), allowed.scopes.clone(), None, terms.access);
            let minted = minted.map_err(|_| Fault::NotGenerated)?;
            let access = &minted.access;
            trace.note("issue", format!("{} for {}", access.tag(), access.scopes.join(" ")));
            trace.learnt.issued = Some(json!({
                "token": access.tag(),
                "scopes": access.scopes,
                "expires_at": access.expires_at,
            }));
            say("access_token", &minted.token);
            say("token_type", "Bearer");
            say("expires_in", &terms.access.to_string());
            say("scope", &access.scopes.join(" "));
            access_token = Some(minted.token);
        }
        if wanted.response.id_token {
            let token = mint.id_token(client, user, &allowed, access_token.as_deref(), code.as_deref());
            trace.note("issue", "an ID token");
            say("id_token", &token.map_err(|_| Fault::NotGenerated)?);
        }
        let response = &wanted.response;
        let given = [
            (response.code, "code"),
            (response.token, "implicit.access_token"),
            (response.id_token, "implicit.id_token"),
        ];
        let given: Vec<_> = given.into_iter().filter_map(|(given, what)| given.then_some(what)).collect();
        self.teller().let_in(trace, &client.id, session, &allowed.scopes.join(" "), &given);
        if let Some(state) = &channel.state {
            say("state", state);
        }
        Ok(channel.carry(&self.state.settings.name, &client.sign_in.label, &answer))
    }

    /// A refusal that goes back to the app: the state first (token-facts §11).
    fn to_app(&self, fault: &Fault, client: &Client, channel: &Channel, trace: &mut Trace) -> Reply {
        let (_, error, description) = fault.told();
        trace.note("refuse", format!("{error}, told to the app: {description}"));
        self.teller().not_let_in(trace, fault.row());
        let state = channel.state.iter().map(|state| ("state".to_owned(), state.clone()));
        let told = [("error".to_owned(), error.to_owned()), ("error_description".to_owned(), description)];
        let parameters: Vec<_> = state.chain(told).collect();
        channel.carry(&self.state.settings.name, &client.sign_in.label, &parameters)
    }

    /// A refusal that ends here, because nobody has proven where to send it.
    fn on_page(&self, fault: &Fault, trace: &mut Trace) -> Reply {
        let (_, error, description) = fault.told();
        trace.note("refuse", format!("{error}, told on a page: {description}"));
        self.teller().not_let_in(trace, fault.row());
        refused(self.org, self.state, self.request, error, &description)
    }
}

/// The grant that a request is an instance of, as policies name it.
fn grant_of(wanted: &AuthorizeRequest) -> &'static str {
    if wanted.response.code { "authorization_code" } else { "implicit" }
}

/// Where an administrator mends an app (token-facts authz.redirect_uri).
pub(super) fn admin_page(base_url: &str, client: &Client) -> String {
    format!("{}/admin/app/oidc_client/instance/{}#tab-general", admin_host(base_url), client.id)
}

/// A page for browsers, the envelope for all others; 400 in both.
pub(super) fn refused(
    org: &Org,
    state: &OrgState,
    request: &Request,
    error: &str,
    description: &str,
) -> Reply {
    let status = http::StatusCode::BAD_REQUEST;
    if request.header("accept").is_some_and(|accept| accept.contains("text/html")) {
        return ErrorPage { org: &state.settings.name, status, error, description }.render();
    }
    envelope(org.ids(), status, error, description, &[])
}

/// The address of the admin console: `acme.okta.com` has `acme-admin.okta.com`. An address has none of its own.
fn admin_host(base_url: &str) -> String {
    let Some((scheme, host)) = base_url.split_once("://") else { return base_url.to_owned() };
    match host.split_once('.') {
        Some((first, rest)) if first.contains(|one: char| one.is_ascii_alphabetic()) => {
            format!("{scheme}://{first}-admin.{rest}")
        }
        _ => base_url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::admin_host;

    #[test]
    fn the_admin_console_has_a_name_of_its_own() {
        for (org, admin) in [
            ("https://acme.okta.com", "https://acme-admin.okta.com"),
            ("https://acme.localhost:8443", "https://acme-admin.localhost:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:8080", "http://localhost:8080"),
        ] {
            assert_eq!(admin_host(org), admin);
        }
    }
}
