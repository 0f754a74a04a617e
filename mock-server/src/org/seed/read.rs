//! Reading an org document, with errors that name the key, the line and the remedy.

use super::document::OrgDocument;
use crate::facts::nearest;

/// An org document that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}{hint}")]
pub struct ReadError {
    /// `line 12, column 3`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// ` (did you mean "users"?)`, or nothing.
    pub hint: String,
}

impl OrgDocument {
    /// Reads TOML.
    ///
    /// # Errors
    /// [`ReadError`] with line and column.
    pub fn from_toml(text: &str) -> Result<Self, ReadError> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            ReadError::new(place(text, at), error.message())
        })
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// [`ReadError`] with line and column.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        from_json(text.as_bytes())
    }
}

/// Reads any object that refuses unknown keys from JSON.
///
/// # Errors
/// [`ReadError`] with line and column.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &[u8]) -> Result<T, ReadError> {
    serde_json::from_slice(text).map_err(|error| {
        let whole = error.to_string();
        let message = whole.split(" at line ").next().unwrap_or(&whole);
        ReadError::new(format!("line {}, column {}", error.line(), error.column()), message)
    })
}

impl ReadError {
    fn new(place: String, message: &str) -> Self {
        let message = message.trim().replace('\n', " ");
        Self { place, hint: nearest_key(&message).unwrap_or_default(), message }
    }
}

fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("line {line}, column {column}")
}

/// serde says: unknown field `nme`, expected one of `name`, `users`.
fn nearest_key(message: &str) -> Option<String> {
    let mut quoted = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, quoted).map(|known| format!(" (did you mean `{known}`?)"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let error = OrgDocument::from_toml("name = \"a\"\n\n[[users]]\nprofil = {}\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("line 4, column 1"), "{text}");
        assert!(text.contains("unknown field `profil`"), "{text}");
        assert!(text.ends_with("(did you mean `profile`?)"), "{text}");
    }

    #[test]
    fn json_of_the_same_shape_reads_the_same() {
        let toml =
            OrgDocument::from_toml("[[groups]]\nname = \"Sales\"\nmembers = [\"a@b.example\"]\n").unwrap();
        let json =
            OrgDocument::from_json(r#"{"groups":[{"name":"Sales","members":["a@b.example"]}]}"#).unwrap();
        assert_eq!(format!("{toml:?}"), format!("{json:?}"));
        let error = OrgDocument::from_json("{\n  \"user\": []\n}").unwrap_err().to_string();
        assert!(error.starts_with("line 2") && error.contains("did you mean `users`?"), "{error}");
    }

    #[test]
    fn a_wrong_type_is_told() {
        let error = OrgDocument::from_toml("max_page = \"two\"").unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("invalid type"), "{error}");
    }
}
