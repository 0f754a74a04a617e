//! The files of a folder of `fixtures/`, which `build.rs` gathers into one JSON document.

use serde_json::{Map, Value};

/// Names a folder to read instead of what is embedded, in debug builds: whoever writes a resource file tries it without
/// building the program again (CONTRIBUTING).
const FOLDER: &str = "ORGTWIN_FIXTURES";

/// The files of a folder: names without endings, and contents.
///
/// # Errors
/// A message that names the file and what is wrong with it.
pub fn read(folder: &str, embedded: &str) -> Result<Map<String, Value>, String> {
    match std::env::var_os(FOLDER).filter(|_| cfg!(debug_assertions)) {
        Some(root) => from_disk(&std::path::Path::new(&root).join(folder)),
        None => serde_json::from_str(embedded).map_err(|error| format!("fixtures/{folder}: {error}")),
    }
}

fn from_disk(folder: &std::path::Path) -> Result<Map<String, Value>, String> {
    let problem =
        |path: &std::path::Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut files = Map::new();
    let entries = std::fs::read_dir(folder).map_err(|error| problem(folder, &error))?;
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let text = || std::fs::read_to_string(&path).map_err(|error| problem(&path, &error));
        let value = match path.extension().and_then(std::ffi::OsStr::to_str) {
            Some("toml") => toml::from_str(&text()?).map_err(|error| problem(&path, &error))?,
            Some("json") => serde_json::from_str(&text()?).map_err(|error| problem(&path, &error))?,
            _ => continue,
        };
        files.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), value);
    }
    Ok(files)
}
