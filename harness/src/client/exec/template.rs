//! Values of the scenario in a profile's texts: `{org_url}`. A brace that opens no known word is an error, `{{` is a
//! brace; words that a scenario has no value for (`{client_secret}` with a private key) are told apart from unknown ones.

use std::collections::BTreeMap;

use crate::nearest::nearest;

/// The words, and what each stands for.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("org_url", "the org's address, without a trailing slash"),
    ("org_host", "its host, with the port if there is one"),
    ("issuer", "the org authorization server"),
    ("token_url", "its token endpoint"),
    ("client_id", "the app's client id"),
    ("client_secret", "its secret"),
    ("private_key_file", "a file with its private key in PEM"),
    ("private_key_pem", "the key itself"),
    ("private_key_jwk", "the key as a JWK (RSA)"),
    ("kid", "the key's id"),
    ("alg", "RS256 or ES256"),
    ("scopes", "the scopes to ask for, separated by spaces"),
    ("scopes_json", "the same as a JSON array"),
    ("api_token", "an API token, where the scenario hands one out"),
    ("ca_file", "the certificate of the run's CA in PEM"),
    ("truststore_file", "the same as PKCS12 for Java, password `orgtwin` (needs keytool)"),
    ("proxy_url", "the proxy, where the profile names a `host`"),
    ("tmp", "a fresh folder of the scenario, also the client's HOME"),
    ("profile_dir", "the profile's folder"),
    ("port", "a free port, for a client that listens itself"),
    ("method", "of the call that is asked for"),
    ("path", "path and query of the call or the collection"),
    ("query", "its query"),
    ("id", "what stands for `*` in the trigger's path"),
    ("key", "the member of each element that is asked for"),
    ("page_limit", "the page size that is asked for, else 200"),
    ("body", "the JSON body that is asked for"),
    ("body_file", "a file with it"),
];

/// Values by word.
pub(super) type Values = BTreeMap<&'static str, String>;

/// What a text is made of.
enum Part<'a> {
    Text(&'a str),
    Word(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        parts.push(Part::Text(before));
        if let Some(after) = from.strip_prefix("{{") {
            parts.push(Part::Text("{"));
            rest = after;
            continue;
        }
        let word = from[1..].split_once('}').map(|(word, _)| word).filter(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        match word {
            Some(word) => {
                parts.push(Part::Word(word));
                rest = &from[word.len() + 2..];
            }
            // The brace of some JSON.
            None => {
                parts.push(Part::Text("{"));
                rest = &from[1..];
            }
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// The words that a text uses.
pub(super) fn words(text: &str) -> Vec<&str> {
    parts(text)
        .into_iter()
        .filter_map(|part| match part {
            Part::Word(word) => Some(word),
            Part::Text(_) => None,
        })
        .collect()
}

/// The first word that nobody knows, in words with the nearest known one.
pub(super) fn unknown(text: &str) -> Option<String> {
    let word = words(text).into_iter().find(|word| !WORDS.iter().any(|(known, _)| known == word))?;
    let hint = match nearest(word, WORDS.iter().map(|(known, _)| *known)) {
        Some(known) => format!(" (did you mean {{{known}}}?)"),
        None => String::new(),
    };
    Some(format!("no value is called {{{word}}}{hint}; write {{{{ for a brace"))
}

/// The text with its values.
///
/// # Errors
/// The first word without a value.
pub(super) fn render(text: &str, values: &Values) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Word(word) => out.push_str(values.get(word).ok_or_else(|| word.to_owned())?),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_values_and_other_braces_stay() {
        let values = Values::from([("org_url", "https://o".to_owned())]);
        let table = [
            ("{org_url}/x", Ok("https://o/x".to_owned())),
            (r#"{"orgUrl": "{org_url}"}"#, Ok(r#"{"orgUrl": "https://o"}"#.to_owned())),
            ("{{org_url}", Ok("{org_url}".to_owned())),
            ("{client_secret}", Err("client_secret".to_owned())),
            ("a{", Ok("a{".to_owned())),
        ];
        for (text, expected) in table {
            assert_eq!(render(text, &values), expected, "{text}");
        }
        assert_eq!(unknown("{org_url} {tmp}"), None);
        assert!(unknown("{org_ur}").is_some_and(|words| words.contains("did you mean {org_url}?")));
    }
}
