//! A conversation with a client: ids, deadlines, and what is not a reply. The same for every driver.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Driver, DriverError, Ending, FarEnd, Wire,
    protocol::{Hello, Op, Outcome, PROTOCOL, Reply, Request},
};
use crate::target::Org;

/// How long a client may take for `bye` (contracts §4).
pub(crate) const BYE_GRACE: Duration = Duration::from_secs(3);
/// Bytes on standard output, after which an op without a reply counts as a flood.
const FLOOD: usize = 16 * 1024 * 1024;
/// Lines that are not replies are kept as a log, this many of them.
const NOISE_KEPT: usize = 50;
/// So many bytes of each: a secret that is cut is found by nobody who looks for the whole.
const NOISE_LENGTH: usize = 8 * 1024;
/// How long the rest of a dead adapter's output is awaited.
const DRAIN: Duration = Duration::from_millis(200);
/// How long an adapter that closed its output may take to say by its exit code why.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// From the start to the reply to `hello`.
    pub(crate) ready: Duration,
    /// Any other op.
    pub(crate) op: Duration,
}

/// One client, from its start to `bye`.
pub(crate) struct Session {
    wire: Wire,
    deadlines: Deadlines,
    next_id: u64,
    outstanding: BTreeSet<u64>,
    buffer: Vec<u8>,
    /// So much of the buffer has no line end: a line of megabytes is not searched from its beginning with each read.
    searched: usize,
    received_since_request: usize,
    noise: Vec<String>,
    ended: Option<Ending>,
    current: &'static str,
}

impl Session {
    /// Starts a client; nothing has been said yet.
    ///
    /// # Errors
    /// [`DriverError::Start`].
    pub(crate) fn open(driver: &dyn Driver, deadlines: Deadlines) -> Result<Self, DriverError> {
        Ok(Self::on(driver.open()?, deadlines))
    }

    /// Starts a client in a scenario of this org.
    ///
    /// # Errors
    /// [`DriverError::Start`].
    pub(crate) fn open_at(driver: &dyn Driver, org: &Org, deadlines: Deadlines) -> Result<Self, DriverError> {
        Ok(Self::on(driver.open_at(org)?, deadlines))
    }

    fn on(wire: Wire, deadlines: Deadlines) -> Self {
        Self {
            wire,
            deadlines,
            next_id: 0,
            outstanding: BTreeSet::new(),
            buffer: Vec::new(),
            searched: 0,
            received_since_request: 0,
            noise: Vec::new(),
            ended: None,
            current: "hello",
        }
    }

    /// The handshake.
    ///
    /// # Errors
    /// No reply in time, a protocol that was not on offer, and all that can break.
    pub(crate) async fn hello(&mut self) -> Result<Hello, DriverError> {
        let harness = concat!("orgtwin ", env!("CARGO_PKG_VERSION")).to_owned();
        let reply =
            self.exchange(Op::Hello { protocols: vec![PROTOCOL], harness }, self.deadlines.ready).await?;
        if let Ok(Reply { outcome: Outcome::Error { message }, .. }) = serde_json::from_value(reply.clone()) {
            return Err(DriverError::Reported { op: "hello", message });
        }
        let hello: Hello = serde_json::from_value(reply)
            .map_err(|error| DriverError::Malformed { op: "hello", cause: error.to_string() })?;
        if hello.protocol == PROTOCOL { Ok(hello) } else { Err(DriverError::Protocol(hello.protocol)) }
    }

    /// Asks for one op and waits for its reply.
    ///
    /// # Errors
    /// All that can break, `outcome: error` included.
    pub(crate) async fn ask(&mut self, op: Op) -> Result<Outcome, DriverError> {
        let name = op.name();
        let reply = self.exchange(op, self.deadlines.op).await?;
        outcome_of(name, reply)
    }

    /// Sends raw text as one line and waits for the reply with that id (for `client lint`).
    ///
    /// # Errors
    /// As [`Session::ask`].
    pub(crate) async fn ask_raw(
        &mut self,
        request: &Value,
        name: &'static str,
    ) -> Result<Value, DriverError> {
        let until = Instant::now() + self.deadlines.op;
        let mut request = request.clone();
        self.next_id += 1;
        let id = self.next_id;
        request["id"] = Value::from(id);
        self.outstanding.insert(id);
        self.write(request.to_string(), name, until).await?;
        self.await_reply(id, until).await
    }

    /// Sends an op without waiting. Its reply comes out of [`Session::next_reply`].
    ///
    /// # Errors
    /// The client no longer reads.
    pub(crate) async fn send(&mut self, op: Op) -> Result<u64, DriverError> {
        let until = Instant::now() + self.deadlines.op;
        self.post(op, until).await
    }

    /// The next reply to any request. Cancel safe.
    ///
    /// # Errors
    /// All that can break.
    pub(crate) async fn next_reply(&mut self) -> Result<(u64, Value), DriverError> {
        loop {
            if let Some(line) = self.take_line() {
                if let Some(reply) = self.sort(&line)? {
                    return Ok(reply);
                }
                continue;
            }
            self.receive().await?;
        }
    }

    /// How long an op may take.
    pub(crate) fn op_deadline(&self) -> Duration {
        self.deadlines.op
    }

    /// The error of an op that was not answered in time, with what was received instead.
    pub(crate) fn late(&self, op: &'static str, limit: Duration) -> DriverError {
        DriverError::Deadline { op, seconds: limit.as_secs(), hint: self.partial_hint() }
    }

    /// Says `bye` and sees that the client is gone.
    ///
    /// # Errors
    /// It answered twice, it stayed, or it ended badly.
    pub(crate) async fn bye(mut self) -> Result<(), DriverError> {
        let until = Instant::now() + BYE_GRACE;
        // A client that is gone already has nobody to say it to; its ending is judged below.
        let _ = self.post(Op::Bye, until).await;
        let _ = self.wire.requests.shutdown().await;
        let mut protocol = Ok(());
        loop {
            match timeout_at(until, self.next_reply()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error @ (DriverError::DuplicateId(_) | DriverError::ForeignId(_)))) => {
                    protocol = protocol.and(Err(error));
                }
                Ok(Err(_)) | Err(_) => break,
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        let ending = match self.ended {
            Some(ending) => {
                self.wire.far_end.finish(Duration::ZERO).await;
                ending
            }
            None => self.wire.far_end.finish(left).await,
        };
        protocol?;
        match ending {
            Ending::Exited(0) => Ok(()),
            Ending::Exited(code) => Err(DriverError::BadBye(format!("exit code {code}"))),
            Ending::Signalled(signal) => Err(DriverError::BadBye(format!("signal {signal}"))),
            Ending::Killed => Err(DriverError::SlowBye(BYE_GRACE.as_secs())),
        }
    }

    /// What the client said beside its replies: noise on standard output, then the tail of standard error.
    pub(crate) fn log(&self) -> String {
        let mut log = self.noise.join("\n");
        let stderr = self.wire.far_end.stderr();
        if !log.is_empty() && !stderr.is_empty() {
            log.push('\n');
        }
        log.push_str(stderr.trim_end());
        log
    }

    /// Lines on standard output that were not replies.
    pub(crate) fn noise(&self) -> &[String] {
        &self.noise
    }

    async fn exchange(&mut self, op: Op, limit: Duration) -> Result<Value, DriverError> {
        let until = Instant::now() + limit;
        let name = op.name();
        let id = self.post(op, until).await.map_err(|error| match error {
            DriverError::Deadline { hint, .. } => {
                DriverError::Deadline { op: name, seconds: limit.as_secs(), hint }
            }
            other => other,
        });
        let id = match id {
            // What it said or how it died tells more than a broken pipe.
            Err(deaf @ DriverError::Deaf { .. }) => match timeout(DRAIN, self.next_reply()).await {
                Ok(Err(cause)) => return Err(cause),
                _ => return Err(deaf),
            },
            other => other?,
        };
        match self.await_reply(id, until).await {
            Err(DriverError::Deadline { op, hint, .. }) => {
                Err(DriverError::Deadline { op, seconds: limit.as_secs(), hint })
            }
            other => other,
        }
    }

    async fn await_reply(&mut self, id: u64, until: Instant) -> Result<Value, DriverError> {
        loop {
            match timeout_at(until, self.next_reply()).await {
                Ok(Ok((reply, value))) if reply == id => return Ok(value),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(self.late(self.current, self.deadlines.op)),
            }
        }
    }

    async fn post(&mut self, op: Op, until: Instant) -> Result<u64, DriverError> {
        self.next_id += 1;
        let id = self.next_id;
        self.outstanding.insert(id);
        let name = op.name();
        let line = serde_json::to_string(&Request { id, op })
            .map_err(|error| DriverError::Malformed { op: name, cause: error.to_string() })?;
        self.write(line, name, until).await?;
        Ok(id)
    }

    async fn write(&mut self, mut line: String, op: &'static str, until: Instant) -> Result<(), DriverError> {
        line.push('\n');
        self.received_since_request = 0;
        // An `advance_clock` is sent while the client is busy with what the report should name.
        if op != "advance_clock" {
            self.current = op;
        }
        let requests = &mut self.wire.requests;
        let written = timeout_at(until, async {
            requests.write_all(line.as_bytes()).await?;
            requests.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(DriverError::Deaf { op, cause: error.to_string() }),
            Err(_) => Err(self.late(op, self.deadlines.op)),
        }
    }

    /// Reads more bytes, or finds out that no more will come. Cancel safe.
    async fn receive(&mut self) -> Result<(), DriverError> {
        let op = self.current;
        if self.received_since_request > FLOOD {
            return Err(DriverError::Flood { op, limit: FLOOD });
        }
        let mut chunk = [0_u8; 16 * 1024];
        let replies = &mut self.wire.replies;
        let read = match (&mut self.ended, &mut self.wire.far_end) {
            (None, FarEnd::Process(adapter)) => tokio::select! {
                biased;
                read = replies.read(&mut chunk) => read,
                ending = adapter.ended() => {
                    // A child of the adapter may hold the pipe open for ever: read what is there and stop.
                    self.ended = Some(ending);
                    return Ok(());
                }
            },
            // The task's pipe closes with it.
            (None, FarEnd::Task(_)) => replies.read(&mut chunk).await,
            (Some(_), _) => timeout(DRAIN, replies.read(&mut chunk)).await.unwrap_or(Ok(0)),
        };
        match read {
            Ok(0) | Err(_) => Err(self.closed(op).await),
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                self.received_since_request += read;
                Ok(())
            }
        }
    }

    async fn closed(&mut self, op: &'static str) -> DriverError {
        let ending = match self.ended {
            Some(ending) => ending,
            None => match timeout(LAST_WORDS, self.wire.far_end.ended()).await {
                Ok(ending) => ending,
                Err(_) => return DriverError::Closed { op },
            },
        };
        self.ended = Some(ending);
        match ending {
            Ending::Exited(code) => DriverError::Exited { op, code, hint: self.partial_hint() },
            Ending::Signalled(signal) => DriverError::Signalled { op, signal },
            Ending::Killed => DriverError::Closed { op },
        }
    }

    fn take_line(&mut self) -> Option<Vec<u8>> {
        let found = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
        let Some(end) = found.map(|at| self.searched + at) else {
            self.searched = self.buffer.len();
            return None;
        };
        self.searched = 0;
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        line.pop();
        Some(line)
    }

    /// A reply to something outstanding, or a line for the log.
    fn sort(&mut self, line: &[u8]) -> Result<Option<(u64, Value)>, DriverError> {
        let parsed = serde_json::from_slice::<Value>(line).ok().filter(Value::is_object);
        let Some(value) = parsed.filter(|value| value.get("id").is_some()) else {
            if self.noise.len() < NOISE_KEPT && !line.is_empty() {
                self.noise.push(String::from_utf8_lossy(&line[..line.len().min(NOISE_LENGTH)]).into_owned());
            }
            return Ok(None);
        };
        match value["id"].as_u64() {
            Some(id) if self.outstanding.remove(&id) => Ok(Some((id, value))),
            Some(id) if id <= self.next_id && id > 0 => Err(DriverError::DuplicateId(id)),
            _ => Err(DriverError::ForeignId(value["id"].to_string())),
        }
    }

    fn partial_hint(&self) -> String {
        match self.buffer.len() {
            0 => String::new(),
            bytes => format!(
                "; {bytes} bytes came without a line end: end each reply with a newline and flush \
                 (Python print(…, flush=True), Node process.stdout.write, Go bufio.Writer.Flush, bash printf '%s\\n')"
            ),
        }
    }
}

/// The outcome that a reply states; `outcome: error` is the adapter's own failure.
pub(crate) fn outcome_of(op: &'static str, reply: Value) -> Result<Outcome, DriverError> {
    match serde_json::from_value::<Reply>(reply) {
        Ok(Reply { outcome: Outcome::Error { message }, .. }) => Err(DriverError::Reported { op, message }),
        Ok(reply) => Ok(reply.outcome),
        Err(error) => Err(DriverError::Malformed { op, cause: error.to_string() }),
    }
}
