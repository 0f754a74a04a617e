//! What an answer must be, whatever the request was.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use super::requests::Made;

/// Far longer than any answer takes; a request without an answer by then has none.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Panics of the program, with their places.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static WATCHING: Once = Once::new();

/// Notes panics from now on.
pub(crate) fn watch_panics() {
    WATCHING.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            // A test that fails panics as well.
            if !place.contains("tests/fuzz_requests/") {
                PANICS.lock().unwrap().push(format!("{place}: {panic}"));
            }
            before(panic);
        }));
    });
}

/// The panics since this was asked last.
pub(crate) fn panics() -> Vec<String> {
    std::mem::take(&mut PANICS.lock().unwrap())
}

/// What is wrong with an answer; nothing if all is well.
pub(crate) fn wrong(status: u16, media_type: &str, gap: bool, body: &[u8], head: bool) -> Option<String> {
    if status >= 500 && !(status == 501 && gap) {
        return Some(format!("{status}: {}", String::from_utf8_lossy(body)));
    }
    if !(200..600).contains(&status) {
        return Some(format!("the status is {status}"));
    }
    let json = media_type.starts_with("application/json") && !head && !body.is_empty();
    let parsed = json.then(|| serde_json::from_slice::<serde::de::IgnoredAny>(body)).transpose();
    parsed.err().map(|error| format!("{error}: {}", String::from_utf8_lossy(body)))
}

/// The request under way, for the one who waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnderWay(Arc<Mutex<Option<Made>>>);

impl UnderWay {
    pub(crate) fn is(&self, made: &Made) {
        *self.0.lock().unwrap() = Some(made.clone());
    }
}

/// Runs work that reports as it goes on; fails with the request that was under way when nothing is heard.
pub(crate) fn supervised(work: impl FnOnce(mpsc::Sender<()>, UnderWay) -> Vec<String> + Send + 'static) {
    let under_way = UnderWay::default();
    let (alive, heard) = mpsc::channel();
    let theirs = under_way.clone();
    let worker = std::thread::spawn(move || work(alive, theirs));
    loop {
        match heard.recv_timeout(PATIENCE) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let made = under_way.0.lock().unwrap().clone();
                panic!("no answer:\n{}", made.map(|made| made.to_string()).unwrap_or_default());
            }
        }
    }
    let found = worker.join().unwrap();
    assert!(found.is_empty(), "{} found\n\n{}", found.len(), found.join("\n\n=====\n"));
}
