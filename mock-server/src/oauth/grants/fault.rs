//! Why a grant is refused (token-facts §10), and the row of each in `fixtures/oauth-errors.jsonl`.

/// What is wrong with what a client shows for its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantFault {
    /// code.missing_param, txchg.missing: the parameter.
    MissingParameter(&'static str),
    /// code.invalid
    Code,
    /// code.other_client
    OtherClient,
    /// code.other_as
    OtherServer,
    /// code.redirect
    RedirectUri,
    /// code.pkce_bad
    Verifier,
    /// code.pkce_no_verifier
    VerifierMissing,
    /// code.pkce_no_challenge
    ChallengeMissing,
    /// refresh.invalid, refresh.other_client
    RefreshToken,
    /// refresh.reuse: it had been replaced, and its family is revoked now.
    RefreshTokenReused,
    /// refresh.scope: the scopes.
    DeniedScopes(Vec<String>),
    /// dpop.rtkey
    KeyBinding,
    /// device.invalid
    DeviceCode,
    /// device.pending
    DevicePending,
    /// device.slow
    SlowDown,
    /// device.expired
    DeviceExpired,
    /// device.denied
    Denied,
    /// password.bad
    Password,
    /// The password is right and has expired.
    PasswordExpired,
    /// password.rate
    UserRate,
    /// authz.not_assigned, where the user is at the token endpoint.
    NotAssigned,
    /// Scopes that need a consent for which the password grant has no page: which ones.
    PasswordConsent(Vec<String>),
    /// authz.scope_openid, where the scopes are asked for at the token endpoint.
    OpenIdRequired,
    /// txchg.unsupported
    TokenExchange,
    /// Rows of token exchange (txchg.*), which differ by nothing but their texts: which one, and what stands for `{0}`.
    Exchange(&'static str, String),
    /// A public client asks for itself.
    Confidential,
    /// tok.grant.cc_org_legacy
    ClientCredentialsOnOrg,
    /// tok.grant.browser
    BrowserGrant,
    /// cors.offline
    BrowserOfflineAccess,
    /// The user has no password at all.
    NoPassword,
    /// cors.origin
    Origin,
    /// cors.trusted
    UntrustedOrigin,
    /// The ID token could not be made.
    IdToken,
}

impl GrantFault {
    /// The name of its row.
    pub fn row(&self) -> &'static str {
        match self {
            Self::MissingParameter(_) => "missing_token_request_parameter",
            Self::Code => "invalid_authorization_code",
            Self::OtherClient => "mismatched_client",
            Self::OtherServer => "mismatched_authorization_server",
            Self::RedirectUri => "mismatched_redirect_uri",
            Self::Verifier => "pkce_verification_failed",
            Self::VerifierMissing => "pkce_missing_verifier",
            Self::ChallengeMissing => "pkce_missing_challenge_verifier_present",
            Self::RefreshToken | Self::RefreshTokenReused => "invalid_refresh_token",
            Self::DeniedScopes(_) => "refresh_scopes_denied",
            Self::KeyBinding => "invalid_dpop_proof_invalid_public_key_binding",
            Self::DeviceCode => "invalid_device_code",
            Self::DevicePending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::DeviceExpired => "expired_token",
            Self::Denied => "access_denied",
            Self::Password => "invalid_password_credentials",
            Self::PasswordExpired => "expired_password_credentials",
            Self::UserRate => "user_rate_limited",
            Self::NotAssigned => "user_not_assigned",
            Self::PasswordConsent(_) => "consent_required_ropf",
            Self::OpenIdRequired => "openid_scope_required",
            Self::TokenExchange => "unsupported_grant_type_token_exchange",
            Self::Exchange(row, _) => row,
            Self::Confidential => "confidential_client_required",
            Self::ClientCredentialsOnOrg => "unsupported_grant_type_client_creds_org_as",
            Self::BrowserGrant => "unsupported_grant_type_browser_request",
            Self::BrowserOfflineAccess => "unsupported_scope_browser_request",
            Self::NoPassword => "missing_password_enrollment",
            Self::Origin => "illegal_origin_browser_request",
            Self::UntrustedOrigin => "not_trusted_origin_browser_request",
            Self::IdToken => "id_token_not_generated",
        }
    }

    /// What stands for `{0}`.
    pub(in crate::oauth) fn argument(&self) -> String {
        match self {
            Self::MissingParameter(name) => (*name).to_owned(),
            Self::Exchange(_, argument) => argument.clone(),
            Self::DeniedScopes(names) | Self::PasswordConsent(names) => names.join(", "),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::facts;

    #[test]
    fn every_fault_has_a_row_in_the_catalogue() {
        let list = || vec!["x".to_owned()];
        for fault in [
            GrantFault::MissingParameter("code"),
            GrantFault::Code,
            GrantFault::OtherClient,
            GrantFault::OtherServer,
            GrantFault::RedirectUri,
            GrantFault::Verifier,
            GrantFault::VerifierMissing,
            GrantFault::ChallengeMissing,
            GrantFault::RefreshToken,
            GrantFault::RefreshTokenReused,
            GrantFault::DeniedScopes(list()),
            GrantFault::KeyBinding,
            GrantFault::DeviceCode,
            GrantFault::DevicePending,
            GrantFault::SlowDown,
            GrantFault::DeviceExpired,
            GrantFault::Denied,
            GrantFault::Password,
            GrantFault::PasswordExpired,
            GrantFault::UserRate,
            GrantFault::NotAssigned,
            GrantFault::PasswordConsent(list()),
            GrantFault::OpenIdRequired,
            GrantFault::TokenExchange,
            GrantFault::Exchange("invalid_subject_token", String::new()),
            GrantFault::Exchange("consent_required_token_exchange", "x".to_owned()),
            GrantFault::Confidential,
            GrantFault::ClientCredentialsOnOrg,
            GrantFault::BrowserGrant,
            GrantFault::BrowserOfflineAccess,
            GrantFault::NoPassword,
            GrantFault::Origin,
            GrantFault::UntrustedOrigin,
            GrantFault::IdToken,
        ] {
            let row = facts().oauth_errors.get(fault.row());
            assert!(row.is_some(), "{fault:?}: there is no row {}", fault.row());
            let needs_argument = row.is_some_and(|row| row.description.contains("{0}"));
            assert_eq!(needs_argument, !fault.argument().is_empty(), "{fault:?}");
        }
    }
}
