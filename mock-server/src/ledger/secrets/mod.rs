//! Secrets are shown as tags: the same value has the same tag (`secret:1`) as long as the ledger lives.
//!
//! Done when somebody reads, never when an exchange is kept. What a secret is, is decided by the place where it stands
//! ([`names`]); whatever was found in an exchange is then hidden wherever else it occurs in that exchange.

mod form;
mod headers;
mod json;
mod markup;
mod names;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use regex::Regex;
use serde::Serialize;
use serde_json::value::RawValue;

pub(super) use form::{form, target};
pub(super) use headers::{header_value, media_type};

/// What every tag begins with.
const TAG: &str = "secret:";
/// So many values are remembered; the oldest half is forgotten when there are more.
const MOST: usize = 1 << 20;
/// A value that is at least so long is looked for everywhere in its exchange; shorter ones may be words.
const TELLING: usize = 10;

/// The numbers of a ledger's secrets. Of the values only digests are kept.
#[derive(Debug, Default)]
pub(crate) struct Tags(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    known: HashMap<[u8; 16], u64>,
    newest: u64,
}

impl Tags {
    fn number(&self, value: &str) -> u64 {
        let mut key = [0; 16];
        key.copy_from_slice(&digest(&SHA256, value.as_bytes()).as_ref()[..16]);
        let mut numbers = self.0.lock();
        if let Some(number) = numbers.known.get(&key) {
            return *number;
        }
        numbers.newest += 1;
        let number = numbers.newest;
        numbers.known.insert(key, number);
        if numbers.known.len() > MOST {
            numbers.known.retain(|_, known| *known + (MOST as u64) / 2 > number);
        }
        number
    }

    /// Forgets all: the next secret is number 1.
    pub(super) fn clear(&self) {
        let old = std::mem::take(&mut *self.0.lock());
        drop(old);
    }
}

/// A token taken apart, so that a reader sees what was in it: all but the signature.
#[derive(Debug, Serialize)]
pub(super) struct Opened {
    header: Box<RawValue>,
    claims: Box<RawValue>,
}

/// Hides the secrets of one exchange.
pub(super) struct Veil<'a> {
    tags: &'a Tags,
    /// What was found so far, and its number.
    seen: Vec<(String, u64)>,
    opened: BTreeMap<String, Opened>,
    /// The answer is about a session, so that its `id` is the value of the session's cookie.
    session: bool,
}

impl<'a> Veil<'a> {
    /// A veil for an exchange that asked for a path.
    pub(super) fn new(tags: &'a Tags, path: &str) -> Self {
        let session = path.split('/').any(|segment| segment == "sessions");
        Self { tags, seen: Vec::new(), opened: BTreeMap::new(), session }
    }

    /// What is shown in a secret's place.
    fn tag(&mut self, value: &str) -> String {
        if value.is_empty() || is_tag(value) {
            return value.to_owned();
        }
        let number = self.learn(value);
        let tag = format!("{TAG}{number}");
        if !self.opened.contains_key(&tag)
            && let Some(opened) = self.open(value)
        {
            self.opened.insert(tag.clone(), opened);
        }
        tag
    }

    /// Remembers a secret that stands somewhere within another.
    fn learn(&mut self, value: &str) -> u64 {
        if let Some((_, number)) = self.seen.iter().find(|(seen, _)| seen == value) {
            return *number;
        }
        let number = self.tags.number(value);
        self.seen.push((value.to_owned(), number));
        number
    }

    fn open(&mut self, value: &str) -> Option<Opened> {
        let mut parts = value.split('.');
        let (header, claims) = (parts.next()?, parts.next()?);
        if !value.starts_with("eyJ") || parts.count() != 1 {
            return None;
        }
        let mut read = |part: &str| {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
            RawValue::from_string(json::json(&text, self)).ok()
        };
        Some(Opened { header: read(header)?, claims: read(claims)? })
    }

    /// The text of a body, whatever it says that it is.
    pub(super) fn body<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let start = text.trim_start();
        let hidden = match start.as_bytes().first() {
            None => return Cow::Borrowed(text),
            Some(b'{' | b'[' | b'"') => json::json(text, self),
            Some(b'<') => markup::markup(text, self),
            Some(_) => form(text, self),
        };
        Cow::Owned(self.looks(&hidden))
    }

    /// Hides what looks like a signed token, wherever it stands.
    fn looks(&mut self, text: &str) -> String {
        static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|[A-Za-z0-9_.-]*$)").ok()
        });
        match &*TOKEN {
            Some(token) => {
                token.replace_all(text, |found: &regex::Captures<'_>| self.tag(&found[0])).into_owned()
            }
            None => text.to_owned(),
        }
    }

    /// Hides what was found elsewhere in the exchange. Call when every place has been looked at.
    pub(super) fn rest(&mut self, text: &str) -> String {
        let mut text = self.looks(text);
        self.seen.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        for (value, number) in &self.seen {
            if value.len() < TELLING {
                continue;
            }
            let tag = format!("{TAG}{number}");
            let quoted = serde_json::to_string(value).unwrap_or_default();
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            for form in [value.as_str(), quoted.trim_matches('"'), &encoded] {
                if text.contains(form) {
                    text = text.replace(form, &tag);
                }
            }
        }
        text
    }

    /// The tokens that were hidden, taken apart, by their tags.
    pub(super) fn opened(self) -> BTreeMap<String, Opened> {
        self.opened
    }
}

fn is_tag(value: &str) -> bool {
    value.strip_prefix(TAG).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}
