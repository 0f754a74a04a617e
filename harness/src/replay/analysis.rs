//! What of a recording a fresh org can be asked to repeat, judged by the recording alone, so that every twin is measured
//! by the same exchanges. An exchange that needs what the recorded org had before the recording began is left out, and
//! so is what depends on it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::conditions::of_the_recorded_org;
use super::encoded::{unquote, unquote_plus};
use super::expected::expected;
use super::generated::{generated_in, is_email, is_generated, is_id_of, looks_like_an_id, words};
use super::recording::{Body, Recorded};

/// Why an exchange is left out.
pub(crate) type Reason = &'static str;

/// What is to be done with one exchange.
#[derive(Debug, Default, Clone)]
pub(crate) struct Plan {
    /// Left out, and why.
    pub(crate) skip: Option<Reason>,
    /// Elements of lists that only the recorded org has.
    pub(crate) dropped: Dropped,
    /// Whether it lists what the whole org has.
    pub(crate) of_the_org: bool,
    /// A thing of every org whose id is to be found by listing first.
    pub(crate) look_up: Option<LookUp>,
}

/// Places in lists: of the answer itself, and of its members.
#[derive(Debug, Default, Clone)]
pub(crate) struct Dropped {
    /// The answer is a list.
    pub(crate) here: BTreeSet<usize>,
    /// The answer has lists.
    pub(crate) members: BTreeMap<String, BTreeSet<usize>>,
}

impl Dropped {
    /// Whether nothing is dropped.
    pub(crate) fn is_empty(&self) -> bool {
        self.here.is_empty() && self.members.is_empty()
    }

    fn put(&mut self, member: Option<&str>, place: usize) {
        match member {
            None => self.here.insert(place),
            Some(member) => self.members.entry(member.to_owned()).or_default().insert(place),
        };
    }
}

/// A list that shows the twin's counterpart of a recorded thing.
#[derive(Debug, Clone)]
pub(crate) struct LookUp {
    /// Path and query of the list.
    pub(crate) target: String,
    /// The recorded id.
    pub(crate) id: String,
    /// The recorded thing.
    pub(crate) thing: Value,
}

/// A plan for each exchange of a recording.
pub(crate) fn analyse(exchanges: &[Recorded]) -> Vec<Plan> {
    let mut analysis = Analysis::of(exchanges);
    exchanges.iter().enumerate().map(|(place, exchange)| analysis.plan(exchanges, place, exchange)).collect()
}

struct Analysis {
    /// Generated values that the twin can know.
    known: HashSet<String>,
    /// Generated values that only the recorded org has.
    foreign: HashSet<String>,
    /// Generated values of all answers so far.
    seen: HashSet<String>,
    /// Ids by the exchange that made them.
    made: HashMap<String, usize>,
    /// How the ids of the recorded org end.
    endings: HashSet<String>,
    /// All requests so far.
    asked: String,
}

impl Analysis {
    fn of(exchanges: &[Recorded]) -> Self {
        let mut endings: HashMap<String, usize> = HashMap::new();
        let mut made = HashMap::new();
        for (place, exchange) in exchanges.iter().enumerate() {
            let Some(answer) = exchange.response.json() else { continue };
            for id in generated_in(answer).into_iter().filter(|value| looks_like_an_id(value)) {
                *endings.entry(id[id.len() - 3..].to_owned()).or_default() += 1;
            }
            if matches!(exchange.method.as_str(), "POST" | "PUT")
                && succeeded(exchange.status)
                && let Some(id) = answer["id"].as_str()
                && !exchange.path.contains(id)
            {
                made.entry(id.to_owned()).or_insert(place);
            }
        }
        let endings =
            endings.into_iter().filter(|(_, times)| *times >= 2).map(|(ending, _)| ending).collect();
        Self {
            known: HashSet::new(),
            foreign: HashSet::new(),
            seen: HashSet::new(),
            made,
            endings,
            asked: String::new(),
        }
    }

    fn plan(&mut self, exchanges: &[Recorded], place: usize, exchange: &Recorded) -> Plan {
        let mut plan = Plan { skip: of_the_recorded_org(&exchanges[..place], exchange), ..Plan::default() };
        let mut needs_known = false;
        if plan.skip.is_none() {
            self.judge_path(exchange, &mut plan, &mut needs_known);
        }
        if plan.skip.is_none() {
            plan.skip = self.judge_query(exchange, &mut needs_known);
        }
        if plan.skip.is_none() {
            plan.skip = self.judge_body(exchange);
        }
        let values = values_of_answer(exchange);
        let cursors = cursors_of(exchange);
        if plan.skip.is_some() {
            let made_elsewhere = |value: &String| self.made.get(value).is_some_and(|made| *made != place);
            let foreign =
                values.iter().filter(|value| !self.known.contains(*value) && !made_elsewhere(value));
            self.foreign.extend(foreign.cloned());
            self.foreign.extend(cursors);
        } else if exchange.status < 300 {
            self.learn_answer(place, exchange, &mut plan, needs_known, &values, cursors);
        }
        self.seen.extend(values);
        self.asked.push_str(&exchange.request_text());
        self.asked.push('\n');
        plan
    }

    fn judge_path(&mut self, exchange: &Recorded, plan: &mut Plan, needs_known: &mut bool) {
        for segment in parameters(exchange) {
            let generated = is_generated(&segment);
            if self.foreign.contains(&segment) {
                plan.skip = Some("its path names something that the recorded org had before");
            } else if self.known.contains(&segment) {
                *needs_known = true;
            } else if generated
                && exchange.method == "GET"
                && let Some(thing) = exchange.response.json().filter(|thing| thing["id"] == segment)
                && !self.asked.contains(&segment)
                && expected().built_in(&collection_of(&exchange.path), thing, 0)
            {
                *needs_known = true;
                let list = exchange.path.rsplit_once('/').map_or("", |(list, _)| list);
                let kind = if exchange.path.contains("/policies/") {
                    format!("?type={}", thing["type"].as_str().unwrap_or_default())
                } else {
                    String::new()
                };
                plan.look_up = Some(LookUp {
                    target: format!("{list}{kind}"),
                    id: segment.clone(),
                    thing: thing.clone(),
                });
                self.known.insert(segment);
            } else if (generated || is_email(&segment))
                && exchange.status != 404
                && !self.asked.contains(&segment)
            {
                plan.skip = Some("its path names something that the recording neither lists nor makes");
                self.foreign.insert(segment);
            } else if is_email(&segment) && self.asked.contains(&segment) {
                *needs_known = true;
            }
        }
    }

    fn judge_query(&mut self, exchange: &Recorded, needs_known: &mut bool) -> Option<Reason> {
        if exchange.query.is_empty() {
            return None;
        }
        let query = unquote_plus(&exchange.query);
        let nothing = matches!(exchange.response.json(), Some(Value::Array(list)) if list.is_empty());
        let nothing = nothing || matches!(exchange.status, 400 | 404);
        let mut values: BTreeSet<String> = words(&query).map(ToOwned::to_owned).collect();
        for (name, value) in form_urlencoded::parse(exchange.query.as_bytes()) {
            if matches!(name.as_ref(), "after" | "cursor") && !value.is_empty() {
                values.insert(value.into_owned());
            }
        }
        let mut reason = None;
        for value in values {
            if self.foreign.contains(&value) {
                reason = Some("its query names something that the recorded org had before");
            } else if self.known.contains(&value) {
                *needs_known = true;
            } else if is_id_of(&value, &self.endings) && !nothing && !self.asked.contains(&value) {
                reason = Some("its query names something that the recording neither lists nor makes");
                self.foreign.insert(value);
            }
        }
        reason
    }

    fn judge_body(&mut self, exchange: &Recorded) -> Option<Reason> {
        let request = match &exchange.request {
            Body::Json(request) => request.clone(),
            Body::Form(form) => Value::String(form.clone()),
            _ => return None,
        };
        if exchange.status >= 400 {
            return None;
        }
        let mut reason = None;
        for value in generated_in(&request) {
            if self.foreign.contains(&value) {
                reason = Some("its body names something that the recorded org had before");
            } else if !self.known.contains(&value)
                && !self.seen.contains(&value)
                && is_id_of(&value, &self.endings)
                && !self.asked.contains(&value)
                && !chosen_by_client(&request, &value, exchange)
            {
                reason = Some("its body names something that the recording neither lists nor makes");
                self.foreign.insert(value);
            }
        }
        reason
    }

    fn learn_answer(
        &mut self,
        place: usize,
        exchange: &Recorded,
        plan: &mut Plan,
        needs_known: bool,
        values: &HashSet<String>,
        cursors: Vec<String>,
    ) {
        let answer = exchange.response.json().unwrap_or(&Value::Null);
        let lists = lists_of(exchange, answer);
        plan.of_the_org = !lists.is_empty() && exchange.method == "GET" && !needs_known;
        if plan.of_the_org {
            self.learn_lists(place, exchange, plan, &lists, cursors);
            if let Value::Object(members) = answer {
                for (name, member) in members {
                    if !lists.iter().any(|(list, _)| *list == Some(name.as_str())) {
                        self.know(generated_in(member));
                    }
                }
            }
            return;
        }
        if let Value::Array(elements) = answer {
            let collection = collection_of(&exchange.path);
            let foreign = |element: &Value| {
                element["id"].as_str().is_some_and(|id| self.foreign.contains(id))
                    || foreign_mapping(&collection, element, &self.asked)
            };
            let dropped: BTreeSet<usize> = elements
                .iter()
                .enumerate()
                .filter(|(_, element)| foreign(element))
                .map(|(at, _)| at)
                .collect();
            if !dropped.is_empty() && dropped.len() == elements.len() {
                plan.skip = Some(ONLY_FOREIGN);
            }
            for (at, element) in elements.iter().enumerate() {
                if !dropped.contains(&at) {
                    self.know(generated_in(element));
                }
            }
            plan.dropped.here = dropped;
        } else {
            self.know(values.clone());
        }
        self.known.extend(cursors);
    }

    fn learn_lists(
        &mut self,
        place: usize,
        exchange: &Recorded,
        plan: &mut Plan,
        lists: &[(Option<&str>, &Vec<Value>)],
        cursors: Vec<String>,
    ) {
        let (mut kept, mut total) = (0, 0);
        for (member, elements) in lists {
            let collection = member.map_or_else(|| collection_of(&exchange.path), ToOwned::to_owned);
            for (at, element) in elements.iter().enumerate() {
                total += 1;
                let id = element["id"].as_str();
                if id.and_then(|id| self.made.get(id)).is_some_and(|made| *made > place)
                    && !id.is_some_and(|id| self.known.contains(id))
                    && !foreign_mapping(&collection, element, &self.asked)
                {
                    // Made at the same time, recorded later.
                    plan.dropped.put(*member, at);
                } else if self.is_ours(&collection, element, elements.len())
                    && !id.is_some_and(|id| self.foreign.contains(id))
                {
                    kept += 1;
                    self.know(generated_in(element));
                } else {
                    plan.dropped.put(*member, at);
                    let values = generated_in(element);
                    self.foreign.extend(values.into_iter().filter(|value| !self.known.contains(value)));
                }
            }
        }
        if total > 0 && kept == 0 {
            plan.skip = Some(ONLY_FOREIGN);
        }
        if plan.dropped.is_empty() {
            self.known.extend(cursors);
        } else {
            self.foreign.extend(cursors.into_iter().filter(|cursor| !self.known.contains(cursor)));
        }
    }

    /// Whether the recording made this element, or every org has it.
    fn is_ours(&self, collection: &str, element: &Value, of: usize) -> bool {
        if foreign_mapping(collection, element, &self.asked) {
            return false;
        }
        if collection == "linkedObjects" && element.is_object() {
            return element["primary"]["name"].as_str().is_some_and(|name| self.asked.contains(name));
        }
        let id = element["id"].as_str();
        id.is_some_and(|id| self.known.contains(id))
            || (element.is_object() && !id.is_some_and(is_generated))
            || expected().built_in(collection, element, of)
    }

    fn know(&mut self, values: HashSet<String>) {
        self.known.extend(values.into_iter().filter(|value| !self.foreign.contains(value)));
    }
}

const ONLY_FOREIGN: Reason = "it lists nothing but what the recorded org had before";

/// 2xx.
pub(crate) fn succeeded(status: u16) -> bool {
    (200..300).contains(&status)
}

/// The last word of a path that names a collection.
pub(crate) fn collection_of(path: &str) -> String {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty()).rev();
    segments
        .find(|segment| !is_generated(segment) && !matches!(*segment, "me" | "default"))
        .unwrap_or_default()
        .to_owned()
}

/// The parameters of a path, decoded: by the operation, or what looks like one.
fn parameters(exchange: &Recorded) -> Vec<String> {
    let segments: Vec<String> =
        exchange.path.trim_matches('/').split('/').map(|segment| unquote(segment).into_owned()).collect();
    let template = exchange.operation.as_deref().and_then(|operation| operation.split_once(' '));
    if let Some((_, template)) = template {
        let template: Vec<&str> = template.trim_matches('/').split('/').collect();
        if template.len() == segments.len() {
            let pairs = template.iter().zip(segments);
            return pairs.filter(|(part, _)| part.contains('{')).map(|(_, segment)| segment).collect();
        }
    }
    segments.into_iter().filter(|segment| is_generated(segment) || is_email(segment)).collect()
}

fn values_of_answer(exchange: &Recorded) -> HashSet<String> {
    let mut values = exchange.response.json().map(generated_in).unwrap_or_default();
    let location = exchange.response_headers.get("location").unwrap_or_default();
    values.extend(words(location).filter(|word| is_generated(word)).map(ToOwned::to_owned));
    values
}

/// The cursors that lead on from this answer.
fn cursors_of(exchange: &Recorded) -> Vec<String> {
    let next = exchange.response_headers.all("link").flat_map(|line| line.split(", <"));
    let next = next.filter(|link| link.contains(r#"rel="next""#));
    next.filter_map(|link| link.split_once('?'))
        .flat_map(|(_, query)| query.split(['&', '>']))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, value)| matches!(*name, "after" | "cursor") && !value.is_empty())
        .map(|(_, value)| unquote_plus(value))
        .collect()
}

/// The lists of an answer: itself, or the members of an envelope.
fn lists_of<'a>(exchange: &Recorded, answer: &'a Value) -> Vec<(Option<&'a str>, &'a Vec<Value>)> {
    match answer {
        Value::Array(elements) => vec![(None, elements)],
        Value::Object(members) if exchange.method == "GET" && !members.contains_key("id") => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "_links" | "_embedded"))
            .filter_map(|(name, member)| Some((Some(name.as_str()), member.as_array()?)))
            .filter(|(_, list)| list.first().and_then(|first| first["id"].as_str()).is_some_and(is_generated))
            .collect(),
        _ => Vec::new(),
    }
}

/// A profile mapping to a custom user type that the recorded org happened to have.
fn foreign_mapping(collection: &str, element: &Value, asked: &str) -> bool {
    collection == "mappings"
        && ["source", "target"].iter().any(|side| {
            let side = &element[*side];
            side["type"] == "user"
                && side["name"].as_str().is_some_and(|name| name != "user" && !asked.contains(name))
        })
}

/// Whether the client chose a value that looks like an id: the answer has it, and the request gives it to a member that
/// clients name things by.
fn chosen_by_client(request: &Value, value: &str, exchange: &Recorded) -> bool {
    const NAMES: [&str; 10] = [
        "client_id",
        "kid",
        "externalId",
        "sourceId",
        "name",
        "label",
        "title",
        "displayName",
        "description",
        "keyId",
    ];
    let answered = exchange
        .response
        .json()
        .is_some_and(|answer| answer.is_object() && generated_in(answer).contains(value));
    answered && names(request, &NAMES, value)
}

fn names(within: &Value, members: &[&str], wanted: &str) -> bool {
    match within {
        Value::Object(object) => object.iter().any(|(name, value)| {
            (members.contains(&name.as_str()) && value == wanted) || names(value, members, wanted)
        }),
        Value::Array(elements) => elements.iter().any(|element| names(element, members, wanted)),
        _ => false,
    }
}
