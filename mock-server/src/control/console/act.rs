//! What the buttons of the console do to the org as a whole, and how those for users and apps ask Okta's API.

use std::net::{IpAddr, Ipv4Addr};

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use super::controls::{self, COMMON};
use super::shell::{Scene, Shell};
use super::{Page, go_to};
use crate::control::answer::ControlError;
use crate::control::clock::{self, Setting};
use crate::control::orgs::rotated;
use crate::directory::Hosted;
use crate::exchange::{HeaderLines, Request};
use crate::gateway;

/// Asks the org's own API as whoever runs the server.
///
/// # Errors
/// What Okta's error says, for a person.
pub(in crate::control) fn ask(
    hosted: &Hosted,
    method: Method,
    target: &str,
    body: Option<&Value>,
) -> Result<Value, String> {
    let mut headers = HeaderMap::new();
    if body.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let request = Request {
        method,
        target: target.to_owned(),
        headers,
        raw_headers: HeaderLines::default(),
        body: body.map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
        base_url: hosted.ready().base_url.as_str().into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        now: hosted.org().clock().now(),
    };
    let reply = gateway::operate(hosted.org(), &request);
    let value: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.status.is_success() {
        return Ok(value);
    }
    let summary = value["errorSummary"].as_str().unwrap_or("no reason is given");
    let causes = value["errorCauses"].as_array().into_iter().flatten();
    let causes: Vec<&str> = causes.filter_map(|cause| cause["errorSummary"].as_str()).collect();
    let causes = if causes.is_empty() { String::new() } else { format!(" ({})", causes.join("; ")) };
    Err(format!("{}: {summary}{causes}", reply.status.as_u16()))
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    shell: Shell,
    back: &'a str,
}

/// A page after something was tried: the one that shows it, or why not.
pub(super) fn outcome(done: Result<Value, String>, shell: Shell, target: &str) -> Response {
    match done {
        Ok(_) => go_to(&shell.at(target)),
        Err(problem) => Page(StatusCode::CONFLICT, Problem { shell: shell.telling(problem), back: target })
            .into_response(),
    }
}

/// Empties the ledger.
pub(super) async fn clear(scene: Scene) -> Response {
    scene.hosted.ledger().clear();
    go_to(&scene.shell.at(""))
}

/// The form of the clock.
#[derive(Debug, Deserialize)]
pub(super) struct Clock {
    advance: Option<f64>,
    frozen: Option<bool>,
}

/// Moves, stops or starts the clock.
pub(super) async fn clock(scene: Scene, Form(wanted): Form<Clock>) -> Result<Response, ControlError> {
    let setting = Setting { advance_seconds: wanted.advance, now: None, frozen: wanted.frozen };
    clock::change(scene.hosted.org(), &setting)?;
    Ok(go_to(&scene.shell.at("")))
}

/// A button.
#[derive(Debug, Deserialize)]
pub(super) struct Act {
    act: String,
}

/// Does what a button says.
pub(super) async fn act(scene: Scene, Form(wanted): Form<Act>) -> Result<Response, ControlError> {
    let Scene { hosted, shell } = scene;
    match wanted.act.as_str() {
        "expire-tokens" => hosted.org().expire_tokens(),
        "reset" => hosted.reset(),
        "rotate-keys" => {
            rotated(hosted).await?;
        }
        other => return Err(ControlError::bad(format!("there is no button {other:?}"))),
    }
    Ok(go_to(&shell.at("")))
}

/// The button of a common fault.
#[derive(Debug, Deserialize)]
pub(super) struct Common {
    common: String,
}

/// Adds a common fault for the next request.
pub(super) async fn add_fault(scene: Scene, Form(wanted): Form<Common>) -> Result<Response, ControlError> {
    let known = COMMON.iter().find(|one| one.name == wanted.common);
    let known = known.ok_or_else(|| ControlError::bad(format!("there is no button {:?}", wanted.common)))?;
    controls::add(&scene.hosted, known)?;
    Ok(go_to(&scene.shell.at("")))
}

/// Removes a fault.
pub(super) async fn remove_fault(scene: Scene, Path((_, id)): Path<(String, String)>) -> Response {
    controls::remove(&scene.hosted, &id);
    go_to(&scene.shell.at(""))
}

/// A profile of rate limits.
#[derive(Debug, Deserialize)]
pub(super) struct Profile {
    profile: String,
}

/// Chooses a profile.
pub(super) async fn profile(scene: Scene, Form(wanted): Form<Profile>) -> Result<Response, ControlError> {
    crate::control::limits::choose(scene.hosted.org(), wanted.profile)?;
    Ok(go_to(&scene.shell.at("limits")))
}
