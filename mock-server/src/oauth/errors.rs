//! How an authorization server says no: every refusal and its row in `fixtures/oauth-errors.jsonl`.

use http::{HeaderName, StatusCode, header};

use super::assertion::AssertionFault;
use super::dpop::{self, ProofFault};
use super::grants::fault::GrantFault;
use crate::exchange::Reply;
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::errors::fill;
use crate::facts::facts;
use crate::org::ids::Ids;
use crate::wire::{ApiError, envelope, oauth_error as json};

/// A decision against the caller: what it is told, and what really was the matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The step that refused: `client_auth`, `assertion`, `grant`, `scope`, …
    pub step: &'static str,
    /// What the caller is told.
    pub error: OAuthError,
    /// Why, in words for a person. Never a secret.
    pub reason: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(step: &'static str, error: OAuthError, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        clip(&mut reason, REASON);
        Self { step, error, reason }
    }
}

/// So long is a reason at most: it may quote what a caller sent, and the ledger keeps it.
pub(super) const REASON: usize = 500;

/// Cuts a text off.
pub(super) fn clip(text: &mut String, length: usize) {
    if text.len() > length {
        let end = (0..=length).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}

/// Where a client id was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the form, or in an assertion.
    Body,
    /// In the `Authorization` header.
    Basic,
}

/// What a caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OAuthError {
    /// The body is no form (tok.ct.json).
    ContentType,
    /// No such custom authorization server, by its id as sent (tok.unknown_as).
    UnknownServer(String),
    /// A parameter is there twice: which ones (tok.dup_params).
    DuplicateParameters(Vec<String>),
    /// tok.auth.query
    CredentialsInQuery,
    /// tok.auth.none
    NoCredentials,
    /// tok.auth.basic_malformed
    MalformedBasic,
    /// tok.auth.multiple
    MultipleCredentials,
    /// tok.auth.unknown_client.*, tok.auth.inactive_client
    UnknownClient(Place),
    /// tok.auth.wrong_secret
    WrongSecret,
    /// tok.auth.method_mismatch
    MethodMismatch,
    /// tok.auth.cc_needs_pkjwt
    PrivateKeyRequired,
    /// tok.auth.cc_oin_method
    IntegrationMethod,
    /// tok.auth.cc_app_not_service
    NotAServiceApp,
    /// tok.auth.browser_no_pkce
    BrowserWithoutPkce,
    /// tok.auth.network_zone
    OutsideNetworkZone,
    /// tok.assert.*
    Assertion(AssertionFault),
    /// The client's grant types (tok.grant.missing).
    MissingGrantType(Vec<String>),
    /// The client's grant types (tok.grant.unknown).
    UnsupportedGrantType(Vec<String>),
    /// The client's grant types (tok.grant.not_allowed).
    UnauthorizedClient(Vec<String>),
    /// tok.grant.oin_custom_as
    OrgServerOnly,
    /// dpop.*
    Proof(ProofFault),
    /// dpop.nonce: the nonce to use.
    UseNonce(String),
    /// tok.scope.missing
    NoScopes,
    /// tok.scope.no_default
    NoDefaultScopes,
    /// tok.scope.unknown, tok.scope.okta_on_custom
    UnknownScope,
    /// tok.scope.custom_on_org
    CustomScope,
    /// tok.scope.openid, tok.scope.offline_access
    OpenIdScope,
    /// tok.scope.self
    SelfScope,
    /// tok.scope.generic
    MalformedScope,
    /// The scopes that are not granted (tok.scope.illegal_list).
    IllegalScopes(Vec<String>),
    /// tok.scope.none_granted
    NoneGranted,
    /// The scopes that need consent (tok.scope.cc_consent).
    ConsentRequired(Vec<String>),
    /// tok.scope.policy
    NoPolicy,
    /// tok.server_error
    NotGenerated,
    /// Rows of token-facts §10.
    Grant(GrantFault),
    /// introspect.no_token, revoke.no_token
    MissingToken,
    /// device.user_limit
    TooManyUserCodes,
    /// ciba.grant
    CibaNotConfigured,
}

impl OAuthError {
    /// The name of its row in `fixtures/oauth-errors.jsonl`. The first two are told in the envelope of the Management
    /// API instead.
    pub fn row(&self, dialect: &Dialect) -> &'static str {
        match self {
            Self::ContentType | Self::UnknownServer(_) => "",
            Self::DuplicateParameters(_) if dialect.is(Switch::DuplicateParameters, "plain") => {
                "duplicate_oauth_params"
            }
            Self::DuplicateParameters(_) => "illegal_duplicated_parameters",
            Self::CredentialsInQuery => "client_credentials_in_query",
            Self::NoCredentials => "missing_client_credentials",
            Self::MalformedBasic => "invalid_basic_auth_creds",
            Self::MultipleCredentials => "multiple_client_credentials",
            Self::UnknownClient(_) => "invalid_client_id",
            Self::WrongSecret => "invalid_client_secret",
            Self::MethodMismatch => "invalid_token_endpoint_auth_method",
            Self::PrivateKeyRequired => "unsupported_auth_method_client_creds",
            Self::IntegrationMethod => "unsupported_auth_method_client_creds_oauth_integration",
            Self::NotAServiceApp => "invalid_application_type_client_credentials",
            Self::BrowserWithoutPkce => "unsupported_auth_method_browser_request",
            Self::OutsideNetworkZone => "disallowed_network_zone",
            Self::Assertion(fault) => fault.row(),
            Self::MissingGrantType(_) => "token_request_missing_grant_type",
            Self::UnsupportedGrantType(_) => "unsupported_grant_type",
            Self::UnauthorizedClient(_) => "unauthorized_client",
            Self::OrgServerOnly => "org_authorization_server_only_client",
            Self::Proof(fault) => fault.row(),
            Self::UseNonce(_) => ProofFault::Nonce.row(),
            Self::NoScopes if dialect.is(Switch::MissingScope, "no_default_scopes") => "no_default_scopes",
            Self::NoScopes => "missing_scopes",
            Self::NoDefaultScopes => "no_default_scopes",
            Self::UnknownScope => "no_matching_scope",
            Self::CustomScope if dialect.is(Switch::CustomScopeOnOrg, "not_configured") => {
                "no_matching_scope"
            }
            Self::CustomScope => "illegal_custom_scope",
            Self::OpenIdScope => "openid_not_allowed_client_creds",
            Self::SelfScope => "client_credentials_self_scope_requested",
            Self::MalformedScope => "invalid_scope",
            Self::IllegalScopes(_) => "illegal_scope",
            Self::NoneGranted => "no_org_scopes_granted",
            Self::ConsentRequired(_) => "consent_required_client_credentials",
            Self::NoPolicy => "no_matching_policy",
            Self::NotGenerated => "access_token_not_generated",
            Self::Grant(fault) => fault.row(),
            Self::MissingToken => "request_missing_token",
            Self::TooManyUserCodes => "too_many_user_codes",
            Self::CibaNotConfigured => "ciba_request_grant_type_not_configured",
        }
    }

    /// What stands for `{0}`.
    fn argument(&self) -> String {
        match self {
            Self::DuplicateParameters(names)
            | Self::MissingGrantType(names)
            | Self::UnsupportedGrantType(names)
            | Self::UnauthorizedClient(names)
            | Self::IllegalScopes(names)
            | Self::ConsentRequired(names) => names.join(", "),
            Self::Assertion(fault) => fault.argument().to_owned(),
            Self::Grant(fault) => fault.argument(),
            _ => String::new(),
        }
    }

    /// The status, where the org's dialect decides it.
    fn status(&self, dialect: &Dialect) -> Option<StatusCode> {
        let switch = match self {
            Self::UnknownClient(Place::Body) => Switch::UnknownClientBody,
            Self::UnknownClient(Place::Basic) => Switch::UnknownClientBasic,
            Self::MultipleCredentials => Switch::MultipleCredentials,
            _ => return None,
        };
        StatusCode::from_bytes(dialect.get(switch).as_bytes()).ok()
    }

    /// The reply.
    pub fn reply(&self, dialect: &Dialect, base_url: &str, ids: &Ids) -> Reply {
        match self {
            Self::ContentType => return ApiError::UnsupportedContentType.reply(ids),
            Self::UnknownServer(id) => {
                return ApiError::NotFound(id.clone(), "AuthorizationServer").reply(ids);
            }
            _ => {}
        }
        let Some(row) = facts().oauth_errors.get(self.row(dialect)) else {
            return json(StatusCode::INTERNAL_SERVER_ERROR, "server_error", self.row(dialect));
        };
        let status = self.status(dialect).unwrap_or(row.status);
        if matches!(self, Self::UnknownClient(_)) {
            return envelope(ids, status, &row.error, &row.description, &[]);
        }
        let reply = json(status, &row.error, &fill(&row.description, &[&self.argument()]));
        if let Self::UseNonce(nonce) = self {
            return reply.with_text(dpop::NONCE, nonce);
        }
        if row.error == "invalid_client" && dialect.is(Switch::TokenChallenge, "basic") {
            return reply.with_text(header::WWW_AUTHENTICATE, &format!("Basic realm=\"{base_url}\""));
        }
        reply
    }
}

/// On a success of the token endpoint (token-facts §1.2).
pub(super) const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_row_in_the_catalogue() {
        let list = || vec!["x".to_owned()];
        let errors = [
            OAuthError::DuplicateParameters(list()),
            OAuthError::CredentialsInQuery,
            OAuthError::NoCredentials,
            OAuthError::MalformedBasic,
            OAuthError::MultipleCredentials,
            OAuthError::UnknownClient(Place::Basic),
            OAuthError::WrongSecret,
            OAuthError::MethodMismatch,
            OAuthError::PrivateKeyRequired,
            OAuthError::IntegrationMethod,
            OAuthError::NotAServiceApp,
            OAuthError::BrowserWithoutPkce,
            OAuthError::OutsideNetworkZone,
            OAuthError::MissingGrantType(list()),
            OAuthError::UnsupportedGrantType(list()),
            OAuthError::UnauthorizedClient(list()),
            OAuthError::OrgServerOnly,
            OAuthError::UseNonce("x".to_owned()),
            OAuthError::NoScopes,
            OAuthError::NoDefaultScopes,
            OAuthError::UnknownScope,
            OAuthError::CustomScope,
            OAuthError::OpenIdScope,
            OAuthError::SelfScope,
            OAuthError::MalformedScope,
            OAuthError::IllegalScopes(list()),
            OAuthError::NoneGranted,
            OAuthError::ConsentRequired(list()),
            OAuthError::NoPolicy,
            OAuthError::NotGenerated,
            OAuthError::MissingToken,
        ];
        let faults = AssertionFault::ALL.iter().map(|fault| OAuthError::Assertion(*fault));
        let proofs = ProofFault::ALL.iter().map(|fault| OAuthError::Proof(*fault));
        for error in errors.into_iter().chain(faults).chain(proofs) {
            let row = error.row(&Dialect::default());
            let found = facts().oauth_errors.get(row);
            assert!(found.is_some(), "{error:?}: there is no row {row}");
            let needs_argument = found.is_some_and(|row| row.description.contains("{0}"));
            assert_eq!(needs_argument, !error.argument().is_empty(), "{error:?}");
        }
    }
}
