//! API service integrations: what the org can install, what it has installed, and the secrets of an instance.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use http::Method;
use serde_json::Value;

use super::act::{ask, outcome};
use super::apps::Step;
use super::roles::{self, Held, Holder};
use super::shell::{Scene, Shell};
use super::{found, gone};
use crate::control::answer::ControlError;
use crate::control::submissions::INSTANCES;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::org::submission::{self, KIND};

#[derive(Template)]
#[template(path = "integrations.html")]
struct Integrations {
    shell: Shell,
    instances: Vec<Instance>,
    listings: Vec<Listing>,
}

#[derive(Template)]
#[template(path = "integration.html")]
struct InstancePage {
    shell: Shell,
    instance: Instance,
    /// The address that the forms go to.
    holder: String,
    secrets: Vec<Secret>,
    roles: Vec<Held>,
    role_types: Vec<&'static str>,
}

/// An installed integration.
struct Instance {
    id: String,
    name: String,
    kind: String,
    installed: String,
    scopes: Vec<String>,
    roles: Vec<&'static str>,
    guide: String,
    origin: Option<Origin>,
}

/// What an instance was made from.
struct Origin {
    submission: String,
    version: u64,
    /// The version that the submission has by now; none when it is gone.
    latest: Option<u64>,
}

impl Origin {
    /// The submission was edited since.
    fn is_stale(&self) -> bool {
        self.latest.is_some_and(|latest| latest != self.version)
    }
}

/// A submission, as the catalogue has it.
struct Listing {
    id: String,
    name: String,
    kind: String,
    status: String,
    latest: u64,
    /// The version that customers install, where that is not the latest.
    offered: Option<u64>,
    scopes: usize,
}

/// A client secret, hashed.
struct Secret {
    id: String,
    shown: String,
    created: String,
    active: bool,
}

/// The texts of a list.
pub(super) fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

impl Instance {
    fn of(state: &OrgState, document: &Document) -> Self {
        let value = document.value();
        let text = |member: &str| value[member].as_str().unwrap_or_default().to_owned();
        let origin = submission::made_from(document).map(|(id, version)| Origin {
            submission: id.to_owned(),
            version,
            latest: state.get(KIND, id).map(|submission| submission::latest(submission)),
        });
        Self {
            id: document.id.to_string(),
            name: text("name"),
            kind: text("type"),
            installed: text("createdAt"),
            scopes: strings(&value["grantedScopes"]),
            roles: roles::names(state, &document.id),
            guide: text("configGuideUrl"),
            origin,
        }
    }
}

impl Listing {
    fn of(document: &Arc<Document>) -> Self {
        let text = |pointer: &str| document.text(pointer).unwrap_or_default().into_owned();
        let latest = submission::latest(document);
        let offered = submission::version(document, None).map(|version| version.number);
        Self {
            id: document.id.to_string(),
            name: text("/name"),
            kind: text("/type"),
            status: text("/status"),
            latest,
            offered: offered.filter(|offered| *offered != latest),
            scopes: strings(&document.value()["apiService"]["scopes"]).len(),
        }
    }
}

/// What is installed, and what can be.
pub(super) async fn list(scene: Scene) -> Response {
    let state = scene.hosted.org().state();
    found(Integrations {
        instances: state.all("integrations").after(None).map(|one| Instance::of(&state, one)).collect(),
        listings: state.all(KIND).after(None).map(Listing::of).collect(),
        shell: scene.shell.on("integrations"),
    })
}

/// One of those that are installed.
pub(super) async fn show(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ControlError> {
    let Scene { hosted, shell } = scene;
    let state = hosted.org().state();
    let document = state.get("integrations", &id).ok_or_else(|| gone("integration", &id))?;
    let secrets = ask(&hosted, Method::GET, &format!("{INSTANCES}/{id}/credentials/secrets"), None);
    let secrets = secrets.unwrap_or_default();
    let secret = |secret: &Value| Secret {
        id: secret["id"].as_str().unwrap_or_default().to_owned(),
        shown: secret["client_secret"].as_str().unwrap_or_default().to_owned(),
        created: secret["created"].as_str().unwrap_or_default().to_owned(),
        active: secret["status"] == "ACTIVE",
    };
    Ok(found(InstancePage {
        instance: Instance::of(&state, document),
        holder: shell.at(&format!("integrations/{id}")),
        secrets: secrets.as_array().into_iter().flatten().map(secret).collect(),
        roles: roles::of(&hosted, Holder::App, &id),
        role_types: roles::types(),
        shell: shell.on("integrations"),
    }))
}

/// Activates, deactivates or deletes a secret.
pub(super) async fn change_secret(
    scene: Scene,
    Path((_, id, secret)): Path<(String, String, String)>,
    Form(wanted): Form<Step>,
) -> Response {
    let one = format!("{INSTANCES}/{id}/credentials/secrets/{secret}");
    let done = match wanted.verb.as_str() {
        "delete" => ask(&scene.hosted, Method::DELETE, &one, None),
        verb => ask(&scene.hosted, Method::POST, &format!("{one}/lifecycle/{verb}"), None),
    };
    outcome(done, scene.shell, &format!("integrations/{id}"))
}

/// Takes an installation back: its grants, its client id, its secrets.
pub(super) async fn revoke(scene: Scene, Path((_, id)): Path<(String, String)>) -> Response {
    let done = ask(&scene.hosted, Method::DELETE, &format!("{INSTANCES}/{id}"), None);
    outcome(done, scene.shell, "integrations")
}
