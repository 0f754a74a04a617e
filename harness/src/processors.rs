//! How much is done at a time when nobody says.

/// As many as there are processors, 4 at most: what keeps a processor busy gains nothing from company.
pub(crate) fn at_a_time() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}
