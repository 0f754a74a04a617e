//! What a request is charged to, and what it is told when that is too much: the bucket with its nested limits, and the
//! requests in flight (ratelimit-oin-facts §1.1 to §1.3, §1.7).

use http::{StatusCode, header};

use super::caller::Caller;
use crate::exchange::{Form, Reply, Request, Trace};
use crate::facts::dialects::Switch;
use crate::facts::facts;
use crate::facts::limits::{Bucket, BucketId};
use crate::facts::operations::tidied;
use crate::limits::{self, Asking, Charge, Flight, Holder, Verdict};
use crate::org::Org;
use crate::org::limit_rules::ClientMode;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::headers::Layer;
use crate::wire::{ApiError, oauth_error};

use super::limit_events::{self, Crowd};

/// So far ahead lies the reset of a 429 for requests in flight: an estimate, as one was seen (§1.2).
const ESTIMATE_SECONDS: i64 = 113;

/// Where requests are charged.
#[derive(Clone, Copy)]
pub struct Till<'a> {
    /// The org.
    pub org: &'a Org,
    /// Its state.
    pub state: &'a OrgState,
    /// The request.
    pub request: &'a Request,
    /// Its place among those in flight.
    pub flight: &'a Flight,
}

/// Who is charged.
#[derive(Debug, Clone, Copy)]
pub enum Payer<'a> {
    /// Nobody in particular: the org.
    Nobody,
    /// Whoever the credentials belong to.
    Caller(&'a Caller),
    /// The OAuth client that a request names, unproven.
    Client(&'a str),
}

/// A principal: what kind of somebody, and who.
type Principal<'a> = (Holder, &'a str);

/// The client id, address and device of a browser.
struct Browser {
    client: Option<String>,
    /// All three, in lines.
    name: String,
    enforced: bool,
}

impl Till<'_> {
    /// Refuses what is one request too many in flight.
    ///
    /// # Errors
    /// The 429.
    pub fn admit(&self, trace: &mut Trace) -> Result<(), (Reply, Layer)> {
        let Some(most) = self.state.settings.limits.in_flight() else { return Ok(()) };
        if self.flight.nth() <= most || self.state.settings.mutations.has(Mutation::Quota) {
            return Ok(());
        }
        trace
            .note("limit", format!("{} requests of the org are in flight, {most} may be", self.flight.nth()));
        limit_events::crowded(self, trace, Crowd::Org, most);
        Err(self.crowded())
    }

    /// Charges a bucket.
    ///
    /// # Errors
    /// The 429.
    pub fn charge(
        &self,
        bucket: Option<BucketId>,
        payer: Payer<'_>,
        trace: &mut Trace,
    ) -> Result<Option<Charge>, (Reply, Layer)> {
        let Some((id, bucket)) = bucket.filter(|_| trace.errand.is_none()).and_then(|id| self.charged(id))
        else {
            return Ok(None);
        };
        let browser = bucket.use_case.as_deref().and_then(|case| self.browser(case));
        let principal = if bucket.use_case.is_some() { None } else { payer.principal(bucket) };
        self.crowd(bucket, payer, principal, browser.as_ref(), trace)?;
        let shares = principal.map(|(_, name)| self.state.derived.shares(name).unwrap_or_default());
        let asking = Asking {
            bucket: id,
            principal,
            share: shares.filter(|_| !bucket.per_user).map(|shares| shares.requests),
            browser: browser.as_ref().map(|browser| (browser.name.as_str(), browser.enforced)),
            warning: self.state.derived.limits().warning,
        };
        let limits = &self.state.settings.limits;
        let verdict = limits::charge(self.org.counters(), limits, &asking, self.request.now);
        let Some(Verdict { charge, holder, notices }) = verdict else { return Ok(None) };
        let whose = words(holder);
        let Charge { limit, remaining, reset, .. } = charge;
        if charge.exceeded {
            trace.note("limit", format!("{}: {whose} of {limit} is used up until {reset}", bucket.name));
        } else {
            let [mut left, mut all] = [itoa::Buffer::new(), itoa::Buffer::new()];
            let (left, all) = (left.format(remaining), all.format(limit));
            // On the way of every request: a third of the time of `format!`.
            trace.note("limit", [&*bucket.name, ": ", left, " of ", all, " left of ", whose].concat());
        }
        for notice in &notices {
            let name = match notice.holder {
                Holder::Browser => asking.browser.map(|(name, _)| name),
                Holder::Org => None,
                _ => principal.map(|(_, name)| name),
            };
            let client = browser.as_ref().and_then(|browser| browser.client.as_deref());
            let actor = || payer.actor(self.state);
            limit_events::told(self, trace, &bucket.name, notice, name.unwrap_or_default(), client, actor);
        }
        let unenforced = self.state.settings.mutations.has(Mutation::Quota);
        if charge.exceeded && !unenforced {
            Err((self.refused(), Layer::Limiter(charge)))
        } else {
            Ok(Some(charge))
        }
    }

    /// The bucket that counts in this org.
    fn charged(&self, id: BucketId) -> Option<(BucketId, &'static Bucket)> {
        let (limits, dialect) = (&facts().limits, &self.state.settings.dialect);
        let bucket = limits.bucket(id)?;
        if bucket.metadata && dialect.is(Switch::MetadataLimits, "exempt") {
            return None;
        }
        match bucket.joins {
            Some(joined) if dialect.is(Switch::AppCounters, "one") => Some((joined, limits.bucket(joined)?)),
            _ => Some((id, bucket)),
        }
    }

    /// The browser that sends a request, where its limits are looked at.
    fn browser(&self, use_case: &str) -> Option<Browser> {
        let mode = self.state.derived.limits().client_mode(use_case);
        if mode == ClientMode::Disable {
            return None;
        }
        let named = |encoded: &[u8]| Form::parse(encoded).get("client_id").map(str::to_owned);
        let in_body = || self.request.has_form().then(|| named(&self.request.body)).flatten();
        let client = named(self.request.query().as_bytes()).or_else(in_body);
        let name = format!(
            "{}\n{}\n{}",
            client.as_deref().unwrap_or_default(),
            self.request.peer,
            device(self.request).unwrap_or_default()
        );
        Some(Browser { client, name, enforced: mode == ClientMode::Enforce })
    }

    /// Refuses what is one request too many in flight of a principal or a browser.
    fn crowd(
        &self,
        bucket: &Bucket,
        payer: Payer<'_>,
        principal: Option<Principal<'_>>,
        browser: Option<&Browser>,
        trace: &mut Trace,
    ) -> Result<(), (Reply, Layer)> {
        if !self.flight.is_counted() {
            return Ok(());
        }
        let limits = &self.state.settings.limits;
        let sky = self.org.in_flight();
        if let (Some((holder, name)), Some(org)) =
            (principal.filter(|_| !bucket.per_user), limits.in_flight())
        {
            let share = self.state.derived.shares(name).unwrap_or_default().in_flight;
            let most = (u64::from(org) * u64::from(share) / 100).max(u64::from(org.min(1)));
            let nth = sky.belongs(self.flight, holder, name);
            if u64::from(nth) > most && !self.state.settings.mutations.has(Mutation::Quota) {
                trace.note("limit", format!("{nth} requests of {name} are in flight, {most} may be"));
                let actor = payer.actor(self.state);
                let most = u32::try_from(most).unwrap_or(u32::MAX);
                limit_events::crowded(self, trace, Crowd::Principal(holder, name, actor), most);
                return Err(self.crowded());
            }
        }
        let most = facts().limits.client_based().concurrency;
        if let Some(browser) = browser.filter(|_| limits::client_based(limits).is_some()) {
            let nth = sky.belongs(self.flight, Holder::Browser, &browser.name);
            if nth > most {
                trace.note("limit", format!("{nth} requests of this browser are in flight, {most} may be"));
                let Browser { client, name, enforced } = browser;
                limit_events::crowded(self, trace, Crowd::Browser(client.as_deref(), name, *enforced), most);
                if *enforced {
                    return Err(self.crowded());
                }
            }
        }
        Ok(())
    }

    fn crowded(&self) -> (Reply, Layer) {
        let reset = self.request.now.as_second().saturating_add(ESTIMATE_SECONDS);
        (self.refused(), Layer::Limiter(Charge { limit: 0, remaining: 0, reset, exceeded: true }))
    }

    /// The body of a 429: the envelope everywhere but where people sign in directly (§1.3).
    fn refused(&self) -> Reply {
        let path = tidied(self.request.path());
        if DIRECT.iter().any(|end| path.starts_with("/oauth2/") && path.ends_with(end)) {
            return oauth_error(StatusCode::TOO_MANY_REQUESTS, "invalid_grant", DIRECT_SAYS);
        }
        ApiError::TooManyRequests.reply(self.org.ids())
    }
}

/// The endpoints of direct authentication.
const DIRECT: [&str; 3] = ["/v1/challenge", "/v1/oob-authenticate", "/v1/primary-authenticate"];

/// What they say: not the words of the envelope (OpenAPI document, examples of 429).
const DIRECT_SAYS: &str = "API call exceeded the rate limit due to too many requests.";

impl<'a> Payer<'a> {
    fn principal(self, bucket: &Bucket) -> Option<Principal<'a>> {
        match self {
            Self::Nobody | Self::Caller(Caller::Anybody) => None,
            Self::Client(id) => Some((Holder::OAuthClient, id)),
            Self::Caller(caller) => match caller.user().filter(|_| bucket.per_user) {
                Some(user) => Some((Holder::User, user)),
                None if matches!(caller, Caller::ApiToken { .. }) => {
                    Some((Holder::ApiToken, caller.principal()))
                }
                None => Some((Holder::OAuthClient, caller.principal())),
            },
        }
    }

    fn actor(self, state: &OrgState) -> Entity {
        match self {
            Self::Nobody | Self::Caller(Caller::Anybody) => Entity::system(),
            Self::Client(id) => Entity::client(state, id),
            Self::Caller(caller) => match caller.user() {
                Some(user) => Entity::user(state, user),
                None => Entity::client(state, caller.principal()),
            },
        }
    }
}

fn words(holder: Holder) -> &'static str {
    match holder {
        Holder::Org => "the org's quota",
        Holder::ApiToken | Holder::OAuthClient => "the principal's share",
        Holder::User => "the user's limit",
        Holder::Browser => "the limit of this client, address and device",
        Holder::Recipient => "the recipient's limit",
    }
}

/// What names the device of a browser: the cookie `dt`.
fn device(request: &Request) -> Option<&str> {
    let lines = request.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "dt").map(|(_, value)| value)
}
