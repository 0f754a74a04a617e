//! An exchange as a reader sees it, and its JSON (contracts §2): secrets as tags, or plain for who asks for that.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use super::exchange::{Exchange, Learnt};
use super::secrets::{self, Opened, Tags, Veil};
use crate::exchange::Sent;

/// A header line.
type Line<'a> = (Cow<'a, str>, Cow<'a, str>);

/// An exchange to be read.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    pub(super) target: Cow<'a, str>,
    pub(super) asked: Vec<Line<'a>>,
    pub(super) asked_body: Cow<'a, str>,
    pub(super) answered: Vec<Line<'a>>,
    pub(super) answered_body: Cow<'a, str>,
    /// What was learnt about the client, as JSON.
    pub(super) client: Box<RawValue>,
    /// The steps that decided, as JSON.
    pub(super) decided: Box<RawValue>,
    /// The signed tokens that were hidden, taken apart, by their tags.
    pub(super) tokens: BTreeMap<String, Opened>,
}

impl<'a> Shown<'a> {
    /// As it was on the wire.
    ///
    /// # Errors
    /// What was learnt is no JSON; never so.
    pub(super) fn plain(exchange: &'a Exchange<'a>) -> serde_json::Result<Self> {
        let answered = exchange.response.lines().map(|(name, value)| (Cow::Borrowed(name), value));
        let asked = exchange.request.headers();
        Ok(Self {
            exchange,
            target: Cow::Borrowed(exchange.request.target),
            asked: asked.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))).collect(),
            asked_body: exchange.request.body.text(),
            answered: answered.collect(),
            answered_body: exchange.response.body.text(),
            client: serde_json::value::to_raw_value(&Client(&exchange.learnt))?,
            decided: serde_json::value::to_raw_value(&Steps(&exchange.steps))?,
            tokens: BTreeMap::new(),
        })
    }

    /// With tags in the places of secrets.
    ///
    /// # Errors
    /// What was learnt is no JSON; never so.
    pub(super) fn veiled(exchange: &'a Exchange<'a>, tags: &Tags) -> serde_json::Result<Self> {
        let mut shown = Self::plain(exchange)?;
        let mut veil = Veil::new(tags, exchange.request.path());
        // First every place where a secret may stand, then whatever else repeats one.
        shown.target = Cow::Owned(secrets::target(&shown.target, &mut veil));
        for (name, value) in shown.asked.iter_mut().chain(&mut shown.answered) {
            *value = Cow::Owned(secrets::header_value(name, value, &mut veil));
        }
        for body in [&mut shown.asked_body, &mut shown.answered_body] {
            let hidden = veil.body(body).into_owned();
            *body = Cow::Owned(hidden);
        }
        let values = shown.asked.iter_mut().chain(&mut shown.answered).map(|(_, value)| value);
        let texts = [&mut shown.target, &mut shown.asked_body, &mut shown.answered_body];
        for text in values.chain(texts) {
            let hidden = veil.rest(text);
            *text = Cow::Owned(hidden);
        }
        shown.client = RawValue::from_string(veil.rest(shown.client.get()))?;
        shown.decided = RawValue::from_string(veil.rest(shown.decided.get()))?;
        shown.tokens = veil.opened();
        Ok(shown)
    }

    /// The first value of a line that the client sent.
    pub(super) fn asked_header(&self, name: &str) -> Option<&str> {
        first(&self.asked, name)
    }

    /// The first value of a line that the org sent.
    pub(super) fn answered_header(&self, name: &str) -> Option<&str> {
        first(&self.answered, name)
    }
}

fn first<'a>(lines: &'a [Line<'_>], name: &str) -> Option<&'a str> {
    lines.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
}

/// The org's time as the ledger writes it.
pub(super) fn time(exchange: &Exchange<'_>) -> String {
    exchange.time().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = self.exchange;
        let mut exchange = serializer.serialize_struct("Exchange", 10)?;
        exchange.serialize_field("seq", &kept.seq)?;
        exchange.serialize_field("time", &time(kept))?;
        exchange.serialize_field("operation", &kept.operation)?;
        exchange.serialize_field("client", &self.client)?;
        exchange.serialize_field("request", &Asked(self))?;
        exchange.serialize_field("response", &Answered(self))?;
        if kept.sent != Sent::Whole {
            exchange.serialize_field("sent", &kept.sent)?;
        }
        exchange.serialize_field("decided", &self.decided)?;
        exchange.serialize_field("faults", &kept.faults)?;
        if !self.tokens.is_empty() {
            exchange.serialize_field("tokens", &self.tokens)?;
        }
        exchange.end()
    }
}

struct Asked<'a>(&'a Shown<'a>);

impl Serialize for Asked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (shown, request) = (self.0, &self.0.exchange.request);
        let mut asked = serializer.serialize_struct("Asked", 6)?;
        asked.serialize_field("method", request.method)?;
        asked.serialize_field("target", &shown.target)?;
        asked.serialize_field("http_version", request.version)?;
        asked.serialize_field("headers", &shown.asked)?;
        asked.serialize_field("body", &shown.asked_body)?;
        if request.body.is_truncated() {
            asked.serialize_field("body_truncated", &true)?;
        }
        asked.end()
    }
}

struct Answered<'a>(&'a Shown<'a>);

impl Serialize for Answered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (shown, response) = (self.0, &self.0.exchange.response);
        let mut answered = serializer.serialize_struct("Answered", 4)?;
        answered.serialize_field("status", &response.status().as_u16())?;
        answered.serialize_field("headers", &shown.answered)?;
        answered.serialize_field("body", &shown.answered_body)?;
        if response.body.is_truncated() {
            answered.serialize_field("body_truncated", &true)?;
        }
        answered.end()
    }
}

/// What was learnt about the client, absent members left out.
struct Client<'a>(&'a Learnt<'a>);

impl Serialize for Client<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut client = serializer.serialize_map(None)?;
        let learnt = self.0;
        let texts = [
            ("client_id", learnt.client_id),
            ("user", learnt.user),
            ("auth_method", learnt.auth_method),
            ("token", learnt.token),
        ];
        for (name, value) in texts {
            value.map_or(Ok(()), |value| client.serialize_entry(name, value))?;
        }
        let object = |client: &mut S::SerializeMap, name: &str, json: &Option<String>| {
            let read = json.as_deref().and_then(|json| serde_json::from_str::<&RawValue>(json).ok());
            read.map_or(Ok(()), |read| client.serialize_entry(name, read))
        };
        object(&mut client, "assertion", &learnt.assertion)?;
        object(&mut client, "dpop", &learnt.dpop)?;
        if let Some(scopes) = &learnt.scopes_asked {
            client.serialize_entry("scopes_asked", scopes)?;
        }
        object(&mut client, "issued", &learnt.issued)?;
        let Learnt { scope, role, .. } = *learnt;
        if scope.is_some() || role.is_some() {
            client.serialize_entry("decided_by", &DecidedBy { scope, role })?;
        }
        client.end()
    }
}

#[derive(serde::Serialize)]
struct DecidedBy<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
}

/// The steps that decided: `[{"step":…,"reason":…}]`.
struct Steps<'a>(&'a [(&'a str, &'a str)]);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Step<'a> {
            step: &'a str,
            reason: &'a str,
        }
        serializer.collect_seq(self.0.iter().map(|(step, reason)| Step { step, reason }))
    }
}
