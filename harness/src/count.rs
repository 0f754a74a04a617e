//! How many of something, in words: `1 call`, `2 calls`.

use std::fmt::Display;

/// A number and what it counts, named in the singular.
pub(crate) fn of(number: impl Display, thing: &str) -> String {
    let number = number.to_string();
    match (number.as_str(), thing.strip_suffix('y')) {
        ("1", _) => format!("1 {thing}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o']) => format!("{number} {stem}ies"),
        _ => format!("{number} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn one_is_not_many() {
        assert_eq!(of(0, "token request"), "0 token requests");
        assert_eq!(of(1, "token request"), "1 token request");
        assert_eq!(of(2, "body"), "2 bodies");
        assert_eq!(of(11, "key"), "11 keys");
    }
}
