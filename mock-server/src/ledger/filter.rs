//! Which exchanges a reader wants. Everything that is asked must be so; what is not asked is not looked at.
//!
//! A path without `*` means the path itself and everything below it: `/api/v1/users` admits `/api/v1/users/00u1` and
//! not `/api/v1/usersX`. `*` stands for any characters within a segment, `**` for any characters at all; such a
//! pattern must fit the whole path. Queries are not looked at.

use jiff::Timestamp;

use crate::exchange::path_fits;

use super::exchange::Exchange;
use super::outcome::{Statuses, error_code};

/// A filter. The default one admits everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Only exchanges with a higher number.
    pub(crate) since: u64,
    /// At most so many, the oldest first.
    pub(crate) limit: Option<usize>,
    /// Not before this time of the org.
    pub(crate) from: Option<Timestamp>,
    /// Before this time of the org.
    pub(crate) until: Option<Timestamp>,
    /// Only this method, in upper case.
    pub(crate) method: Option<String>,
    /// Only paths that fit.
    pub(crate) path: Option<String>,
    /// Only of this client id, user id or tag of a token.
    pub(crate) client: Option<String>,
    /// Only with these statuses.
    pub(super) status: Option<Statuses>,
    /// Only refusals with this code.
    pub(crate) error: Option<String>,
    /// Only this operation.
    pub(crate) operation: Option<String>,
    /// Only what this fault touched.
    pub(crate) fault: Option<String>,
}

impl Filter {
    /// Whether an exchange passes; the limit is the reader's business.
    pub(crate) fn admits(&self, exchange: &Exchange) -> bool {
        let wanted = |asked: &Option<String>, given: Option<&str>| {
            asked.as_deref().is_none_or(|asked| given == Some(asked))
        };
        exchange.seq > self.since
            && self.from.is_none_or(|from| exchange.time >= from)
            && self.until.is_none_or(|until| exchange.time < until)
            && wanted(&self.method, Some(exchange.request.method.as_str()))
            && wanted(&self.operation, exchange.trace.operation)
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, exchange.request.path()))
            && self.status.as_ref().is_none_or(|statuses| statuses.admit(exchange.response.status))
            && self.client.as_ref().is_none_or(|client| is_of(exchange, client))
            && self.fault.as_ref().is_none_or(|fault| exchange.faults().contains(fault))
            && self.error.as_ref().is_none_or(|code| error_code(&exchange.response).as_ref() == Some(code))
    }
}

fn is_of(exchange: &Exchange, client: &str) -> bool {
    let learnt = &exchange.trace.learnt;
    let issued = learnt.issued.as_ref().and_then(|issued| issued.get("token")?.as_str());
    [learnt.client_id.as_deref(), learnt.user.as_deref(), learnt.token.as_deref(), issued]
        .contains(&Some(client))
}
