//! Tokens for a person: authorization code with PKCE, the browser played without a window; refreshed for as long as
//! the org allows it, and the person signs in again only after that (product, behaviour 8; real-clients §2.13, 21).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::{join, join_all};
use reqwest::{Url, header::LOCATION};
use rsa::sha2::{Digest as _, Sha256};
use serde_json::{Value, json};

use super::{
    calls::{Answer, ReferenceClient, unexpected},
    conduct::{Challenge, Conduct},
    credentials, id_token, refused,
};
use crate::client::protocol::{Connection, Reason, Refused, ReportedError, SignIn};

/// What a sign-in must bring back, or proves itself with later.
struct Attempt {
    state: String,
    nonce: Option<String>,
    verifier: String,
}

impl Attempt {
    fn new(connection: &Connection, conduct: &Conduct) -> Self {
        let fresh =
            |name: &str| if conduct.fresh_state { secret() } else { format!("always-the-same-{name}") };
        let openid = connection.scopes.iter().any(|scope| scope == "openid");
        Self { state: fresh("state"), nonce: openid.then(|| fresh("nonce")), verifier: secret() }
    }

    /// The address that the browser is sent to.
    fn address(
        &self,
        connection: &Connection,
        person: &SignIn,
        session: Option<&str>,
        conduct: &Conduct,
    ) -> Result<Url, Refused> {
        let mut address = Url::parse(&format!("{}/oauth2/v1/authorize", connection.org_url))
            .map_err(|error| refused(Reason::Config, None, format!("the org's URL: {error}")))?;
        let mut query = address.query_pairs_mut();
        query
            .append_pair("client_id", &connection.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &person.redirect_uri);
        if conduct.send_state {
            query.append_pair("state", &self.state);
        }
        if conduct.password_again {
            query.append_pair("password", &person.password);
        }
        if !connection.scopes.is_empty() {
            let own = connection.scopes.iter().map(String::as_str);
            query.append_pair("scope", &own.chain(conduct.extra_scope).collect::<Vec<_>>().join(" "));
        }
        if let Some(nonce) = self.nonce.as_ref().filter(|_| conduct.send_nonce) {
            query.append_pair("nonce", nonce);
        }
        match conduct.challenge {
            Challenge::S256 => query
                .append_pair("code_challenge", &challenge(&self.verifier))
                .append_pair("code_challenge_method", "S256"),
            Challenge::Plain => query
                .append_pair("code_challenge", &self.verifier)
                .append_pair("code_challenge_method", "plain"),
            Challenge::Absent => &mut query,
        };
        if let Some(prompt) = &person.prompt {
            query.append_pair("prompt", prompt);
        }
        if let Some(session) = session {
            query.append_pair("sessionToken", session);
        }
        if conduct.secret_in_authorize_url {
            query.append_pair("client_secret", connection.auth.secret());
        }
        drop(query);
        Ok(address)
    }
}

/// 256 bits that nobody can guess.
fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The challenge of a verifier (RFC 7636 §4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

impl ReferenceClient {
    /// A token response for the person: by the refresh token if there is one, else by a sign-in.
    pub(super) async fn request_token_for(
        &mut self,
        connection: &Connection,
        person: &SignIn,
    ) -> Result<Answer, Refused> {
        if let Some(token) = self.refresh_token.clone().filter(|_| self.conduct.refresh) {
            let mut form = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token)];
            if self.conduct.widen_refresh {
                form.push(("scope", [&connection.scopes.join(" "), "okta.apps.manage"].join(" ")));
            }
            let mut more: Vec<Self> = (1..self.conduct.refreshes_at_once).map(|_| self.clone()).collect();
            let beside = join_all(more.iter_mut().map(|twin| twin.post_grant(connection, form.clone())));
            let (answer, _) = join(self.post_grant(connection, form.clone()), beside).await;
            let mut answer = answer?;
            if answer.status != 200 && self.conduct.repeat_refresh {
                answer = self.post_grant(connection, form).await?;
            }
            match (answer.status, answer.refusal().error.and_then(|error| error.code).as_deref()) {
                (200, _) => {
                    self.keep(connection, &answer, None).await?;
                    return Ok(answer);
                }
                (_, Some("invalid_grant")) => self.refresh_token = None,
                _ => return Ok(answer),
            }
        }
        let attempt = Attempt::new(connection, &self.conduct);
        let code = self.code(connection, person, &attempt).await?;
        let redirect_uri = match self.conduct.exact_redirect_uri {
            true => person.redirect_uri.clone(),
            false => format!("{}/", person.redirect_uri),
        };
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", redirect_uri),
        ];
        if self.conduct.challenge != Challenge::Absent {
            let verifier = if self.conduct.own_verifier { attempt.verifier.clone() } else { secret() };
            form.push(("code_verifier", verifier));
        }
        let answer = self.post_grant(connection, form.clone()).await?;
        if !self.conduct.code_once {
            self.post_grant(connection, form).await?;
        }
        if answer.status == 200 {
            self.keep(connection, &answer, attempt.nonce.as_deref()).await?;
        }
        Ok(answer)
    }

    /// The code of one sign-in.
    async fn code(
        &mut self,
        connection: &Connection,
        person: &SignIn,
        attempt: &Attempt,
    ) -> Result<String, Refused> {
        let session = match person.prompt.as_deref() {
            Some("none") => None,
            _ => Some(self.session_token(connection, person).await?),
        };
        let address = attempt.address(connection, person, session.as_deref(), &self.conduct)?;
        let browse = |http: &reqwest::Client| Ok(http.get(address.clone()).header("Accept", "text/html"));
        let mut answer = self.send_with_patience(false, browse).await?;
        if self.conduct.repeat_authorize && redirected(&answer, person).is_ok_and(|to| to.code.is_none()) {
            answer = self.send_with_patience(false, browse).await?;
        }
        let answer = redirected(&answer, person)?;
        if self.conduct.check_state && answer.state.as_deref() != Some(&attempt.state) {
            return Err(unexpected("the state of the answer is not that of the request"));
        }
        match (answer.code, answer.error) {
            (Some(code), None) => Ok(code),
            (_, Some(error)) => Err(Refused {
                status: None,
                error: Some(ReportedError { code: Some(error), message: answer.description }),
                reason: Some(Reason::HttpStatus),
            }),
            (None, None) => Err(unexpected("the answer of the org has neither a code nor an error")),
        }
    }

    /// What the person's password is worth: a session token, good for one authorization request.
    async fn session_token(&mut self, connection: &Connection, person: &SignIn) -> Result<String, Refused> {
        let endpoint = format!("{}/api/v1/authn", connection.org_url);
        let body = json!({ "username": person.login, "password": person.password });
        let answer = self
            .send_with_patience(false, |http| {
                Ok(http.post(&endpoint).header("Accept", "application/json").json(&body))
            })
            .await?;
        if answer.status != 200 {
            return Err(answer.refusal());
        }
        let answer = answer.json()?;
        match (answer["status"].as_str(), answer["sessionToken"].as_str()) {
            (Some("SUCCESS"), Some(token)) => Ok(token.to_owned()),
            (Some(status), _) => Err(refused(Reason::Validation, Some(status), "the person cannot sign in")),
            _ => Err(unexpected("the org did not say how the sign-in went")),
        }
    }

    /// One request of the token endpoint.
    async fn post_grant(
        &mut self,
        connection: &Connection,
        form: Vec<(&str, String)>,
    ) -> Result<Answer, Refused> {
        let (conduct, clock) = (self.conduct.clone(), self.clock.clone());
        let endpoint = format!("{}/oauth2/v1/token", connection.org_url);
        self.send_with_patience(false, |http| {
            let request = http.post(&endpoint).header("Accept", "application/json");
            let form = form.clone();
            credentials::authenticated(connection, &conduct, (&endpoint, clock.now_s()), request, form)
        })
        .await
    }

    /// Checks the ID token and keeps the refresh token of a token response.
    async fn keep(
        &mut self,
        connection: &Connection,
        answer: &Answer,
        nonce: Option<&str>,
    ) -> Result<(), Refused> {
        let answer = answer.json()?;
        match answer["id_token"].as_str() {
            Some(token) if self.conduct.check_id_token => {
                let keys = self.signing_keys(connection).await?;
                let expected = id_token::Expected {
                    issuer: &connection.issuer,
                    audience: &connection.client_id,
                    nonce: nonce.filter(|_| self.conduct.check_nonce),
                    now_s: self.clock.now_s(),
                };
                id_token::verify(token, &keys, &expected).map_err(unexpected)?;
            }
            Some(_) => {}
            None if nonce.is_some() => return Err(unexpected("the org sent no ID token")),
            None => {}
        }
        let offered = answer["refresh_token"].as_str().map(ToOwned::to_owned);
        if offered.is_some() && (self.conduct.keep_new_refresh_token || self.refresh_token.is_none()) {
            self.refresh_token = offered;
        }
        Ok(())
    }

    /// The org's public keys.
    async fn signing_keys(&mut self, connection: &Connection) -> Result<Value, Refused> {
        let address = format!("{}/oauth2/v1/keys", connection.org_url);
        let answer = self
            .send_with_patience(true, |http| Ok(http.get(&address).header("Accept", "application/json")))
            .await?;
        if answer.status == 200 { answer.json() } else { Err(answer.refusal()) }
    }
}

/// What the org sent the browser back with.
#[derive(Default)]
struct Redirected {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

/// Reads the redirect to the client's own address; a page or a redirect elsewhere is the end of the sign-in.
fn redirected(answer: &Answer, person: &SignIn) -> Result<Redirected, Refused> {
    match answer.status {
        302 | 303 => {}
        200..=299 => return Err(unexpected("the org shows a page instead of answering")),
        _ => return Err(answer.refusal()),
    }
    let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = Url::parse(location).map_err(|error| unexpected(format!("the redirect: {error}")))?;
    let ours = Url::parse(&person.redirect_uri)
        .map_err(|error| refused(Reason::Config, None, format!("the redirect URI: {error}")))?;
    if (target.origin(), target.path()) != (ours.origin(), ours.path()) {
        return Err(unexpected("the org redirects to an address that is not the client's"));
    }
    let mut read = Redirected::default();
    for (name, value) in target.query_pairs() {
        let value = Some(value.into_owned());
        match &*name {
            "code" => read.code = value,
            "state" => read.state = value,
            "error" => read.error = value,
            "error_description" => read.description = value,
            _ => {}
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(secret().len(), 43);
        assert_ne!(secret(), secret());
    }
}
