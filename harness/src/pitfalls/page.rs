//! `docs/pitfalls.md`, made from the features.

use std::{fmt::Write as _, sync::LazyLock};

use regex::Regex;

use super::{Pitfall, all};
use crate::{requirements::find, suite::features::Case};

/// What the commands assume: the address that `orgtwin serve` has, the credentials of its integration.
pub(crate) const VARIABLES: [&str; 2] = [
    "ORG=http://127.0.0.1:8080",
    "OIN=0oadevoin000000001d7:dev-oin-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM",
];

/// A thread at GitHub, as `owner/repository#5`.
static THREAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)#(\d+)").ok());

/// The page, in Markdown.
pub(crate) fn page(cases: &[Case]) -> String {
    let pitfalls = all(cases);
    let mut page = format!(
        "# Pitfalls\n\n\
         <!-- Made from features/pitfalls/ by `cargo run -- explain --pitfalls > docs/pitfalls.md`. Change the features, not this page. -->\n\n\
         What goes wrong between integrations and Okta orgs, by the words that one searches for: {} of them. Each is a scenario \
         that shows the failure on an org and what a right client makes of it; your own client is tried by `orgtwin test \
         --scenario PIT-010 --client …`. `orgtwin explain PIT-010` tells the same as this page in a terminal, with an exchange as \
         it is on the wire; `orgtwin explain \"kid is invalid\"` finds it by a piece of the words.\n\n\
         The commands are tried against `orgtwin serve`, with\n\n```sh\n{}\n```\n\n\
         Which error means what, all of them: [errors.md](errors.md).\n\n## By symptom\n\n",
        pitfalls.len(),
        VARIABLES.map(|variable| format!("export {variable}")).join("\n"),
    );
    let mut feature = "";
    for pitfall in &pitfalls {
        let case = pitfall.case;
        if feature != case.feature.name {
            feature = &case.feature.name;
            let before = if page.ends_with("\n\n") { "" } else { "\n" };
            let _ = writeln!(page, "{before}**{}**\n", capital(&theme(case)));
        }
        let _ = writeln!(page, "- [{}]({})", title(pitfall), anchor(case));
    }
    feature = "";
    for pitfall in &pitfalls {
        let case = pitfall.case;
        if feature != case.feature.name {
            feature = &case.feature.name;
            let why = lines(case.feature.description.as_deref().unwrap_or_default());
            let _ = write!(page, "\n## {}\n\n{why}\n", capital(&theme(case)));
        }
        section(&mut page, pitfall, cases);
    }
    page
}

fn section(page: &mut String, pitfall: &Pitfall<'_>, cases: &[Case]) {
    let (case, told) = (pitfall.case, &pitfall.told);
    let id = case.id.to_lowercase();
    let _ = write!(page, "\n<a id=\"{id}\"></a>\n\n### {}\n\n", title(pitfall));
    for (label, text) in [("Symptom", &told.symptom), ("Cause", &told.cause), ("Cure", &told.cure)] {
        let _ = write!(page, "**{label}.** {text}\n\n");
    }
    for requirement in case.values("req").filter_map(find) {
        let _ = write!(page, "**Requirement.** `{}`: {}\n\n", requirement.id, requirement.sentence);
    }
    let _ = write!(page, "**Scenario {}** (`{}`)\n\n{}\n", case.id, case.path, steps(case));
    for cure in pitfall.cures(cases) {
        if cure.path == case.path {
            let _ = write!(page, "**Cured: {}**\n\n{}\n", cure.id, steps(cure));
        } else {
            let _ = write!(
                page,
                "**Cured:** scenario {} (`{}`), {}.\n\n",
                cure.id, cure.path, cure.scenario.name
            );
        }
    }
    let attempt = told.attempt.as_ref().map(|attempt| format!("{attempt}\n")).unwrap_or_default();
    let _ = write!(page, "**Reproduce**\n\n```sh\norgtwin test --scenario {}\n{attempt}```\n\n", case.id);
    let _ = writeln!(page, "Seen: {}.", linked(&told.seen));
}

/// What a feature is about, without the word before the colon.
fn theme(case: &Case) -> String {
    case.feature.name.rsplit(": ").next().unwrap_or_default().to_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Okta's words as code, other titles as they are.
fn title(pitfall: &Pitfall<'_>) -> String {
    pitfall.words().map_or_else(|| pitfall.case.scenario.name.clone(), |words| format!("`{words}`"))
}

/// Where a pitfall is on the page.
pub(super) fn anchor(case: &Case) -> String {
    format!("#{}", case.id.to_lowercase())
}

fn lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn steps(case: &Case) -> String {
    let mut text = "```gherkin\n".to_owned();
    let mut before = "";
    for step in &case.steps {
        // A background's Given is followed by the scenario's own.
        let keyword = step.step.keyword.as_str();
        let _ = writeln!(text, "{}{}", if keyword == before { "And " } else { keyword }, step.step.value);
        before = keyword;
    }
    text.push_str("```\n");
    text
}

fn linked(seen: &str) -> String {
    match THREAD.as_ref() {
        Some(thread) => thread.replace_all(seen, "[$0](https://github.com/$1/issues/$2)").into_owned(),
        None => seen.to_owned(),
    }
}
