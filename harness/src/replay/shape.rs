//! The shape of a body: which paths it has, and the type at each.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use serde_json::{Map, Value};

use super::expected::expected;
use super::generated::is_generated;

/// Paths and the types seen there. All elements of a list share a path.
pub(crate) type Shape = BTreeSet<(String, &'static str)>;

/// The shape of a JSON value; links apart, which orgs hint at by their features.
pub(crate) fn of_json(value: &Value) -> Shape {
    let mut shape = Shape::new();
    collect(value, &mut "$".to_owned(), &mut shape);
    shape
}

fn collect(value: &Value, path: &mut String, shape: &mut Shape) {
    shape.insert((path.clone(), type_of(value)));
    let length = path.len();
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != "_links") {
                path.push('.');
                path.push_str(if is_generated(name) { "{generated}" } else { name });
                collect(member, path, shape);
                path.truncate(length);
            }
        }
        Value::Array(elements) => {
            path.push_str("[]");
            for element in elements {
                collect(element, path, shape);
            }
            path.truncate(length);
        }
        _ => {}
    }
}

/// The links that the things in a body have, by path.
pub(crate) fn links_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_links(value, "$", &mut found);
    found
}

fn collect_links(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "_links" {
                    let names = member.as_object().into_iter().flat_map(|links| links.keys());
                    found.extend(names.map(|link| format!("{path}._links.{link}")));
                } else if member.is_object() || member.is_array() {
                    collect_links(member, &format!("{path}.{name}"), found);
                }
            }
        }
        Value::Array(elements) => {
            let path = format!("{path}[]");
            elements.iter().for_each(|element| collect_links(element, &path, found));
        }
        _ => {}
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The elements and attributes of an XML document; none if it is not well-formed.
pub(crate) fn of_xml(text: &str) -> Option<Shape> {
    let mut reader = NsReader::from_str(text);
    let (mut shape, mut open) = (Shape::new(), Vec::<String>::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                let path = enter(&reader, &element, open.last(), &mut shape)?;
                open.push(path);
            }
            Event::Empty(element) => {
                enter(&reader, &element, open.last(), &mut shape)?;
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Eof => return (open.is_empty() && !shape.is_empty()).then_some(shape),
            _ => {}
        }
    }
}

fn enter(
    reader: &NsReader<&[u8]>,
    element: &BytesStart<'_>,
    parent: Option<&String>,
    shape: &mut Shape,
) -> Option<String> {
    let named = |(space, local): (ResolveResult<'_>, &[u8])| {
        let local = String::from_utf8_lossy(local);
        match space {
            ResolveResult::Bound(space) => format!("{{{}}}{local}", String::from_utf8_lossy(space.as_ref())),
            _ => local.into_owned(),
        }
    };
    let (space, local) = reader.resolver().resolve_element(element.name());
    let path = format!("{}/{}", parent.map_or("", String::as_str), named((space, local.as_ref())));
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        if attribute.key.as_namespace_binding().is_none() {
            let (space, local) = reader.resolver().resolve_attribute(attribute.key);
            shape.insert((format!("{path}@{}", named((space, local.as_ref()))), "attribute"));
        }
    }
    shape.insert((path.clone(), "element"));
    Some(path)
}

/// How alike two shapes are: F1 of the pairs of path and type, 0 to 1.
pub(crate) fn likeness(recorded: &Shape, twin: &Shape) -> f64 {
    if recorded.is_empty() && twin.is_empty() {
        return 1.0;
    }
    let common = recorded.intersection(twin).count();
    let size = |shape: &Shape| f64::from(u32::try_from(shape.len()).unwrap_or(u32::MAX));
    2.0 * f64::from(u32::try_from(common).unwrap_or(u32::MAX)) / (size(recorded) + size(twin))
}

/// How two shapes differ, in words; a path with another type once. `places` say where each was seen.
pub(crate) fn differences(recorded: &Shape, twin: &Shape, places: [&str; 2]) -> Vec<String> {
    let [here, there] = places;
    let by_path = |these: &Shape, others: &Shape| -> BTreeMap<String, &'static str> {
        these.difference(others).cloned().collect()
    };
    let (missing, extra) = (by_path(recorded, twin), by_path(twin, recorded));
    let covered = |path: &str, within: &BTreeMap<String, &'static str>| {
        // What lies below something that is missing is missing with it.
        path.char_indices()
            .filter(|(at, letter)| *at > 0 && ".[/@".contains(*letter))
            .any(|(at, _)| within.contains_key(&path[..at]))
    };
    let mut words = Vec::new();
    for (path, kind) in &missing {
        match extra.get(path) {
            Some(other) => words.push(format!("{path} is {kind} {here}, {other} {there}")),
            None if covered(path, &missing) => {}
            None => words.push(format!("{path} ({kind}) is missing {there}")),
        }
    }
    let more = extra.iter().filter(|(path, _)| !missing.contains_key(*path) && !covered(path, &extra));
    words.extend(more.map(|(path, kind)| format!("{path} ({kind}) is only {there}")));
    words
}

/// A body without what is the recorded org's own: attributes of its users and groups that no request of the recording
/// names.
pub(crate) fn without_own_attributes(value: &Value, requests: &str) -> Value {
    let Value::Object(members) = value else {
        return match value {
            Value::Array(elements) => {
                elements.iter().map(|element| without_own_attributes(element, requests)).collect()
            }
            other => other.clone(),
        };
    };
    let named = |name: &str| requests.contains(&format!("\"{name}\""));
    let only = |object: &Map<String, Value>, keep: &dyn Fn(&str) -> bool| {
        Value::Object(
            object.iter().filter(|(name, _)| keep(name)).map(|(n, v)| (n.clone(), v.clone())).collect(),
        )
    };
    let member = |(name, member): (&String, &Value)| {
        let kept = match (name.as_str(), member) {
            ("profile", Value::Object(profile))
                if profile.contains_key("login") && members.contains_key("status") =>
            {
                only(profile, &|name| expected().user_profile.contains(name) || named(name))
            }
            ("profile", Value::Object(profile))
                if members
                    .get("objectClass")
                    .and_then(Value::as_array)
                    .is_some_and(|classes| classes.iter().any(|class| class == "okta:user_group")) =>
            {
                only(profile, &|name| expected().group_profile.contains(name) || named(name))
            }
            ("custom", Value::Object(custom)) if custom.get("properties").is_some_and(Value::is_object) => {
                let mut custom = custom.clone();
                if let Some(Value::Object(properties)) = custom.get("properties") {
                    let properties = only(properties, &named);
                    custom.insert("properties".to_owned(), properties);
                }
                if let Some(Value::Array(required)) = custom.get_mut("required") {
                    required.retain(|name| name.as_str().is_some_and(named));
                }
                Value::Object(custom)
            }
            _ => member.clone(),
        };
        (name.clone(), without_own_attributes(&kept, requests))
    };
    Value::Object(members.iter().map(member).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shapes_are_compared_by_path_and_type() {
        let recorded = of_json(&json!({"a": 1, "b": [{"c": "x"}, {"d": null}], "e": {"f": 1}}));
        let twin = of_json(&json!({"a": "1", "b": [{"c": "y"}, {"d": null}], "g": {"h": 1}}));
        assert_eq!(
            differences(&recorded, &twin, ["in the recording", "in the twin"]),
            [
                "$.a is number in the recording, string in the twin",
                "$.e (object) is missing in the twin",
                "$.g (object) is only in the twin"
            ]
        );
        assert!((likeness(&recorded, &twin) - 10.0 / 16.0).abs() < 1e-9);
        assert!((likeness(&recorded, &recorded) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_prefix_of_a_namespace_does_not_matter() {
        let shape = of_xml(r#"<a:x xmlns:a="urn:1" id="7"><a:y/></a:x>"#).unwrap();
        assert_eq!(shape, of_xml(r#"<x xmlns="urn:1" id="8"><y></y></x>"#).unwrap());
        assert_eq!(of_xml("<a><b></a>"), None);
        assert_eq!(of_xml("no xml"), None);
    }

    #[test]
    fn attributes_of_the_recorded_org_are_not_expected() {
        let user = json!({"status": "ACTIVE", "profile": {"login": "a", "badge": 1, "shoe": 2}});
        assert_eq!(
            without_own_attributes(&user, r#"{"shoe":1}"#),
            json!({"status": "ACTIVE", "profile": {"login": "a", "shoe": 2}})
        );
    }
}
