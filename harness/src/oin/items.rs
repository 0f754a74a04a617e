//! The 90 items of the pre-submission check, `fixtures/oin/items.toml`, each with how it is judged.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    requirements::{self, Requirement, pages},
    suite::outcome::Level,
};

const TEXT: &str = include_str!("../../../fixtures/oin/items.toml");

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    /// Okta's guides for the OIN.
    Oin,
    /// Okta, elsewhere.
    Okta,
    /// What follows from reports and recordings.
    Derived,
}

impl Basis {
    /// In words.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Oin => "said by Okta's OIN guides",
            Self::Okta => "said by Okta elsewhere",
            Self::Derived => "our conclusion",
        }
    }
}

/// Where an item is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// From the run of the suite.
    Automatic,
    /// From the manifest and its files.
    Static,
    /// By a person.
    Person,
}

/// What an item may concern alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Occasion {
    /// A new version of an integration that is published.
    Updates,
}

/// Items about one thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Area {
    /// What.
    pub(crate) name: String,
    /// The items.
    pub(crate) item: Vec<Item>,
}

/// One thing to get right before a submission.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    /// `OIN-001`; the same for ever.
    pub(crate) id: String,
    /// Who says so.
    pub(crate) basis: Basis,
    /// Where it is judged.
    pub(crate) kind: Kind,
    /// How much it binds.
    pub(crate) level: Level,
    /// What it asks for.
    pub(crate) says: String,
    why: Option<String>,
    fix: Option<String>,
    #[serde(default)]
    sources: Vec<String>,
    /// Rows of the register whose checks judge it.
    #[serde(default)]
    pub(crate) requirements: Vec<String>,
    /// Only by the checks of these scenarios.
    #[serde(default)]
    pub(crate) scenarios: Vec<String>,
    /// Only by these of their checks.
    #[serde(default)]
    pub(crate) checks: Vec<String>,
    /// A function over what the client sent.
    pub(crate) observed: Option<String>,
    /// A function over the manifest.
    #[serde(rename = "static")]
    pub(crate) material: Option<String>,
    /// What a person does.
    pub(crate) look_at: Option<String>,
    /// Why this version cannot tell.
    pub(crate) open: Option<String>,
    /// The capability without which it does not concern a client.
    pub(crate) only_with: Option<String>,
    /// What it concerns alone.
    pub(crate) only_for: Option<Occasion>,
}

static AREAS: LazyLock<Result<Vec<Area>, String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        area: Vec<Area>,
    }
    toml::from_str::<File>(TEXT).map(|file| file.area).map_err(|error| error.to_string())
});

/// All items by what they are about.
///
/// # Errors
/// The embedded table cannot be read; a test keeps that from happening.
pub(crate) fn areas() -> Result<&'static [Area], String> {
    AREAS.as_deref().map_err(ToOwned::to_owned)
}

impl Item {
    /// The rows of the register that are named.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static Requirement> {
        self.requirements.iter().filter_map(|id| requirements::find(id))
    }

    /// What breaks at a customer's.
    pub(crate) fn why(&self) -> &str {
        self.why.as_deref().or_else(|| self.rows().next().map(|row| row.why.as_str())).unwrap_or_default()
    }

    /// What to change.
    pub(crate) fn fix(&self) -> &str {
        self.fix.as_deref().or_else(|| self.rows().next().map(|row| row.fix.as_str())).unwrap_or_default()
    }

    /// Who says so: page, section, day.
    pub(crate) fn sources(&self) -> Vec<requirements::Source> {
        if self.sources.is_empty() {
            return self.rows().next().map(|row| row.sources.clone()).unwrap_or_default();
        }
        self.sources.iter().filter_map(|source| pages::named(source)).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::oin::{material, observe};

    fn items() -> Vec<&'static Item> {
        areas().unwrap().iter().flat_map(|area| &area.item).collect()
    }

    #[test]
    fn there_are_ninety_items_each_once() {
        let ids: Vec<&str> = items().iter().map(|item| item.id.as_str()).collect();
        let all: Vec<String> = (1..=90).map(|number| format!("OIN-{number:03}")).collect();
        assert_eq!(ids, all);
        let of = |kind| items().iter().filter(|item| item.kind == kind).count();
        assert_eq!((of(Kind::Automatic), of(Kind::Static), of(Kind::Person)), (61, 16, 13));
    }

    #[test]
    fn every_item_says_why_how_and_who() {
        for item in items() {
            assert!(!item.says.is_empty() && !item.why().is_empty() && !item.fix().is_empty(), "{}", item.id);
            let sources = item.sources();
            assert!(!sources.is_empty(), "{}", item.id);
            assert!(sources.iter().all(|source| !source.section.is_empty()), "{}: {sources:?}", item.id);
            for id in &item.requirements {
                assert!(requirements::find(id).is_some(), "{}: no requirement {id}", item.id);
            }
            for source in &item.sources {
                assert!(pages::named(source).is_some(), "{}: no page {source}", item.id);
            }
            let judged = !item.requirements.is_empty() || item.observed.is_some() || item.material.is_some();
            assert!(judged || item.look_at.is_some(), "{} is judged by nothing", item.id);
            assert_eq!(item.kind == Kind::Person, item.look_at.is_some(), "{}", item.id);
            assert!(item.kind != Kind::Static || item.material.is_some(), "{}", item.id);
        }
    }

    #[test]
    fn what_items_name_has_code_and_all_code_is_named() {
        let observed: BTreeSet<&str> = items().iter().filter_map(|item| item.observed.as_deref()).collect();
        assert_eq!(observed, observe::names().collect());
        let material: BTreeSet<&str> = items().iter().filter_map(|item| item.material.as_deref()).collect();
        assert_eq!(material, material::names().collect());
    }

    #[test]
    fn the_scenarios_that_items_name_are_there_and_judge_their_requirement() {
        let (_, cases) = crate::suite::load(None).unwrap();
        for item in items() {
            for id in &item.scenarios {
                let judges = |case: &&crate::suite::features::Case| {
                    case.tagged_id == *id
                        && case.values("req").any(|req| item.requirements.iter().any(|own| own == req))
                };
                assert!(cases.iter().any(|case| judges(&case)), "{}: {id}", item.id);
            }
        }
    }
}
