//! Ways in which an org is not like Okta, so that a suite can prove that it would notice (`orgtwin selftest`). They are no
//! dialect: no org is known to behave so. `POST /_mock/orgs` takes them by name and nothing else does; each is asked about
//! where the decision is taken.

macro_rules! mutations {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// One way of not being like Okta.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutation {
            $($(#[$doc])* $name,)*
        }

        impl Mutation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As the control API names it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

mutations! {
    /// Any signature of a client assertion is good.
    AssertionSignature = "assertion-signature-unchecked",
    /// A `kid` that no key of the client has is not noticed.
    AssertionKid = "assertion-kid-unchecked",
    /// An assertion is good after its end.
    AssertionExpiry = "assertion-expiry-unchecked",
    /// An assertion may be good for longer than an hour.
    AssertionLifetime = "assertion-lifetime-unchecked",
    /// An assertion may be meant for somebody else.
    AssertionAudience = "assertion-audience-unchecked",
    /// An encryption key may sign an assertion.
    AssertionKeyUse = "assertion-key-use-unchecked",
    /// An assertion may be used again and again.
    AssertionReplay = "assertion-replay-accepted",
    /// Any secret is good.
    Secret = "secret-unchecked",
    /// A client may authenticate by another method than its own.
    Method = "method-unchecked",
    /// An app that was deactivated is served.
    InactiveClient = "inactive-client-accepted",
    /// A service app is granted whatever it asks for.
    Grants = "grants-unchecked",
    /// No scope is needed at the Management API.
    Scope = "scope-unchecked",
    /// No role is needed at the Management API.
    Role = "role-unchecked",
    /// Access tokens do not end.
    TokenExpiry = "token-expiry-unchecked",
    /// Access tokens cannot be revoked.
    TokenRevocation = "token-revocation-unchecked",
    /// The revocation endpoint does nothing.
    Revocation = "revocation-ignored",
    /// A refresh may ask for what nobody has allowed.
    RefreshScope = "refresh-scope-unchecked",
    /// A refresh token that was replaced is good.
    RefreshReuse = "refresh-reuse-accepted",
    /// A code may be exchanged with any redirect URI.
    CodeRedirectUri = "code-redirect-uri-unchecked",
    /// A call that is one too many is answered like any other.
    Quota = "quota-unenforced",
    /// Any redirect URI is good.
    RedirectUri = "redirect-uri-unchecked",
    /// Any PKCE verifier is good, and none.
    Verifier = "verifier-unchecked",
    /// Whoever signs in may use the app.
    Assignment = "assignment-unchecked",
    /// Any password is good.
    Password = "password-unchecked",
    /// An ID token does not repeat the nonce of its request.
    IdTokenNonce = "id-token-without-nonce",
    /// The signature of an ID token is not that of its text.
    IdTokenSignature = "id-token-signature-broken",
    /// An ID token does not bind the access token beside it.
    IdTokenHash = "id-token-without-at-hash",
    /// An ID token is good for a day.
    IdTokenLifetime = "id-token-lasts-a-day",
    /// No proof of possession is looked at by the Management API.
    Proof = "proof-unchecked",
    /// No nonce is asked for in a proof.
    ProofNonce = "proof-nonce-unasked",
    /// What is deleted stays.
    Deletion = "deletes-nothing",
    /// An edit of a submission reaches the instances that were made before.
    Snapshot = "instances-follow-edits",
    /// A page does not name the next one.
    NextLink = "no-next-link",
    /// A page does not name itself.
    SelfLink = "no-self-link",
    /// No answer tells what is left of a limit.
    RateHeaders = "no-rate-headers",
    /// No answer has a date.
    Date = "no-date",
    /// No answer has a request id.
    RequestId = "no-request-id",
    /// Errors have another shape.
    ErrorShape = "error-shape-other",
    /// A refused token is not told why.
    Challenge = "no-challenge",
    /// The org says 200 when it has made something.
    Status = "success-is-always-200",
}

/// A set of mutations. Empty in every org but those of a selftest; asking it is one comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mutations(u64);

/// A name that no mutation has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mutations: there is no {0:?}")]
pub struct UnknownMutation(pub String);

impl Mutations {
    /// The set of those names.
    ///
    /// # Errors
    /// [`UnknownMutation`].
    pub fn named(names: &[String]) -> Result<Self, UnknownMutation> {
        let mut set = Self::default();
        for name in names {
            let found = Mutation::ALL.iter().find(|mutation| mutation.name() == name);
            set.0 |= found.ok_or_else(|| UnknownMutation(name.clone()))?.bit();
        }
        Ok(set)
    }

    /// Whether the org behaves so.
    pub fn has(self, mutation: Mutation) -> bool {
        self.0 & mutation.bit() != 0
    }

    /// Whether the org is like Okta.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Mutation {
    fn bit(self) -> u64 {
        1 << self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_made_of_and_nothing_else() {
        assert!(Mutation::ALL.len() <= 64);
        for one in Mutation::ALL {
            let set = Mutations::named(&[one.name().to_owned()]);
            for other in Mutation::ALL {
                assert_eq!(set.as_ref().map(|set| set.has(*other)), Ok(one == other), "{}", one.name());
            }
        }
        assert_eq!(Mutations::named(&[]), Ok(Mutations::default()));
        assert_eq!(Mutations::named(&["x".to_owned()]), Err(UnknownMutation("x".to_owned())));
    }
}
