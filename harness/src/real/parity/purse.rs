//! What may still be asked of an org.

use std::time::Duration;

use crate::{real::spending::Spending, replay::recording::Headers};

/// A budget of requests and of time that an answer can end.
#[derive(Debug)]
pub(crate) struct Purse {
    spending: Spending,
    /// The org is somebody's: its limits count.
    bounded: bool,
    stopped: Option<String>,
}

impl Purse {
    /// For a twin of our own: no limits.
    pub(crate) fn open() -> Self {
        Self { spending: Spending::new(u32::MAX, Duration::MAX), bounded: false, stopped: None }
    }

    /// For an org of somebody's.
    pub(crate) fn of(requests: u32, time: Duration) -> Self {
        Self { spending: Spending::new(requests, time), bounded: true, stopped: None }
    }

    /// Takes a request out, and lays `upkeep` of them aside to undo it.
    ///
    /// # Errors
    /// Why none is left, in words; the same from then on.
    pub(crate) fn spend(&mut self, upkeep: u32) -> Result<(), String> {
        if self.stopped.is_none() {
            self.stopped = self.spending.ask(upkeep).err().map(|refusal| refusal.to_string());
        }
        self.stopped.clone().map_or(Ok(()), Err)
    }

    /// Takes a request out that undoes something, though nothing else may be asked any more.
    ///
    /// # Errors
    /// Not even that, after a 429.
    pub(crate) fn tidy(&mut self) -> Result<(), String> {
        self.spending.tidy().map_err(|refusal| refusal.to_string())
    }

    /// How many requests were made.
    pub(crate) fn made(&self) -> u32 {
        self.spending.made()
    }

    /// Looks whether the org may be asked on.
    pub(crate) fn answered(&mut self, status: u16, headers: &Headers) {
        if !self.bounded {
            return;
        }
        let number = |name: &str| headers.get(name).and_then(|value| value.parse().ok());
        let goes_on =
            self.spending.answered(status, number("x-rate-limit-limit"), number("x-rate-limit-remaining"));
        if let Err(refusal) = goes_on {
            self.stop(refusal.to_string());
        }
    }

    /// Nothing more is asked.
    pub(crate) fn stop(&mut self, reason: String) {
        self.stopped.get_or_insert(reason);
    }

    /// Why nothing more is asked.
    pub(crate) fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_time_and_a_429_end_it() {
        let hour = Duration::from_secs(3600);
        let mut purse = Purse::of(2, hour);
        assert_eq!((purse.spend(0), purse.spend(0)), (Ok(()), Ok(())));
        assert!(purse.spend(0).is_err_and(|reason| reason.contains("--max-requests")));
        assert_eq!(purse.made(), 2);

        let mut purse = Purse::of(3, hour);
        assert_eq!(purse.spend(2), Ok(()));
        assert!(purse.spend(0).is_err(), "the rest is to undo it");
        assert_eq!((purse.tidy(), purse.tidy()), (Ok(()), Ok(())));
        assert!(purse.tidy().is_err());

        let mut purse = Purse::of(2, Duration::ZERO);
        assert!(purse.spend(0).is_err_and(|reason| reason.contains("--max-minutes")));

        let mut purse = Purse::of(9, hour);
        assert_eq!(purse.spend(0), Ok(()));
        purse.answered(429, &Headers::default());
        assert!(purse.spend(0).is_err_and(|reason| reason.contains("429")));
        assert!(purse.stopped().is_some());

        let mut purse = Purse::open();
        purse.answered(429, &Headers::default());
        assert_eq!(purse.spend(0), Ok(()));
    }
}
