//! A person's token: the browser is played without a window.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use reqwest::Url;
use serde_json::{Value, json};

use crate::{
    client::{Client, EARLY, Person},
    signing::{random, sha256},
    wire::{Answer, Refused, untrusted},
};

impl Client {
    /// The answer of the token endpoint: by the refresh token while it is good, else by signing in.
    pub(crate) async fn token_of(&mut self, person: &Person) -> Result<Value, Refused> {
        if let Some(refresh_token) = self.refresh_token.clone() {
            let form = [("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh_token)];
            match self.grant(&form).await {
                Ok(answer) => return self.keep(answer, None).await,
                // A user who is given too many tokens is told invalid_grant, too, with 429.
                Err(refused)
                    if refused.status == Some(400) && refused.code.as_deref() == Some("invalid_grant") =>
                {
                    self.refresh_token = None; // the person has to sign in again
                }
                Err(refused) => return Err(refused),
            }
        }
        let nonce = match self.config.scopes.iter().any(|scope| scope == "openid") {
            true => Some(random()?),
            false => None,
        };
        let verifier = random()?;
        let code = self.code(person, nonce.as_deref(), &verifier).await?;
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", person.redirect_uri.clone()),
            ("code_verifier", verifier),
        ];
        let answer = self.grant(&form).await?;
        self.keep(answer, nonce.as_deref()).await
    }

    async fn keep(&mut self, answer: Value, nonce: Option<&str>) -> Result<Value, Refused> {
        match answer["id_token"].as_str() {
            Some(id_token) => self.check_id_token(id_token, nonce).await?,
            None if nonce.is_some() => return Err(untrusted("the org sent no ID token")),
            None => {}
        }
        if let Some(next) = answer["refresh_token"].as_str() {
            self.refresh_token = Some(next.to_owned());
        }
        Ok(answer)
    }

    async fn code(&self, person: &Person, nonce: Option<&str>, verifier: &str) -> Result<String, Refused> {
        let state = random()?;
        let mut asked = vec![
            ("client_id", self.config.client_id.clone()),
            ("response_type", "code".to_owned()),
            ("redirect_uri", person.redirect_uri.clone()),
            ("state", state.clone()),
            ("code_challenge", sha256(verifier)),
            ("code_challenge_method", "S256".to_owned()),
        ];
        asked.extend(self.scope().map(|scope| ("scope", scope)));
        asked.extend(nonce.map(|nonce| ("nonce", nonce.to_owned())));
        asked.extend(person.prompt.clone().map(|prompt| ("prompt", prompt)));
        if person.prompt.as_deref() != Some("none") {
            asked.push(("sessionToken", self.session_token(person).await?));
        }
        let url = format!("{}/oauth2/v1/authorize", self.config.org_url);
        let answer = self.send(true, || Ok(self.http.get(&url).query(&asked))).await?;
        if answer.status >= 400 {
            return Err(answer.refusal("http_status"));
        }
        let location = answer.header("location");
        let astray = || untrusted("the org does not send the person back to the client");
        let (target, _) = location.split_once('?').ok_or_else(astray)?;
        if !matches!(answer.status, 302 | 303) || target != person.redirect_uri {
            return Err(astray());
        }
        let back = Url::parse(location).map_err(|_| astray())?;
        let said =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if said("state") != Some(state) {
            return Err(untrusted("the state of the answer is not that of the request"));
        }
        if let Some(error) = said("error") {
            let words = said("error_description").unwrap_or_default();
            return Err(Refused::new("http_status", words).with_code(Some(&error)));
        }
        said("code").ok_or_else(|| untrusted("the answer has neither a code nor an error"))
    }

    async fn session_token(&self, person: &Person) -> Result<String, Refused> {
        let url = format!("{}/api/v1/authn", self.config.org_url);
        let named = json!({ "username": person.login, "password": person.password });
        let answer = self.send(false, || Ok(self.http.post(&url).json(&named))).await?;
        if answer.status != 200 {
            return Err(answer.refusal("http_status"));
        }
        let said = answer.json()?;
        match (said["status"].as_str(), said["sessionToken"].as_str()) {
            (Some("SUCCESS"), Some(token)) => Ok(token.to_owned()),
            (status, _) => Err(untrusted("the person cannot sign in").with_code(status)),
        }
    }

    async fn check_id_token(&self, token: &str, nonce: Option<&str>) -> Result<(), Refused> {
        let url = format!("{}/oauth2/v1/keys", self.config.org_url);
        let answer = self.send(true, || Ok(self.http.get(&url))).await?;
        if answer.status != 200 {
            return Err(answer.refusal("http_status"));
        }
        let claims = self.claims(token, &answer)?;
        if nonce.is_some_and(|nonce| claims["nonce"] != nonce) {
            return Err(untrusted("nonce of the ID token is not the expected one"));
        }
        if claims["exp"].as_i64().is_none_or(|exp| exp < self.clock.now() - EARLY) {
            return Err(untrusted("the ID token has expired"));
        }
        Ok(())
    }

    /// The claims of a token that is the org's, and for this client.
    fn claims(&self, token: &str, keys: &Answer) -> Result<Value, Refused> {
        let wrong = |error: jsonwebtoken::errors::Error| untrusted(format!("the ID token: {error}"));
        let keys: JwkSet =
            serde_json::from_value(keys.json()?).map_err(|error| untrusted(error.to_string()))?;
        let kid = decode_header(token).map_err(wrong)?.kid.unwrap_or_default();
        let key = keys.find(&kid).ok_or_else(|| untrusted("the ID token is not signed by the org"))?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.config.issuer]);
        rules.set_audience(&[&self.config.client_id]);
        rules.validate_exp = false; // by the client's own clock
        let key = DecodingKey::from_jwk(key).map_err(wrong)?;
        decode::<Value>(token, &key, &rules).map(|token| token.claims).map_err(wrong)
    }
}
