//! The grants: whether a client may use one (token-facts §4), and one file for each that gives tokens (§5, §10).

mod authorization_code;
mod client_credentials;
mod device_code;
pub mod fault;
mod password;
mod refresh_token;
mod token_exchange;

use std::sync::Arc;

use jiff::Timestamp;

use super::errors::{OAuthError, Refusal};
use super::form::Parameters;
use super::mint::{Behalf, Mint, Minted};
use super::scopes;
use super::server::Known;
use super::store::Allowed;
use super::store::refresh_tokens::{self, Rotation};
use super::terms::{self, Terms};
use super::told::Teller;
use super::user::User;
use crate::exchange::{Request, Trace};
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::facts;
use crate::facts::limits::Special;
use crate::limits;
use crate::org::client::Client;
use crate::org::keys::KeyError;
use fault::GrantFault;

const STEP: &str = "grant";

/// Grant types that Okta's token endpoints know (token-facts §9.1, §10).
const KNOWN: [&str; 12] = [
    CLIENT_CREDENTIALS,
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    PASSWORD,
    DEVICE_CODE,
    TOKEN_EXCHANGE,
    JWT_BEARER,
    CIBA,
    "urn:okta:params:oauth:grant-type:otp",
    "urn:okta:params:oauth:grant-type:oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-oob",
];

/// The grant type of service apps.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
const AUTHORIZATION_CODE: &str = "authorization_code";
const REFRESH_TOKEN: &str = "refresh_token";
const PASSWORD: &str = "password";
/// The grant type of devices.
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The grant type of users who are asked elsewhere.
pub const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// Whether a client may use the grant type that it asks for.
///
/// # Errors
/// Missing, unknown and unconfigured grant types, each with the client's own list.
pub fn check<'r>(client: &Client, asked: Option<&'r str>) -> Result<&'r str, Refusal> {
    let own = || client.grant_types.clone();
    let Some(asked) = asked else {
        return Err(Refusal::new(STEP, OAuthError::MissingGrantType(own()), "there is no grant_type"));
    };
    if !KNOWN.contains(&asked) {
        let reason = format!("Okta knows no grant type {asked:?}");
        return Err(Refusal::new(STEP, OAuthError::UnsupportedGrantType(own()), reason));
    }
    if !client.grant_types.iter().any(|grant| grant == asked) {
        let reason = format!("{asked} is not among the app's grant types");
        return Err(Refusal::new(STEP, OAuthError::UnauthorizedClient(own()), reason));
    }
    Ok(asked)
}

/// Whether a client may use the grant with this server, where that takes more than having it.
///
/// # Errors
/// Client credentials have rules of their own. Grants of features that the org does not have are refused as if Okta did
/// not know them; token exchange, which custom servers do by themselves, has its own words for that (txchg.unsupported).
pub(super) fn admit(client: &Client, server: &Known, grant: &str, dialect: &Dialect) -> Result<(), Refusal> {
    match grant {
        CLIENT_CREDENTIALS => client_credentials::admit(client, server, dialect),
        TOKEN_EXCHANGE if matches!(server, Known::Org) => {
            let reason = "what the org server exchanges tokens for are features that the org does not have";
            Err(refuse(GrantFault::TokenExchange, reason))
        }
        JWT_BEARER | CIBA => {
            let error = OAuthError::UnsupportedGrantType(client.grant_types.clone());
            Err(Refusal::new(STEP, error, format!("the org does not have the feature of {grant}")))
        }
        _ => Ok(()),
    }
}

/// The tokens of a grant; none when this program does not have it.
///
/// # Errors
/// What the grant's file says.
pub(super) fn tokens(asked: &Asked<'_>, grant: &str, trace: &mut Trace) -> Option<Result<Issued, Refusal>> {
    Some(match grant {
        CLIENT_CREDENTIALS => client_credentials::tokens(asked, trace),
        AUTHORIZATION_CODE => authorization_code::tokens(asked, trace),
        REFRESH_TOKEN => refresh_token::tokens(asked, trace),
        PASSWORD => password::tokens(asked, trace),
        DEVICE_CODE => device_code::tokens(asked, trace),
        TOKEN_EXCHANGE => token_exchange::tokens(asked, trace),
        _ => return None,
    })
}

/// Whether a browser may use the grant from where it is (token-facts §12, cors.*): a code or a refresh token from a
/// page of the app, whose redirect URIs tell where it lives. The other grants ask for a Trusted Origin, and there is none.
///
/// # Errors
/// [`GrantFault::Origin`], [`GrantFault::UntrustedOrigin`]; before them, where the dialect is the legacy one,
/// [`GrantFault::BrowserGrant`] and [`GrantFault::BrowserOfflineAccess`].
pub(super) fn check_origin(
    client: &Client,
    grant: &str,
    scope: Option<&str>,
    origin: &str,
    dialect: &Dialect,
) -> Result<(), Refusal> {
    if dialect.is(Switch::BrowserRequests, "code_only") {
        if grant != AUTHORIZATION_CODE {
            return Err(refuse(GrantFault::BrowserGrant, format!("{grant} is not for browsers")));
        }
        if scope.is_some_and(|scope| scopes::words(scope).contains(&"offline_access")) {
            return Err(refuse(GrantFault::BrowserOfflineAccess, "a browser asks for offline_access"));
        }
    }
    match grant {
        AUTHORIZATION_CODE | REFRESH_TOKEN => {
            if client.sign_in.redirect_uris.iter().any(|uri| lives_at(uri, origin)) {
                return Ok(());
            }
            Err(refuse(GrantFault::Origin, format!("no redirect URI of {} is at {origin}", client.id)))
        }
        PASSWORD | DEVICE_CODE | TOKEN_EXCHANGE => {
            Err(refuse(GrantFault::UntrustedOrigin, format!("{origin} is no Trusted Origin of the org")))
        }
        _ => Ok(()),
    }
}

/// Whether browsers use a grant without PKCE: nothing is redeemed that somebody else could have caught.
pub(super) fn without_pkce(grant: Option<&str>) -> bool {
    grant.is_some_and(|grant| [REFRESH_TOKEN, PASSWORD, DEVICE_CODE].contains(&grant))
}

fn lives_at(uri: &str, origin: &str) -> bool {
    let rest = uri.get(..origin.len()).filter(|head| head.eq_ignore_ascii_case(origin));
    rest.is_some_and(|_| uri[origin.len()..].is_empty() || uri[origin.len()..].starts_with(['/', '?']))
}

fn refuse(fault: GrantFault, reason: impl Into<String>) -> Refusal {
    Refusal::new(STEP, OAuthError::Grant(fault), reason)
}

/// How often a client gets a new refresh token.
pub(super) fn rotation(client: &Client) -> Rotation {
    client.refresh_leeway.map_or(Rotation::Static, Rotation::Rotate)
}

/// A request of a known client that may use the grant.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// Where its tokens are made.
    pub(super) mint: Mint<'a>,
    /// The request itself.
    pub(super) request: &'a Request,
    /// The client.
    pub(super) client: &'a Client,
    /// What it says.
    pub(super) parameters: &'a Parameters,
    /// The thumbprint of the key that its tokens are bound to.
    pub(super) jkt: Option<Arc<str>>,
}

/// What a request gets.
#[derive(Debug)]
pub(super) struct Issued {
    /// The access token.
    pub(super) access: Minted,
    /// The refresh token.
    pub(super) refresh_token: Option<Arc<str>>,
    /// The ID token.
    pub(super) id_token: Option<String>,
    /// What was asked for, where that is a question (RFC 8693 §2.2.1).
    pub(super) issued_token_type: Option<&'static str>,
}

impl Issued {
    /// An access token and nothing else.
    fn of_access(access: Minted) -> Self {
        Self { access, refresh_token: None, id_token: None, issued_token_type: None }
    }
}

/// Where the refresh token comes from.
enum Lasting {
    /// A new one, if the user has allowed `offline_access` and the app has the grant.
    IfAllowed,
    /// There is one: the value, and its family.
    Going(Arc<str>, Arc<str>),
}

impl<'a> Asked<'a> {
    /// Counts a token that is made or refreshed for a user who is named by a password or a refresh token
    /// (ratelimit-oin-facts §1.7).
    fn within_limit(&self, user: User<'_>) -> Result<(), Refusal> {
        let mint = &self.mint;
        let settings = &mint.state.settings.limits;
        let now = Timestamp::from_second(mint.now).unwrap_or_default();
        let counted = limits::admit(mint.org.counters(), settings, Special::TokenUser, user.id(), now);
        counted.map_err(|charge| {
            let reason = format!("{} has had {} tokens until {}", user.login(), charge.limit, charge.reset);
            refuse(GrantFault::UserRate, reason)
        })
    }

    /// The request as the log sees it.
    fn teller(&self) -> Teller<'a> {
        let Mint { org, state, server, .. } = self.mint;
        Teller { server, org, state, request: self.request }
    }

    /// A parameter that the grant cannot do without.
    fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        let missing = || refuse(GrantFault::MissingParameter(name), format!("there is no {name}"));
        self.parameters.get(name).ok_or_else(missing)
    }

    /// The scopes without those of Okta's that are no longer granted to the app: a grant that is taken away counts for the
    /// next token (token-facts §5.1).
    fn still_granted(&self, scopes: &[Arc<str>], trace: &mut Trace) -> Result<Vec<Arc<str>>, Refusal> {
        let grants = self.mint.state.derived.grants(&self.client.id);
        let lost = |scope: &Arc<str>| facts().scopes.is_grantable(scope) && !grants.contains(scope);
        let (gone, kept): (Vec<_>, Vec<_>) = scopes.iter().cloned().partition(lost);
        if self.mint.server.id().is_some() || gone.is_empty() {
            return Ok(scopes.to_vec());
        }
        let reason = format!("no longer granted to the app: {}", gone.join(", "));
        if kept.is_empty() {
            return Err(Refusal::new("scope", OAuthError::NoneGranted, reason));
        }
        trace.note("scope", reason);
        Ok(kept)
    }

    /// An access token.
    fn access_token(
        &self,
        behalf: Option<Behalf<'_>>,
        scopes: Vec<Arc<str>>,
        terms: Terms,
    ) -> Result<Minted, Refusal> {
        let failed = |error: KeyError| Refusal::new("issue", OAuthError::NotGenerated, error.to_string());
        let jkt = self.jkt.clone();
        self.mint.bound_access_token(self.client, behalf, scopes, jkt, terms.access).map_err(failed)
    }

    /// What the server's policies say (token-facts tok.scope.policy).
    fn terms(&self, grant: &str, user: Option<User<'_>>, scopes: &[Arc<str>]) -> Result<Terms, Refusal> {
        let (server, state) = (self.mint.server, self.mint.state);
        terms::of(server, state, self.client, grant, user, scopes).ok_or_else(|| {
            let reason =
                format!("no policy lets {} in with {grant} for {}", self.client.id, scopes.join(" "));
            Refusal::new("scope", OAuthError::NoPolicy, reason)
        })
    }

    /// The tokens for a user who is let in by a grant: an access token with these scopes, a refresh token for all that is allowed, an ID token when
    /// `openid` is among the scopes.
    fn for_user(
        &self,
        grant: &str,
        user: User<'_>,
        mut allowed: Allowed,
        scopes: Vec<Arc<str>>,
        lasting: Lasting,
        trace: &mut Trace,
    ) -> Result<Issued, Refusal> {
        let mint = &self.mint;
        trace.learnt.user = Some(user.id().to_string());
        let terms = self.terms(grant, Some(user), &scopes)?;
        let (refresh_token, family) = match lasting {
            Lasting::Going(token, family) => (Some(token), Some(family)),
            Lasting::IfAllowed if allowed.has_scope("offline_access") && self.may_refresh() => {
                allowed.dpop_jkt = self.jkt.as_deref().map(str::to_owned);
                let begun =
                    refresh_tokens::issue_for(mint.org, mint.now, allowed.clone(), terms.refresh, terms.idle);
                (Some(begun.token), Some(begun.family.id))
            }
            Lasting::IfAllowed => (None, None),
        };
        let behalf = Behalf { user, auth_time: allowed.auth_time, family: family.as_ref() };
        let access = self.access_token(Some(behalf), scopes.clone(), terms)?;
        allowed.scopes = scopes;
        let id_token = if allowed.has_scope("openid") {
            let made = mint.id_token(self.client, user, &allowed, Some(&access.token), None);
            Some(made.map_err(|error| refuse(GrantFault::IdToken, error.to_string()))?)
        } else {
            None
        };
        Ok(Issued { access, refresh_token, id_token, issued_token_type: None })
    }

    fn may_refresh(&self) -> bool {
        self.client.grant_types.iter().any(|grant| grant == REFRESH_TOKEN)
    }
}
