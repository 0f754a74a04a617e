//! The `_links` of a kind: rows of its resource file.

use serde::Deserialize;
use serde_json::{Value, json};

use super::condition::Condition;
use super::template::{BASE_MARK, write_json};

/// A row of `links`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    rel: String,
    href: Option<String>,
    method: Option<String>,
    /// The `hints.allow`.
    allow: Option<Vec<String>>,
    /// `type` of the target.
    r#type: Option<String>,
    /// The name of the link.
    name: Option<String>,
    title: Option<String>,
    json: Option<String>,
    /// A member of the hidden part, by JSON pointer, that is the link as it is; none where it is not there.
    hidden: Option<String>,
    /// The states in which it is shown; none: all.
    #[serde(default)]
    states: Vec<String>,
    /// It is shown where this member is there.
    present: Option<String>,
    /// It is shown where this holds.
    #[serde(default)]
    when: Condition,
    #[serde(default)]
    in_lists: bool,
    /// It is shown in lists and nowhere else.
    #[serde(default)]
    only_in_lists: bool,
    /// What it is rendered from.
    #[serde(skip)]
    text: String,
}

/// The document that links are written for.
#[derive(Debug, Clone, Copy)]
pub struct LinksOf<'a> {
    /// Its id.
    pub id: &'a str,
    /// The ids of the objects above it, joined by `/`.
    pub parent: &'a str,
    /// The object as shown.
    pub value: &'a Value,
    /// What only the org knows of it.
    pub hidden: &'a Value,
}

impl LinksOf<'_> {
    /// `{id}`, `{1}`, `{hidden/x}`, `{member/of/the/object}`.
    fn text(&self, name: &str) -> Option<String> {
        if name == "id" {
            return Some(self.id.to_owned());
        }
        if let Ok(nth) = name.parse::<usize>() {
            return self.parent.split('/').nth(nth.wrapping_sub(1)).map(str::to_owned);
        }
        let (tree, path) = match name.strip_prefix("hidden/") {
            Some(path) => (self.hidden, path),
            None => (self.value, name),
        };
        match path.split('/').try_fold(tree, |tree, name| tree.get(name))? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Link {
    /// The member of `_links` as JSON text with placeholders, made once.
    pub(super) fn prepare(&mut self) -> Result<(), String> {
        let said = [&self.href, &self.json, &self.hidden];
        if said.iter().filter(|one| one.is_some()).count() != 1 {
            return Err(format!("link {} needs one of href, json and hidden", self.rel));
        }
        let rel = json!(self.rel);
        self.text = match &self.json {
            Some(json) => format!("{rel}:{json}"),
            None if self.hidden.is_some() => format!("{rel}:"),
            None => {
                let href = self.href.as_deref().unwrap_or_default();
                let href = if href.starts_with('/') { format!("{BASE_MARK}{href}") } else { href.to_owned() };
                let mut link = json!({});
                if let Some(name) = &self.name {
                    link["name"] = json!(name);
                }
                link["href"] = json!(href);
                for (member, text) in
                    [("type", &self.r#type), ("title", &self.title), ("method", &self.method)]
                {
                    if let Some(text) = text {
                        link[member] = json!(text);
                    }
                }
                if let Some(allow) = &self.allow {
                    link["hints"] = json!({ "allow": allow });
                }
                format!("{rel}:{link}")
            }
        };
        Ok(())
    }

    /// What the hidden part says it is.
    fn kept<'h>(&self, hidden: &'h Value) -> Option<&'h Value> {
        hidden.pointer(self.hidden.as_deref()?)
    }

    fn is_shown(&self, state: Option<&str>, value: &Value, in_list: bool) -> bool {
        let place = if in_list { self.in_lists || self.only_in_lists } else { !self.only_in_lists };
        let fits =
            self.states.is_empty() || state.is_some_and(|state| self.states.iter().any(|one| one == state));
        let present = self.present.as_deref().is_none_or(|pointer| value.pointer(pointer).is_some());
        place && fits && present && self.when.holds(value)
    }
}

/// Appends the links as JSON text.
pub(super) fn write(
    links: &[Link],
    state: Option<&str>,
    about: &LinksOf<'_>,
    in_list: bool,
    out: &mut String,
) {
    out.push('{');
    let mut first = true;
    let shown = |link: &&Link| {
        link.is_shown(state, about.value, in_list)
            && (link.hidden.is_none() || link.kept(about.hidden).is_some())
    };
    for link in links.iter().filter(shown) {
        if !first {
            out.push(',');
        }
        first = false;
        write_json(&link.text, &|name: &str| about.text(name), out);
        if let Some(kept) = link.kept(about.hidden) {
            write_json(&kept.to_string(), &|name: &str| about.text(name), out);
        }
    }
    out.push('}');
}
