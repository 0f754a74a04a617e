//! A command of the client: its process group, its output, its end.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::client::Ending;

/// What is kept of each stream; the rest is read and dropped, so that nobody blocks.
const KEPT: usize = 8 * 1024 * 1024;
/// How long output may still come once the command has ended: a child of it may hold the pipe open for ever.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// What a command is run with.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    /// The profile's folder.
    pub(super) folder: PathBuf,
    /// All of it: nothing is inherited beside it.
    pub(super) env: BTreeMap<OsString, OsString>,
}

/// A command under way; it and all that it started ends when this is dropped.
pub(super) struct Running {
    child: Child,
    group: Option<Pid>,
    out: Stream,
    err: Stream,
}

/// What a command writes, read as it comes.
#[derive(Default)]
struct Stream {
    kept: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

/// A command that ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) ending: Ending,
    pub(super) out: String,
    pub(super) err: String,
}

/// Starts an argument vector; no shell is involved.
///
/// # Errors
/// It cannot be started; in words.
pub(super) fn start(
    argv: &[String],
    input: Option<String>,
    around: &Surroundings,
) -> Result<Running, String> {
    let (program, arguments) = argv.split_first().ok_or("the command is empty")?;
    let mut child = Command::new(resolved(program, &around.folder))
        .args(arguments)
        .current_dir(&around.folder)
        .env_clear()
        .envs(&around.env)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            format!("cannot start `{program}`: {error}; check the path and that the file is executable")
        })?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // A command that does not read its input is free not to.
        tokio::spawn(async move { stdin.write_all(input.as_bytes()).await });
    }
    let out = child.stdout.take().map(Stream::of).unwrap_or_default();
    let err = child.stderr.take().map(Stream::of).unwrap_or_default();
    Ok(Running { child, group, out, err })
}

/// A program with a slash is below the profile's folder, one without is looked up.
fn resolved(program: &str, folder: &Path) -> PathBuf {
    if program.contains('/') { folder.join(program) } else { PathBuf::from(program) }
}

impl Stream {
    fn of(mut stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&kept);
        let reader = tokio::spawn(async move {
            let mut chunk = [0_u8; 16 * 1024];
            while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                let mut keep = keep.lock().unwrap_or_else(PoisonError::into_inner);
                let room = KEPT.saturating_sub(keep.len()).min(read);
                keep.extend_from_slice(&chunk[..room]);
            }
        });
        Self { kept, reader: Some(reader) }
    }

    async fn text(&mut self) -> String {
        if let Some(mut reader) = self.reader.take()
            && timeout(LAST_WORDS, &mut reader).await.is_err()
        {
            reader.abort();
        }
        String::from_utf8_lossy(&self.kept.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Running {
    /// Waits for its end, and ends what it left behind.
    pub(super) async fn ended(&mut self) -> Ended {
        let ending = match self.child.wait().await {
            Ok(status) => match (status.code(), status.signal()) {
                (Some(code), _) => Ending::Exited(code),
                (None, Some(signal)) => Ending::Signalled(signal),
                (None, None) => Ending::Killed,
            },
            Err(_) => Ending::Killed,
        };
        let out = self.out.text().await;
        let err = self.err.text().await;
        self.kill();
        Ended { ending, out, err }
    }

    /// Ends it now.
    pub(super) async fn stop(mut self) -> Ended {
        self.kill();
        let mut ended = self.ended().await;
        ended.ending = Ending::Killed;
        ended
    }

    fn kill(&self) {
        if let Some(group) = self.group {
            // No such process is the good case: the group has ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
