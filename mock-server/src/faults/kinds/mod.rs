//! The kinds of faults: a file each, and a row in `fixtures/faults.toml`.

mod body;
mod combine_link_lines;
mod date_skew_seconds;
mod delay_ms;
mod drop_headers;
mod duplicate_reset_header;
mod empty_page_with_next;
mod error;
mod foreign_next_link;
mod headers;
mod malformed_json;
mod page;
mod rate_limited;
mod repeat_page;
mod reset_connection;
mod revoke_token;
mod rotate_signing_key;
mod slow_body;
mod status;
mod truncate_body;
mod unknown_json_members;
mod wrong_content_type;

use serde_json::{Map, Value};

use super::fault::FaultError;
use crate::exchange::{Manner, Reply, Request};
use crate::facts::fault_kinds::{FaultKind, fault_kinds};
use crate::facts::nearest;
use crate::org::Org;
use crate::wire::headers::Layer;

/// What a kind may look at.
pub(super) struct Scene<'a> {
    /// The org.
    pub(super) org: &'a Org,
    /// The request.
    pub(super) request: &'a Request,
    /// A number of this request's own, the same at each run with the same seed.
    pub(super) random: u64,
}

/// A reply in the org's place, and which headers belong to it.
pub(super) struct Answering {
    /// The reply.
    pub(super) reply: Reply,
    /// How far the request seems to have come.
    pub(super) layer: Layer,
}

/// What a kind does. Each does one of these things, some two.
pub(super) trait Effect: Send + Sync + std::fmt::Debug {
    /// Whether [`Effect::prepare`] takes long.
    fn is_slow(&self) -> bool {
        false
    }

    /// What happens before the org decides.
    fn prepare(&self, _org: &Org, _request: &Request) {}

    /// Whether it answers in the org's place.
    fn answers(&self) -> bool {
        false
    }

    /// The reply in the org's place; `given` is what the kinds before it gave.
    fn answer(&self, _scene: &Scene<'_>, given: Option<Answering>) -> Option<Answering> {
        given
    }

    /// What happens to the reply.
    fn transform(&self, _scene: &Scene<'_>, _reply: &mut Reply) {}

    /// How the reply is delivered.
    fn deliver(&self, _reply: &Reply, _manner: &mut Manner) {}
}

/// The parameters of a kind, as they were checked by its row.
pub(super) struct Settings(Map<String, Value>);

impl Settings {
    fn value(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    fn text(&self, name: &str) -> &str {
        self.value(name).as_str().unwrap_or_default()
    }

    fn integer(&self, name: &str) -> i64 {
        self.value(name).as_i64().unwrap_or_default()
    }

    fn size(&self, name: &str) -> Option<usize> {
        self.value(name).as_u64().and_then(|number| usize::try_from(number).ok())
    }
}

type Make = fn(&Settings) -> Result<Box<dyn Effect>, String>;

/// The code of each row, in the rows' order.
const MAKERS: [(&str, Make); 21] = [
    ("rotate_signing_key", rotate_signing_key::make),
    ("revoke_token", revoke_token::make),
    ("error", error::make),
    ("status", status::make),
    ("rate_limited", rate_limited::make),
    ("repeat_page", repeat_page::make),
    ("empty_page_with_next", empty_page_with_next::make),
    ("foreign_next_link", foreign_next_link::make),
    ("combine_link_lines", combine_link_lines::make),
    ("unknown_json_members", unknown_json_members::make),
    ("body", body::make),
    ("malformed_json", malformed_json::make),
    ("wrong_content_type", wrong_content_type::make),
    ("date_skew_seconds", date_skew_seconds::make),
    ("duplicate_reset_header", duplicate_reset_header::make),
    ("headers", headers::make),
    ("drop_headers", drop_headers::make),
    ("delay_ms", delay_ms::make),
    ("slow_body", slow_body::make),
    ("truncate_body", truncate_body::make),
    ("reset_connection", reset_connection::make),
];

/// The names of the kinds.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    fault_kinds().names()
}

/// Reads the `fault` of a wish: one kind or several, applied in the order of the rows.
///
/// # Errors
/// [`FaultError`] names the field, the value and the remedy.
pub(super) fn read(fault: &Value) -> Result<Vec<Box<dyn Effect>>, FaultError> {
    let known = || names().collect::<Vec<_>>().join(", ");
    let Some(members) = fault.as_object().filter(|members| !members.is_empty()) else {
        let message = format!(
            "fault: {fault} says nothing; write one kind or several, like {{\"status\": 503}}; there are {}",
            known()
        );
        return Err(FaultError(message));
    };
    if let Some(name) = members.keys().find(|name| !names().any(|kind| kind == name.as_str())) {
        let near = nearest(name, names()).map(|near| format!(" (did you mean {near:?}?)"));
        let message =
            format!("fault: there is no kind {name:?}{}; there are {}", near.unwrap_or_default(), known());
        return Err(FaultError(message));
    }
    let effect = |kind: &FaultKind| {
        let given = members.get(&kind.name)?;
        Some(make(kind, given).map_err(FaultError))
    };
    let effects = fault_kinds().all().iter().filter_map(effect).collect::<Result<Vec<_>, _>>()?;
    if effects.iter().filter(|effect| effect.answers()).count() > 1 && members.contains_key("rate_limited") {
        let message =
            "fault: rate_limited is an answer of its own; leave out status, error and executed: false";
        return Err(FaultError(message.to_owned()));
    }
    Ok(effects)
}

fn make(kind: &FaultKind, given: &Value) -> Result<Box<dyn Effect>, String> {
    let settings = Settings(kind.settings(given)?);
    let (_, make) = MAKERS
        .iter()
        .find(|(name, _)| *name == kind.name)
        .ok_or_else(|| format!("fault: {} has no code", kind.name))?;
    make(&settings).map_err(|message| format!("fault.{}: {message}", kind.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_code_in_its_place() {
        let makers = MAKERS.iter().map(|(name, _)| *name);
        assert_eq!(names().collect::<Vec<_>>(), makers.collect::<Vec<_>>());
    }
}
