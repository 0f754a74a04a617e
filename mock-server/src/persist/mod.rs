//! Orgs that outlive the process: a folder with an embedded database (redb), behind the one door of state.
//!
//! What an org's document made is stored once for all orgs of the document. Each org has a log of commits; a log that has
//! grown long is replaced by what differs from the beginning. Writers that wait at the same time are written together.

mod backend;
mod disk_log;
mod rows;
mod store;
mod tables;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::io;
use std::path::PathBuf;

pub(crate) use store::{KeptOrg, Store};

/// How safely writes are kept before they are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sync {
    /// Handed to the operating system: they survive the end of the process in whatever way, not of the machine.
    #[default]
    System,
    /// On the disk: they survive a power failure, and cost a flush of the disk.
    Disk,
}

/// A folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PersistError {
    /// Another process has it.
    #[error("{0} is in use by another orgtwin; stop that one, or choose another folder")]
    InUse(PathBuf),
    /// A folder that is no folder, or cannot be written.
    #[error("{path}: {source}; choose a folder that can be written")]
    Folder {
        /// The folder or the file in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else lies there.
    #[error("{path} is not a database of orgtwin ({cause}); choose an empty folder, or move this file away")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found.
        cause: String,
    },
    /// A later program wrote it.
    #[error(
        "{path} has format {found}, this orgtwin reads up to {known}; use the orgtwin that wrote it, or another folder"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
        /// What this program knows.
        known: u32,
    },
    /// What is in it is damaged.
    #[error("{path}: {cause}; the folder is damaged: restore a copy of it, or start with an empty one")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What.
        cause: String,
    },
}
