//! Verdicts that do not belong to one scenario.

pub(crate) mod monitors;
