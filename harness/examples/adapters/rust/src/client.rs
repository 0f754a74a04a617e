//! A whole little Okta client: tokens, calls, pages, rate limits. To test yours, call it from `token`, `call` and
//! `list_all`, and throw away the rest.

use std::{collections::HashSet, sync::Arc, time::Duration};

use reqwest::{Method, RequestBuilder, Url, redirect::Policy};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    clock::Clock,
    signing::{ClientKey, ProofKey},
    wire::{Answer, Refused, untrusted},
};

/// At one request that is rate limited, or that an ill org answers.
const ATTEMPTS: u32 = 4;
/// Seconds of one wait; an org that asks for more is reported to the caller.
const LONGEST: i64 = 7200;
/// Seconds before its end at which a token is replaced.
pub(crate) const EARLY: i64 = 60;

/// What `configure` says of the org.
#[derive(Deserialize)]
pub(crate) struct Config {
    pub(crate) org_url: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    auth: Auth,
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    dpop: bool,
    ca_pem: Option<String>,
    proxy: Option<String>,
    pub(crate) sign_in: Option<Person>,
}

/// How the client says who it is.
#[derive(Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
enum Auth {
    PrivateKeyJwt {
        private_key_pem: String,
        kid: Option<String>,
        alg: Option<String>,
    },
    ClientSecretBasic {
        client_secret: String,
    },
    #[serde(rename = "none")]
    Public,
    Ssws {
        api_token: String,
    },
}

/// Who is signed in, when the client acts for a person.
#[derive(Clone, Deserialize)]
pub(crate) struct Person {
    pub(crate) redirect_uri: String,
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) prompt: Option<String>,
}

/// An access token.
#[derive(Clone)]
pub(crate) struct Token {
    value: String,
    pub(crate) token_type: String,
    pub(crate) scope: String,
    /// When it expires, in seconds since 1970.
    pub(crate) until: i64,
}

/// The client of one org.
pub(crate) struct Client {
    pub(crate) config: Config,
    pub(crate) clock: Arc<Clock>,
    pub(crate) http: reqwest::Client,
    key: Option<ClientKey>,
    proofs: Option<ProofKey>,
    nonce: Option<String>,
    cached: Option<Token>,
    pub(crate) refresh_token: Option<String>,
}

impl Client {
    pub(crate) fn new(config: Config, clock: Arc<Clock>) -> Result<Self, Refused> {
        let key = match &config.auth {
            Auth::PrivateKeyJwt { private_key_pem, kid, alg } => {
                Some(ClientKey::new(private_key_pem, kid.clone(), alg.as_deref().unwrap_or("RS256"))?)
            }
            _ => None,
        };
        let proofs = config.dpop.then(ProofKey::generate).transpose()?;
        let http = http(&config).map_err(|error| Refused::new("config", error.to_string()))?;
        Ok(Self { config, clock, http, key, proofs, nonce: None, cached: None, refresh_token: None })
    }

    /// Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill. A write
    /// that is not `repeatable` is only repeated when the org says that it did nothing (503): nobody knows what became of
    /// a lost one.
    pub(crate) async fn send(
        &self,
        repeatable: bool,
        request: impl Fn() -> Result<RequestBuilder, Refused>,
    ) -> Result<Answer, Refused> {
        let mut attempt = 1;
        loop {
            let last = attempt == ATTEMPTS;
            let mark = self.clock.mark();
            let outcome = Answer::of(request()?).await;
            let ill = match &outcome {
                Err(lost) => repeatable && lost.reply()["reason"] == "transport",
                Ok(answer) => {
                    answer.status == 503 || (repeatable && matches!(answer.status, 500 | 502 | 504))
                }
            };
            match outcome {
                _ if ill && !last => tokio::time::sleep(Duration::from_millis(50 << attempt)).await,
                Ok(answer) if answer.status == 429 => {
                    match answer.reset().filter(|wait| !last && *wait <= LONGEST) {
                        Some(wait) => self.clock.sleep(wait * 1000, mark).await,
                        None => return Err(answer.refusal("retries_exhausted")),
                    }
                }
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    /// The access token: from the cache, or from the org.
    pub(crate) async fn token(&mut self) -> Result<Token, Refused> {
        if let Some(token) = &self.cached
            && self.clock.now() < token.until - EARLY
        {
            return Ok(token.clone());
        }
        if matches!(self.config.auth, Auth::Ssws { .. }) {
            return Err(Refused::new("config", "an API token is no OAuth client: there is no token to get"));
        }
        let asked = self.clock.now();
        let answer = match self.config.sign_in.clone() {
            Some(person) => self.token_of(&person).await?,
            None => {
                let mut form = vec![("grant_type", "client_credentials".to_owned())];
                form.extend(self.scope().map(|scope| ("scope", scope)));
                self.grant(&form).await?
            }
        };
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let kind = text("token_type");
        let bound = self.proofs.is_some() && kind.eq_ignore_ascii_case("dpop");
        if !bound && !kind.eq_ignore_ascii_case("bearer") {
            return Err(untrusted(format!("a token of the type {kind:?} was not asked for")));
        }
        let (Some(lasts), Some(value)) = (answer["expires_in"].as_i64(), answer["access_token"].as_str())
        else {
            return Err(untrusted("the answer has no token, or not until when it is good"));
        };
        let token =
            Token { value: value.to_owned(), token_type: kind, scope: text("scope"), until: asked + lasts };
        Ok(self.cached.insert(token).clone())
    }

    /// Drops the token, not the person's session.
    pub(crate) fn forget_token(&mut self) {
        self.cached = None;
    }

    /// The scopes that are asked for, unless there are none.
    pub(crate) fn scope(&self) -> Option<String> {
        Some(self.config.scopes.join(" ")).filter(|scope| !scope.is_empty())
    }

    /// A grant at the token endpoint, with the client's credentials, and again with the nonce if the org asks for one.
    pub(crate) async fn grant(&mut self, form: &[(&str, String)]) -> Result<Value, Refused> {
        // A code is used up by the request whose answer is lost; assertion and proof are made anew for each.
        let repeatable = form.first().is_some_and(|(_, grant)| grant == "client_credentials");
        for last in [false, true] {
            let answer = self.send(repeatable, || self.token_request(form)).await?;
            let nonce = answer.header("dpop-nonce");
            let given = !nonce.is_empty() && self.proofs.is_some();
            if given {
                self.nonce = Some(nonce.to_owned());
            }
            if answer.status == 200 {
                return answer.json();
            }
            let refused = answer.refusal("http_status");
            if last || !given || refused.code.as_deref() != Some("use_dpop_nonce") {
                return Err(refused);
            }
        }
        Err(untrusted("the org asks for one nonce after the other"))
    }

    fn token_request(&self, form: &[(&str, String)]) -> Result<RequestBuilder, Refused> {
        let url = format!("{}/oauth2/v1/token", self.config.org_url);
        let (id, now) = (&self.config.client_id, self.clock.now());
        let mut fields = form.to_vec();
        let mut request = self.http.post(&url);
        match &self.config.auth {
            Auth::ClientSecretBasic { client_secret } => {
                request = request.basic_auth(encoded(id), Some(encoded(client_secret)));
            }
            Auth::Public => fields.push(("client_id", id.clone())),
            Auth::PrivateKeyJwt { .. } | Auth::Ssws { .. } => {}
        }
        if let Some(key) = &self.key {
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            fields.push(("client_assertion_type", kind.to_owned()));
            fields.push(("client_assertion", key.assertion(id, &url, now)?));
        }
        if let Some(proofs) = &self.proofs {
            request = request.header("DPoP", proofs.proof("POST", &url, now, self.nonce.as_deref(), None)?);
        }
        Ok(request.form(&fields))
    }

    /// An authenticated call of the Management API; a token that is no longer accepted is replaced once.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Refused> {
        self.call_at(method, &format!("{}{path}", self.config.org_url), body).await
    }

    async fn call_at(&mut self, method: &str, url: &str, body: Option<&Value>) -> Result<Answer, Refused> {
        let verb = Method::from_bytes(method.as_bytes())
            .map_err(|error| Refused::new("config", error.to_string()))?;
        let mut renewed = false;
        loop {
            let token = match self.config.auth {
                Auth::Ssws { .. } => None,
                _ => Some(self.token().await?),
            };
            let request = || {
                let request = self.http.request(verb.clone(), url);
                let request = self.authorized(request, method, url, token.as_ref())?;
                Ok(match body {
                    Some(body) => request.json(body),
                    None => request,
                })
            };
            let answer = self.send(verb == Method::GET || verb == Method::HEAD, request).await?;
            match answer.status {
                200..300 => return Ok(answer),
                401 if token.is_some() && !renewed => renewed = true,
                _ => return Err(answer.refusal("http_status")),
            }
            self.cached = None;
        }
    }

    fn authorized(
        &self,
        request: RequestBuilder,
        method: &str,
        url: &str,
        token: Option<&Token>,
    ) -> Result<RequestBuilder, Refused> {
        if let Auth::Ssws { api_token } = &self.config.auth {
            return Ok(request.header("Authorization", format!("SSWS {api_token}")));
        }
        let Some(Token { value, token_type, .. }) = token else { return Ok(request) };
        let request = request.header("Authorization", format!("{token_type} {value}"));
        match &self.proofs {
            Some(proofs) if token_type.eq_ignore_ascii_case("dpop") => {
                Ok(request.header("DPoP", proofs.proof(method, url, self.clock.now(), None, Some(value))?))
            }
            _ => Ok(request),
        }
    }

    /// A member of each element of a whole collection, through all of its pages.
    pub(crate) async fn list_all(&mut self, path: &str, key: &str) -> Result<Vec<Value>, Refused> {
        let origin = |url: &str| Url::parse(url).map(|url| url.origin()).ok();
        let mut url = format!("{}{path}", self.config.org_url);
        let (mut seen, mut values) = (HashSet::new(), Vec::new());
        loop {
            if origin(&url) != origin(&self.config.org_url) {
                return Err(untrusted("the next page is at another origin"));
            }
            if !seen.insert(url.clone()) {
                return Err(untrusted("the org handed out a page that was read already"));
            }
            let answer = self.call_at("GET", &url, None).await?;
            let Value::Array(page) = answer.json()? else {
                return Err(untrusted("the page is not a JSON array"));
            };
            values.extend(page.iter().map(|element| element[key].clone()));
            match answer.next_page() {
                Some(next) => url = next.to_owned(),
                None => return Ok(values),
            }
        }
    }
}

fn http(config: &Config) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("orgtwin-rust-adapter/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .timeout(Duration::from_secs(30))
        .no_proxy();
    if let Some(pem) = &config.ca_pem {
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes())?]);
    } else if config.org_url.starts_with("http://") {
        builder = builder.tls_certs_only([]);
    }
    if let Some(proxy) = &config.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy)?);
    }
    builder.build()
}

/// As a form has it: id and secret are encoded before they are joined (RFC 6749 2.3.1).
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
