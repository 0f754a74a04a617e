//! The kill matrix: what was tried, what noticed it, and which checks nothing made fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde::Serialize;

use super::declared::Declared;

/// What came of one thing that was wrong on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// `client`, `org`, `scripted` or `adapter`.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// The declared checks that noticed it; of an adapter its exit code.
    pub(crate) killed_by: Vec<String>,
    /// Declared checks that noticed nothing.
    pub(crate) silent: Vec<String>,
    /// How many checks failed beside them, as declared.
    pub(crate) collateral: usize,
    /// Checks that failed and should not have, with what they saw.
    pub(crate) undeclared: Vec<String>,
    /// Declared collateral that nothing needed: only the whole suite (`--all`) can say so of all of it.
    pub(crate) idle: Vec<String>,
}

impl Row {
    /// A row about which nothing is known yet.
    pub(crate) fn of(kind: &'static str, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            killed_by: Vec::new(),
            silent: Vec::new(),
            collateral: 0,
            undeclared: Vec::new(),
            idle: Vec::new(),
        }
    }

    /// As the matrix shows it, in a line or a few.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        write_row(&mut text, self);
        text
    }

    /// Noticed where it should be, and nowhere else.
    pub(crate) fn is_good(&self) -> bool {
        !self.killed_by.is_empty() && self.silent.is_empty() && self.undeclared.is_empty()
    }
}

/// All rows, and the checks by who makes them fail.
#[derive(Debug, Serialize)]
pub(crate) struct Matrix {
    /// In the order of the table.
    pub(crate) rows: Vec<Row>,
    /// Check → how many make it fail.
    pub(crate) checks: BTreeMap<String, usize>,
    /// Checks that nothing makes fail and that are not exempt.
    pub(crate) without_killer: Vec<String>,
    /// Checks that fail together: the class, and why.
    pub(crate) classes: BTreeMap<String, String>,
    /// Checks that nothing can make fail, and why.
    pub(crate) exempt: BTreeMap<String, String>,
}

impl Matrix {
    /// A matrix of rows; `suite` are the checks that the suite makes.
    pub(crate) fn new(rows: Vec<Row>, suite: &BTreeSet<String>, declared: &Declared) -> Self {
        let mut checks: BTreeMap<String, usize> = suite.iter().map(|slug| (slug.clone(), 0)).collect();
        for row in rows.iter().filter(|row| row.kind != "adapter") {
            let slugs: BTreeSet<&str> =
                row.killed_by.iter().filter_map(|id| Some(id.split_once(':')?.1)).collect();
            for slug in slugs {
                *checks.entry(slug.to_owned()).or_default() += 1;
            }
        }
        let exempt: BTreeMap<String, String> =
            declared.exempt.iter().map(|exempt| (exempt.check.clone(), exempt.why.clone())).collect();
        let without_killer = checks
            .iter()
            .filter(|(slug, killers)| **killers == 0 && !exempt.contains_key(*slug))
            .map(|(slug, _)| slug.clone())
            .collect();
        let classes = declared.class.iter().map(|class| (class.name.clone(), class.why.clone())).collect();
        Self { rows, checks, without_killer, classes, exempt }
    }

    /// Nothing alive, nothing undeclared, no check without a killer.
    pub(crate) fn is_good(&self) -> bool {
        self.without_killer.is_empty() && self.rows.iter().all(Row::is_good)
    }

    /// For a person, 110 columns wide at most.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (kind, title) in [
            ("client", "clients with a bad habit"),
            ("org", "orgs that are not like Okta"),
            ("scripted", "orgs that answer otherwise than the scenario says"),
            ("adapter", "adapters with bad manners"),
        ] {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.kind == kind).collect();
            if rows.is_empty() {
                continue;
            }
            let good = rows.iter().filter(|row| row.is_good()).count();
            let _ = writeln!(text, "{title}: {good} of {} noticed as declared", rows.len());
            for row in rows {
                write_row(&mut text, row);
            }
            text.push('\n');
        }
        let _ = writeln!(text, "checks, and how many of the above make each fail");
        let mut line = String::new();
        for (slug, killers) in &self.checks {
            let entry = format!("{slug} {killers}");
            if line.len() + entry.len() + 4 > 108 {
                let _ = writeln!(text, "  {line}");
                line.clear();
            }
            let _ = write!(line, "{}{entry}", if line.is_empty() { "" } else { " · " });
        }
        let _ = writeln!(text, "  {line}");
        for (name, why) in &self.classes {
            let _ = writeln!(text, "  class {name}: {why}");
        }
        for (slug, why) in &self.exempt {
            let _ = writeln!(text, "  {slug} is exempt: {why}");
        }
        for slug in &self.without_killer {
            let _ = writeln!(text, "  NOTHING makes {slug} fail");
        }
        text
    }

    /// One line.
    pub(crate) fn summary(&self) -> String {
        let of = |kind: &str| {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.kind == kind).collect();
            (rows.iter().filter(|row| row.is_good()).count(), rows.len())
        };
        let (clients, orgs, adapters) = (of("client"), of("org"), of("adapter"));
        let undeclared: usize = self.rows.iter().map(|row| row.undeclared.len()).sum();
        let killed = self.checks.values().filter(|killers| **killers > 0).count();
        format!(
            "{} of {} client mutants and {} of {} org mutants killed, {} of {} adapters contained, {undeclared} failures \
             undeclared, {killed} of {} checks can fail ({} exempt)",
            clients.0,
            clients.1,
            orgs.0,
            orgs.1,
            adapters.0,
            adapters.1,
            self.checks.len(),
            self.exempt.len(),
        )
    }
}

fn write_row(text: &mut String, row: &Row) {
    let mark = if row.is_good() { " " } else { "!" };
    let mut line = format!("{mark} {:<30}", row.name);
    for (nth, id) in row.killed_by.iter().enumerate() {
        if line.len() + id.len() + 1 > 108 {
            let _ = writeln!(text, "{}", line.trim_end());
            line = " ".repeat(32);
        } else if nth > 0 {
            line.push(' ');
        }
        line.push_str(id);
    }
    if row.collateral > 0 {
        let _ = write!(line, "  (+{})", row.collateral);
    }
    let _ = writeln!(text, "{}", line.trim_end());
    for id in &row.silent {
        let _ = writeln!(text, "    ALIVE at {id}");
    }
    for id in &row.idle {
        let _ = writeln!(text, "    idle: {id} is declared, and did not fail");
    }
    for id in &row.undeclared {
        let _ = writeln!(text, "    UNDECLARED {id}");
    }
}
