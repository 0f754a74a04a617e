//! Habits of a client of which there are more than two: what it can do in one place.

/// What an authorization request says of PKCE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Challenge {
    S256,
    /// The verifier itself.
    Plain,
    Absent,
}

/// The `aud` claim of the client assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    TokenEndpoint,
    Issuer,
    /// The token endpoint with a slash behind it.
    Slashed,
}

/// How the client goes from page to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// The address that the org gave, unchanged.
    Verbatim,
    FirstPageOnly,
    /// An `after` of its own making: the id of the last element.
    OwnCursor,
    /// Only the first `Link` line is looked at, which names the page itself.
    FirstLinkLine,
}
