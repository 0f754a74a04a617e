//! Structured fuzzing: requests for every operation and every call of the control API, and org files, made of parts
//! that look right and parts that are broken. Nothing panics, nothing is answered with a 5xx that is not declared, every
//! JSON body is JSON, and everything is answered.
//!
//! A few thousand by default, the same ones every time. `ORGTWIN_FUZZ=200000` makes so many requests,
//! `ORGTWIN_FUZZ_SEED=7` other ones.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod documents;
mod gateway;
mod judge;
mod requests;
mod rows;
mod sockets;
mod values;

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable}={value:?} is no number")))
}

/// How many cases a test makes of those that were asked for.
fn cases(share_of_100: u64, by_default: u64) -> u64 {
    number("ORGTWIN_FUZZ").map_or(by_default, |asked| (asked * share_of_100).div_ceil(100))
}

/// Where chance begins.
fn seed() -> u64 {
    number("ORGTWIN_FUZZ_SEED").unwrap_or(5)
}
