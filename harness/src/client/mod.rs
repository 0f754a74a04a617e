//! The drivers: how a client that was written elsewhere is asked to do something. Nothing here knows a scenario.

pub(crate) mod builtin;
pub(crate) mod connect;
pub(crate) mod exec;
mod http;
mod inside;
pub(crate) mod lint;
pub(crate) mod protocol;
pub(crate) mod proxy;
pub(crate) mod session;
pub(crate) mod starter;
mod stdio;
mod traffic;
pub(crate) mod watch;

use std::{path::Path, sync::Arc, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) use session::Session;

use self::protocol::Op;
use crate::target::Org;

/// What a client needs of a scenario's org, and of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// It is handed an address with HTTPS.
    pub(crate) tls: bool,
    /// It knows the org by this host, and comes through a proxy.
    pub(crate) host: Option<String>,
    /// It takes one scenario at a time.
    pub(crate) alone: bool,
}

/// What a client may say about an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// That it came off, or did not.
    Success,
    /// Which error its caller is told.
    Error,
    /// What its caller got.
    Items,
    /// The scopes of its token.
    Scopes,
    /// How long its token is good.
    Lifetime,
}

/// A way to drive a client. Each scenario opens a fresh one.
pub(crate) trait Driver {
    /// The client as it was named on the command line, for reports.
    fn describe(&self) -> String;

    /// Starts the client and connects to its two ends. Nothing has been said yet.
    ///
    /// # Errors
    /// The client cannot be started.
    fn open(&self) -> Result<Wire, DriverError>;

    /// The same in a scenario, whose org some drivers look at.
    ///
    /// # Errors
    /// As [`Driver::open`].
    fn open_at(&self, _org: &Org) -> Result<Wire, DriverError> {
        self.open()
    }

    /// What it needs.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Why the client has nothing for this op by its nature; then the scenario does not apply.
    fn absent(&self, _op: &Op) -> Option<String> {
        None
    }

    /// Why this op cannot be asked of the client although it may have something for it; then nothing can be shown.
    fn missing(&self, _op: &Op) -> Option<String> {
        None
    }

    /// The client says this about the op; a client that cannot be changed may not.
    fn hears(&self, _op: &Op, _what: Heard) -> bool {
        true
    }
}

/// The two ends of a client that was started, and the client itself.
pub(crate) struct Wire {
    /// Where requests go.
    pub(crate) requests: Box<dyn AsyncWrite + Unpin>,
    /// Where replies come from.
    pub(crate) replies: Box<dyn AsyncRead + Unpin>,
    /// The client: a process or a task.
    pub(crate) far_end: FarEnd,
}

/// What runs at the other end of the wire.
pub(crate) enum FarEnd {
    /// An adapter process with its group.
    Process(Box<stdio::Adapter>),
    /// The built-in client.
    Task(tokio::task::JoinHandle<()>),
}

/// How a client ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an exit code.
    Exited(i32),
    /// By a signal that was not ours.
    Signalled(i32),
    /// Only when it was killed.
    Killed,
}

impl FarEnd {
    /// Waits until the client has ended by itself. Cancel safe.
    async fn ended(&mut self) -> Ending {
        match self {
            Self::Process(adapter) => adapter.ended().await,
            Self::Task(task) => match task.await {
                Ok(()) => Ending::Exited(0),
                Err(_) => Ending::Exited(101),
            },
        }
    }

    /// Lets the client end within `grace`, and makes it end after that.
    async fn finish(&mut self, grace: Duration) -> Ending {
        match self {
            Self::Process(adapter) => adapter.finish(grace).await,
            // A handle that was awaited once must not be again.
            Self::Task(task) if task.is_finished() => Ending::Exited(0),
            Self::Task(task) => match tokio::time::timeout(grace, &mut *task).await {
                Ok(Ok(())) => Ending::Exited(0),
                Ok(Err(_)) => Ending::Exited(101),
                Err(_) => {
                    task.abort();
                    Ending::Killed
                }
            },
        }
    }

    /// The last lines that the client wrote to its standard error.
    fn stderr(&self) -> String {
        match self {
            Self::Process(adapter) => adapter.stderr(),
            Self::Task(_) => String::new(),
        }
    }
}

impl Drop for FarEnd {
    fn drop(&mut self) {
        if let Self::Task(task) = self {
            task.abort();
        }
    }
}

/// The client as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientSpec {
    /// The reference client, or one of its mutants.
    Builtin(Option<&'static builtin::mutants::Mutant>),
    /// A program that speaks the protocol over stdin and stdout.
    Stdio(Vec<String>),
    /// A program that speaks it over HTTP.
    Http(String),
    /// A client that cannot be changed, by its profile.
    Exec(Arc<exec::profile::Profile>),
    /// A client that a person starts.
    Watch(watch::Watch),
}

/// A client that cannot be understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ClientSpecError {
    /// No such kind.
    #[error(
        "--client {0}: unknown kind of client; use builtin, builtin:MUTANT, stdio:PROGRAM, `--client stdio -- PROGRAM ARG…`, http://HOST:PORT/PATH, exec:PROFILE, or watch"
    )]
    Kind(String),
    /// No such mutant.
    #[error("--client builtin:{name}: no such mutant; there are: {known}")]
    Mutant {
        /// As asked for.
        name: String,
        /// All of them.
        known: String,
    },
    /// `stdio` without a program.
    #[error(
        "--client stdio: name the program, as `--client stdio:./adapter` or `--client stdio -- PROGRAM ARG…`"
    )]
    NoProgram,
    /// An address that is none.
    #[error("--client {0}: no address; as http://127.0.0.1:9000/adapter")]
    Address(String),
    /// A profile that cannot be used.
    #[error("--client exec:{0}")]
    Profile(String),
    /// Words after `--` that nobody reads.
    #[error("`-- {0}`: a program after `--` needs `--client stdio`")]
    StrayProgram(String),
}

impl ClientSpec {
    /// How many scenarios run beside each other if nobody says. The built-in client costs no process and mostly waits
    /// for answers; a program of its own per scenario keeps a processor busy.
    pub(crate) fn scenarios_at_a_time(&self) -> usize {
        match self {
            Self::Builtin(_) => 16,
            _ => crate::processors::at_a_time(),
        }
    }

    /// Reads `--client` and the words after `--`.
    ///
    /// # Errors
    /// [`ClientSpecError`], each with its remedy.
    pub(crate) fn parse(text: &str, program: &[String]) -> Result<Self, ClientSpecError> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        if kind != "stdio" && !program.is_empty() {
            return Err(ClientSpecError::StrayProgram(program.join(" ")));
        }
        match kind {
            "builtin" if !text.contains(':') => Ok(Self::Builtin(None)),
            "builtin" => {
                builtin::mutants::find(rest).map(|mutant| Self::Builtin(Some(mutant))).ok_or_else(|| {
                    let known: Vec<&str> = builtin::habits::all().map(|mutant| mutant.name).collect();
                    ClientSpecError::Mutant { name: rest.to_owned(), known: known.join(", ") }
                })
            }
            "stdio" => {
                let mut argv: Vec<String> = Vec::new();
                if !rest.is_empty() {
                    argv.push(rest.to_owned());
                }
                argv.extend_from_slice(program);
                if argv.is_empty() { Err(ClientSpecError::NoProgram) } else { Ok(Self::Stdio(argv)) }
            }
            "http" | "https" => match reqwest::Url::parse(text) {
                Ok(url) if rest.starts_with("//") && url.has_host() => Ok(Self::Http(text.to_owned())),
                _ => Err(ClientSpecError::Address(text.to_owned())),
            },
            "exec" => match exec::profile::Profile::load(Path::new(rest)) {
                Ok(profile) => Ok(Self::Exec(Arc::new(profile))),
                Err(error) => Err(ClientSpecError::Profile(error.to_string())),
            },
            "watch" => Ok(Self::Watch(watch::Watch::of(rest))),
            _ => Err(ClientSpecError::Kind(text.to_owned())),
        }
    }

    /// The driver of this client.
    pub(crate) fn driver(&self) -> Box<dyn Driver> {
        match self {
            Self::Builtin(mutant) => Box::new(builtin::Builtin::new(*mutant)),
            Self::Stdio(argv) => Box::new(stdio::Stdio::new(argv.clone())),
            Self::Http(url) => Box::new(http::Http::new(url.clone())),
            Self::Exec(profile) => Box::new(exec::Exec::new(Arc::clone(profile))),
            Self::Watch(watch) => Box::new(watch.clone()),
        }
    }
}

/// The adapter broke, or broke the protocol. Never a verdict on the client (exit 3).
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub(crate) enum DriverError {
    /// It cannot be started.
    #[error("cannot start `{program}`: {cause}; check the path and that the file is executable")]
    Start {
        /// The first word of the command.
        program: String,
        /// The operating system's words.
        cause: String,
    },
    /// No reply in time.
    #[error("no reply to `{op}` within {seconds} s{hint}")]
    Deadline {
        /// The op.
        op: &'static str,
        /// The limit.
        seconds: u64,
        /// What was received instead.
        hint: String,
    },
    /// It ended before it replied.
    #[error("the adapter exited with code {code} before it replied to `{op}`{hint}")]
    Exited {
        /// The op.
        op: &'static str,
        /// The exit code.
        code: i32,
        /// What was received instead.
        hint: String,
    },
    /// A signal ended it.
    #[error("signal {signal} ended the adapter before it replied to `{op}`")]
    Signalled {
        /// The op.
        op: &'static str,
        /// The signal's number.
        signal: i32,
    },
    /// It closed its standard output and stayed.
    #[error("the adapter closed its standard output before it replied to `{op}`")]
    Closed {
        /// The op.
        op: &'static str,
    },
    /// Its standard input is closed.
    #[error("the adapter no longer reads its standard input (`{op}`): {cause}")]
    Deaf {
        /// The op.
        op: &'static str,
        /// The operating system's words.
        cause: String,
    },
    /// Too much that is not a reply.
    #[error(
        "more than {limit} bytes on standard output without a reply to `{op}`: the adapter floods the channel"
    )]
    Flood {
        /// The op.
        op: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A reply to something that was already answered.
    #[error("a second reply to id {0}: one reply for each request")]
    DuplicateId(u64),
    /// A reply to something that was never asked.
    #[error("a reply with id {0}, which was never asked: the id of the request is to be echoed unchanged")]
    ForeignId(String),
    /// The reply has not the form of the protocol.
    #[error("the reply to `{op}` is not of protocol 1: {cause}")]
    Malformed {
        /// The op.
        op: &'static str,
        /// Which member.
        cause: String,
    },
    /// It chose a protocol that was not on offer.
    #[error("the adapter answered protocol {0}; protocol 1 was on offer")]
    Protocol(u32),
    /// It reported that it broke.
    #[error("the adapter reports that it broke in `{op}`: {message}")]
    Reported {
        /// The op.
        op: &'static str,
        /// Its words.
        message: String,
    },
    /// It did not end after `bye`.
    #[error("the adapter was still running {0} s after `bye` and was killed")]
    SlowBye(u64),
    /// It ended badly after `bye`.
    #[error("the adapter ended badly after `bye`: {0}")]
    BadBye(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_named_on_the_command_line() {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(ClientSpec::parse("builtin", &[]), Ok(ClientSpec::Builtin(None)));
        assert_eq!(ClientSpec::parse("stdio:./a b.py", &[]), Ok(ClientSpec::Stdio(words(&["./a b.py"]))));
        assert_eq!(
            ClientSpec::parse("stdio", &words(&["python3", "a.py"])),
            Ok(ClientSpec::Stdio(words(&["python3", "a.py"])))
        );
        assert_eq!(ClientSpec::parse("stdio", &[]), Err(ClientSpecError::NoProgram));
        assert!(matches!(ClientSpec::parse("builtin:nope", &[]), Err(ClientSpecError::Mutant { .. })));
        assert!(matches!(ClientSpec::parse("carrier-pigeon", &[]), Err(ClientSpecError::Kind(_))));
        assert!(matches!(
            ClientSpec::parse("builtin", &words(&["x"])),
            Err(ClientSpecError::StrayProgram(_))
        ));
    }
}
