//! Why an authorize request is refused: each fault and its row in `fixtures/oauth-errors.jsonl`. Which of them end on a
//! page and which go back to the app is `super`'s to say.

use http::StatusCode;

use crate::facts::errors::fill;
use crate::facts::facts;

/// What is wrong with a request, or with who is there to answer it (token-facts §11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// authz.client_id
    UnknownClient,
    /// authz.service_app: the endpoint.
    ServiceApp(&'static str),
    /// authz.redirect_uri: where an administrator mends it, if that is told.
    RedirectUri(Option<String>),
    /// authz.state
    State,
    /// authz.response_type: those of the app.
    ResponseType(Vec<String>),
    /// authz.grant_missing: the grant types of the app.
    Grant(Vec<String>),
    /// authz.response_mode
    ResponseMode,
    /// authz.mode_query_tokens
    QueryWithTokens,
    /// authz.mode_post_message_code
    PostMessageWithCode,
    /// authz.nonce
    Nonce,
    /// authz.prompt
    Prompt,
    /// `prompt=idp_refresh` without an identity provider.
    IdpRefresh,
    /// authz.max_age
    MaxAge,
    /// `max_age=0` asks for a sign-in that `prompt=none` forbids.
    NoneAtOnce,
    /// Enrolling an authenticator: the row of what is wrong with the request.
    Enrolment(&'static str),
    /// authz.pkce_required
    ChallengeMissing,
    /// authz.pkce_method
    ChallengeMethod,
    /// authz.pkce_chars
    Challenge,
    /// authz.idp
    Idp,
    /// authz.acr
    Acr,
    /// authz.acr: a level that needs a second factor.
    UnmetAcr,
    /// authz.par_uri
    RequestUri,
    /// authz.par_uri: pushed by another client, where the dialect says so.
    RequestUriOfOtherClient,
    /// A `request_uri` that points anywhere but to a pushed request.
    RequestUriByReference,
    /// A request object and a `request_uri`.
    RequestTwice,
    /// authz.par_uri: pushed to another authorization server.
    RequestUriOfOtherServer,
    /// authz.request_object, and the row of what is wrong with it.
    RequestObject(&'static str),
    /// The user has said no on the consent page.
    Denied,
    /// authz.scope_missing
    NoScopes,
    /// A custom server without default scopes.
    NoDefaultScopes,
    /// authz.scope_unknown
    UnknownScope,
    /// authz.scope_custom
    CustomScope,
    /// authz.scope_openid
    OpenIdScope,
    /// A scope parameter that is too long.
    MalformedScope,
    /// authz.scope_ungranted
    NoneGranted,
    /// By the dialect: some scopes are not granted.
    IllegalScopes(Vec<String>),
    /// A custom server whose policies do not name the client.
    NoPolicy,
    /// An API service integration at a custom server.
    OrgServerOnly,
    /// authz.login_required
    LoginRequired,
    /// authz.login_reauth
    Reauthenticate,
    /// authz.not_assigned
    NotAssigned,
    /// authz.consent: the scopes.
    Consent(Vec<String>),
    /// The backend cannot sign.
    NotGenerated,
    /// par.request_uri
    RequestUriPushed,
}

impl Fault {
    /// The name of its row.
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::UnknownClient => "invalid_client_id",
            Self::ServiceApp(_) => "invalid_client_application_type",
            Self::RedirectUri(Some(_)) => "illegal_redirect_uri_enhanced",
            Self::RedirectUri(None) => "illegal_redirect_uri",
            Self::State => "invalid_state",
            Self::ResponseType(_) => "unsupported_response_type",
            Self::Grant(_) => "unauthorized_client",
            Self::ResponseMode => "unsupported_response_mode",
            Self::QueryWithTokens => "unsupported_response_mode_query_with_tokens",
            Self::PostMessageWithCode => "unsupported_response_mode_okta_post_message_with_code",
            Self::Nonce => "invalid_nonce",
            Self::Prompt => "invalid_prompt",
            Self::IdpRefresh => "invalid_prompt_idp_refresh_without_idp_param",
            Self::MaxAge => "invalid_max_age",
            Self::NoneAtOnce => "invalid_prompt_for_zero_max_age",
            Self::Enrolment(row) => row,
            Self::ChallengeMissing => "pkce_missing_challenge",
            Self::ChallengeMethod => "pkce_unsupported_code_challenge_method",
            Self::Challenge => "pkce_invalid_challenge",
            Self::Idp => "unknown_idp",
            Self::Acr => "unsupported_mfa_attestation",
            Self::UnmetAcr => "unmet_authentication_requirements",
            Self::RequestUri => "invalid_request_uri",
            Self::RequestUriOfOtherClient => "authorize_request_uri_mismatched_client",
            Self::RequestUriByReference => "request_uri_not_supported",
            Self::RequestTwice => "authorize_request_object_and_request_uri_provided",
            Self::RequestUriOfOtherServer => "authorize_request_uri_mismatched_authorization_server",
            Self::RequestObject(row) => row,
            Self::Denied => "access_denied",
            Self::NoScopes => "missing_scopes",
            Self::NoDefaultScopes => "no_default_scopes",
            Self::UnknownScope => "no_matching_scope",
            Self::CustomScope => "illegal_custom_scope",
            Self::OpenIdScope => "openid_scope_required",
            Self::MalformedScope => "invalid_scope",
            Self::NoneGranted => "no_org_scopes_granted",
            Self::IllegalScopes(_) => "illegal_scope",
            Self::NoPolicy => "no_matching_policy",
            Self::OrgServerOnly => "org_authorization_server_only_client",
            Self::LoginRequired => "login_required",
            Self::Reauthenticate => "app_sign_on_required",
            Self::NotAssigned => "user_not_assigned",
            Self::Consent(_) => "consent_required",
            Self::NotGenerated => "access_token_not_generated",
            Self::RequestUriPushed => "pushed_authorization_request_uri_present",
        }
    }

    /// What stands for `{0}`.
    fn argument(&self) -> String {
        match self {
            Self::ServiceApp(endpoint) => (*endpoint).to_owned(),
            Self::RedirectUri(link) => link.clone().unwrap_or_default(),
            Self::ResponseType(names)
            | Self::Grant(names)
            | Self::IllegalScopes(names)
            | Self::Consent(names) => names.join(", "),
            Self::Prompt => super::request::Prompt::SUPPORTED.join(", "),
            Self::ChallengeMethod => "S256".to_owned(),
            Self::RequestObject("request_object_jwt_invalid_key_use") => "[sig, enc]".to_owned(),
            _ => String::new(),
        }
    }

    /// Status, `error`, `error_description`. The status counts where the answer is no redirect.
    pub(super) fn told(&self) -> (StatusCode, &'static str, String) {
        match facts().oauth_errors.get(self.row()) {
            Some(row) => {
                (row.status, row.error.as_str(), fill(&row.description, &[self.argument().as_str()]))
            }
            None => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", self.row().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_row_in_the_catalogue() {
        let list = || vec!["x".to_owned()];
        for fault in [
            Fault::UnknownClient,
            Fault::ServiceApp("authorize"),
            Fault::RedirectUri(Some("x".to_owned())),
            Fault::RedirectUri(None),
            Fault::State,
            Fault::ResponseType(list()),
            Fault::Grant(list()),
            Fault::ResponseMode,
            Fault::QueryWithTokens,
            Fault::PostMessageWithCode,
            Fault::Nonce,
            Fault::Prompt,
            Fault::IdpRefresh,
            Fault::MaxAge,
            Fault::NoneAtOnce,
            Fault::Enrolment("invalid_prompt_for_none_response_type"),
            Fault::ChallengeMissing,
            Fault::ChallengeMethod,
            Fault::Challenge,
            Fault::Idp,
            Fault::Acr,
            Fault::UnmetAcr,
            Fault::RequestUri,
            Fault::RequestUriOfOtherClient,
            Fault::RequestUriByReference,
            Fault::RequestTwice,
            Fault::RequestUriOfOtherServer,
            Fault::RequestObject("invalid_request_object"),
            Fault::RequestObject("request_object_jwt_invalid_key_use"),
            Fault::Denied,
            Fault::NoScopes,
            Fault::NoDefaultScopes,
            Fault::UnknownScope,
            Fault::CustomScope,
            Fault::OpenIdScope,
            Fault::MalformedScope,
            Fault::NoneGranted,
            Fault::IllegalScopes(list()),
            Fault::NoPolicy,
            Fault::OrgServerOnly,
            Fault::LoginRequired,
            Fault::Reauthenticate,
            Fault::NotAssigned,
            Fault::Consent(list()),
            Fault::NotGenerated,
            Fault::RequestUriPushed,
        ] {
            let row = facts().oauth_errors.get(fault.row());
            assert!(row.is_some(), "{fault:?}: there is no row {}", fault.row());
            let needs_argument = row.is_some_and(|row| row.description.contains("{0}"));
            assert_eq!(needs_argument, !fault.argument().is_empty(), "{fault:?}");
        }
    }
}
