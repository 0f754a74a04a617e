//! `q`: words that must occur in the values of an event, in any case.

/// Whether a JSON text has a string value (no name of a member) that contains a word. `word` is in lower case.
pub(super) fn has(json: &str, word: &str) -> bool {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(open) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'"')) {
        let from = at + open + 1;
        let Some(end) = end_of_string(bytes, from) else { return false };
        at = end + 1;
        if bytes.get(at) != Some(&b':') && json.get(from..end).is_some_and(|value| contains(value, word)) {
            return true;
        }
    }
    false
}

/// The place of the quote that ends a string.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn contains(value: &str, word: &str) -> bool {
    if value.len() < word.len() {
        return false;
    }
    if value.is_ascii() {
        return value
            .as_bytes()
            .windows(word.len().max(1))
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    }
    value.to_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_for_in_values_only() {
        let json =
            r#"{"actor":{"displayName":"Ada \"the\" Admin","type":"User"},"n":1,"list":["Grüße",null]}"#;
        for (word, found) in [
            ("ada", true),
            ("admin", true),
            ("user", true),
            ("grüße", true),
            ("actor", false),
            ("displayname", false),
            ("adam", false),
        ] {
            assert_eq!(has(json, word), found, "{word}");
        }
        assert!(!has(r#"{"open":"#, "x") && !has(r#"{"open":"x"#, "x") && !has("", "x"));
    }
}
