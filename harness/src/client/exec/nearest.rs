//! The known word that somebody meant who wrote another one.

/// The nearest of the known words, if it is near enough to have been meant.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |known: &&str| strsim::damerau_levenshtein(word, known) <= (word.len() / 3).max(1);
    known.filter(near).min_by_key(|known| strsim::damerau_levenshtein(word, known))
}
