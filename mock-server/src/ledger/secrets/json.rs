//! Secrets in JSON: the text is walked, not parsed, so that spaces, order and duplicates stay as they were and a text
//! that was cut, or is none, is read as far as it goes.

use super::{Veil, form, names};

/// An object or an array that is open.
struct Open {
    object: bool,
    /// The name of the member that holds it.
    holder: String,
    /// The name of the member that is being read.
    name: String,
    /// A name comes next.
    wants_name: bool,
}

/// The text with tags in the places of secrets.
pub(super) fn json(text: &str, veil: &mut Veil<'_>) -> String {
    let key_set = text.contains("\"kty\"");
    let mut shown = String::with_capacity(text.len());
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                let end = end_of_string(text, at);
                let token = &text[at..end];
                at = end;
                let value = unquoted(token);
                match open.last_mut() {
                    Some(object) if object.object && object.wants_name => {
                        object.name = value;
                        shown.push_str(token);
                    }
                    Some(inner) => {
                        let (name, holder) = (inner.name.clone(), inner.holder.clone());
                        let session = veil.session && open.len() == 1 && name == "id";
                        if session || names::in_json(&name, &holder, &value, key_set) {
                            quote(&mut shown, &veil.tag(&value));
                        } else if value.contains("://") || value.starts_with('/') {
                            let hidden = form::target(&value, veil);
                            if hidden == value { shown.push_str(token) } else { quote(&mut shown, &hidden) }
                        } else {
                            shown.push_str(token);
                        }
                    }
                    None => shown.push_str(token),
                }
            }
            b'{' | b'[' => {
                let object = *byte == b'{';
                let above = open.last();
                let holder = above.map(|above| above.name.clone()).unwrap_or_default();
                // What stands in an array counts as the member that holds the array.
                let holder = match above {
                    Some(above) if !above.object && holder.is_empty() => above.holder.clone(),
                    _ => holder,
                };
                let name = if object { String::new() } else { holder.clone() };
                open.push(Open { object, holder, name, wants_name: object });
                shown.push(char::from(*byte));
                at += 1;
            }
            b'}' | b']' => {
                open.pop();
                shown.push(char::from(*byte));
                at += 1;
            }
            b':' | b',' => {
                if let Some(inner) = open.last_mut() {
                    inner.wants_name = *byte == b',' && inner.object;
                }
                shown.push(char::from(*byte));
                at += 1;
            }
            byte if byte.is_ascii_digit() => {
                let rest = &text[at..];
                let end = rest.find(|one: char| !one.is_ascii_digit()).unwrap_or(rest.len());
                let secret = open.last().is_some_and(|inner| names::number_in_json(&inner.name));
                if secret {
                    quote(&mut shown, &veil.tag(&rest[..end]))
                } else {
                    shown.push_str(&rest[..end])
                }
                at += end;
            }
            _ => {
                // Up to the next byte that means something; never within a character.
                let rest = &text[at..];
                let means = |one: char| {
                    matches!(one, '"' | '{' | '[' | '}' | ']' | ':' | ',') || one.is_ascii_digit()
                };
                let end = rest.find(means).unwrap_or(rest.len()).max(1);
                shown.push_str(&rest[..end]);
                at += end;
            }
        }
    }
    shown
}

/// Where a string ends, its quotation marks included; the end of the text if it was cut.
fn end_of_string(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (offset, byte) in text.as_bytes()[start + 1..].iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return start + 1 + offset + 1,
            _ => {}
        }
    }
    text.len()
}

/// The value of a string; of one that is no JSON, what stands between the quotation marks.
fn unquoted(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| token.trim_matches('"').to_owned())
}

fn quote(shown: &mut String, value: &str) {
    shown.push_str(&serde_json::to_string(value).unwrap_or_default());
}
