//! An admin role as a user, a group or a client holds it.

use serde::{Deserialize, Serialize};

/// An admin role that a principal holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeldRole {
    /// A standard role.
    Standard {
        /// `READ_ONLY_ADMIN`.
        #[serde(rename = "type")]
        role_type: String,
        /// Ids of the groups that it is limited to; empty for all.
        groups: Vec<String>,
    },
    /// A custom role on a resource set.
    Custom {
        /// `okta.users.read`.
        permissions: Vec<String>,
        /// `users`, `groups`, `apps`, or `groups:ID`.
        resources: Vec<String>,
    },
}

impl HeldRole {
    /// The name that the trace shows: the type of a standard role, or `CUSTOM`.
    pub fn name(&self) -> &str {
        match self {
            Self::Standard { role_type, .. } => role_type,
            Self::Custom { .. } => "CUSTOM",
        }
    }
}
