//! Header lines as they were on the wire, kept in one piece of text: a request has a dozen of them, and the ledger
//! keeps them all.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// Header lines in order: names in the case in which they came, duplicates kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderLines {
    text: String,
    /// Where each name and each value ends in the text.
    ends: Vec<(usize, usize)>,
}

impl HeaderLines {
    /// Room for so many lines of so many bytes in all.
    pub fn with_capacity(lines: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(lines) }
    }

    /// Adds a line.
    pub fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let end_of_name = self.text.len();
        self.text.push_str(value);
        self.ends.push((end_of_name, self.text.len()));
    }

    /// The lines, name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts
            .zip(&self.ends)
            .map(|(start, &(name, value))| (&self.text[start..name], &self.text[name..value]))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// About how many bytes they take.
    pub fn size(&self) -> usize {
        self.text.len() + 16 * self.ends.len()
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
