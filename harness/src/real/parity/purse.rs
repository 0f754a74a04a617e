//! What may still be asked of an org.

use std::time::{Duration, Instant};

use crate::{real::gates, replay::recording::Headers};

/// A budget of requests and of time that an answer can end.
#[derive(Debug)]
pub(crate) struct Purse {
    limits: Option<(u32, Instant, Duration)>,
    /// How many requests were made.
    pub(crate) made: u32,
    stopped: Option<String>,
}

impl Purse {
    /// For a twin of our own: no limits.
    pub(crate) fn open() -> Self {
        Self { limits: None, made: 0, stopped: None }
    }

    /// For an org of somebody's.
    pub(crate) fn of(requests: u32, time: Duration) -> Self {
        Self { limits: Some((requests, Instant::now(), time)), made: 0, stopped: None }
    }

    /// Takes a request out.
    ///
    /// # Errors
    /// Why none is left, in words; the same from then on.
    pub(crate) fn spend(&mut self) -> Result<(), String> {
        if let (None, Some((requests, since, time))) = (&self.stopped, self.limits) {
            let refused =
                gates::in_time(since.elapsed(), time).and_then(|()| gates::within(self.made, requests));
            self.stopped = refused.err().map(|refusal| refusal.to_string());
        }
        match &self.stopped {
            Some(reason) => Err(reason.clone()),
            None => {
                self.made += 1;
                Ok(())
            }
        }
    }

    /// Looks whether the org may be asked on.
    pub(crate) fn answered(&mut self, status: u16, headers: &Headers) {
        if self.limits.is_none() {
            return;
        }
        let number = |name: &str| headers.get(name).and_then(|value| value.parse().ok());
        let goes_on = gates::goes_on(status, number("x-rate-limit-limit"), number("x-rate-limit-remaining"));
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
        assert_eq!((purse.spend(), purse.spend()), (Ok(()), Ok(())));
        assert!(purse.spend().is_err_and(|reason| reason.contains("--max-requests")));
        assert_eq!(purse.made, 2);

        let mut purse = Purse::of(2, Duration::ZERO);
        assert!(purse.spend().is_err_and(|reason| reason.contains("--max-minutes")));

        let mut purse = Purse::of(9, hour);
        assert_eq!(purse.spend(), Ok(()));
        purse.answered(429, &Headers::default());
        assert!(purse.spend().is_err_and(|reason| reason.contains("429")));
        assert!(purse.stopped().is_some());

        let mut purse = Purse::open();
        purse.answered(429, &Headers::default());
        assert_eq!(purse.spend(), Ok(()));
    }
}
