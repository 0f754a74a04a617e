//! What a value can be asked, by name: `….size()`, `event.outcome.reason.contains('x')`.

use serde_json::Value;

use super::ExpressionError;
use super::functions::text;

/// Names, and how many arguments each takes.
const METHODS: [(&str, usize); 10] = [
    ("size", 0),
    ("length", 0),
    ("isEmpty", 0),
    ("contains", 1),
    ("startsWith", 1),
    ("endsWith", 1),
    ("equals", 1),
    ("equalsIgnoreCase", 1),
    ("toLowerCase", 0),
    ("toUpperCase", 0),
];

/// Whether there is such a method with so many arguments.
pub(super) fn check(name: &str, arguments: usize) -> Result<(), ExpressionError> {
    match METHODS.iter().find(|(known, _)| *known == name) {
        None => Err(ExpressionError(format!("{name} is no method"))),
        Some((_, takes)) if *takes != arguments => {
            Err(ExpressionError(format!("{name} takes {takes} argument(s), not {arguments}")))
        }
        Some(_) => Ok(()),
    }
}

/// Asks a method that [`check`] knows. What is not there answers nothing.
pub(super) fn call(name: &str, of: &Value, arguments: &[Value]) -> Value {
    let wanted = arguments.first().unwrap_or(&Value::Null);
    let word = || text(wanted);
    match (name, of) {
        (_, Value::Null) => Value::Null,
        ("size" | "length", Value::Array(items)) => (items.len() as f64).into(),
        ("isEmpty", Value::Array(items)) => items.is_empty().into(),
        ("contains", Value::Array(items)) => items.contains(wanted).into(),
        ("equals", _) => (of == wanted).into(),
        ("size" | "length", Value::String(own)) => (own.chars().count() as f64).into(),
        ("isEmpty", Value::String(own)) => own.is_empty().into(),
        ("contains", Value::String(own)) => own.contains(&word()).into(),
        ("startsWith", Value::String(own)) => own.starts_with(&word()).into(),
        ("endsWith", Value::String(own)) => own.ends_with(&word()).into(),
        ("equalsIgnoreCase", _) => (text(of).to_lowercase() == word().to_lowercase()).into(),
        ("toLowerCase", Value::String(own)) => own.to_lowercase().into(),
        ("toUpperCase", Value::String(own)) => own.to_uppercase().into(),
        _ => Value::Null,
    }
}
