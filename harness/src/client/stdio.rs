//! A program that speaks the protocol over stdin and stdout: its start, its process group and its end.

use std::{
    collections::VecDeque,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio as Pipe},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt, BufReader},
    process::{Child, ChildStderr, Command},
};

use super::{Driver, DriverError, Ending, FarEnd, Wire};

/// How much of an adapter's standard error is kept.
const STDERR_KEPT: usize = 16 * 1024;
/// How long SIGTERM is given before SIGKILL.
const TERM_GRACE: Duration = Duration::from_secs(1);

/// Starts an argument vector; no shell is ever involved.
pub(super) struct Stdio {
    argv: Vec<String>,
}

impl Stdio {
    /// `argv[0]` is the program.
    pub(super) fn new(argv: Vec<String>) -> Self {
        Self { argv }
    }
}

impl Driver for Stdio {
    fn describe(&self) -> String {
        format!("stdio: {}", self.argv.join(" "))
    }

    fn open(&self) -> Result<Wire, DriverError> {
        let (program, arguments) = self.argv.split_first().map_or(("", &[][..]), |(p, a)| (p.as_str(), a));
        let failed = |cause: String| DriverError::Start { program: program.to_owned(), cause };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Pipe::piped())
            .stdout(Pipe::piped())
            .stderr(Pipe::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let (Some(stdin), Some(stdout), Some(stderr), Some(group)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take(), group)
        else {
            return Err(failed("its pipes are missing".to_owned()));
        };
        let tail = Tail::default();
        tokio::spawn(keep_tail(stderr, tail.clone()));
        Ok(Wire {
            requests: Box::new(stdin),
            replies: Box::new(stdout),
            far_end: FarEnd::Process(Box::new(Adapter { child, group, tail, status: None })),
        })
    }
}

/// A running adapter and everything that it started.
pub(crate) struct Adapter {
    child: Child,
    group: Pid,
    tail: Tail,
    status: Option<Ending>,
}

impl Adapter {
    /// Waits until the process has ended by itself. Cancel safe.
    pub(super) async fn ended(&mut self) -> Ending {
        if let Some(ending) = self.status {
            return ending;
        }
        let ending = match self.child.wait().await {
            Ok(status) => ending_of(status),
            Err(_) => Ending::Killed,
        };
        self.status = Some(ending);
        ending
    }

    /// Lets the process end within `grace`; then SIGTERM, then SIGKILL, for the whole group.
    pub(super) async fn finish(&mut self, grace: Duration) -> Ending {
        let ending = match tokio::time::timeout(grace, self.ended()).await {
            Ok(ending) => ending,
            Err(_) => {
                self.signal(Signal::TERM);
                let _ = tokio::time::timeout(TERM_GRACE, self.ended()).await;
                Ending::Killed
            }
        };
        self.signal(Signal::KILL);
        ending
    }

    /// The tail of its standard error.
    pub(super) fn stderr(&self) -> String {
        let kept = self.tail.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept.iter().copied().collect::<Vec<u8>>()).into_owned()
    }

    fn signal(&self, signal: Signal) {
        // No such process is the good case: the group has ended.
        let _ = kill_process_group(self.group, signal);
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        // Children that the adapter left behind must not outlive the run.
        self.signal(Signal::KILL);
    }
}

fn ending_of(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signalled(signal),
        (None, None) => Ending::Killed,
    }
}

#[derive(Clone, Default)]
struct Tail(Arc<Mutex<VecDeque<u8>>>);

async fn keep_tail(stderr: ChildStderr, tail: Tail) {
    let mut reader = BufReader::new(stderr);
    let mut chunk = [0_u8; 4096];
    while let Ok(read @ 1..) = reader.read(&mut chunk).await {
        let mut kept = tail.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&chunk[..read]);
        let excess = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..excess);
    }
}
