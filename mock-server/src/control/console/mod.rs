//! The console: a page for people at `/_mock/`, served from the binary, that works without a network and without
//! scripts. It shows what clients did and why they were answered so, and has the switches that people look for. What is
//! done to users and apps is done by Okta's own API ([`gateway::operate`](crate::gateway::operate)).

mod act;
mod apps;
mod controls;
mod entrance;
mod exchange_page;
mod exchanges;
mod installing;
mod integrations;
mod limits;
mod people;
mod roles;
mod row;
mod shell;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::answer::ControlError;

pub(super) use act::ask;
pub(super) use entrance::{COOKIE_PATHS, has_passed, page as entrance_page};

/// What a page may load: its own style, script and stream, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// The routes of the console.
pub(super) fn routes() -> Router {
    let org = Router::new()
        .route("/", get(exchanges::list))
        .route("/rows", get(exchanges::rows))
        .route("/meters", get(limits::meters))
        .route("/exchanges/{seq}", get(exchange_page::show))
        .route("/ledger/clear", post(act::clear))
        .route("/clock", post(act::clock))
        .route("/act", post(act::act))
        .route("/faults", post(act::add_fault))
        .route("/faults/{id}/remove", post(act::remove_fault))
        .route("/limits", get(limits::show).post(act::profile))
        .route("/apps", get(apps::list))
        .route("/apps/{id}", get(apps::show))
        .route("/apps/{id}/grants", post(apps::grant))
        .route("/apps/{id}/grants/{part}/revoke", post(apps::revoke))
        .route("/apps/{id}/status", post(apps::status))
        .route("/integrations", get(integrations::list))
        .route("/integrations/{id}", get(integrations::show))
        .route("/integrations/{id}/secrets", post(installing::new_secret))
        .route("/integrations/{id}/secrets/{part}", post(integrations::change_secret))
        .route("/integrations/{id}/revoke", post(integrations::revoke))
        .route("/submissions/{id}", get(installing::consent).post(installing::install))
        .route("/{holders}/{id}/roles", post(roles::assign))
        .route("/{holders}/{id}/roles/{part}/unassign", post(roles::unassign))
        .route("/people", get(people::list))
        .route("/people/{id}", get(people::show))
        .route("/people/{id}/status", post(people::status));
    Router::new()
        .route("/_mock", get(exchanges::first))
        .route("/_mock/", get(exchanges::first))
        .route("/_mock/console.css", get(|| asset("text/css;charset=utf-8", include_str!("console.css"))))
        .route(
            "/_mock/console.js",
            get(|| asset("text/javascript;charset=utf-8", include_str!("console.js"))),
        )
        .route("/_mock/console-door", post(entrance::enter))
        .nest("/_mock/console/{name}", org)
}

async fn asset(media_type: &'static str, text: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}

/// A page made of a template.
struct Page<T>(StatusCode, T);

impl<T: askama::Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let Self(status, template) = self;
        let html = match template.render() {
            Ok(html) => html,
            Err(error) => {
                let text = format!("the page was not made: {error}");
                return (StatusCode::INTERNAL_SERVER_ERROR, text).into_response();
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Without any referrer a browser would send `Origin: null` with our own forms, which is refused.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        (status, headers, html).into_response()
    }
}

fn found<T: askama::Template>(template: T) -> Response {
    Page(StatusCode::OK, template).into_response()
}

/// Something that a link leads to is no more.
fn gone(what: &str, id: &str) -> ControlError {
    ControlError::new(
        StatusCode::NOT_FOUND,
        format!("there is no {what} {id:?} any more; go back to the list"),
    )
}

/// To another page of the console, after something was done.
fn go_to(target: &str) -> Response {
    let location = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/_mock/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
