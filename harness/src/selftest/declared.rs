//! What should be noticed, and by which check: `fixtures/selftest/kills.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

static TEXT: &str = include_str!("../../../fixtures/selftest/kills.toml");
static TABLE: LazyLock<Result<Declared, String>> =
    LazyLock::new(|| toml::from_str(TEXT).map_err(|error| format!("fixtures/selftest/kills.toml: {error}")));

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    /// A scenario of each area of the suite, run against every mutant.
    pub(crate) panel: Vec<String>,
    /// Every check that the suite makes, by its slug.
    pub(crate) checks: Vec<String>,
    /// Clients with a bad habit.
    pub(crate) client: Vec<Wrong>,
    /// Orgs that are not like Okta.
    pub(crate) org: Vec<Wrong>,
    /// Orgs that answer otherwise than a scenario says (`wrong-org.feature`).
    pub(crate) scripted: Wrong,
    /// Adapters with bad manners.
    pub(crate) adapter: Vec<Hostile>,
    /// Checks that nothing here can make fail.
    #[serde(default)]
    pub(crate) exempt: Vec<Exempt>,
}

/// Something wrong on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wrong {
    /// Of the mutant or the mutation.
    pub(crate) name: String,
    /// `SCENARIO:check`: each must fail, or warn where it is a should.
    pub(crate) killed_by: Vec<String>,
    /// What may fail as well: `check` in any scenario, `SCENARIO:check`, `*` for whatever needs what it never gets.
    #[serde(default)]
    pub(crate) collateral: Vec<String>,
}

/// An adapter with bad manners, and how its scenario ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hostile {
    /// What it does.
    pub(crate) mode: String,
    /// The op at which it does it.
    #[serde(default)]
    pub(crate) at: String,
    /// The exit code of `orgtwin test`.
    pub(crate) exit: u8,
    /// What is said about it.
    pub(crate) says: String,
}

/// A check that nothing here can make fail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exempt {
    /// Its slug.
    pub(crate) check: String,
    /// Why.
    pub(crate) why: String,
}

impl Hostile {
    /// Mode and op.
    pub(crate) fn name(&self) -> String {
        if self.at.is_empty() { self.mode.clone() } else { format!("{} at {}", self.mode, self.at) }
    }
}

impl Wrong {
    /// Whether a failing check was to be expected.
    pub(crate) fn expects(&self, id: &str) -> bool {
        let slug = id.split_once(':').map_or(id, |(_, slug)| slug);
        self.killed_by.iter().any(|one| one == id)
            || self.collateral.iter().any(|one| one == "*" || one == id || one == slug)
    }
}

/// The table, read once.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn declared() -> Result<&'static Declared, String> {
    TABLE.as_ref().map_err(Clone::clone)
}
