//! An authorize request, checked in Okta's order and without looking at anything but the app (token-facts §11).

use super::enrolment;
use super::fault::Fault;
use super::response::{Channel, ResponseMode, ResponseType};
use crate::exchange::Form;
use crate::org::client::{AuthMethod, Client};

/// The parameters of a request, from the query, the form, a pushed request or a request object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked(pub(super) Form);

impl Asked {
    /// A parameter. One without a value counts as left out.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).filter(|value| !value.is_empty())
    }
}

/// Whether the user is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// The parameter is left out.
    Unsaid,
    /// `none`: never.
    None,
    /// `login`, alone or with `consent`: to sign in, also with a session.
    Login,
    /// `consent`: to consent, where there is something to consent to.
    Consent,
    /// `enroll_authenticator`: to enrol one.
    EnrollAuthenticator,
}

impl Prompt {
    /// What the refusal of another value lists.
    pub(super) const SUPPORTED: [&'static str; 3] = ["none", "login", "consent"];

    fn parse(parameter: Option<&str>) -> Option<Self> {
        let Some(parameter) = parameter else { return Some(Self::Unsaid) };
        match parameter.split_ascii_whitespace().collect::<Vec<_>>().as_slice() {
            ["none"] => Some(Self::None),
            ["login"] | ["login", "consent"] | ["consent", "login"] => Some(Self::Login),
            ["consent"] => Some(Self::Consent),
            ["enroll_authenticator"] => Some(Self::EnrollAuthenticator),
            _ => None,
        }
    }
}

/// A request that can be answered, but for its scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuthorizeRequest {
    /// What is asked for.
    pub(super) response: ResponseType,
    /// For the ID token.
    pub(super) nonce: Option<String>,
    /// The PKCE challenge (S256).
    pub(super) challenge: Option<String>,
    /// The thumbprint of the DPoP key that the code is bound to (RFC 9449 §10).
    pub(super) dpop_jkt: Option<String>,
    /// Whether the user is to be asked.
    pub(super) prompt: Prompt,
    /// How old a session may be, in seconds.
    pub(super) max_age: Option<i64>,
}

/// The way back, for a redirect URI that is the app's. State and mode count as far as they can be used: a refusal
/// travels by them too.
pub(super) fn channel(asked: &Asked, redirect_uri: &str) -> Channel {
    let response = asked.get("response_type").and_then(ResponseType::parse);
    let default = response.map_or(ResponseMode::Query, ResponseType::default_mode);
    let mode = asked.get("response_mode").and_then(ResponseMode::parse);
    let fits = |mode: &ResponseMode| response.is_none_or(|response| check_mode(*mode, response).is_ok());
    Channel {
        redirect_uri: redirect_uri.to_owned(),
        mode: mode.filter(fits).unwrap_or(default),
        state: asked.get("state").filter(|state| is_state(state)).map(str::to_owned),
    }
}

/// Whether an app knows a redirect URI: letter for letter.
pub(super) fn is_registered(client: &Client, redirect_uri: &str) -> bool {
    client.sign_in.redirect_uris.iter().any(|one| one == redirect_uri)
}

/// Checks everything but the scopes.
///
/// # Errors
/// [`Fault`]: state, response type, grant, mode, enrolment, nonce, prompt, `max_age`, PKCE, `idp`, `acr_values`, in this
/// order. `idp` may name the org itself (`own`).
pub(super) fn check(asked: &Asked, client: &Client, own: &str) -> Result<AuthorizeRequest, Fault> {
    if !asked.get("state").is_some_and(is_state) {
        return Err(Fault::State);
    }
    let configured = &client.sign_in.response_types;
    let response = asked
        .get("response_type")
        .and_then(ResponseType::parse)
        .filter(|response| response.words().all(|word| configured.iter().any(|one| one == word)))
        .ok_or_else(|| Fault::ResponseType(configured.clone()))?;
    let has_grant = |name: &str| client.grant_types.iter().any(|grant| grant == name);
    if (response.code && !has_grant("authorization_code")) || (response.implicit() && !has_grant("implicit"))
    {
        return Err(Fault::Grant(client.grant_types.clone()));
    }
    if let Some(mode) = asked.get("response_mode") {
        check_mode(ResponseMode::parse(mode).ok_or(Fault::ResponseMode)?, response)?;
    }
    enrolment::check(asked, response)?;
    let nonce = asked.get("nonce").map(str::to_owned);
    if response.implicit() && nonce.is_none() {
        return Err(Fault::Nonce);
    }
    if asked.get("prompt") == Some("idp_refresh") {
        return Err(if asked.get("idp").is_some() { Fault::Idp } else { Fault::IdpRefresh });
    }
    let prompt = Prompt::parse(asked.get("prompt")).ok_or(Fault::Prompt)?;
    let max_age = match asked.get("max_age") {
        None => None,
        Some(text) => {
            let seconds = text.parse().ok().filter(|seconds| (0..=i64::from(i32::MAX)).contains(seconds));
            Some(seconds.ok_or(Fault::MaxAge)?)
        }
    };
    if prompt == Prompt::None && max_age == Some(0) {
        return Err(Fault::NoneAtOnce);
    }
    let challenge = if response.code { challenge(asked, client)? } else { None };
    if asked.get("idp").is_some_and(|idp| idp != own) {
        return Err(Fault::Idp);
    }
    check_acr(asked.get("acr_values"))?;
    let dpop_jkt = asked.get("dpop_jkt").map(str::to_owned);
    Ok(AuthorizeRequest { response, nonce, challenge, dpop_jkt, prompt, max_age })
}

fn check_mode(mode: ResponseMode, response: ResponseType) -> Result<(), Fault> {
    match mode {
        ResponseMode::Query if response.implicit() => Err(Fault::QueryWithTokens),
        ResponseMode::OktaPostMessage if response.code => Err(Fault::PostMessageWithCode),
        _ => Ok(()),
    }
}

/// The challenge. A public client needs one, and an app that is set to.
fn challenge(asked: &Asked, client: &Client) -> Result<Option<String>, Fault> {
    let Some(challenge) = asked.get("code_challenge") else {
        let needed = client.sign_in.pkce_required || client.auth_method == AuthMethod::None;
        return if needed { Err(Fault::ChallengeMissing) } else { Ok(None) };
    };
    if asked.get("code_challenge_method") != Some("S256") {
        return Err(Fault::ChallengeMethod);
    }
    let fine = (43..=128).contains(&challenge.len())
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    if fine { Ok(Some(challenge.to_owned())) } else { Err(Fault::Challenge) }
}

/// Levels of assurance: one factor is there, a second one never is.
fn check_acr(values: Option<&str>) -> Result<(), Fault> {
    for value in values.into_iter().flat_map(str::split_ascii_whitespace) {
        match value.strip_prefix("urn:okta:loa:") {
            Some("1fa:any" | "1fa:pwd" | "2fa:any:ifpossible") => {}
            Some("2fa:any") => return Err(Fault::UnmetAcr),
            _ => return Err(Fault::Acr),
        }
    }
    Ok(())
}

/// What users' apps send passes, URLs and JSON too (token-facts §11); line breaks and the like do not.
fn is_state(state: &str) -> bool {
    state.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
