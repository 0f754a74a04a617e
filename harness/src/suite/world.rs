//! What one scenario works with: an org of its own, a client of its own, and the checks that its steps push.

mod again;
mod another;
mod ending;
mod entered;
mod logged;
mod waiting;

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use serde_json::Value;

pub(crate) use self::entered::Domain;
use super::{
    asking::{OpError, ask_and_move_time, handed_out},
    features::Case,
    outcome::{Check, Level, Verdict, Witness},
    poison::Poison,
    versions::Versions,
};
use crate::{
    client::{
        Driver, DriverError, Heard, Needs, Session,
        protocol::{Connection, Op, Outcome},
        session::Deadlines,
    },
    real::{org::RealOrg, run::Opened},
    report::taint::Taint,
    steps::{self, thing::Kind},
    target::{Control, ControlError, NewOrg, Org, ledger::Ledger, ready::ConnectionError},
};

/// What all scenarios of a run share.
pub(crate) struct Settings {
    /// Where orgs are made.
    pub(crate) control: Control,
    /// The client under test.
    pub(crate) driver: Box<dyn Driver>,
    /// What it can do.
    pub(crate) capabilities: Vec<String>,
    /// How long ops may take.
    pub(crate) deadlines: Deadlines,
    /// How long a scenario may take.
    pub(crate) scenario_deadline: Duration,
    /// The seed of each org.
    pub(crate) seed: u64,
    /// The run's secrets.
    pub(crate) taint: Taint,
    /// The integration that the client is.
    pub(crate) versions: Versions,
    /// How every org is not like Okta, for `selftest`.
    pub(crate) mutations: Vec<String>,
    /// The real org, when there is no twin.
    pub(crate) real: Option<Rc<Opened>>,
}

/// The tag of a scenario whose requests break Okta's specification on purpose.
const WRONG_REQUEST: &str = "wrong-request";

/// Why a step cannot go on. The check that says so is in the world already.
#[derive(Debug)]
pub(crate) struct Stop(String);

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A change to the connection that the client is handed.
pub(crate) type Edit = Box<dyn Fn(&mut Connection)>;

/// One op that the client was asked for, and what it said came of it.
#[derive(Debug, Clone)]
pub(crate) struct Doing {
    /// The op.
    pub(crate) op: Op,
    /// The last exchange before it began.
    pub(crate) after: u64,
    /// The client's words.
    pub(crate) outcome: Outcome,
}

/// A scenario's world. Steps get it as their first argument; see `steps/mod.rs`.
#[derive(cucumber::World)]
#[world(init = Self::of_nothing)]
pub(crate) struct World {
    settings: Option<Rc<Settings>>,
    id: String,
    level: Level,
    /// The org to be made. `Given` steps change it; the first step that needs the org makes it.
    pub(crate) draft: NewOrg,
    /// The name of the app that the client acts as; the first one whose method the client knows if none.
    pub(crate) app: Option<String>,
    /// The scopes that the client asks for; those granted to the app if none.
    pub(crate) scopes: Option<Vec<String>>,
    /// The name of the API token that the client acts with, instead of an app.
    pub(crate) api_token: Option<String>,
    /// How what the client is handed differs from what the org says of the app: an old secret, another app's key.
    pub(crate) edits: Vec<Edit>,
    /// The client id and the authentication method that the client was configured with.
    pub(crate) acting_as: Option<(String, &'static str)>,
    /// Where the client was told that the org is; empty until it was configured.
    pub(crate) told: String,
    /// The domain that the customer entered, where that is not the org's address.
    pub(crate) domain: Option<Domain>,
    /// A client that refuses what it is set up with has answered the scenario.
    pub(crate) setup_judged: bool,
    setup_refused: Option<Outcome>,
    /// What must have reached the client before a negative scenario shows anything.
    pub(crate) poison: Poison,
    /// What was made in this scenario: the id by kind and name.
    pub(crate) made: BTreeMap<(Kind, String), String>,
    /// Everything that the client was asked for.
    pub(crate) doings: Vec<Doing>,
    checks: Vec<Check>,
    org: Option<Org>,
    session: Option<Session>,
    stopped: bool,
    wrong_request: bool,
    /// The step that runs asked for what nobody saw.
    unseen: bool,
    /// What the System Log told of the client's tokens, once it was asked.
    logged: Option<Ledger>,
    client_log: String,
}

impl std::fmt::Debug for World {
    // Hand-written: a world holds secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("id", &self.id).field("checks", &self.checks).finish_non_exhaustive()
    }
}

/// What is left of a world when its scenario is over.
pub(crate) struct Remains {
    /// The checks, in the order in which they were made.
    pub(crate) checks: Vec<Check>,
    /// The org's record.
    pub(crate) ledger: Ledger,
    /// What the client wrote beside its replies.
    pub(crate) client_log: String,
}

impl World {
    /// The world of a case.
    pub(crate) fn new(settings: Rc<Settings>, case: &Case) -> Self {
        let Needs { tls, host, .. } = settings.driver.needs();
        let host_names =
            host.iter().filter_map(|host| host.split(':').next()).map(ToOwned::to_owned).collect();
        let mutations = settings.mutations.clone();
        let draft = NewOrg { seed: Some(settings.seed), tls, host_names, mutations, ..NewOrg::default() };
        Self {
            settings: Some(settings),
            id: case.id.clone(),
            level: case.level.unwrap_or(Level::Must),
            draft,
            app: None,
            scopes: None,
            api_token: None,
            edits: Vec::new(),
            acting_as: None,
            told: String::new(),
            domain: None,
            setup_judged: false,
            setup_refused: None,
            poison: Poison::of(case),
            made: BTreeMap::new(),
            doings: Vec::new(),
            checks: Vec::new(),
            org: None,
            session: None,
            stopped: false,
            wrong_request: case.tags.iter().any(|tag| tag == WRONG_REQUEST),
            unseen: false,
            logged: None,
            client_log: String::new(),
        }
    }

    /// The scenario's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The checks so far.
    pub(super) fn checks(&self) -> &[Check] {
        &self.checks
    }

    fn of_nothing() -> Result<Self, std::io::Error> {
        Err(std::io::Error::other("a world is made by the suite's own runner"))
    }

    // ---- checks -----------------------------------------------------------------------------------------------

    /// Judges a requirement at the scenario's own level: `fail` for a must, `warn` for a should.
    pub(crate) fn judge(
        &mut self,
        slug: &str,
        holds: bool,
        expected: impl Into<String>,
        observed: impl Into<String>,
        witness: Witness,
    ) {
        self.judge_at(slug, holds, expected, observed, witness, None);
    }

    /// As [`World::judge`], naming the exchange that decided.
    pub(crate) fn judge_at(
        &mut self,
        slug: &str,
        holds: bool,
        expected: impl Into<String>,
        observed: impl Into<String>,
        witness: Witness,
        exchange: Option<u64>,
    ) {
        let verdict = match (holds, self.level) {
            (true, _) => Verdict::Pass,
            (false, Level::Must) => Verdict::Fail,
            (false, Level::Should) => Verdict::Warn,
        };
        self.check(slug, self.level, verdict, expected, observed, witness, exchange);
    }

    /// Pushes a check of any level and verdict.
    #[expect(clippy::too_many_arguments, reason = "a check is these seven facts; steps use judge()")]
    pub(crate) fn check(
        &mut self,
        slug: &str,
        level: Level,
        verdict: Verdict,
        expected: impl Into<String>,
        observed: impl Into<String>,
        witness: Witness,
        exchange: Option<u64>,
    ) {
        let witness = self.seen_by(witness);
        self.checks.push(Check {
            id: format!("{}:{slug}", self.id),
            level,
            verdict,
            expected: expected.into(),
            observed: observed.into(),
            witness,
            // The log's events are no exchanges.
            exchange: exchange.filter(|_| witness != Witness::SystemLog),
        });
    }

    /// Ends the scenario: what it needs is missing, so nothing can be shown. Counts as a failure.
    pub(crate) fn untestable(&mut self, missing: impl Into<String>) -> Stop {
        self.stop(Verdict::Untestable, "prerequisite", "what the scenario needs", missing.into())
    }

    /// Ends the scenario: the harness, the mock or the adapter broke.
    pub(crate) fn broke(&mut self, slug: &str, cause: impl Into<String>) -> Stop {
        self.stop(Verdict::Error, slug, "the harness, the org and the adapter to work", cause.into())
    }

    fn stop(&mut self, verdict: Verdict, slug: &str, expected: &str, observed: String) -> Stop {
        self.stopped = true;
        self.check(slug, Level::Must, verdict, expected, observed.clone(), Witness::Harness, None);
        Stop(observed)
    }

    /// The step asked for what nobody saw; to be asked once a step.
    pub(super) fn is_unseen(&mut self) -> bool {
        std::mem::take(&mut self.unseen)
    }

    /// A step ended the scenario, and said why.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    // ---- the org ----------------------------------------------------------------------------------------------

    /// The real org, when there is no twin.
    pub(crate) fn real(&self) -> Option<&RealOrg> {
        self.settings.as_ref()?.real.as_ref().map(|opened| &opened.org)
    }

    /// The scenario's org; made from [`World::draft`] when it is asked for first.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) async fn org(&mut self) -> Result<Org, Stop> {
        if let Some(org) = &self.org {
            return Ok(org.clone());
        }
        let settings = self.settings()?;
        if let Some(real) = &settings.real {
            let org = self.real_org(&real.org, &settings.control).await?;
            self.org = Some(org.clone());
            return Ok(org);
        }
        match settings.control.create(&self.draft).await {
            Ok(mut org) => {
                let needs = settings.driver.needs();
                // A scenario may be about TLS.
                let host = self.domain.as_ref().map(|domain| domain.host.clone()).or(needs.host);
                match handed_out(&org, Needs { tls: needs.tls || self.draft.tls, host, ..needs }) {
                    Ok(address) => org.ready.handed_out = address,
                    Err(cause) => return Err(self.broke("org", cause)),
                }
                if let Err(cause) = self.lead_to(&mut org).await {
                    return Err(self.broke("org", cause));
                }
                for secret in org.ready.secrets() {
                    settings.taint.learn(&secret);
                }
                self.org = Some(org.clone());
                Ok(org)
            }
            Err(error) => Err(self.broke("org", error.to_string())),
        }
    }

    async fn real_org(&mut self, real: &RealOrg, control: &Control) -> Result<Org, Stop> {
        if !steps::is_usual(&self.draft) {
            let words = "the scenario wants an org of its own making, so it must not be tagged @real:…";
            return Err(self.broke("org", words));
        }
        match real.scene().await {
            Ok((ready, scene)) => Ok(Org::real(control.clone(), ready, scene)),
            Err(error) => Err(self.broke("org", format!("the proxy before the org: {error}"))),
        }
    }

    /// The org's address without TLS, for a scenario in which somebody stands between client and org.
    ///
    /// # Errors
    /// It cannot be made; the client is one that is handed addresses with TLS only.
    pub(crate) async fn plain_address(&mut self) -> Result<String, Stop> {
        let ready = self.org().await?.ready;
        if ready.handed_out.is_some() {
            let reason = "who stands between client and org in this scenario speaks no TLS, and this client no plain HTTP";
            let expected = "a client that takes an address without TLS";
            return Err(self.stop(Verdict::NotApplicable, "applicable", expected, reason.to_owned()));
        }
        Ok(ready.base_url)
    }

    /// The org's record of the wire so far.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn ledger(&mut self) -> Result<Ledger, Stop> {
        let org = self.org().await?;
        if self.went_around(&org) {
            self.unseen = true;
            return Err(Stop("nobody saw the client's requests".to_owned()));
        }
        let ledger = org.ledger().await;
        self.need(ledger)
    }

    /// The client says that it did something, or that the org refused it, and never came to the proxy before the real org.
    fn went_around(&self, org: &Org) -> bool {
        let did = |doing: &Doing| match &doing.outcome {
            Outcome::Ok(_) => true,
            Outcome::Refused(refused) => refused.status.is_some(),
            _ => false,
        };
        org.scene().is_some_and(|scene| !scene.record.is_touched()) && self.doings.iter().any(did)
    }

    /// The value, or the end of the scenario because the control API failed.
    pub(crate) fn need<T>(&mut self, result: Result<T, ControlError>) -> Result<T, Stop> {
        result.map_err(|error| self.broke("org", error.to_string()))
    }

    // ---- the client -------------------------------------------------------------------------------------------

    /// The client declared this capability.
    pub(crate) fn can(&self, capability: &str) -> bool {
        self.settings
            .as_ref()
            .is_some_and(|settings| settings.capabilities.iter().any(|name| name == capability))
    }

    /// What the client said about the last op.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub(crate) fn last(&mut self) -> Result<Doing, Stop> {
        match self.doings.last() {
            Some(doing) => Ok(doing.clone()),
            None => Err(self.broke("step", "the step needs a When before it")),
        }
    }

    /// The client says such things about the last op. Where it does not, the check that asks does not apply.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub(crate) fn hears(&mut self, slug: &str, what: Heard) -> Result<bool, Stop> {
        let op = self.last()?.op;
        let hears = self.settings()?.driver.hears(&op, what);
        if !hears {
            let observed =
                "nobody hears this of a client that cannot be changed, or its profile does not say where";
            let witness = Witness::ClientSays;
            self.check(
                slug,
                self.level,
                Verdict::NotApplicable,
                "the client's words",
                observed,
                witness,
                None,
            );
        }
        Ok(hears)
    }

    /// The path that the last op was about, without its query.
    ///
    /// # Errors
    /// Nothing was asked yet, or it was about no path.
    pub(crate) fn last_path(&mut self) -> Result<String, Stop> {
        match self.last()?.op {
            Op::Call { path, .. } | Op::ListAll { path, .. } => {
                Ok(path.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned())
            }
            other => Err(self.broke("step", format!("`{}` is about no path", other.name()))),
        }
    }

    /// Asks the client for one op, and keeps what it says. While the client waits for a rate limit to reset, the
    /// time of the org and of a client that allows it (`clock.inject`) is moved on.
    ///
    /// # Errors
    /// The adapter broke, or lacks the op.
    pub(crate) async fn perform(&mut self, op: Op) -> Result<Outcome, Stop> {
        let settings = self.settings()?;
        if let Some(reason) = settings.driver.absent(&op) {
            return Err(self.stop(Verdict::NotApplicable, "applicable", "a client that can do this", reason));
        }
        if let Some(missing) = settings.driver.missing(&op) {
            return Err(self.untestable(missing));
        }
        self.connect().await?;
        if let Some(outcome) = self.refused_at_setup(&op) {
            return Ok(outcome);
        }
        let org = self.org().await?;
        let ledger = org.ledger().await;
        let after = self.need(ledger)?.last_seq();
        let outcome = match self.session.as_mut() {
            Some(session) => {
                // Nobody moves the time of a real org.
                let moves = org.scene().is_none()
                    && self
                        .settings
                        .as_ref()
                        .is_some_and(|s| s.capabilities.iter().any(|c| c == "clock.inject"));
                ask_and_move_time(session, &org, op.clone(), after, moves).await
            }
            None => Err(OpError::Driver(DriverError::Closed { op: op.name() })),
        };
        match outcome {
            Ok(Outcome::Unsupported) => {
                Err(self.untestable(format!("the client answers `{}` with unsupported", op.name())))
            }
            Ok(outcome) => {
                self.doings.push(Doing { op, after, outcome: outcome.clone() });
                Ok(outcome)
            }
            Err(OpError::Driver(error)) => {
                if let DriverError::Deadline { seconds, .. } = error
                    && let Some(waits_for) = self.kept_waiting(&org, after).await
                {
                    return Err(self.never_gives_up(&waits_for, seconds));
                }
                Err(self.adapter_broke(&error))
            }
            Err(OpError::Control(error)) => Err(self.broke("org", error.to_string())),
        }
    }

    /// Starts the client and configures it for the org, if that has not happened yet.
    ///
    /// # Errors
    /// The adapter broke; the org has no app for it.
    pub(crate) async fn connect(&mut self) -> Result<(), Stop> {
        if self.session.is_some() {
            return Ok(());
        }
        let (settings, org) = (self.settings()?, self.org().await?);
        let connection = self.connection_to(&org)?;
        let started = async {
            let mut session = Session::open_at(&*settings.driver, &org, settings.deadlines)?;
            let ready = match session.hello().await {
                Ok(_) => session.ask(Op::Configure { client: Box::new(connection) }).await,
                Err(error) => Err(error),
            };
            Ok((session, ready))
        };
        let (session, ready) = match started.await {
            Ok(started) => started,
            Err(error) => return Err(self.adapter_broke(&error)),
        };
        self.session = Some(session);
        match ready {
            Ok(Outcome::Ok(_)) => Ok(()),
            Ok(other) if self.setup_judged => {
                self.setup_refused = Some(other);
                Ok(())
            }
            Ok(other) => {
                Err(self
                    .untestable(format!("the client does not accept its configuration: {}", other.words())))
            }
            Err(error) => Err(self.adapter_broke(&error)),
        }
    }

    /// What the client is handed for this org: the app's connection, or the API token's, with the scenario's edits.
    fn connection_to(&mut self, org: &Org) -> Result<Connection, Stop> {
        if let Some(name) = self.api_token.clone() {
            let token = org.ready.api_tokens.iter().find(|token| token.name == name);
            let Some(token) = token else {
                return Err(self.untestable(format!("the org has no API token {name}")));
            };
            let connection = org.ready.token_connection(&token.token);
            return Ok(self.handed_over(connection));
        }
        let knows = |method: &str| self.can(&format!("auth.{method}"));
        let app = org.ready.clients.iter().find(|app| match &self.app {
            Some(name) => app.name == *name,
            // An app for people's own data (`.self` scopes) is no service app.
            None => knows(&app.auth_method) && !app.scopes.iter().all(|scope| scope.ends_with(".self")),
        });
        let Some(app) = app else {
            if self.real().is_some() {
                let name = self.app.as_deref().unwrap_or("that the client knows the method of");
                let observed = format!("the file of --org-config has no app {name}");
                return Err(self.stop(Verdict::NotApplicable, "applicable", "an app to act as", observed));
            }
            let wanted = self.app.as_deref().unwrap_or("of a method that the client declares (auth.…)");
            return Err(self.untestable(format!("the org has no app {wanted}")));
        };
        let scopes = self.scopes.clone().unwrap_or_else(|| app.scopes.clone());
        match org.ready.connection(app, scopes) {
            Ok(connection) => {
                let connection = self.handed_over(connection);
                self.settings()?.taint.learn(connection.auth.secret());
                Ok(connection)
            }
            Err(error @ ConnectionError::Key { .. }) => Err(self.broke("org", error.to_string())),
            Err(error @ ConnectionError::NoCredential(_)) => Err(self.untestable(error.to_string())),
        }
    }

    fn handed_over(&mut self, mut connection: Connection) -> Connection {
        connection.settings = self.settings.as_ref().map(|s| s.versions.settings.clone()).unwrap_or_default();
        for edit in &self.edits {
            edit(&mut connection);
        }
        self.acting_as = Some((connection.client_id.clone(), connection.auth.method()));
        self.told.clone_from(&connection.org_url);
        if let Some(domain) = &self.domain {
            connection.org_url.clone_from(&domain.entered);
        }
        connection
    }

    fn adapter_broke(&mut self, error: &DriverError) -> Stop {
        if let Some(session) = self.session.take() {
            self.client_log = session.log();
        }
        self.broke("adapter", error.to_string())
    }

    pub(super) fn settings(&mut self) -> Result<Rc<Settings>, Stop> {
        match &self.settings {
            Some(settings) => Ok(Rc::clone(settings)),
            None => Err(self.broke("harness", "this world belongs to no run")),
        }
    }
}

/// A JSON array's members, for seeded truth against what the caller received.
pub(crate) fn elements(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
