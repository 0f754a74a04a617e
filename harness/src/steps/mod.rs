//! What the phrases of the features do.
//!
//! # How a step is written
//!
//! A step is an `async fn` whose first argument is the [`World`](crate::suite::world::World), with the phrase in an
//! attribute of `cucumber` (a literal, or `expr = "… {int} … {string}"` with parameters):
//!
//! ```ignore
//! #[then(expr = "the org saw {int} page request(s)")]
//! async fn page_requests(world: &mut World, wanted: usize) -> Result<(), Stop> {
//!     let ledger = world.ledger().await?;                       // the org's own record: the first source of truth
//!     let seen = ledger.calls_of("/api/v1/users").len();
//!     world.judge("page-requests", seen == wanted,              // at the scenario's level: must → fail, should → warn
//!         format!("{wanted} page requests"), format!("{seen} page requests"), Witness::Ledger);
//!     Ok(())
//! }
//! ```
//!
//! * **Given** changes `world.draft` (the org to be made; its document is that of `org.rs`, changed through
//!   `org::change_app` and its like), `world.app`, `world.api_token`, `world.scopes` and `world.edits` (how what the
//!   client is handed differs from what the org says: an old key, another id); or asks for the living org with `world.org().await?` and uses its control calls
//!   (`set_buckets`, `expire_tokens`, `advance_clock`) through `world.need(…)`.
//! * What is done in an org through its own API, by the client or before that by an administrator, is in `acting.rs`:
//!   one function for "the client creates …", "the client has created …" and "an administrator has created …". What can
//!   be made is a row of `thing.rs`.
//! * **When** asks the client for exactly one intent: `world.perform(Op::…)`. The org is made, the client started and
//!   configured on the way. A 429 is waited out by moving the clocks of org and client together.
//! * **Then** pushes at least one check: `world.judge(slug, holds, expected, observed, witness)`. It does not panic
//!   and does not stop at a check that fails, so that the checks after it are made too. What was on the wire comes
//!   from `world.ledger()` ([`Witness::Ledger`](crate::suite::outcome::Witness)), what the caller received from
//!   `world.last()` (`Witness::ClientSays`).
//! * A step ends the scenario only by returning a `Stop`: `world.untestable("…")` when what it needs is missing,
//!   `world.broke("slug", "…")` when the harness or the org broke. Use `?` on everything that returns one.
//!
//! Phrases state literal values of the wire, never a value that the code looks up in the same table as the mock.
//! The same phrase as Given and as When needs both attributes. The lint of `suite/lint.rs` refuses undefined and
//! ambiguous phrases, and the tests there run it over all features.

mod acting;
mod connection_test;
mod domains;
mod dpop;
mod given;
mod given_app;
mod given_faults;
mod given_installation;
mod given_limits;
mod given_powers;
mod given_sign_in;
mod given_time;
mod org;
mod relations;
mod searching;
mod synchronising;
mod then_answer;
mod then_caller;
mod then_fault;
mod then_habit;
mod then_id_token;
mod then_limits;
mod then_org;
mod then_refresh;
mod then_request;
mod then_sign_in;
mod then_thing;
mod then_time;
mod then_transport;
pub(crate) mod thing;
mod trust;
mod when;

use crate::target::NewOrg;

/// No step has changed the usual org.
pub(crate) fn is_usual(draft: &NewOrg) -> bool {
    draft.org.as_ref().is_none_or(|document| *document == org::document()) && draft.max_page.is_none()
}
