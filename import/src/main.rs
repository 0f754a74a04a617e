//! Makes the tables of operations and schemas in `fixtures/` from Okta's OpenAPI documents, so that a newer release of
//! them is a reviewable diff. A keyword that is in no table of `keywords.rs` stops it, with its place.

mod distil;
mod document;
mod flatten;
mod keywords;
mod operations;
mod parameters;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Parser;

use document::Document;

/// Make fixtures/operations.jsonl, parameters.jsonl, schemas.jsonl and bodies.jsonl from Okta's OpenAPI documents.
#[derive(Parser)]
struct Arguments {
    /// The folder of management-minimal.yaml and oauth-minimal.yaml.
    #[arg(long, default_value = "../shared/openapi")]
    openapi: PathBuf,
    /// The folder that the tables are written to.
    #[arg(long, default_value = "fixtures")]
    fixtures: PathBuf,
    /// Write nothing; fail where a table would change.
    #[arg(long)]
    check: bool,
}

#[expect(clippy::print_stdout, reason = "what a command tells its user")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let management = Document::read(&arguments.openapi.join("management-minimal.yaml"))?;
    let oauth = Document::read(&arguments.openapi.join("oauth-minimal.yaml"))?;
    let fixtures = &arguments.fixtures;
    let distilled = distil::distil(&management)?;
    let tables = [
        ("operations.jsonl", operations::merge(&management, &read(&fixtures.join("operations.jsonl"))?)?),
        (
            "oauth-operations.jsonl",
            operations::add_new(&oauth, &read(&fixtures.join("oauth-operations.jsonl"))?)?,
        ),
        ("parameters.jsonl", parameters::parameters(&management)?),
        ("schemas.jsonl", distilled.schemas),
        ("bodies.jsonl", distilled.bodies),
    ];
    let mut stale = Vec::new();
    for (name, text) in tables {
        let path = fixtures.join(name);
        let same = std::fs::read_to_string(&path).is_ok_and(|written| written == text);
        println!("{name}: {} rows, {}", text.lines().count(), if same { "unchanged" } else { "changed" });
        if !same && arguments.check {
            stale.push(name);
        } else if !same {
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    if !stale.is_empty() {
        bail!("{} differ from the documents; run `cargo run -p import`", stale.join(", "));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
