//! Which exchanges a reader wants. Everything that is asked must be so; what is not asked is not looked at.
//!
//! A path without `*` means the path itself and everything below it: `/api/v1/users` admits `/api/v1/users/00u1` and
//! not `/api/v1/usersX`. `*` stands for any characters within a segment, `**` for any characters at all; such a
//! pattern must fit the whole path. Queries are not looked at.

use jiff::Timestamp;
use serde::Deserialize;

use crate::exchange::path_fits;

use super::exchange::Exchange;
use super::outcome::{Statuses, error_code};
use super::row::Packed;

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
    pub(crate) fn admits(&self, packed: &Packed) -> bool {
        if packed.seq <= self.since {
            return false;
        }
        let only_since = Self { since: self.since, limit: self.limit, ..Self::default() };
        // Most readers want everything: nothing is unpacked for them.
        *self == only_since || packed.open().is_ok_and(|exchange| self.fits(&exchange))
    }

    fn fits(&self, exchange: &Exchange<'_>) -> bool {
        let wanted = |asked: &Option<String>, given: Option<&str>| {
            asked.as_deref().is_none_or(|asked| given == Some(asked))
        };
        self.from.is_none_or(|from| exchange.time() >= from)
            && self.until.is_none_or(|until| exchange.time() < until)
            && wanted(&self.method, Some(exchange.request.method))
            && wanted(&self.operation, exchange.operation)
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, exchange.request.path()))
            && self.status.as_ref().is_none_or(|statuses| statuses.admit(exchange.response.status()))
            && self.client.as_ref().is_none_or(|client| is_of(exchange, client))
            && self.fault.as_ref().is_none_or(|fault| exchange.faults.contains(&fault.as_str()))
            && self.error.as_ref().is_none_or(|code| error_code(&exchange.response).as_ref() == Some(code))
    }
}

/// The token that was issued.
#[derive(Deserialize)]
struct Issued<'a> {
    token: &'a str,
}

fn is_of(exchange: &Exchange<'_>, client: &str) -> bool {
    let learnt = &exchange.learnt;
    let issued = learnt.issued.as_deref().and_then(|issued| serde_json::from_str::<Issued<'_>>(issued).ok());
    [learnt.client_id, learnt.user, learnt.token, issued.map(|issued| issued.token)].contains(&Some(client))
}
