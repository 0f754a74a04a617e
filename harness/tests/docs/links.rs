//! Links between the pages.

use std::collections::BTreeSet;

use crate::pages::{all, root, text};

/// The targets of the links of a page, outside of its code.
fn targets(page: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            code = !code;
        }
        // What stands between back quotes is no link.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let links = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        if !code {
            targets.extend(links.map(|(target, _)| target.to_owned()));
        }
    }
    targets
}

/// The anchors of a page: of its headings, as GitHub makes them, and those that are written.
fn anchors(page: &str) -> BTreeSet<String> {
    let heading = |line: &str| {
        let title = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
        let kept = title.to_lowercase();
        let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        Some(kept.collect::<String>().replace(' ', "-"))
    };
    let written = page.split("<a id=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    page.lines().filter_map(heading).chain(written.map(|(id, _)| id.to_owned())).collect()
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    let (mut dead, mut followed) = (Vec::new(), 0);
    for page in all() {
        for target in targets(&text(&page)) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            followed += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let folder = root().join(&page).parent().unwrap().to_owned();
            let file = if file.is_empty() { root().join(&page) } else { folder.join(file) };
            let there = file.exists()
                && (anchor.is_empty() || anchors(&std::fs::read_to_string(&file).unwrap()).contains(anchor));
            if !there {
                dead.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
    assert!(followed > 60, "only {followed} links");
}

#[test]
fn links_and_anchors_are_found() {
    let page =
        "# A `b` c: d\nsee [x](y.md#a-b-c-d), `[no](no.md)`\n```\n[no](no.md)\n```\n<a id=\"here\"></a>\n";
    assert_eq!(targets(page), ["y.md#a-b-c-d"]);
    assert_eq!(anchors(page), BTreeSet::from(["a-b-c-d".to_owned(), "here".to_owned()]));
}

#[test]
fn the_index_names_every_page() {
    let index = text("docs/README.md");
    for page in crate::pages::files("docs", ".md") {
        let name = page.strip_prefix("docs/").unwrap();
        assert!(
            name == "README.md" || index.contains(&format!("]({name}")),
            "docs/README.md does not name {name}"
        );
    }
}
