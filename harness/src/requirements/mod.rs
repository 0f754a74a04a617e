//! The register of requirements, `fixtures/requirements/`: what a client of Okta has to get right, why, how, and who says
//! so. Every check names one; every row is tested, or says why it is not (harness-anchors §10).

pub(crate) mod explain;
pub(crate) mod lint;
pub(crate) mod pages;
pub(crate) mod profiles;
mod read;
pub(crate) mod table;

use std::sync::LazyLock;

use crate::suite::{features::Fault, outcome::Level};

/// One thing that a client has to get right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// `OKTA-PAGINATION-LINK`; the same for ever.
    pub(crate) id: String,
    /// How much it binds.
    pub(crate) level: Level,
    /// What it asks for, in our words.
    pub(crate) sentence: String,
    /// What breaks in a customer's org when it does not hold.
    pub(crate) why: String,
    /// What to change in a client.
    pub(crate) fix: String,
    /// Who says so.
    pub(crate) sources: Vec<Source>,
    /// The file: token, paging, …
    pub(crate) area: String,
    /// The kinds of client that it is about.
    pub(crate) profiles: Vec<String>,
    /// Where it can be seen.
    pub(crate) observable: Observable,
}

/// A page that a requirement rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its title.
    pub(crate) doc: String,
    /// The place in it; empty for the whole.
    pub(crate) section: String,
    /// Its address.
    pub(crate) url: Option<String>,
    /// The day as of which it says so.
    pub(crate) seen: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.doc)?;
        if !self.section.is_empty() {
            let number = self.section.starts_with(|first: char| first.is_ascii_digit());
            write!(f, ", {}{}", if number { "section " } else { "" }, self.section)?;
        }
        if let Some(url) = &self.url {
            write!(f, ", {url}")?;
        }
        write!(f, " (seen {})", self.seen)
    }
}

/// Where a requirement shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Observable {
    /// In what the org received.
    Wire,
    /// In what the caller of the client got.
    Client,
    /// Nowhere, or not yet.
    No {
        /// Why it is not tested.
        reason: String,
    },
}

static REGISTER: LazyLock<(Vec<Requirement>, Vec<Fault>)> = LazyLock::new(read::embedded);

/// Every row, in the order of files and rows.
pub(crate) fn all() -> &'static [Requirement] {
    &REGISTER.0
}

/// What is wrong with the embedded files; a test keeps it empty.
pub(crate) fn faults() -> &'static [Fault] {
    &REGISTER.1
}

/// The row of an id.
pub(crate) fn find(id: &str) -> Option<&'static Requirement> {
    all().iter().find(|requirement| requirement.id == id)
}
