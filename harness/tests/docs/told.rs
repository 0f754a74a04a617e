//! What the pages tell of faults and of the adapter protocol is what the program has.

use std::collections::BTreeSet;

use crate::pages::{files, text};

#[test]
fn every_kind_of_fault_has_its_line_with_its_parameters() {
    let page = text("docs/faults.md");
    let table: toml::Table = toml::from_str(&text("fixtures/faults.toml")).unwrap();
    let kinds = table["kind"].as_array().unwrap();
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    for kind in kinds {
        let (name, about) = (kind["name"].as_str().unwrap(), kind["about"].as_str().unwrap());
        let line = lines.iter().find(|line| line.starts_with(&format!("| `{name}` | {about} | ")));
        let line = line.unwrap_or_else(|| panic!("docs/faults.md does not tell of {name} what its row says"));
        for parameter in kind.get("parameter").and_then(toml::Value::as_array).into_iter().flatten() {
            let parameter = parameter["name"].as_str().unwrap();
            assert!(line.contains(&format!("`{parameter}`: ")), "{name}: {parameter}");
        }
    }
}

#[test]
fn the_adapter_protocol_has_every_operation_member_reason_and_capability() {
    let (page, source) = (text("docs/adapter-protocol.md"), text("harness/src/client/protocol.rs"));
    let within = |head: &str| {
        let (_, rest) = source.split_once(head).unwrap_or_else(|| panic!("{head} is not in the source"));
        rest.split_once("\n}\n").unwrap().0
    };
    let mut words = BTreeSet::new();
    let arms = within("impl Op {")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \""));
    words.extend(arms.filter_map(|(_, name)| name.strip_suffix("\",")).map(str::to_owned));
    assert!(words.contains("advance_clock") && words.len() == 10, "{words:?}");
    for structure in ["pub(crate) struct Connection {", "pub(crate) struct SignIn {"] {
        let members = within(structure).lines().filter_map(|line| line.trim().strip_prefix("pub(crate) "));
        words.extend(members.filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_owned()));
    }
    let variants =
        within("pub(crate) enum Reason {").lines().map(str::trim).filter(|line| !line.starts_with("///"));
    for variant in variants.filter_map(|line| line.strip_suffix(',')) {
        let mut name = String::new();
        for letter in variant.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        words.insert(name);
    }
    let features = files("features", ".feature");
    let lines: Vec<String> = features.iter().map(|file| text(file)).collect();
    let tags = lines
        .iter()
        .flat_map(|feature| feature.split_whitespace())
        .filter_map(|word| word.strip_prefix("@cap:"));
    words.extend(tags.map(str::to_owned));
    assert!(words.len() > 30, "{words:?}");
    for word in words {
        let told = ['`', '"'].iter().any(|quote| {
            page.contains(&format!("{quote}{word}{quote}")) || page.contains(&format!("{quote}{word}\""))
        });
        assert!(told, "docs/adapter-protocol.md does not tell of {word}");
    }
}
