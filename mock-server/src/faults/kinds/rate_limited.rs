//! 429 in the org's place (ratelimit-oin-facts §1.2): of a bucket that is used up, or of too many requests in flight.

use super::{Answering, Effect, Scene, Settings};
use crate::facts::facts;
use crate::facts::operations::Route;
use crate::limits::{Charge, quota};
use crate::wire::ApiError;
use crate::wire::headers::Layer;

/// The limit that is told where the org limits nothing.
const USUAL_LIMIT: u32 = 50;

#[derive(Debug)]
struct RateLimited {
    concurrency: bool,
    reset_in_seconds: i64,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let concurrency = settings.text("kind") == "concurrency";
    Ok(Box::new(RateLimited { concurrency, reset_in_seconds: settings.integer("reset_in_seconds") }))
}

impl Effect for RateLimited {
    fn answers(&self) -> bool {
        true
    }

    fn answer(&self, scene: &Scene<'_>, given: Option<Answering>) -> Option<Answering> {
        let reset = scene.request.now.as_second() + self.reset_in_seconds;
        let limit = if self.concurrency { 0 } else { usual_limit(scene) };
        let charge = Charge { limit, remaining: 0, reset, exceeded: true };
        given.or_else(|| {
            let reply = ApiError::TooManyRequests.reply(scene.org.ids());
            Some(Answering { reply, layer: Layer::Limiter(charge) })
        })
    }
}

/// What a principal may do in the bucket of a request.
fn usual_limit(scene: &Scene<'_>) -> u32 {
    let path = scene.request.path();
    let operations = [&facts().oauth_operations, &facts().operations];
    let bucket =
        operations.into_iter().find_map(|operations| match operations.route(&scene.request.method, path) {
            Route::Found(operation, _) => operation.bucket(path),
            _ => None,
        });
    let quota = bucket.and_then(|bucket| quota(&scene.org.state().settings.limits, bucket));
    quota.map_or(USUAL_LIMIT, |quota| quota.principal)
}
