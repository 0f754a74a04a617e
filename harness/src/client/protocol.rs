//! The client adapter protocol, version 1 (contracts §4, harness-anchors §2.2): JSON Lines, one request a line, one
//! reply a line, `id` echoed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version that this harness speaks.
pub(crate) const PROTOCOL: u32 = 1;

/// One request line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Echoed by the reply.
    pub(crate) id: u64,
    /// What is asked for.
    #[serde(flatten)]
    pub(crate) op: Op,
}

/// What a client can be asked to do. Domain verbs only: a client never learns which scenario it is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Op {
    /// The handshake: the protocols on offer.
    Hello {
        /// The versions that the harness speaks.
        protocols: Vec<u32>,
        /// The harness and its version, for logs.
        harness: String,
    },
    /// Which org, as whom.
    Configure {
        /// The connection that an administrator of an org would hand to the client.
        client: Box<Connection>,
    },
    /// Get an access token now, from the cache or from the org.
    GetToken,
    /// One call of the Management API.
    Call {
        /// The HTTP method.
        method: String,
        /// Path and query below the org's URL.
        path: String,
        /// A JSON body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
    },
    /// A whole collection, through all of its pages.
    ListAll {
        /// Path and query of the first page.
        path: String,
        /// The member of each element that the reply's `values` consists of.
        key: String,
    },
    /// What the product does when a customer presses "test the connection" (optional capability `connection_test`).
    TestConnection,
    /// What the product does on its own schedule: read what is new in the org (optional capability `sync`).
    Sync,
    /// Drop the cached token (optional capability `forget_token`).
    ForgetToken,
    /// Move the client's own clock forward (optional capability `clock.inject`). May arrive while another op is
    /// under way: a client that waits then goes on, and counts what its clock was moved since it sent the request that
    /// it waits for as waited already.
    AdvanceClock {
        /// Milliseconds.
        ms: u64,
    },
    /// The end: exit within three seconds.
    Bye,
}

impl Op {
    /// The op's name on the wire.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Configure { .. } => "configure",
            Self::GetToken => "get_token",
            Self::Call { .. } => "call",
            Self::ListAll { .. } => "list_all",
            Self::TestConnection => "test_connection",
            Self::Sync => "sync",
            Self::ForgetToken => "forget_token",
            Self::AdvanceClock { .. } => "advance_clock",
            Self::Bye => "bye",
        }
    }

    /// `GET` of a path.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::Call { method: "GET".to_owned(), path: path.into(), body: None }
    }

    /// A whole collection by the members' `id`.
    pub(crate) fn list_all(path: impl Into<String>) -> Self {
        Self::ListAll { path: path.into(), key: "id".to_owned() }
    }
}

/// What the client needs to reach an org.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// `http://127.0.0.1:41233`, no trailing slash; with the capability `domain` it may be what a customer typed.
    pub(crate) org_url: String,
    /// The issuer: the org authorization server.
    pub(crate) issuer: String,
    /// The OAuth client id; empty with an API token.
    pub(crate) client_id: String,
    /// How it authenticates.
    pub(crate) auth: Authentication,
    /// The scopes to ask for.
    pub(crate) scopes: Vec<String>,
    /// Tokens bound by DPoP.
    #[serde(default)]
    pub(crate) dpop: bool,
    /// The certificate authority to trust, in PEM.
    #[serde(default)]
    pub(crate) ca_pem: Option<String>,
    /// An HTTP proxy.
    #[serde(default)]
    pub(crate) proxy: Option<String>,
    /// What the customer entered for the integration's tenant settings, by their names; what was left empty is absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) settings: BTreeMap<String, String>,
    /// The person for whom the client gets its tokens, by authorization code (capability
    /// `grant.authorization_code`); without one it acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in: Option<SignIn>,
}

/// A person who signs in: the client plays the browser.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SignIn {
    /// Where the answer of the authorization endpoint is sent; nothing listens there.
    pub(crate) redirect_uri: String,
    /// What the person signs in with.
    pub(crate) login: String,
    /// Their password.
    pub(crate) password: String,
    /// The `prompt` of the authorization request. With `none` the person is not asked and does not sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prompt: Option<String>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {} (password not shown)", self.login, self.redirect_uri)
    }
}

/// Client authentication and its secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub(crate) enum Authentication {
    /// A signed assertion.
    PrivateKeyJwt {
        /// PKCS#8 or PKCS#1.
        private_key_pem: String,
        /// The key's id in the app's key set.
        #[serde(default)]
        kid: Option<String>,
        /// `RS256` or `ES256`.
        alg: String,
    },
    /// Id and secret by HTTP Basic.
    ClientSecretBasic {
        /// The secret.
        client_secret: String,
    },
    /// None: a public client, which has nothing to prove itself with.
    #[serde(rename = "none")]
    Public,
    /// An API token of the org, sent as `Authorization: SSWS …`; there is no OAuth client then.
    Ssws {
        /// The token.
        api_token: String,
    },
}

impl Authentication {
    /// The method's name, which is the tail of the capability `auth.NAME` too.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::ClientSecretBasic { .. } => "client_secret_basic",
            Self::Public => "none",
            Self::Ssws { .. } => "ssws",
        }
    }
}

impl Authentication {
    /// What must not be shown.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::PrivateKeyJwt { private_key_pem: secret, .. }
            | Self::ClientSecretBasic { client_secret: secret }
            | Self::Ssws { api_token: secret } => secret,
            Self::Public => "",
        }
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (secret not shown)", self.method())
    }
}

/// The reply to `hello`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The version that the adapter chose.
    pub(crate) protocol: u32,
    /// Who the client is.
    pub(crate) client: Identity,
    /// What it can do.
    #[serde(default)]
    pub(crate) capabilities: Vec<String>,
}

/// Who a client is, for reports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    #[serde(default)]
    pub(crate) version: String,
    /// Language and its version.
    #[serde(default)]
    pub(crate) language: String,
}

/// What came of an op, in the client's own words. The set is closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It achieved its purpose.
    Ok(Achieved),
    /// The client's normal, reported negative result.
    Refused(Refused),
    /// The client lacks the feature.
    Unsupported,
    /// The adapter broke: never a verdict on the client.
    Error {
        /// What happened.
        #[serde(default)]
        message: String,
    },
}

impl Outcome {
    /// The client's words in one line, for a check's `observed`.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Ok(achieved) => match (achieved.status, achieved.count, &achieved.scope) {
                (Some(status), ..) => format!("success ({status})"),
                (None, Some(count), _) => format!("success ({count} elements)"),
                (None, None, Some(scope)) => format!("success (a token for {})", scope.join(" ")),
                (None, None, None) => "success".to_owned(),
            },
            Self::Refused(refused) => {
                let mut words = "refused".to_owned();
                if let Some(status) = refused.status {
                    words.push_str(&format!(" with {status}"));
                }
                let error = refused.error.clone().unwrap_or_default();
                for word in [error.code, error.message].into_iter().flatten().filter(|word| !word.is_empty())
                {
                    words.push_str(&format!(", {word}"));
                }
                words
            }
            Self::Unsupported => "unsupported".to_owned(),
            Self::Error { message } => format!("the adapter broke: {message}"),
        }
    }
}

/// What an op achieved. Which members are present depends on the op.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Achieved {
    /// `get_token`: `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_type: Option<String>,
    /// `get_token`: seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_in: Option<i64>,
    /// `get_token`: the scopes that the token has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Vec<String>>,
    /// `call`: the HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// `call`: the JSON body that the caller received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Value>,
    /// `list_all`, `sync`: how many elements the caller received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<usize>,
    /// `list_all`: the `key` member of each, in order. `sync`: the `id` or the `uuid` of each element and event that was new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) values: Option<Vec<Value>>,
    /// `test_connection`: what was found of each scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<ScopeFound>>,
}

/// What a connection test tells a customer about one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScopeFound {
    /// `okta.users.read`.
    pub(crate) scope: String,
    /// What was found.
    pub(crate) found: Found,
}

/// What there is to be told about a scope: each has another remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Found {
    /// It works.
    Ok,
    /// The token does not have it: it is to be granted.
    ScopeMissing,
    /// The token has it and reaches nothing: the app needs an admin role.
    RoleMissing,
    /// Nothing cheap shows it.
    Untested,
}

impl Found {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Ok => "works",
            Self::ScopeMissing => "is missing",
            Self::RoleMissing => "lacks a role",
            Self::Untested => "was not tested",
        }
    }
}

/// Why the client did not do it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// The HTTP status that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The org's error, as the client reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ReportedError>,
    /// What kind of refusal it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Reason>,
}

/// An error as the client reports it to its caller.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReportedError {
    /// `E0000006`, `invalid_client`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// For a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The org answered with an error.
    HttpStatus,
    /// No answer came.
    Transport,
    /// The certificate was not trusted.
    Tls,
    /// The answer was not acceptable.
    Validation,
    /// Every attempt failed.
    RetriesExhausted,
    /// The connection cannot work as configured.
    Config,
}

/// A reply line of an op other than `hello`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// The request's id.
    pub(crate) id: u64,
    /// What came of it.
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_wire_form_of_the_contract() {
        let line = |op| serde_json::to_string(&Request { id: 4, op }).unwrap();
        assert_eq!(line(Op::GetToken), r#"{"id":4,"op":"get_token"}"#);
        assert_eq!(
            line(Op::get("/api/v1/users?limit=2")),
            r#"{"id":4,"op":"call","method":"GET","path":"/api/v1/users?limit=2"}"#
        );
        assert_eq!(line(Op::AdvanceClock { ms: 5 }), r#"{"id":4,"op":"advance_clock","ms":5}"#);
    }

    #[test]
    fn replies_are_read_with_unknown_members_and_without_optional_ones() {
        let reply: Reply =
            serde_json::from_str(r#"{"id":4,"outcome":"refused","status":403,"colour":"red"}"#).unwrap();
        assert_eq!(reply.outcome, Outcome::Refused(Refused { status: Some(403), ..Refused::default() }));
        let reply: Reply = serde_json::from_str(r#"{"id":5,"outcome":"unsupported"}"#).unwrap();
        assert_eq!(reply.outcome, Outcome::Unsupported);
        assert!(serde_json::from_str::<Reply>(r#"{"id":5,"outcome":"maybe"}"#).is_err());
    }
}
