//! Org files, whole and broken: an org, or an error that says where; never a panic.

use std::panic::catch_unwind;

use mock_server::OrgDocument;
use mock_server::org::{Org, OrgOptions};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::judge::{UnderWay, panics, supervised, watch_panics};
use super::requests::Made;
use super::values::Source;

/// Org files of ours.
const FILES: [&str; 6] = [
    include_str!("../../../fixtures/orgs/dev.toml"),
    include_str!("../authorize/org.toml"),
    include_str!("../management/staff.toml"),
    include_str!("../management/devices.toml"),
    include_str!("../management/registrars.toml"),
    include_str!("../management/authorization_servers.toml"),
];

/// Takes a file apart and puts it together wrongly: characters, lines, values.
fn mutated(text: &str, source: &mut Source) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..source.chance.random_range(1..4) {
        let (at, other) =
            (source.chance.random_range(0..lines.len()), source.chance.random_range(0..lines.len()));
        match source.chance.random_range(0..8) {
            0 => drop(lines.remove(at)),
            1 => lines.swap(at, other),
            2 => lines.insert(at, lines[other].clone()),
            3 => {
                let kept = source.chance.random_range(0..=lines[at].chars().count());
                lines[at] = lines[at].chars().take(kept).collect();
            }
            4 => lines[at].push_str(&source.text()),
            _ => {
                if let Some((key, _)) = lines[at].split_once('=') {
                    let value = source.any(2);
                    lines[at] = format!(
                        "{key}= {}",
                        if value.is_null() { "[]".to_owned() } else { value.to_string() }
                    );
                }
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

/// The document, or what is wrong with it; a text that says where.
fn judged(read: Result<OrgDocument, mock_server::ReadError>) -> Option<String> {
    let document = match read {
        Ok(document) => document,
        Err(error) => {
            let text = error.to_string();
            return (!text.starts_with("line ") || text.ends_with(": "))
                .then(|| format!("says little: {text}"));
        }
    };
    match Org::new(&document, &OrgOptions { seed: Some(1), ..OrgOptions::default() }) {
        Ok(_) => None,
        Err(error) => {
            let text = error.to_string();
            (!text.contains(": ")).then(|| format!("names no key: {text}"))
        }
    }
}

#[test]
fn an_org_file_makes_an_org_or_says_what_is_wrong() {
    watch_panics();
    let cases = super::cases(5, 300);
    supervised(move |alive, under_way: UnderWay| {
        let mut source = Source::new(ChaCha8Rng::seed_from_u64(super::seed()));
        let trees = FILES.map(|file| toml::from_str::<Value>(file).unwrap());
        let mut found = Vec::new();
        for nth in 0..cases {
            let which = source.chance.random_range(0..FILES.len());
            let json = nth % 2 == 1;
            let text = if json {
                let tree = (0..source.chance.random_range(1..4))
                    .fold(trees[which].clone(), |tree, _| source.broken(tree));
                String::from_utf8_lossy(&source.json_text(&tree)).into_owned()
            } else {
                mutated(FILES[which], &mut source)
            };
            under_way.is(&Made {
                operation: "org file".to_owned(),
                method: String::new(),
                target: String::new(),
                lines: Vec::new(),
                body: text.clone().into_bytes(),
            });
            alive.send(()).unwrap();
            let read = catch_unwind(|| {
                judged(if json { OrgDocument::from_json(&text) } else { OrgDocument::from_toml(&text) })
            });
            match read {
                Ok(None) => {}
                Ok(Some(problem)) => found.push(format!("{problem}\n{text}")),
                Err(_) => found.push(format!("{}\n{text}", panics().join("; "))),
            }
        }
        found
    });
}
