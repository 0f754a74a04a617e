//! The `Authorization` header, and whose token it carries.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Finding, Scene};

/// What variables that were never filled look like.
const UNFILLED: &[&str] =
    &["undefined", "null", "none", "nil", "nan", "[object", "<token>", "{token}", "${token}"];

/// One header, one scheme that Okta takes, one credential (RFC 6750 §2.1, RFC 7617 §2, RFC 9449 §7.1).
pub(super) fn well_formed(scene: &Scene<'_>) -> Option<Finding> {
    scene.exchanges().find_map(|exchange| {
        let values: Vec<&str> = exchange.request.headers("authorization").collect();
        let observed = match values.as_slice() {
            [] => None,
            [one] => fault(one),
            several => Some(format!("{} Authorization headers", several.len())),
        }?;
        let expected = "one Authorization header: Bearer, DPoP, SSWS or Basic, a blank, one credential";
        Some(Finding::at(exchange, expected, format!("{observed} at {}", exchange.request.path())))
    })
}

/// What is wrong with a header's value; never the credential itself.
fn fault(value: &str) -> Option<String> {
    let Some((scheme, credential)) = value.split_once(' ') else {
        return Some("a value without a scheme".to_owned());
    };
    let scheme = scheme.to_ascii_lowercase();
    if !["bearer", "dpop", "ssws", "basic"].contains(&scheme.as_str()) {
        return Some("a scheme that Okta does not take".to_owned());
    }
    let words = credential.to_ascii_lowercase();
    if let Some(word) = UNFILLED.iter().find(|word| words.trim().starts_with(**word)) {
        return Some(format!("{scheme} with the word {word} for a credential"));
    }
    let token68 = |letter: char| letter.is_ascii_alphanumeric() || "-._~+/=".contains(letter);
    if credential.is_empty() || !credential.chars().all(token68) {
        return Some(format!("{scheme} with something that is no credential"));
    }
    if scheme != "basic" {
        return None;
    }
    let pair = STANDARD.decode(credential).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    (!pair.is_some_and(|pair| pair.contains(':'))).then(|| "basic without an id and a secret".to_owned())
}

/// A token of another scenario's org must not turn up: each client begins with nothing.
pub(super) fn own_token(scene: &Scene<'_>) -> Option<Finding> {
    let issued: BTreeSet<&str> = scene
        .ledger
        .token_requests()
        .into_iter()
        .filter_map(|request| request.client.issued.as_ref().map(|issued| issued.token.as_str()))
        .collect();
    scene.exchanges().filter(|exchange| exchange.is_api_call()).find_map(|call| {
        let tag = call.client.token.as_deref()?;
        let schemes = ["Bearer", "DPoP"];
        let access = call
            .request
            .headers("authorization")
            .any(|value| schemes.iter().any(|scheme| value.starts_with(scheme)));
        (access && !issued.contains(tag)).then(|| {
            let observed = format!("a call with the token {tag}, which this org has not issued");
            Finding::at(call, "calls with tokens that this org issued", observed)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorization_header_is_one_scheme_and_one_credential() {
        let table = [
            ("Bearer eyJ.a-b_c.d", None),
            ("bearer x", None),
            ("DPoP eyJ", None),
            ("SSWS 00abc", None),
            ("Basic aWQ6c2VjcmV0", None),
            ("eyJ.a.b", Some("without a scheme")),
            ("Token abc", Some("does not take")),
            ("Bearer ", Some("no credential")),
            ("Bearer  abc", Some("no credential")),
            ("Bearer Bearer abc", Some("no credential")),
            ("Bearer \"abc\"", Some("no credential")),
            ("Bearer undefined", Some("the word undefined")),
            ("Bearer None", Some("the word none")),
            ("Bearer [object Object]", Some("the word [object")),
            ("Basic id:secret", Some("no credential")),
            ("Basic aWRzZWNyZXQ=", Some("without an id and a secret")),
        ];
        for (value, expected) in table {
            let found = fault(value);
            match expected {
                None => assert_eq!(found, None, "{value}"),
                Some(words) => {
                    assert!(found.clone().is_some_and(|found| found.contains(words)), "{value}: {found:?}")
                }
            }
        }
    }
}
