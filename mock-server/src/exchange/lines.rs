//! Header lines as they were on the wire, kept in one piece of text: a request has a dozen of them, and the ledger
//! keeps them all.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// What ends a name and a value: no header has it in either (RFC 9110 §5.5).
const END: char = '\n';

/// Header lines in order: names in the case in which they came, duplicates kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderLines {
    /// Names and values in turn, each with its end.
    text: String,
    len: usize,
}

impl HeaderLines {
    /// Room for lines of so many bytes in all.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), len: 0 }
    }

    /// Adds a line; neither the name nor the value has a line break.
    pub fn push(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.text.push_str(part);
            self.text.push(END);
        }
        self.len += 1;
    }

    /// The lines, name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        Self::of(&self.text)
    }

    /// The lines as one piece of text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The lines of such a text.
    pub(crate) fn of(text: &str) -> impl Iterator<Item = (&str, &str)> {
        let mut parts = text.split_terminator(END);
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for HeaderLines {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(lines: T) -> Self {
        let mut all = Self::default();
        lines.into_iter().for_each(|(name, value)| all.push(name, value));
        all
    }
}

/// As a list of pairs (contracts §2).
impl Serialize for HeaderLines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lines = serializer.serialize_seq(Some(self.len()))?;
        self.iter().try_for_each(|line| lines.serialize_element(&line))?;
        lines.end()
    }
}

#[cfg(test)]
mod tests {
    use super::HeaderLines;

    #[test]
    fn lines_come_out_as_they_went_in() {
        let given = [("Host", "a"), ("X-Empty", ""), ("x-empty", "é"), ("", "b")];
        let lines = HeaderLines::from_iter(given);
        assert_eq!(lines.iter().collect::<Vec<_>>(), given);
        assert_eq!(lines.len(), 4);
    }
}
