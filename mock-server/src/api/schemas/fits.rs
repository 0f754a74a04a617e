//! Whether what a profile holds is what its schema lets it hold. The words are those of request bodies
//! (`fixtures/validation-words.toml`).

use regex::RegexBuilder;
use serde_json::{Map, Value};

use super::Profile;
use crate::facts::words::{Problem, words};
use crate::org::collection::Collection;
use crate::org::document::Document;
use crate::wire::ApiError;

/// A pattern may take so many bytes when it is compiled: it comes from the network.
const LARGEST: usize = 1 << 20;

impl Profile {
    /// Checks that the schema has the attributes that a request names.
    ///
    /// # Errors
    /// Those that it has not; the summary names `about`.
    pub(in crate::api) fn check_known(
        &self,
        about: &str,
        named: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        let unknown: Vec<String> = named
            .keys()
            .filter(|name| self.property(name).is_none())
            .map(|name| format!("Property name '{name}' is not defined in profile"))
            .collect();
        if unknown.is_empty() { Ok(()) } else { Err(ApiError::Validation(about.to_owned(), unknown)) }
    }

    /// Checks the attributes of a profile that a request names.
    ///
    /// # Errors
    /// All that do not fit, in the order of the request.
    pub(in crate::api) fn check_values(
        &self,
        profile: &Map<String, Value>,
        named: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        let mut first = None;
        let mut causes = Vec::new();
        for name in named.keys() {
            let value = profile.get(name).filter(|value| !value.is_null());
            let (Some(value), Some(rules)) = (value, self.property(name)) else { continue };
            if let Some((problem, limit)) = misfit(rules, value) {
                first.get_or_insert_with(|| name.clone());
                causes.push(words().cause(problem, "", name, limit));
            }
        }
        first.map_or(Ok(()), |first| Err(ApiError::Validation(first, causes)))
    }

    /// Checks that no other profile of the collection has the values that the schema calls unique.
    ///
    /// # Errors
    /// [`taken`].
    pub(in crate::api) fn check_unique(
        &self,
        profile: &Map<String, Value>,
        id: &str,
        others: &Collection,
    ) -> Result<(), ApiError> {
        for name in self.unique() {
            let Some(value) = profile.get(name).filter(|value| !value.is_null()) else { continue };
            let shares = |other: &Document| {
                *other.id != *id
                    && other.value().pointer("/profile").and_then(|own| own.get(name)) == Some(value)
            };
            if others.after(None).any(|other| shares(other)) {
                return Err(taken(name));
            }
        }
        Ok(())
    }

    /// Checks that what the schema requires is there: of all attributes, or of the custom ones.
    ///
    /// # Errors
    /// What is missing.
    pub(in crate::api) fn check_required(
        &self,
        profile: &Map<String, Value>,
        custom_only: bool,
    ) -> Result<(), ApiError> {
        let blank = |name: &str| {
            profile.get(name).is_none_or(|value| value.is_null() || value.as_str().is_some_and(str::is_empty))
        };
        let required =
            self.required().into_iter().filter(|name| !custom_only || !self.base().contains_key(*name));
        let missing: Vec<&str> = required.filter(|name| blank(name)).collect();
        let Some(first) = missing.first() else { return Ok(()) };
        let cause = |name: &&str| words().cause(Problem::Missing, "", name, 0);
        Err(ApiError::Validation((*first).to_owned(), missing.iter().map(cause).collect()))
    }
}

/// The refusal of a value that somebody else has.
pub(in crate::api) fn taken(name: &str) -> ApiError {
    let cause = format!("{name}: An object with this field already exists in the current organization");
    ApiError::invalid(name, cause)
}

/// What is wrong with a value, and the length that it may have.
fn misfit(rules: &Value, value: &Value) -> Option<(Problem, usize)> {
    let kind = rules.get("type").and_then(Value::as_str).unwrap_or("string");
    let fits = match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        _ => true,
    };
    if !fits {
        return Some((Problem::Kind, 0));
    }
    if let (Value::Array(items), Some(of_items)) = (value, rules.get("items")) {
        // What an array takes is said by its items, or by the property itself.
        let mut of_items = of_items.clone();
        for rule in ["enum", "oneOf"] {
            if let (None, Some(own)) = (of_items.get(rule), rules.get(rule)) {
                of_items[rule] = own.clone();
            }
        }
        return items.iter().find_map(|item| misfit(&of_items, item));
    }
    if !is_offered(rules, value) {
        return Some((Problem::Value, 0));
    }
    if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
        return misfit_of_text(rules, text);
    }
    let limit = |rule: &str| rules.get(rule).and_then(Value::as_f64);
    let number = value.as_f64()?;
    let outside = limit("minimum").is_some_and(|least| number < least)
        || limit("maximum").is_some_and(|most| number > most);
    outside.then_some((Problem::Value, 0))
}

fn misfit_of_text(rules: &Value, text: &str) -> Option<(Problem, usize)> {
    let limit =
        |rule: &str| rules.get(rule).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let length = text.chars().count();
    if let Some(most) = limit("maxLength").filter(|most| length > *most) {
        return Some((Problem::TooLong, most));
    }
    if let Some(least) = limit("minLength").filter(|least| length < *least) {
        return Some((Problem::TooShort, least));
    }
    let pattern = rules.get("pattern").and_then(Value::as_str)?;
    // A pattern that only other engines know lets everything through.
    let pattern = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(LARGEST).build().ok()?;
    (!pattern.is_match(text)).then_some((Problem::Format, 0))
}

/// Whether a value is one of those that the schema lists, if it lists some.
fn is_offered(rules: &Value, value: &Value) -> bool {
    let listed = |rule: &str| rules.get(rule).and_then(Value::as_array).filter(|list| !list.is_empty());
    let offered = match (listed("enum"), listed("oneOf")) {
        (Some(values), _) => values.contains(value),
        (None, Some(choices)) => choices.iter().any(|choice| choice.get("const") == Some(value)),
        (None, None) => true,
    };
    // An empty text takes a choice back.
    offered || value == ""
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_fit_their_rules() {
        let short = json!({ "type": "string", "minLength": 2, "maxLength": 3 });
        let choice = json!({ "type": "string", "enum": ["S", "M"] });
        let titled = json!({ "type": "integer", "oneOf": [{ "const": 1, "title": "one" }] });
        let list = json!({ "type": "array", "items": { "type": "string", "enum": ["a", "b"] } });
        let list_by_itself = json!({ "type": "array", "items": { "type": "string" }, "enum": ["a"] });
        let number = json!({ "type": "number", "minimum": 0, "maximum": 1.5 });
        let pattern = json!({ "type": "string", "pattern": "[A-Z]{2}[0-9]+" });
        for (rules, value, expected) in [
            (&short, json!("ab"), None),
            (&short, json!("éé"), None),
            (&short, json!(""), None),
            (&short, json!("a"), Some((Problem::TooShort, 2))),
            (&short, json!("abcd"), Some((Problem::TooLong, 3))),
            (&short, json!(1), Some((Problem::Kind, 0))),
            (&choice, json!("S"), None),
            (&choice, json!(""), None),
            (&choice, json!("L"), Some((Problem::Value, 0))),
            (&titled, json!(1), None),
            (&titled, json!(2), Some((Problem::Value, 0))),
            (&titled, json!(1.5), Some((Problem::Kind, 0))),
            (&list, json!(["a", "b"]), None),
            (&list, json!([]), None),
            (&list, json!("a"), Some((Problem::Kind, 0))),
            (&list, json!(["a", 1]), Some((Problem::Kind, 0))),
            (&list, json!(["c"]), Some((Problem::Value, 0))),
            (&list_by_itself, json!(["a", "b"]), Some((Problem::Value, 0))),
            (&number, json!(1.5), None),
            (&number, json!(0), None),
            (&number, json!(-0.1), Some((Problem::Value, 0))),
            (&number, json!(2), Some((Problem::Value, 0))),
            (&pattern, json!("AB12"), None),
            (&pattern, json!("AB12x"), Some((Problem::Format, 0))),
            (&json!({ "type": "string", "pattern": "(?=x)" }), json!("y"), None),
            (&json!({ "type": "boolean" }), json!("true"), Some((Problem::Kind, 0))),
        ] {
            assert_eq!(misfit(rules, &value), expected, "{rules} {value}");
        }
    }
}
