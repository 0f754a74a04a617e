//! What a run has asked of an org so far, and whether it may go on.

use std::time::{Duration, Instant};

use super::gates::{self, Refusal};

/// The accounts of a run.
#[derive(Debug)]
pub(super) struct Spending {
    allowed: u32,
    made: u32,
    /// Requests that tidying up will need: they are kept back.
    reserved: u32,
    began: Instant,
    time: Duration,
    over: Option<Refusal>,
}

impl Spending {
    pub(super) fn new(allowed: u32, time: Duration) -> Self {
        Self { allowed, made: 0, reserved: 0, began: Instant::now(), time, over: None }
    }

    /// How many requests were made.
    pub(super) fn made(&self) -> u32 {
        self.made
    }

    /// Why the run is over, when it is.
    pub(super) fn over(&self) -> Option<&Refusal> {
        self.over.as_ref()
    }

    /// One more request, if it may be made; `upkeep` requests are kept back to undo it.
    ///
    /// # Errors
    /// The run is over, now or since before.
    pub(super) fn ask(&mut self, upkeep: u32) -> Result<(), Refusal> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        let may = gates::within(self.made + self.reserved + upkeep, self.allowed)
            .map_err(|_| Refusal::Budget(self.made))
            .and_then(|()| gates::in_time(self.began.elapsed(), self.time));
        self.settle(may)?;
        self.made += 1;
        self.reserved += upkeep;
        Ok(())
    }

    /// One more request to tidy up: from what was kept back, though the run is over. Only a 429 forbids it.
    ///
    /// # Errors
    /// The org answered 429, or nothing is left at all.
    pub(super) fn tidy(&mut self) -> Result<(), Refusal> {
        if self.over == Some(Refusal::Limited) {
            return Err(Refusal::Limited);
        }
        gates::within(self.made, self.allowed)?;
        self.made += 1;
        self.reserved = self.reserved.saturating_sub(1);
        Ok(())
    }

    /// There is nothing to undo after all.
    pub(super) fn release(&mut self, upkeep: u32) {
        self.reserved = self.reserved.saturating_sub(upkeep);
    }

    /// Takes note of an answer.
    ///
    /// # Errors
    /// The run is over because of it.
    pub(super) fn answered(
        &mut self,
        status: u16,
        limit: Option<u64>,
        remaining: Option<u64>,
    ) -> Result<(), Refusal> {
        let goes_on = gates::goes_on(status, limit, remaining);
        self.settle(goes_on)
    }

    fn settle(&mut self, result: Result<(), Refusal>) -> Result<(), Refusal> {
        if let Err(refusal) = &result {
            // A 429 outweighs what ended the run before: then nothing is tidied up either.
            if self.over.is_none() || *refusal == Refusal::Limited {
                self.over = Some(refusal.clone());
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn what_tidying_up_needs_is_kept_back() {
        let mut spending = Spending::new(3, LONG);
        assert_eq!(spending.ask(1), Ok(()));
        assert_eq!(spending.ask(1), Err(Refusal::Budget(1)), "there would be nothing left to undo it");
        assert_eq!((spending.tidy(), spending.made()), (Ok(()), 2));
        assert_eq!((spending.tidy(), spending.tidy()), (Ok(()), Err(Refusal::Budget(3))));
        let mut spending = Spending::new(2, LONG);
        assert_eq!(spending.ask(1), Ok(()));
        spending.release(1);
        assert_eq!((spending.ask(0), spending.ask(0)), (Ok(()), Err(Refusal::Budget(2))));
    }

    #[test]
    fn a_429_ends_everything_and_half_a_bucket_only_the_run() {
        let mut spending = Spending::new(9, LONG);
        assert_eq!(spending.ask(0), Ok(()));
        let bucket = Refusal::Bucket { remaining: 4, limit: 10 };
        assert_eq!(spending.answered(200, Some(10), Some(4)), Err(bucket.clone()));
        assert_eq!((spending.ask(0), spending.tidy()), (Err(bucket), Ok(())));
        assert_eq!(spending.answered(429, None, None), Err(Refusal::Limited));
        assert_eq!((spending.ask(0), spending.tidy()), (Err(Refusal::Limited), Err(Refusal::Limited)));
        let mut late = Spending::new(9, Duration::ZERO);
        assert_eq!(late.ask(0), Err(Refusal::Time(0)));
    }
}
