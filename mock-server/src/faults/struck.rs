//! A request that faults strike: what happens before the org decides, in its place, and to its reply.

use std::sync::Arc;

use super::asked;
use super::fault::Fault;
use super::kinds::{Answering, Effect, Scene};
use crate::exchange::{Delivery, Manner, Reply, Request, Sent, Trace};
use crate::org::Org;
use crate::wire::headers;

/// The faults that strike one request, in the order in which they were made.
#[derive(Debug, Clone)]
pub(crate) struct Struck(Vec<(Arc<Fault>, u64)>);

impl Struck {
    pub(super) fn of(faults: Vec<(Arc<Fault>, u64)>) -> Option<Self> {
        (!faults.is_empty()).then_some(Self(faults))
    }

    fn effects(&self) -> impl Iterator<Item = (&dyn Effect, u64)> {
        self.0.iter().flat_map(|(fault, nth)| {
            fault.effects().iter().map(|effect| (effect.as_ref(), fault.random(*nth)))
        })
    }

    /// Whether what comes before the decision takes longer than a runtime's thread should be held up.
    pub(crate) fn is_slow(&self) -> bool {
        self.effects().any(|(effect, _)| effect.is_slow())
    }

    /// What happens before the org decides.
    pub(crate) fn prepare(&self, org: &Org, request: &Request) {
        self.effects().for_each(|(effect, _)| effect.prepare(org, request));
    }

    /// The reply in the org's place, if a fault gives one.
    pub(crate) fn answer(&self, org: &Org, request: &Request, trace: &mut Trace) -> Option<Reply> {
        let mut given: Option<Answering> = None;
        for (effect, random) in self.effects() {
            given = effect.answer(&Scene { org, request, random }, given);
        }
        let Answering { reply, layer } = given?;
        asked::learn(org, request, trace);
        trace.request_id = headers::request_id(org.ids());
        Some(headers::complete(reply, layer, org.ids(), &trace.request_id, request.now))
    }

    /// What happens to the reply, and how it is delivered; notes the faults.
    pub(crate) fn finish(
        self,
        org: &Org,
        request: &Request,
        trace: &mut Trace,
        mut reply: Reply,
    ) -> Delivery {
        let mut manner = Manner::default();
        for (effect, random) in self.effects() {
            effect.transform(&Scene { org, request, random }, &mut reply);
        }
        for (effect, _) in self.effects() {
            effect.deliver(&reply, &mut manner);
        }
        for (fault, _) in &self.0 {
            trace.faults.push(fault.id.clone());
            trace.note("fault", format!("{}: {}", fault.id, fault.words()));
        }
        trace.sent = match &manner {
            manner if manner.reset => Sent::Nothing,
            manner if manner.cut.is_some() => Sent::Part,
            _ => Sent::Whole,
        };
        Delivery { reply, manner }
    }
}
