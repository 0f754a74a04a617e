//! What operations do, a file a verb. Which operation does what is said in `fixtures/resources/`.

mod get;
mod list;
mod related;

use super::answer::Asked;
use crate::exchange::{Form, Reply, Trace};
use crate::facts::resources::{Resource, Verb};
use crate::wire::ApiError;

impl Verb {
    /// The name that `orgtwin coverage` shows.
    pub fn name(&self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Related(_) => "related",
            Self::Holders(_) => "holders",
        }
    }
}

/// Does what the verb says.
pub(super) fn perform(
    asked: &Asked<'_>,
    resource: &'static Resource,
    verb: &'static Verb,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    if let Some(parameter) = unsupported(asked.request.query()) {
        trace.gap = true;
        trace.note("operation", format!("the query parameter {parameter} is not implemented"));
        let what = format!("{}?{parameter}", asked.operation.id);
        return Ok(crate::wire::not_implemented(asked.org.ids(), &what));
    }
    match verb {
        Verb::List => list::list(asked, resource, trace),
        Verb::Get => get::get(asked, resource, trace),
        Verb::Related(relation) | Verb::Holders(relation) => {
            related::list(asked, resource, verb, relation, trace)
        }
    }
}

/// Parameters that change what Okta answers and that are not understood here: better a 501 than a wrong list.
fn unsupported(query: &str) -> Option<&'static str> {
    const UNSUPPORTED: [&str; 8] =
        ["search", "filter", "q", "expand", "sortBy", "sortOrder", "fields", "includeNonDeleted"];
    if query.is_empty() {
        return None;
    }
    let query = Form::parse(query.as_bytes());
    UNSUPPORTED.into_iter().find(|name| query.get(name).is_some_and(|value| !value.is_empty()))
}
