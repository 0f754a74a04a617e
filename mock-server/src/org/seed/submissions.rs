//! Submissions of an org file.

use super::SeedError;
use super::build::Builder;
use super::document::OrgDocument;
use crate::org::submission::{self, Fault};

impl Builder<'_> {
    /// Submissions to the OIN.
    pub(super) fn submissions(&mut self, document: &OrgDocument) -> Result<(), SeedError> {
        for (nth, entry) in document.submissions.iter().enumerate() {
            let refused = |fault: &Fault| {
                SeedError::invalid(format!("submissions[{nth}].{}", fault.field), &*fault.message)
            };
            if let Some(fault) = entry.faults().first() {
                return Err(refused(fault));
            }
            let made = submission::created(&self.changes.state, entry, &self.created);
            self.changes.push(made.map_err(|fault| refused(&fault))?);
        }
        Ok(())
    }
}
