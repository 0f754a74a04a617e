//! Patterns of paths, for those who choose among requests.
//!
//! A pattern without `*` means the path itself and everything below it: `/api/v1/users` fits `/api/v1/users/00u1` and
//! not `/api/v1/usersX`. `*` stands for any characters within a segment, `**` for any characters at all; such a
//! pattern must fit the whole path.

/// Whether a path fits a pattern.
pub(crate) fn path_fits(pattern: &str, path: &str) -> bool {
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
