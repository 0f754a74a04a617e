//! Verdicts that do not belong to one scenario, and the comparisons that many of them share.

pub(crate) mod answers;
pub(crate) mod id_token;
pub(crate) mod monitors;
