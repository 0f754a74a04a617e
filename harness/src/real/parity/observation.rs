//! What is observed of an org, as data: `fixtures/parity/*.toml`, each a list of requests and what of their answers counts.

use std::collections::{BTreeMap, BTreeSet};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::real::journal::Made;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../fixtures/parity");
/// What of an answer is compared.
const COMPARED: &str = "compared.toml";
/// The org file of the twin that observations are made of.
const TWIN: &str = "twin.toml";

/// Something that a client can find out about an org.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Observation {
    /// For ever: `TOKEN-UNKNOWN-CLIENT-FORM`.
    pub(crate) id: String,
    /// A sentence without a full stop.
    pub(crate) about: String,
    /// It leaves something in the org for a while, or could: it needs `--allow-writes`.
    #[serde(default)]
    pub(crate) writes: bool,
    /// The observation that has to be made before, whose kept values this one uses.
    pub(crate) after: Option<String>,
    /// In order.
    #[serde(rename = "step")]
    pub(crate) steps: Vec<Step>,
    /// What is sent at the end, whatever happened.
    #[serde(default, rename = "cleanup")]
    pub(crate) cleanups: Vec<Step>,
}

/// A request. In its texts `{service.client_id}` stands for a value: of the credentials, of the run, or kept from an answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// `GET /api/v1/users?limit=1`.
    pub(crate) request: String,
    /// Who asks; otherwise nobody.
    #[serde(rename = "as")]
    pub(crate) who: Option<Who>,
    /// Id and secret of a Basic header, with a colon between.
    pub(crate) basic: Option<String>,
    /// A form, encoded but for its values in braces.
    pub(crate) form: Option<String>,
    /// A JSON body.
    pub(crate) json: Option<toml::Value>,
    /// Further headers.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// A proof of possession for this method, without a nonce.
    pub(crate) proof_for: Option<String>,
    /// Values of the JSON answer that are kept: their name, and where they are (a JSON pointer).
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
    /// Only there for what comes after: its answer is not compared.
    #[serde(default)]
    pub(crate) prepares: bool,
    /// The statuses without which the steps after it make no sense.
    #[serde(default)]
    pub(crate) expect: Vec<u16>,
    /// What the request makes, which is written down first and can be cleaned up by its name.
    pub(crate) makes: Option<Made>,
    /// Sent so often, or until it is refused; the number of good answers counts.
    #[serde(default = "once")]
    pub(crate) times: u16,
    /// The error code of a 429 that is no rate limit of the org's, but what is to be found out.
    pub(crate) own_limit: Option<String>,
    /// By how much `X-Rate-Limit-Remaining` is lower than in the answer to this step, counted from 0.
    pub(crate) remaining_since: Option<usize>,
    /// Words that a page has or has not; of a page nothing else but its status counts.
    #[serde(default)]
    pub(crate) marks: BTreeMap<String, String>,
}

impl Step {
    /// A request and nothing else.
    pub(super) fn plain(request: &str) -> Self {
        Self {
            request: request.to_owned(),
            who: None,
            basic: None,
            form: None,
            json: None,
            headers: BTreeMap::new(),
            proof_for: None,
            keep: BTreeMap::new(),
            prepares: false,
            expect: Vec::new(),
            makes: None,
            times: once(),
            own_limit: None,
            remaining_since: None,
            marks: BTreeMap::new(),
        }
    }
}

fn once() -> u16 {
    1
}

/// Who asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Who {
    /// The owner of an API token: its name among the credentials.
    ApiToken(String),
    /// An app, with a token by client credentials.
    App(TokenOf),
}

/// A token by client credentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenOf {
    /// The app's name among the credentials.
    pub(crate) app: String,
    /// The scope to ask for.
    pub(crate) scope: String,
    /// The custom authorization server to ask; otherwise the org's.
    pub(crate) server: Option<String>,
}

/// What of an answer is compared, besides status, error and shape.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    /// Headers whose presence counts, in lower case.
    pub(crate) present: Vec<String>,
    /// Headers whose value counts as well.
    pub(crate) value: Vec<String>,
    /// Relations of the Link header that count.
    pub(crate) links: Vec<String>,
}

/// The tables as they are compiled into the program.
pub(crate) struct Observations {
    /// In the order in which they are made.
    pub(crate) all: Vec<Observation>,
    /// What of each answer counts.
    pub(crate) compared: Compared,
    /// The org file of the twin.
    pub(crate) twin: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    observation: Vec<Observation>,
}

/// A table that cannot be read: a defect of the program, which a test finds.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {cause}")]
pub(crate) struct BadTable {
    /// Below `fixtures/`.
    pub(crate) file: String,
    /// What is wrong with it.
    pub(crate) cause: String,
}

impl BadTable {
    /// Of a file below `fixtures/`.
    pub(crate) fn new(file: impl Into<String>, cause: impl std::fmt::Display) -> Self {
        Self { file: file.into(), cause: cause.to_string() }
    }
}

/// Reads the tables.
///
/// # Errors
/// [`BadTable`].
pub(crate) fn load() -> Result<Observations, BadTable> {
    let mut all = Vec::new();
    let files = FILES.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
    for (name, text) in files.filter(|(name, _)| name.ends_with(".toml") && ![COMPARED, TWIN].contains(name))
    {
        let file: File = table(name, text)?;
        all.extend(file.observation);
    }
    let mut ids = BTreeSet::new();
    for observation in &all {
        let wrong = |cause: String| BadTable::new(format!("parity: {}", observation.id), cause);
        if !ids.insert(observation.id.as_str()) {
            return Err(wrong("the id is used twice".to_owned()));
        }
        if let Some(after) = &observation.after
            && !all.iter().any(|other| other.id == *after && other.id != observation.id)
        {
            return Err(wrong(format!("after: there is no observation {after}")));
        }
        let writes =
            |step: &Step| !["GET ", "POST /oauth2/"].iter().any(|read| step.request.starts_with(read));
        if !observation.writes && observation.steps.iter().chain(&observation.cleanups).any(writes) {
            return Err(wrong("sends what may write, and does not say `writes = true`".to_owned()));
        }
        // What belongs to something that was made goes with it.
        let creates = |step: &Step| step.request.starts_with("POST /api/") && !step.request.contains('{');
        if observation.steps.iter().any(|step| creates(step) != step.makes.is_some()) {
            return Err(wrong("a request that creates says what it `makes`, and no other does".to_owned()));
        }
    }
    Ok(Observations { all, compared: table(COMPARED, text(COMPARED))?, twin: table(TWIN, text(TWIN))? })
}

fn text(name: &str) -> &'static str {
    FILES.get_file(name).and_then(|file| file.contents_utf8()).unwrap_or_default()
}

fn table<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, BadTable> {
    toml::from_str(text).map_err(|error| BadTable::new(format!("parity/{name}"), error))
}

impl Observations {
    /// The observation with an id.
    pub(crate) fn get(&self, id: &str) -> Option<&Observation> {
        self.all.iter().find(|observation| observation.id == id)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sound() {
        let observations = load().unwrap();
        assert!(observations.all.len() >= 30, "{}", observations.all.len());
        for observation in &observations.all {
            assert!(!observation.about.is_empty() && !observation.about.ends_with('.'), "{}", observation.id);
            assert!(observation.steps.iter().any(|step| !step.prepares), "{}", observation.id);
        }
    }

    #[test]
    fn nothing_is_asked_twice() {
        let observations = load().unwrap();
        let mut seen = BTreeMap::new();
        let compared = |observation: &Observation| {
            let steps = observation.steps.iter().filter(|step| !step.prepares).cloned();
            steps.map(|step| format!("{:?}", Step { marks: BTreeMap::new(), ..step })).collect::<Vec<_>>()
        };
        for observation in &observations.all {
            let twin = seen.insert(compared(observation), &observation.id);
            assert_eq!(twin, None, "{} asks the same", observation.id);
        }
    }
}
