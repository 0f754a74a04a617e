//! What the client sent in a run: its exchanges, without those of the harness's bystanders, and with what the scenario had
//! asked for told from what was the client's own idea.

use crate::{
    report::{
        record::ExchangeRecord,
        run::{Judged, Run},
    },
    target::bystander::MARK,
};

use super::finding::Evidence;

/// Scenarios about these ask for addresses that there are not.
const ASTRAY: &[&str] = &["OKTA-ERRORS-PATH", "OKTA-ERRORS-METHOD"];

/// One request of the client, and its answer.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'r> {
    /// Its scenario.
    pub(crate) judged: &'r Judged,
    /// What was on the wire.
    pub(crate) exchange: &'r ExchangeRecord,
}

/// Everything that the client sent.
pub(crate) fn sent(run: &Run) -> impl Iterator<Item = Sent<'_>> {
    run.scenarios
        .iter()
        .flat_map(|judged| judged.exchanges.iter().map(move |exchange| Sent { judged, exchange }))
        .filter(|sent| sent.header(MARK.0) != Some(MARK.1))
}

impl<'r> Sent<'r> {
    /// The method.
    pub(crate) fn method(self) -> &'r str {
        self.exchange.request.split(' ').next().unwrap_or_default()
    }

    /// Path and query.
    pub(crate) fn target(self) -> &'r str {
        self.exchange.request.split_once(' ').map_or("", |(_, target)| target)
    }

    /// The path.
    pub(crate) fn path(self) -> &'r str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// The query, if there is one.
    pub(crate) fn query(self) -> Option<&'r str> {
        self.target().split_once('?').map(|(_, query)| query)
    }

    /// A header of the request, the first of that name.
    pub(crate) fn header(self, name: &str) -> Option<&'r str> {
        header(&self.exchange.request_headers, name)
    }

    /// A header of the answer, the first of that name.
    pub(crate) fn answered(self, name: &str) -> Option<&'r str> {
        header(&self.exchange.response_headers, name)
    }

    /// A parameter of the form in the body.
    pub(crate) fn form(self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.exchange.request_body.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A parameter of the query.
    pub(crate) fn parameter(self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query()?.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A request for a token, whichever authorization server it went to.
    pub(crate) fn is_for_a_token(self) -> bool {
        self.path().starts_with("/oauth2/") && self.path().ends_with("/v1/token")
    }

    /// A call of the Management API.
    pub(crate) fn is_a_call(self) -> bool {
        self.path().trim_start_matches('/').starts_with("api/")
    }

    /// Its answer is a success.
    pub(crate) fn succeeded(self) -> bool {
        (200..300).contains(&self.exchange.status)
    }

    /// The words of the scenario ask for this: then it was not the client's idea.
    pub(crate) fn was_asked_for(self, words: &str) -> bool {
        self.judged.steps.iter().any(|step| step.text.contains(words))
    }

    /// A call that the suite had the client make, at an address that is not of the Management API: it carries the token.
    pub(crate) fn is_a_suites_call(self) -> bool {
        let bearer = self.header("authorization").is_some_and(|value| value.starts_with("Bearer "));
        bearer || self.was_asked_for(self.path())
    }

    /// The scenario is about addresses that there are not.
    pub(crate) fn is_astray(self) -> bool {
        self.judged.scenario.requirements.iter().any(|id| ASTRAY.contains(&id.as_str()))
    }

    /// Where it is.
    pub(crate) fn evidence(self) -> Evidence {
        let what = format!("{} → {}", self.exchange.request, self.exchange.status);
        Evidence { scenario: self.judged.scenario.id.clone(), seq: Some(self.exchange.seq), what }
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
