//! The files of the register: TOML in, rows out, every fault named.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::{Observable, Requirement, Source};
use crate::{
    nearest::did_you_mean,
    suite::{features::Fault, outcome::Level},
};

pub(super) static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../fixtures/requirements");

/// The kinds of client that requirements, scenarios and `--profile` speak of.
pub(crate) const PROFILES: &[&str] =
    &["api-token", "management", "oin-api-service", "service-app", "user-app"];

/// The file that names the pages.
pub(super) const SOURCES: &str = "sources.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub(super) doc: String,
    pub(super) url: Option<String>,
    pub(super) seen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    profiles: Vec<String>,
    #[serde(default)]
    requirement: Vec<RawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    id: String,
    level: Level,
    sentence: String,
    why: String,
    fix: String,
    sources: Vec<String>,
    profiles: Option<Vec<String>>,
    #[serde(default)]
    observable: RawObservable,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawObservable {
    #[default]
    Wire,
    Client,
    No(String),
}

/// Every row that is compiled into the program, and what is wrong with the files.
pub(super) fn embedded() -> (Vec<Requirement>, Vec<Fault>) {
    let texts = FILES.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
    read(&texts.collect::<BTreeMap<_, _>>())
}

/// Rows and faults of the files by name.
fn read(files: &BTreeMap<&str, &str>) -> (Vec<Requirement>, Vec<Fault>) {
    let (mut rows, mut faults) = (Vec::<Requirement>::new(), Vec::new());
    let pages = match files.get(SOURCES).map(|text| toml::from_str::<BTreeMap<String, RawSource>>(text)) {
        Some(Ok(pages)) => pages,
        Some(Err(error)) => return (rows, vec![unreadable(SOURCES, files[SOURCES], &error)]),
        None => {
            return (rows, vec![Fault::new(&path(SOURCES), 0, "the file that names the pages is missing")]);
        }
    };
    for (name, text) in files.iter().filter(|(name, _)| **name != SOURCES) {
        let file: RawFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                faults.push(unreadable(name, text, &error));
                continue;
            }
        };
        for raw in file.requirement {
            let line = line_of(text, &raw.id);
            let mut fault = |message: String| faults.push(Fault::new(&path(name), line, message));
            if rows.iter().any(|row| row.id == raw.id) {
                fault(format!("{} is there twice", raw.id));
            }
            for (field, value) in [("sentence", &raw.sentence), ("why", &raw.why), ("fix", &raw.fix)] {
                if value.trim().is_empty() {
                    fault(format!("{}: {field} is empty", raw.id));
                }
            }
            if raw.sources.is_empty() {
                fault(format!("{} has no source", raw.id));
            }
            let mut sources = Vec::new();
            for source in &raw.sources {
                let (key, section) = source.split_once(" § ").unwrap_or((source, ""));
                match pages.get(key) {
                    Some(page) => sources.push(Source {
                        doc: page.doc.clone(),
                        section: section.to_owned(),
                        url: page.url.clone(),
                        seen: page.seen.clone(),
                    }),
                    None => fault(format!(
                        "{}: {SOURCES} has no page {key}{}",
                        raw.id,
                        did_you_mean(key, pages.keys().map(String::as_str))
                    )),
                }
            }
            let profiles = raw.profiles.unwrap_or_else(|| file.profiles.clone());
            for profile in profiles.iter().filter(|profile| !PROFILES.contains(&profile.as_str())) {
                fault(format!("{}: no profile {profile}; there are {}", raw.id, PROFILES.join(", ")));
            }
            rows.push(Requirement {
                id: raw.id,
                level: raw.level,
                sentence: raw.sentence,
                why: raw.why,
                fix: raw.fix,
                sources,
                area: name.trim_end_matches(".toml").to_owned(),
                profiles,
                observable: match raw.observable {
                    RawObservable::Wire => Observable::Wire,
                    RawObservable::Client => Observable::Client,
                    RawObservable::No(reason) => Observable::No { reason },
                },
            });
        }
    }
    (rows, faults)
}

/// Where a file of the register is in the repository.
pub(super) fn path(name: &str) -> String {
    format!("fixtures/requirements/{name}")
}

/// The line of a row, 0 if it is nowhere.
fn line_of(text: &str, id: &str) -> usize {
    let row = format!("id = \"{id}\"");
    text.lines().position(|line| line.trim() == row).map_or(0, |at| at + 1)
}

/// The place of a row, for faults that are found later.
pub(super) fn place(row: &Requirement) -> (String, usize) {
    let name = format!("{}.toml", row.area);
    let text = FILES.get_file(&name).and_then(include_dir::File::contents_utf8).unwrap_or_default();
    (path(&name), line_of(text, &row.id))
}

fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().map_or(0, |span| crate::place::line(text, span.start));
    Fault::new(&path(name), line, error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "[page]\ndoc = \"A page\"\nseen = \"2026-08-21\"\n";

    fn faults(area: &str) -> Vec<String> {
        let (_, faults) = read(&BTreeMap::from([(SOURCES, PAGE), ("token.toml", area)]));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_registers_faults_are_named_with_their_line() {
        let row = |change: (&str, &str)| {
            let good = "profiles = [\"service-app\"]\n[[requirement]]\nid = \"A\"\nlevel = \"must\"\nsentence = \"s\"\n\
                        why = \"w\"\nfix = \"f\"\nsources = [\"page § 1\"]\n";
            faults(&good.replace(change.0, change.1))
        };
        let at = "fixtures/requirements/token.toml:";
        let table: Vec<((&str, &str), &str)> = vec![
            (("", ""), ""),
            (("why = \"w\"", "why = \" \""), "3: A: why is empty"),
            (("[\"page § 1\"]", "[]"), "3: A has no source"),
            (("page § 1", "pagge § 1"), "no page pagge; did you mean page?"),
            (("service-app", "service-apps"), "no profile service-apps; there are api-token"),
            (("fix = ", "fixx = "), "7: unknown field `fixx`"),
            (("\"must\"", "\"may\""), "4: unknown variant `may`"),
            (("fix = \"f\"\n", ""), "missing field `fix`"),
        ];
        for (change, expected) in table {
            let found = row(change);
            if expected.is_empty() {
                assert_eq!(found, Vec::<String>::new());
            } else {
                assert!(
                    found.iter().any(|f| f.starts_with(at) && f.contains(expected)),
                    "{expected}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn the_embedded_files_are_free_of_faults() {
        let (rows, faults) = embedded();
        assert_eq!(faults, Vec::new());
        assert!(rows.len() > 200);
    }
}
