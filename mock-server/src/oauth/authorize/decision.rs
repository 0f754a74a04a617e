//! Whether somebody has to sign in (token-facts §11: prompt, `max_age`, `sessionToken`, sessions).

use super::fault::Fault;
use super::request::Prompt;

/// Who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nobody who is known.
    Nobody,
    /// Somebody who has signed in for this very request, by password or by a session token.
    Now,
    /// Somebody with a session; when they signed in, in epoch seconds.
    Since(i64),
}

/// What is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// The request is answered for the user who is there.
    Proceed,
    /// The sign-in page.
    SignIn,
    /// The app is told no.
    Refuse(Fault),
}

/// Decides. A session may be `max_age` seconds old, not more; who has just signed in need not do it again.
pub(super) fn decide(prompt: Prompt, max_age: Option<i64>, presence: Presence, now: i64) -> Decision {
    let old = |since: i64| max_age.is_some_and(|max_age| now.saturating_sub(since) > max_age);
    match (prompt, presence) {
        (_, Presence::Now) => Decision::Proceed,
        (Prompt::None, Presence::Nobody) => Decision::Refuse(Fault::LoginRequired),
        (Prompt::None, Presence::Since(since)) if old(since) => Decision::Refuse(Fault::Reauthenticate),
        (Prompt::Login, _) | (_, Presence::Nobody) => Decision::SignIn,
        (_, Presence::Since(since)) if old(since) => Decision::SignIn,
        _ => Decision::Proceed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_sign_in() {
        use Presence::{Nobody, Now, Since};
        const NOW: i64 = 1000;
        for (prompt, max_age, presence, expected) in [
            (Prompt::Unsaid, None, Nobody, Decision::SignIn),
            (Prompt::Unsaid, None, Since(0), Decision::Proceed),
            (Prompt::Unsaid, None, Now, Decision::Proceed),
            (Prompt::Unsaid, Some(1000), Since(0), Decision::Proceed),
            (Prompt::Unsaid, Some(999), Since(0), Decision::SignIn),
            (Prompt::Unsaid, Some(0), Since(NOW), Decision::Proceed),
            (Prompt::Unsaid, Some(0), Now, Decision::Proceed),
            (Prompt::Unsaid, Some(i64::MAX), Since(i64::MIN), Decision::Proceed),
            (Prompt::Login, None, Since(NOW), Decision::SignIn),
            (Prompt::Login, None, Nobody, Decision::SignIn),
            (Prompt::Login, None, Now, Decision::Proceed),
            (Prompt::None, None, Nobody, Decision::Refuse(Fault::LoginRequired)),
            (Prompt::None, None, Since(0), Decision::Proceed),
            (Prompt::None, Some(10), Since(0), Decision::Refuse(Fault::Reauthenticate)),
            (Prompt::None, Some(10), Now, Decision::Proceed),
            (Prompt::Consent, None, Since(0), Decision::Proceed),
            (Prompt::Consent, None, Nobody, Decision::SignIn),
        ] {
            assert_eq!(
                decide(prompt, max_age, presence, NOW),
                expected,
                "{prompt:?} {max_age:?} {presence:?}"
            );
        }
    }
}
