//! 429 in the org's place (ratelimit-oin-facts §1.2): of a bucket that is used up, or of too many requests in flight.

use super::{Answering, Effect, Scene, Settings};
use crate::facts::facts;
use crate::facts::limits::BucketId;
use crate::facts::operations::Route;
use crate::limits::Charge;
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
        let (bucket, usual) = bucket(scene);
        let limit = if self.concurrency { 0 } else { usual };
        let charge = Charge { bucket, limit, remaining: 0, reset, exceeded: true };
        given.or_else(|| {
            let reply = ApiError::TooManyRequests.reply(scene.org.ids());
            Some(Answering { reply, layer: Layer::Limiter(charge) })
        })
    }
}

/// The bucket of a request, and what the org's profile lets a principal do in it.
fn bucket(scene: &Scene<'_>) -> (BucketId, u32) {
    let path = scene.request.path();
    let bucket =
        [&facts().oauth_operations, &facts().operations].into_iter().find_map(|operations| match operations
            .route(&scene.request.method, path)
        {
            Route::Found(operation, _) => operation.bucket(path),
            _ => None,
        });
    let state = scene.org.state();
    let quota = bucket.and_then(|bucket| facts().limits.quota(&state.settings.limits.profile, bucket));
    (bucket.unwrap_or(BucketId(0)), quota.map_or(USUAL_LIMIT, |quota| quota.principal))
}
