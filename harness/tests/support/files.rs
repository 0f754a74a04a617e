//! Where the files of these tests are.

use std::path::PathBuf;

/// A file of the folder of the tests.
pub(crate) fn path(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name).display().to_string()
}
