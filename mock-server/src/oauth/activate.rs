//! `/activate`: a user enters the code that a device shows, signs in, and says whether the device may act.
//!
//! One form, three steps, each of which may come with the next one's answers: a test sends the code, a login, a password
//! and a decision at once. A decision by session alone must come from the page that this org has shown, so that no other
//! site decides for a user who is signed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use subtle::ConstantTimeEq;

use super::server::Known;
use super::store::device_codes::{self, Approval, Decision, DeviceCode};
use super::store::sessions::{self, Session};
use super::told::Teller;
use super::user::User;
use super::{cookies, passwords};
use crate::exchange::{Form, Reply, Request, Trace};
use crate::org::Org;
use crate::org::state::OrgState;
use crate::pages::ActivatePage;

/// What a user has sent, as far as it is believed.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    /// Nothing yet: show the form.
    Begin,
    /// A code, and nobody who is signed in.
    SignIn,
    /// A code, a login and a password.
    Password { user_code: &'a str, login: &'a str, password: &'a str },
    /// A code from somebody who is signed in.
    Confirm { user_code: &'a str },
    /// A decision, with the proof that this org's page was seen.
    Decide { user_code: &'a str, allow: bool, proof: &'a str },
}

/// What is to be done.
fn step<'a>(method: &Method, form: &'a Form, signed_in: bool) -> Step<'a> {
    let field = |name: &str| form.get(name).map(str::trim).filter(|value| !value.is_empty());
    let Some(user_code) = field("user_code").filter(|_| *method == Method::POST) else { return Step::Begin };
    match (field("username"), form.get("password"), field("decision")) {
        (Some(login), Some(password), _) => Step::Password { user_code, login, password },
        (_, _, Some(decision)) if signed_in => {
            let proof = field("proof").unwrap_or_default();
            Step::Decide { user_code, allow: decision == "allow", proof }
        }
        _ if signed_in => Step::Confirm { user_code },
        _ => Step::SignIn,
    }
}

/// Answers.
pub(super) fn answer(org: &Org, state: &OrgState, request: &Request, trace: &mut Trace) -> Reply {
    let source = if request.method == Method::POST { &request.body[..] } else { request.query().as_bytes() };
    let form = Form::parse(source);
    let session = cookies::session(state, request);
    let teller = Teller { server: &Known::Org, org, state, request };
    let visit = Visit { org, state, now: request.now.as_second() };
    let typed = form.get("user_code").unwrap_or_default();
    let signed_in = session.is_some();
    if let Some(session) = &session {
        trace.learnt.user = Some(session.user_id.to_string());
    }
    match (step(&request.method, &form, signed_in), session) {
        (Step::Password { user_code, login, password }, _) => {
            let Ok(user) = passwords::check(teller, login, password, trace) else {
                trace.note("sign_in", "no active user has this login and password");
                teller.not_signed_in(trace, login, "INVALID_CREDENTIALS");
                return visit.enter(typed, false, Some("Unable to sign in"));
            };
            let Some(code) = visit.code(user_code, trace) else {
                return visit.enter("", false, Some(INVALID));
            };
            let session = sessions::start(org, visit.now, user.id(), vec!["pwd".to_owned()]);
            trace.note("sign_in", "signed in by password");
            teller.signed_in(trace, user.id(), Some(&session));
            trace.learnt.user = Some(session.user_id.to_string());
            let reply = match form.get("decision") {
                Some(decision) => visit.decide(&code, &session, decision == "allow", trace),
                None => visit.confirm(&code, &session),
            };
            let (name, value) = cookies::set_session(&session, &request.base_url);
            reply.with(name, value)
        }
        (Step::Confirm { user_code }, Some(session)) => match visit.code(user_code, trace) {
            Some(code) => visit.confirm(&code, &session),
            None => visit.enter("", true, Some(INVALID)),
        },
        (Step::Decide { user_code, allow, proof }, Some(session)) => match visit.code(user_code, trace) {
            Some(code) if bool::from(proof.as_bytes().ct_eq(proof_of(&session, &code).as_bytes())) => {
                visit.decide(&code, &session, allow, trace)
            }
            Some(code) => {
                trace.note("device", "the decision does not come from this org's page");
                visit.confirm(&code, &session)
            }
            None => visit.enter("", true, Some(INVALID)),
        },
        (Step::SignIn, _) => visit.enter(typed, false, Some("Sign in to activate your device.")),
        _ => visit.enter(typed, signed_in, None),
    }
}

/// Okta's words for a code that is none.
const INVALID: &str = "Invalid code. Try again.";

/// Okta's words for a user who may not use the app.
const NOT_ASSIGNED: &str = "User is not assigned to the client application.";

/// A request for the page.
struct Visit<'a> {
    org: &'a Org,
    state: &'a OrgState,
    now: i64,
}

impl Visit<'_> {
    fn name(&self) -> &str {
        &self.state.settings.name
    }

    /// The undecided code that was typed.
    fn code(&self, typed: &str, trace: &mut Trace) -> Option<DeviceCode> {
        let code = device_codes::by_user_code(self.state, self.now, typed);
        if code.is_none() {
            trace.note("device", "there is no such user code, or it is decided or over");
        }
        code
    }

    fn enter(&self, user_code: &str, signed_in: bool, problem: Option<&str>) -> Reply {
        ActivatePage::Enter { user_code, sign_in: !signed_in, problem }.render(self.name())
    }

    /// Asks whether the device may act.
    fn confirm(&self, code: &DeviceCode, session: &Session) -> Reply {
        if !self.assigned(code, session) {
            return self.enter("", true, Some(NOT_ASSIGNED));
        }
        let login = User::admitted(self.state, &session.user_id).map(User::login).unwrap_or_default();
        let label = self.state.get("apps", &code.client_id).and_then(|app| app.text("/label"));
        ActivatePage::Confirm {
            app: label.as_deref().unwrap_or(&code.client_id),
            login: &login,
            user_code: &code.user_code,
            scopes: &code.scopes.join(", "),
            proof: &proof_of(session, code),
        }
        .render(self.name())
    }

    /// Whether the user is assigned to the app.
    fn assigned(&self, code: &DeviceCode, session: &Session) -> bool {
        let client = self.state.derived.client(&code.client_id);
        client.is_some_and(|client| client.sign_in.admits(self.state, &session.user_id))
    }

    /// Writes the decision down.
    fn decide(&self, code: &DeviceCode, session: &Session, allow: bool, trace: &mut Trace) -> Reply {
        if !self.assigned(code, session) {
            trace.note("device", "the user is not assigned to the app");
            return self.enter("", true, Some(NOT_ASSIGNED));
        }
        let decision = if allow {
            Decision::Approved(Approval {
                user_id: session.user_id.clone(),
                auth_time: session.auth_time,
                amr: session.amr.clone(),
                session: Some(session.id.clone()),
            })
        } else {
            Decision::Denied
        };
        if !device_codes::settle(self.org, self.now, &code.device_code, &decision) {
            trace.note("device", "somebody else has decided, or the code is over");
            return self.enter("", true, Some(INVALID));
        }
        trace.note("device", if allow { "the user allows it" } else { "the user denies it" });
        trace.learnt.client_id = Some(code.client_id.to_string());
        ActivatePage::Decided { allowed: allow }.render(self.name())
    }
}

/// What the page carries and no other site can know: it follows from the session's secret id and from the code.
fn proof_of(session: &Session, code: &DeviceCode) -> String {
    let text = format!("{}\n{}", session.id, code.device_code);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_follows_from_what_was_sent() {
        let both = "user_code=ABC&username=ada&password=p&decision=allow";
        for (method, form, signed_in, expected) in [
            (Method::GET, "user_code=ABC", true, Step::Begin),
            (Method::POST, "", true, Step::Begin),
            (Method::POST, "user_code=+", true, Step::Begin),
            (Method::POST, "user_code=ABC", false, Step::SignIn),
            (Method::POST, "user_code=ABC&decision=allow", false, Step::SignIn),
            (Method::POST, "user_code=+ABC+", true, Step::Confirm { user_code: "ABC" }),
            (Method::POST, both, true, Step::Password { user_code: "ABC", login: "ada", password: "p" }),
            (
                Method::POST,
                "user_code=ABC&decision=allow&proof=x",
                true,
                Step::Decide { user_code: "ABC", allow: true, proof: "x" },
            ),
            (
                Method::POST,
                "user_code=ABC&decision=anything",
                true,
                Step::Decide { user_code: "ABC", allow: false, proof: "" },
            ),
        ] {
            assert_eq!(step(&method, &Form::parse(form.as_bytes()), signed_in), expected, "{form}");
        }
    }
}
