//! The embedded org: one mock server on a runtime of its own, so that a busy suite cannot starve it.

use mock_server::MockOrg;
use tokio::runtime::Runtime;

use super::TargetError;

/// The name of its threads.
pub(crate) const THREAD: &str = "embedded-org";

/// A running mock server; stops on drop.
pub(crate) struct EmbeddedOrg {
    /// Where its control API is.
    pub(crate) control_url: String,
    org: Option<MockOrg>,
    runtime: Option<Runtime>,
}

impl EmbeddedOrg {
    /// Starts it on a free port of the loopback interface.
    ///
    /// # Errors
    /// [`TargetError::Embedded`].
    pub(crate) fn start(seed: u64) -> Result<Self, TargetError> {
        let failed = |cause: &dyn std::fmt::Display| TargetError::Embedded(cause.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(THREAD)
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        // A value from here on, so that a failed start ends the runtime as a good one does.
        let mut embedded = Self { control_url: String::new(), org: None, runtime: None };
        // The caller is inside of a runtime of its own, where blocking on another one is not allowed.
        let started = std::thread::scope(|scope| {
            scope.spawn(|| runtime.block_on(MockOrg::builder().seed(seed).start())).join()
        });
        embedded.runtime = Some(runtime);
        let org = match started {
            Ok(started) => started.map_err(|error| failed(&error))?,
            Err(_) => return Err(TargetError::Embedded("it panicked while starting".to_owned())),
        };
        embedded.control_url = org.control_url();
        embedded.org = Some(org);
        Ok(embedded)
    }
}

impl Drop for EmbeddedOrg {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            let entered = runtime.enter();
            self.org.take();
            drop(entered);
            // A runtime must not be dropped, which blocks, inside of another one.
            runtime.shutdown_background();
        }
    }
}
