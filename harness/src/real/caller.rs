//! The one place from which a real org is called, for the client under test and for the harness: one request at a time,
//! each within the rules and the budget, each creation written down first.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Client, Method, Url,
    header::{HeaderMap, HeaderName},
};
use serde_json::Value;
use tokio::sync::{Mutex as Turn, watch};

use crate::causes;

use super::{
    gates::Refusal,
    journal::{Journal, JournalError},
    rules::{self, Forbidden, Permit, Run, Wish},
    spending::Spending,
    witness::NewToken,
};

/// A request that came to no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Not within the budget, or the run is over.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Not within the rules.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It cannot be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The org.
    #[error("{what}: no answer from the org ({cause})")]
    Http {
        /// What was asked.
        what: String,
        /// Why not.
        cause: String,
    },
    /// The org refused the harness.
    #[error("{what}: the org answered {status}: {body}")]
    Answer {
        /// What was asked.
        what: String,
        /// The status.
        status: u16,
        /// Its body.
        body: String,
    },
}

/// A request to be made.
pub(super) struct Outgoing {
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// What came back.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// What of a connection is not the message's own (RFC 9110 §7.6.1), or is set anew. Bodies are asked for as they are, so
/// that they can be judged.
const NOT_PASSED_ON: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a header goes on with its message.
pub(super) fn is_passed_on(name: &HeaderName) -> bool {
    !NOT_PASSED_ON.contains(&name.as_str())
}

/// This machine's time.
#[expect(clippy::disallowed_methods, reason = "a real org keeps the real time")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn is_token_request(outgoing: &Outgoing) -> bool {
    outgoing.method == Method::POST && outgoing.target.split('?').next() == Some("/oauth2/v1/token")
}

/// Calls one org.
pub(crate) struct Caller {
    http: Client,
    /// `https://acme.okta.com`, without a slash at the end.
    pub(crate) url: String,
    /// `conf-RUNID-`.
    pub(crate) mark: String,
    writes: bool,
    turn: Turn<()>,
    accounts: Mutex<Accounts>,
    over: watch::Sender<Option<Refusal>>,
}

struct Accounts {
    spending: Spending,
    journal: Option<Journal>,
    tokens: Vec<NewToken>,
    /// The ids that the org gave to token requests which came through here.
    seen: BTreeSet<String>,
    /// By how much the org's clock is ahead of this machine's, as far as its answers have told.
    ahead: Option<SignedDuration>,
}

impl Caller {
    /// For a run with this id. With a journal it may write.
    pub(crate) fn new(
        http: Client,
        target: &Url,
        run: &str,
        (max_requests, max_time): (u32, Duration),
        journal: Option<Journal>,
    ) -> Self {
        Self {
            http,
            url: target.as_str().trim_end_matches('/').to_owned(),
            mark: format!("{}{run}-", rules::PREFIX),
            writes: journal.is_some(),
            turn: Turn::new(()),
            accounts: Mutex::new(Accounts {
                spending: Spending::new(max_requests, max_time),
                journal,
                tokens: Vec::new(),
                seen: BTreeSet::new(),
                ahead: None,
            }),
            over: watch::channel(None).0,
        }
    }

    /// Becomes the reason when the run is over.
    pub(crate) fn over(&self) -> watch::Receiver<Option<Refusal>> {
        self.over.subscribe()
    }

    /// Why the run is over, when it is.
    pub(crate) fn is_over(&self) -> Option<Refusal> {
        self.accounts().spending.over().cloned()
    }

    /// How many requests were made.
    pub(crate) fn made(&self) -> u32 {
        self.accounts().spending.made()
    }

    /// The time by the org's clock: not later than it is there, and at most about a second earlier.
    pub(crate) fn now(&self) -> Timestamp {
        now() + self.accounts().ahead.unwrap_or_default()
    }

    /// The token request with this id came through here.
    pub(super) fn has_seen(&self, request: &str) -> bool {
        self.accounts().seen.contains(request)
    }

    /// Keeps a token that is to be revoked at the end.
    pub(super) fn keep_token(&self, token: NewToken) {
        self.accounts().tokens.push(token);
    }

    /// The tokens of the run, to be revoked.
    pub(super) fn take_tokens(&self) -> Vec<NewToken> {
        std::mem::take(&mut self.accounts().tokens)
    }

    /// The plain client, to shape requests with.
    pub(super) fn shaper(&self) -> &Client {
        &self.http
    }

    /// Works on the journal, if there is one.
    pub(super) fn with_journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> Option<T> {
        self.accounts().journal.as_mut().map(work)
    }

    /// Makes one request of the run.
    ///
    /// # Errors
    /// [`CallError`], but for [`CallError::Answer`].
    pub(super) async fn call(&self, outgoing: Outgoing) -> Result<Answered, CallError> {
        let _turn = self.turn.lock().await;
        let entry = self.admit(&outgoing)?;
        let token = is_token_request(&outgoing);
        let answered = self.send(outgoing).await?;
        self.note(&answered);
        if token {
            let id = answered.headers.get("x-okta-request-id").and_then(|value| value.to_str().ok());
            let mut accounts = self.accounts();
            accounts.seen.extend(id.map(ToOwned::to_owned));
            if answered.status != 200 {
                accounts.spending.release(1);
            }
        }
        if let Some(number) = entry {
            let body: Value = serde_json::from_slice(&answered.body).unwrap_or_default();
            let settled =
                |journal: &mut Journal| journal.settle(number, answered.status, body["id"].as_str());
            self.with_journal(settled).transpose()?;
        }
        Ok(answered)
    }

    /// Makes one request that tidies up: within the rules, from what was kept back.
    ///
    /// # Errors
    /// As [`Caller::call`].
    pub(super) async fn tidy(&self, outgoing: Outgoing) -> Result<Answered, CallError> {
        let _turn = self.turn.lock().await;
        self.permit(&outgoing)?;
        self.accounts().spending.tidy()?;
        let answered = self.send(outgoing).await?;
        self.note(&answered);
        Ok(answered)
    }

    fn permit(&self, outgoing: &Outgoing) -> Result<Permit, Forbidden> {
        let accounts = self.accounts();
        let made = |kind, id: &str| accounts.journal.as_ref().is_some_and(|journal| journal.made(kind, id));
        let wish = Wish { method: outgoing.method.as_str(), target: &outgoing.target, body: &outgoing.body };
        rules::permit(wish, &Run { writes: self.writes, mark: &self.mark, made: &made })
    }

    /// The number of the journal's entry, for a creation.
    fn admit(&self, outgoing: &Outgoing) -> Result<Option<u64>, CallError> {
        let permit = self.permit(outgoing)?;
        let upkeep = match &permit {
            // To be found, deactivated and deleted.
            Permit::Create(..) => 3,
            // To be revoked.
            Permit::Plain => u32::from(is_token_request(outgoing)),
        };
        let mut accounts = self.accounts();
        let asked = accounts.spending.ask(upkeep);
        self.tell(&accounts);
        asked?;
        let Permit::Create(kind, name) = permit else { return Ok(None) };
        Ok(accounts.journal.as_mut().map(|journal| journal.intend(kind, &name)).transpose()?)
    }

    async fn send(&self, outgoing: Outgoing) -> Result<Answered, CallError> {
        let what = format!("{} {}", outgoing.method, outgoing.target.split('?').next().unwrap_or_default());
        let failed =
            |error: reqwest::Error| CallError::Http { what: what.clone(), cause: causes::of(&error) };
        let mut request = self.http.request(outgoing.method, format!("{}{}", self.url, outgoing.target));
        request = request.headers(outgoing.headers);
        if !outgoing.body.is_empty() {
            request = request.body(outgoing.body);
        }
        let response = request.send().await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(failed)?.to_vec();
        Ok(Answered { status, headers, body })
    }

    /// An answer that ends the run is still an answer to who asked.
    fn note(&self, answered: &Answered) {
        let number = |name: &str| -> Option<u64> {
            answered.headers.get(name).and_then(|value| value.to_str().ok())?.trim().parse().ok()
        };
        let (limit, left) = (number("x-rate-limit-limit"), number("x-rate-limit-remaining"));
        let date = answered.headers.get("date").and_then(|value| value.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let mut accounts = self.accounts();
        if let Some(date) = date {
            let ahead = date.timestamp().duration_since(now());
            accounts.ahead = Some(accounts.ahead.map_or(ahead, |known| known.max(ahead)));
        }
        // Who asked has their answer; the next request is refused.
        let _ = accounts.spending.answered(answered.status, limit, left);
        self.tell(&accounts);
    }

    fn tell(&self, accounts: &Accounts) {
        if let Some(over) = accounts.spending.over() {
            self.over.send_if_modified(|told| {
                let news = told.is_none();
                told.get_or_insert_with(|| over.clone());
                news
            });
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
