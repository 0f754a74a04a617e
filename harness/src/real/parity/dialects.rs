//! The switches of a dialect (`fixtures/dialects.toml`), as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::observation::BadTable;

/// Switches and their values.
pub(crate) type Dialect = BTreeMap<String, String>;

/// A switch.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Switch {
    /// Its name.
    pub(crate) name: String,
    /// What it can be.
    pub(crate) values: Vec<String>,
    /// What it is where nobody says otherwise.
    pub(crate) default: String,
}

#[derive(Deserialize)]
struct File {
    switch: Vec<Switch>,
}

/// All switches.
///
/// # Errors
/// [`BadTable`].
pub(crate) fn switches() -> Result<Vec<Switch>, BadTable> {
    let file: File = toml::from_str(include_str!("../../../../fixtures/dialects.toml"))
        .map_err(|error| BadTable::new("dialects.toml", error))?;
    Ok(file.switch)
}
