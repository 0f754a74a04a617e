//! A run at a real org, from its locks to the last token.

use super::{
    args::RealRun,
    caller::{CallError, Caller},
    gates::Refusal,
    journal::{Journal, JournalError},
    lock::{self, LocalLock, LockError},
    org::RealOrg,
    preflight::preflight,
    tidy::{leftovers, tidy_up},
};
use crate::target::Control;

/// A run that does not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotOpened {
    /// Exit 2: settings of the org are missing.
    #[error("the org is not ready for this run:\n  {}", .0.join("\n  "))]
    NotReady(Vec<String>),
    /// Exit 2.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Exit 2.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Exit 4: the org may be asked no further.
    #[error(transparent)]
    Over(#[from] Refusal),
    /// Exit 3.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Exit 3.
    #[error("{0}")]
    Proxy(String),
}

/// An org that was opened; to be closed.
pub(crate) struct Opened {
    /// The org.
    pub(crate) org: RealOrg,
    _lock: LocalLock,
}

/// Takes the locks and tries what the run needs.
///
/// # Errors
/// [`NotOpened`]; what was made until then is taken away again.
pub(crate) async fn open(run: &RealRun, control: &Control) -> Result<Opened, NotOpened> {
    let lock = lock::here(run.target.host_str().unwrap_or_default())?;
    let url = run.target.as_str().trim_end_matches('/');
    let journal = run.journal.as_deref().map(|path| Journal::create(path, url, &run.run)).transpose()?;
    let writes = journal.is_some();
    let limits = (run.max_requests, run.max_time);
    let caller = Caller::new(run.http.clone(), &run.target, &run.run, limits, journal);
    let org = RealOrg::new(&run.target, caller, run.config.clone()).map_err(NotOpened::Proxy)?;
    let ready = async {
        let missing = preflight(&org, control, writes).await;
        if let Some(over) = org.caller.is_over() {
            return Err(over.into());
        }
        if !missing.is_empty() {
            return Err(NotOpened::NotReady(missing));
        }
        if writes {
            let left = leftovers(&org, false).await?;
            lock::there(&org).await?;
            if !left.is_empty() {
                tracing::warn!("earlier runs have left in the org: {}", left.join(", "));
            }
        }
        Ok(())
    };
    let ready = ready.await;
    let opened = Opened { org, _lock: lock };
    match ready {
        Ok(()) => Ok(opened),
        Err(error) => {
            for note in close(&opened).await.troubles {
                tracing::warn!("{note}");
            }
            Err(error)
        }
    }
}

/// How an org was left.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    /// What is worth knowing.
    pub(crate) notes: Vec<String>,
    /// What did not come off.
    pub(crate) troubles: Vec<String>,
}

/// Deletes what was made, revokes the tokens, looks for what is left.
pub(crate) async fn close(opened: &Opened) -> Closed {
    let org = &opened.org;
    let mut closed = Closed::default();
    let over = org.caller.is_over();
    let writes = org.caller.with_journal(|_| ()).is_some();
    if writes {
        let (_, troubles) = tidy_up(org).await;
        let at = org.caller.with_journal(|journal| journal.path().display().to_string()).unwrap_or_default();
        closed
            .troubles
            .extend(troubles.into_iter().map(|words| format!("{words}; `orgtwin cleanup --journal {at}`")));
        if over.is_none() {
            match leftovers(org, true).await {
                Ok(left) => {
                    let left = left.into_iter().filter(|name| name.starts_with(&org.caller.mark));
                    closed.troubles.extend(left.map(|name| format!("{name} is still in the org")));
                }
                Err(error) => closed.troubles.push(format!("what is left in the org is not known: {error}")),
            }
        }
    }
    let (revoked, troubles) = org.revoke_tokens().await;
    closed.troubles.extend(troubles);
    if let Some(why) = org.log.closed() {
        closed.notes.push(format!("the org's System Log was not read: {why}"));
    }
    if let Some(over) = over {
        closed.notes.push(over.to_string());
    }
    closed
        .notes
        .push(format!("{} requests were made of the org; {revoked} tokens were revoked", org.caller.made()));
    closed
}

/// Ends when the org may be asked no further; never without a real org.
pub(crate) fn over(opened: Option<&Opened>) -> impl Future<Output = ()> + Send + use<> {
    let told = opened.map(|opened| opened.org.caller.over());
    async move {
        if let Some(mut told) = told
            && told.wait_for(Option::is_some).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Why a run at a real org claims no more than a part.
pub(crate) fn limits_of_the_claim(unwitnessed: &[String]) -> Vec<String> {
    let mut notes =
        vec!["only what is tagged for real orgs was run, so the claim is in part at most".to_owned()];
    if !unwitnessed.is_empty() {
        notes.push(format!("nobody but the client saw that a must holds in {}", unwitnessed.join(", ")));
    }
    notes
}
