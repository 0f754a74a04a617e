//! The built program, run to its end.

use std::process::Output;

use crate::support::orgtwin;

/// What a run of the program came to.
pub(crate) struct Ran {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs `orgtwin` to its end.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(orgtwin(arguments).output().unwrap())
}

/// What a process came to.
pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
