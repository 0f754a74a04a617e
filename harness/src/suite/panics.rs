//! Panics while a suite runs: recorded with their place, and the hook of before restored whatever happens
//! (harness-anchors §11, row 6).

use std::{
    cell::RefCell,
    panic::{self, PanicHookInfo},
    sync::{Arc, Mutex, PoisonError},
    thread::{Thread, ThreadId},
};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Records panics until it is dropped.
pub(crate) struct PanicWatch {
    before: Option<Hook>,
    elsewhere: Arc<Mutex<Vec<String>>>,
}

impl PanicWatch {
    /// Panics of the calling thread are kept for [`last`]; those of others for [`PanicWatch::elsewhere`].
    pub(crate) fn start() -> Self {
        let suite: ThreadId = std::thread::current().id();
        Self::of(move |thread| thread.id() == suite)
    }

    /// As [`PanicWatch::start`] for suites on several threads: each keeps its own, those of the embedded org are elsewhere.
    pub(crate) fn of_many() -> Self {
        Self::of(|thread| thread.name() != Some(crate::target::embedded::THREAD))
    }

    fn of(is_suite: impl Fn(&Thread) -> bool + Send + Sync + 'static) -> Self {
        let before = panic::take_hook();
        let elsewhere = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&elsewhere);
        panic::set_hook(Box::new(move |info| {
            let words = describe(info);
            if is_suite(&std::thread::current()) {
                LAST.with(|last| *last.borrow_mut() = Some(words));
            } else {
                list.lock().unwrap_or_else(PoisonError::into_inner).push(words);
            }
        }));
        Self { before: Some(before), elsewhere }
    }

    /// Panics of other threads, the embedded org's among them.
    pub(crate) fn elsewhere(&self) -> Vec<String> {
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for PanicWatch {
    fn drop(&mut self) {
        // While this thread unwinds the hook cannot be changed; the process is ending then.
        if !std::thread::panicking()
            && let Some(before) = self.before.take()
        {
            panic::set_hook(before);
        }
    }
}

/// The panic that was just caught on this thread, with its place.
pub(crate) fn last() -> String {
    LAST.with(|last| last.borrow_mut().take()).unwrap_or_else(|| "a panic without a message".to_owned())
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("a panic without a message");
    match info.location() {
        Some(place) => format!("{message} (at {}:{})", place.file(), place.line()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn panics_are_kept_by_thread_and_the_hook_of_before_comes_back() {
        let calls = Arc::new(Mutex::new(Vec::<String>::new()));
        let (own, mine) = (Arc::clone(&calls), std::thread::current().id());
        let rest = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == mine {
                own.lock().unwrap().push(describe(info));
            } else {
                rest(info);
            }
        }));
        let watch = PanicWatch::start();
        assert!(panic::catch_unwind(|| panic!("in a step")).is_err());
        assert!(last().starts_with("in a step (at "), "with its place");
        let name = format!("in the org {:?}", mine);
        let words = name.clone();
        assert!(std::thread::spawn(move || panic!("{words}")).join().is_err());
        assert!(watch.elsewhere().iter().any(|panic| panic.starts_with(&name)));
        drop(watch);
        assert!(panic::catch_unwind(|| panic!("afterwards")).is_err());
        assert_eq!(
            calls.lock().unwrap().len(),
            1,
            "only the panic after the watch reached the hook of before"
        );
        let _ = panic::take_hook();
    }
}
