//! Which exchanges a reader wants. Everything that is asked must be so; what is not asked is not looked at.
//!
//! A path without `*` means the path itself and everything below it: `/api/v1/users` admits `/api/v1/users/00u1` and
//! not `/api/v1/usersX`. `*` stands for any characters within a segment, `**` for any characters at all; such a
//! pattern must fit the whole path. Queries are not looked at.

use jiff::Timestamp;

use super::exchange::Exchange;
use super::outcome::{Statuses, error_code};

/// A filter. The default one admits everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Only exchanges with a higher number.
    pub(crate) since: u64,
    /// At most so many, the oldest first.
    pub(crate) limit: Option<usize>,
    /// Not before this time of the org.
    pub(crate) from: Option<Timestamp>,
    /// Before this time of the org.
    pub(crate) until: Option<Timestamp>,
    /// Only this method, in upper case.
    pub(crate) method: Option<String>,
    /// Only paths that fit.
    pub(crate) path: Option<String>,
    /// Only of this client id, user id or tag of a token.
    pub(crate) client: Option<String>,
    /// Only with these statuses.
    pub(super) status: Option<Statuses>,
    /// Only refusals with this code.
    pub(crate) error: Option<String>,
    /// Only this operation.
    pub(crate) operation: Option<String>,
    /// Only what this fault touched.
    pub(crate) fault: Option<String>,
}

impl Filter {
    /// Whether an exchange passes; the limit is the reader's business.
    pub(crate) fn admits(&self, exchange: &Exchange) -> bool {
        let wanted = |asked: &Option<String>, given: Option<&str>| {
            asked.as_deref().is_none_or(|asked| given == Some(asked))
        };
        exchange.seq > self.since
            && self.from.is_none_or(|from| exchange.time >= from)
            && self.until.is_none_or(|until| exchange.time < until)
            && wanted(&self.method, Some(exchange.request.method.as_str()))
            && wanted(&self.operation, exchange.trace.operation)
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, exchange.request.path()))
            && self.status.as_ref().is_none_or(|statuses| statuses.admit(exchange.response.status))
            && self.client.as_ref().is_none_or(|client| is_of(exchange, client))
            && self.fault.as_ref().is_none_or(|fault| exchange.faults().contains(fault))
            && self.error.as_ref().is_none_or(|code| error_code(&exchange.response).as_ref() == Some(code))
    }
}

fn is_of(exchange: &Exchange, client: &str) -> bool {
    let learnt = &exchange.trace.learnt;
    let issued = learnt.issued.as_ref().and_then(|issued| issued.get("token")?.as_str());
    [learnt.client_id.as_deref(), learnt.user.as_deref(), learnt.token.as_deref(), issued]
        .contains(&Some(client))
}

/// Whether a path fits a pattern.
fn path_fits(pattern: &str, path: &str) -> bool {
    if pattern.contains('*') {
        return glob_fits(pattern.as_bytes(), path.as_bytes());
    }
    let pattern = pattern.trim_end_matches('/');
    path.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Matches with two marks to come back to: the last `*` and the last `**`. No recursion, so no pattern is slow.
fn glob_fits(pattern: &[u8], path: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut one: Option<(usize, usize)> = None;
    let mut many: Option<(usize, usize)> = None;
    loop {
        if pattern[at..].starts_with(b"**") {
            at += 2;
            (many, one) = (Some((at, seen)), None);
        } else if pattern.get(at) == Some(&b'*') {
            at += 1;
            one = Some((at, seen));
        } else if at == pattern.len() && seen == path.len() {
            return true;
        } else if seen < path.len() && pattern.get(at) == path.get(seen) {
            (at, seen) = (at + 1, seen + 1);
        } else if let Some((after, from)) =
            one.filter(|(_, from)| path.get(*from).is_some_and(|byte| *byte != b'/'))
        {
            (at, seen) = (after, from + 1);
            one = Some((after, from + 1));
        } else if let Some((after, from)) = many.filter(|(_, from)| *from < path.len()) {
            (at, seen) = (after, from + 1);
            (many, one) = (Some((after, from + 1)), None);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod unit {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_fit_or_not() {
        let cases = [
            ("/api/v1/users", "/api/v1/users", true),
            ("/api/v1/users", "/api/v1/users/00u1", true),
            ("/api/v1/users/", "/api/v1/users", true),
            ("/api/v1/users", "/api/v1/usersX", false),
            ("/", "/api", true),
            ("/api/v1/*", "/api/v1/users", true),
            ("/api/v1/*", "/api/v1/users/00u1", false),
            ("/api/v1/**", "/api/v1/users/00u1", true),
            ("/api/*/users/*", "/api/v1/users/00u1", true),
            ("/api/*/users", "/api/v1/users/00u1", false),
            ("**/token", "/oauth2/v1/token", true),
            ("**/token", "/oauth2/v1/tokens", false),
            ("/a*c/**z", "/abc/x/yz", true),
            ("/a*c/**z", "/ab/c/x/yz", false),
            ("*", "/api", false),
            ("**", "/api", true),
            ("/api*", "/api", true),
        ];
        for (pattern, path, fits) in cases {
            assert_eq!(path_fits(pattern, path), fits, "{pattern} {path}");
        }
    }

    fn slowly(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => path.is_empty(),
            [b'*', b'*', rest @ ..] => (0..=path.len()).any(|at| slowly(rest, &path[at..])),
            [b'*', rest @ ..] => (0..=path.len())
                .take_while(|at| !path[..*at].contains(&b'/'))
                .any(|at| slowly(rest, &path[at..])),
            [byte, rest @ ..] => path.first() == Some(byte) && slowly(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_agrees_with_the_plain_way(pattern in "[a/*]{0,8}", path in "[a/b]{0,8}") {
            prop_assert_eq!(glob_fits(pattern.as_bytes(), path.as_bytes()), slowly(pattern.as_bytes(), path.as_bytes()));
        }
    }
}
