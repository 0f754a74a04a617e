//! Which of the twin's values stands for which recorded one, learnt from pairs of answers.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;
use reqwest::Url;
use serde_json::{Map, Value};

use super::analysis::Dropped;
use super::encoded::{quote, quote_plus, unquote, unquote_plus};
use super::generated::{is_app_name, is_generated, is_time};
use super::pairing::pairs;
use super::recording::Headers;

/// Inside of a longer text, shorter values than this are words.
const SHORTEST_INSIDE: usize = 6;

/// The recorded values and the twin's.
pub(crate) struct Names {
    origin: String,
    hosts: Vec<String>,
    to_twin: HashMap<String, String>,
    to_recorded: HashMap<String, String>,
    /// Lengths of the recorded values that may occur inside of a text.
    lengths: BTreeSet<usize>,
    asked: String,
}

/// How the lists of an answer are paired.
#[derive(Clone, Copy, Default)]
pub(crate) struct Listing<'d> {
    /// Whether the list is of the whole org, so that position says nothing.
    pub(crate) of_the_org: bool,
    /// Elements that are not compared.
    pub(crate) dropped: Option<&'d BTreeSet<usize>>,
}

impl Names {
    /// `origin` is the twin's; `hosts` are the recorded org's.
    pub(crate) fn new(origin: &str, mut hosts: Vec<String>) -> Self {
        hosts.sort_by_key(|host| std::cmp::Reverse(host.len()));
        Self {
            origin: origin.trim_end_matches('/').to_owned(),
            hosts,
            to_twin: HashMap::new(),
            to_recorded: HashMap::new(),
            lengths: BTreeSet::new(),
            asked: String::new(),
        }
    }

    /// What the client has sent is the client's choice from then on, and never mapped.
    pub(crate) fn client_sent(&mut self, request: &str) {
        self.asked.push_str(request);
        self.asked.push('\n');
    }

    /// The twin's value for a recorded one.
    pub(crate) fn twin_of(&self, recorded: &str) -> Option<&str> {
        self.to_twin.get(recorded).map(String::as_str)
    }

    /// The recorded value for one of the twin's.
    pub(crate) fn recorded_of(&self, twin: &str) -> Option<&str> {
        self.to_recorded.get(twin).map(String::as_str)
    }

    fn learn(&mut self, recorded: &str, twin: &str) {
        if recorded != twin && self.asked.contains(recorded) {
            return;
        }
        self.learn_surely(recorded, twin);
    }

    fn learn_surely(&mut self, recorded: &str, twin: &str) {
        if twin.is_empty() || self.to_twin.contains_key(recorded) {
            return;
        }
        if recorded == twin {
            if !is_generated(recorded) {
                return;
            }
        } else if recorded.len() >= SHORTEST_INSIDE {
            self.lengths.insert(recorded.len());
        }
        self.to_twin.insert(recorded.to_owned(), twin.to_owned());
        self.to_recorded.entry(twin.to_owned()).or_insert_with(|| recorded.to_owned());
    }

    /// A text of the recording as the twin would have it.
    pub(crate) fn text(&self, recorded: &str) -> String {
        let mut text = recorded.to_owned();
        if text.contains("://") {
            for host in &self.hosts {
                for scheme in ["https://", "http://"] {
                    let address = format!("{scheme}{host}");
                    if text.contains(&address) {
                        text = text.replace(&address, &self.origin);
                    }
                }
            }
            text = self.without_other_orgs(&text);
        }
        if let Some(twin) = self.to_twin.get(&text) {
            return twin.clone();
        }
        if self.lengths.is_empty() { text } else { self.inside(&text) }
    }

    /// Addresses of Okta's own domains are the org's, whatever host was recorded.
    fn without_other_orgs(&self, text: &str) -> String {
        static OKTA: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(
                r"https?://[A-Za-z0-9-]+\.(?:okta|oktapreview|okta-emea|dne-okta|trexcloud)\.com([A-Za-z0-9.-]?)",
            )
            .ok()
        });
        let Some(okta) = &*OKTA else { return text.to_owned() };
        let replaced = okta.replace_all(text, |found: &regex::Captures<'_>| {
            if found[1].is_empty() { self.origin.clone() } else { found[0].to_owned() }
        });
        replaced.into_owned()
    }

    /// Replaces known values between other characters, the longest first.
    fn inside(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let (mut out, mut at, mut copied) = (String::new(), 0, 0);
        while at < bytes.len() {
            let known = if word(at.checked_sub(1)) {
                None
            } else {
                self.lengths.iter().rev().find_map(|length| {
                    let part = text.get(at..at + length).filter(|_| !word(Some(at + length)))?;
                    Some((length, self.to_twin.get(part).filter(|twin| *twin != part)?))
                })
            };
            match known {
                Some((length, twin)) => {
                    out.push_str(&text[copied..at]);
                    out.push_str(twin);
                    at += length;
                    copied = at;
                }
                None => at += 1,
            }
        }
        out.push_str(&text[copied..]);
        out
    }

    /// A JSON value of the recording as the twin would have it.
    pub(crate) fn json(&self, recorded: &Value) -> Value {
        match recorded {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(elements) => elements.iter().map(|element| self.json(element)).collect(),
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    let name = if name.len() >= 16 { self.text(name) } else { name.clone() };
                    (name, self.json(value))
                };
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    /// A recorded path.
    pub(crate) fn path(&self, recorded: &str) -> String {
        let segment = |segment: &str| {
            let plain = unquote(segment);
            let twin = self.text(&plain);
            if twin == plain { segment.to_owned() } else { quote(&twin) }
        };
        recorded.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    /// A recorded query, or a form.
    pub(crate) fn query(&self, recorded: &str) -> String {
        let part = |part: &str| {
            let Some((name, value)) = part.split_once('=') else { return part.to_owned() };
            let plain = unquote_plus(value);
            let twin = self.text(&plain);
            if twin == plain { part.to_owned() } else { format!("{name}={}", quote_plus(&twin)) }
        };
        recorded.split('&').map(part).collect::<Vec<_>>().join("&")
    }

    /// Learns from a recorded answer and the twin's.
    pub(crate) fn learn_answer(
        &mut self,
        recorded: &Value,
        twin: &Value,
        of_the_org: bool,
        dropped: &Dropped,
    ) {
        if let (Value::Object(members), Value::Object(twins)) = (recorded, twin) {
            self.learn_members(members, twins, |name| {
                let dropped = dropped.members.get(name);
                Listing { of_the_org: of_the_org && dropped.is_some(), dropped }
            });
        } else {
            self.learn_value(recorded, twin, Listing { of_the_org, dropped: Some(&dropped.here) }, "");
        }
    }

    fn learn_members<'d>(
        &mut self,
        members: &Map<String, Value>,
        twins: &Map<String, Value>,
        listing: impl Fn(&str) -> Listing<'d>,
    ) {
        for (name, member) in members {
            if let Some(twin) = twins.get(name) {
                self.learn_value(member, twin, listing(name), name);
            } else if is_generated(name)
                && members.len() == 1
                && let (Some(twin), 1) = (twins.keys().next(), twins.len())
            {
                self.learn(name, twin);
            }
        }
    }

    fn learn_value(&mut self, recorded: &Value, twin: &Value, listing: Listing<'_>, name: &str) {
        match (recorded, twin) {
            (Value::Object(members), Value::Object(twins)) => {
                self.learn_members(members, twins, |_| Listing::default());
            }
            (Value::Array(elements), Value::Array(twins)) => {
                if elements.iter().any(Value::is_object) {
                    for (at, with) in pairs(self, elements, twins, listing) {
                        if let Some(with) = with {
                            self.learn_value(&elements[at], &twins[with], Listing::default(), name);
                        }
                    }
                } else if elements.len() == twins.len() {
                    for (element, twin) in elements.iter().zip(twins) {
                        if let (Some(element), Some(twin)) = (element.as_str(), twin.as_str())
                            && is_generated(element)
                        {
                            self.learn(element, twin);
                        }
                    }
                }
            }
            (Value::String(text), Value::String(twin)) => self.learn_text(text, twin, name),
            _ => {}
        }
    }

    fn learn_text(&mut self, recorded: &str, twin: &str, name: &str) {
        if recorded == twin {
            self.learn(recorded, twin);
        } else if recorded.contains("://") && twin.contains("://") {
            self.learn_address(recorded, twin);
        } else if is_generated(recorded) && !is_time(recorded) {
            self.learn(recorded, twin);
        } else if recorded.starts_with("orn:") && twin.starts_with("orn:") {
            self.learn_parts(recorded.split(':').collect(), twin.split(':').collect());
        } else if name == "name" && is_app_name(recorded) {
            self.learn(recorded, twin);
        }
    }

    fn learn_parts(&mut self, recorded: Vec<&str>, twin: Vec<&str>) {
        if recorded.len() == twin.len() {
            for (part, twin) in recorded.into_iter().zip(twin) {
                if part != twin && is_generated(part) {
                    self.learn(part, twin);
                }
            }
        }
    }

    fn learn_address(&mut self, recorded: &str, twin: &str) {
        let (Ok(recorded), Ok(twin)) = (Url::parse(recorded), Url::parse(twin)) else { return };
        self.learn_parts(recorded.path().split('/').collect(), twin.path().split('/').collect());
        for (name, value) in recorded.query_pairs() {
            let Some((_, twin)) = twin.query_pairs().find(|(other, _)| *other == name) else { continue };
            if matches!(name.as_ref(), "after" | "cursor") {
                // The client repeats a cursor, but never chooses it.
                self.learn_surely(&value, &twin);
            } else if is_generated(&value) {
                self.learn(&value, &twin);
            }
        }
    }

    /// Learns from the links and the location of two answers.
    pub(crate) fn learn_headers(&mut self, recorded: &Headers, twin: &Headers) {
        for name in ["link", "location"] {
            let twins: Vec<&str> = links(twin, name).collect();
            for link in links(recorded, name).collect::<Vec<_>>() {
                let relation = relation(link);
                if let Some(twin) = twins.iter().find(|twin| self::relation(twin) == relation) {
                    self.learn_address(address(link), address(twin));
                }
            }
        }
    }
}

/// The links of an answer, one by one, whether they share a line or not.
pub(crate) fn links<'h>(headers: &'h Headers, name: &'h str) -> impl Iterator<Item = &'h str> {
    headers.all(name).flat_map(|line| line.split(", <").map(|link| link.trim().trim_start_matches('<')))
}

/// `next` of `https://…>; rel="next"`.
pub(crate) fn relation(link: &str) -> Option<&str> {
    let (_, relation) = link.split_once("rel=")?;
    Some(relation.trim_matches('"').split('"').next().unwrap_or_default())
}

fn address(link: &str) -> &str {
    link.split('>').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OLD: &str = "00u1abcdEFGH2345i0x7";
    const NEW: &str = "00uZzzzYYYY99998i0x7";

    fn names() -> Names {
        let mut names = Names::new("http://127.0.0.1:1", vec!["acme.okta.com".to_owned()]);
        let dropped = Dropped::default();
        names.learn_answer(&json!({"id": OLD}), &json!({"id": NEW}), false, &dropped);
        names
    }

    #[test]
    fn learnt_values_are_replaced_wherever_they_travel() {
        let names = names();
        assert_eq!(names.path(&format!("/api/v1/users/{OLD}/groups")), format!("/api/v1/users/{NEW}/groups"));
        let query = format!("filter=id+eq+%22{OLD}%22&limit=2");
        assert_eq!(names.query(&query), format!("filter=id+eq+%22{NEW}%22&limit=2"));
        assert_eq!(
            names.json(&json!({"a": [format!("https://acme.okta.com/u/{OLD}")], "b": 1})),
            json!({"a": [format!("http://127.0.0.1:1/u/{NEW}")], "b": 1})
        );
        assert_eq!(names.text(&format!("x{OLD}")), format!("x{OLD}"), "a part of another word");
        assert_eq!(names.text("https://other.okta.com/x"), "http://127.0.0.1:1/x");
        assert_eq!(names.text("https://other.okta.com.evil/x"), "https://other.okta.com.evil/x");
    }

    #[test]
    fn what_the_client_chose_is_never_mapped() {
        let mut names = Names::new("http://127.0.0.1:1", Vec::new());
        names.client_sent(&format!(r#"{{"kid":"{OLD}"}}"#));
        names.learn_answer(&json!({"kid": OLD}), &json!({"kid": NEW}), false, &Dropped::default());
        assert_eq!(names.text(OLD), OLD);
    }

    #[test]
    fn cursors_and_ids_of_links_are_learnt() {
        let mut names = names();
        let header = |cursor: &str| {
            let line = format!(
                r#"<https://acme.okta.com/api/v1/users?limit=1>; rel="self", <https://acme.okta.com/api/v1/users?after={cursor}&limit=1>; rel="next""#
            );
            Headers(vec![("link".to_owned(), line)])
        };
        names.learn_headers(&header("100u1"), &header("c-7"));
        assert_eq!(names.query("after=100u1&limit=1"), "after=c-7&limit=1");
    }
}
