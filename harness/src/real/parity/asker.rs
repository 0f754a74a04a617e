//! Makes observations of one org: sends their requests, keeps their answers, and asks nothing twice.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, header};
use serde_json::Value;

use super::{
    answer::{Namer, Raw, Seen},
    credentials::Credentials,
    observation::{Observation, Observations, Step, Who},
    purse::Purse,
    template,
    tokens::{Signer, Token},
};
use crate::{
    real::{
        journal::{Entry, Journal},
        rules::PREFIX,
    },
    replay::recording::{Body, Headers},
    report::{pseudonyms::Pseudonyms, taint::Taint},
};

/// Why an observation was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotMade {
    /// A value is not there.
    #[error("needs {0} in the file of --org-config")]
    Needs(String),
    /// It writes, or could.
    #[error("needs --allow-writes")]
    Writes,
    /// The app gets no token.
    #[error("the app [apps.{app}] gets no token: {answer}")]
    NoToken { app: String, answer: String },
    /// An answer without which it makes no sense to go on.
    #[error("{0}, which is not what the rest needs")]
    Unexpected(String),
    /// An answer that does not have what the rest needs.
    #[error("the answer to {request} has nothing at {pointer}")]
    NotThere { request: String, pointer: String },
    /// Nothing is asked any more.
    #[error("{0}")]
    Stopped(String),
    /// A defect of the tables or of the credentials.
    #[error("{0}")]
    Broken(String),
}

/// The observations that were made, or why not.
pub(crate) type Made = Result<Vec<Seen>, NotMade>;

/// An org that is observed.
pub(crate) struct Asker<'a> {
    pub(super) observations: &'a Observations,
    http: Client,
    /// Without a slash at the end.
    pub(super) base_url: String,
    pub(super) credentials: Credentials,
    pub(super) allow_writes: bool,
    /// What may still be asked.
    pub(crate) purse: Purse,
    kept: BTreeMap<String, String>,
    pub(super) tokens: BTreeMap<String, Result<Token, NotMade>>,
    pub(super) signer: Signer,
    made: BTreeMap<String, Made>,
    taint: Taint,
    names: Option<Pseudonyms>,
    journal: Option<Journal>,
    /// What a cleanup did not remove, in words.
    pub(crate) left_behind: Vec<String>,
}

/// A request that is ready to be sent.
pub(super) struct Sent {
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<(&'static str, String)>,
}

/// A shorter value may be a word: the custom authorization server `default`.
const SHORTEST: usize = 12;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

impl<'a> Asker<'a> {
    /// An org at `base_url`, asked with these credentials.
    pub(crate) fn new(
        observations: &'a Observations,
        http: Client,
        base_url: &str,
        credentials: Credentials,
        (allow_writes, purse): (bool, Purse),
    ) -> Self {
        let taint = Taint::default();
        credentials.teach(&taint);
        let run = format!("{PREFIX}{:08x}", rand::random::<u32>());
        Self {
            observations,
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
            credentials,
            allow_writes,
            purse,
            kept: BTreeMap::from([("run".to_owned(), run)]),
            tokens: BTreeMap::new(),
            signer: Signer::default(),
            made: BTreeMap::new(),
            taint,
            names: None,
            journal: None,
            left_behind: Vec::new(),
        }
    }

    /// Writes down first what it makes, under the names of the journal's run.
    pub(crate) fn journaled(mut self, journal: Journal) -> Self {
        self.kept.insert("run".to_owned(), format!("{PREFIX}{}", journal.run));
        self.journal = Some(journal);
        self
    }

    /// Tells of the org by other names than its own.
    pub(crate) fn under_names(mut self, names: Pseudonyms) -> Self {
        self.names = Some(names);
        self
    }

    /// Makes an observation, and those that come before it; what was made already is not made again.
    pub(crate) async fn observe(&mut self, id: &str) -> Made {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(observation) = next.and_then(|id| self.observations.get(id)) {
            if chain.len() > self.observations.all.len() {
                return Err(NotMade::Broken(format!("{id} comes after itself")));
            }
            chain.push(observation);
            next = observation.after.as_deref();
        }
        let mut hindrance = None;
        for observation in chain.into_iter().rev() {
            if !self.made.contains_key(&observation.id) {
                let made = match hindrance.take() {
                    Some(reason) => Err(reason),
                    None => self.make(observation).await,
                };
                self.made.insert(observation.id.clone(), made);
            }
            hindrance = self.made.get(&observation.id).and_then(|made| made.as_ref().err()).cloned();
        }
        let unknown = || Err(NotMade::Broken(format!("there is no observation {id}")));
        self.made.get(id).cloned().unwrap_or_else(unknown)
    }

    /// What became of an observation, if it was made or tried.
    pub(crate) fn made(&self, id: &str) -> Option<&Made> {
        self.made.get(id)
    }

    /// The org's host, with its port if it has one.
    pub(crate) fn host(&self) -> &str {
        self.base_url.split_once("://").map_or("", |(_, host)| host)
    }

    /// A text without the secrets of the run, and without the org's own names unless they are to be told.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let text = self.taint.redact(text);
        match &self.names {
            Some(names) => names.cover(&text),
            None => text,
        }
    }

    /// The same of a JSON document.
    pub(crate) fn redacted_json(&self, text: &str) -> String {
        let text = self.taint.redact(text);
        match (&self.names, serde_json::from_str::<Value>(&text)) {
            (Some(names), Ok(mut value)) => {
                names.cover_all(&mut value, Pseudonyms::cover);
                serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
            }
            _ => text,
        }
    }

    /// What is still in the org, as far as the journal knows, and how it is undone.
    pub(crate) fn left(&self) -> Vec<String> {
        let Some(journal) = &self.journal else { return Vec::new() };
        let at = journal.path().display();
        let words = |entry: Entry| format!("{}; `orgtwin cleanup --journal {at}` deletes it", entry.name);
        journal.left().into_iter().map(words).collect()
    }

    async fn make(&mut self, observation: &Observation) -> Made {
        if observation.writes && !self.allow_writes {
            return Err(NotMade::Writes);
        }
        let made = self.steps(observation).await;
        for step in &observation.cleanups {
            // What was never made has no id.
            let Ok(sent) = self.ready(step).await else { continue };
            let (method, target) = (sent.method.clone(), sent.target.clone());
            let what = format!("{method} {target}");
            if let Err(reason) = self.purse.tidy() {
                self.left_behind.push(format!("{what}: {reason}"));
                continue;
            }
            match self.exchange(sent).await {
                Ok(raw) if raw.status < 400 || raw.status == 404 => {
                    let noted =
                        self.journal.as_mut().map(|one| one.answered(method.as_str(), &target, raw.status));
                    if let Some(Err(error)) = noted {
                        self.left_behind.push(format!("{what}: {error}"));
                    }
                }
                Ok(raw) => self.left_behind.push(format!("{what}: {}", raw.status)),
                Err(error) => self.left_behind.push(format!("{what}: {error}")),
            }
        }
        made
    }

    async fn steps(&mut self, observation: &Observation) -> Made {
        let mut all = Vec::new();
        let mut remaining = Vec::new();
        for step in &observation.steps {
            let upkeep = if step.makes.is_some() { observation.cleanups.len() } else { 0 };
            let (raw, good) = self.step(step, u32::try_from(upkeep).unwrap_or(u32::MAX)).await?;
            let left = raw.headers.get("x-rate-limit-remaining").and_then(|left| left.parse::<i64>().ok());
            remaining.push(left);
            let mut counts = Vec::new();
            if step.times > 1 {
                counts.push(("good answers", good.to_string()));
            }
            if let Some(since) = step.remaining_since {
                let before = remaining.get(since).copied().flatten();
                let drop =
                    before.zip(left).map_or_else(|| "unknown".to_owned(), |(a, b)| (a - b).to_string());
                counts.push(("remaining lower by", drop));
            }
            self.keep(step, &raw)?;
            let seen = Seen::of(step, &raw, &counts, &*self, &self.observations.compared);
            if !step.expect.is_empty() && !step.expect.contains(&raw.status) {
                return Err(NotMade::Unexpected(seen.line()));
            }
            if !step.prepares {
                all.push(seen);
            }
        }
        Ok(all)
    }

    /// Sends a step as often as it says; the last answer, and how many were good.
    async fn step(&mut self, step: &Step, upkeep: u32) -> Result<(Raw, u16), NotMade> {
        let mut good = 0;
        loop {
            let sent = self.ready(step).await?;
            let entry = self.intend(step, &sent)?;
            let raw = self.send(sent, step.own_limit.as_deref(), upkeep).await?;
            self.settle(entry, &raw)?;
            if raw.status >= 400 || good + 1 >= step.times {
                return Ok((raw.clone(), good + u16::from(raw.status < 400)));
            }
            good += 1;
        }
    }

    /// Writes down what a request is about to make; its number.
    fn intend(&mut self, step: &Step, sent: &Sent) -> Result<Option<u64>, NotMade> {
        let (Some(kind), Some(journal)) = (step.makes, &mut self.journal) else { return Ok(None) };
        let body = sent.body.as_ref().and_then(|(_, body)| serde_json::from_str::<Value>(body).ok());
        let name = body.as_ref().and_then(|body| kind.name_in(body)).unwrap_or_default();
        journal.intend(kind, name).map(Some).map_err(|error| NotMade::Stopped(error.to_string()))
    }

    /// Writes down what came of it.
    fn settle(&mut self, entry: Option<u64>, raw: &Raw) -> Result<(), NotMade> {
        let (Some(number), Some(journal)) = (entry, &mut self.journal) else { return Ok(()) };
        let id = raw.body.json().and_then(|body| body["id"].as_str());
        journal.settle(number, raw.status, id).map_err(|error| NotMade::Stopped(error.to_string()))
    }

    fn keep(&mut self, step: &Step, raw: &Raw) -> Result<(), NotMade> {
        if raw.status >= 400 {
            return Ok(());
        }
        for (name, pointer) in &step.keep {
            let found = raw.body.json().and_then(|body| body.pointer(pointer)).and_then(Value::as_str);
            let value = found.ok_or_else(|| NotMade::NotThere {
                request: step.request.clone(),
                pointer: pointer.clone(),
            })?;
            self.kept.insert(name.clone(), value.to_owned());
        }
        Ok(())
    }

    async fn ready(&mut self, step: &Step) -> Result<Sent, NotMade> {
        let (method, target) = step.request.split_once(' ').unwrap_or(("GET", &step.request));
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let encoded = |value: &str| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        let target = self.filled(target, encoded)?;
        let mut headers = vec![("Accept".to_owned(), JSON.to_owned())];
        for (name, value) in &step.headers {
            headers.push((name.clone(), self.filled(value, str::to_owned)?));
        }
        if let Some(pair) = &step.basic {
            let pair = self.filled(pair, str::to_owned)?;
            headers.push(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair))));
        }
        if let Some(method) = &step.proof_for {
            let url = self.url(&target);
            headers.push(("DPoP".to_owned(), self.signer.proof(method, &url, None)?));
        }
        match &step.who {
            None => {}
            Some(Who::ApiToken(name)) => {
                let token = self.value(name)?;
                headers.push(("Authorization".to_owned(), format!("SSWS {token}")));
            }
            Some(Who::App(of)) => {
                let token = self.token(of).await?;
                let url = self.url(&target);
                headers.extend(self.signer.authorization(&token, method.as_str(), &url)?);
            }
        }
        let body = match (&step.form, &step.json) {
            (Some(form), _) => Some((FORM, self.filled(form, encoded)?)),
            (None, Some(json)) => {
                let json = serde_json::to_value(json).map_err(|error| NotMade::Broken(error.to_string()))?;
                Some((JSON, self.filled_json(json)?.to_string()))
            }
            (None, None) => None,
        };
        Ok(Sent { method, target, headers, body })
    }

    pub(super) fn url(&self, target: &str) -> String {
        format!("{}{target}", self.base_url)
    }

    /// Sends a request, if one more may be sent. A 429 ends everything, but for one with the code `own_limit`, which is
    /// what was to be found out.
    pub(super) async fn send(
        &mut self,
        sent: Sent,
        own_limit: Option<&str>,
        upkeep: u32,
    ) -> Result<Raw, NotMade> {
        self.purse.spend(upkeep).map_err(NotMade::Stopped)?;
        let raw = match self.exchange(sent).await {
            Ok(raw) => raw,
            Err(error) => {
                self.purse.stop(error.to_string());
                return Err(error);
            }
        };
        if own_limit.is_some() && raw.error() == own_limit {
            return Ok(raw);
        }
        self.purse.answered(raw.status, &raw.headers);
        match self.purse.stopped() {
            Some(reason) if raw.status == 429 => Err(NotMade::Stopped(reason.to_owned())),
            _ => Ok(raw),
        }
    }

    async fn exchange(&mut self, sent: Sent) -> Result<Raw, NotMade> {
        let mut request = self.http.request(sent.method, self.url(&sent.target));
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        if let Some((kind, body)) = sent.body {
            request = request.header(header::CONTENT_TYPE, kind).body(body);
        }
        // The URL of an error may hold a secret.
        let failed = |error: reqwest::Error| {
            let cause =
                std::iter::successors(std::error::Error::source(&error), |cause| cause.source()).last();
            let cause = cause.map_or_else(|| "no answer".to_owned(), ToString::to_string);
            NotMade::Stopped(format!("the org cannot be reached: {cause}"))
        };
        let response = request.send().await.map_err(failed)?;
        let mut headers = Headers::default();
        for (name, value) in response.headers() {
            headers.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(failed)?;
        let body = Body::parse(&bytes, headers.get("content-type"));
        Ok(Raw { status, headers, body })
    }

    /// A value by its name: of the run, kept, of the credentials, or made for this moment.
    pub(super) fn value(&mut self, name: &str) -> Result<String, NotMade> {
        if name == "base_url" {
            return Ok(self.base_url.clone());
        }
        if let Some(value) = self.kept.get(name).map(String::as_str).or_else(|| self.credentials.get(name)) {
            return Ok(value.to_owned());
        }
        match name.strip_suffix(".assertion") {
            Some(app) => self.assertion(app, None),
            None => Err(needs(name)),
        }
    }

    pub(super) fn filled(&mut self, text: &str, encoded: impl Fn(&str) -> String) -> Result<String, NotMade> {
        template::filled(text, |name| self.value(name).map(|value| encoded(&value)))
    }

    fn filled_json(&mut self, value: Value) -> Result<Value, NotMade> {
        Ok(match value {
            Value::String(text) => Value::String(self.filled(&text, str::to_owned)?),
            Value::Array(elements) => {
                elements.into_iter().map(|element| self.filled_json(element)).collect::<Result<_, _>>()?
            }
            Value::Object(members) => {
                let member = |(name, member)| Ok((name, self.filled_json(member)?));
                Value::Object(members.into_iter().map(member).collect::<Result<_, NotMade>>()?)
            }
            other => other,
        })
    }
}

/// What of the file holds a value.
pub(super) fn needs(name: &str) -> NotMade {
    match name.split_once('.') {
        Some(("custom", key)) => NotMade::Needs(format!("[custom] {key}")),
        Some((app, "scope")) => NotMade::Needs(format!("[apps.{app}] scopes")),
        Some((app, key)) => NotMade::Needs(format!("[apps.{app}] {key}")),
        None => NotMade::Needs(format!("harness.{name}_env")),
    }
}

impl Namer for Asker<'_> {
    fn named(&self, text: &str) -> String {
        // The longest first: one value may be the beginning of another.
        let host = self.host();
        let kept = self.kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut values: Vec<_> = kept.chain(self.credentials.values()).collect();
        values.extend([("base_url", self.base_url.as_str()), ("host", host)]);
        values.retain(|(name, value)| value.len() >= SHORTEST && !name.ends_with(".scope"));
        values.sort_by_key(|(name, value)| (std::cmp::Reverse(value.len()), *name));
        template::named(text, &values)
    }
}
