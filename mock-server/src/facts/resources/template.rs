//! Placeholders in the JSON of resource files: `{id}`, `{now}`, `{base}`, `{1}` (the first object above), members.

use serde_json::Value;

/// Stands for the base URL inside a document that is being rendered; two private-use characters that no Okta
/// value contains.
pub const BASE_MARK: &str = "\u{E000}\u{E001}";

/// What placeholders stand for.
pub trait Fill {
    /// The text of a placeholder; none: there is no such thing, and the text stays empty.
    fn fill(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Fill for F {
    fn fill(&self, name: &str) -> Option<String> {
        self(name)
    }
}

/// Replaces the placeholders in every text of a value, names of members included.
pub fn fill_value(value: &mut Value, with: &dyn Fill) {
    match value {
        Value::String(text) => {
            if let Some(filled) = filled(text, with) {
                *text = filled;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill_value(item, with)),
        Value::Object(members) => {
            if members.keys().any(|name| name.contains('{')) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(name, value)| (filled(&name, with).unwrap_or(name), value))
                    .collect();
            }
            members.values_mut().for_each(|member| fill_value(member, with));
        }
        _ => {}
    }
}

/// The text with its placeholders replaced; none when it has none.
fn filled(text: &str, with: &dyn Fill) -> Option<String> {
    text.contains('{').then(|| {
        let mut out = String::with_capacity(text.len() + 32);
        write(text, with, &mut out, |text, out| out.push_str(text));
        out
    })
}

/// Appends JSON text with its placeholders replaced, escaped as between the quotes of a JSON string.
pub(super) fn write_json(text: &str, with: &dyn Fill, out: &mut String) {
    write(text, with, out, escape);
}

fn write(template: &str, with: &dyn Fill, out: &mut String, put: impl Fn(&str, &mut String)) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if before.ends_with('$') || after.starts_with('{') {
            rest = variable(after, out);
            continue;
        }
        let Some((name, tail)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            out.push('{');
            rest = after;
            continue;
        };
        if name == "base" {
            out.push_str(BASE_MARK);
        } else if let Some(text) = with.fill(name) {
            put(&text, out);
        }
        rest = tail;
    }
    out.push_str(rest);
}

/// Copies a variable of a page or an email, `{{x}}` or `${x}`, from behind its first brace; what comes after it.
fn variable<'t>(after: &'t str, out: &mut String) -> &'t str {
    let end = after.find('}').map_or(after.len(), |end| end + 1);
    out.push('{');
    out.push_str(&after[..end]);
    &after[end..]
}

fn escape(text: &str, out: &mut String) {
    let plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if plain {
        out.push_str(text);
    } else {
        let quoted = Value::from(text).to_string();
        out.push_str(&quoted[1..quoted.len() - 1]);
    }
}

/// Braces of JSON itself are told from placeholders by what stands between them.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b':' | b'-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_replaced_in_texts_and_names() {
        let with = |name: &str| match name {
            "id" => Some("0\"1".to_owned()),
            "1" => Some("00u1".to_owned()),
            _ => None,
        };
        let mut value = json!({ "a": "{id}", "{1}": ["{base}/x/{1}", "{none}"], "b": "{ \"{id}\" }" });
        fill_value(&mut value, &with);
        let base = BASE_MARK;
        assert_eq!(
            value,
            json!({ "a": "0\"1", "00u1": [format!("{base}/x/00u1"), ""], "b": "{ \"0\"1\" }" })
        );
        let mut page = json!("<a href=\"${link}\">{{{OktaUtil}}} {{id}}</a> {id}");
        fill_value(&mut page, &with);
        assert_eq!(page, json!("<a href=\"${link}\">{{{OktaUtil}}} {{id}}</a> 0\"1"));
        let mut out = String::new();
        write_json(r#"{"href":"{base}/{id}"}"#, &with, &mut out);
        assert_eq!(out, format!(r#"{{"href":"{base}/0\"1"}}"#));
    }
}
