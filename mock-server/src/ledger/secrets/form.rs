//! Secrets in what is form-encoded, and in URLs.

use super::{Veil, names};

/// So deep a URL may stand in a parameter of a URL.
const DEEPEST: u8 = 3;

/// A form, or a query without its question mark. What is no secret stays as it was written.
pub(in crate::ledger) fn form(text: &str, veil: &mut Veil<'_>) -> String {
    pairs(text, veil, 0)
}

/// The target of a request, or any URL.
pub(in crate::ledger) fn target(text: &str, veil: &mut Veil<'_>) -> String {
    let hidden = url(text, veil, 0);
    veil.looks(&hidden)
}

fn pairs(text: &str, veil: &mut Veil<'_>, depth: u8) -> String {
    let mut shown = String::with_capacity(text.len());
    for (nth, pair) in text.split('&').enumerate() {
        if nth > 0 {
            shown.push('&');
        }
        let Some((name, value)) = pair.split_once('=') else {
            shown.push_str(pair);
            continue;
        };
        shown.push_str(name);
        shown.push('=');
        let plain = decoded(value);
        if names::in_form(&decoded(name)) {
            shown.push_str(&veil.tag(&plain));
        } else if plain.contains(['?', '#']) && depth < DEEPEST {
            let inner = url(&plain, veil, depth + 1);
            if inner == plain {
                shown.push_str(value);
            } else {
                shown.extend(form_urlencoded::byte_serialize(inner.as_bytes()));
            }
        } else {
            shown.push_str(value);
        }
    }
    shown
}

fn decoded(text: &str) -> String {
    // A lone value is the name of a pair without a value.
    let lone = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(lone.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// Path, query and fragment.
fn url(text: &str, veil: &mut Veil<'_>, depth: u8) -> String {
    let (before, fragment) = text.split_once('#').map_or((text, None), |(before, rest)| (before, Some(rest)));
    let (path, query) = before.split_once('?').map_or((before, None), |(path, rest)| (path, Some(rest)));
    let mut shown = String::with_capacity(text.len());
    let mut secret = false;
    for (nth, segment) in path.split('/').enumerate() {
        if nth > 0 {
            shown.push('/');
        }
        // `me`, `current` and the like are words.
        if secret && segment.len() >= 8 {
            shown.push_str(&veil.tag(segment));
        } else {
            shown.push_str(segment);
        }
        secret = names::before_in_path(segment);
    }
    for (mark, rest) in [('?', query), ('#', fragment)] {
        if let Some(rest) = rest {
            shown.push(mark);
            shown.push_str(&pairs(rest, veil, depth));
        }
    }
    shown
}
