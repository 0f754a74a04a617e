//! A client that cannot be changed: its environment, its files, a trigger, a rule for "done" (contracts §4,
//! harness-anchors §3, docs/unmodified-clients.md).

pub(super) mod files;
mod json_path;
mod observe;
mod process;
pub(crate) mod profile;
mod surroundings;
mod template;
mod trigger;
mod trust;
mod values;

use std::{io::Write as _, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};

use self::{
    process::{Ended, Running},
    profile::{Done, HttpTrigger, Profile, Trigger, Way},
    surroundings::Place,
    template::Values,
    trigger::Asked,
    trust::Truststores,
};
use super::{
    Driver, DriverError, Ending, Heard, Needs, Wire,
    inside::{self, Inside},
    protocol::{Achieved, Connection, Hello, Identity, Op, Outcome, PROTOCOL},
    traffic::Traffic,
};
use crate::target::Org;

/// How long a program that stays may take until it is ready.
const READY: Duration = Duration::from_secs(20);
/// How long a version command may take.
const VERSION: Duration = Duration::from_secs(5);
/// How long a cleanup may take; `bye` waits no longer.
const CLEANUP: Duration = Duration::from_millis(2500);

/// Drives a client by its profile.
pub(super) struct Exec {
    profile: Arc<Profile>,
    truststores: Arc<Truststores>,
}

impl Exec {
    /// By this profile.
    pub(super) fn new(profile: Arc<Profile>) -> Self {
        Self { profile, truststores: Arc::default() }
    }

    fn session(&self, traffic: Traffic) -> Wire {
        inside::wire(Client {
            profile: Arc::clone(&self.profile),
            truststores: Arc::clone(&self.truststores),
            traffic,
            place: None,
            service: None,
            log: Vec::new(),
        })
    }
}

impl Driver for Exec {
    fn describe(&self) -> String {
        format!("{} by its profile", self.profile.client.name)
    }

    fn needs(&self) -> Needs {
        let Profile { tls, host, client, .. } = &*self.profile;
        Needs { tls: *tls, host: host.clone(), alone: client.alone }
    }

    fn open(&self) -> Result<Wire, DriverError> {
        Ok(self.session(Traffic::none()))
    }

    fn open_at(&self, org: &Org) -> Result<Wire, DriverError> {
        Ok(self.session(Traffic::of(org.clone())))
    }

    fn absent(&self, op: &Op) -> Option<String> {
        let asked = Asked::of(op);
        let pattern = self.profile.lacks(&asked)?;
        Some(format!(
            "the profile says that the client has nothing for `{}` (absent: {pattern:?})",
            asked.words()
        ))
    }

    fn missing(&self, op: &Op) -> Option<String> {
        let asked = Asked::of(op);
        let Some((name, trigger, _)) = self.profile.find(&asked) else {
            return Some(format!(
                "the profile has no trigger for `{0}`; add one with on = \"{0}\", or say in client.absent that the client \
                 has nothing for it",
                asked.words()
            ));
        };
        let words: Vec<&str> = trigger.texts().flat_map(template::words).collect();
        let lost = trigger::lost_parameters(&asked, &words);
        (!lost.is_empty()).then(|| {
            format!(
                "the trigger {name} does not pass on {} of `{}`: use {{path}} or {{query}}",
                lost.join(", "),
                asked.words()
            )
        })
    }

    fn hears(&self, op: &Op, what: Heard) -> bool {
        let Some((_, trigger, _)) = self.profile.find(&Asked::of(op)) else { return true };
        let observe = &trigger.observe;
        match what {
            Heard::Success => !matches!(trigger.done(), Ok(Done::Seen(_))),
            Heard::Error => !matches!(trigger.done(), Ok(Done::Seen(_))),
            Heard::Items => observe.items.is_some() || observe.body.is_some(),
            Heard::Scopes => observe.scope.is_some(),
            Heard::Lifetime => observe.expires_in.is_some(),
        }
    }
}

struct Client {
    profile: Arc<Profile>,
    truststores: Arc<Truststores>,
    traffic: Traffic,
    place: Option<Place>,
    service: Option<Running>,
    log: Vec<String>,
}

impl Inside for Client {
    async fn hello(&mut self) -> Result<Hello, String> {
        let about = &self.profile.client;
        let version = match about.version_cmd.is_empty() {
            true => about.version.clone(),
            false => self.version().await?,
        };
        let client = Identity { name: about.name.clone(), version, language: about.language.clone() };
        Ok(Hello { protocol: PROTOCOL, client, capabilities: self.profile.capabilities() })
    }

    async fn perform(&mut self, op: Op) -> Outcome {
        let done = match op {
            Op::Configure { client } => {
                self.configure(&client).await.map(|()| Outcome::Ok(Achieved::default()))
            }
            op => self.pull(&op).await,
        };
        if let Some(proxy) = self.place.as_ref().and_then(|place| place.proxy.as_ref()) {
            self.log.extend(proxy.refused());
        }
        done.unwrap_or_else(|message| Outcome::Error { message })
    }

    async fn end(&mut self) {
        self.service = None;
        let Some(place) = self.place.take() else { return };
        let Some(cleanup) = &self.profile.cleanup else { return };
        let run = async {
            let argv = rendered(&cleanup.run, &place.values)?;
            let ended = process::start(&argv, None, &place.around)?.ended().await;
            match ended.ending {
                Ending::Exited(0) => Ok(()),
                other => Err(format!("{other:?}: {}", ended.err.trim())),
            }
        };
        match timeout(CLEANUP, run).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => self.log.push(format!("the cleanup failed: {cause}")),
            Err(_) => self.log.push("the cleanup took too long and was ended".to_owned()),
        }
    }

    fn log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

impl Client {
    async fn version(&self) -> Result<String, String> {
        let around = surroundings::bare(&self.profile.folder);
        let mut running = process::start(&self.profile.client.version_cmd, None, &around)
            .map_err(|cause| format!("client.version_cmd: {cause}"))?;
        let ended = timeout(VERSION, running.ended()).await;
        let ended =
            ended.map_err(|_| format!("client.version_cmd: not over after {} s", VERSION.as_secs()))?;
        if ended.ending != Ending::Exited(0) {
            return Err(format!("client.version_cmd failed ({:?}): {}", ended.ending, ended.err.trim()));
        }
        let text = if ended.out.trim().is_empty() { &ended.err } else { &ended.out };
        Ok(text.lines().next().unwrap_or_default().trim().chars().take(80).collect())
    }

    /// A fresh place for the client, told of the org.
    async fn configure(&mut self, connection: &Connection) -> Result<(), String> {
        self.service = None;
        self.place = None;
        let place =
            Place::new(&self.profile, connection, &self.truststores, self.traffic.tls_address()).await?;
        if let Some(start) = &self.profile.start {
            let argv = rendered(&start.run, &place.values)?;
            let mut service =
                process::start(&argv, None, &place.around).map_err(|cause| format!("start: {cause}"))?;
            if let Some(ready) = &start.ready {
                let url = render(ready, &place.values)?;
                tokio::select! {
                    ready = until_ready(&url) => ready?,
                    ended = service.ended() => {
                        return Err(format!("start: the program ended ({:?}): {}", ended.ending, ended.err.trim()));
                    }
                }
            }
            self.service = Some(service);
        }
        self.place = Some(place);
        Ok(())
    }

    /// Has the client do one thing.
    async fn pull(&mut self, op: &Op) -> Result<Outcome, String> {
        let profile = Arc::clone(&self.profile);
        let asked = Asked::of(op);
        let Some((name, trigger, star)) = profile.find(&asked) else { return Ok(Outcome::Unsupported) };
        let Some(place) = &self.place else { return Err("`configure` comes first".to_owned()) };
        let mut values = place.values.clone();
        values::add_op(&mut values, op, star);
        if let Some(body) = values.get("body").cloned() {
            let path = place.folder.path().join("body.json");
            files::write_private(&path, &body).map_err(|error| format!("{}: {error}", path.display()))?;
            values.insert("body_file", path.display().to_string());
        }
        let after = self.traffic.last_seq().await?;
        let done = trigger.done()?;
        let outcome = match trigger.way()? {
            Way::Run(argv) => {
                let argv = rendered(argv, &values).map_err(|cause| format!("trigger.{name}: {cause}"))?;
                let body = values.get("body").cloned();
                let mut running = process::start(&argv, body, &place.around)
                    .map_err(|cause| format!("trigger.{name}: {cause}"))?;
                let ended = match done {
                    Done::Seen(seen) => {
                        // What ends by itself has done what it does.
                        let early = tokio::select! {
                            seen = self.traffic.until(seen, after) => { seen?; None }
                            ended = running.ended() => Some(ended),
                        };
                        match early {
                            Some(ended) => ended,
                            None => Ended { ending: Ending::Exited(0), ..running.stop().await },
                        }
                    }
                    Done::Exit | Done::Answered => running.ended().await,
                };
                self.log.extend(words(name, &ended));
                told(name, trigger, &ended, done)
            }
            Way::Http(http) => self.send(name, trigger, http, &values, done, after).await,
            Way::Manual(text) => {
                let text = render(text, &values)?;
                let _ = std::io::stderr()
                    .write_all(format!("\n  Now: {text}\n  Waiting for its requests …\n").as_bytes());
                if let Done::Seen(seen) = done {
                    self.traffic.until(seen, after).await?;
                }
                Ok(Outcome::Ok(Achieved::default()))
            }
        }?;
        self.traffic.drain().await?;
        Ok(outcome)
    }

    async fn send(
        &self,
        name: &str,
        trigger: &Trigger,
        http: &HttpTrigger,
        values: &Values,
        done: Done,
        after: u64,
    ) -> Result<Outcome, String> {
        let in_trigger = |cause: String| format!("trigger.{name}: {cause}");
        let url = render(&http.url, values).map_err(in_trigger)?;
        let method = reqwest::Method::from_bytes(http.method.as_bytes())
            .map_err(|_| in_trigger(format!("{:?} is no method", http.method)))?;
        let client = surroundings::own_http().map_err(in_trigger)?;
        let mut request = client.request(method, &url);
        for (header, text) in &http.headers {
            request = request.header(header, render(text, values).map_err(in_trigger)?);
        }
        if let Some(body) = &http.body {
            request = request.body(render(body, values).map_err(in_trigger)?);
        }
        let response = request.send().await.map_err(|error| {
            in_trigger(format!("{url}: {error}; start the client before the run, or by [start]"))
        })?;
        let status = response.status();
        let text = response.text().await.map_err(|error| in_trigger(error.to_string()))?;
        if let Done::Seen(seen) = done
            && status.is_success()
        {
            self.traffic.until(seen, after).await?;
        }
        Ok(match status.is_success() {
            true => Outcome::Ok(observe::achieved(&trigger.observe, &text)),
            false => {
                Outcome::Refused(observe::refused(&trigger.observe, &text, "", i32::from(status.as_u16())))
            }
        })
    }
}

/// What a command's end means to its caller.
fn told(name: &str, trigger: &Trigger, ended: &Ended, done: Done) -> Result<Outcome, String> {
    match ended.ending {
        Ending::Exited(code) if trigger.expect.exit_ok.contains(&code) => {
            Ok(Outcome::Ok(observe::achieved(&trigger.observe, &ended.out)))
        }
        // 126 and 127: a shell or `env` found nothing to run.
        Ending::Exited(code @ (126 | 127)) => {
            Err(format!("trigger.{name}: exit code {code}: {}", ended.err.trim()))
        }
        Ending::Exited(code) => {
            Ok(Outcome::Refused(observe::refused(&trigger.observe, &ended.out, &ended.err, code)))
        }
        Ending::Signalled(signal) => Err(format!("trigger.{name}: signal {signal} ended the command")),
        Ending::Killed => Err(format!("trigger.{name}: the command was ended ({done:?})")),
    }
}

/// The output of a command for the log, its last lines.
fn words(name: &str, ended: &Ended) -> Vec<String> {
    let mut words = vec![format!("{name}: {:?}", ended.ending)];
    for (stream, text) in [("stdout", &ended.out), ("stderr", &ended.err)] {
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        words.extend(lines[lines.len().saturating_sub(8)..].iter().map(|line| format!("{stream}: {line}")));
    }
    words
}

fn rendered(argv: &[String], values: &Values) -> Result<Vec<String>, String> {
    argv.iter().map(|word| render(word, values)).collect()
}

fn render(text: &str, values: &Values) -> Result<String, String> {
    template::render(text, values).map_err(|word| {
        format!(
            "{text:?}: this scenario has no value for {{{word}}}; pass it by [env], where it is left out then"
        )
    })
}

async fn until_ready(url: &str) -> Result<(), String> {
    let http = surroundings::own_http()?;
    let until = Instant::now() + READY;
    loop {
        match http.get(url).send().await {
            Ok(response) if response.status().is_success() => return Ok(()),
            _ if Instant::now() > until => {
                return Err(format!("start: {url} did not answer 2xx within {} s", READY.as_secs()));
            }
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}
