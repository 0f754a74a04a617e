//! Features in: compiled into the program or from a folder of the user's own; read, expanded, and taken apart into
//! cases.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use cucumber::{
    event::Source,
    feature::Ext as _,
    gherkin::{Feature, GherkinEnv, Rule, Scenario, Step},
};
use include_dir::{Dir, include_dir};

use super::outcome::Level;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../features");

/// A feature file that cannot be used (exit 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The file.
    pub(crate) path: String,
    /// The line, 0 for the whole file.
    pub(crate) line: usize,
    /// What is wrong and the remedy.
    pub(crate) message: String,
}

impl Fault {
    /// A fault at a line.
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// The text of every feature: (path, text), in the order of their paths.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn sources(extra: Option<&Path>) -> Result<Vec<(String, String)>, Fault> {
    let mut found = BTreeMap::new();
    collect_embedded(&EMBEDDED, &mut found);
    if let Some(folder) = extra {
        let unreadable = |path: &Path, error: std::io::Error| {
            Fault::new(&path.display().to_string(), 0, format!("cannot be read ({error}); check --features"))
        };
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
                let path: PathBuf = entry.map_err(|error| unreadable(&folder, error))?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "feature") {
                    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                    found.insert(path.display().to_string(), text);
                }
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn collect_embedded(dir: &Dir<'_>, found: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        if let (Some("feature"), Some(text)) =
            (file.path().extension().and_then(|extension| extension.to_str()), file.contents_utf8())
        {
            found.insert(format!("features/{}", file.path().display()), text.to_owned());
        }
    }
    for dir in dir.dirs() {
        collect_embedded(dir, found);
    }
}

/// Reads one feature and expands its outlines.
///
/// # Errors
/// Where and why it cannot be read.
pub(crate) fn parse(path: &str, text: &str) -> Result<Feature, Fault> {
    let mut feature = Feature::parse(text, GherkinEnv::default()).map_err(|error| {
        let message = error.to_string();
        let line = message
            .strip_prefix("Error at ")
            .and_then(|rest| rest.split(':').next())
            .and_then(|line| line.parse().ok())
            .unwrap_or(0);
        Fault::new(path, line, format!("not valid Gherkin: {message}"))
    })?;
    feature.path = Some(PathBuf::from(path));
    feature.expand_examples().map_err(|error| Fault::new(path, error.pos.line, error.to_string()))
}

/// One scenario, ready to be judged: an outline's row is a case of its own.
#[derive(Clone)]
pub(crate) struct Case {
    /// `PAGE-001`; a row of an outline is `PAGE-001.2`.
    pub(crate) id: String,
    /// The id that the tag gives: that of the outline for a row.
    pub(crate) tagged_id: String,
    /// The file.
    pub(crate) path: String,
    /// Its feature.
    pub(crate) feature: Source<Feature>,
    /// Its rule.
    pub(crate) rule: Option<Source<Rule>>,
    /// The scenario.
    pub(crate) scenario: Source<Scenario>,
    /// Steps of the backgrounds, then its own.
    pub(crate) steps: Vec<CaseStep>,
    /// Tags of feature, rule, scenario and examples, without `@`.
    pub(crate) tags: Vec<String>,
    /// `@must` or `@should`.
    pub(crate) level: Option<Level>,
}

/// A step and where it stands.
#[derive(Clone)]
pub(crate) struct CaseStep {
    /// From a background.
    pub(crate) background: bool,
    /// The step.
    pub(crate) step: Source<Step>,
}

impl Case {
    /// The values of `@NAME:value` tags.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.tags.iter().filter_map(move |tag| tag.strip_prefix(name)?.strip_prefix(':'))
    }

    /// The requirements that it judges.
    pub(crate) fn requirements(&self) -> Vec<String> {
        self.values("req").map(ToOwned::to_owned).collect()
    }

    /// The line of the scenario, or of its row.
    pub(crate) fn line(&self) -> usize {
        self.scenario.position.line
    }
}

/// The cases of a feature, in the order of the file.
pub(crate) fn cases(feature: &Feature) -> Vec<Case> {
    let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let shared = Source::new(feature.clone());
    let mut cases = Vec::new();
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    let mut add = |rule: Option<&Rule>, rule_source: Option<Source<Rule>>, scenario: &Scenario| {
        let mut tags: Vec<String> = feature.tags.clone();
        tags.extend(rule.iter().flat_map(|rule| rule.tags.iter().cloned()));
        tags.extend(scenario.tags.iter().cloned());
        let tagged_id = scenario.tags.iter().find(|tag| is_id(tag)).cloned().unwrap_or_default();
        let id = if scenario.examples.is_empty() {
            tagged_id.clone()
        } else {
            let row = rows.entry(tagged_id.clone()).or_default();
            *row += 1;
            format!("{tagged_id}.{row}")
        };
        let level = match (tags.iter().any(|tag| tag == "must"), tags.iter().any(|tag| tag == "should")) {
            (true, false) => Some(Level::Must),
            (false, true) => Some(Level::Should),
            _ => None,
        };
        let backgrounds =
            feature.background.iter().chain(rule.iter().filter_map(|rule| rule.background.as_ref()));
        let steps = backgrounds
            .flat_map(|background| background.steps.iter().map(|step| (true, step)))
            .chain(scenario.steps.iter().map(|step| (false, step)))
            .map(|(background, step)| CaseStep { background, step: Source::new(step.clone()) })
            .collect();
        cases.push(Case {
            id,
            tagged_id,
            path: path.clone(),
            feature: shared.clone(),
            rule: rule_source,
            scenario: Source::new(scenario.clone()),
            steps,
            tags,
            level,
        });
    };
    for scenario in &feature.scenarios {
        add(None, None, scenario);
    }
    for rule in &feature.rules {
        let source = Source::new(rule.clone());
        for scenario in &rule.scenarios {
            add(Some(rule), Some(source.clone()), scenario);
        }
    }
    cases
}

/// A scenario id: capitals, a dash, digits: `PAGE-001`, `OIN-012`.
pub(crate) fn is_id(tag: &str) -> bool {
    tag.rsplit_once('-').is_some_and(|(area, number)| {
        !area.is_empty()
            && area.starts_with(|first: char| first.is_ascii_uppercase())
            && area
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '-')
            && number.len() >= 3
            && number.chars().all(|digit| digit.is_ascii_digit())
    })
}
