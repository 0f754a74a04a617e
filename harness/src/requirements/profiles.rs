//! Frozen sets: what a profile asks for in a revision, whatever is added to the register after it. A client that passed
//! `oin-api-service@2026-11` passes it next year.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{find, read};
use crate::{
    nearest::did_you_mean,
    suite::features::{Case, Fault},
};

/// What a profile asks for in one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// `oin-api-service`.
    pub(crate) name: String,
    /// `2026-11`.
    pub(crate) revision: String,
    /// Ids of requirements.
    pub(crate) requirements: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    requirements: Vec<String>,
}

/// No such profile, or no such revision of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("--profile {wanted}: there is no such set; there are {known}{near}")]
pub(crate) struct NoProfile {
    wanted: String,
    known: String,
    near: String,
}

static SETS: LazyLock<(Vec<Profile>, Vec<Fault>)> = LazyLock::new(|| {
    let (mut sets, mut faults) = (Vec::new(), Vec::new());
    for file in read::FILES.get_dir("profiles").map(include_dir::Dir::files).into_iter().flatten() {
        let path = read::path(&file.path().display().to_string());
        let stem = file.path().file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let Some((name, revision)) = stem.split_once('@') else {
            faults.push(Fault::new(&path, 0, "not named NAME@YYYY-MM.toml"));
            continue;
        };
        match toml::from_str::<Raw>(file.contents_utf8().unwrap_or_default()) {
            Ok(Raw { requirements }) => {
                sets.push(Profile { name: name.to_owned(), revision: revision.to_owned(), requirements });
            }
            Err(error) => faults.push(Fault::new(&path, 0, error.message().to_owned())),
        }
    }
    sets.sort_by(|a, b| (&a.name, &a.revision).cmp(&(&b.name, &b.revision)));
    (sets, faults)
});

/// What is wrong with the frozen sets: a requirement in one of them never goes away.
pub(super) fn faults() -> Vec<Fault> {
    let mut faults = SETS.1.clone();
    for set in &SETS.0 {
        let path = read::path(&format!("profiles/{set}.toml"));
        if !read::PROFILES.contains(&set.name.as_str()) {
            faults.push(Fault::new(&path, 0, format!("no profile {}", set.name)));
        }
        for id in set.requirements.iter().filter(|id| find(id).is_none()) {
            faults.push(Fault::new(&path, 0, format!("{id} is frozen here, and gone from the register")));
        }
    }
    faults
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.name, self.revision)
    }
}

impl Profile {
    /// The set of `NAME@YYYY-MM`, or the latest of `NAME`.
    ///
    /// # Errors
    /// There is none; says which there are.
    pub(crate) fn find(wanted: &str) -> Result<&'static Self, NoProfile> {
        let fits = |set: &&Profile| set.name == wanted || set.to_string() == wanted;
        SETS.0.iter().rev().find(fits).ok_or_else(|| {
            let known: Vec<String> = SETS.0.iter().map(ToString::to_string).collect();
            let near = did_you_mean(wanted, known.iter().map(String::as_str));
            NoProfile { wanted: wanted.to_owned(), known: known.join(", "), near }
        })
    }

    /// A case is in the set when it judges one of its requirements, and is for this kind of client.
    pub(crate) fn has(&self, case: &Case) -> bool {
        let mut kinds = case.values("profile").peekable();
        (kinds.peek().is_none() || kinds.any(|kind| kind == self.name))
            && case.values("req").any(|id| self.requirements.iter().any(|wanted| wanted == id))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::suite::features::{cases, parse};

    #[test]
    fn a_set_is_found_by_its_name_or_its_revision() {
        assert_eq!(Profile::find("oin-api-service").unwrap().revision, "2026-12");
        assert_eq!(Profile::find("oin-api-service@2026-11").unwrap().name, "oin-api-service");
        let error = Profile::find("oin-api-service@2020-01").unwrap_err().to_string();
        assert!(error.contains("did you mean oin-api-service@2026-12?"), "{error}");
    }

    #[test]
    fn a_case_is_in_a_set_by_its_requirement_and_its_kind() {
        let set = Profile {
            name: "service-app".to_owned(),
            revision: "2026-11".to_owned(),
            requirements: vec!["A".to_owned()],
        };
        let table = [
            ("@X-001 @req:A @must", true),
            ("@X-001 @req:B @must", false),
            ("@X-001 @req:B @req:A @must @profile:service-app", true),
            ("@X-001 @req:A @must @profile:user-app", false),
        ];
        for (tags, expected) in table {
            let text = format!("Feature: F\n  {tags}\n  Scenario: s\n    Given an org\n");
            assert_eq!(set.has(&cases(&parse("f", &text).unwrap())[0]), expected, "{tags}");
        }
    }

    #[test]
    fn every_profile_has_a_frozen_set_and_nothing_frozen_is_gone() {
        assert_eq!(faults(), Vec::new());
        for name in read::PROFILES {
            assert!(!Profile::find(name).unwrap().requirements.is_empty(), "{name}");
        }
    }
}
