//! An answer as it is compared: without what differs from org to org and from moment to moment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::observation::{Compared, Step};
use crate::replay::{
    generated::without_values,
    recording::{Body, Headers},
    shape::{self, Shape},
};

/// An answer as it came.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    /// Its status.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Headers,
    /// Its body.
    pub(crate) body: Body,
}

impl Raw {
    /// The code of an OAuth error.
    pub(super) fn error(&self) -> Option<&str> {
        self.body.json()?.get("error")?.as_str()
    }
}

/// What of it counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// The request, with names in the place of values.
    pub(crate) request: String,
    /// By aspect: `status`, `error code`, `wording`, `header x-rate-limit-limit`, …
    pub(crate) aspects: BTreeMap<String, String>,
    /// The paths and types of a good JSON answer.
    shape: Shape,
}

/// One difference between two answers to the same request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// What of the answer.
    pub(crate) aspect: String,
    /// As the twin has it.
    pub(crate) twin: String,
    /// As the target has it.
    pub(crate) target: String,
}

/// What an answer is put into names with.
pub(crate) trait Namer {
    /// The text with the names of known values in their place: `{service.client_id}`.
    fn named(&self, text: &str) -> String;
}

impl Seen {
    /// What of the answer to a step counts; `counts` are the aspects that no single answer shows.
    pub(crate) fn of(
        step: &Step,
        raw: &Raw,
        counts: &[(&str, String)],
        namer: &dyn Namer,
        compared: &Compared,
    ) -> Self {
        let mut seen = Self { request: step.request.clone(), ..Self::default() };
        seen.set("status", raw.status.to_string());
        for (aspect, value) in counts {
            seen.set(aspect, value.clone());
        }
        for name in &compared.present {
            let word = if raw.headers.get(name).is_some() { "present" } else { "absent" };
            seen.set(&format!("header {name}"), word.to_owned());
        }
        for name in &compared.value {
            let value = raw
                .headers
                .get(name)
                .map_or_else(|| "absent".to_owned(), |value| normal(&without_age(value), namer));
            seen.set(&format!("header {name}"), value);
        }
        let relations: BTreeSet<_> = raw
            .headers
            .all("link")
            .flat_map(relations)
            .filter(|relation| compared.links.contains(relation))
            .collect();
        seen.set("links", listed(&relations));
        if let Some(location) = raw.headers.get("location").filter(|_| (300..400).contains(&raw.status)) {
            seen.redirect(location, namer);
        }
        seen.body(step, &raw.body, raw.status, namer);
        seen
    }

    fn set(&mut self, aspect: &str, value: String) {
        self.aspects.insert(aspect.to_owned(), value);
    }

    fn redirect(&mut self, location: &str, namer: &dyn Namer) {
        let at = location.find(['?', '#']).unwrap_or(location.len());
        let (target, parameters) = location.split_at(at);
        self.set("redirect to", normal(target, namer));
        let mut names = BTreeSet::new();
        for (name, value) in form_urlencoded::parse(parameters.trim_start_matches(['?', '#']).as_bytes()) {
            match name.as_ref() {
                "error" => self.set("error code", value.into_owned()),
                "error_description" => self.set("wording", normal(&value, namer)),
                _ => {}
            }
            names.insert(name.into_owned());
        }
        self.set("redirect parameters", listed(&names));
    }

    fn body(&mut self, step: &Step, body: &Body, status: u16, namer: &dyn Namer) {
        let kind = match body {
            Body::None => "none",
            Body::Json(_) => "JSON",
            Body::Xml(_) | Body::Text(_) => "text",
            Body::Form(_) => "form",
            Body::Binary(_) => "binary",
        };
        self.set("body", kind.to_owned());
        if !step.marks.is_empty() {
            let text = body.text();
            for (name, mark) in &step.marks {
                let word = if text.contains(mark.as_str()) { "there" } else { "not there" };
                self.set(name, word.to_owned());
            }
        }
        let Body::Json(value) = body else { return };
        let text = |member: &str| value.get(member).and_then(Value::as_str);
        if let Some(code) = text("errorCode").or_else(|| text("error")) {
            self.set("error code", code.to_owned());
        }
        if let Some(words) = text("errorSummary").or_else(|| text("error_description")) {
            self.set("wording", normal(words, namer));
        }
        if let Some(causes) = value.get("errorCauses").and_then(Value::as_array) {
            let words = causes.iter().filter_map(|cause| cause["errorSummary"].as_str());
            self.set("causes", listed(words.map(|words| normal(words, namer)).collect::<Vec<_>>()));
        }
        if let Some(elements) = value.as_array() {
            self.set("elements", if elements.is_empty() { "none" } else { "some" }.to_owned());
        }
        if status < 300 {
            self.shape = shape::of_json(&shape::without_own_attributes(value, ""));
        } else {
            let members = value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
            self.set("members", listed(members.unwrap_or_default()));
        }
    }

    /// An aspect.
    pub(crate) fn get(&self, aspect: &str) -> Option<&str> {
        self.aspects.get(aspect).map(String::as_str)
    }

    /// In a line, as evidence: `GET /api/v1/nosuch: 405 E0000022 "The endpoint does not support …"`.
    pub(crate) fn line(&self) -> String {
        let mut line = format!("{}: {}", self.request, self.get("status").unwrap_or_default());
        for (before, aspect, after) in
            [(" ", "error code", ""), (" \"", "wording", "\""), (", ", "elements", " listed")]
        {
            if let Some(value) = self.get(aspect) {
                line.push_str(&format!("{before}{value}{after}"));
            }
        }
        line
    }

    /// In what the target's answer differs from the twin's.
    pub(crate) fn differences(twin: &Self, target: &Self) -> Vec<Difference> {
        let aspects: BTreeSet<_> = twin.aspects.keys().chain(target.aspects.keys()).collect();
        let text = |seen: &Self, aspect: &str| seen.get(aspect).unwrap_or("nothing").to_owned();
        let mut differences: Vec<_> = aspects
            .into_iter()
            .map(|aspect| Difference {
                aspect: aspect.clone(),
                twin: text(twin, aspect),
                target: text(target, aspect),
            })
            .filter(|difference| difference.twin != difference.target)
            .collect();
        // The bodies of different answers differ as a matter of course, and so do those of an empty list.
        let alike = |aspect: &str| twin.get(aspect) == target.get(aspect);
        if alike("status") && alike("elements") {
            for words in shape::differences(&target.shape, &twin.shape, ["in the target", "in the twin"]) {
                differences.push(Difference {
                    aspect: "shape".to_owned(),
                    twin: String::new(),
                    target: words,
                });
            }
        }
        differences
    }
}

fn listed(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// A Cache-Control value without its seconds, of which one less is left at every second.
fn without_age(value: &str) -> String {
    match value.split_once("max-age=") {
        Some((before, after)) => {
            format!("{before}max-age=N{}", after.trim_start_matches(|letter: char| letter.is_ascii_digit()))
        }
        None => value.to_owned(),
    }
}

fn normal(text: &str, namer: &dyn Namer) -> String {
    let named = namer.named(text);
    // A name must not be taken for a value.
    let mut normal = String::with_capacity(named.len());
    let mut rest = named.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        normal.push_str(&without_values(before));
        normal.push('{');
        normal.push_str(name);
        normal.push('}');
        rest = after;
    }
    normal.push_str(&without_values(rest));
    normal
}

/// The relations of a Link header line.
fn relations(line: &str) -> impl Iterator<Item = String> {
    line.split("rel=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(relation, _)| relation.to_owned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    struct Named(&'static str, &'static str);

    impl Namer for Named {
        fn named(&self, text: &str) -> String {
            text.replace(self.0, self.1)
        }
    }

    fn compared() -> Compared {
        Compared {
            present: vec!["x-rate-limit-limit".to_owned()],
            value: vec!["www-authenticate".to_owned()],
            links: vec!["next".to_owned()],
        }
    }

    fn seen(status: u16, headers: &[(&str, &str)], body: Body) -> Seen {
        let step: Step = toml::from_str("request = 'GET /x'\nmarks = { link = '/admin/' }").unwrap();
        let mut lines = Headers::default();
        headers.iter().for_each(|(name, value)| lines.add(name, value));
        let raw = Raw { status, headers: lines, body };
        Seen::of(&step, &raw, &[], &Named("https://a.okta.com", "{base_url}"), &compared())
    }

    fn differences(twin: &Seen, target: &Seen) -> Vec<String> {
        let line = |one: Difference| format!("{}: {} / {}", one.aspect, one.twin, one.target);
        Seen::differences(twin, target).into_iter().map(line).collect()
    }

    #[test]
    fn ids_hosts_and_times_are_no_differences() {
        let one = seen(
            404,
            &[("www-authenticate", "DPoP realm=\"https://a.okta.com\"")],
            Body::Json(
                json!({"errorCode": "E0000007", "errorSummary": "Not found: 00u1abcdEFGH2345i0x7 (User)", "errorId": "a"}),
            ),
        );
        let other = seen(
            404,
            &[("www-authenticate", "DPoP realm=\"https://a.okta.com\"")],
            Body::Json(
                json!({"errorCode": "E0000007", "errorSummary": "Not found: 00u9zzzzEFGH7777i0x7 (User)", "errorId": "b"}),
            ),
        );
        assert_eq!(differences(&one, &other), [""; 0]);
        assert_eq!(one.get("header www-authenticate"), Some("DPoP realm=\"{base_url}\""));
        assert_eq!(without_age("max-age=635076, must-revalidate"), "max-age=N, must-revalidate");
        assert_eq!(without_age("no-cache, no-store"), "no-cache, no-store");
        assert_eq!(one.line(), "GET /x: 404 E0000007 \"Not found: ID (User)\"");
    }

    #[test]
    fn each_aspect_is_a_difference_of_its_own() {
        let twin = seen(400, &[], Body::Json(json!({"error": "invalid_scope", "error_description": "No."})));
        let target = seen(
            401,
            &[("x-rate-limit-limit", "5"), ("link", "<x>; rel=\"next\"")],
            Body::Json(json!({"errorCode": "invalid_client", "errorSummary": "Yes."})),
        );
        assert_eq!(
            differences(&twin, &target),
            [
                "error code: invalid_scope / invalid_client",
                "header x-rate-limit-limit: absent / present",
                "links: none / next",
                "members: error, error_description / errorCode, errorSummary",
                "status: 400 / 401",
                "wording: No. / Yes.",
            ]
        );
    }

    #[test]
    fn shapes_count_where_both_answer_well() {
        let twin = seen(200, &[], Body::Json(json!([{"id": "1", "name": "a"}])));
        let target = seen(200, &[], Body::Json(json!([{"id": 1}])));
        assert_eq!(
            differences(&twin, &target),
            [
                "shape:  / $[].id is number in the target, string in the twin",
                "shape:  / $[].name (string) is only in the twin"
            ]
        );
        assert_eq!(differences(&twin, &seen(200, &[], Body::Json(json!([])))), ["elements: some / none"]);
    }

    #[test]
    fn of_a_page_the_marks_count_and_of_a_redirect_its_error() {
        let page = seen(400, &[], Body::Xml("<p><a href='/admin/app'>".to_owned()));
        assert_eq!((page.get("link"), page.get("body")), (Some("there"), Some("text")));
        let back = seen(
            302,
            &[("location", "https://app/cb?error=invalid_scope&error_description=Not%20so&state=s")],
            Body::None,
        );
        assert_eq!(back.line(), "GET /x: 302 invalid_scope \"Not so\"");
        assert_eq!(back.get("redirect parameters"), Some("error, error_description, state"));
    }
}
