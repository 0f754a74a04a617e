//! What a command said: its caller's view, out of exit code and output.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::{json_path::JsonPath, profile::Observe};
use crate::client::protocol::{Achieved, Reason, Refused, ReportedError};

/// Okta's and OAuth's own codes.
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?P<code>E\d{7}|invalid_client|invalid_scope|invalid_grant|invalid_request|invalid_dpop_proof|use_dpop_nonce|unauthorized_client|unsupported_grant_type|consent_required|access_denied|insufficient_scope|invalid_token|server_error|temporarily_unavailable)\b",
    )
    .ok()
});

/// A status beside a word that says that it is one.
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:https?|status|code|error)[^0-9\n]{0,20}\b(?P<status>[45]\d\d)\b").ok()
});

/// What the caller of a successful command got.
pub(super) fn achieved(observe: &Observe, out: &str) -> Achieved {
    let json = last_json(out);
    let at = |path: &Option<String>| -> Option<Vec<Value>> {
        let path = JsonPath::parse(path.as_ref()?).ok()?;
        Some(path.values(json.as_ref()?).into_iter().cloned().collect())
    };
    let values = match observe.items.as_deref() {
        Some("lines") => Some(lines(out)),
        _ => at(&observe.items),
    };
    let first = |path| at(path).and_then(|values| values.into_iter().next());
    let scope = at(&observe.scope).map(|values| {
        let words = values.iter().flat_map(|value| match value {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            Value::String(text) => text.split_whitespace().collect(),
            _ => Vec::new(),
        });
        words.map(ToOwned::to_owned).collect()
    });
    Achieved {
        count: values.as_ref().map(Vec::len),
        values,
        body: first(&observe.body),
        scope,
        expires_in: first(&observe.expires_in).and_then(|value| value.as_i64()),
        ..Achieved::default()
    }
}

fn lines(out: &str) -> Vec<Value> {
    out.lines().map(str::trim).filter(|line| !line.is_empty()).map(Value::from).collect()
}

/// All of the output, or its last line that is JSON: programs like to talk before they answer.
fn last_json(out: &str) -> Option<Value> {
    let whole = serde_json::from_str(out.trim()).ok();
    whole.or_else(|| out.lines().rev().find_map(|line| serde_json::from_str(line.trim()).ok()))
}

/// What the caller of a command that failed was told; standard error is heard first.
pub(super) fn refused(observe: &Observe, out: &str, err: &str, exit: i32) -> Refused {
    let own = observe.error.as_ref().and_then(|pattern| Regex::new(pattern).ok());
    let look = |pattern: &Regex, group: &str| {
        [err, out].into_iter().find_map(|text| {
            let found = pattern.captures(text)?.name(group)?;
            Some(found.as_str().to_owned())
        })
    };
    let find = |group: &str, usual: &LazyLock<Option<Regex>>| match (&own, &**usual) {
        (Some(own), _) => look(own, group),
        (None, Some(usual)) => look(usual, group),
        (None, None) => None,
    };
    let code = find("code", &CODE);
    let status = find("status", &STATUS).and_then(|status| status.parse().ok());
    let message = own
        .as_ref()
        .and_then(|own| look(own, "message"))
        .or_else(|| last_line(err))
        .or_else(|| last_line(out));
    let message = message.unwrap_or_else(|| format!("exit code {exit}"));
    let reason = if status.is_some() || code.is_some() { Some(Reason::HttpStatus) } else { None };
    Refused { status, error: Some(ReportedError { code, message: Some(message) }), reason }
}

fn last_line(text: &str) -> Option<String> {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().take(300).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn observe(items: &str) -> Observe {
        Observe { items: Some(items.to_owned()), ..Observe::default() }
    }

    #[test]
    fn a_caller_got_what_was_printed() {
        let table = [
            ("$[*]", "[1, 2]", Some(vec![json!(1), json!(2)])),
            ("$.ids[*]", "hello\n{\"ids\": [\"a\"]}\n", Some(vec![json!("a")])),
            ("$.ids[*]", "{\"ids\": []}", Some(vec![])),
            ("$.ids[*]", "no JSON", None),
            ("$.ids[*]", "", None),
            ("lines", "a\n\n b \n", Some(vec![json!("a"), json!("b")])),
        ];
        for (path, out, expected) in table {
            let achieved = achieved(&observe(path), out);
            assert_eq!(achieved.values, expected, "{path} {out}");
            assert_eq!(achieved.count, expected.map(|values| values.len()));
        }
        let scope = Observe { scope: Some("$.scope".to_owned()), ..Observe::default() };
        assert_eq!(achieved(&scope, r#"{"scope": "a b"}"#).scope.unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_caller_was_told_an_error() {
        let own = Observe {
            error: Some(r"(?P<status>\d{3}) says (?P<code>\w+): (?P<message>.+)".to_owned()),
            ..Observe::default()
        };
        let table: [(&Observe, &str, Option<u16>, Option<&str>, &str); 4] = [
            (
                &Observe::default(),
                "Okta HTTP 403 E0000006 You do not have permission",
                Some(403),
                Some("E0000006"),
                "Okta HTTP 403 E0000006 You do not have permission",
            ),
            (&Observe::default(), "line 500\nboom", None, None, "boom"),
            (&own, "404 says not_there: sorry", Some(404), Some("not_there"), "sorry"),
            (&Observe::default(), "", None, None, "exit code 3"),
        ];
        for (observe, err, status, code, message) in table {
            let refused = refused(observe, "", err, 3);
            let error = refused.error.unwrap();
            assert_eq!(
                (refused.status, error.code.as_deref(), error.message.as_deref()),
                (status, code, Some(message))
            );
        }
    }
}
