//! `sortBy` and `sortOrder` of searches (mgmt-facts §4).

use std::cmp::Ordering;

use jiff::Timestamp;

use super::ast::{Number, Path, fold, instant};
use super::lookup::{Lookup, Scalar};

/// How results are ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: Path,
    /// Which way.
    pub order: SortOrder,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// The smallest first.
    #[default]
    Ascending,
    /// The greatest first.
    Descending,
}

/// What a document is ordered by: numbers before strings before truth values; strings without case.
#[derive(Debug, PartialEq)]
enum Key {
    Number(Number),
    Instant(Timestamp),
    Text(String),
    Bool(bool),
}

impl SortOrder {
    /// Reads `asc`, `desc`, `ASCENDING`, `DESCENDING`; none for anything else, which Okta ignores and drops from the
    /// self link (`sortOrder=0`, recorded).
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "asc" | "ascending" => Some(Self::Ascending),
            "desc" | "descending" => Some(Self::Descending),
            _ => None,
        }
    }
}

impl Sort {
    /// Reads the two parameters; none without an attribute to sort by.
    pub fn read(by: Option<&str>, order: Option<&str>) -> Option<Self> {
        let by = Path::parse(by?)?;
        Some(Self { by, order: order.and_then(SortOrder::parse).unwrap_or_default() })
    }

    /// Orders results: documents without the attribute last, either way; equal ones by id (users, groups:
    /// specification), then as they were.
    pub fn apply<T, D: Lookup>(
        &self,
        items: &mut Vec<T>,
        document: impl Fn(&T) -> D,
        id: impl Fn(&T) -> &str,
    ) {
        let mut keyed: Vec<_> = items.drain(..).map(|item| (self.key(&document(&item)), item)).collect();
        keyed.sort_by(|(one, one_item), (other, other_item)| {
            let by_key = match (one, other) {
                (Some(one), Some(other)) => match self.order {
                    SortOrder::Ascending => one.compare(other),
                    SortOrder::Descending => other.compare(one),
                },
                (one, other) => other.is_some().cmp(&one.is_some()),
            };
            by_key.then_with(|| id(one_item).cmp(id(other_item)))
        });
        items.extend(keyed.into_iter().map(|(_, item)| item));
    }

    fn key<D: Lookup + ?Sized>(&self, document: &D) -> Option<Key> {
        let mut key = None;
        document.any(&self.by, &mut |value| {
            key = match value {
                Scalar::Number(number) => Some(Key::Number(number)),
                Scalar::Text(text) => {
                    Some(instant(&text).map_or_else(|| Key::Text(fold(&text)), Key::Instant))
                }
                Scalar::Bool(value) => Some(Key::Bool(value)),
                Scalar::Null | Scalar::Empty | Scalar::Filled => None,
            };
            key.is_some()
        });
        key
    }
}

impl Key {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.compare(*other),
            (Self::Instant(one), Self::Instant(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Bool(one), Self::Bool(other)) => one.cmp(other),
            (one, other) => one.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Instant(_) => 1,
            Self::Text(_) => 2,
            Self::Bool(_) => 3,
        }
    }
}
