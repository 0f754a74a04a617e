//! Signing in on the page that `/authorize` shows. The page's form posts the whole request again, with login and
//! password; a nonce in the form must be the one in the browser's cookie, so that no other site can post it.

use subtle::ConstantTimeEq;

use super::request::Asked;
use crate::exchange::{Form, Reply, Request, Trace};
use crate::oauth::store::session_tokens;
use crate::oauth::store::sessions::{self, Session};
use crate::oauth::told::Teller;
use crate::oauth::user::User;
use crate::oauth::{cookies, passwords};
use crate::org::Org;
use crate::org::client::Client;
use crate::org::sign_on;
use crate::org::state::OrgState;
use crate::pages::{Person, SignInPage};

/// The fields of the page's form; they are no parameters of the request.
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
const NONCE: &str = "signin";

/// So many people are offered at most.
const PEOPLE: usize = 12;

/// Authentication methods of a password sign-in.
fn by_password() -> Vec<String> {
    vec!["pwd".to_owned()]
}

/// What came of an attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attempt {
    /// There was none.
    None,
    /// A new session.
    Succeeded(Session),
    /// What the page says about it.
    Failed(&'static str),
}

/// Takes what the request brings to sign in with: the page's form, or a session token. `trace` never sees a secret.
pub(super) fn attempt(teller: Teller<'_>, asked: &Asked, trace: &mut Trace) -> Attempt {
    let Teller { org, state, request, .. } = teller;
    let now = request.now.as_second();
    if request.method == http::Method::POST {
        let form = Form::parse(&request.body);
        if let (Some(username), Some(password)) = (form.get(USERNAME), form.get(PASSWORD)) {
            let nonces = cookies::nonce(request).zip(form.get(NONCE));
            if !nonces.is_some_and(|(own, sent)| bool::from(own.as_bytes().ct_eq(sent.as_bytes()))) {
                trace.note("sign_in", "the nonce of the form is not the one in the browser's cookie");
                return Attempt::Failed("This page was out of date. Please sign in again.");
            }
            return match passwords::check(teller, username, password, trace) {
                Ok(user) if let Err(rule) = sign_on::admits(state, user.id(), request.peer) => {
                    trace.note("sign_in", format!("the rule {rule} of a sign-on policy denies it"));
                    teller.not_signed_in(trace, username, sign_on::DENIED);
                    Attempt::Failed("You do not have permission to access your account at this time.")
                }
                Ok(user) => {
                    trace.note("sign_in", format!("{} signs in by password", user.id()));
                    let session = sessions::start(org, now, user.id(), by_password());
                    teller.signed_in(trace, user.id(), Some(&session));
                    Attempt::Succeeded(session)
                }
                Err((fault, _)) => {
                    trace.note("sign_in", fault.to_string());
                    teller.not_signed_in(
                        trace,
                        username,
                        match fault {
                            passwords::SignInFault::Failed => "INVALID_CREDENTIALS",
                            passwords::SignInFault::PasswordExpired => "PASSWORD_EXPIRED",
                        },
                    );
                    Attempt::Failed(match fault {
                        passwords::SignInFault::Failed => "Unable to sign in",
                        passwords::SignInFault::PasswordExpired => "Your password has expired",
                    })
                }
            };
        }
    }
    let Some(token) = asked.get("sessionToken") else { return Attempt::None };
    match session_tokens::take(org, now, token).filter(|user| User::admitted(state, user).is_some()) {
        Some(user) => {
            trace.note("sign_in", format!("{user} signs in by a session token"));
            Attempt::Succeeded(sessions::start(org, now, &user, by_password()))
        }
        None => {
            trace.note("sign_in", "the session token is unknown, expired or used up");
            Attempt::None
        }
    }
}

/// The page: for a request as it was sent, and what it asks for.
pub(super) fn page(
    org: &Org,
    state: &OrgState,
    request: &Request,
    client: &Client,
    sent: &Asked,
    asked: &Asked,
    problem: Option<&str>,
) -> Reply {
    let nonce = cookies::nonce(request).map_or_else(|| org.ids().word(43), str::to_owned);
    let own = [USERNAME, PASSWORD, NONCE, "sessionToken"];
    let mut hidden: Vec<(String, String)> =
        sent.0.0.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    hidden.push((NONCE.to_owned(), nonce.clone()));
    let people = if state.settings.sign_in_picker { people(state, client) } else { Vec::new() };
    let username = sent.get(USERNAME).or_else(|| asked.get("login_hint")).unwrap_or_default();
    let known = people.iter().find(|person| person.login.eq_ignore_ascii_case(username));
    let page = SignInPage {
        org: &state.settings.name,
        app: &client.sign_in.label,
        action: request.path(),
        hidden: &hidden,
        username,
        password: known.map_or("", |person| &person.password),
        problem,
        people: &people,
    };
    let (name, value) = cookies::set_nonce(&nonce, &request.base_url);
    page.render().with(name, value)
}

/// The first people who can sign in to the app, in the order of the org.
fn people(state: &OrgState, client: &Client) -> Vec<Person> {
    let users = state.all("users").after(None).filter(|user| user.is("/status", "ACTIVE"));
    let assigned = users.filter(|user| client.sign_in.admits(state, &user.id));
    assigned
        .filter_map(|user| {
            let text = |pointer: &str| user.text(pointer).unwrap_or_default();
            let role = state.derived.roles(&user.id).next().map(|role| role.name());
            Some(Person {
                name: format!("{} {}", text("/profile/firstName"), text("/profile/lastName")),
                login: text("/profile/login").into_owned(),
                about: role.unwrap_or_default().replace('_', " ").to_lowercase(),
                password: user.hidden.get(PASSWORD)?.as_str()?.to_owned(),
            })
        })
        .take(PEOPLE)
        .collect()
}
