//! The functions of the language, by name.

use serde_json::Value;

use super::{ExpressionError, Subject};

/// Names, and how many arguments each takes; none: one or more.
const FUNCTIONS: [(&str, Option<usize>); 30] = [
    ("String.startsWith", Some(2)),
    ("String.stringContains", Some(2)),
    ("String.toLowerCase", Some(1)),
    ("String.toUpperCase", Some(1)),
    ("String.len", Some(1)),
    ("String.append", Some(2)),
    ("String.join", None),
    ("String.removeSpaces", Some(1)),
    ("String.replace", Some(3)),
    ("String.replaceFirst", Some(3)),
    ("String.substring", Some(3)),
    ("String.substringAfter", Some(2)),
    ("String.substringBefore", Some(2)),
    ("String.stringSwitch", None),
    ("Arrays.contains", Some(2)),
    ("Arrays.isEmpty", Some(1)),
    ("Arrays.size", Some(1)),
    ("Arrays.add", Some(2)),
    ("Arrays.remove", Some(2)),
    ("Arrays.get", Some(2)),
    ("Arrays.flatten", None),
    ("Arrays.toCsvString", Some(1)),
    ("Convert.toInt", Some(1)),
    ("Convert.toNum", Some(1)),
    ("isMemberOfGroup", Some(1)),
    ("isMemberOfAnyGroup", None),
    ("isMemberOfGroupName", Some(1)),
    ("isMemberOfGroupNameStartsWith", Some(1)),
    ("isMemberOfGroupNameContains", Some(1)),
    ("hasDirectoryUser", Some(0)),
];

/// Whether there is such a function with so many arguments.
pub(super) fn check(name: &str, arguments: usize) -> Result<(), ExpressionError> {
    let Some((_, takes)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        return Err(ExpressionError(format!("{name} is no function")));
    };
    match takes {
        Some(count) if *count != arguments => {
            Err(ExpressionError(format!("{name} takes {count} argument(s), not {arguments}")))
        }
        None if arguments == 0 => Err(ExpressionError(format!("{name} takes at least one argument"))),
        _ => Ok(()),
    }
}

/// Calls a function that [`check`] knows.
pub(super) fn call(name: &str, arguments: &[Value], subject: &dyn Subject) -> Value {
    let at = |nth: usize| arguments.get(nth).unwrap_or(&Value::Null);
    let word = |nth: usize| text(at(nth));
    let (library, function) = name.split_once('.').unwrap_or(("", name));
    match library {
        "String" => strings(function, arguments, &word),
        "Arrays" => arrays(function, arguments),
        "Convert" => {
            let number = word(0).trim().parse::<f64>().ok();
            let number = number.map(|number| if function == "toInt" { number.trunc() } else { number });
            number.map_or(Value::Null, Value::from)
        }
        _ => {
            let groups = subject.groups();
            let any = |fits: &dyn Fn(&str, &str) -> bool| {
                Value::Bool(groups.iter().any(|(id, name)| fits(id, name)))
            };
            let wanted = word(0);
            match function {
                "isMemberOfGroup" | "isMemberOfAnyGroup" => {
                    any(&|id, _| arguments.iter().any(|argument| argument == id))
                }
                "isMemberOfGroupName" => any(&|_, name| name == wanted),
                "isMemberOfGroupNameStartsWith" => any(&|_, name| name.starts_with(&wanted)),
                "isMemberOfGroupNameContains" => any(&|_, name| name.contains(&wanted)),
                // Directories outside the org are not here.
                _ => Value::Bool(false),
            }
        }
    }
}

fn strings(function: &str, arguments: &[Value], word: &dyn Fn(usize) -> String) -> Value {
    if arguments.first().is_none_or(Value::is_null) && function != "append" {
        return if matches!(function, "startsWith" | "stringContains") { false.into() } else { Value::Null };
    }
    let first = word(0);
    match function {
        "startsWith" => first.starts_with(&word(1)).into(),
        "stringContains" => first.contains(&word(1)).into(),
        "toLowerCase" => first.to_lowercase().into(),
        "toUpperCase" => first.to_uppercase().into(),
        "len" => (first.chars().count() as f64).into(),
        "append" => (first + &word(1)).into(),
        "join" => arguments[1..].iter().map(text).collect::<Vec<_>>().join(&first).into(),
        "removeSpaces" => first.replace(' ', "").into(),
        "replace" => first.replace(&word(1), &word(2)).into(),
        "replaceFirst" => first.replacen(&word(1), &word(2), 1).into(),
        "substring" => {
            let place = |nth: usize| arguments[nth].as_f64().map_or(0, |place| place.max(0.0) as usize);
            let (from, to) = (place(1), place(2));
            first.chars().skip(from).take(to.saturating_sub(from)).collect::<String>().into()
        }
        "substringAfter" => first.split_once(&word(1)).map_or("", |(_, after)| after).into(),
        "substringBefore" => first.split_once(&word(1)).map_or("", |(before, _)| before).into(),
        // The input, the default, then pairs of what the input contains and what that gives.
        "stringSwitch" => {
            let pairs = arguments.get(2..).unwrap_or_default().chunks_exact(2);
            let found = pairs.into_iter().find(|pair| first.contains(&text(&pair[0])));
            found.map_or_else(|| word(1).into(), |pair| pair[1].clone())
        }
        _ => Value::Null,
    }
}

fn arrays(function: &str, arguments: &[Value]) -> Value {
    let list = |value: Option<&Value>| match value {
        Some(Value::Array(items)) => items.clone(),
        None | Some(Value::Null) => Vec::new(),
        Some(single) => vec![single.clone()],
    };
    let mut items = list(arguments.first());
    let second = arguments.get(1).unwrap_or(&Value::Null);
    match function {
        "contains" => items.contains(second).into(),
        "isEmpty" => items.is_empty().into(),
        "size" => (items.len() as f64).into(),
        "add" => {
            items.push(second.clone());
            items.into()
        }
        "remove" => {
            items.retain(|item| item != second);
            items.into()
        }
        "get" => second.as_f64().and_then(|nth| items.get(nth as usize).cloned()).unwrap_or_default(),
        "flatten" => arguments.iter().flat_map(|argument| list(Some(argument))).collect(),
        "toCsvString" => items.iter().map(text).collect::<Vec<_>>().join(",").into(),
        _ => Value::Null,
    }
}

/// A value as text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
