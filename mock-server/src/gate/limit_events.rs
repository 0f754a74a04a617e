//! What the System Log is told of limits (ratelimit-oin-facts §1.8). `/api/v1/rate-limit-settings/admin-notifications` is
//! about e-mails to admins; no e-mail is sent here, so it changes nothing.

use super::charge::Till;
use crate::exchange::{Request, Trace};
use crate::facts::facts;
use crate::facts::limits::Special;
use crate::limits::{self, Charge, Holder, News, Notice};
use crate::org::Org;
use crate::org::state::OrgState;
use crate::system_log::{Entity, Event, Scene};
use crate::wire::ApiError;

/// An event about requests in flight is written once in so many seconds.
const CROWDED_SECONDS: i64 = 60;

/// Whose requests in flight are too many.
pub(super) enum Crowd<'a> {
    /// The org's.
    Org,
    /// A principal's, and who acts.
    Principal(Holder, &'a str, Entity),
    /// A browser's: the client, its name, and whether it is refused.
    Browser(Option<&'a str>, &'a str, bool),
}

/// Writes what came of a charge. What is exceeded is told once a window.
pub(super) fn told(
    till: &Till<'_>,
    trace: &Trace,
    bucket: &'static str,
    notice: &Notice,
    name: &str,
    client: Option<&str>,
    actor: impl FnOnce() -> Entity,
) {
    let now = till.request.now.as_second();
    if matches!(notice.news, News::Violation | News::Notification) {
        let window = format!("limit {bucket} {:?} {name} {}", notice.holder, notice.reset);
        if !till.org.counters().first_time(window.as_bytes(), now, notice.reset) {
            return;
        }
    }
    let pattern = Entity { alternate_id: None, ..Entity::named("URL Pattern", bucket, bucket) };
    let event = match notice.holder {
        Holder::Org => of_org(notice, now),
        Holder::Browser => of_browser(notice, now, client),
        _ => of_principal(notice, now, actor()),
    };
    write(till.org, till.request, trace, &event.target(pattern));
}

fn write(org: &Org, request: &Request, trace: &Trace, event: &Event) {
    Scene { ids: org.ids(), request, request_id: &trace.request_id }.write(org, std::slice::from_ref(event));
}

fn of_org(notice: &Notice, now: i64) -> Event {
    let kind = match notice.news {
        News::Warning => "system.org.rate_limit.warning",
        News::Burst => "system.org.rate_limit.burst",
        News::Violation | News::Notification => "system.org.rate_limit.violation",
    };
    let event = Event::new(kind, Entity::system());
    let event = match notice.news {
        News::Violation | News::Notification => event.failed("Rate limit violation"),
        _ => event,
    };
    let (span, unit) = span(notice.window_seconds);
    event
        .debug("rateLimitScopeType", "ORG")
        .debug("rateLimitSecondsToReset", notice.reset.saturating_sub(now).to_string())
        .debug("threshold", notice.limit.to_string())
        .debug("timeSpan", span.to_string())
        .debug("timeUnit", unit)
}

fn of_browser(notice: &Notice, now: i64, client: Option<&str>) -> Event {
    let (kind, result) = match notice.news {
        News::Notification => ("system.client.rate_limit.notification", "ALLOW"),
        _ => ("system.client.rate_limit.violation", "DENY"),
    };
    let event = Event::new(kind, Entity::system())
        .outcome(result, "Too many requests attempted by an individual client");
    operation(event, "client", "web_request", None, (notice.limit, notice.window_seconds, notice.reset - now))
        .client(client)
}

/// Of a token, an app or a user: an event of an operation, with the principal's kind as its subtype.
fn of_principal(notice: &Notice, now: i64, actor: Entity) -> Event {
    let (scope, subtype, who) = kind_of(notice.holder);
    let event = match notice.news {
        News::Warning => Event::new("system.operation.rate_limit.warning", actor),
        _ => Event::new("system.operation.rate_limit.violation", actor)
            .outcome("DENY", format!("Too many requests attempted by {who}")),
    };
    let size = (notice.limit, notice.window_seconds, notice.reset - now);
    operation(event, scope, "web_request", Some(subtype), size)
}

fn kind_of(holder: Holder) -> (&'static str, &'static str, &'static str) {
    match holder {
        Holder::ApiToken => ("token", "ssws_token", "an individual token"),
        Holder::OAuthClient => ("client", "oauth_client", "an individual app"),
        _ => ("User", "Authenticated user", "an individual user"),
    }
}

/// The members of debugData. `size`: the limit, its window, and what is left of it, in seconds.
fn operation(
    event: Event,
    scope: &'static str,
    kind: &'static str,
    subtype: Option<&'static str>,
    (limit, seconds, left): (u32, u32, i64),
) -> Event {
    let (span, unit) = span(seconds);
    let event = event
        .debug("operationRateLimitScopeType", scope)
        .debug("operationRateLimitSecondsToReset", left.max(0).to_string())
        .debug("operationRateLimitThreshold", limit.to_string())
        .debug("operationRateLimitTimeSpan", span.to_string())
        .debug("operationRateLimitTimeUnit", unit)
        .debug("operationRateLimitType", kind)
        .debug("threatSuspected", "false");
    match subtype {
        Some(subtype) => event.debug("operationRateLimitSubtype", subtype),
        None => event,
    }
}

fn span(seconds: u32) -> (u32, &'static str) {
    if seconds > 0 && seconds.is_multiple_of(60) { (seconds / 60, "MINUTES") } else { (seconds, "SECONDS") }
}

/// Writes that too many requests are in flight, once a minute.
pub(super) fn crowded(till: &Till<'_>, trace: &Trace, crowd: Crowd<'_>, most: u32) {
    let now = till.request.now.as_second();
    let whose = match &crowd {
        Crowd::Org => String::new(),
        Crowd::Principal(holder, name, _) => format!("{holder:?} {name}"),
        Crowd::Browser(_, name, _) => format!("browser {name}"),
    };
    let key = format!("in flight {whose}");
    if !till.org.counters().first_time(key.as_bytes(), now, now.saturating_add(CROWDED_SECONDS)) {
        return;
    }
    const IN_FLIGHT: &str = "Too many requests in flight";
    let event = match crowd {
        Crowd::Org => Event::new("core.concurrency.org.limit.violation", Entity::system()).failed(IN_FLIGHT),
        Crowd::Principal(holder, _, actor) => {
            let (scope, subtype, _) = kind_of(holder);
            let event = Event::new("system.operation.rate_limit.violation", actor).outcome("DENY", IN_FLIGHT);
            operation(event, scope, "concurrency", Some(subtype), (most, 60, CROWDED_SECONDS))
        }
        Crowd::Browser(client, _, enforced) => {
            let (kind, result) = if enforced {
                ("system.client.concurrency_rate_limit.violation", "DENY")
            } else {
                ("system.client.concurrency_rate_limit.notification", "ALLOW")
            };
            Event::new(kind, Entity::system()).outcome(result, IN_FLIGHT).client(client)
        }
    };
    write(till.org, till.request, trace, &event.debug("threshold", most.to_string()));
}

/// A request of a user, in which something happens that a special limit counts.
pub struct Deed<'a> {
    /// The org.
    pub org: &'a Org,
    /// Its state.
    pub state: &'a OrgState,
    /// The request.
    pub request: &'a Request,
    /// The user whose it is.
    pub user: &'a str,
}

impl Deed<'_> {
    /// Counts what a special limit is about. `name`: the phone, the mailbox, the factor.
    ///
    /// # Errors
    /// [`ApiError::TooSoon`] with the code of the limit's row.
    pub fn admit(&self, special: Special, name: &str, trace: &mut Trace) -> Result<(), ApiError> {
        let settings = &self.state.settings.limits;
        let Err(charge) = limits::admit(self.org.counters(), settings, special, name, self.request.now)
        else {
            return Ok(());
        };
        let Charge { limit, reset, .. } = charge;
        trace.note("limit", format!("{}: {limit} for {name} until {reset}", special.name()));
        let Some(row) = facts().limits.special(special) else { return Err(ApiError::TooManyRequests) };
        let now = self.request.now.as_second();
        let key = format!("limit {} {name} {reset}", special.name());
        if self.org.counters().first_time(key.as_bytes(), now, reset) {
            let summary = facts().errors.get(&row.error).map_or("", |row| &row.summary);
            let event =
                Event::new(row.event.as_str(), Entity::user(self.state, self.user)).outcome("DENY", summary);
            let size = (limit, row.window_seconds, reset - now);
            let event = operation(event, &row.scope, &row.kind, row.subtype.as_deref(), size);
            write(self.org, self.request, trace, &event.target(Entity::user(self.state, self.user)));
        }
        Err(ApiError::TooSoon(&row.error, charge))
    }
}
