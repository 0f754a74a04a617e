//! What decided an exchange: the steps of the gateway with their reasons, and what was learnt of the caller.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errand::{Answered, Call, CallFailure, Errand};

/// The trace of one exchange. The ledger keeps it; a person reads it to learn why.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The operation id (`listUsers`, `token`), once the router knows it.
    pub operation: Option<&'static str>,
    /// What the reply says as `X-Okta-Request-Id` (32 hexadecimal digits), and the log as `transaction.id`.
    pub request_id: String,
    /// What was learnt about the client.
    pub learnt: Learnt,
    /// The steps that were taken, in order.
    pub steps: Vec<Step>,
    /// The operation exists in Okta and not here: the reply is a 501 and the gap is counted.
    pub gap: bool,
    /// A call that the org has to make before it can answer.
    pub errand: Option<Box<Errand>>,
    /// The ids of the faults that touched the exchange, in the order in which they were applied.
    pub faults: Vec<String>,
    /// How much of the reply a fault lets through.
    pub sent: Sent,
    /// The ids that may be used once (of assertions, of proofs) and that this request has used up.
    pub spent: Vec<Box<[u8]>>,
}

/// How much of a reply goes over the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sent {
    /// All of it.
    #[default]
    Whole,
    /// The head, and the beginning of the body.
    Part,
    /// Nothing: the connection was reset.
    Nothing,
}

/// One step of the gateway and its outcome.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Which step: `route`, `limit`, `client_auth`, `assertion`, `caller`, `scope`, `role`, `operation`, …
    pub step: &'static str,
    /// What it found, in words for a person: `okta.users.read allows it`, `no admin role: the list is empty`.
    pub reason: Cow<'static, str>,
}

/// What an exchange taught about its client. Serialised as the ledger's `client` object, absent members left out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Learnt {
    /// The OAuth client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The id of the user on whose behalf the caller acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How the client authenticated: `private_key_jwt`, `client_secret_basic`, `SSWS`, `Bearer`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_method: Option<&'static str>,
    /// The tag of the presented token (`T1`): the same token has the same tag in the whole ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The header and the claims of a client assertion, as they were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Value>,
    /// The header and the claims of a proof of possession, as they were sent; of its key only the thumbprint (`jkt`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop: Option<Value>,
    /// The scopes asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes_asked: Option<Vec<String>>,
    /// What was issued: `{"token":"T1","scopes":[…],"expires_at":…}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<Value>,
    /// The scope or the role that decided, `{"scope":…}` or `{"role":…}`.
    #[serde(skip_serializing_if = "DecidedBy::is_empty")]
    pub decided_by: DecidedBy,
}

/// The scope and the role that decided, `{"scope":…,"role":…}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DecidedBy {
    /// The scope that let the token through, or that it lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The role that reaches what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl DecidedBy {
    fn is_empty(&self) -> bool {
        self.scope.is_none() && self.role.is_none()
    }
}

impl Trace {
    /// Asks for a call: the request is decided again when it is made.
    pub fn want(&mut self, call: Call) {
        self.errand = Some(Box::new(Errand::Wanted(call)));
    }

    /// Whether a call has to be made before there is an answer.
    pub fn waits(&self) -> bool {
        matches!(self.errand.as_deref(), Some(Errand::Wanted(_)))
    }

    /// The call that is asked for.
    pub fn wanted(&mut self) -> Option<Call> {
        match self.errand.as_deref() {
            Some(Errand::Wanted(call)) => {
                let call = call.clone();
                self.errand = None;
                Some(call)
            }
            _ => None,
        }
    }

    /// The trace of the next decision of the same request, whose call was made.
    pub fn resumed(&mut self, done: Errand) -> Self {
        Self {
            request_id: std::mem::take(&mut self.request_id),
            errand: Some(Box::new(done)),
            faults: std::mem::take(&mut self.faults),
            spent: std::mem::take(&mut self.spent),
            ..Self::default()
        }
    }

    /// What came of the call to this address, if that is the call that was made.
    pub fn done_at(&mut self, url: &str) -> Option<Result<Answered, CallFailure>> {
        match self.errand.as_deref() {
            Some(Errand::Done(call, _)) if call.url == url => self.done().map(|(_, outcome)| outcome),
            _ => None,
        }
    }

    /// The call that was made, and what came of it.
    pub fn done(&mut self) -> Option<(Call, Result<Answered, CallFailure>)> {
        match self.errand.as_deref() {
            Some(Errand::Done(call, outcome)) => {
                let done = (call.clone(), outcome.clone());
                self.errand = None;
                Some(done)
            }
            _ => None,
        }
    }

    /// Notes a step and its reason.
    pub fn note(&mut self, step: &'static str, reason: impl Into<Cow<'static, str>>) {
        self.steps.push(Step { step, reason: reason.into() });
    }
}
