//! The formats of strings that are checked.

/// Whether a string has a format; one that is not known here is not checked.
pub(super) fn has(text: &str, format: &str) -> bool {
    match format {
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "email" => is_email(text),
        "uri" | "url" => is_uri(text),
        _ => true,
    }
}

/// One `@` with something on both sides and no spaces: Okta takes addresses without a dot.
fn is_email(text: &str) -> bool {
    let sides = text.rsplit_once('@');
    sides.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !text.contains(char::is_whitespace)
}

/// A scheme, a colon, and no spaces. Expressions of the org's own (`${…}`, `{issuer}`) and paths are left alone.
fn is_uri(text: &str) -> bool {
    if text.contains(['{', '$', '*']) || text.starts_with('/') {
        return true;
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '+' | '-' | '.');
    scheme.is_some_and(|scheme| {
        scheme.starts_with(|one: char| one.is_ascii_alphabetic()) && scheme.chars().all(plain)
    }) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (format, text, fits) in [
            ("date-time", "2026-03-27T03:16:23.000Z", true),
            ("date-time", "2025-09-29T01:02:38+00:00", true),
            ("date-time", "2026-03-27", false),
            ("date-time", "Fri Mar 27 03:16:23 UTC 2026", false),
            ("email", "a@example.com", true),
            ("email", "a@localhost", true),
            ("email", "example.com", false),
            ("email", "a b@example.com", false),
            ("uri", "https://example.com/a?b", true),
            ("uri", "com.example.app:/callback", true),
            ("uri", "/app/x/home", true),
            ("uri", "${org.url}/x", true),
            ("uri", "example.com", false),
            ("uri", "https://exa mple.com", false),
            ("int64", "x", true),
        ] {
            assert_eq!(has(text, format), fits, "{format} {text}");
        }
    }
}
