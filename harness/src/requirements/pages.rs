//! The pages that requirements rest on, by their names in `sources.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    Source,
    read::{FILES, RawSource, SOURCES},
};

static PAGES: LazyLock<BTreeMap<String, RawSource>> = LazyLock::new(|| {
    let text = FILES.get_file(SOURCES).and_then(include_dir::File::contents_utf8).unwrap_or_default();
    toml::from_str(text).unwrap_or_default()
});

/// `core § user agent`, resolved; none if there is no such page.
pub(crate) fn named(source: &str) -> Option<Source> {
    let (key, section) = source.split_once(" § ").unwrap_or((source, ""));
    let page = PAGES.get(key)?;
    Some(Source {
        doc: page.doc.clone(),
        section: section.to_owned(),
        url: page.url.clone(),
        seen: page.seen.clone(),
    })
}
