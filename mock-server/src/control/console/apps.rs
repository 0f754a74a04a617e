//! The org's apps: what each may ask for, and what it may do.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::act::{ask, outcome};
use super::roles::{self, Held, Holder};
use super::shell::{Scene, Shell};
use super::{found, gone};
use crate::control::answer::ControlError;
use crate::facts::facts;
use crate::org::document::Document;
use crate::org::state::OrgState;

#[derive(Template)]
#[template(path = "apps.html")]
struct Apps {
    shell: Shell,
    apps: Vec<App>,
}

#[derive(Template)]
#[template(path = "app.html")]
struct AppPage {
    shell: Shell,
    app: App,
    /// The address that the forms of roles go to.
    holder: String,
    grants: Vec<Held>,
    roles: Vec<Held>,
    scopes: Vec<&'static str>,
    role_types: Vec<&'static str>,
}

/// An app.
struct App {
    id: String,
    label: String,
    status: String,
    /// How it authenticates, or its sign-on mode.
    auth: String,
    grants: Vec<String>,
    roles: Vec<&'static str>,
    /// Okta assigns roles to service apps only.
    is_service: bool,
}

impl App {
    fn of(state: &OrgState, document: &Document) -> Self {
        let text = |pointer: &str| document.text(pointer).map(|text| text.into_owned());
        let client = text("/credentials/oauthClient/client_id").unwrap_or_else(|| document.id.to_string());
        let method = text("/credentials/oauthClient/token_endpoint_auth_method");
        Self {
            label: text("/label").unwrap_or_else(|| document.id.to_string()),
            status: text("/status").unwrap_or_default(),
            auth: method.or_else(|| text("/signOnMode")).unwrap_or_default(),
            grants: state.derived.grants(&client).iter().map(|scope| scope.to_string()).collect(),
            roles: roles::names(state, &client),
            is_service: document.is("/settings/oauthClient/application_type", "service"),
            id: client,
        }
    }
}

/// All apps, those with an OAuth client first.
pub(super) async fn list(scene: Scene) -> Response {
    let state = scene.hosted.org().state();
    let mut apps: Vec<App> = state.all("apps").after(None).map(|app| App::of(&state, app)).collect();
    apps.sort_by_key(|app| {
        (app.auth.chars().next().is_none_or(char::is_uppercase), app.label.to_lowercase())
    });
    found(Apps { shell: scene.shell.on("apps"), apps })
}

/// One app.
pub(super) async fn show(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ControlError> {
    let Scene { hosted, shell } = scene;
    let state = hosted.org().state();
    let document = state.get("apps", &id).ok_or_else(|| gone("app", &id))?;
    let grants = ask(&hosted, Method::GET, &format!("/api/v1/apps/{id}/grants"), None).unwrap_or_default();
    Ok(found(AppPage {
        app: App::of(&state, document),
        holder: shell.at(&format!("apps/{id}")),
        grants: roles::held(&grants, &["scopeId"]),
        roles: roles::of(&hosted, Holder::App, &id),
        scopes: facts().scopes.grantable().collect(),
        role_types: roles::types(),
        shell: shell.on("apps"),
    }))
}

/// A scope to grant.
#[derive(Debug, Deserialize)]
pub(super) struct Grant {
    scope: String,
}

/// Grants a scope.
pub(super) async fn grant(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
    Form(wanted): Form<Grant>,
) -> Response {
    let body = json!({ "scopeId": wanted.scope.trim(), "issuer": scene.hosted.ready().base_url });
    let done = ask(&scene.hosted, Method::POST, &format!("/api/v1/apps/{id}/grants"), Some(&body));
    outcome(done, scene.shell, &format!("apps/{id}"))
}

/// Takes a grant back.
pub(super) async fn revoke(scene: Scene, Path((_, id, grant)): Path<(String, String, String)>) -> Response {
    let done = ask(&scene.hosted, Method::DELETE, &format!("/api/v1/apps/{id}/grants/{grant}"), None);
    outcome(done, scene.shell, &format!("apps/{id}"))
}

/// A step of a lifecycle.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) verb: String,
}

/// Activates or deactivates an app.
pub(super) async fn status(
    scene: Scene,
    Path((_, id)): Path<(String, String)>,
    Form(wanted): Form<Step>,
) -> Response {
    let target = format!("/api/v1/apps/{id}/lifecycle/{}", wanted.verb);
    outcome(ask(&scene.hosted, Method::POST, &target, None), scene.shell, &format!("apps/{id}"))
}
