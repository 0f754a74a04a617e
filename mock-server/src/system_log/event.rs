//! An event that is being told, and where it happens.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::entity::Entity;
use super::render;
use crate::exchange::Request;
use crate::org::Org;
use crate::org::change::Change;
use crate::org::event_log::LogEvent;
use crate::org::ids::Ids;

/// Something that happened. Built where it happens; [`Event::happened`] makes the change that writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub(super) kind: Cow<'static, str>,
    pub(super) actor: Entity,
    pub(super) targets: Vec<Entity>,
    pub(super) result: &'static str,
    pub(super) reason: Option<Cow<'static, str>>,
    pub(super) debug: Vec<(&'static str, Value)>,
    /// The OAuth client behind the request, where that is not the actor.
    pub(super) client: Option<String>,
    pub(super) session: Option<String>,
    pub(super) credential: Option<&'static str>,
    /// The API token that was sent.
    pub(super) api_token: Option<String>,
}

/// The request that something happens in.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The source of ids.
    pub ids: &'a Ids,
    /// The request.
    pub request: &'a Request,
    /// What the reply will say as `X-Okta-Request-Id`.
    pub request_id: &'a str,
}

impl Event {
    /// An event of a type (a row of `fixtures/events.jsonl`), and who did it. It succeeded, unless more is said.
    pub fn new(kind: impl Into<Cow<'static, str>>, actor: Entity) -> Self {
        Self {
            kind: kind.into(),
            actor,
            targets: Vec::new(),
            result: "SUCCESS",
            reason: None,
            debug: Vec::new(),
            client: None,
            session: None,
            credential: None,
            api_token: None,
        }
    }

    /// What it was done to.
    #[must_use]
    pub fn target(mut self, target: Entity) -> Self {
        self.targets.push(target);
        self
    }

    /// It was decided: `ALLOW`, `DENY`.
    #[must_use]
    pub fn decided(mut self, result: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        self.result = result;
        self.reason = Some(reason.into());
        self
    }

    /// It failed, or was refused.
    #[must_use]
    pub fn failed(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.result = "FAILURE";
        self.reason = Some(reason.into());
        self
    }

    /// How it came out, where that is neither success nor failure: `DENY`, `ALLOW`.
    #[must_use]
    pub fn outcome(mut self, result: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        self.result = result;
        self.reason = Some(reason.into());
        self
    }

    /// Why it came out as it did.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// A member of `debugData`.
    #[must_use]
    pub fn debug(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.debug.push((name, value.into()));
        self
    }

    /// The OAuth client that sent the request for somebody else.
    #[must_use]
    pub fn client(mut self, id: Option<&str>) -> Self {
        self.client = id.map(str::to_owned);
        self
    }

    /// The API token that the request was sent with, by its id.
    #[must_use]
    pub fn api_token(mut self, id: Option<&str>) -> Self {
        self.api_token = id.map(str::to_owned);
        self
    }

    /// The session it belongs to.
    #[must_use]
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = Some(id.into());
        self
    }

    /// The kind of credential that was shown: `PASSWORD`.
    #[must_use]
    pub fn credential(mut self, kind: &'static str) -> Self {
        self.credential = Some(kind);
        self
    }

    /// The change that writes it.
    pub fn happened(&self, scene: &Scene<'_>) -> Change {
        let published = scene.request.now.as_millisecond();
        Change::Event(Arc::new(LogEvent { published, text: render::text(self, scene).into() }))
    }
}

impl Scene<'_> {
    /// Writes events.
    pub fn write(&self, org: &Org, events: &[Event]) {
        if !events.is_empty() {
            org.record(self.request.now, events.iter().map(|event| event.happened(self)).collect());
        }
    }
}
