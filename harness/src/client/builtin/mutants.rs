//! The reference client's conduct as switches, and the table of mutants: each is the reference client with one bad
//! habit, so that the suite can prove that it notices (harness-anchors §8).

pub(super) use super::habits::{Audience, Challenge, Paging};

/// How the client behaves. [`Conduct::default`] is the reference.
#[derive(Debug, Clone)]
pub(crate) struct Conduct {
    pub(super) cache_tokens: bool,
    pub(super) audience: Audience,
    pub(super) assertion_seconds: i64,
    pub(super) fresh_jti: bool,
    pub(super) paging: Paging,
    pub(super) swallow: &'static [u16],
    pub(super) back_off: bool,
    pub(super) reauthenticate: bool,
    pub(super) secret_in_query: bool,
    pub(super) send_scope: bool,
    pub(super) send_requests: bool,
    pub(super) use_custom_server: bool,
    pub(super) trust_foreign_links: bool,
    pub(super) own_issuer: bool,
    pub(super) send_kid: bool,
    pub(super) secret_in_body: bool,
    pub(super) secret_twice: bool,
    pub(super) repeat_refusals: bool,
    pub(super) renew_on_403: bool,
    pub(super) renew_on_429: bool,
    pub(super) scopes_as_asked: bool,
    pub(super) watch_expiry: bool,
    pub(super) user_agent: bool,
    pub(super) keep_limit: bool,
    pub(super) errors_as_tokens: bool,
    pub(super) attempts: usize,
    pub(super) bear_outages: bool,
    pub(super) repeat_lost_writes: bool,
    pub(super) quiet_at_foreign_link: bool,
    pub(super) extra_scope: Option<&'static str>,
    pub(super) bearer_api_token: bool,
    pub(super) answer_nonces: bool,
    pub(super) keep_nonces: bool,
    pub(super) fresh_proofs: bool,
    pub(super) query_in_proofs: bool,
    pub(super) token_in_proofs: bool,
    pub(super) steady_key: bool,
    pub(super) bound_token_as_bearer: bool,
    pub(super) challenge: Challenge,
    pub(super) check_state: bool,
    pub(super) check_nonce: bool,
    pub(super) check_id_token: bool,
    pub(super) fresh_state: bool,
    pub(super) keep_new_refresh_token: bool,
    pub(super) refresh: bool,
    pub(super) exact_redirect_uri: bool,
    pub(super) code_once: bool,
    pub(super) secret_in_authorize_url: bool,
    pub(super) repeat_refresh: bool,
    pub(super) widen_refresh: bool,
    pub(super) repeat_authorize: bool,
    pub(super) keep_query: bool,
    pub(super) keep_search: bool,
    pub(super) encode_once: bool,
    pub(super) send_nulls: bool,
    pub(super) label_bodies: bool,
    pub(super) write_once: bool,
    pub(super) update_by_post: bool,
    pub(super) take_empty_lists: bool,
    pub(super) take_empty_answers: bool,
    pub(super) own_verifier: bool,
    pub(super) send_state: bool,
    pub(super) send_nonce: bool,
    pub(super) password_again: bool,
    pub(super) public_secret: bool,
    pub(super) symmetric: bool,
    pub(super) proof_age: i64,
    pub(super) typed_proofs: bool,
    pub(super) pause: bool,
    pub(super) fixed_wait: Option<i64>,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            cache_tokens: true,
            audience: Audience::TokenEndpoint,
            assertion_seconds: 300,
            fresh_jti: true,
            paging: Paging::Verbatim,
            swallow: &[],
            back_off: true,
            reauthenticate: true,
            secret_in_query: false,
            send_scope: true,
            send_requests: true,
            use_custom_server: false,
            trust_foreign_links: false,
            own_issuer: true,
            send_kid: true,
            secret_in_body: false,
            secret_twice: false,
            repeat_refusals: false,
            renew_on_403: false,
            renew_on_429: false,
            scopes_as_asked: false,
            watch_expiry: true,
            user_agent: true,
            keep_limit: true,
            errors_as_tokens: false,
            attempts: 4,
            bear_outages: true,
            repeat_lost_writes: false,
            quiet_at_foreign_link: false,
            extra_scope: None,
            bearer_api_token: false,
            answer_nonces: true,
            keep_nonces: true,
            fresh_proofs: true,
            query_in_proofs: false,
            token_in_proofs: true,
            steady_key: true,
            bound_token_as_bearer: false,
            challenge: Challenge::S256,
            check_state: true,
            check_nonce: true,
            check_id_token: true,
            fresh_state: true,
            keep_new_refresh_token: true,
            refresh: true,
            exact_redirect_uri: true,
            code_once: true,
            secret_in_authorize_url: false,
            repeat_refresh: false,
            widen_refresh: false,
            repeat_authorize: false,
            keep_query: true,
            keep_search: true,
            encode_once: true,
            send_nulls: true,
            label_bodies: true,
            write_once: true,
            update_by_post: true,
            take_empty_lists: true,
            take_empty_answers: true,
            own_verifier: true,
            send_state: true,
            send_nonce: true,
            password_again: false,
            public_secret: false,
            symmetric: false,
            proof_age: 0,
            typed_proofs: true,
            pause: true,
            fixed_wait: None,
        }
    }
}

/// A reference client with one bad habit.
pub(crate) struct Mutant {
    /// As in `--client builtin:NAME`.
    pub(crate) name: &'static str,
    /// The habit, for a person.
    pub(crate) habit: &'static str,
    change: fn(&mut Conduct),
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
pub(crate) const MUTANTS: &[Mutant] = &[
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
        name: "secret-twice",
        habit: "sends its secret in the header and in the form",
        change: |c| c.secret_twice = true,
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
        name: "lies-without-requests",
        habit: "reports success and sends nothing",
        change: |c| c.send_requests = false,
    },
];

/// The mutant of that name.
pub(crate) fn find(name: &str) -> Option<&'static Mutant> {
    MUTANTS.iter().find(|mutant| mutant.name == name)
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
