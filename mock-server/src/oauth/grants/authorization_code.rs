//! `authorization_code`: a client redeems what a user has allowed it (token-facts §10, code.*).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::fault::GrantFault;
use super::{Asked, Issued, Lasting, STEP, refuse};
use crate::exchange::Trace;
use crate::oauth::dpop::ProofFault;
use crate::oauth::errors::{OAuthError, Refusal};
use crate::oauth::store::{Allowed, codes};
use crate::oauth::user::User;
use crate::org::mutation::Mutation;

/// The tokens. The code is used up last, so that a client that has made a mistake can mend it.
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Issued, Refusal> {
    let mint = &asked.mint;
    let code = asked.required("code")?;
    let gone = || refuse(GrantFault::Code, "there is no such code: it is unknown, expired or used");
    let allowed = codes::find(mint.state, mint.now, code).ok_or_else(gone)?;
    let redirect_uri = asked.required("redirect_uri");
    let verifier = asked.parameters.get("code_verifier");
    check(&allowed, asked, redirect_uri, verifier)?;
    let user = User::admitted(mint.state, &allowed.user_id)
        .ok_or_else(|| refuse(GrantFault::Code, "the user who allowed it is inactive or gone"))?;
    let mut allowed = codes::take(mint.org, mint.now, code).ok_or_else(gone)?;
    if mint.state.settings.mutations.has(Mutation::IdTokenNonce) {
        allowed.nonce = None;
    }
    trace.note(STEP, format!("the code is good: {} has allowed it", user.login()));
    let scopes = asked.still_granted(&allowed.scopes, trace)?;
    asked.for_user(super::AUTHORIZATION_CODE, user, allowed, scopes, Lasting::IfAllowed, trace)
}

fn check(
    allowed: &Allowed,
    asked: &Asked<'_>,
    redirect_uri: Result<&str, Refusal>,
    verifier: Option<&str>,
) -> Result<(), Refusal> {
    if allowed.client_id != asked.client.id {
        return Err(refuse(GrantFault::OtherClient, format!("the code is {}'s", allowed.client_id)));
    }
    if allowed.server != asked.mint.server.id().cloned() {
        return Err(refuse(GrantFault::OtherServer, "another authorization server has issued the code"));
    }
    let redirect_uri = redirect_uri?;
    let blind = asked.mint.state.settings.mutations.has(Mutation::CodeRedirectUri);
    if !blind && allowed.redirect_uri.as_deref() != Some(redirect_uri) {
        let reason = format!("the code was sent to {:?}, not to {redirect_uri:?}", allowed.redirect_uri);
        return Err(refuse(GrantFault::RedirectUri, reason));
    }
    match (&allowed.challenge, verifier) {
        _ if asked.mint.state.settings.mutations.has(Mutation::Verifier) => check_key(allowed, asked),
        (Some(_), None) => Err(refuse(GrantFault::VerifierMissing, "there was a challenge, and no verifier")),
        (None, None) if asked.client.sign_in.pkce_required => {
            Err(refuse(GrantFault::VerifierMissing, "the app requires PKCE, and there is no verifier"))
        }
        (None, Some(_)) => {
            Err(refuse(GrantFault::ChallengeMissing, "there is a verifier, and was no challenge"))
        }
        (Some(challenge), Some(verifier)) if !fits(challenge, verifier) => {
            Err(refuse(GrantFault::Verifier, "the SHA-256 of the verifier is not the challenge"))
        }
        _ => check_key(allowed, asked),
    }
}

/// Whether the proof is by the key that the authorize request has named, if it named one (RFC 9449 §10). Okta documents no
/// text for that: it is told as a proof that is not good.
fn check_key(allowed: &Allowed, asked: &Asked<'_>) -> Result<(), Refusal> {
    match (&allowed.dpop_jkt, &asked.jkt) {
        (Some(named), Some(own)) if **named != **own => {
            let reason = format!("the authorize request named the key {named}, the proof is by {own}");
            Err(Refusal::new("dpop", OAuthError::Proof(ProofFault::Invalid), reason))
        }
        _ => Ok(()),
    }
}

/// Whether a verifier is the one of a challenge (RFC 7636 §4.6, S256). One that is shorter than 43 characters or longer
/// than 128 is none.
fn fits(challenge: &str, verifier: &str) -> bool {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    let right = URL_SAFE_NO_PAD.encode(digest).as_bytes().ct_eq(challenge.as_bytes());
    bool::from(right) && (43..=128).contains(&verifier.len())
}

#[cfg(test)]
mod tests {
    use super::fits;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn a_verifier_fits_its_challenge() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(fits(challenge, verifier));
        assert!(!fits(verifier, verifier), "plain is not S256");
        assert!(!fits(challenge, &verifier.to_lowercase()));
        assert!(!fits(challenge, ""));
    }
}
