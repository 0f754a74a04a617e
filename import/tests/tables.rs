//! The tables in `fixtures/` are what the command makes of the documents.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::path::Path;
use std::process::Command;

#[test]
fn the_tables_are_those_of_the_documents() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    if !workspace.join("../shared/openapi").exists() {
        eprintln!("skipped: there are no OpenAPI documents in ../shared/openapi");
        return;
    }
    let output =
        Command::new(env!("CARGO_BIN_EXE_import")).arg("--check").current_dir(workspace).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
