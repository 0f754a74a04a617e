//! Who asks (mgmt-facts §1.1): an API token's owner, the holder of an access token, or nobody.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, header};

use crate::exchange::{Form, Request, Trace};
use crate::facts::facts;
use crate::facts::operations::Operation;
use crate::limits::Spending;
use crate::oauth::access_token::{self, AccessToken, TokenRefusal};
use crate::oauth::dpop::{self, ResourceFault};
use crate::org::Org;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;
use crate::wire::{ApiError, Challenge, Scheme};

/// Somebody who may ask.
#[derive(Debug, Clone)]
pub enum Caller {
    /// The owner of an API token.
    ApiToken {
        /// The token's id: the principal of its share of rate limits.
        token: Arc<str>,
        /// The owner's user id.
        user: Arc<str>,
    },
    /// The holder of an access token of the org server.
    Bearer(Arc<AccessToken>),
    /// Anybody: the operation is public, and credentials are not looked at.
    Anybody,
    /// Whoever runs the server, on the console: may do everything.
    Operator,
}

/// Why nobody is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The JSON envelope.
    Envelope(ApiError),
    /// An access token that is not accepted, under a scheme: empty body and challenge.
    Token(TokenRefusal, Scheme),
    /// An access token that is good in itself, with a wrong scheme or without a good proof.
    Proof(ResourceFault),
    /// An API token, used from an address outside of its network zones.
    OutsideZones(Arc<str>, IpAddr),
    /// An access token presented in a way that Okta does not take: the row of the catalogue.
    Presentation(&'static str),
}

/// The credentials that a request carries, before anything is looked up.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented<'r> {
    /// Nothing, or a scheme that Okta does not know.
    Nothing,
    /// `SSWS`, with or without a space behind it (real-clients §2.22).
    ApiToken(&'r str),
    /// `Bearer`, with or without a space.
    Bearer(&'r str),
    /// `DPoP`.
    DPoP(&'r str),
    /// An access token in the query string.
    InQuery,
}

/// Reads the credentials of a request.
pub fn presented<'r>(headers: &'r HeaderMap, query: &str) -> Presented<'r> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::trim);
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        let in_query =
            query.contains("access_token=") && Form::parse(query.as_bytes()).get("access_token").is_some();
        return if in_query { Presented::InQuery } else { Presented::Nothing };
    };
    let after = |scheme: &str| {
        let (head, tail) = value.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| tail.trim_start())
    };
    if let Some(token) = after("SSWS") {
        Presented::ApiToken(token)
    } else if let Some(token) = after("Bearer") {
        Presented::Bearer(token)
    } else if let Some(token) = after("DPoP ") {
        Presented::DPoP(token)
    } else {
        Presented::Nothing
    }
}

impl Caller {
    /// Finds out who sends a request.
    ///
    /// # Errors
    /// [`Refusal`]: nobody, or somebody whose token is not accepted.
    pub fn identify(
        org: &Org,
        state: &OrgState,
        request: &Request,
        trace: &mut Trace,
    ) -> Result<Self, Refusal> {
        dpop::note(&request.headers, &mut trace.learnt);
        let mut holder = |token: &str, scheme| {
            let access = access_token::verify(org, state, request.now, token)
                .map_err(|refusal| Refusal::Token(refusal, scheme))?;
            let counters = Spending::new(org.counters(), &mut trace.spent);
            match dpop::at_resource(&counters, request, scheme, token, &access) {
                Err(_) if state.settings.mutations.has(Mutation::Proof) => {}
                proven => proven.map_err(Refusal::Proof)?,
            }
            Ok(Self::Bearer(access))
        };
        match presented(&request.headers, request.query()) {
            Presented::Bearer(_) | Presented::DPoP(_) if request.holds_access_token() => {
                Err(Refusal::Presentation("access_token_duplicate"))
            }
            Presented::Nothing => Err(Refusal::Envelope(ApiError::InvalidSession)),
            Presented::ApiToken(value) => api_token(state, value, request.peer),
            Presented::Bearer(token) => holder(token, Scheme::Bearer),
            Presented::DPoP(token) => holder(token, Scheme::DPoP),
            Presented::InQuery => Err(Refusal::Presentation("access_token_in_query")),
        }
    }

    /// Whether the caller holds a token that is bound to a key.
    pub fn is_bound(&self) -> bool {
        matches!(self, Self::Bearer(token) if token.jkt.is_some())
    }

    /// The key of its share of rate limits.
    pub fn principal(&self) -> &str {
        match self {
            Self::ApiToken { token, .. } => token,
            Self::Bearer(token) => &token.client_id,
            Self::Anybody | Self::Operator => "",
        }
    }

    /// Whose admin roles count: the user's, or the client's where no user is behind the token.
    pub fn role_holder(&self) -> &str {
        match self {
            Self::ApiToken { user, .. } => user,
            Self::Bearer(token) => token.user.as_deref().unwrap_or(&token.client_id),
            Self::Anybody | Self::Operator => "",
        }
    }

    /// The user behind it.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::ApiToken { user, .. } => Some(user),
            Self::Bearer(token) => token.user.as_deref(),
            Self::Anybody | Self::Operator => None,
        }
    }
}

fn api_token(state: &OrgState, value: &str, peer: IpAddr) -> Result<Caller, Refusal> {
    let refused = || Refusal::Envelope(ApiError::InvalidToken);
    let token = state.derived.api_token(value).filter(|token| token.active).ok_or_else(refused)?;
    let owner = state.get("users", &token.owner).ok_or_else(refused)?;
    match owner.text("/status").as_deref() {
        Some("STAGED" | "SUSPENDED" | "DEPROVISIONED") | None => Err(refused()),
        _ if token.network.as_ref().is_some_and(|network| !network.holds(state.derived.zones(), peer)) => {
            Err(Refusal::OutsideZones(token.id.clone(), peer))
        }
        Some(_) => Ok(Caller::ApiToken { token: token.id.clone(), user: token.owner.clone() }),
    }
}

impl Refusal {
    /// The challenge of a token refusal by an operation.
    pub fn challenge<'a>(&'a self, operation: &'a Operation) -> Option<Challenge<'a>> {
        let scope = operation.scopes.first().map(String::as_str);
        match self {
            Self::Envelope(_) | Self::OutsideZones(..) => None,
            Self::Token(refusal, scheme) => by_row(refusal.row(), *scheme, scope),
            Self::Proof(fault) => by_row(fault.row(), fault.scheme(), least_scope(operation).or(scope)),
            Self::Presentation(row) => by_row(row, Scheme::Bearer, scope),
        }
    }

    /// The reason for the trace.
    pub fn reason(&self) -> String {
        match self {
            Self::Envelope(error) => error.to_string(),
            Self::OutsideZones(token, peer) => {
                format!("{peer} is outside of the network zones of the API token {token}")
            }
            Self::Token(refusal, _) => format!("the access token is refused: {refusal}"),
            Self::Proof(fault) => fault.reason(),
            Self::Presentation("access_token_in_query") => "the access token is in the query".to_owned(),
            Self::Presentation(_) => "the access token is in the header and in the body".to_owned(),
        }
    }
}

/// The scope that a refused proof is told on `/users`: the least one of the operation, which lets users read themselves,
/// where a missing scope is told the greater one (mgmt-facts §1.2).
fn least_scope(operation: &Operation) -> Option<&'static str> {
    let scope = operation.scopes.first().filter(|_| operation.path.starts_with("/api/v1/users"))?;
    facts().scopes.own(scope)
}

/// A challenge in the words of a row of the OAuth catalogue.
fn by_row<'a>(id: &str, scheme: Scheme, scope: Option<&'a str>) -> Option<Challenge<'a>> {
    let row = facts().oauth_errors.get(id)?;
    Some(Challenge { status: row.status, scheme, scope, error: &row.error, description: &row.description })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_real_clients_send_them() {
        let read = |value: &str, query: &str| {
            let mut headers = HeaderMap::new();
            if !value.is_empty() {
                headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            }
            format!("{:?}", presented(&headers, query))
        };
        for (value, query, expected) in [
            ("", "", "Nothing"),
            ("SSWS 00abc", "", "ApiToken(\"00abc\")"),
            ("SSWS00abc", "", "ApiToken(\"00abc\")"),
            ("ssws  00abc ", "", "ApiToken(\"00abc\")"),
            ("Bearer eyJ", "", "Bearer(\"eyJ\")"),
            ("bearer eyJ", "", "Bearer(\"eyJ\")"),
            ("Bearer", "", "Bearer(\"\")"),
            ("DPoP eyJ", "", "DPoP(\"eyJ\")"),
            ("Basic abc", "", "Nothing"),
            ("00abc", "", "Nothing"),
            ("", "limit=2&access_token=eyJ", "InQuery"),
            ("", "q=access_token", "Nothing"),
        ] {
            assert_eq!(read(value, query), expected, "{value:?} {query:?}");
        }
    }
}
