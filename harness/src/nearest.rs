//! The known word that somebody meant who wrote another one.

use crate::requirements;

/// The nearest of the known words, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |known: &&str| strsim::damerau_levenshtein(word, known) <= (word.len() / 3).max(1);
    known.filter(near).min_by_key(|known| strsim::damerau_levenshtein(word, known))
}

/// The key that was meant, of those that serde's message about an unknown one names: "unknown field `nme`, expected one of
/// `name`, `users`".
pub(crate) fn nearest_key(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    // A key may be meant that is much longer: `password_env` by `password`.
    requirements::nearest(quoted.next()?, quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_was_meant_is_found_in_the_message() {
        for (message, key) in [
            ("unknown field `nme`, expected one of `users`, `name`", Some("name")),
            ("unknown field `nme`, expected `users`", None),
            ("unknown field `nme`, there are no fields", None),
            ("unknown field `password`, expected one of `login`, `password_env`", Some("password_env")),
            ("missing field `name`", None),
        ] {
            assert_eq!(nearest_key(message), key, "{message}");
        }
    }
}
