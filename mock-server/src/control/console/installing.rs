//! "Authorize integration": the scopes, then client id and secret, which no other page shows.

use askama::Template;
use axum::Form;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::act::{ask, outcome};
use super::integrations::strings;
use super::shell::{Scene, Shell};
use super::{Page, found, gone};
use crate::control::answer::ControlError;
use crate::control::submissions::{self, INSTANCES};
use crate::exchange::Form as Query;
use crate::org::submission::{self, KIND, Submission};

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    shell: Shell,
    id: String,
    version: u64,
    latest: u64,
    submission: Submission,
}

/// What is shown once.
#[derive(Template)]
#[template(path = "once.html")]
struct Once {
    shell: Shell,
    /// What has happened.
    title: &'static str,
    name: String,
    domain: String,
    client_id: String,
    secret: String,
    scopes: Vec<String>,
}

/// The page that asks for consent to the scopes of a version: `?version=2`, or what customers install.
pub(super) async fn consent(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ControlError> {
    let wanted = Query::parse(query.unwrap_or_default().as_bytes());
    let wanted = wanted.get("version").and_then(|number| number.parse().ok());
    let state = scene.hosted.org().state();
    let document = state.get(KIND, &id).ok_or_else(|| gone("submission", &id))?;
    let version = submission::version(document, wanted).ok_or_else(|| gone("version of", &id))?;
    Ok(found(Consent {
        shell: scene.shell.on("integrations"),
        version: version.number,
        latest: submission::latest(document),
        submission: version.submission,
        id,
    }))
}

/// The version that was agreed to.
#[derive(Debug, Deserialize)]
pub(super) struct Agreed {
    version: u64,
}

/// "Install & Authorize".
pub(super) async fn install(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
    Form(agreed): Form<Agreed>,
) -> Response {
    let Scene { hosted, shell } = scene;
    match submissions::generate(&hosted, &id, Some(agreed.version)) {
        Ok(made) => {
            let text = |member: &str| made[member].as_str().unwrap_or_default().to_owned();
            Page(
                StatusCode::CREATED,
                Once {
                    title: "Installed and authorized",
                    name: text("name"),
                    domain: text("base_url"),
                    client_id: text("client_id"),
                    secret: text("client_secret"),
                    scopes: strings(&made["scopes"]),
                    shell: shell.on("integrations"),
                },
            )
            .into_response()
        }
        Err(refused) => outcome(Err(refused.message), shell.on("integrations"), "integrations"),
    }
}

/// A second secret, while the first one works.
pub(super) async fn new_secret(scene: Scene, Path((_, id)): Path<(String, String)>) -> Response {
    let Scene { hosted, shell } = scene;
    let shell = shell.on("integrations");
    let target = format!("{INSTANCES}/{id}/credentials/secrets");
    match ask(&hosted, Method::POST, &target, Some(&json!({}))) {
        Ok(made) => {
            let state = hosted.org().state();
            let name = state
                .get("integrations", &id)
                .and_then(|instance| Some(instance.text("/name")?.into_owned()));
            Page(
                StatusCode::CREATED,
                Once {
                    title: "A new secret",
                    name: name.unwrap_or_default(),
                    domain: shell.base_url.clone(),
                    secret: made["client_secret"].as_str().unwrap_or_default().to_owned(),
                    client_id: id,
                    scopes: Vec::new(),
                    shell,
                },
            )
            .into_response()
        }
        Err(refused) => outcome(Err(refused), shell, &format!("integrations/{id}")),
    }
}
