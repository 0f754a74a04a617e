//! What is stored of an org besides its states and its log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::org::change::Life;
use crate::org::stored::StoredSettings;

/// An org.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OrgRow {
    /// Its name.
    pub(super) name: String,
    /// What its document made: the number of a base.
    pub(super) base: u32,
    /// The settings that it began with.
    pub(super) settings: StoredSettings,
    /// What every id of it ends in.
    pub(super) tail: [u8; 3],
    pub(super) life: Life,
    /// The ports that it had last.
    pub(super) port: u16,
    pub(super) tls_port: Option<u16>,
    pub(super) snapshots: Vec<SnapshotRow>,
}

/// A snapshot; the state is stored beside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SnapshotRow {
    pub(super) id: String,
    pub(super) at: Timestamp,
}
