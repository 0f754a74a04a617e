//! The pages that people read, and the parts of them that are made from something else.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file of the repository.
pub(crate) fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What whoever tries an example leaves behind.
const LEFT: &[&str] =
    &["node_modules", "target", "__pycache__", ".pytest_cache", "Cargo.lock", "package-lock.json"];

/// Every file below a folder of the repository that has an ending, as a path from the root.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| LEFT.iter().any(|left| name == *left)) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

/// All pages: those of `docs/`, and what stands at the root and in `examples/`.
pub(crate) fn all() -> Vec<String> {
    let mut pages = files("docs", ".md");
    pages.extend(files("examples", ".md"));
    pages.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "features/README.md"]
            .map(str::to_owned),
    );
    pages
}

/// Holds a page to what it has to be, which is made of the page as it is; or writes it where that is asked for.
pub(crate) fn hold(page: &str, make: impl FnOnce(&str) -> String) {
    // Tests run side by side, and two may write one page.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let there = text(page);
    let wanted = make(&there);
    if there == wanted {
        return;
    }
    if std::env::var_os("ORGTWIN_RENEW").is_some() {
        std::fs::write(root().join(page), wanted).unwrap();
        return;
    }
    let differs = there.lines().zip(wanted.lines()).find(|(there, wanted)| there != wanted);
    panic!(
        "{page} is not what it is made from: {differs:?}. Renew it: ORGTWIN_RENEW=1 cargo test -p harness --test docs"
    );
}

/// The page with what is between the lines `<!-- made: NAME -->` and `<!-- end -->` replaced.
pub(crate) fn with(page: &str, name: &str, made: &str) -> String {
    let (open, close) = (format!("<!-- made: {name} -->\n"), "<!-- end -->\n");
    let (before, rest) = page.split_once(&open).unwrap_or_else(|| panic!("no place for {name}"));
    let (_, after) = rest.split_once(close).unwrap_or_else(|| panic!("{name} does not end"));
    format!("{before}{open}\n{made}\n{close}{after}")
}
