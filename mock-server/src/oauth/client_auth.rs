//! Who is calling: what was presented, and whether it is the client's (token-facts §1.3, §1.4, §3).

use std::sync::Arc;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use super::assertion::{Assertion, AssertionFault, Faulty, JWT_BEARER};
use super::errors::{OAuthError, Place, Refusal, clip};
use super::form::Parameters;
use super::signature::Algorithm;
use crate::exchange::Learnt;
use crate::facts::dialects::{Dialect, Switch};
use crate::limits::Counters;
use crate::org::client::{AuthMethod, Client, ClientKey};
use crate::org::mutation::{Mutation, Mutations};
use crate::org::state::OrgState;

const STEP: &str = "client_auth";

/// A longer assertion is not kept for the ledger.
const SHOWN: usize = 16 * 1024;

/// Clients send base64 with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a request presents: exactly one form of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials<'a> {
    /// A client id alone, which is all that a public client has.
    IdOnly {
        /// The id.
        id: String,
        /// Where it was.
        place: Place,
    },
    /// Id and secret in the form.
    Post {
        /// The id.
        id: &'a str,
        /// The secret.
        secret: &'a str,
    },
    /// Id and secret in the header.
    Basic(Pair),
    /// A signed statement.
    Assertion {
        /// The JWT.
        jwt: &'a str,
        /// The client id beside it, which must agree.
        id: Option<&'a str>,
    },
}

/// Id and secret of a `Basic` header, with percent-decoding and as they were: clients send both (real-clients §2, 8).
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    id: String,
    secret: String,
    raw: (String, String),
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pair").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Reads what a request presents.
///
/// # Errors
/// Credentials in the query, several at once, a malformed `Basic` header, a wrong type of assertion, none at all.
pub fn presented<'a>(
    headers: &HeaderMap,
    parameters: &'a Parameters,
    dialect: &Dialect,
) -> Result<Credentials<'a>, Refusal> {
    let refuse = |error, reason: &str| Err(Refusal::new(STEP, error, reason));
    let assertion_in_query = parameters.in_query("client_assertion");
    if parameters.in_query("client_id")
        || parameters.in_query("client_secret")
        || assertion_in_query && dialect.is(Switch::CredentialsInQuery, "reject")
    {
        return refuse(OAuthError::CredentialsInQuery, "there are credentials in the query");
    }
    let mut basic =
        headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| basic_scheme(value.as_bytes()));
    let (first, second) = (basic.next(), basic.next());
    let id = parameters.get("client_id");
    let secret = parameters.get("client_secret");
    let jwt = parameters.get("client_assertion");
    let several = second.is_some()
        || first.is_some() && (id.is_some() || secret.is_some() || jwt.is_some())
        || secret.is_some() && jwt.is_some();
    if several {
        return refuse(OAuthError::MultipleCredentials, "there are credentials in more than one form");
    }
    if let Some(encoded) = first {
        return read_basic(encoded).map_or_else(
            || refuse(OAuthError::MalformedBasic, "the Authorization header holds no id and secret"),
            Ok,
        );
    }
    if let Some(jwt) = jwt {
        let kind = parameters.get("client_assertion_type");
        if kind != Some(JWT_BEARER) {
            let reason = format!("client_assertion_type is {:?}", kind.unwrap_or("missing"));
            return Err(Refusal::new("assertion", OAuthError::Assertion(AssertionFault::Type), reason));
        }
        return Ok(Credentials::Assertion { jwt, id });
    }
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Credentials::Post { id, secret }),
        (Some(id), None) => Ok(Credentials::IdOnly { id: id.to_owned(), place: Place::Body }),
        (None, Some(_)) => refuse(OAuthError::NoCredentials, "there is a secret and no client id"),
        (None, None) => refuse(OAuthError::NoCredentials, "the request names no client"),
    }
}

/// What follows the word `Basic`, in any case (token-facts §14).
fn basic_scheme(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(5)?;
    let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
    (ends && scheme.eq_ignore_ascii_case(b"basic")).then(|| rest.trim_ascii())
}

fn read_basic(encoded: &[u8]) -> Option<Credentials<'static>> {
    let decoded = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    match decoded.split_once(':') {
        Some(("", _)) => None,
        Some((id, secret)) => Some(Credentials::Basic(Pair {
            id: form_decoded(id),
            secret: form_decoded(secret),
            raw: (id.to_owned(), secret.to_owned()),
        })),
        // Public clients send their id alone, without a colon (real-clients §2, 9).
        None if decoded.is_empty() => None,
        None => Some(Credentials::IdOnly { id: form_decoded(&decoded), place: Place::Basic }),
    }
}

/// Undoes the form encoding of RFC 6749 §2.3.1.
fn form_decoded(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    // The parser splits at `&` and `=`, which a raw secret may hold.
    let guarded = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(guarded.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// Where and when a client authenticates.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The absolute URL of the endpoint, as the caller called it.
    pub endpoint: &'a str,
    /// The org's time, in epoch seconds.
    pub now: i64,
    /// Remembers used `jti`s.
    pub counters: &'a dyn Counters,
    /// The keys of a client that publishes them itself.
    pub keys: Option<&'a [ClientKey]>,
}

/// Whether what was presented is a client's; the client, and the reason in words for a person.
///
/// # Errors
/// In the order of token-facts §1.3: client known, method, credentials.
pub fn authenticate(
    credentials: &Credentials<'_>,
    state: &OrgState,
    moment: Moment<'_>,
    learnt: &mut Learnt,
) -> Result<(Arc<Client>, String), Refusal> {
    let (dialect, mutations) = (&state.settings.dialect, state.settings.mutations);
    let check_method =
        |client: &Client, used: AuthMethod, dialect: &Dialect| match check_method(client, used, dialect) {
            Err(_) if mutations.has(Mutation::Method) => Ok(()),
            checked => checked,
        };
    match credentials {
        Credentials::IdOnly { id, place } => {
            let client = find(state, id, *place, learnt);
            if *place == Place::Basic
                && !client.as_ref().is_ok_and(|client| client.auth_method == AuthMethod::None)
            {
                let reason = "the Authorization header holds no colon, and names no public client";
                return Err(Refusal::new(STEP, OAuthError::MalformedBasic, reason));
            }
            learnt.auth_method = Some(AuthMethod::None.as_str());
            let client = client?;
            check_method(&client, AuthMethod::None, dialect)?;
            let reason = format!("{} is a public client", client.id);
            Ok((client, reason))
        }
        Credentials::Post { id, secret } => {
            learnt.auth_method = Some(AuthMethod::ClientSecretPost.as_str());
            let client = find(state, id, Place::Body, learnt)?;
            check_method(&client, AuthMethod::ClientSecretPost, dialect)?;
            check_secret(client, AuthMethod::ClientSecretPost, &[secret], mutations)
        }
        Credentials::Basic(pair) => {
            learnt.auth_method = Some(AuthMethod::ClientSecretBasic.as_str());
            let id = if state.derived.client(&pair.id).is_some() { &pair.id } else { &pair.raw.0 };
            let client = find(state, id, Place::Basic, learnt)?;
            if pair.raw.1.is_empty() && client.auth_method == AuthMethod::None {
                learnt.auth_method = Some(AuthMethod::None.as_str());
                let reason = format!("{} is a public client", client.id);
                return Ok((client, reason));
            }
            check_method(&client, AuthMethod::ClientSecretBasic, dialect)?;
            check_secret(client, AuthMethod::ClientSecretBasic, &[&pair.secret, &pair.raw.1], mutations)
        }
        Credentials::Assertion { jwt, id } => {
            let refuse =
                |(fault, reason): Faulty| Refusal::new("assertion", OAuthError::Assertion(fault), reason);
            let assertion = Assertion::parse(jwt).map_err(refuse)?;
            learnt.assertion = (jwt.len() <= SHOWN).then(|| assertion.shown());
            let algorithm = assertion.algorithm().map_err(refuse)?;
            let client = asserted_client(&assertion, *id, state, learnt)?;
            let method =
                if algorithm.is_hmac() { AuthMethod::ClientSecretJwt } else { AuthMethod::PrivateKeyJwt };
            learnt.auth_method = Some(method.as_str());
            let keys = moment.keys.unwrap_or(&client.keys);
            check_material(&client, keys, algorithm).map_err(refuse)?;
            check_method(&client, method, dialect)?;
            if algorithm.is_hmac() {
                assertion.check_secret(&client, algorithm).map_err(refuse)?;
            } else {
                let signed = assertion.check_key(keys, algorithm);
                overlooked(signed, (), mutations).map_err(refuse)?;
            }
            let claimed = assertion.check_claims(moment.endpoint, moment.now);
            let exp = overlooked(claimed, moment.now, mutations).map_err(refuse)?;
            let used = assertion.use_up(&client, moment.counters, moment.now, exp);
            overlooked(used, (), mutations).map_err(refuse)?;
            let reason = format!("{} signed the assertion ({})", client.id, method.as_str());
            Ok((client, reason))
        }
    }
}

/// What an org that does not look at a fault makes of it.
fn overlooked<T>(checked: Result<T, Faulty>, otherwise: T, mutations: Mutations) -> Result<T, Faulty> {
    let blind = |(fault, _): &Faulty| {
        let mutation = match fault {
            AssertionFault::Signature => Mutation::AssertionSignature,
            AssertionFault::Kid => Mutation::AssertionKid,
            AssertionFault::Expired => Mutation::AssertionExpiry,
            AssertionFault::TooFar => Mutation::AssertionLifetime,
            AssertionFault::Audience => Mutation::AssertionAudience,
            AssertionFault::NotASigningKey => Mutation::AssertionKeyUse,
            AssertionFault::Replayed => Mutation::AssertionReplay,
            _ => return false,
        };
        mutations.has(mutation)
    };
    match checked {
        Err(faulty) if blind(&faulty) => Ok(otherwise),
        checked => checked,
    }
}

/// The active client with an id. Unknown and inactive ones are told alike (token-facts tok.auth.inactive_client).
fn find(state: &OrgState, id: &str, place: Place, learnt: &mut Learnt) -> Result<Arc<Client>, Refusal> {
    let mut claimed = id.to_owned();
    clip(&mut claimed, 100);
    learnt.client_id = Some(claimed);
    let unknown = |reason: String| Err(Refusal::new(STEP, OAuthError::UnknownClient(place), reason));
    match state.derived.client(id) {
        None => unknown(format!("the org has no client {id:?}")),
        Some(client) if !client.active && !state.settings.mutations.has(Mutation::InactiveClient) => {
            unknown(format!("the app {id} is not active"))
        }
        Some(client) => Ok(client.clone()),
    }
}

/// The client that an assertion names. `iss` and `sub` are both its id; a `client_id` beside it agrees.
fn asserted_client(
    assertion: &Assertion<'_>,
    beside: Option<&str>,
    state: &OrgState,
    learnt: &mut Learnt,
) -> Result<Arc<Client>, Refusal> {
    let refuse = |fault, reason: String| Err(Refusal::new("assertion", OAuthError::Assertion(fault), reason));
    let Some(issuer) = assertion.text("iss") else {
        return refuse(AssertionFault::Issuer, "iss is missing or no text".to_owned());
    };
    let Some(subject) = assertion.text("sub") else {
        return refuse(AssertionFault::Subject, "sub is missing or no text".to_owned());
    };
    if let Some(id) = beside {
        let client = find(state, id, Place::Body, learnt)?;
        if issuer != id {
            return refuse(AssertionFault::Issuer, format!("iss is {issuer:?}, client_id is {id:?}"));
        }
        if subject != id {
            return refuse(AssertionFault::Subject, format!("sub is {subject:?}, client_id is {id:?}"));
        }
        return Ok(client);
    }
    if issuer != subject {
        let fault = match state.derived.client(issuer) {
            Some(_) => AssertionFault::Subject,
            None => AssertionFault::Issuer,
        };
        return refuse(fault, format!("iss is {issuer:?}, sub is {subject:?}"));
    }
    find(state, issuer, Place::Body, learnt)
}

/// Whether the client has what could have signed. This comes before the method, so that a client without keys, or
/// without a secret, is told just that.
pub(super) fn check_material(
    client: &Client,
    keys: &[ClientKey],
    algorithm: Algorithm,
) -> Result<(), Faulty> {
    if algorithm.is_hmac() {
        if client.secrets.is_empty() {
            return Err((AssertionFault::NoSecret, format!("{} has no secret", client.id)));
        }
    } else if keys.is_empty() {
        return Err((AssertionFault::NoKeys, format!("{} has no public keys", client.id)));
    }
    Ok(())
}

/// Whether a client may authenticate as it did: one method is configured, every other is refused (token-facts §1.4).
///
/// # Errors
/// [`OAuthError::MethodMismatch`] and its two special wordings.
pub fn check_method(client: &Client, used: AuthMethod, dialect: &Dialect) -> Result<(), Refusal> {
    if client.auth_method == used {
        return Ok(());
    }
    let reason =
        format!("{} is configured for {}, not {}", client.id, client.auth_method.as_str(), used.as_str());
    let allowed = matches!(used, AuthMethod::ClientSecretBasic | AuthMethod::PrivateKeyJwt);
    let error = if client.integration && !allowed {
        OAuthError::IntegrationMethod
    } else if client.auth_method == AuthMethod::PrivateKeyJwt
        && used.uses_secret()
        && dialect.is(Switch::SecretToPrivateKeyApp, "wrong_secret")
    {
        OAuthError::WrongSecret
    } else {
        OAuthError::MethodMismatch
    };
    Err(Refusal::new(STEP, error, reason))
}

/// Whether one of the readings of a secret is one of the client's active secrets. Every pair is compared, each in
/// constant time.
fn check_secret(
    client: Arc<Client>,
    method: AuthMethod,
    readings: &[&str],
    mutations: Mutations,
) -> Result<(Arc<Client>, String), Refusal> {
    let mut right = subtle::Choice::from(0);
    for secret in client.secrets.iter().filter(|secret| secret.active) {
        for reading in readings {
            right |= secret.value.as_bytes().ct_eq(reading.as_bytes());
        }
    }
    if bool::from(right) || mutations.has(Mutation::Secret) {
        let reason = format!("{} sent its secret ({})", client.id, method.as_str());
        return Ok((client, reason));
    }
    let reason = format!("the secret is none of the active ones of {}", client.id);
    Err(Refusal::new(STEP, OAuthError::WrongSecret, reason))
}

/// The client id that a request claims, unproven.
pub(super) fn claimed(headers: &HeaderMap, parameters: &Parameters) -> Option<String> {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| basic_scheme(value.as_bytes()));
    match basic.and_then(read_basic) {
        Some(Credentials::Basic(pair)) => return Some(pair.id),
        Some(Credentials::IdOnly { id, .. }) => return Some(id),
        _ => {}
    }
    if let Some(id) = parameters.get("client_id") {
        return Some(id.to_owned());
    }
    let assertion = Assertion::parse(parameters.get("client_assertion")?).ok()?;
    assertion.text("sub").or_else(|| assertion.text("iss")).map(str::to_owned)
}
