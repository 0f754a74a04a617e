//! `/activate`: a user enters the code that a device shows, signs in, and says whether the device may act.
//!
//! One form, three steps, each of which may come with the next one's answers: a test sends the code, a login, a password
//! and a decision at once. A decision by session alone must come from the page that this org has shown, so that no other
//! site decides for a user who is signed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, Method, header};
use subtle::ConstantTimeEq;

use super::activate_page::{self as page, Asked};
use super::store::device_codes::{self, Approval, Decision, DeviceCode};
use super::store::sessions::{self, Session};
use super::user::User;
use crate::exchange::{Form, Reply, Request, Trace};
use crate::org::Org;
use crate::org::state::OrgState;

/// The cookie that names the session.
const COOKIE: &str = "sid";

/// What a user has sent, as far as it is believed.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    /// Nothing yet: show the form.
    Begin,
    /// A code, and nobody who is signed in.
    SignIn { user_code: &'a str },
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
        _ => Step::SignIn { user_code },
    }
}

/// Answers.
pub(super) fn answer(org: &Org, state: &OrgState, request: &Request, trace: &mut Trace) -> Reply {
    let source = if request.method == Method::POST { &request.body[..] } else { request.query().as_bytes() };
    let form = Form::parse(source);
    let session = session(state, request);
    let now = request.now.as_second();
    let prefilled = form.get("user_code").unwrap_or_default();
    let begin = |error: Option<&str>| page::enter(prefilled, session.is_none(), error);
    match step(&request.method, &form, session.is_some()) {
        Step::Begin => begin(None),
        Step::SignIn { .. } => begin(Some("Sign in to activate your device.")),
        Step::Password { user_code, login, password } => {
            let user = User::by_login(state, login).filter(|user| user.has_password(password));
            let Some(user) = user.and_then(|user| User::admitted(state, user.id())) else {
                trace.note("sign_in", "the login or the password is wrong, or the user may not sign in");
                return page::enter(prefilled, true, Some("Unable to sign in"));
            };
            let Some(code) = device_codes::by_user_code(state, now, user_code) else {
                trace.note("device", "there is no such user code, or it is decided or over");
                return page::enter("", true, Some(INVALID));
            };
            let session = sessions::start(org, now, user.id(), vec!["pwd".to_owned()]);
            trace.note("sign_in", "signed in by password");
            trace.learnt.user = Some(session.user_id.to_string());
            let reply = match form.get("decision") {
                Some(decision) => decide(org, now, &code, &session, decision == "allow", trace),
                None => confirm(state, &code, &session),
            };
            let secure = if request.base_url.starts_with("https://") { "; Secure" } else { "" };
            let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax{secure}", session.id);
            reply.with_text(header::SET_COOKIE, &cookie)
        }
        Step::Confirm { user_code } => {
            with_code(org, state, request, &session, user_code, trace, |code, session, _| {
                confirm(state, code, session)
            })
        }
        Step::Decide { user_code, allow, proof } => {
            with_code(org, state, request, &session, user_code, trace, |code, session, trace| {
                if bool::from(proof.as_bytes().ct_eq(proof_of(session, code).as_bytes())) {
                    decide(org, now, code, session, allow, trace)
                } else {
                    trace.note("device", "the decision does not come from this org's page");
                    confirm(state, code, session)
                }
            })
        }
    }
}

/// Okta's words for a code that is none.
const INVALID: &str = "Invalid code. Try again.";

fn with_code(
    _: &Org,
    state: &OrgState,
    request: &Request,
    session: &Option<Session>,
    user_code: &str,
    trace: &mut Trace,
    then: impl FnOnce(&DeviceCode, &Session, &mut Trace) -> Reply,
) -> Reply {
    let code = device_codes::by_user_code(state, request.now.as_second(), user_code);
    match (code, session) {
        (Some(code), Some(session)) => {
            trace.learnt.user = Some(session.user_id.to_string());
            then(&code, session, trace)
        }
        _ => {
            trace.note("device", "there is no such user code, or it is decided or over");
            page::enter("", session.is_none(), Some(INVALID))
        }
    }
}

/// Asks whether the device may act.
fn confirm(state: &OrgState, code: &DeviceCode, session: &Session) -> Reply {
    let login = User::admitted(state, &session.user_id).map(User::login).unwrap_or_default();
    let label = state.get("apps", &code.client_id).and_then(|app| app.text("/label"));
    page::confirm(&Asked {
        app: label.unwrap_or(&code.client_id),
        login,
        user_code: &code.user_code,
        scopes: &code.scopes,
        proof: &proof_of(session, code),
    })
}

/// Writes the decision down.
fn decide(
    org: &Org,
    now: i64,
    code: &DeviceCode,
    session: &Session,
    allow: bool,
    trace: &mut Trace,
) -> Reply {
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
    if !device_codes::settle(org, now, &code.device_code, &decision) {
        trace.note("device", "somebody else has decided, or the code is over");
        return page::enter("", false, Some(INVALID));
    }
    trace.note("device", if allow { "the user allows it" } else { "the user denies it" });
    trace.learnt.client_id = Some(code.client_id.to_string());
    page::decided(allow)
}

/// What the page carries and no other site can know: it follows from the session's secret id and from the code.
fn proof_of(session: &Session, code: &DeviceCode) -> String {
    let text = format!("{}\n{}", session.id, code.device_code);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}

/// The session of the browser, if its user may still do anything.
fn session(state: &OrgState, request: &Request) -> Option<Session> {
    let lines =
        request.headers.get_all(header::COOKIE).iter().filter_map(|line| HeaderValue::to_str(line).ok());
    let id = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))?;
    let session = sessions::find(state, request.now.as_second(), id)?;
    User::admitted(state, &session.user_id).is_some().then_some(session)
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
            (Method::POST, "user_code=ABC", false, Step::SignIn { user_code: "ABC" }),
            (Method::POST, "user_code=ABC&decision=allow", false, Step::SignIn { user_code: "ABC" }),
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
