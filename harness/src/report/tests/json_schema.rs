//! JSON Schema, as far as the schemas here use it. A word that is not known is a failure, so nothing is passed over.

use serde_json::Value;

/// Words that do not restrict.
const SILENT: &[&str] =
    &["$schema", "$id", "$defs", "definitions", "title", "description", "format", "default", "$comment"];

/// Whether a value fits.
pub(super) fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Some(words) = schema.as_object() else {
        return if schema == true { Ok(()) } else { Err(format!("{at}: nothing is allowed")) };
    };
    for (word, rule) in words {
        let fits = |schema: &Value| check(root, schema, value, at);
        let all = || rule.as_array().unwrap();
        let wrong = || Err(format!("{at}: {value} does not fit {word} {rule}"));
        match word.as_str() {
            word if SILENT.contains(&word) => {}
            "$ref" => {
                let name = rule.as_str().unwrap();
                fits(&resolve(root, name))?;
            }
            "const" if value != rule => wrong()?,
            "enum" if !all().contains(value) => wrong()?,
            "const" | "enum" => {}
            "oneOf" => {
                let found = all().iter().filter(|schema| fits(schema).is_ok()).count();
                if found != 1 {
                    return Err(format!("{at}: {found} of oneOf fit {value}"));
                }
            }
            "anyOf" if !all().iter().any(|schema| fits(schema).is_ok()) => wrong()?,
            "anyOf" => {}
            "type" => {
                let types = rule.as_array().map_or(std::slice::from_ref(rule), Vec::as_slice);
                if !types.iter().any(|kind| is(value, kind.as_str().unwrap())) {
                    wrong()?;
                }
            }
            "minimum" if value.as_f64() < rule.as_f64() => wrong()?,
            "maximum" if value.as_f64() > rule.as_f64() => wrong()?,
            "minLength" if (value.as_str().unwrap_or_default().len() as u64) < rule.as_u64().unwrap() => {
                wrong()?;
            }
            "minItems" if (value.as_array().map_or(0, Vec::len) as u64) < rule.as_u64().unwrap() => wrong()?,
            "maxItems" if (value.as_array().map_or(0, Vec::len) as u64) > rule.as_u64().unwrap() => wrong()?,
            "minimum" | "maximum" | "minLength" | "minItems" | "maxItems" => {}
            "required" => {
                for name in all() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        return Err(format!("{at}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(member) = value.get(name) {
                        check(root, schema, member, &format!("{at}.{name}"))?;
                    }
                }
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object();
                for (name, member) in value.as_object().into_iter().flatten() {
                    if !known.is_some_and(|known| known.contains_key(name)) {
                        check(root, rule, member, &format!("{at}.{name}"))?;
                    }
                }
            }
            "prefixItems" => {
                for (place, (schema, item)) in
                    all().iter().zip(value.as_array().into_iter().flatten()).enumerate()
                {
                    check(root, schema, item, &format!("{at}[{place}]"))?;
                }
            }
            "items" => {
                let before = schema["prefixItems"].as_array().map_or(0, Vec::len);
                for (place, item) in value.as_array().into_iter().flatten().enumerate().skip(before) {
                    check(root, rule, item, &format!("{at}[{place}]"))?;
                }
            }
            word => panic!("{at}: this check does not know {word}"),
        }
    }
    Ok(())
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        kind => panic!("there is no type {kind}"),
    }
}

/// A reference into the document, or to another of the schemas that it bundles. Those of Cucumber keep their own
/// definitions, with names that are the same wherever they mean the same.
fn resolve(root: &Value, name: &str) -> Value {
    if let Some(pointer) = name.strip_prefix('#')
        && let Some(found) = root.pointer(pointer)
    {
        return found.clone();
    }
    let last = name.rsplit('/').next().unwrap();
    let bundled = root["$defs"].as_object().unwrap();
    let by_id = bundled
        .values()
        .find(|schema| schema["$id"].as_str().is_some_and(|id| id.ends_with(&format!("/{last}"))));
    let inside = || bundled.values().find_map(|schema| schema["definitions"].get(last));
    by_id.or_else(inside).unwrap_or_else(|| panic!("there is no {name}")).clone()
}

/// Visits every member with its name, parents first; an item has the name of its list.
pub(super) fn walk(value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    fn go(name: &str, value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
        visit(name, value);
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| go(name, value, visit)),
            Value::Array(items) => items.iter().for_each(|item| go(name, item, visit)),
            _ => {}
        }
    }
    go("", value, visit);
}

/// Appends to the string that is the `nth` value on the way that [`walk`] takes.
pub(super) fn plant(value: &mut Value, nth: usize, text: &str) {
    fn go(value: &mut Value, left: &mut usize, text: &str) {
        if let (0, Value::String(found)) = (*left, &mut *value) {
            found.push(' ');
            found.push_str(text);
        }
        *left = left.wrapping_sub(1);
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(_, value)| go(value, left, text)),
            Value::Array(items) => items.iter_mut().for_each(|item| go(item, left, text)),
            _ => {}
        }
    }
    let mut left = nth;
    go(value, &mut left, text);
}
