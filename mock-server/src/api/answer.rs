//! The order in which an operation of the Management API is decided (mgmt-facts §1, §10): scope, object, role,
//! behaviour.

use http::StatusCode;

use super::spare_keys::SpareKeys;
use super::{Behaviour, behaviour, own, verbs};
use crate::exchange::{Form, Reply, Request, Trace};
use crate::facts::operations::Operation;
use crate::gate::caller::Caller;
use crate::gate::permission::{self, ScopeVerdict};
use crate::gate::roles::Reach;
use crate::org::Org;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;
use crate::wire::{ApiError, Challenge, Scheme, not_implemented};

/// A refusal becomes its reply, and its reason is noted.
fn told(outcome: Result<Reply, ApiError>, org: &Org, trace: &mut Trace) -> Reply {
    outcome.unwrap_or_else(|error| {
        trace.note("operation", error.to_string());
        error.reply(org.ids())
    })
}

/// An operation that is being answered.
pub(super) struct Asked<'a> {
    pub org: &'a Org,
    pub state: &'a OrgState,
    pub request: &'a Request,
    pub operation: &'static Operation,
    /// The values of the path parameters, percent-decoded, in order.
    pub parameters: Vec<String>,
    /// The parameters of the query: parsed once, for lists ask for each of their items.
    pub query: Form,
    pub caller: &'a Caller,
    pub reach: Reach,
    /// What the reply will say as `X-Okta-Request-Id`.
    pub request_id: String,
    pub spare_keys: SpareKeys,
}

impl Asked<'_> {
    /// A path parameter, percent-decoded; empty where the path has no such one.
    pub(super) fn parameter(&self, nth: usize) -> &str {
        self.parameters.get(nth).map_or("", String::as_str)
    }

    /// The first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        self.query.get(name).map(str::to_owned)
    }
}

/// Answers an operation for a caller who is known.
pub fn answer(
    org: &Org,
    state: &OrgState,
    request: &Request,
    operation: &'static Operation,
    parameters: Vec<String>,
    caller: &Caller,
    trace: &mut Trace,
) -> Reply {
    let verdict = permission::scope(operation, caller);
    match verdict {
        ScopeVerdict::NotAsked if matches!(caller, Caller::Anybody) => {
            trace.note("scope", "the operation is public")
        }
        ScopeVerdict::NotAsked => {
            trace.note("scope", "an API token has its owner's permissions; no scope is asked")
        }
        ScopeVerdict::Allowed(scope) => {
            trace.note("scope", format!("{scope} allows it"));
            trace.learnt.decided_by.scope = Some(scope.to_owned());
        }
        ScopeVerdict::Own(scope) => {
            trace.note("scope", format!("{scope} allows it for the caller's own user"));
            trace.learnt.decided_by.scope = Some(scope.to_owned());
        }
        ScopeVerdict::Lacks(_) if state.settings.mutations.has(Mutation::Scope) => {}
        ScopeVerdict::Lacks(scope) => {
            trace.note("scope", format!("the token lacks {scope}"));
            trace.learnt.decided_by.scope = Some(scope.to_owned());
            let challenge = Challenge {
                status: StatusCode::FORBIDDEN,
                scheme: if caller.is_bound() { Scheme::DPoP } else { Scheme::Bearer },
                scope: Some(scope),
                error: "insufficient_scope",
                description: "The access token provided does not contain the required scopes.",
            };
            return challenge.reply(&request.base_url, request.path());
        }
        ScopeVerdict::WrongKind => {
            trace.note("scope", "the operation takes no tokens of this kind");
            return ApiError::InvalidSession.reply(org.ids());
        }
    }
    let (reach, role) = match (&verdict, caller.user()) {
        (ScopeVerdict::Own(_), Some(user)) => (Reach::Own(user.to_owned()), None),
        _ => permission::reach(state, operation, caller),
    };
    match (&reach, &role) {
        (Reach::Nothing, _) => trace.note("role", "no admin role of the caller reaches it"),
        (Reach::Only(only), Some(role)) => {
            trace.note("role", format!("{role} reaches {} object(s), groups with their members", only.len()));
        }
        (Reach::AllBut(these), Some(role)) => {
            trace.note("role", format!("{role} reaches all but {} object(s)", these.len()));
        }
        (_, Some(role)) => trace.note("role", format!("{role} reaches it")),
        (Reach::Own(_), None) => {
            trace.note("role", "no role is asked: the scope reaches the caller's own user only")
        }
        (_, None) => trace.note("role", "no role is asked"),
    }
    if let Some(role) = role {
        trace.learnt.decided_by.role = Some(role);
    }
    let asked = |reach| Asked {
        org,
        state,
        request,
        operation,
        parameters,
        query: Form::parse(request.query().as_bytes()),
        caller,
        reach,
        request_id: trace.request_id.clone(),
        spare_keys: SpareKeys::default(),
    };
    match behaviour(operation) {
        Behaviour::Verb(resource, act) => {
            let asked = asked(reach);
            let outcome = verbs::perform(&asked, resource, act, trace);
            told(outcome, org, trace)
        }
        Behaviour::Own => {
            let asked = asked(reach);
            let outcome = own::perform(&asked, trace);
            told(outcome, org, trace)
        }
        Behaviour::Missing if reach == Reach::Nothing => {
            trace.note("operation", "refused before it mattered that it is missing here");
            ApiError::AccessDenied.reply(org.ids())
        }
        Behaviour::Missing => {
            trace.gap = true;
            trace.note("operation", format!("{} is not implemented", operation.id));
            not_implemented(org.ids(), &operation.id)
        }
    }
}
