//! The meters of the buckets.

use askama::Template;
use axum::response::Response;

use super::controls::Controls;
use super::found;
use super::shell::{Scene, Shell};
use crate::facts::facts;

#[derive(Template)]
#[template(path = "limits.html")]
struct Limits {
    shell: Shell,
    profiles: Vec<&'static str>,
    controls: Controls,
}

#[derive(Template)]
#[template(path = "meters.html")]
struct Meters {
    controls: Controls,
}

/// The page.
pub(super) async fn show(scene: Scene) -> Response {
    let controls = Controls::of(&scene.hosted);
    found(Limits { shell: scene.shell.on("limits"), profiles: facts().limits.profiles().collect(), controls })
}

/// The meters alone, for a page that is open.
pub(super) async fn meters(scene: Scene) -> Response {
    found(Meters { controls: Controls::of(&scene.hosted) })
}
