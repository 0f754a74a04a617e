//! What should be noticed, and by which check: `fixtures/selftest/kills.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

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
    /// Checks that fail together because something is missing that all of them need.
    pub(crate) class: Vec<Class>,
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
    /// What may fail as well: `check` in any scenario, `SCENARIO:check`, `class:NAME`.
    #[serde(default)]
    pub(crate) collateral: Vec<String>,
}

/// Checks that fail together, in the scenarios in which the reference client does something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    /// As `collateral` names it: `class:NAME`.
    pub(crate) name: String,
    /// In which scenarios: those in which the reference client does this.
    pub(crate) scenarios: Deed,
    /// Which checks, by their slugs.
    pub(crate) checks: Vec<String>,
    /// Why they fail together.
    pub(crate) why: String,
}

/// What the reference client does in a scenario, as the org saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deed {
    /// It sends a request.
    SendsARequest,
    /// It asks for a token without a person.
    AsksForItself,
    /// It authenticates with a signed assertion.
    SignsAnAssertion,
}

/// The deeds of the reference client, by scenario: found out by running it, so that nobody keeps a list.
#[derive(Debug, Default)]
pub(crate) struct Reference(pub(crate) BTreeMap<String, BTreeSet<Deed>>);

impl Reference {
    /// Whether the reference client does this in a scenario.
    pub(crate) fn does(&self, scenario: &str, deed: Deed) -> bool {
        self.0.get(scenario).is_some_and(|deeds| deeds.contains(&deed))
    }
}

/// An adapter with bad manners, and how its scenario ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hostile {
    /// How it is reached.
    #[serde(default)]
    pub(crate) by: Channel,
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

/// How an adapter is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    /// A process, over its standard input and output.
    #[default]
    Stdio,
    /// An address.
    Http,
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
        let mode = match self.by {
            Channel::Stdio => self.mode.clone(),
            Channel::Http => format!("http {}", self.mode),
        };
        if self.at.is_empty() { mode } else { format!("{mode} at {}", self.at) }
    }
}

impl Wrong {
    /// The declaration of a failing check, if it was to be expected.
    pub(crate) fn expects(&self, id: &str, declared: &Declared, reference: &Reference) -> Option<&str> {
        let (scenario, slug) = id.split_once(':').unwrap_or((id, id));
        let covers = |one: &str| match one.strip_prefix("class:") {
            Some(name) => declared.class(name).is_some_and(|class| {
                class.checks.iter().any(|check| check == slug) && reference.does(scenario, class.scenarios)
            }),
            None => one == id || one == slug,
        };
        self.killed_by.iter().chain(&self.collateral).map(String::as_str).find(|one| covers(one))
    }

    /// The classes that it names.
    pub(crate) fn classes(&self) -> impl Iterator<Item = &str> {
        self.collateral.iter().filter_map(|one| one.strip_prefix("class:"))
    }
}

impl Declared {
    /// The class of that name.
    pub(crate) fn class(&self, name: &str) -> Option<&Class> {
        self.class.iter().find(|class| class.name == name)
    }
}

/// The table, read once.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn declared() -> Result<&'static Declared, String> {
    TABLE.as_ref().map_err(Clone::clone)
}

/// The table of a file, for the life of the process.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn declared_in(path: &Path) -> Result<&'static Declared, String> {
    let wrong = |cause: String| format!("{}: {cause}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let table: Declared = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(Box::leak(Box::new(table)))
}
