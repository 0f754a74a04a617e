//! An admin role as a user, a group or a client holds it.

use std::sync::Arc;

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
        #[serde(default)]
        groups: Vec<String>,
        /// The apps that it is limited to, by ids or by names in the catalogue; empty for all.
        #[serde(default)]
        apps: Vec<String>,
    },
    /// A custom role on a resource set.
    Custom {
        /// The role's id.
        role: String,
        /// The set's id.
        #[serde(rename = "resource-set")]
        resource_set: String,
    },
}

/// A held role with what it stands for now: a custom role's permissions and its set's resources may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectiveRole<'s> {
    /// A standard role.
    Standard {
        /// `READ_ONLY_ADMIN`.
        role_type: &'s str,
        /// Ids of the groups that it is limited to; empty for all.
        groups: &'s [String],
        /// The apps that it is limited to; empty for all.
        apps: &'s [String],
    },
    /// A custom role on a resource set.
    Custom {
        /// `okta.users.read`.
        permissions: &'s [Arc<str>],
        /// The ORNs behind the org: `users`, `groups:ID`, `groups:ID:contained_resources`, `apps:NAME:ID`.
        resources: &'s [Arc<str>],
    },
}

/// The shown id of the assignment of a standard role that can be limited to targets: the unpadded Base32 of its type,
/// alike for all who hold it (mgmt-facts §6.1). The other roles have ids of their own.
pub fn targetable_assignment(role_type: &str) -> Option<String> {
    const TARGETABLE: [&str; 4] = ["APP_ADMIN", "USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"];
    TARGETABLE.contains(&role_type).then(|| base32(role_type.as_bytes()))
}

/// RFC 4648 Base32 without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    for chunk in bytes.chunks(5) {
        let mut block = [0; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(block);
        for nth in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(char::from(ALPHABET[(bits >> (35 - 5 * nth) & 31) as usize]));
        }
    }
    text
}

impl<'s> EffectiveRole<'s> {
    /// The name that the trace shows: the type of a standard role, or `CUSTOM`.
    pub fn name(&self) -> &'s str {
        match self {
            Self::Standard { role_type, .. } => role_type,
            Self::Custom { .. } => "CUSTOM",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::targetable_assignment;

    /// Recorded: mgmt-facts §6.1.
    #[test]
    fn assignments_of_targetable_roles_have_the_recorded_ids() {
        for (role_type, id) in [
            ("APP_ADMIN", Some("IFIFAX2BIRGUSTQ")),
            ("USER_ADMIN", Some("KVJUKUS7IFCE2SKO")),
            ("HELP_DESK_ADMIN", Some("JBCUYUC7IRCVGS27IFCE2SKO")),
            ("GROUP_MEMBERSHIP_ADMIN", Some("I5JE6VKQL5GUKTKCIVJFGSCJKBPUCRCNJFHA")),
            ("READ_ONLY_ADMIN", None),
        ] {
            assert_eq!(targetable_assignment(role_type).as_deref(), id, "{role_type}");
        }
    }
}
