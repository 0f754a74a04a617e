//! A stored document: the value, and the bytes that a read sends, made when it is written.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;

use crate::facts::resources::{BASE_MARK, LinksOf, Resource};

/// One object of an org: a user, a group, an app, a grant.
#[derive(Debug)]
pub struct Document {
    /// The id; unique in its collection.
    pub id: Arc<str>,
    /// Its place in the order of creation, which is the order of lists.
    pub seq: u64,
    /// The object as shown, without `_links`.
    value: Arc<Value>,
    /// What the org knows of it and never shows (a password, ids of related objects).
    pub hidden: Arc<Value>,
    /// Whether a plain list of its kind shows it: some states are left out.
    pub listed: bool,
    /// The bytes of the object inside a list.
    pub in_list: Rendered,
    /// The bytes of the object on its own.
    pub alone: Rendered,
    /// The entity tag of the object on its own, for kinds that have one: `W/"<64 hex>"`.
    pub etag: Option<Box<str>>,
}

impl Document {
    /// Stores a value. `parent` names the objects above it (see [`Shelf`](super::change::Shelf)); `resource` gives the
    /// links; kinds without a stanza have none.
    pub fn new(
        id: Arc<str>,
        seq: u64,
        value: Arc<Value>,
        hidden: Arc<Value>,
        parent: &str,
        resource: Option<&Resource>,
    ) -> Self {
        let plain = value.to_string();
        let render = |in_list| match (resource, plain.strip_suffix('}')) {
            (Some(resource), Some(open)) if resource.has_links() => {
                let mut text = String::with_capacity(plain.len() + 1024);
                text.push_str(open);
                text.push_str(if open == "{" { "\"_links\":" } else { ",\"_links\":" });
                let about = LinksOf { id: &id, parent, value: &value, hidden: &hidden };
                resource.write_links(&about, in_list, &mut text);
                text.push('}');
                Rendered::new(&text)
            }
            _ => Rendered::new(&plain),
        };
        let (in_list, alone) = (render(true), render(false));
        let etag = resource.filter(|resource| resource.etag).map(|_| alone.etag());
        let listed = resource.is_none_or(|resource| resource.lists(&value));
        Self { id, seq, listed, in_list, alone, etag, value, hidden }
    }

    /// The object as shown, without `_links`.
    pub fn value(&self) -> Arc<Value> {
        self.value.clone()
    }

    /// A text member of the value, by JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<Cow<'_, str>> {
        self.value.pointer(pointer).and_then(Value::as_str).map(Cow::Borrowed)
    }

    /// Whether a text member of the value is this text.
    pub fn is(&self, pointer: &str, text: &str) -> bool {
        self.text(pointer).is_some_and(|found| found == text)
    }
}

/// Two documents are the same when they say the same; the bytes follow from that.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, self.seq, &self.value, &self.hidden) == (&other.id, other.seq, &other.value, &other.hidden)
    }
}

/// JSON text cut where the base URL belongs, so that links follow the scheme and host that the caller used.
#[derive(Debug)]
pub struct Rendered {
    text: Box<str>,
    cuts: Box<[usize]>,
}

impl Rendered {
    /// Cuts JSON text where the base mark stands.
    pub fn new(marked: &str) -> Self {
        let mut text = String::with_capacity(marked.len());
        let mut cuts = Vec::new();
        for (nth, piece) in marked.split(BASE_MARK).enumerate() {
            if nth > 0 {
                cuts.push(text.len());
            }
            text.push_str(piece);
        }
        Self { text: text.into(), cuts: cuts.into() }
    }

    /// A weak entity tag of the text.
    fn etag(&self) -> Box<str> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.text.as_bytes());
        let mut tag = String::with_capacity(68);
        tag.push_str("W/\"");
        for byte in digest.as_ref() {
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        tag.into()
    }

    /// How many bytes [`Rendered::write`] writes.
    pub fn len(&self, base_url: &str) -> usize {
        self.text.len() + self.cuts.len() * base_url.len()
    }

    /// Appends the text, each link with the caller's base URL.
    pub fn write(&self, base_url: &str, out: &mut Vec<u8>) {
        let mut from = 0;
        for &cut in &self.cuts {
            out.extend_from_slice(&self.text.as_bytes()[from..cut]);
            out.extend_from_slice(base_url.as_bytes());
            from = cut;
        }
        out.extend_from_slice(&self.text.as_bytes()[from..]);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::resources::Resources;

    #[test]
    fn links_follow_the_caller() {
        let resources = Resources::load().unwrap();
        let value = json!({ "id": "00g1", "type": "OKTA_GROUP" });
        let document =
            Document::new("00g1".into(), 1, Arc::new(value), Arc::default(), "", resources.get("groups"));
        for base in ["http://127.0.0.1:8080", "https://acme.localhost"] {
            let mut out = Vec::new();
            document.alone.write(base, &mut out);
            assert_eq!(out.len(), document.alone.len(base));
            let shown: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(shown["_links"]["users"]["href"], format!("{base}/api/v1/groups/00g1/users"));
        }
    }
}
