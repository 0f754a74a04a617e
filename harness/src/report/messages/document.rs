//! A feature file as messages: its source, and its tree with an id for each node.

use cucumber::gherkin::{self, GherkinEnv, LineCol, StepType};

use super::envelope::{
    Background, Child, DataTable, DocString, Envelope, Examples, Feature, GherkinDocument, Location, Rule,
    Scenario, Source, Step, TableCell, TableRow, Tag,
};
use crate::report::record::FeatureRecord;

/// A feature file that was read.
pub(super) struct Document {
    uri: String,
    text: String,
    feature: gherkin::Feature,
}

/// Where a scenario stands in its file.
pub(super) struct Place {
    /// The ids of the scenario and, of an outline, of the row.
    pub(super) nodes: Vec<String>,
    /// The tags.
    pub(super) tags: Vec<Tag>,
}

impl Document {
    /// Reads the text once more; none if it cannot be read, which the run would have refused.
    pub(super) fn read(record: &FeatureRecord) -> Option<Self> {
        let feature = gherkin::Feature::parse(&record.text, GherkinEnv::default()).ok()?;
        Some(Self { uri: record.path.clone(), text: record.text.clone(), feature })
    }

    /// The file.
    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// The id of what stands at a line.
    pub(super) fn node(&self, kind: &str, line: usize) -> String {
        format!("{}:{line}:{kind}", self.uri)
    }

    /// The scenario, or the row, at a line.
    pub(super) fn place(&self, line: usize) -> Option<Place> {
        let rules = self.feature.rules.iter();
        let all = (self.feature.scenarios.iter().map(|scenario| (None, scenario)))
            .chain(rules.flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario))));
        for (rule, scenario) in all {
            let mut tags = self.tags(&self.feature.tags, self.feature.position);
            if let Some(rule) = rule {
                tags.extend(self.tags(&rule.tags, rule.position));
            }
            tags.extend(self.tags(&scenario.tags, scenario.position));
            let own = self.node("scenario", scenario.position.line);
            if scenario.position.line == line {
                return Some(Place { nodes: vec![own], tags });
            }
            for examples in &scenario.examples {
                if rows(examples).any(|(row, _)| row == line) {
                    tags.extend(self.tags(&examples.tags, examples.position));
                    return Some(Place { nodes: vec![own, self.node("row", line)], tags });
                }
            }
        }
        None
    }

    /// Source and tree.
    pub(super) fn envelopes(&self) -> [Envelope; 2] {
        [
            Envelope::Source(Source {
                uri: self.uri.clone(),
                data: self.text.clone(),
                media_type: "text/x.cucumber.gherkin+plain",
            }),
            Envelope::GherkinDocument(GherkinDocument {
                uri: self.uri.clone(),
                feature: self.feature(),
                comments: [],
            }),
        ]
    }

    fn feature(&self) -> Feature {
        let feature = &self.feature;
        let mut children = self.children(feature.background.as_ref(), &feature.scenarios);
        children.extend(feature.rules.iter().map(|rule| {
            Child::Rule(Rule {
                location: location(rule.position),
                tags: self.tags(&rule.tags, rule.position),
                keyword: rule.keyword.clone(),
                name: rule.name.clone(),
                description: rule.description.clone().unwrap_or_default(),
                children: self.children(rule.background.as_ref(), &rule.scenarios),
                id: self.node("rule", rule.position.line),
            })
        }));
        Feature {
            location: location(feature.position),
            tags: self.tags(&feature.tags, feature.position),
            language: "en".to_owned(),
            keyword: feature.keyword.clone(),
            name: feature.name.clone(),
            description: feature.description.clone().unwrap_or_default(),
            children,
        }
    }

    fn children(
        &self,
        background: Option<&gherkin::Background>,
        scenarios: &[gherkin::Scenario],
    ) -> Vec<Child> {
        let background = background.map(|background| {
            Child::Background(Background {
                location: location(background.position),
                keyword: background.keyword.clone(),
                name: background.name.clone(),
                description: background.description.clone().unwrap_or_default(),
                steps: background.steps.iter().map(|step| self.step(step)).collect(),
                id: self.node("background", background.position.line),
            })
        });
        let scenario = |scenario: &gherkin::Scenario| {
            Child::Scenario(Scenario {
                location: location(scenario.position),
                tags: self.tags(&scenario.tags, scenario.position),
                keyword: scenario.keyword.clone(),
                name: scenario.name.clone(),
                description: scenario.description.clone().unwrap_or_default(),
                steps: scenario.steps.iter().map(|step| self.step(step)).collect(),
                examples: scenario.examples.iter().map(|examples| self.examples(examples)).collect(),
                id: self.node("scenario", scenario.position.line),
            })
        };
        background.into_iter().chain(scenarios.iter().map(scenario)).collect()
    }

    fn step(&self, step: &gherkin::Step) -> Step {
        let below = Location { line: step.position.line + 1, column: 1 };
        Step {
            location: location(step.position),
            keyword: format!("{} ", step.keyword.trim()),
            keyword_type: match step.keyword.trim() {
                "And" | "But" | "*" => "Conjunction",
                _ => kind(step.ty),
            },
            text: step.value.clone(),
            doc_string: step.docstring.as_ref().map(|content| DocString {
                location: below,
                content: content.clone(),
                delimiter: "\"\"\"",
            }),
            data_table: step.table.as_ref().map(|table| DataTable {
                location: below,
                rows: (table.rows.iter().enumerate())
                    .map(|(at, cells)| self.row(step.position.line + 1 + at, cells))
                    .collect(),
            }),
            id: self.node("step", step.position.line),
        }
    }

    fn examples(&self, examples: &gherkin::Examples) -> Examples {
        let header = examples.table.as_ref().and_then(|table| table.rows.first());
        Examples {
            location: location(examples.position),
            tags: self.tags(&examples.tags, examples.position),
            keyword: examples.keyword.clone(),
            name: examples.name.clone().unwrap_or_default(),
            description: examples.description.clone().unwrap_or_default(),
            table_header: header.map(|cells| self.row(examples.position.line + 1, cells)),
            table_body: rows(examples).map(|(line, cells)| self.row(line, cells)).collect(),
            id: self.node("examples", examples.position.line),
        }
    }

    fn row(&self, line: usize, cells: &[String]) -> TableRow {
        let location = Location { line, column: 1 };
        let cell = |value: &String| TableCell { location, value: value.clone() };
        TableRow { location, cells: cells.iter().map(cell).collect(), id: self.node("row", line) }
    }

    fn tags(&self, tags: &[String], below: LineCol) -> Vec<Tag> {
        let tag = |(at, name): (usize, &String)| Tag {
            location: Location { line: below.line.saturating_sub(1).max(1), column: 1 },
            name: format!("@{name}"),
            id: self.node(&format!("tag{at}"), below.line),
        };
        tags.iter().enumerate().map(tag).collect()
    }
}

/// The rows of an outline, with the lines that cucumber gives them when it expands them.
fn rows(examples: &gherkin::Examples) -> impl Iterator<Item = (usize, &[String])> {
    let rows = examples.table.iter().flat_map(|table| table.rows.iter().skip(1));
    rows.enumerate().map(|(at, cells)| (examples.position.line + 2 + at, cells.as_slice()))
}

fn location(position: LineCol) -> Location {
    Location { line: position.line, column: position.col }
}

/// What a step is, as messages call it.
pub(super) fn kind(step: StepType) -> &'static str {
    match step {
        StepType::Given => "Context",
        StepType::When => "Action",
        StepType::Then => "Outcome",
    }
}
