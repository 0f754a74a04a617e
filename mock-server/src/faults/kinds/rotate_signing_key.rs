//! The org's signing key is replaced before the request is decided.

use super::{Effect, Settings};
use crate::exchange::Request;
use crate::org::Org;

#[derive(Debug)]
struct RotateSigningKey;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(RotateSigningKey))
}

impl Effect for RotateSigningKey {
    /// A tenth of a second.
    fn is_slow(&self) -> bool {
        true
    }

    fn prepare(&self, org: &Org, _: &Request) {
        if let Err(error) = org.rotate_keys() {
            tracing::warn!(%error, "the signing key was not rotated");
        }
    }
}
