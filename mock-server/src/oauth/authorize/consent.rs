//! Whether a user lets an app have scopes of a custom server (token-facts authz.consent; Okta's table of `prompt`,
//! `consent_method` and a scope's `consent`). The page's form posts the whole request again, with the decision and a proof
//! that this org has shown the page to this session.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::Scene;
use super::fault::Fault;
use super::request::{Asked, Prompt};
use crate::exchange::{Form, Reply, Trace};
use crate::oauth::store::sessions::Session;
use crate::oauth::user::User;
use crate::oauth::{consents, cookies};
use crate::org::authorization_server::{AuthorizationServer, ServerScope};
use crate::org::client::Client;
use crate::pages::ConsentPage;

/// The fields of the page's form.
pub(super) const DECISION: &str = "consent";
const PROOF: &str = "proof";
const NONCE: &str = "signin";

/// What the user has decided on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// There was no page yet.
    Open,
    /// The app may.
    Allowed,
    /// It may not.
    Denied,
}

/// What a request brings of the page.
pub(super) fn decided(scene: &Scene<'_>, session: Option<&Session>, client: &Client) -> Decision {
    if scene.request.method != http::Method::POST {
        return Decision::Open;
    }
    let form = Form::parse(&scene.request.body);
    let (Some(session), Some(decision), Some(proof)) = (session, form.get(DECISION), form.get(PROOF)) else {
        return Decision::Open;
    };
    let right = proof_of(session, client);
    match bool::from(right.as_bytes().ct_eq(proof.as_bytes())) {
        true if decision == "allow" => Decision::Allowed,
        true => Decision::Denied,
        false => Decision::Open,
    }
}

/// What no other site can know: it follows from the session's secret id.
fn proof_of(session: &Session, client: &Client) -> String {
    let text = format!("consent\n{}\n{}", session.id, client.id);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}

/// A request that waits for a decision.
pub(super) struct Question<'a> {
    pub(super) server: &'a AuthorizationServer,
    pub(super) client: &'a Client,
    pub(super) user: User<'a>,
    pub(super) session: &'a Session,
    pub(super) prompt: Prompt,
    pub(super) sent: &'a Asked,
}

/// The page, where the user has to be asked; none where the request may go on.
///
/// # Errors
/// [`Fault::Consent`] where nobody may be asked, [`Fault::Denied`] where the user has said no.
pub(super) fn settle(
    scene: &Scene<'_>,
    question: &Question<'_>,
    scopes: &[std::sync::Arc<str>],
    decision: Decision,
    trace: &mut Trace,
) -> Result<Option<Reply>, Fault> {
    let asked = to_ask(scene, question, scopes);
    if asked.is_empty() {
        return Ok(None);
    }
    let names: Vec<String> = asked.iter().map(|scope| scope.name.to_string()).collect();
    match decision {
        Decision::Denied => Err(Fault::Denied),
        Decision::Allowed => {
            trace.note("consent", format!("the user allows {}", names.join(", ")));
            let now = scene.request.now.as_second();
            consents::give(scene.org, now, question.user.id(), question.client, question.server, &asked);
            Ok(None)
        }
        Decision::Open if question.prompt == Prompt::None => Err(Fault::Consent(names)),
        Decision::Open => {
            trace.note("consent", format!("the user is asked to consent to {}", names.join(", ")));
            Ok(Some(page(scene, question, &asked)))
        }
    }
}

/// The scopes that the user must be asked about. Who is asked by `prompt=consent` is asked again.
fn to_ask<'s>(
    scene: &Scene<'_>,
    question: &Question<'s>,
    scopes: &[std::sync::Arc<str>],
) -> Vec<&'s ServerScope> {
    let (server, client) = (question.server, question.client);
    let again = question.prompt == Prompt::Consent;
    if !again && !client.sign_in.consent {
        return Vec::new();
    }
    let known = |scope: &ServerScope| consents::has(scene.state, question.user.id(), client, server, scope);
    let wanted = scopes.iter().filter_map(|name| server.scope(name));
    wanted.filter(|scope| scope.consent_required && (again || !known(scope))).collect()
}

fn page(scene: &Scene<'_>, question: &Question<'_>, scopes: &[&ServerScope]) -> Reply {
    let request = scene.request;
    let nonce = cookies::nonce(request).map_or_else(|| scene.org.ids().word(43), str::to_owned);
    let own = ["username", "password", NONCE, "sessionToken", DECISION, PROOF];
    let sent = question.sent.0.0.iter();
    let mut hidden: Vec<(String, String)> =
        sent.filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    hidden.push((NONCE.to_owned(), nonce.clone()));
    hidden.push((PROOF.to_owned(), proof_of(question.session, question.client)));
    let title = |scope: &ServerScope| {
        if scope.title.is_empty() { scope.name.to_string() } else { scope.title.clone() }
    };
    let scopes: Vec<(String, String)> =
        scopes.iter().map(|scope| (title(scope), scope.description.clone())).collect();
    let login = question.user.login();
    let page = ConsentPage {
        org: &scene.state.settings.name,
        app: &question.client.sign_in.label,
        login: &login,
        action: request.path(),
        hidden: &hidden,
        scopes: &scopes,
    };
    let (name, value) = cookies::set_nonce(&nonce, &request.base_url);
    page.render().with(name, value)
}
