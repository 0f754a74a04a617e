//! Answers that come from the recorded org's circumstances rather than from its rules.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::analysis::{Reason, succeeded};
use super::expected::expected;
use super::recording::{Body, Recorded};

/// Why a twin must not be asked to repeat this answer; `before` are the exchanges before it.
pub(crate) fn of_the_recorded_org(before: &[Recorded], exchange: &Recorded) -> Option<Reason> {
    if exchange.unusable.is_some() {
        return exchange.unusable;
    }
    let answer = exchange.response.json();
    let code = answer.and_then(|answer| answer["errorCode"].as_str());
    match exchange.status {
        0 => return Some("no answer was recorded"),
        423 => return Some("the recorded org was locked for a moment (423)"),
        429 => return Some("the recorded org limited the rate (429)"),
        500.. => return Some("the recorded org failed (5xx)"),
        404 if code.is_none() && answer.is_some_and(|answer| answer.is_object() && !has_an_error(answer)) => {
            return Some("the 404 is not of Okta's API");
        }
        _ => {}
    }
    if code == Some("E0000015") {
        return Some("the recorded org lacked the feature (E0000015)");
    }
    if matches!(exchange.status, 400 | 403 | 409) {
        let text = exchange.response.text();
        if is(&LIMIT, &text) {
            return Some("the recorded org was full");
        }
        if is(&TAKEN, &text) && !before.iter().any(|earlier| creates_in(earlier, &exchange.path)) {
            return Some("it duplicates something that the recorded org had before");
        }
    }
    if has_no_credential(&exchange.request) {
        return Some("the recording has no usable credential for it");
    }
    None
}

static LIMIT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("count limit reached|Maximum number of instances").ok());
static TAKEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("already (an|exists|a) ").ok());

fn is(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn has_an_error(answer: &Value) -> bool {
    answer.get("errorSummary").is_some() || answer.get("error").is_some()
}

fn creates_in(earlier: &Recorded, path: &str) -> bool {
    earlier.method == "POST"
        && succeeded(earlier.status)
        && earlier.path.trim_end_matches('/') == path.trim_end_matches('/')
}

/// A client assertion is signed for the recorded org, with a key that the recording does not have.
fn has_no_credential(request: &Body) -> bool {
    match request {
        Body::Json(request) => request.get("client_assertion").is_some(),
        Body::Form(text) | Body::Text(text) => {
            text.contains("client_assertion=") || expected().redactions.iter().any(|word| text.contains(word))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn circumstances_are_told_from_rules() {
        let answer =
            |status, body: Value| Recorded { status, response: Body::Json(body), ..Recorded::default() };
        for (exchange, reason) in [
            (answer(404, json!({"errorCode": "E0000007"})), None),
            (answer(404, json!({"message": "no route"})), Some("the 404 is not of Okta's API")),
            (
                answer(403, json!({"errorCode": "E0000015"})),
                Some("the recorded org lacked the feature (E0000015)"),
            ),
            (answer(429, json!({})), Some("the recorded org limited the rate (429)")),
            (answer(503, json!({})), Some("the recorded org failed (5xx)")),
            (Recorded::default(), Some("no answer was recorded")),
        ] {
            assert_eq!(of_the_recorded_org(&[], &exchange), reason, "{exchange:?}");
        }
        let taken = answer(409, json!({"errorSummary": "It already exists in this org"}));
        let reason = Some("it duplicates something that the recorded org had before");
        assert_eq!(of_the_recorded_org(&[], &taken), reason);
        let made = Recorded { method: "POST".to_owned(), status: 200, ..Recorded::default() };
        assert_eq!(of_the_recorded_org(&[made], &taken), None);
    }
}
