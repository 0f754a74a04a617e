//! What an expression needs to know of a document.

use std::borrow::Cow;

use serde_json::Value;

use super::ast::{Number, Path};

/// A value that a path leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'d> {
    /// `null`: as good as missing.
    Null,
    /// `[]` or `{}`: there, and without a value.
    Empty,
    /// An object with members: there, and equal to nothing.
    Filled,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Cow<'d, str>),
}

/// A document that values can be looked up in.
pub trait Lookup {
    /// Shows `see` the values at a path, one after the other, until it says yes; whether it did. An array stands for
    /// its elements, at the end of a path and on the way (`target.id`).
    fn any(&self, path: &Path, see: &mut dyn FnMut(Scalar<'_>) -> bool) -> bool;
}

impl<D: Lookup + ?Sized> Lookup for &D {
    fn any(&self, path: &Path, see: &mut dyn FnMut(Scalar<'_>) -> bool) -> bool {
        (**self).any(path, see)
    }
}

impl Lookup for Value {
    fn any(&self, path: &Path, see: &mut dyn FnMut(Scalar<'_>) -> bool) -> bool {
        in_tree(self, path.parts(), see)
    }
}

fn in_tree(value: &Value, parts: &[Box<str>], see: &mut dyn FnMut(Scalar<'_>) -> bool) -> bool {
    match (value, parts.split_first()) {
        (Value::Array(all), None) if all.is_empty() => see(Scalar::Empty),
        (Value::Array(all), _) => all.iter().any(|one| in_tree(one, parts, see)),
        (Value::Object(members), Some((name, rest))) => {
            members.get(&**name).is_some_and(|inner| in_tree(inner, rest, see))
        }
        (_, Some(_)) => false,
        (Value::Object(members), None) => {
            see(if members.is_empty() { Scalar::Empty } else { Scalar::Filled })
        }
        (Value::Null, None) => see(Scalar::Null),
        (Value::Bool(value), None) => see(Scalar::Bool(*value)),
        (Value::String(text), None) => see(Scalar::Text(Cow::Borrowed(text))),
        (Value::Number(number), None) => {
            let whole = number.as_i64().map(Number::Int);
            whole
                .or_else(|| number.as_f64().and_then(Number::from_f64))
                .is_some_and(|one| see(Scalar::Number(one)))
        }
    }
}
