//! A stored document: the text that a read sends, made when it is written.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::facts::resources::{BASE_MARK, LinksOf, Resource};
use crate::query::{JsonText, Scalar};

/// One object of an org: a user, a group, an app, a grant. It keeps text, no tree: a tree of a user costs several
/// kilobytes.
#[derive(Debug)]
pub struct Document {
    /// The id; unique in its collection.
    pub id: Arc<str>,
    /// Its place in the order of creation, which is the order of lists.
    pub seq: u64,
    /// The object as shown up to its closing brace, without `_links`.
    open: Rendered,
    /// What follows on its own: `_links` and the brace.
    alone: Rendered,
    /// What follows in a list, where that differs.
    in_list: Option<Rendered>,
    /// The object in a list, where that leaves members out.
    short: Option<Rendered>,
    /// What the org knows of it and never shows (a password, ids of related objects).
    pub hidden: Arc<Value>,
    /// Whether a plain list of its kind shows it: some states are left out.
    pub listed: bool,
    /// The entity tag of the object on its own, for kinds that have one: `W/"<64 hex>"`.
    pub etag: Option<Box<str>>,
}

impl Document {
    /// Stores a value. `parent` names the objects above it (see [`Shelf`](super::change::Shelf)); `resource` gives the
    /// links; kinds without a file have none.
    pub fn new(
        id: Arc<str>,
        seq: u64,
        value: &Value,
        hidden: Arc<Value>,
        parent: &str,
        resource: Option<&Resource>,
    ) -> Self {
        let about = LinksOf { id: &id, parent, value, hidden: &hidden };
        let tail = |comma: bool, in_list: bool| match resource.filter(|resource| resource.has_links()) {
            Some(resource) => {
                let mut text = String::with_capacity(1024);
                text.push_str(if comma { ",\"_links\":" } else { "\"_links\":" });
                resource.write_links(&about, in_list, &mut text);
                text.push('}');
                text
            }
            None => "}".to_owned(),
        };
        let text = value.to_string();
        let comma = text != "{}";
        let alone = tail(comma, false);
        let in_list = Some(tail(comma, true)).filter(|in_list| *in_list != alone);
        let short = resource.filter(|resource| !resource.omit_in_lists.is_empty()).map(|resource| {
            let mut value = value.clone();
            for pointer in &resource.omit_in_lists {
                omit(&mut value, pointer);
            }
            let text = value.to_string();
            let body = text.strip_suffix('}').unwrap_or(&text);
            Rendered::new(&format!("{body}{}", tail(text != "{}", true)))
        });
        let open = Rendered::new(text.strip_suffix('}').unwrap_or(&text));
        let alone = Rendered::new(&alone);
        let etag = resource.filter(|resource| resource.etag).map(|_| etag(&open, &alone));
        let listed = resource.is_none_or(|resource| resource.lists(value));
        let in_list = in_list.as_deref().map(Rendered::new);
        Self { id, seq, open, alone, in_list, short, hidden, listed, etag }
    }

    /// The object as shown, without `_links`, as a tree. Costs some microseconds; to look at a member, there is
    /// [`Document::text`].
    pub fn value(&self) -> Value {
        let mut marked = Vec::with_capacity(self.open.len(BASE_MARK) + 1);
        self.open.write(BASE_MARK, &mut marked);
        marked.push(b'}');
        // What was written by us can be read by us.
        serde_json::from_slice(&marked).unwrap_or_default()
    }

    /// The JSON text of [`Document::value`].
    pub(super) fn marked(&self) -> String {
        let mut marked = String::with_capacity(self.open.len(BASE_MARK) + 1);
        self.open.write_text(BASE_MARK, &mut marked);
        // A value that is no object has no brace to miss.
        if marked.starts_with('{') {
            marked.push('}');
        }
        marked
    }

    /// A text member, by JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<Cow<'_, str>> {
        match JsonText(&self.open.text).at(pointer)? {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a text member is this text.
    pub fn is(&self, pointer: &str, text: &str) -> bool {
        self.text(pointer).is_some_and(|found| found == text)
    }

    /// The object's text, for queries. Its closing brace is missing.
    pub fn json(&self) -> JsonText<'_> {
        JsonText(&self.open.text)
    }

    /// How many bytes it has on its own.
    pub fn len(&self, base_url: &str) -> usize {
        self.open.len(base_url) + self.alone.len(base_url)
    }

    /// Appends the object as it is on its own, links on the caller's base URL.
    pub fn write(&self, base_url: &str, out: &mut Vec<u8>) {
        self.open.write(base_url, out);
        self.alone.write(base_url, out);
    }

    /// The object as it is on its own, links on the caller's base URL.
    pub fn bytes(&self, base_url: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len(base_url));
        self.write(base_url, &mut bytes);
        bytes
    }

    /// How many bytes it has in a list.
    pub fn len_in_list(&self, base_url: &str) -> usize {
        match &self.short {
            Some(short) => short.len(base_url),
            None => self.open.len(base_url) + self.in_list.as_ref().unwrap_or(&self.alone).len(base_url),
        }
    }

    /// Appends the object as it is in a list.
    pub fn write_in_list(&self, base_url: &str, out: &mut Vec<u8>) {
        match &self.short {
            Some(short) => short.write(base_url, out),
            None => {
                self.open.write(base_url, out);
                self.in_list.as_ref().unwrap_or(&self.alone).write(base_url, out);
            }
        }
    }

    /// The object with `_links`, as a tree: what code that shows more than is stored begins with. URLs of the org begin
    /// with [`BASE_MARK`].
    pub fn whole(&self) -> Value {
        serde_json::from_slice(&self.bytes(BASE_MARK)).unwrap_or_default()
    }

    /// The same as it is in a list.
    pub fn whole_in_list(&self) -> Value {
        let mut bytes = Vec::with_capacity(self.len_in_list(BASE_MARK));
        self.write_in_list(BASE_MARK, &mut bytes);
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A weak entity tag of a text.
fn etag(open: &Rendered, alone: &Rendered) -> Box<str> {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(open.text.as_bytes());
    context.update(alone.text.as_bytes());
    let mut tag = String::with_capacity(68);
    tag.push_str("W/\"");
    for byte in context.finish().as_ref() {
        tag.extend([byte >> 4, byte & 15].map(|half| char::from(HEX[usize::from(half)])));
    }
    tag.push('"');
    tag.into()
}

fn omit(value: &mut Value, pointer: &str) {
    let Some((above, name)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(members)) = value.pointer_mut(above) {
        members.shift_remove(name);
    }
}

/// Two documents are the same when they say the same; the rest follows from that.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, self.seq, &self.open, &self.hidden) == (&other.id, other.seq, &other.open, &other.hidden)
    }
}

/// JSON text cut where the base URL belongs, so that links follow the scheme and host that the caller used.
#[derive(Debug, PartialEq)]
pub struct Rendered {
    text: Box<str>,
    cuts: Box<[u32]>,
}

impl Rendered {
    /// Cuts JSON text where the base mark stands.
    pub fn new(marked: &str) -> Self {
        // To look for one byte costs a fraction of what looking for a text costs; the mark is rare.
        let first = BASE_MARK.as_bytes()[0];
        if !marked.as_bytes().contains(&first) {
            return Self { text: marked.into(), cuts: Box::default() };
        }
        let mut text = String::with_capacity(marked.len());
        let mut cuts = Vec::new();
        for (nth, piece) in marked.split(BASE_MARK).enumerate() {
            if nth > 0 {
                cuts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            }
            text.push_str(piece);
        }
        Self { text: text.into(), cuts: cuts.into() }
    }

    /// How many bytes [`Rendered::write`] writes.
    pub fn len(&self, base_url: &str) -> usize {
        self.text.len() + self.cuts.len() * base_url.len()
    }

    /// The same as text.
    fn write_text(&self, base_url: &str, out: &mut String) {
        let mut from = 0;
        for &cut in &self.cuts {
            let cut = cut as usize;
            out.push_str(&self.text[from..cut]);
            out.push_str(base_url);
            from = cut;
        }
        out.push_str(&self.text[from..]);
    }

    /// Appends the text, each link with the caller's base URL.
    pub fn write(&self, base_url: &str, out: &mut Vec<u8>) {
        let mut from = 0;
        for &cut in &self.cuts {
            let cut = cut as usize;
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
        let document = Document::new("00g1".into(), 1, &value, Arc::default(), "", resources.get("groups"));
        for base in ["http://127.0.0.1:8080", "https://acme.localhost"] {
            let mut out = Vec::new();
            document.write(base, &mut out);
            assert_eq!(out.len(), document.len(base));
            let shown: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(shown["_links"]["users"]["href"], format!("{base}/api/v1/groups/00g1/users"));
        }
    }
}
