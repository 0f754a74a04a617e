//! One recorded answer beside the twin's.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::analysis::Plan;
use super::expected::expected;
use super::names::{Listing, Names, links, relation};
use super::pairing::pairs;
use super::recording::{Body, Headers, Recorded};
use super::shape::{self, Shape};

/// Shapes at least as alike as this count as the same: two real orgs rarely agree more (README of the recordings).
const ALIKE: f64 = 0.9;

/// What the twin answered.
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Headers,
    /// Its body.
    pub(crate) body: Body,
}

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Comparison {
    /// Whether status and error code are the same and the shapes alike.
    pub(crate) matches: bool,
    /// F1 of the shapes.
    pub(crate) likeness: f64,
    /// Recorded and twin's.
    pub(crate) status: (u16, u16),
    /// Recorded and twin's.
    pub(crate) code: (Option<String>, Option<String>),
    /// The error's words, recorded and twin's.
    pub(crate) summary: (String, String),
    /// In what they differ.
    pub(crate) differences: Vec<Difference>,
}

/// One difference, in words that are the same for all exchanges that have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Difference {
    /// Where.
    pub(crate) aspect: Aspect,
    /// What.
    pub(crate) what: String,
}

/// What of an answer differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aspect {
    /// The status.
    Status,
    /// The error's code.
    Code,
    /// The body's paths and types.
    Shape,
    /// The links of the things in it.
    Links,
    /// The headers.
    Headers,
}

impl Aspect {
    /// As reports name it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Code => "error code",
            Self::Shape => "shape",
            Self::Links => "links",
            Self::Headers => "headers",
        }
    }
}

/// Compares an answer with the recorded one; `requests` is the text of all requests of the recording.
pub(crate) fn compare(
    names: &Names,
    recorded: &Recorded,
    plan: &Plan,
    requests: &str,
    twin: &Answer,
) -> Comparison {
    let mut differences = Vec::new();
    let mut differ = |aspect, what: String| differences.push(Difference { aspect, what });
    let same_status = recorded.status == twin.status;
    if !same_status {
        differ(
            Aspect::Status,
            format!("{} in the recording, {} from the twin", recorded.status, twin.status),
        );
    }
    let code = (code_of(&recorded.response), code_of(&twin.body));
    let same_code = if recorded.status >= 400 {
        twin.status >= 400 && code.0 == code.1
    } else {
        code.1.is_none() || code.0.is_some()
    };
    if !same_code && same_status {
        let word = |code: &Option<String>| code.clone().unwrap_or_else(|| "none".to_owned());
        differ(Aspect::Code, format!("{} in the recording, {} from the twin", word(&code.0), word(&code.1)));
    }
    let (likeness, words, links) = compare_bodies(names, recorded, plan, requests, &twin.body);
    // The bodies of different answers differ as a matter of course.
    if same_status && same_code {
        words.into_iter().for_each(|what| differ(Aspect::Shape, what));
        links.into_iter().for_each(|what| differ(Aspect::Links, what));
        missing_headers(recorded, plan, twin).into_iter().for_each(|what| differ(Aspect::Headers, what));
    }
    Comparison {
        matches: same_status && same_code && likeness >= ALIKE,
        likeness,
        status: (recorded.status, twin.status),
        code,
        summary: (summary_of(&recorded.response), summary_of(&twin.body)),
        differences,
    }
}

fn compare_bodies(
    names: &Names,
    recorded: &Recorded,
    plan: &Plan,
    requests: &str,
    twin: &Body,
) -> (f64, Vec<String>, Vec<String>) {
    let kinds = |likeness: f64, alike: bool| {
        let (own, other) = (recorded.response.kind(), twin.kind());
        let words = format!("the body is {own} in the recording, {other} from the twin");
        (likeness, if alike { Vec::new() } else { vec![words] }, Vec::new())
    };
    let binary = |alike: bool| kinds(if alike { 1.0 } else { 0.0 }, alike);
    match (&recorded.response, twin) {
        (Body::Json(own), Body::Json(other)) => {
            let own = shape::without_own_attributes(&without_dropped(own, plan), requests);
            let other = shape::without_own_attributes(other, requests);
            let other = if plan.of_the_org || !plan.dropped.is_empty() {
                only_counterparts(names, &own, other)
            } else {
                other
            };
            let missing_links =
                shape::links_of(&own).difference(&shape::links_of(&other)).cloned().collect::<Vec<_>>();
            let links =
                missing_links.into_iter().map(|link| format!("{link} is missing in the twin")).collect();
            let (likeness, words) = compare_shapes(&shape::of_json(&own), &shape::of_json(&other));
            (likeness, words, links)
        }
        (Body::Json(own), Body::None) => kinds(shape::likeness(&shape::of_json(own), &Shape::new()), false),
        (Body::None, other) => binary(*other == Body::None),
        (Body::Xml(own), other) => match (shape::of_xml(own), other) {
            (None, other) => binary(matches!(other, Body::Xml(_) | Body::Text(_))),
            (Some(own), Body::Xml(other)) => {
                let (likeness, words) = compare_shapes(&own, &shape::of_xml(other).unwrap_or_default());
                (likeness, words, Vec::new())
            }
            (Some(_), _) => binary(false),
        },
        (own, other) => {
            binary(own.kind() == other.kind() || matches!(other, Body::Text(_) | Body::Binary(_)))
        }
    }
}

fn compare_shapes(own: &Shape, other: &Shape) -> (f64, Vec<String>) {
    (shape::likeness(own, other), shape::differences(own, other, ["in the recording", "in the twin"]))
}

/// A recorded answer without the elements that only the recorded org has.
fn without_dropped(answer: &Value, plan: &Plan) -> Value {
    let keep = |elements: &[Value], dropped: &BTreeSet<usize>| -> Value {
        elements.iter().enumerate().filter(|(at, _)| !dropped.contains(at)).map(|(_, e)| e.clone()).collect()
    };
    match answer {
        Value::Array(elements) if !plan.dropped.here.is_empty() => keep(elements, &plan.dropped.here),
        Value::Object(members) if !plan.dropped.members.is_empty() => {
            let member = |(name, member): (&String, &Value)| {
                let kept = match (plan.dropped.members.get(name), member) {
                    (Some(dropped), Value::Array(elements)) => keep(elements, dropped),
                    _ => member.clone(),
                };
                (name.clone(), kept)
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

/// The twin's answer without the elements that no recorded one is paired with.
fn only_counterparts(names: &Names, own: &Value, other: Value) -> Value {
    let keep = |own: &[Value], other: &[Value]| -> Value {
        let listing = Listing { of_the_org: true, dropped: None };
        let used: BTreeSet<usize> = pairs(names, own, other, listing).into_values().flatten().collect();
        used.into_iter().map(|at| other[at].clone()).collect()
    };
    match (own, other) {
        (Value::Array(own), Value::Array(other)) => keep(own, &other),
        (Value::Object(own), Value::Object(mut other)) => {
            for (name, member) in own {
                let Value::Array(own) = member else { continue };
                if let Some(Value::Array(list)) = other.get(name)
                    && own.iter().any(Value::is_object)
                {
                    let kept = keep(own, list);
                    other.insert(name.clone(), kept);
                }
            }
            Value::Object(other)
        }
        (_, other) => other,
    }
}

/// Headers that the recording has and the twin's answer has not.
fn missing_headers(recorded: &Recorded, plan: &Plan, twin: &Answer) -> Vec<String> {
    let mut words = Vec::new();
    for name in &expected().headers {
        if recorded.response_headers.get(name).is_some() && twin.headers.get(name).is_none() {
            words.push(format!("{name} is missing"));
        }
    }
    let media = |headers: &Headers| {
        let kind = headers.get("content-type").unwrap_or_default();
        kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    };
    let (own, other) = (media(&recorded.response_headers), media(&twin.headers));
    if recorded.response != Body::None && !own.is_empty() && own != other {
        words.push(format!("content-type is {own} in the recording, {other:?} from the twin"));
    }
    let relations = |headers: &Headers| -> BTreeSet<String> {
        links(headers, "link").filter_map(relation).map(ToOwned::to_owned).collect()
    };
    let (own, other) = (relations(&recorded.response_headers), relations(&twin.headers));
    for relation in own.difference(&other).filter(|relation| expected().link_relations.contains(relation)) {
        // The next page of a list that is compared in part may not exist.
        if relation != "next" || plan.dropped.is_empty() {
            words.push(format!("link rel=\"{relation}\" is missing"));
        }
    }
    words
}

fn code_of(body: &Body) -> Option<String> {
    let body = body.json()?;
    match (body.get("errorCode"), body.get("error")) {
        (Some(Value::String(code)), _) => Some(code.clone()),
        (None | Some(Value::Null), Some(Value::String(code))) => Some(code.clone()),
        (Some(Value::Null) | None, _) => None,
        (Some(other), _) => Some(other.to_string()),
    }
}

fn summary_of(body: &Body) -> String {
    let Some(body) = body.json() else { return String::new() };
    let text = |value: &Value, names: &[&str]| {
        names
            .iter()
            .find_map(|name| value[*name].as_str().filter(|text| !text.is_empty()))
            .map(ToOwned::to_owned)
    };
    let own = text(body, &["errorSummary", "error_description", "message"]);
    let causes = body["errorCauses"].as_array().into_iter().flatten();
    let causes = causes.filter_map(|cause| text(cause, &["errorSummary"]));
    own.into_iter().chain(causes).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recorded(status: u16, body: Value) -> Recorded {
        Recorded { status, response: Body::Json(body), ..Recorded::default() }
    }

    fn judged(recorded: &Recorded, status: u16, body: Value, headers: &[(&str, &str)]) -> Comparison {
        let mut lines = Headers::default();
        headers.iter().for_each(|(name, value)| lines.add(name, value));
        let answer = Answer { status, headers: lines, body: Body::Json(body) };
        compare(&Names::new("http://127.0.0.1:1", Vec::new()), recorded, &Plan::default(), "", &answer)
    }

    fn words(comparison: &Comparison) -> Vec<String> {
        comparison
            .differences
            .iter()
            .map(|found| format!("{}: {}", found.aspect.word(), found.what))
            .collect()
    }

    #[test]
    fn the_same_answer_has_no_difference() {
        let found = judged(&recorded(200, json!({"id": "a"})), 200, json!({"id": "b"}), &[]);
        assert!(found.matches && found.differences.is_empty(), "{found:?}");
    }

    #[test]
    fn another_status_is_the_only_difference_told() {
        let found = judged(&recorded(200, json!({"id": "a"})), 404, json!({"errorCode": "E0000007"}), &[]);
        assert!(!found.matches);
        assert_eq!(words(&found), ["status: 200 in the recording, 404 from the twin"]);
    }

    #[test]
    fn codes_shapes_links_and_headers_are_compared() {
        let mut own = recorded(400, json!({"errorCode": "E0000001"}));
        let found = judged(&own, 400, json!({"errorCode": "E0000003"}), &[]);
        assert_eq!(words(&found), ["error code: E0000001 in the recording, E0000003 from the twin"]);
        own = recorded(200, json!({"a": 1, "_links": {"self": {}, "users": {}}}));
        own.response_headers.add("Link", r#"<https://x/?after=1>; rel="next""#);
        own.response_headers.add("X-Okta-Request-Id", "r");
        let found =
            judged(&own, 200, json!({"a": "1", "_links": {"self": {}}}), &[("x-okta-request-id", "s")]);
        assert_eq!(
            words(&found),
            [
                "shape: $.a is number in the recording, string in the twin",
                "links: $._links.users is missing in the twin",
                "headers: link rel=\"next\" is missing"
            ]
        );
        assert!(!found.matches, "{}", found.likeness);
    }
}
