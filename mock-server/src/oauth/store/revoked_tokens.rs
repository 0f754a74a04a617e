//! Access tokens that were revoked one by one. Those that fall with their refresh token are told by its family.

use serde::{Deserialize, Serialize};

use super::{Kept, keep};
use crate::org::Org;
use crate::org::state::OrgState;
use crate::org::tokens::AccessToken;

#[derive(Serialize, Deserialize)]
struct Revoked {
    expires_at: i64,
}

impl Kept for Revoked {
    const KIND: &'static str = "revoked_tokens";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// Revokes an access token of this org.
pub fn revoke(org: &Org, now: i64, token: &AccessToken) {
    keep(org, now, &token.tag(), &Revoked { expires_at: token.expires_at }, 0);
}

/// Whether an access token of this org was revoked.
pub fn is_revoked(state: &OrgState, token: &AccessToken) -> bool {
    let all = state.all(Revoked::KIND);
    !all.is_empty() && all.get(&token.tag()).is_some()
}
