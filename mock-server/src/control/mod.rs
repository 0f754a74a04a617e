//! The control API below `/_mock` (contracts §2): for what Okta has no API for.

mod access;
mod answer;
mod body;
mod clock;
mod console;
mod factors;
mod faults;
mod ledger;
mod ledger_stream;
mod limits;
mod orgs;
mod snapshots;
mod submissions;

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;

use answer::{ControlError, Found};

use crate::directory::Caller;
use crate::http::ControlFuture;

/// The size that the body of a control call may have: org documents are large.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// What there is, for those who ask for something else.
const CALLS: &str = "GET /_mock/health, /_mock/faults; GET, POST /_mock/orgs; DELETE /_mock/orgs/{name}; and below it: \
    POST reset, snapshot, restore, GET snapshots, DELETE snapshots/{id}, GET, DELETE ledger, GET ledger/stream, GET, POST, DELETE faults[/{id}], GET, PUT clock, \
    POST expire-tokens, rotate-keys, GET, PUT rate-limits, GET gaps, GET factors/{id}, POST factors/{id}/approve, \
    factors/{id}/deny, GET, POST submissions, GET, PUT, DELETE submissions/{id}, POST submissions/{id}/status, \
    submissions/{id}/test-instance";

static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    Router::new()
        .route("/_mock/health", get(health))
        .route("/_mock/orgs", get(orgs::list).post(orgs::create))
        .route("/_mock/orgs/{name}", delete(orgs::delete))
        .route("/_mock/orgs/{name}/reset", post(orgs::reset))
        .route("/_mock/orgs/{name}/snapshot", post(snapshots::take))
        .route("/_mock/orgs/{name}/restore", post(snapshots::restore))
        .route("/_mock/orgs/{name}/snapshots", get(snapshots::list))
        .route("/_mock/orgs/{name}/snapshots/{id}", delete(snapshots::forget))
        .route("/_mock/orgs/{name}/ledger", get(ledger::read).delete(ledger::clear))
        .route("/_mock/orgs/{name}/ledger/stream", get(ledger_stream::follow))
        .route("/_mock/orgs/{name}/clock", get(clock::read).put(clock::set))
        .route("/_mock/faults", get(faults::kinds))
        .route("/_mock/orgs/{name}/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/_mock/orgs/{name}/faults/{id}", get(faults::read).delete(faults::remove))
        .route("/_mock/orgs/{name}/expire-tokens", post(orgs::expire_tokens))
        .route("/_mock/orgs/{name}/rotate-keys", post(orgs::rotate_keys))
        .route("/_mock/orgs/{name}/rate-limits", get(limits::read).put(limits::set))
        .route("/_mock/orgs/{name}/factors/{id}", get(factors::look))
        .route("/_mock/orgs/{name}/factors/{id}/{tap}", post(factors::tap))
        .route("/_mock/orgs/{name}/gaps", get(orgs::gaps))
        .route("/_mock/orgs/{name}/submissions", get(submissions::list).post(submissions::create))
        .route(
            "/_mock/orgs/{name}/submissions/{id}",
            get(submissions::read_one).put(submissions::replace).delete(submissions::delete),
        )
        .route("/_mock/orgs/{name}/submissions/{id}/status", post(submissions::step))
        .route("/_mock/orgs/{name}/submissions/{id}/test-instance", post(submissions::test_instance))
        .merge(console::routes())
        .fallback(|| async {
            ControlError::new(StatusCode::NOT_FOUND, format!("there is no such call; there are: {CALLS}"))
        })
        .method_not_allowed_fallback(|| async {
            let message = format!("this call has another method; there are: {CALLS}");
            ControlError::new(StatusCode::METHOD_NOT_ALLOWED, message)
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
});

/// Answers a call.
pub(crate) fn answer(mut request: Request<Body>, caller: Caller) -> ControlFuture {
    let house = caller.directory.house();
    let token = house.control_token.as_deref();
    if let Err(refusal) = access::check(&request, &caller.arrival, token, &house.host_names) {
        let asks = refusal.status == StatusCode::UNAUTHORIZED && access::is_for_people(&request);
        return Box::pin(async move {
            if asks { console::entrance_page(StatusCode::UNAUTHORIZED, false) } else { refusal.into() }
        });
    }
    request.extensions_mut().insert(caller);
    Box::pin(async move {
        let Ok(response) = ROUTER.clone().oneshot(request).await;
        response
    })
}

async fn health(caller: Caller) -> Found {
    let version = env!("CARGO_PKG_VERSION");
    Found(json!({ "status": "ok", "version": version, "orgs": caller.directory.len() }))
}
