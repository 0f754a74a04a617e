//! `sortBy` and `sortOrder` of searches (mgmt-facts §4).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

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
            self.compare((one.as_ref(), id(one_item)), (other.as_ref(), id(other_item)))
        });
        items.extend(keyed.into_iter().map(|(_, item)| item));
    }

    /// Where a document stands in this order.
    pub fn mark<D: Lookup + ?Sized>(&self, document: &D, id: &str) -> Mark {
        let mut value = None;
        document.any(&self.by, &mut |scalar| {
            value = match scalar {
                Scalar::Number(Number::Int(number)) => Some(number.into()),
                Scalar::Number(Number::Float(number)) => Some(number.into()),
                Scalar::Text(text) => Some(text.into_owned().into()),
                Scalar::Bool(value) => Some(value.into()),
                Scalar::Null | Scalar::Empty | Scalar::Filled => None,
            };
            value.is_some()
        });
        Mark { id: id.to_owned(), value }
    }

    /// Whether a document stands behind a mark. The document that was marked may be gone, or stand elsewhere by now.
    pub fn is_behind<D: Lookup + ?Sized>(&self, document: &D, id: &str, mark: &Mark) -> bool {
        let marked = mark.value.as_ref().and_then(Key::of_value);
        let key = self.key(document);
        self.compare((key.as_ref(), id), (marked.as_ref(), &mark.id)).is_gt()
    }

    fn compare(&self, one: (Option<&Key>, &str), other: (Option<&Key>, &str)) -> Ordering {
        let by_key = match (one.0, other.0) {
            (Some(one), Some(other)) => match self.order {
                SortOrder::Ascending => one.compare(other),
                SortOrder::Descending => other.compare(one),
            },
            (one, other) => other.is_some().cmp(&one.is_some()),
        };
        by_key.then_with(|| one.1.cmp(other.1))
    }

    fn key<D: Lookup + ?Sized>(&self, document: &D) -> Option<Key> {
        let mut key = None;
        document.any(&self.by, &mut |value| {
            key = Key::of(value);
            key.is_some()
        });
        key
    }
}

/// A place in an order, which stays where it is when documents come, go and change.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The id of the document that stood there.
    pub id: String,
    /// What it was ordered by.
    pub value: Option<Value>,
}

impl Key {
    fn of(value: Scalar<'_>) -> Option<Self> {
        match value {
            Scalar::Number(number) => Some(Self::Number(number)),
            Scalar::Text(text) => Some(instant(&text).map_or_else(|| Self::Text(fold(&text)), Self::Instant)),
            Scalar::Bool(value) => Some(Self::Bool(value)),
            Scalar::Null | Scalar::Empty | Scalar::Filled => None,
        }
    }

    fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Number(number) => {
                let whole = number.as_i64().map(Number::Int);
                whole.or_else(|| number.as_f64().map(Number::Float)).map(Self::Number)
            }
            Value::String(text) => Self::of(Scalar::Text(text.into())),
            _ => None,
        }
    }

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
