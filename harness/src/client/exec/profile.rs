//! The profile of a client that cannot be changed (contracts §4): what it is, its environment, its files, how it is
//! triggered, when it is done, and what it says.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    json_path::JsonPath,
    template,
    trigger::{Asked, Pattern},
};
use crate::{
    client::traffic::Done as Seen,
    nearest::{nearest, nearest_key},
    place,
};

/// A client that cannot be changed, and how it is driven.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// What the client is.
    pub(super) client: About,
    /// The org is reached by HTTPS, with a certificate by the run's own CA.
    #[serde(default = "yes")]
    pub(super) tls: bool,
    /// A host that is written in the client's code, as `acme.okta.com`: a proxy leads it to the org.
    #[serde(default)]
    pub(super) host: Option<String>,
    /// What is fresh in every scenario: HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME, TMPDIR.
    #[serde(default = "all_folders")]
    pub(super) isolate: Vec<String>,
    /// Environment variables; one whose values the scenario does not have is left out.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// Files that are written before the client is triggered.
    #[serde(default)]
    pub(super) file: Vec<FileToWrite>,
    /// A program that is started before the first trigger and runs until the scenario is over.
    #[serde(default)]
    pub(super) start: Option<Start>,
    /// How the client is made to do things, by name.
    pub(super) trigger: BTreeMap<String, Trigger>,
    /// What is run when the scenario is over.
    #[serde(default)]
    pub(super) cleanup: Option<Cleanup>,
    /// Where the profile is.
    #[serde(skip)]
    pub(super) folder: PathBuf,
}

fn yes() -> bool {
    true
}

/// All that is made fresh.
pub(super) const FOLDERS: &[&str] =
    &["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR"];

fn all_folders() -> Vec<String> {
    FOLDERS.iter().map(|name| (*name).to_owned()).collect()
}

/// What a client is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    /// Its name.
    pub(super) name: String,
    /// Its version, where no command tells it.
    #[serde(default)]
    pub(super) version: String,
    /// A command that prints its version.
    #[serde(default)]
    pub(super) version_cmd: Vec<String>,
    /// Language and its version; `java…` gets a truststore.
    #[serde(default)]
    pub(super) language: String,
    /// What it can do (docs/adapter-protocol.md); `list_all` follows from the triggers.
    pub(super) capabilities: Vec<String>,
    /// What it cannot do by its nature, in the words of `on`, as `call POST`: scenarios that need it are not
    /// applicable. Without this they are untestable, which counts as a failure.
    #[serde(default)]
    pub(super) absent: Vec<String>,
    /// Only one scenario at a time, because of a fixed port or another thing that there is one of.
    #[serde(default)]
    pub(super) alone: bool,
}

/// A file for the client.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileToWrite {
    /// Where; inside of `{tmp}`.
    pub(super) path: String,
    /// Its text, with values.
    #[serde(default)]
    pub(super) content: Option<String>,
    /// A file with its text, below the profile's folder.
    #[serde(default)]
    pub(super) template: Option<String>,
}

/// A program that stays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// The command.
    pub(super) run: Vec<String>,
    /// An address that answers 2xx once it is ready.
    #[serde(default)]
    pub(super) ready: Option<String>,
}

/// What is run at the end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Cleanup {
    /// The command.
    pub(super) run: Vec<String>,
}

/// One thing that the client can be made to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trigger {
    /// What it is for, where its name does not say so: `get_token`, `call [METHOD [PATH]]`, `list_all [PATH]`.
    #[serde(default)]
    pub(super) on: Option<String>,
    /// A command: program and arguments, no shell.
    #[serde(default)]
    pub(super) run: Option<Vec<String>>,
    /// A request to the client.
    #[serde(default)]
    pub(super) http: Option<HttpTrigger>,
    /// What a person is told to do.
    #[serde(default)]
    pub(super) manual: Option<String>,
    /// The same as another trigger.
    #[serde(default)]
    pub(super) same_as: Option<String>,
    /// `exit`, `http_2xx`, `quiet:1500ms-after-first-request` or `requests:N`.
    #[serde(default)]
    pub(super) done: Option<String>,
    /// What success is.
    #[serde(default)]
    pub(super) expect: Expect,
    /// Where the client says what it got.
    #[serde(default)]
    pub(super) observe: Observe,
}

/// A request that triggers a client.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpTrigger {
    /// The method.
    #[serde(default = "post")]
    pub(super) method: String,
    /// The address, as `http://127.0.0.1:{port}/sync`.
    pub(super) url: String,
    /// Header lines.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub(super) body: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

/// What success is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expect {
    /// Exit codes that mean success.
    pub(super) exit_ok: Vec<i32>,
}

impl Default for Expect {
    fn default() -> Self {
        Self { exit_ok: vec![0] }
    }
}

/// Where a client says what it got: paths into the JSON that it printed (or answered).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Observe {
    /// The elements' keys, as `$.users[*].id`; `lines` for one in each line.
    pub(super) items: Option<String>,
    /// The object that was asked for.
    pub(super) body: Option<String>,
    /// The scopes of its token: a list, or a text with spaces.
    pub(super) scope: Option<String>,
    /// How long its token is good, in seconds.
    pub(super) expires_in: Option<String>,
    /// A regular expression that finds an error in what it printed, with groups named `status`, `code`, `message`;
    /// without one Okta's and OAuth's codes and `HTTP 4xx` are looked for.
    pub(super) error: Option<String>,
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {cause}")]
pub(crate) struct ProfileError {
    file: String,
    cause: String,
}

/// How a trigger works.
#[derive(Debug)]
pub(super) enum Way<'a> {
    Run(&'a [String]),
    Http(&'a HttpTrigger),
    Manual(&'a str),
}

/// When a trigger is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// The command ended.
    Exit,
    /// The client answered.
    Answered,
    /// By what the org saw.
    Seen(Seen),
}

impl Profile {
    /// Reads and checks a profile.
    ///
    /// # Errors
    /// [`ProfileError`], with the line or the key, and the remedy.
    pub(crate) fn load(path: &Path) -> Result<Self, ProfileError> {
        let failed = |cause: String| ProfileError { file: path.display().to_string(), cause };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let folder = path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
        Self::parse(&text, folder.unwrap_or_default()).map_err(failed)
    }

    pub(super) fn parse(text: &str, folder: PathBuf) -> Result<Self, String> {
        let mut profile: Self = toml::from_str(text).map_err(|error| {
            let line = place::line(text, error.span().map_or(0, |span| span.start));
            let message = error.message().trim().replace('\n', " ");
            let hint = nearest_key(&message).map(|known| format!(" (did you mean `{known}`?)"));
            format!("line {line}: {message}{}", hint.unwrap_or_default())
        })?;
        profile.folder = folder;
        profile.check()?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), String> {
        if self.trigger.is_empty() {
            return Err(
                "trigger: there is none, so nothing could be asked of the client; add [trigger.list_users]"
                    .to_owned(),
            );
        }
        if self.host.is_some() && !self.tls {
            return Err("host: the proxy leads HTTPS only; leave `tls = false` out".to_owned());
        }
        if let Some(name) = self.isolate.iter().find(|name| !FOLDERS.contains(&name.as_str())) {
            return Err(format!("isolate: {name:?} is none of {}", FOLDERS.join(", ")));
        }
        for pattern in &self.client.absent {
            Pattern::parse(pattern).map_err(|cause| format!("client.absent: {cause}"))?;
        }
        for (key, text) in self.texts() {
            if let Some(cause) = template::unknown(text) {
                return Err(format!("{key}: {cause}"));
            }
        }
        for file in &self.file {
            if file.content.is_some() == file.template.is_some() {
                return Err(format!("file {}: it needs `content` or `template`", file.path));
            }
        }
        for (name, trigger) in &self.trigger {
            self.pattern(name, trigger).map_err(|cause| format!("trigger.{name}: {cause}"))?;
            self.check_trigger(name).map_err(|cause| format!("trigger.{name}: {cause}"))?;
        }
        Ok(())
    }

    fn check_trigger(&self, name: &str) -> Result<(), String> {
        let trigger = self.resolved(name)?;
        let (way, done) = (trigger.way()?, trigger.done()?);
        if let Way::Run([]) = way {
            return Err("run: the command is empty; as run = [\"python3\", \"list_users.py\"]".to_owned());
        }
        let fits = match way {
            Way::Run(_) => done != Done::Answered,
            Way::Http(_) => done != Done::Exit,
            Way::Manual(_) => matches!(done, Done::Seen(_)),
        };
        if !fits {
            return Err(
                "done: `exit` goes with `run`, `http_2xx` with `http`; `manual` needs quiet: or requests:"
                    .to_owned(),
            );
        }
        let observe = &trigger.observe;
        for path in [&observe.items, &observe.body, &observe.scope, &observe.expires_in].into_iter().flatten()
        {
            if path != "lines" {
                JsonPath::parse(path).map_err(|cause| format!("observe: {cause}"))?;
            }
        }
        if let Some(pattern) = &observe.error {
            Regex::new(pattern).map_err(|error| format!("observe.error: {error}"))?;
        }
        Ok(())
    }

    /// Every text with values, with its key.
    fn texts(&self) -> Vec<(String, &str)> {
        let mut texts: Vec<(String, &str)> =
            self.env.iter().map(|(name, text)| (format!("env.{name}"), text.as_str())).collect();
        for file in &self.file {
            texts.push(("file.path".to_owned(), &file.path));
            texts.extend(file.content.iter().map(|text| (format!("file {}", file.path), text.as_str())));
        }
        if let Some(start) = &self.start {
            texts.extend(start.run.iter().map(|word| ("start.run".to_owned(), word.as_str())));
            texts.extend(start.ready.iter().map(|text| ("start.ready".to_owned(), text.as_str())));
        }
        if let Some(cleanup) = &self.cleanup {
            texts.extend(cleanup.run.iter().map(|word| ("cleanup.run".to_owned(), word.as_str())));
        }
        for (name, trigger) in &self.trigger {
            texts.extend(trigger.texts().map(|text| (format!("trigger.{name}"), text)));
        }
        texts
    }

    /// Some text uses this word.
    pub(super) fn uses(&self, word: &str) -> bool {
        self.texts().iter().any(|(_, text)| template::words(text).contains(&word))
    }

    /// What a trigger is for.
    pub(super) fn pattern(&self, name: &str, trigger: &Trigger) -> Result<Pattern, String> {
        match &trigger.on {
            Some(on) => Pattern::parse(on).map_err(|cause| format!("on: {cause}")),
            None => Pattern::named(name),
        }
    }

    /// The trigger that does the work of this one.
    pub(super) fn resolved(&self, name: &str) -> Result<&Trigger, String> {
        let mut at = name;
        for _ in 0..self.trigger.len() {
            let Some(trigger) = self.trigger.get(at) else {
                let hint = nearest(at, self.trigger.keys().map(String::as_str));
                let hint = hint.map(|known| format!(" (did you mean {known:?}?)")).unwrap_or_default();
                return Err(format!("same_as: there is no trigger {at:?}{hint}"));
            };
            match &trigger.same_as {
                Some(next) => at = next,
                None => return Ok(trigger),
            }
        }
        Err("same_as: the triggers name each other in a circle".to_owned())
    }

    /// The narrowest trigger that fits, with its name and what stands for `*`.
    pub(super) fn find<'a>(&'a self, asked: &Asked<'a>) -> Option<(&'a str, &'a Trigger, Option<&'a str>)> {
        let fitting = self.trigger.iter().filter_map(|(name, trigger)| {
            let pattern = self.pattern(name, trigger).ok()?;
            let star = pattern.fits(asked)?;
            Some((pattern.narrowness(), name.as_str(), self.resolved(name).ok()?, star))
        });
        let (_, name, trigger, star) = fitting.max_by_key(|(narrowness, name, ..)| (*narrowness, *name))?;
        Some((name, trigger, star))
    }

    /// The profile declares that the client has nothing for this: where no trigger fits, or in narrower words.
    pub(super) fn lacks(&self, asked: &Asked<'_>) -> Option<&str> {
        let has = self.find(asked).and_then(|(name, ..)| {
            let pattern = self.pattern(name, self.trigger.get(name)?).ok()?;
            Some(pattern.narrowness())
        });
        let fits = |text: &&String| {
            Pattern::parse(text).is_ok_and(|pattern| {
                pattern.fits(asked).is_some() && has.is_none_or(|has| pattern.narrowness() > has)
            })
        };
        self.client.absent.iter().find(fits).map(String::as_str)
    }

    /// What the client can do, with what follows from the triggers.
    pub(super) fn capabilities(&self) -> Vec<String> {
        let mut all = self.client.capabilities.clone();
        let lists = |(name, trigger): (&String, &Trigger)| {
            self.pattern(name, trigger).is_ok_and(|pattern| pattern.is_list())
        };
        if self.trigger.iter().any(lists) && !all.iter().any(|name| name == "list_all") {
            all.push("list_all".to_owned());
        }
        all
    }
}

impl Trigger {
    /// How it works.
    pub(super) fn way(&self) -> Result<Way<'_>, String> {
        match (&self.run, &self.http, &self.manual) {
            (Some(run), None, None) => Ok(Way::Run(run)),
            (None, Some(http), None) => Ok(Way::Http(http)),
            (None, None, Some(manual)) => Ok(Way::Manual(manual)),
            _ => Err("it needs exactly one of `run`, `http`, `manual` and `same_as`".to_owned()),
        }
    }

    /// When it is done.
    pub(super) fn done(&self) -> Result<Done, String> {
        let Some(text) = &self.done else {
            return Ok(match self.way()? {
                Way::Run(_) => Done::Exit,
                Way::Http(_) => Done::Answered,
                Way::Manual(_) => Done::Seen(Seen::Quiet(Duration::from_millis(1500))),
            });
        };
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
        let quiet = |text: &str| number(text.strip_suffix("ms-after-first-request")?);
        let wrong = || {
            format!("done: {text:?} is none of exit, http_2xx, quiet:1500ms-after-first-request, requests:3")
        };
        match text.split_once(':') {
            None if text == "exit" => Ok(Done::Exit),
            None if text == "http_2xx" => Ok(Done::Answered),
            Some(("quiet", window)) => {
                quiet(window).map(|ms| Done::Seen(Seen::Quiet(Duration::from_millis(ms)))).ok_or_else(wrong)
            }
            Some(("requests", count)) => {
                let count = number(count).and_then(|count| usize::try_from(count).ok()).ok_or_else(wrong)?;
                Ok(Done::Seen(Seen::Requests(count)))
            }
            _ => Err(wrong()),
        }
    }

    /// Every text with values.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let http = self.http.iter().flat_map(|http| {
            let headers = http.headers.values().map(String::as_str);
            [http.url.as_str()].into_iter().chain(http.body.as_deref()).chain(headers)
        });
        self.run.iter().flatten().map(String::as_str).chain(http).chain(self.manual.as_deref())
    }
}

/// The JSON Schema of a profile.
pub(crate) fn schema() -> serde_json::Value {
    serde_json::to_value(schemars::schema_for!(Profile)).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const SOUND: &str = r#"
[client]
name = "acme-sync"
capabilities = ["auth.private_key_jwt"]
absent = ["call POST"]
[env]
OKTA_CLIENT_ORGURL = "{org_url}"
[trigger.list_users]
run = ["acme", "--once"]
observe.items = "$.users[*].id"
[trigger.get_token]
same_as = "list_users"
[trigger.anything]
on = "call GET"
run = ["acme", "get", "{path}"]
done = "quiet:20ms-after-first-request"
"#;

    fn parse(text: &str) -> Result<Profile, String> {
        Profile::parse(text, PathBuf::from("/p"))
    }

    #[test]
    fn a_profile_says_who_does_what() {
        let profile = parse(SOUND).unwrap();
        assert!(profile.tls && profile.host.is_none());
        assert_eq!(profile.capabilities(), ["auth.private_key_jwt", "list_all"]);
        let find = |op: &crate::client::protocol::Op| {
            profile.find(&Asked::of(op)).map(|(name, trigger, _)| (name.to_owned(), trigger.done().unwrap()))
        };
        use crate::client::protocol::Op;
        assert_eq!(find(&Op::list_all("/api/v1/users")), Some(("list_users".to_owned(), Done::Exit)));
        assert_eq!(find(&Op::GetToken), Some(("get_token".to_owned(), Done::Exit)));
        assert_eq!(find(&Op::list_all("/api/v1/apps")), None);
        let quiet = Done::Seen(Seen::Quiet(Duration::from_millis(20)));
        assert_eq!(find(&Op::get("/x")), Some(("anything".to_owned(), quiet)));
        let post = Op::Call { method: "POST".to_owned(), path: "/api/v1/users".to_owned(), body: None };
        assert_eq!(profile.lacks(&Asked::of(&post)), Some("call POST"));
        assert_eq!(profile.lacks(&Asked::of(&Op::GetToken)), None);
        let narrower = SOUND.replace("\"call POST\"", "\"call GET /api/v1/users/me\"");
        let me = parse(&narrower).unwrap();
        assert_eq!(me.lacks(&Asked::of(&Op::get("/api/v1/users/me"))), Some("call GET /api/v1/users/me"));
        assert_eq!(me.lacks(&Asked::of(&Op::get("/api/v1/users/00u1"))), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let with = |from: &str, to: &str| parse(&SOUND.replace(from, to)).unwrap_err();
        let table = [
            ("name = ", "nme = ", "line 3: unknown field `nme`"),
            (
                "{org_url}",
                "{org_uri}",
                "env.OKTA_CLIENT_ORGURL: no value is called {org_uri} (did you mean {org_url}?)",
            ),
            ("same_as = \"list_users\"", "same_as = \"list_user\"", "did you mean \"list_users\"?"),
            ("same_as = \"list_users\"", "same_as = \"get_token\"", "circle"),
            ("$.users[*].id", "users", "no path into JSON"),
            ("quiet:20ms-after-first-request", "quiet", "done: \"quiet\" is none of"),
            ("[trigger.anything]\non = \"call GET\"", "[trigger.list_usrs]", "did you mean `list_users`?"),
            ("absent = [\"call POST\"]", "absent = [\"POST\"]", "client.absent"),
        ];
        for (from, to, expected) in table {
            let error = with(from, to);
            assert!(error.contains(expected), "{error}");
        }
        assert!(
            parse("[client]\nname = \"x\"\ncapabilities = []\n[trigger]\n").unwrap_err().contains("trigger")
        );
    }
}
