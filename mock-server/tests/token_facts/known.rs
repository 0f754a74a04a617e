//! The facts about tokens that lie beside the repository.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// The facts by their ids; none, and a line that says so, where they do not lie there.
pub(crate) fn known() -> Option<BTreeMap<String, Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/facts/token-facts.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: {} is not there", path.display());
        }
        return None;
    };
    let facts: Vec<Value> = serde_json::from_str(&text).unwrap();
    Some(facts.into_iter().map(|fact| (fact["id"].as_str().unwrap().to_owned(), fact)).collect())
}
