//! Where in a file something stands.

/// The line of a byte of a text, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn lines_are_counted_from_one() {
        let text = "a\nä\n";
        for (at, expected) in [(0, 1), (1, 1), (2, 2), (5, 3), (99, 3)] {
            assert_eq!(line(text, at), expected, "{at}");
        }
    }
}
