//! The requirements that the suite judges, by id.

use crate::suite::outcome::Level;

/// A requirement.
pub(crate) struct Requirement {
    /// Its id.
    pub(crate) id: String,
    /// How much it binds.
    pub(crate) level: Level,
    /// What it says, in our words.
    pub(crate) sentence: String,
    /// What breaks in a customer's org.
    pub(crate) why: String,
    /// How a client is mended.
    pub(crate) fix: String,
    /// Where it is from.
    pub(crate) sources: Vec<Source>,
    /// What it is about: token, paging, …
    pub(crate) area: String,
}

/// Where a requirement is from.
pub(crate) struct Source {
    /// The document.
    pub(crate) doc: String,
    /// The section.
    pub(crate) section: String,
    /// Its address.
    pub(crate) url: Option<String>,
    /// When it was read.
    pub(crate) seen: String,
}

/// All of them.
pub(crate) fn all() -> &'static [Requirement] {
    &[]
}

/// One of them.
pub(crate) fn find(id: &str) -> Option<&'static Requirement> {
    all().iter().find(|requirement| requirement.id == id)
}
