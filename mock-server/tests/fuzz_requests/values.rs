//! Values that look right, and values that are broken.

use std::collections::HashMap;

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::rows::Rows;

/// Where values come from: chance, and what the org has shown so far.
pub(crate) struct Source {
    pub(crate) chance: ChaCha8Rng,
    /// Ids, names and hidden fields of pages that answers held.
    pub(crate) seen: Vec<String>,
    /// The ids among them, by the collection that showed them.
    pub(crate) ids: HashMap<String, Vec<String>>,
    /// Objects that answers held.
    pub(crate) objects: Vec<Value>,
}

/// So much of what was seen is kept.
const KEPT: usize = 400;

/// Texts that break readers.
const ODD: &[&str] = &[
    "",
    " ",
    "\0",
    "a\0b",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    "../../etc/passwd",
    "..",
    ".",
    "%",
    "%zz",
    "%00",
    "%ff%fe",
    "a/b",
    "a%2Fb",
    "é",
    "İ",
    "ß",
    "𝕏🜁",
    "\u{202e}rtl",
    "\u{feff}",
    "e\u{301}\u{301}",
    "'",
    "\"",
    "\\",
    "`",
    "<script>",
    "{{7*7}}",
    "${x}",
    "a\r\nb: c",
    "\t",
    "eyJ",
    "a.b.c",
    "..=",
    "[]",
    "{}",
    "*",
    "**",
    "(",
    "((((((((",
    "^(a+)+$",
    "[",
    "\u{e000}",
    "\u{10ffff}",
    "0oa",
    "00u",
    "2026-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "2026-02-30T00:00:00.000Z",
    "0000-00-00",
    "http://",
    "https://x",
    "http://[::1",
    "//",
    "javascript:alert(1)",
    "a@b",
    "@",
    "a@b.example",
    "+15555555555",
    "+",
    "1.2.3.4/33",
    "::/0",
    "255.255.255.255-0.0.0.0",
    "user.login",
    "user.",
    "String.len(",
    "MEMBER_OF",
    "ACTIVE",
    "me",
    "default",
    "UTC+99",
    "-----BEGIN CERTIFICATE-----",
    "MIIB",
    "====",
    "AQAB",
    "xn--",
    "mailto:",
    "urn:",
    "P1D",
    "PT",
    "en-",
    "zz_ZZ",
];

/// Numbers at the edges.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "0.1",
    "1e308",
    "-1e-400",
    "1E400",
    "253402300800",
    "-62135596801",
];

impl Source {
    pub(crate) fn new(chance: ChaCha8Rng) -> Self {
        Self { chance, seen: Vec::new(), ids: HashMap::new(), objects: Vec::new() }
    }

    /// True in so many of a hundred cases.
    pub(crate) fn in_100(&mut self, cases: u32) -> bool {
        self.chance.random_ratio(cases, 100)
    }

    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.choose(&mut self.chance).unwrap()
    }

    pub(crate) fn number(&mut self) -> Value {
        if self.in_100(40) {
            return self.chance.random_range(-3..5000).into();
        }
        serde_json::from_str(self.one(NUMBERS)).unwrap_or(Value::Null)
    }

    /// A text: odd, seen, or long.
    pub(crate) fn text(&mut self) -> String {
        match self.chance.random_range(0..20) {
            0..=8 => self.one(ODD).to_owned(),
            9..=14 => self.known(),
            15 => self.one(ODD).repeat(self.chance.clone().random_range(1..300)),
            16 => "x".repeat(self.chance.random_range(1..9000)),
            17 => self.one(NUMBERS).to_owned(),
            _ => (0..self.chance.random_range(1..12)).map(|_| self.chance.random::<char>()).collect(),
        }
    }

    /// Something that the org has shown.
    pub(crate) fn known(&mut self) -> String {
        self.seen.choose(&mut self.chance).cloned().unwrap_or_else(|| "me".to_owned())
    }

    /// An id of a collection (`users`), if one was shown.
    pub(crate) fn id_of(&mut self, collection: &str) -> Option<String> {
        self.ids.get(collection)?.choose(&mut self.chance).cloned()
    }

    /// Keeps what the answer to a path teaches.
    pub(crate) fn learn(&mut self, path: &str, body: &[u8]) {
        let collection = path.split('/').rfind(|segment| !segment.contains('{')).unwrap_or_default();
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            let objects = match value {
                Value::Array(items) => items.into_iter().take(3).collect(),
                object => vec![object],
            };
            for object in objects {
                if let Some(id) = object["id"].as_str() {
                    let ids = self.ids.entry(collection.to_owned()).or_default();
                    ids.push(id.to_owned());
                    if ids.len() > 20 {
                        ids.swap_remove(0);
                    }
                }
                for name in [
                    "id",
                    "name",
                    "client_id",
                    "kid",
                    "stateToken",
                    "device_code",
                    "user_code",
                    "access_token",
                    "refresh_token",
                    "request_uri",
                    "sessionToken",
                    "factorResult",
                    "label",
                    "key",
                    "fileName",
                ] {
                    if let Some(text) = object[name].as_str() {
                        self.keep(text.to_owned());
                    }
                }
                if object.is_object() && object["errorCode"].is_null() {
                    let at = self.chance.random_range(0..KEPT);
                    if at < self.objects.len() && self.objects.len() == KEPT {
                        self.objects[at] = object;
                    } else {
                        self.objects.push(object);
                    }
                }
            }
        } else if let Ok(page) = std::str::from_utf8(body) {
            for field in page.split("<input").skip(1) {
                if let Some(value) = field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()) {
                    self.keep(value.to_owned());
                }
            }
        }
    }

    pub(crate) fn keep(&mut self, text: String) {
        if self.seen.len() < KEPT {
            self.seen.push(text);
        } else {
            let at = self.chance.random_range(0..KEPT);
            self.seen[at] = text;
        }
    }

    /// Any value.
    pub(crate) fn any(&mut self, depth: usize) -> Value {
        match self.chance.random_range(0..if depth > 3 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => self.chance.random::<bool>().into(),
            2 | 3 => self.number(),
            4 | 5 => self.text().into(),
            6 => {
                let many = self.chance.random_range(0..4);
                (0..many).map(|_| self.any(depth + 1)).collect()
            }
            7 => {
                let names =
                    ["id", "profile", "name", "type", "_links", "conditions", "credentials", "\0", ""];
                let members = 0..self.chance.random_range(0..4);
                let members = members.map(|_| (self.one(&names).to_owned(), self.any(depth + 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            _ => self.objects.choose(&mut self.chance).cloned().unwrap_or_default(),
        }
    }

    /// A value that a schema describes; now and then one that it does not.
    pub(crate) fn of(&mut self, schema: &Value, rows: &Rows, depth: usize) -> Value {
        if self.in_100(3) || depth > 7 {
            return self.any(depth);
        }
        if let Some(name) = schema["ref"].as_str() {
            return rows.schemas.get(name).map_or(Value::Null, |schema| self.of(schema, rows, depth + 1));
        }
        if let Some(mapping) = schema["discriminator"]["mapping"].as_object() {
            let kinds: Vec<(&String, &Value)> = mapping.iter().collect();
            let (kind, to) = kinds[self.chance.random_range(0..kinds.len())];
            let kind = kind.clone();
            if schema["ref"].is_null() && depth < 5 && self.in_100(90) {
                let name = to.as_str().or_else(|| to["ref"].as_str()).unwrap_or_default();
                let mut value = match rows.schemas.get(name) {
                    Some(schema) if schema["discriminator"].is_null() => self.of(schema, rows, depth + 1),
                    _ => self.properties(schema, rows, depth),
                };
                if let Some(members) = value.as_object_mut()
                    && let Some(property) = schema["discriminator"]["property"].as_str()
                {
                    // Without it, or with another one, the schema says nothing about the rest.
                    match self.chance.random_range(0..12) {
                        0 => drop(members.shift_remove(property)),
                        1 => drop(members.insert(property.to_owned(), self.any(4))),
                        _ => drop(members.insert(property.to_owned(), kind.into())),
                    }
                }
                return value;
            }
        }
        if let Some(choices) = schema["enum"].as_array().filter(|choices| !choices.is_empty()) {
            return choices.choose(&mut self.chance).cloned().unwrap_or_default();
        }
        if let Some(choices) = schema["oneOf"].as_array().filter(|choices| !choices.is_empty()) {
            let schema = choices[self.chance.random_range(0..choices.len())].clone();
            return self.of(&schema, rows, depth + 1);
        }
        match schema["type"].as_str() {
            Some("string") => self.formatted(schema["format"].as_str().unwrap_or_default()),
            Some("boolean") => self.chance.random::<bool>().into(),
            Some("integer" | "number") => self.number(),
            Some("array") => {
                let items = schema["items"].clone();
                let many = self.chance.random_range(0..4);
                (0..many).map(|_| self.of(&items, rows, depth + 1)).collect()
            }
            _ => self.properties(schema, rows, depth),
        }
    }

    fn properties(&mut self, schema: &Value, rows: &Rows, depth: usize) -> Value {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut object = Map::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let wanted = if required.iter().any(|one| one == name) { 97 } else { 60 };
            let wanted = if schema["readOnly"] == true { 4 } else { wanted };
            if self.in_100(wanted) {
                let value = self.of(schema, rows, depth + 1);
                object.insert(name.clone(), value);
            }
        }
        if object.is_empty() || self.in_100(3) {
            let (name, value) = (self.text(), self.any(depth));
            object.insert(name, value);
        }
        Value::Object(object)
    }

    fn formatted(&mut self, format: &str) -> Value {
        if self.in_100(25) {
            return self.text().into();
        }
        let nth: u16 = self.chance.random();
        match format {
            "date-time" => {
                self.one(&["2026-11-25T10:00:00.000Z", "1969-01-01T00:00:00Z", "9998-01-01T00:00:00Z"]).into()
            }
            "date" => "2026-11-25".into(),
            "email" => format!("p{nth}@example.com").into(),
            "uri" | "url" => format!("https://h{nth}.example/a").into(),
            "uuid" => "8ec5b8a0-6b4b-4f1e-9f0a-0123456789ab".into(),
            _ if self.in_100(50) => self.known().into(),
            _ => format!("Name {nth}").into(),
        }
    }

    /// Breaks a value in one place.
    pub(crate) fn broken(&mut self, mut value: Value) -> Value {
        let mut at = &mut value;
        for _ in 0..self.chance.random_range(0..5) {
            let many = match &*at {
                Value::Array(items) => items.len(),
                Value::Object(members) => members.len(),
                _ => 0,
            };
            if many == 0 {
                break;
            }
            let nth = self.chance.random_range(0..many);
            at = match at {
                Value::Array(items) => &mut items[nth],
                Value::Object(members) => members.values_mut().nth(nth).unwrap(),
                _ => unreachable!(),
            };
        }
        *at = match (self.chance.random_range(0..4), &*at) {
            (0, whole @ Value::Array(items)) => Value::Array([items.clone(), vec![whole.clone()]].concat()),
            (0, Value::Object(members)) => {
                members.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            (1, _) => Value::Null,
            _ => self.any(2),
        };
        value
    }

    /// The text of a JSON body; now and then it is none.
    pub(crate) fn json_text(&mut self, value: &Value) -> Vec<u8> {
        let mut text = value.to_string().into_bytes();
        match self.chance.random_range(0..60) {
            0 => text.truncate(text.len() / 2),
            1 => text.extend_from_slice(b"}]"),
            2 => text = [b"\xef\xbb\xbf".to_vec(), text].concat(),
            3 => text.push(0xff),
            4 => {
                let deep = self.chance.random_range(1..4000);
                text = ["[".repeat(deep), "]".repeat(deep)].concat().into_bytes();
            }
            5 => text = "{\"a\":".repeat(self.chance.random_range(1..3000)).into_bytes(),
            6 => text = br#"{"id":"a","id":{"x":1},"name":"\ud800","name":1}"#.to_vec(),
            7 => text = (0..self.chance.random_range(0..80)).map(|_| self.chance.random()).collect(),
            _ => {}
        }
        text
    }
}

/// The document that the bodies of control calls begin with, by the end of the path.
pub(crate) fn control_body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "orgs" => {
            json!({ "name": "acme", "seed": 5, "users": 3, "max_page": 2, "rate_limits": "off", "tls": false,
            "org": { "users": [{ "profile": { "login": "a@b.example", "firstName": "A", "lastName": "B" } }],
            "groups": [{ "name": "G", "members": ["a@b.example"] }], "max_page": 3 } })
        }
        "clock" => json!({ "advance_seconds": 60 }),
        "rate-limits" => json!({ "profile": "off", "concurrency": 75,
            "buckets": { "/api/v1/users": { "limit": 3, "window_seconds": 60, "burst": 1 } } }),
        _ => Value::Null,
    }
}
