//! Secrets in header lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Veil, form, names};

/// The value of a header line.
pub(in crate::ledger) fn header_value(name: &str, value: &str, veil: &mut Veil<'_>) -> String {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "authorization" | "proxy-authorization" => credentials(value, veil),
        "cookie" => cookies(value, veil),
        "set-cookie" => set_cookie(value, veil),
        "location" | "content-location" | "referer" => form::target(value, veil),
        "link" => links(value, veil),
        _ if names::in_headers(&lower) => veil.tag(value),
        _ => veil.looks(value),
    }
}

/// The scheme stays. `SSWS` is sometimes written without a space.
fn credentials(value: &str, veil: &mut Veil<'_>) -> String {
    let value = value.trim();
    if let Some((scheme, rest)) = value.split_once(' ') {
        if scheme.eq_ignore_ascii_case("basic") {
            learn_basic(rest.trim(), veil);
        }
        return format!("{scheme} {}", veil.tag(rest.trim()));
    }
    match value.strip_prefix("SSWS") {
        Some(rest) => format!("SSWS{}", veil.tag(rest)),
        None => veil.tag(value),
    }
}

/// The secret within is one wherever else it stands.
fn learn_basic(encoded: &str, veil: &mut Veil<'_>) {
    let text = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((_, secret)) = text.as_deref().and_then(|text| text.split_once(':'))
        && !secret.is_empty()
    {
        veil.learn(secret);
    }
}

fn cookies(line: &str, veil: &mut Veil<'_>) -> String {
    let hidden = line.split(';').map(|pair| match pair.split_once('=') {
        // `sid=""` forgets a cookie.
        Some((name, value)) if !value.trim_matches('"').is_empty() => format!("{name}={}", veil.tag(value)),
        Some(_) => pair.to_owned(),
        None => pair.to_owned(),
    });
    hidden.collect::<Vec<_>>().join(";")
}

fn set_cookie(line: &str, veil: &mut Veil<'_>) -> String {
    let (pair, attributes) = line.split_once(';').map_or((line, None), |(pair, rest)| (pair, Some(rest)));
    let pair = cookies(pair, veil);
    attributes.map_or_else(|| pair.clone(), |attributes| format!("{pair};{attributes}"))
}

/// The URLs between angle brackets.
fn links(line: &str, veil: &mut Veil<'_>) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((url, next)) = after.split_once('>') else { break };
        shown.push_str(before);
        shown.push('<');
        shown.push_str(&form::target(url, veil));
        shown.push('>');
        rest = next;
    }
    shown.push_str(&veil.looks(rest));
    shown
}

/// The media type of a body, without its parameters and in lower case.
pub(in crate::ledger) fn media_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
