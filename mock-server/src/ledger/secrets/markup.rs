//! Secrets in pages: the values of form fields, by the fields' names, and URLs.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Veil, form, names};

/// A page with tags in the places of secrets.
pub(super) fn markup(text: &str, veil: &mut Veil<'_>) -> String {
    // A page may have been cut within a tag.
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"<(?:input|button|textarea)\b[^>]*(?:>|$)"#).ok());
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\bname="([^"]*)"#).ok());
    static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(\bvalue=")([^"]*)"#).ok());
    static URL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(\b(?:href|action|src)=")([^"]*)"#).ok());
    let (Some(field), Some(name), Some(value), Some(url)) = (&*FIELD, &*NAME, &*VALUE, &*URL) else {
        return text.to_owned();
    };
    let text = field.replace_all(text, |found: &Captures<'_>| {
        let tag = &found[0];
        match name.captures(tag) {
            Some(named) if names::in_form(&named[1]) => value
                .replace(tag, |found: &Captures<'_>| {
                    format!("{}{}", &found[1], veil.tag(&unescaped(&found[2])))
                })
                .into_owned(),
            _ => tag.to_owned(),
        }
    });
    let urls = url.replace_all(&text, |found: &Captures<'_>| {
        let plain = unescaped(&found[2]);
        let hidden = form::target(&plain, veil);
        if hidden == plain {
            found[0].to_owned()
        } else {
            format!("{}{}", &found[1], hidden.replace('&', "&amp;"))
        }
    });
    urls.into_owned()
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let marks =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    Cow::Owned(marks.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)))
}
