//! The table of mutants: each is the reference client with one bad habit, so that the suite can prove that it notices
//! (harness-anchors §8). Not among them is a client that trusts `X-Total-Count`: no Okta org sends that header, and so
//! the twin does not, which leaves such a client nothing to trust.

use super::{
    conduct::{Audience, Challenge, Conduct, Paging},
    habits,
};

/// A reference client with one bad habit.
pub(crate) struct Mutant {
    /// As in `--client builtin:NAME`.
    pub(crate) name: &'static str,
    /// The habit, for a person.
    pub(crate) habit: &'static str,
    pub(super) change: fn(&mut Conduct),
}

impl Mutant {
    /// The mutant's conduct.
    pub(super) fn conduct(&self) -> Conduct {
        let mut conduct = Conduct::default();
        (self.change)(&mut conduct);
        conduct
    }
}

impl std::fmt::Debug for Mutant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Mutant {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Mutant {}

/// All mutants.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "no-token-cache",
        habit: "asks for a new token before every call",
        change: |c| c.cache_tokens = false,
    },
    Mutant {
        name: "aud-is-issuer",
        habit: "puts the issuer into the assertion's aud",
        change: |c| c.audience = Audience::Issuer,
    },
    Mutant {
        name: "assertion-two-hours",
        habit: "signs assertions that live two hours",
        change: |c| c.assertion_seconds = 7200,
    },
    Mutant { name: "reused-jti", habit: "uses one jti for all assertions", change: |c| c.fresh_jti = false },
    Mutant {
        name: "stop-at-first-page",
        habit: "takes the first page for the whole collection",
        change: |c| c.paging = Paging::FirstPageOnly,
    },
    Mutant {
        name: "own-cursor",
        habit: "makes up the after parameter",
        change: |c| c.paging = Paging::OwnCursor,
    },
    Mutant {
        name: "first-link-line",
        habit: "reads the first Link line only",
        change: |c| c.paging = Paging::FirstLinkLine,
    },
    Mutant {
        name: "forget-page-size",
        habit: "drops its own limit from the second page on",
        change: |c| c.keep_limit = false,
    },
    Mutant {
        name: "iss-is-issuer",
        habit: "puts the issuer into the assertion's iss and sub",
        change: |c| c.own_issuer = false,
    },
    Mutant {
        name: "kid-missing",
        habit: "does not name the key that signed",
        change: |c| c.send_kid = false,
    },
    Mutant {
        name: "secret-in-body",
        habit: "sends client id and secret in the form",
        change: |c| c.secret_in_body = true,
    },
    Mutant {
        name: "repeat-refusals",
        habit: "asks again for what the org has refused",
        change: |c| c.repeat_refusals = true,
    },
    Mutant {
        name: "renew-on-403",
        habit: "gets a new token when the old one lacks a scope or a role",
        change: |c| c.renew_on_403 = true,
    },
    Mutant {
        name: "renew-on-429",
        habit: "throws its token away when it is rate limited",
        change: |c| c.renew_on_429 = true,
    },
    Mutant {
        name: "scopes-as-asked",
        habit: "believes that its token has what it asked for",
        change: |c| c.scopes_as_asked = true,
    },
    Mutant {
        name: "ignore-expiry",
        habit: "uses its token until it is refused",
        change: |c| c.watch_expiry = false,
    },
    Mutant { name: "nameless", habit: "sends no User-Agent", change: |c| c.user_agent = false },
    Mutant {
        name: "swallow-403",
        habit: "hands an empty result to its caller when the org refuses",
        change: |c| c.swallow = &[403],
    },
    Mutant {
        name: "nothing-on-429",
        habit: "hands an empty result to its caller when it is rate limited for good",
        change: |c| c.swallow = &[429],
    },
    Mutant {
        name: "nothing-on-errors",
        habit: "hands an empty result to its caller when the org answers with an error",
        change: |c| c.swallow = &[400, 401, 404, 405],
    },
    Mutant {
        name: "error-as-token",
        habit: "takes an error of the token endpoint for a token",
        change: |c| c.errors_as_tokens = true,
    },
    Mutant {
        name: "never-gives-up",
        habit: "repeats a call that is rate limited dozens of times",
        change: |c| c.attempts = 24,
    },
    Mutant {
        name: "no-outages",
        habit: "gives up at the first answer of an org that is not available",
        change: |c| c.bear_outages = false,
    },
    Mutant {
        name: "repeats-lost-writes",
        habit: "repeats a write whose answer was lost, though it may have happened",
        change: |c| c.repeat_lost_writes = true,
    },
    Mutant {
        name: "quiet-at-foreign-link",
        habit: "ends a list without a word at a link to another origin",
        change: |c| c.quiet_at_foreign_link = true,
    },
    Mutant {
        name: "asks-for-more",
        habit: "asks for a scope that it was not set up for",
        change: |c| c.extra_scope = Some("okta.apps.manage"),
    },
    Mutant {
        name: "api-token-as-bearer",
        habit: "sends an API token as if it were an access token",
        change: |c| c.bearer_api_token = true,
    },
    Mutant {
        name: "proof-without-nonce",
        habit: "gives up when the org asks for a nonce in its proof",
        change: |c| c.answer_nonces = false,
    },
    Mutant {
        name: "nonce-forgotten",
        habit: "lets itself be asked for a nonce before every token",
        change: |c| c.keep_nonces = false,
    },
    Mutant {
        name: "reused-proof-jti",
        habit: "uses one jti for all proofs",
        change: |c| c.fresh_proofs = false,
    },
    Mutant {
        name: "htu-with-query",
        habit: "puts the query into the proof's htu",
        change: |c| c.query_in_proofs = true,
    },
    Mutant {
        name: "proof-without-ath",
        habit: "does not say in the proof which token it is for",
        change: |c| c.token_in_proofs = false,
    },
    Mutant {
        name: "proof-key-changed",
        habit: "makes a new key for proofs after it has got its token",
        change: |c| c.steady_key = false,
    },
    Mutant {
        name: "bound-token-as-bearer",
        habit: "sends a token that is bound to its key as if it were a bearer token",
        change: |c| c.bound_token_as_bearer = true,
    },
    Mutant { name: "no-backoff", habit: "repeats at once after a 429", change: |c| c.back_off = false },
    Mutant {
        name: "never-reauthenticate",
        habit: "gives up when a token is no longer accepted",
        change: |c| c.reauthenticate = false,
    },
    Mutant {
        name: "secret-in-query",
        habit: "sends the credential in the query of the token request",
        change: |c| c.secret_in_query = true,
    },
    Mutant { name: "scope-missing", habit: "asks for no scope", change: |c| c.send_scope = false },
    Mutant {
        name: "custom-server",
        habit: "asks the custom authorization server `default` for its token",
        change: |c| c.use_custom_server = true,
    },
    Mutant {
        name: "follow-foreign-link",
        habit: "follows a next link to another origin, token and all",
        change: |c| c.trust_foreign_links = true,
    },
    Mutant {
        name: "no-pkce",
        habit: "signs people in without a PKCE challenge",
        change: |c| c.challenge = Challenge::Absent,
    },
    Mutant {
        name: "plain-pkce",
        habit: "sends the PKCE verifier itself as the challenge",
        change: |c| c.challenge = Challenge::Plain,
    },
    Mutant {
        name: "state-ignored",
        habit: "takes an answer whose state is not its own",
        change: |c| c.check_state = false,
    },
    Mutant {
        name: "nonce-ignored",
        habit: "takes an ID token whose nonce is not its own",
        change: |c| c.check_nonce = false,
    },
    Mutant {
        name: "id-token-unchecked",
        habit: "takes any ID token for genuine",
        change: |c| c.check_id_token = false,
    },
    Mutant {
        name: "same-state",
        habit: "uses one state and one nonce for all sign-ins",
        change: |c| c.fresh_state = false,
    },
    Mutant {
        name: "old-refresh-token-kept",
        habit: "keeps its first refresh token when it is handed a new one",
        change: |c| c.keep_new_refresh_token = false,
    },
    Mutant {
        name: "no-refresh",
        habit: "lets the person sign in again whenever its token ends",
        change: |c| c.refresh = false,
    },
    Mutant {
        name: "refresh-storm",
        habit: "refreshes its token before every call",
        change: |c| c.cache_tokens = false,
    },
    Mutant {
        name: "redirect-uri-other",
        habit: "names another redirect URI when it exchanges the code",
        change: |c| c.exact_redirect_uri = false,
    },
    Mutant { name: "code-twice", habit: "exchanges each code twice", change: |c| c.code_once = false },
    Mutant {
        name: "client-secret-in-url",
        habit: "puts its secret into the address of the authorization request",
        change: |c| c.secret_in_authorize_url = true,
    },
    Mutant {
        name: "refresh-again",
        habit: "presents a refresh token again that the org has refused",
        change: |c| c.repeat_refresh = true,
    },
    Mutant {
        name: "refresh-for-more",
        habit: "asks for another scope when it refreshes",
        change: |c| c.widen_refresh = true,
    },
    Mutant {
        name: "authorize-again",
        habit: "asks a second time when the person was refused",
        change: |c| c.repeat_authorize = true,
    },
    Mutant {
        name: "query-dropped",
        habit: "asks for a list without saying what it wants of it",
        change: |c| c.keep_query = false,
    },
    Mutant {
        name: "search-forgotten",
        habit: "drops its search from the second page on",
        change: |c| c.keep_search = false,
    },
    Mutant {
        name: "encoded-twice",
        habit: "encodes what it searches for twice",
        change: |c| c.encode_once = false,
    },
    Mutant {
        name: "nulls-dropped",
        habit: "leaves null out of what it sends",
        change: |c| c.send_nulls = false,
    },
    Mutant {
        name: "body-unlabelled",
        habit: "does not say that what it sends is JSON",
        change: |c| c.label_bodies = false,
    },
    Mutant { name: "writes-twice", habit: "sends what it creates twice", change: |c| c.write_once = false },
    Mutant {
        name: "update-replaces",
        habit: "replaces a user when it is to change one attribute",
        change: |c| c.update_by_post = false,
    },
    Mutant {
        name: "empty-is-error",
        habit: "takes an empty list for an error",
        change: |c| c.take_empty_lists = false,
    },
    Mutant {
        name: "no-body-is-error",
        habit: "takes a success without a body for an error",
        change: |c| c.take_empty_answers = false,
    },
    Mutant {
        name: "verifier-other",
        habit: "exchanges its code with a verifier that is not that of its challenge",
        change: |c| c.own_verifier = false,
    },
    Mutant { name: "no-state", habit: "signs people in without a state", change: |c| c.send_state = false },
    Mutant { name: "no-nonce", habit: "signs people in without a nonce", change: |c| c.send_nonce = false },
    Mutant {
        name: "password-in-authorize",
        habit: "sends the password in the authorization request as well",
        change: |c| c.password_again = true,
    },
    Mutant {
        name: "public-with-secret",
        habit: "sends a secret although it has none",
        change: |c| c.public_secret = true,
    },
    Mutant {
        name: "hmac-assertion",
        habit: "signs its assertion with the key's text as a shared secret",
        change: |c| c.symmetric = true,
    },
    Mutant {
        name: "aud-with-slash",
        habit: "puts a slash behind the audience of its assertion",
        change: |c| c.audience = Audience::Slashed,
    },
    Mutant {
        name: "exp-in-milliseconds",
        habit: "writes the end of its assertion in milliseconds",
        change: |c| c.assertion_seconds = 1_790_000_000_000,
    },
    Mutant { name: "old-proofs", habit: "dates its proofs an hour back", change: |c| c.proof_age = 3600 },
    Mutant {
        name: "untyped-proofs",
        habit: "does not say in the header that its proof is one",
        change: |c| c.typed_proofs = false,
    },
    Mutant {
        name: "storm",
        habit: "repeats a call dozens of times without a pause while the org is ill",
        change: |c| {
            c.pause = false;
            c.attempts = 24;
        },
    },
    Mutant {
        name: "one-second-backoff",
        habit: "waits a second after a 429, whatever the org says",
        change: |c| c.fixed_wait = Some(1),
    },
    Mutant {
        name: "nothing-on-outages",
        habit: "takes an org that is ill for one that has nothing",
        change: |c| c.swallow = &[500, 502, 503, 504],
    },
    Mutant {
        name: "unsigned-assertion",
        habit: "sends an assertion with the algorithm none and without a signature",
        change: |c| c.signed = false,
    },
    Mutant {
        name: "kid-other",
        habit: "names a key that is not the one that signed",
        change: |c| c.own_kid = false,
    },
    Mutant {
        name: "any-certificate",
        habit: "takes any certificate for the org's",
        change: |c| c.verify_certificates = false,
    },
    Mutant {
        name: "token-of-before",
        habit: "goes on with the token of before when it is set up for other scopes",
        change: |c| c.start_over = false,
    },
    Mutant {
        name: "wrong-bucket",
        habit: "waits for the reset that it was told of first, whatever bucket that was of",
        change: |c| c.own_bucket = false,
    },
    Mutant {
        name: "prints-its-token",
        habit: "writes its token to standard output",
        change: |c| c.discreet = false,
    },
    Mutant {
        name: "pages-again",
        habit: "reads a page again and again when the next link leads to it",
        change: |c| c.guard_pages = false,
    },
    Mutant {
        name: "parallel-refresh",
        habit: "refreshes its token three times at once when it has ended",
        change: |c| c.refreshes_at_once = 3,
    },
    Mutant {
        name: "endless-renewal",
        habit: "gets a new token a dozen times when none is accepted",
        change: |c| c.renewals = 12,
    },
    Mutant {
        name: "lies-without-requests",
        habit: "reports success and sends nothing",
        change: |c| c.send_requests = false,
    },
];

/// The mutant of that name.
pub(crate) fn find(name: &str) -> Option<&'static Mutant> {
    habits::all().find(|mutant| mutant.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_differs_from_the_reference_and_is_found_by_its_name() {
        let reference = format!("{:?}", Conduct::default());
        for mutant in MUTANTS {
            assert_ne!(format!("{:?}", mutant.conduct()), reference, "{}", mutant.name);
            assert_eq!(find(mutant.name), Some(mutant), "names are unique");
            assert!(!mutant.habit.is_empty());
        }
    }
}
