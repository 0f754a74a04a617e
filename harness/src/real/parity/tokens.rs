//! How an app of the target proves itself: assertions, tokens, proofs of possession.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Method;

use super::{
    answer::{Raw, Seen},
    asker::{Asker, NotMade, Sent, needs},
    credentials::SigningKey,
    observation::{Step, TokenOf},
};
use crate::client::{
    builtin::{assertion, conduct::Conduct, proof::Prover},
    protocol::{Authentication, Connection},
};

/// An access token, and whether it is bound to the run's key.
#[derive(Clone)]
pub(crate) struct Token {
    value: String,
    bound: bool,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("bound", &self.bound).finish_non_exhaustive()
    }
}

/// The run's key for proofs; made when it is needed.
#[derive(Default)]
pub(crate) struct Signer(Option<Prover>);

impl Signer {
    fn prover(&mut self) -> Result<&mut Prover, NotMade> {
        match &mut self.0 {
            Some(prover) => Ok(prover),
            none => Ok(none.insert(Prover::new().map_err(NotMade::Broken)?)),
        }
    }

    /// A proof for a request.
    pub(super) fn proof(&mut self, method: &str, url: &str, token: Option<&str>) -> Result<String, NotMade> {
        self.prover()?.prove(method, url, token, now_s(), &Conduct::default()).map_err(NotMade::Broken)
    }

    /// The headers that show a token.
    pub(super) fn authorization(
        &mut self,
        token: &Token,
        method: &str,
        url: &str,
    ) -> Result<Vec<(String, String)>, NotMade> {
        let line = |scheme: &str| ("Authorization".to_owned(), format!("{scheme} {}", token.value));
        if !token.bound {
            return Ok(vec![line("Bearer")]);
        }
        Ok(vec![line("DPoP"), ("DPoP".to_owned(), self.proof(method, url, Some(&token.value))?)])
    }
}

/// What a client of a real org has for a clock.
#[expect(clippy::disallowed_methods, reason = "a client has a clock of its own; only the org's is virtual")]
fn now_s() -> i64 {
    let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(real.as_secs()).unwrap_or(i64::MAX)
}

/// An assertion's life, long enough for one request.
fn signed(client_id: &str, key: &SigningKey, org_url: &str, endpoint: &str) -> Result<String, String> {
    let connection = Connection {
        org_url: org_url.to_owned(),
        issuer: org_url.to_owned(),
        client_id: client_id.to_owned(),
        auth: Authentication::Public,
        scopes: Vec::new(),
        dpop: false,
        ca_pem: None,
        proxy: None,
        settings: std::collections::BTreeMap::new(),
        sign_in: None,
    };
    let sign = |alg| {
        let key = (key.pem.as_str(), key.kid.as_deref(), alg);
        assertion::sign(&connection, key, endpoint, now_s(), &Conduct::default())
    };
    sign("RS256").or_else(|_| sign("ES256"))
}

fn endpoint_of(server: Option<&str>) -> String {
    server.map_or_else(|| "/oauth2/v1/token".to_owned(), |server| format!("/oauth2/{server}/v1/token"))
}

impl Asker<'_> {
    /// A fresh assertion of an app.
    pub(super) fn assertion(&mut self, app: &str, server: Option<&str>) -> Result<String, NotMade> {
        let id = self.value(&format!("{app}.client_id"))?;
        let key = self.credentials.key(app).ok_or_else(|| needs(&format!("{app}.private_key_file")))?;
        let endpoint = self.url(&endpoint_of(server));
        let broken = |cause| NotMade::Broken(format!("[apps.{app}] private_key_…: {cause}"));
        signed(&id, key, &self.base_url, &endpoint).map_err(broken)
    }

    /// A token of an app; asked for once.
    pub(super) async fn token(&mut self, of: &TokenOf) -> Result<Token, NotMade> {
        let (scope, server) = (
            self.filled(&of.scope, str::to_owned)?,
            of.server.as_deref().map(|server| self.filled(server, str::to_owned)).transpose()?,
        );
        let name = format!("{} {scope} {}", of.app, server.as_deref().unwrap_or_default());
        if let Some(token) = self.tokens.get(&name) {
            return token.clone();
        }
        let token = self.asked_for(&of.app, &scope, server.as_deref()).await;
        self.tokens.insert(name, token.clone());
        token
    }

    /// An app whose tokens are bound is told so, and proves the possession of the run's key from then on.
    async fn asked_for(&mut self, app: &str, scope: &str, server: Option<&str>) -> Result<Token, NotMade> {
        let mut raw = self.token_request(app, scope, server, false).await?;
        for _ in 0..2 {
            if !matches!(raw.error(), Some("invalid_dpop_proof" | "use_dpop_nonce")) {
                break;
            }
            if let Some(nonce) = raw.headers.get("dpop-nonce") {
                self.signer.prover()?.nonce = Some(nonce.to_owned());
            }
            raw = self.token_request(app, scope, server, true).await?;
        }
        let member = |name: &str| raw.body.json().and_then(|body| body[name].as_str());
        match member("access_token") {
            Some(value) if raw.status == 200 => {
                let bound = member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("dpop"));
                Ok(Token { value: value.to_owned(), bound })
            }
            _ => {
                let step = Step::plain(&format!("POST {}", endpoint_of(server)));
                let seen = Seen::of(&step, &raw, &[], &*self, &self.observations.compared);
                Err(NotMade::NoToken { app: app.to_owned(), answer: seen.line() })
            }
        }
    }

    async fn token_request(
        &mut self,
        app: &str,
        scope: &str,
        server: Option<&str>,
        prove: bool,
    ) -> Result<Raw, NotMade> {
        let endpoint = endpoint_of(server);
        let assertion = self.assertion(app, server)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", scope)
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &assertion)
            .finish();
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if prove {
            let url = self.url(&endpoint);
            headers.push(("DPoP".to_owned(), self.signer.proof("POST", &url, None)?));
        }
        let body = Some(("application/x-www-form-urlencoded", form));
        self.send(Sent { method: Method::POST, target: endpoint, headers, body }, None, 0).await
    }
}
