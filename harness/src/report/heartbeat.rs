//! A sign of life where no line changes: a CI job that is silent for long looks dead, and is killed by some.

use std::{
    io::Write,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    time::{Duration, Instant},
};

/// How long a run may be silent.
pub(crate) const SILENCE: Duration = Duration::from_secs(15);

/// Something to be seen, or a scenario that began.
enum Sign {
    Planned(usize),
    Printed,
    Began(String),
    Ended,
}

/// Speaks when nothing else does. Ends with its owner.
pub(crate) struct Heartbeat(Sender<Sign>);

impl Heartbeat {
    /// Watches from now on.
    pub(crate) fn start(mut out: Box<dyn Write + Send>, silence: Duration) -> Self {
        let (sender, signs) = channel();
        std::thread::spawn(move || {
            let (mut planned, mut ended, mut latest) = (0, 0, String::new());
            let (began, mut spoke) = (Instant::now(), Instant::now());
            loop {
                match signs.recv_timeout(silence.saturating_sub(spoke.elapsed())) {
                    Ok(Sign::Planned(count)) => planned = count,
                    Ok(Sign::Printed) => spoke = Instant::now(),
                    Ok(Sign::Began(name)) => latest = name,
                    Ok(Sign::Ended) => ended += 1,
                    Err(RecvTimeoutError::Timeout) => {
                        spoke = Instant::now();
                        let seconds = began.elapsed().as_secs();
                        let line =
                            format!("… {ended} of {planned} after {seconds} s; begun last: {latest}\n");
                        // A reader who is gone needs no sign.
                        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Self(sender)
    }

    /// How many scenarios there are.
    pub(super) fn planned(&self, count: usize) {
        let _ = self.0.send(Sign::Planned(count));
    }

    /// Something was printed.
    pub(super) fn printed(&self) {
        let _ = self.0.send(Sign::Printed);
    }

    /// A scenario began.
    pub(super) fn began(&self, name: &str) {
        let _ = self.0.send(Sign::Began(name.to_owned()));
    }

    /// A scenario is over.
    pub(super) fn ended(&self) {
        let _ = self.0.send(Sign::Ended);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc::Receiver;

    use super::*;

    struct Lines(Sender<String>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn silence_is_broken_and_ends_with_the_run() {
        let (sender, lines): (_, Receiver<String>) = channel();
        let heartbeat = Heartbeat::start(Box::new(Lines(sender)), Duration::from_millis(20));
        heartbeat.planned(7);
        heartbeat.ended();
        heartbeat.began("A page is refused");
        let line = lines.iter().find(|line| line.contains("begun last: A page")).unwrap();
        assert!(line.starts_with("… 1 of 7 after 0 s"), "{line}");
        drop(heartbeat);
        // The thread drops its end, so this ends as well.
        lines.iter().last();
    }
}
