//! The page of the org file has every key of the schema, and its example uses every one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    pages::{hold, root, text, with},
    server::Server,
    support::orgtwin,
};

const PAGE: &str = "docs/org-file.md";
const EXAMPLE: &str = "examples/org-file/everything.toml";

fn schema() -> Value {
    let printed = orgtwin(&["schema", "org-file"]).output().unwrap();
    serde_json::from_slice(&printed.stdout).unwrap()
}

/// The objects of the schema in the order in which a reader meets them: title and keys.
fn objects(schema: &Value) -> Vec<(String, &Value)> {
    let mut found = vec![("The org".to_owned(), schema)];
    let mut at = 0;
    while let Some((_, object)) = found.get(at) {
        let mut names = Vec::new();
        references(object, &mut names);
        for name in names {
            if !found.iter().any(|(known, _)| *known == name) {
                let object = &schema["$defs"][&name];
                found.push((name, object));
            }
        }
        at += 1;
    }
    found.retain(|(_, object)| object.get("properties").is_some());
    found
}

/// The definitions that a piece of the schema names.
fn references(piece: &Value, names: &mut Vec<String>) {
    match piece {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("$ref", Value::String(path)) => {
                        names.push(path.trim_start_matches("#/$defs/").to_owned())
                    }
                    ("$defs", _) => {}
                    _ => references(value, names),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, names)),
        _ => {}
    }
}

/// What a key takes, in words.
fn takes(piece: &Value, schema: &Value) -> String {
    if let Some(path) = piece["$ref"].as_str() {
        let name = path.trim_start_matches("#/$defs/");
        let definition = &schema["$defs"][name];
        let options = definition["oneOf"].as_array().or(definition["anyOf"].as_array());
        return match options {
            None => format!("[{name}](#{})", name.to_lowercase()),
            Some(options) => either(options, schema),
        };
    }
    if let Some(value) = piece["const"].as_str() {
        return format!("`\"{value}\"`");
    }
    if let Some(options) = piece["anyOf"].as_array() {
        return either(options, schema);
    }
    let kinds: Vec<&str> = match &piece["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        kind => kind.as_str().into_iter().collect(),
    };
    match kinds[..] {
        ["array"] => format!("list of {}", takes(&piece["items"], schema)),
        ["string"] => "text".to_owned(),
        ["integer"] => "number".to_owned(),
        ["boolean"] => "`true`, `false`".to_owned(),
        ["object"] => "table".to_owned(),
        _ => panic!("{piece}"),
    }
}

fn either(options: &[Value], schema: &Value) -> String {
    let words = options.iter().filter(|option| option["type"] != "null").map(|option| takes(option, schema));
    words.collect::<Vec<_>>().join(" or ")
}

fn tables(schema: &Value) -> String {
    let mut out = String::new();
    for (title, object) in objects(schema) {
        let about = object["description"].as_str().unwrap_or_default();
        let _ = writeln!(out, "### {title}\n\n{about}\n\n| key | takes | |\n|---|---|---|");
        let required: BTreeSet<&str> =
            object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (key, piece) in object["properties"].as_object().unwrap() {
            let must = if required.contains(key.as_str()) { " (required)" } else { "" };
            let about = piece["description"].as_str().unwrap_or_default().replace('\n', " ");
            let _ = writeln!(out, "| `{key}`{must} | {} | {about} |", takes(piece, schema));
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_page_has_every_key() {
    let schema = schema();
    hold(PAGE, |page| with(page, "keys of the org file", &tables(&schema)));
    let keys = objects(&schema)
        .iter()
        .map(|(_, object)| object["properties"].as_object().unwrap().len())
        .sum::<usize>();
    assert!(keys > 60, "only {keys} keys");
}

/// Notes the keys of the schema that a value uses.
fn used(value: &Value, piece: &Value, name: &str, schema: &Value, keys: &mut BTreeSet<(String, String)>) {
    if let Some(path) = piece["$ref"].as_str() {
        let name = path.trim_start_matches("#/$defs/");
        return used(value, &schema["$defs"][name], name, schema, keys);
    }
    for option in ["anyOf", "oneOf"].iter().filter_map(|word| piece[word].as_array()).flatten() {
        used(value, option, name, schema, keys);
    }
    match value {
        Value::Object(members) => {
            let Some(known) = piece["properties"].as_object() else { return };
            // An object that has other members is of another kind.
            if members.keys().all(|member| known.contains_key(member)) {
                for (member, value) in members {
                    keys.insert((name.to_owned(), member.clone()));
                    used(value, &known[member], name, schema, keys);
                }
            }
        }
        Value::Array(elements) => {
            elements.iter().for_each(|element| used(element, &piece["items"], name, schema, keys))
        }
        _ => {}
    }
}

#[test]
fn the_example_uses_every_key_and_makes_an_org() {
    let (schema, mut keys) = (schema(), BTreeSet::new());
    let example: Value = toml::from_str(&text(EXAMPLE)).unwrap();
    used(&example, &schema, "The org", &schema, &mut keys);
    for (name, object) in objects(&schema) {
        for key in object["properties"].as_object().unwrap().keys() {
            assert!(keys.contains(&(name.clone(), key.clone())), "{EXAMPLE} does not use {key} of {name}");
        }
    }
    let server = Server::start(&["--org", &root().join(EXAMPLE).display().to_string()]);
    let groups = server.admin("GET", "/api/v1/groups?search=profile.name+eq+%22Engineering%22");
    assert_eq!(groups[0]["id"], "00gacmeeng0000000001", "{groups}");
}
