//! Paths into what a command printed: `$.users[*].id`, `$[*]`, `$['odd name'][0]`. The part of JSONPath (RFC 9535) that
//! names places: no filters, no slices, no descent.

use serde_json::Value;

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonPath(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    Index(usize),
    All,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no path into JSON; as $.users[*].id, $[*] or $.total");
        let mut rest = text.strip_prefix('$').ok_or_else(wrong)?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, left) = after.split_at(end);
                segments.push(match name {
                    "" => return Err(wrong()),
                    "*" => Segment::All,
                    name => Segment::Name(name.to_owned()),
                });
                rest = left;
            } else {
                let (inner, left) =
                    rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(wrong)?;
                let quoted =
                    ['\'', '"'].iter().find_map(|quote| inner.strip_prefix(*quote)?.strip_suffix(*quote));
                segments.push(match (inner, quoted) {
                    ("*", _) => Segment::All,
                    (_, Some(name)) => Segment::Name(name.to_owned()),
                    (number, None) => Segment::Index(number.parse().map_err(|_| wrong())?),
                });
                rest = left;
            }
        }
        Ok(Self(segments))
    }

    /// The values at this path, in order.
    pub(super) fn values<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![value];
        for segment in &self.0 {
            found = found
                .into_iter()
                .flat_map(|value| match segment {
                    Segment::Name(name) => value.get(name).into_iter().collect(),
                    Segment::Index(index) => value.get(index).into_iter().collect(),
                    Segment::All => match value {
                        Value::Array(all) => all.iter().collect(),
                        Value::Object(members) => members.values().collect(),
                        _ => Vec::new(),
                    },
                })
                .collect();
        }
        found
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_places() {
        let value = json!({"users": [{"id": 1, "a b": {"c": 5}}, {"id": 2}, {}], "n": 3});
        let at = |path: &str| {
            let path = JsonPath::parse(path).unwrap();
            path.values(&value).into_iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(at("$.users[*].id"), [json!(1), json!(2)]);
        assert_eq!(at("$.users[0]['a b'].c"), [json!(5)]);
        assert_eq!(at("$.n"), [json!(3)]);
        assert_eq!(at("$.nothing[*]"), Vec::<Value>::new());
        assert_eq!(JsonPath::parse("$").unwrap().values(&value), [&value]);
        for wrong in ["users", "$..x", "$[", "$[x]", "$.", ""] {
            assert!(JsonPath::parse(wrong).is_err(), "{wrong}");
        }
    }
}
