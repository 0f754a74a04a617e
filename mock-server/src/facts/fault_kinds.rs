//! Kinds of faults (`fixtures/faults.toml`): their names, parameters and what a value of them may look like. Parsed when
//! the first fault is asked for: an org without faults needs none of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::nearest;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultKinds {
    kind: Vec<FaultKind>,
    usual_errors: BTreeMap<String, String>,
    chaos: Vec<Chaos>,
}

/// A kind of fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultKind {
    /// Its name: `delay_ms`.
    pub name: String,
    /// What it does.
    pub about: String,
    /// What happens in real life like this.
    pub imitates: String,
    /// Where that is known from.
    pub evidence: String,
    /// What can be said about it.
    #[serde(default)]
    pub parameter: Vec<Parameter>,
}

/// A parameter of a kind.
#[derive(Debug, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The kind may be given as the value of this parameter alone.
    #[serde(default)]
    main: bool,
    #[serde(default)]
    optional: bool,
    default: Option<Value>,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Shape {
    Integer { min: i64, max: i64 },
    Choice { of: Vec<String> },
    Text,
    Boolean,
    Names,
    Lines,
    Json,
}

/// A fault of `serve --chaos`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chaos {
    /// Only requests of this method.
    pub method: Option<String>,
    /// What happens to them.
    pub fault: Value,
}

impl FaultKinds {
    fn load() -> Result<Self, String> {
        let table: Self = toml::from_str(include_str!("../../../fixtures/faults.toml"))
            .map_err(|error| format!("faults.toml: {error}"))?;
        for kind in &table.kind {
            let mains = kind.parameter.iter().filter(|parameter| parameter.main).count();
            let told = [&kind.about, &kind.imitates, &kind.evidence].iter().all(|text| !text.is_empty());
            if mains > 1 || !told {
                return Err(format!(
                    "faults.toml: {} needs texts, and one main parameter at most",
                    kind.name
                ));
            }
            for parameter in &kind.parameter {
                if let Some(default) = &parameter.default
                    && let Err(expected) = parameter.shape.check(default)
                {
                    return Err(format!("faults.toml: {}.{}: {expected}", kind.name, parameter.name));
                }
            }
        }
        Ok(table)
    }

    /// The names, in the order in which kinds are applied.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kind.iter().map(|kind| kind.name.as_str())
    }

    /// The kinds.
    pub fn all(&self) -> &[FaultKind] {
        &self.kind
    }

    /// The code of the error that an answer by this status alone has.
    pub fn usual_error(&self, status: u16) -> Option<&str> {
        self.usual_errors.get(&status.to_string()).map(String::as_str)
    }

    /// What `serve --chaos` lets happen.
    pub fn chaos(&self) -> &[Chaos] {
        &self.chaos
    }
}

impl FaultKind {
    /// The parameters with their values: as given, else by default. An optional one may be absent.
    ///
    /// # Errors
    /// Words that name the field, the value and the remedy.
    pub fn settings(&self, given: &Value) -> Result<Map<String, Value>, String> {
        let field = format!("fault.{}", self.name);
        let main = self.parameter.iter().find(|parameter| parameter.main);
        let mut settings = match (given, main) {
            (Value::Bool(false), _) if main.is_none_or(|main| !matches!(main.shape, Shape::Json)) => {
                return Err(format!("{field}: false asks for nothing; leave the field out"));
            }
            (Value::Bool(true), main) if main.is_none_or(|main| !matches!(main.shape, Shape::Json)) => {
                Map::new()
            }
            (given, Some(main)) if matches!(main.shape, Shape::Json | Shape::Lines) => {
                Map::from_iter([(main.name.clone(), given.clone())])
            }
            (Value::Object(given), _) => given.clone(),
            (given, Some(main)) => Map::from_iter([(main.name.clone(), given.clone())]),
            (given, None) => return Err(format!("{field}: {given}: {}", self.remedy())),
        };
        for (name, value) in &settings {
            let Some(parameter) = self.parameter.iter().find(|parameter| parameter.name == *name) else {
                let near = nearest(name, self.parameter.iter().map(|parameter| parameter.name.as_str()));
                let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
                return Err(format!("{field}: there is no parameter {name:?}{hint}; {}", self.remedy()));
            };
            parameter.shape.check(value).map_err(|expected| {
                format!("{field}: {name}: {value} is not {expected}; {}", self.remedy())
            })?;
        }
        for parameter in &self.parameter {
            if !settings.contains_key(&parameter.name) {
                match &parameter.default {
                    Some(default) => {
                        settings.insert(parameter.name.clone(), default.clone());
                    }
                    None if parameter.optional => {}
                    None => return Err(format!("{field}: {} is missing; {}", parameter.name, self.remedy())),
                }
            }
        }
        Ok(settings)
    }

    /// How the kind is written.
    fn remedy(&self) -> String {
        let bare = self.parameter.iter().all(|parameter| parameter.default.is_some() || parameter.optional);
        let parameters: Vec<_> = self
            .parameter
            .iter()
            .map(|parameter| format!("{:?}: {}", parameter.name, parameter.shape.words()))
            .collect();
        match self.parameter.iter().find(|parameter| parameter.main) {
            _ if parameters.is_empty() => format!("write {{{:?}: true}}", self.name),
            Some(main) if parameters.len() == 1 => {
                let or = if bare { ", or true" } else { "" };
                format!("give {}{or}", main.shape.words())
            }
            _ => {
                let or = if bare { ", or true" } else { "" };
                format!("give an object with {}{or}", parameters.join(" and "))
            }
        }
    }

    /// The kind as JSON, for those who ask what there is.
    pub fn shown(&self) -> Value {
        let parameters = self.parameter.iter().map(|parameter| {
            json!({ "name": parameter.name, "takes": parameter.shape.words(), "default": parameter.default })
        });
        json!({
            "name": self.name,
            "about": self.about,
            "imitates": self.imitates,
            "parameters": parameters.collect::<Value>(),
        })
    }
}

impl Shape {
    fn words(&self) -> String {
        match self {
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Choice { of } => format!("one of {}", of.join(", ")),
            Self::Text => "a text".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Names => "a list of header names".to_owned(),
            Self::Lines => "header lines like {\"name\": \"value\"}".to_owned(),
            Self::Json => "any JSON".to_owned(),
        }
    }

    /// # Errors
    /// What is expected.
    fn check(&self, value: &Value) -> Result<(), String> {
        let fits = match self {
            Self::Integer { min, max } => {
                value.as_i64().is_some_and(|number| (*min..=*max).contains(&number))
            }
            Self::Choice { of } => value.as_str().is_some_and(|text| of.iter().any(|one| one == text)),
            Self::Text => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::Names => value.as_array().is_some_and(|names| {
                !names.is_empty() && names.iter().all(|name| header_name(name).is_some())
            }),
            Self::Lines => header_lines(value).is_some(),
            Self::Json => true,
        };
        if fits { Ok(()) } else { Err(self.words()) }
    }
}

fn header_name(name: &Value) -> Option<HeaderName> {
    HeaderName::try_from(name.as_str()?).ok()
}

/// The header lines of a `lines` parameter.
pub fn header_lines(value: &Value) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let one = |name: &HeaderName, value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((name.clone(), HeaderValue::try_from(text).ok()?))
    };
    let mut lines = Vec::new();
    for (name, value) in value.as_object()? {
        let name = HeaderName::try_from(name).ok()?;
        match value {
            Value::Array(values) => {
                for value in values {
                    lines.push(one(&name, value)?);
                }
            }
            value => lines.push(one(&name, value)?),
        }
    }
    Some(lines)
}

/// The header names of a `names` parameter.
pub fn header_names(value: &Value) -> Vec<HeaderName> {
    value.as_array().into_iter().flatten().filter_map(header_name).collect()
}

/// The kinds.
///
/// # Panics
/// When the table contradicts itself; a test of this module makes sure that it does not.
pub fn fault_kinds() -> &'static FaultKinds {
    static KINDS: LazyLock<FaultKinds> = LazyLock::new(|| match FaultKinds::load() {
        Ok(kinds) => kinds,
        Err(message) => panic!("fixtures: {message}"),
    });
    &KINDS
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn settings(kind: &str, given: &Value) -> Result<Value, String> {
        let kinds = FaultKinds::load().unwrap();
        let kind = kinds.all().iter().find(|known| known.name == kind).unwrap();
        kind.settings(given).map(Value::Object)
    }

    #[test]
    fn a_kind_is_given_as_people_guess_it() {
        for (kind, given, expected) in [
            ("delay_ms", json!(500), json!({ "ms": 500 })),
            ("delay_ms", json!({ "ms": 0 }), json!({ "ms": 0 })),
            ("rate_limited", json!(true), json!({ "kind": "minute", "reset_in_seconds": 60 })),
            ("rate_limited", json!("concurrency"), json!({ "kind": "concurrency", "reset_in_seconds": 60 })),
            (
                "rate_limited",
                json!({ "reset_in_seconds": 2 }),
                json!({ "kind": "minute", "reset_in_seconds": 2 }),
            ),
            ("revoke_token", json!(true), json!({})),
            ("revoke_token", json!({}), json!({})),
            ("truncate_body", json!(true), json!({})),
            ("truncate_body", json!(10), json!({ "after_bytes": 10 })),
            ("drop_headers", json!(["Link"]), json!({ "names": ["Link"] })),
            ("headers", json!({ "X-A": "1" }), json!({ "lines": { "X-A": "1" } })),
            ("body", json!({ "a": true }), json!({ "value": { "a": true } })),
            ("body", json!(false), json!({ "value": false })),
            ("date_skew_seconds", json!(-300), json!({ "seconds": -300 })),
            ("error", json!("E0000009"), json!({ "code": "E0000009", "about": "", "cause": "" })),
        ] {
            assert_eq!(settings(kind, &given), Ok(expected), "{kind} {given}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_field_value_and_remedy() {
        for (kind, given, parts) in [
            ("delay_ms", json!(600_001), ["fault.delay_ms", "600001", "from 0 to 600000"]),
            ("delay_ms", json!("1"), ["fault.delay_ms", "\"1\"", "a whole number"]),
            ("delay_ms", json!(true), ["fault.delay_ms", "ms is missing", "give a whole number"]),
            ("delay_ms", json!(null), ["fault.delay_ms", "null", "a whole number"]),
            ("revoke_token", json!(false), ["fault.revoke_token", "false", "leave the field out"]),
            ("revoke_token", json!(1), ["fault.revoke_token", "1", "true}"]),
            (
                "rate_limited",
                json!({ "kinds": "minute" }),
                ["\"kinds\"", "did you mean \"kind\"?", "minute, concurrency"],
            ),
            ("rate_limited", json!("hour"), ["fault.rate_limited", "\"hour\"", "one of minute, concurrency"]),
            ("drop_headers", json!([]), ["fault.drop_headers", "[]", "a list of header names"]),
            ("drop_headers", json!(["a b"]), ["fault.drop_headers", "a b", "a list of header names"]),
            ("headers", json!({ "X-A": "a\nb" }), ["fault.headers", "lines", "header lines like"]),
            ("status", json!(199), ["fault.status", "199", "from 200 to 599"]),
        ] {
            let message = settings(kind, &given).unwrap_err();
            for part in parts {
                assert!(message.contains(part), "{kind} {given}: {message}");
            }
        }
    }
}
