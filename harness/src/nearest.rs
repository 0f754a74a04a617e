//! The known word that somebody meant who wrote another one.

/// The nearest of the known words, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |known: &&str| strsim::damerau_levenshtein(word, known) <= (word.len() / 3).max(1);
    known.filter(near).min_by_key(|known| strsim::damerau_levenshtein(word, known))
}

/// The known word that is most like another one, shorter or longer, if it is like it at all.
pub(crate) fn likeliest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = unknown.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&unknown, &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word)
}

/// `; did you mean X?`, or nothing.
pub(crate) fn did_you_mean<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    likeliest(unknown, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

/// The key that was meant, of those that serde's message about an unknown one names: "unknown field `nme`, expected one of
/// `name`, `users`".
pub(crate) fn nearest_key(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    // A key may be meant that is much longer: `password_env` by `password`.
    likeliest(quoted.next()?, quoted)
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
