//! The end of a scenario: client and org go, and what holds in every scenario is judged.

use super::{Remains, World};
use crate::{
    checks::monitors::{self, Scene},
    count,
    suite::outcome::{Level, Verdict, Witness},
    target::ledger::Ledger,
};

impl World {
    /// Ends client and org, and judges what holds in every scenario.
    pub(in crate::suite) async fn finish(mut self) -> Remains {
        if let Some(session) = self.session.take() {
            self.client_log = session.log();
            // After an error the conversation may be in any state: the session is only dropped, which kills it.
            if !self.checks.iter().any(|check| check.verdict == Verdict::Error)
                && let Err(error) = session.bye().await
            {
                self.broke("adapter", error.to_string());
            }
        }
        let mut ledger = Ledger::default();
        let ready = self.org.as_ref().map(|org| org.ready.clone());
        let mut around = false;
        if let Some(org) = self.org.take() {
            around = self.went_around(&org);
            for trouble in org.scene().into_iter().flat_map(|scene| scene.record.troubles()) {
                self.broke("gate", trouble);
            }
            match org.ledger().await {
                Ok(read) => {
                    if let Some(gap) = read.0.iter().find(|exchange| exchange.response.status == 501) {
                        let call = format!("{} {}", gap.request.method, gap.request.path());
                        self.broke("not-implemented", format!("the org does not implement {call} yet (501)"));
                    }
                    ledger = read;
                }
                Err(error) => drop(self.broke("org", error.to_string())),
            }
            if let Err(error) = org.delete().await {
                self.broke("org", error.to_string());
            }
        }
        if let Some(settings) = &self.settings {
            for exchange in &ledger.0 {
                settings.taint.learn_exchange(exchange);
            }
        }
        let id = self.id.clone();
        if around {
            let mut observed =
                "the client went around the proxy before the org: its requests were seen by nobody"
                    .to_owned();
            if let Some(told) = self.logged.as_ref().filter(|told| !told.0.is_empty()) {
                let told = count::of(told.0.len(), "token request");
                observed.push_str(&format!("; the org's System Log tells of {told}"));
            }
            let expected = "a client that takes the proxy that `configure` names";
            let verdict = Verdict::NotApplicable;
            self.check("witnessed", Level::Must, verdict, expected, observed, Witness::Harness, None);
        } else if !self.stopped {
            if let Some(missing) = self.poison.missing(&ledger) {
                self.untestable(missing);
            }
            let scene = Scene {
                doings: &self.doings,
                ledger: &ledger,
                told: &self.told,
                own: ready.as_ref().map_or("", |ready| ready.client_url()),
                plain: ready
                    .as_ref()
                    .map(|ready| &*ready.base_url)
                    .filter(|url| url.starts_with("http://"))
                    .unwrap_or_default(),
                client_id: self.acting_as.as_ref().map_or("", |(id, _)| id),
                wrong_request: self.wrong_request,
            };
            for mut check in monitors::judge(&id, &scene) {
                check.witness = self.seen_by(check.witness);
                self.checks.push(check);
            }
        }
        if self.checks.is_empty() {
            self.broke("nothing-checked", "no step made a check");
        }
        Remains { checks: self.checks, ledger, client_log: self.client_log }
    }
}
