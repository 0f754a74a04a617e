//! Two runs at one org would count each other's requests and trip over each other's objects: a run holds a lock on this
//! machine, and in the org as well when it writes there.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
};

use serde_json::json;

use super::{caller::CallError, org::RealOrg, rules::PREFIX};

/// Why a run does not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// A run on this machine.
    #[error("another run of this machine is at {0} already; wait until it is over")]
    Here(String),
    /// The lock file.
    #[error("the lock file {}: {cause}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// A run elsewhere.
    #[error(
        "the org has the group {PREFIX}lock ({0}): another run writes there; when none does, `orgtwin cleanup` with its \
         journal or an administrator deletes that group"
    )]
    There(String),
    /// The org.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Held until dropped; the operating system lets go of it when the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct LocalLock(#[expect(dead_code, reason = "held, not used")] File);

/// The lock of this machine for an org's host.
///
/// # Errors
/// [`LockError::Here`], [`LockError::File`].
pub(crate) fn here(host: &str) -> Result<LocalLock, LockError> {
    let plain: String =
        host.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let path = std::env::temp_dir().join(format!("orgtwin-real-{plain}.lock"));
    let failed = |cause| LockError::File { path: path.clone(), cause };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(LocalLock(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(LockError::Here(host.to_owned())),
        Err(std::fs::TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

/// The lock in the org: a group whose name can be taken once. It is in the journal like everything else.
///
/// # Errors
/// [`LockError::There`], [`LockError::Call`].
pub(crate) async fn there(org: &RealOrg) -> Result<(), LockError> {
    let name = format!("{PREFIX}lock");
    let found = org.administer("GET", &format!("/api/v1/groups?q={name}"), None).await?;
    let mut groups = found.as_array().into_iter().flatten();
    if let Some(group) = groups.find(|group| group["profile"]["name"] == name.as_str()) {
        let since = group["profile"]["description"].as_str().unwrap_or("by whom is not said");
        return Err(LockError::There(since.to_owned()));
    }
    let run = org.caller.with_journal(|journal| journal.run.clone()).unwrap_or_default();
    let profile = json!({ "name": name, "description": format!("run {run} of orgtwin") });
    match org.administer("POST", "/api/v1/groups", Some(&json!({ "profile": profile }))).await {
        Ok(_) => Ok(()),
        // Somebody was faster: names of groups are taken once.
        Err(CallError::Answer { status: 400, .. }) => Err(LockError::There("made a moment ago".to_owned())),
        Err(error) => Err(error.into()),
    }
}
