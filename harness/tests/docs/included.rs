//! The code of a page is a file of the repository, letter by letter: below `<!-- file: PATH -->` stands a block that has it.

use std::collections::BTreeSet;

use crate::pages::{all, files, hold, text};

/// Where files stand that have to be in a page.
const SHOWN: &[&str] = &["examples/ci", "examples/org-file", "examples/quick-start"];

/// The page with its files in it, and the names of those.
fn filled(page: &str) -> (String, Vec<String>) {
    let (mut out, mut names) = (String::new(), Vec::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(name) = line.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        let fence = lines
            .next()
            .filter(|line| line.starts_with("```"))
            .unwrap_or_else(|| panic!("{name}: no block follows"));
        lines
            .by_ref()
            .find(|line| *line == "```")
            .unwrap_or_else(|| panic!("{name}: its block does not end"));
        let code = text(name);
        assert!(!code.contains("```"), "{name} would end its block");
        out.push_str(&format!("{fence}\n{}\n```\n", code.trim_end()));
        names.push(name.to_owned());
    }
    (out, names)
}

#[test]
fn the_code_of_the_pages_is_that_of_the_files() {
    let mut shown = BTreeSet::new();
    for page in all() {
        hold(&page, |page| {
            let (wanted, names) = filled(page);
            shown.extend(names);
            wanted
        });
    }
    for name in SHOWN.iter().flat_map(|folder| files(folder, "")) {
        assert!(shown.contains(&name), "{name} is in no page");
    }
}
