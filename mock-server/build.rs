//! Gathers the resource files of `fixtures/resources/` into one JSON document, and the objects of `fixtures/new-org/`
//! into another, so that adding a kind is adding a file and starting the program parses no TOML.

use std::path::Path;
use std::{env, fs};

use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    gather("resources", "toml", |text| Ok(toml::from_str(text)?))?;
    gather("new-org", "json", |text| Ok(serde_json::from_str(text)?))
}

/// Writes the files of a folder as one object: names and contents.
fn gather(
    folder: &str,
    kind: &str,
    parse: impl Fn(&str) -> Result<Value, Box<dyn std::error::Error>>,
) -> Outcome {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../fixtures").join(folder);
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files: Vec<_> = fs::read_dir(&root)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    let mut stanzas = serde_json::Map::new();
    for file in files.iter().map(fs::DirEntry::path) {
        if file.extension().is_none_or(|extension| extension != kind) {
            continue;
        }
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file)?;
        let stanza = parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        stanzas.insert(name, stanza);
    }
    let out = Path::new(&env::var("OUT_DIR")?).join(format!("{folder}.json"));
    fs::write(out, Value::Object(stanzas).to_string())?;
    Ok(())
}
