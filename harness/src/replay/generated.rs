//! Which values an org generates: ids, keys, secrets, cursors. Only these are mapped from the recording to the twin.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The length of Okta's ids.
const ID: usize = 20;
/// Words in a text shorter than this are not looked at.
const WORD: usize = 14;
/// Whatever is longer is content, not a value.
const LONGEST: usize = 6000;

/// Whether a server generated this string rather than a person.
pub(crate) fn is_generated(text: &str) -> bool {
    let length = text.len();
    if !(16..=LONGEST).contains(&length) || !text.is_ascii() {
        return false;
    }
    if is_uuid(text) || is_hex(text) {
        return true;
    }
    let bytes = text.as_bytes();
    let any = |class: fn(&u8) -> bool| bytes.iter().any(class);
    if !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~+/=".contains(byte))
        || !any(u8::is_ascii_digit)
        || !any(u8::is_ascii_alphabetic)
    {
        return false;
    }
    let mixed = any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
    let changes = changes(bytes);
    if looks_like_an_id(text) {
        return (changes >= 4 && mixed) || changes >= 8;
    }
    mixed
        && !text.starts_with(['/'])
        && !(text.starts_with("http") && text.contains('/'))
        && changes * 4 > length
}

/// Twenty letters, digits, hyphens and underscores.
pub(crate) fn looks_like_an_id(text: &str) -> bool {
    text.len() == ID && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// An id that ends as the ids of this org do.
pub(crate) fn is_id_of(text: &str, endings: &HashSet<String>) -> bool {
    looks_like_an_id(text)
        && is_generated(text)
        && text.get(ID - 3..).is_some_and(|end| endings.contains(end))
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// How often the class of character changes: words change rarely, generated values all the time.
fn changes(bytes: &[u8]) -> usize {
    let class = |byte: &u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    bytes.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count()
}

/// The parts of a text that could be generated values.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "_-~".contains(letter)))
        .filter(|word| word.len() >= WORD)
}

/// The generated values anywhere in a JSON value: whole strings, and inside of addresses, resource names, expressions.
pub(crate) fn generated_in(value: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_generated(name) {
                    found.insert(name.clone());
                }
                collect(member, found);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::String(text) if text.len() >= 16 => {
            if is_generated(text) {
                found.insert(text.clone());
            } else if !is_content(text) {
                found.extend(words(text).filter(|word| is_generated(word)).map(ToOwned::to_owned));
            }
        }
        _ => {}
    }
}

/// Certificates, wrapped base64, templates.
fn is_content(text: &str) -> bool {
    let encoded = ["MII", "eyJ", "-----"].iter().any(|start| text.starts_with(start));
    text.contains("\r\n") || (text.len() > 400 && (encoded || text.contains('\n')))
}

/// A date or a time.
pub(crate) fn is_time(text: &str) -> bool {
    static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$").ok()
    });
    TIME.as_ref().is_some_and(|time| time.is_match(text))
}

/// An address of e-mail, which names users in paths.
pub(crate) fn is_email(text: &str) -> bool {
    static EMAIL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[^@\s/]+@[^@\s/]+\.[A-Za-z]{2,}$").ok());
    EMAIL.as_ref().is_some_and(|email| email.is_match(text))
}

/// The `name` that Okta gives to a custom app: `acme_exampleapp_1`.
pub(crate) fn is_app_name(text: &str) -> bool {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[a-z0-9-]+_[a-z0-9_-]*_\d+$").ok());
    NAME.as_ref().is_some_and(|name| name.is_match(text))
}

/// A text without what differs from answer to answer, for counting alike ones together.
pub(crate) fn masked(text: &str) -> String {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[0-9]+").ok());
    let text = without_values(text);
    NUMBER.as_ref().map_or_else(|| text.clone(), |number| number.replace_all(&text, "N").into_owned())
}

/// A text without addresses, moments and generated values.
pub(crate) fn without_values(text: &str) -> String {
    static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"https?://[^\s"'<>]+"#).ok());
    static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9_\-~]{14,}").ok());
    static MOMENT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?").ok());
    let (Some(address), Some(words), Some(moment)) = (&*ADDRESS, &*WORDS, &*MOMENT) else {
        return text.to_owned();
    };
    let text = address.replace_all(text, "URL");
    let text = moment.replace_all(&text, "TIME");
    let word = |word: &regex::Captures<'_>| {
        if is_generated(&word[0]) { "ID".to_owned() } else { word[0].to_owned() }
    };
    words.replace_all(&text, word).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_words() {
        for generated in [
            "00u1abcdEFGH2345i0x7",
            "0oa10fubt9hptiJag1d7",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "d41d8cd98f00b204e9800998ecf8427e",
            "aB3_xY9-kL2mN8pQ5rT1",
        ] {
            assert!(is_generated(generated), "{generated}");
        }
        for word in [
            "default",
            "acc_testing_group",
            "testAccOktaAppSaml",
            "2025-08-15T19:21:50Z",
            "okta_dashboard_1234",
        ] {
            assert!(!is_generated(word), "{word}");
        }
    }

    #[test]
    fn alike_answers_read_alike() {
        assert_eq!(
            masked("Not found: Resource not found: 00u1abcdEFGH2345i0x7 (User) after 30 s"),
            "Not found: Resource not found: ID (User) after N s"
        );
    }
}
