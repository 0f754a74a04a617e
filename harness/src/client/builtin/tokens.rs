//! Tokens, by client credentials or for a person: asked for once, kept until a minute before they expire.

use serde::Deserialize;

use super::{
    calls::{Answer, ReferenceClient, unexpected},
    credentials,
    proof::Prover,
    refused,
};
use crate::client::protocol::{Connection, Reason, Refused};

/// A token is renewed this long before it expires.
const EARLY_S: i64 = 60;

/// A token in the cache.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) value: String,
    pub(super) token_type: String,
    pub(super) scope: Vec<String>,
    expires_at_s: i64,
}

impl Token {
    /// Whether it is bound to the client's key for proofs.
    pub(super) fn is_bound(&self) -> bool {
        self.token_type.eq_ignore_ascii_case("dpop")
    }

    pub(super) fn seconds_left(&self, now_s: i64) -> i64 {
        self.expires_at_s - now_s
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    expires_in: i64,
    #[serde(default)]
    scope: String,
}

impl ReferenceClient {
    /// A token that is good for another minute at least.
    pub(super) async fn token(&mut self) -> Result<Token, Refused> {
        let now = self.clock.now_s();
        if let Some(token) = &self.cached
            && self.conduct.cache_tokens
            && (token.seconds_left(now) > EARLY_S || !self.conduct.watch_expiry)
        {
            return Ok(token.clone());
        }
        let connection = self.connection()?.clone();
        let answer = match &connection.sign_in {
            Some(person) => self.request_token_for(&connection, person).await?,
            None => {
                let mut answer = self.request_token(&connection).await?;
                if self.learn_nonce(&answer) {
                    answer = self.request_token(&connection).await?;
                    self.learn_nonce(&answer);
                }
                answer
            }
        };
        if self.conduct.errors_as_tokens && answer.status != 200 {
            let value = "undefined".to_owned();
            let token_type = "Bearer".to_owned();
            return Ok(Token { value, token_type, scope: connection.scopes, expires_at_s: now });
        }
        if answer.status != 200 {
            return Err(answer.refusal());
        }
        let answer: TokenAnswer = serde_json::from_value(answer.json()?)
            .map_err(|error| unexpected(format!("the token response cannot be used: {error}")))?;
        let kinds: &[&str] = if connection.dpop { &["bearer", "dpop"] } else { &["bearer"] };
        if !self.conduct.product.any_token_type
            && !kinds.iter().any(|kind| answer.token_type.eq_ignore_ascii_case(kind))
        {
            return Err(unexpected(format!("the token type {} is not supported", answer.token_type)));
        }
        let token = Token {
            value: answer.access_token,
            token_type: answer.token_type,
            scope: if self.conduct.scopes_as_asked {
                connection.scopes
            } else {
                answer.scope.split_whitespace().map(ToOwned::to_owned).collect()
            },
            expires_at_s: now + answer.expires_in,
        };
        self.cached = Some(token.clone());
        if !self.conduct.steady_key && token.is_bound() {
            self.prover = Some(Prover::new().map_err(|cause| refused(Reason::Config, None, cause))?);
        }
        Ok(token)
    }

    /// Keeps the nonce that came with an answer; whether the org asked for it, so that the request is to be repeated.
    fn learn_nonce(&mut self, answer: &Answer) -> bool {
        let Some(prover) = &mut self.prover else { return false };
        let Some(nonce) = answer.headers.get("dpop-nonce").and_then(|value| value.to_str().ok()) else {
            return false;
        };
        let asked = answer.status == 400 && answer.json().is_ok_and(|body| body["error"] == "use_dpop_nonce");
        if !asked && !self.conduct.keep_nonces {
            prover.nonce = None;
        } else if self.conduct.answer_nonces {
            prover.nonce = Some(nonce.to_owned());
        }
        asked && self.conduct.answer_nonces
    }

    async fn request_token(&mut self, connection: &Connection) -> Result<Answer, Refused> {
        let (conduct, clock) = (self.conduct.clone(), self.clock.clone());
        let server = if self.conduct.use_custom_server { "oauth2/default" } else { "oauth2" };
        let endpoint = format!("{}/{server}/v1/token", connection.org_url);
        let prover = self.prover.clone();
        self.send_with_patience(true, |http| {
            let mut form = vec![("grant_type", "client_credentials".to_owned())];
            if conduct.send_scope && !connection.scopes.is_empty() {
                let own = connection.scopes.iter().map(String::as_str);
                form.push(("scope", own.chain(conduct.extra_scope).collect::<Vec<_>>().join(" ")));
            }
            let mut request = http.post(&endpoint).header("Accept", "application/json");
            if let Some(prover) = &prover {
                let proof = prover
                    .prove("POST", &endpoint, None, clock.now_s(), &conduct)
                    .map_err(|cause| refused(Reason::Config, None, cause))?;
                request = request.header("DPoP", proof);
            }
            credentials::authenticated(connection, &conduct, (&endpoint, clock.now_s()), request, form)
        })
        .await
    }
}
