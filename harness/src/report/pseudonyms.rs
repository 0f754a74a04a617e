//! Other names for a real org, its objects and its people, so that a report can be shown around: the org is
//! `org-1.example`, its users are `user-1`, `user-2`, the same ones under the same name from the first record to the last
//! (harness-anchors §7).

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use regex::{Captures, Regex};
use serde_json::Value;

/// Tags by what ids begin with.
static KINDS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let table: BTreeMap<String, Vec<String>> =
        toml::from_str(include_str!("../../../fixtures/real-org/ids.toml")).unwrap_or_default();
    let rows =
        table.into_iter().flat_map(|(tag, heads)| heads.into_iter().map(move |head| (head, tag.clone())));
    rows.collect()
});

/// What is shorter may be part of any word.
const SHORTEST: usize = 6;

/// The length of an id.
const ID: usize = 20;

/// Names of Okta's own that no org is known by.
const OKTAS_OWN: [&str; 6] = ["developer", "help", "support", "login", "www", "trust"];

/// The patterns, each with what its first group holds.
struct Patterns {
    /// An address of mail, percent-encoded or not.
    mail: Regex,
    /// A host of some org.
    host: Regex,
    /// A word, or an encoded letter beside one.
    word: Regex,
    /// A member of a JSON text that says who somebody is, and its value.
    about: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let members = "login|userName|alternateId|firstName|lastName|middleName|displayName|nickName|mobilePhone|\
                   primaryPhone|streetAddress|label";
    Some(Patterns {
        mail: Regex::new(r"[A-Za-z0-9._+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").ok()?,
        host: Regex::new(r"\b([a-z0-9-]+)\.(?:okta|oktapreview|okta-emea|okta-gov|okta-miltest)\.com\b")
            .ok()?,
        word: Regex::new(r"%[0-9A-Fa-f]{2}|[A-Za-z0-9]+").ok()?,
        about: Regex::new(&format!(r#"("(?:{members})"\s*:\s*")((?:[^"\\]|\\.)+)"#)).ok()?,
    })
});

/// The names that stand for a real org's own in a run's reports.
#[derive(Clone)]
pub(crate) struct Pseudonyms(Arc<Mutex<Names>>);

#[derive(Default)]
struct Names {
    /// What is known to be the org's, wherever it stands: the longest first.
    known: Vec<(String, String)>,
    /// What was met, by what it is.
    met: HashMap<String, String>,
    /// How many of a tag there are.
    count: HashMap<String, usize>,
    /// What is the suite's and not the org's.
    ours: BTreeSet<String>,
}

impl Pseudonyms {
    /// For the org with this host; `ids` are known to be its own, whatever they look like, with their tags.
    pub(crate) fn new<'a>(host: &str, ids: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut names = Names::default();
        names.known.push((host.to_owned(), "org-1.example".to_owned()));
        if let Some((label, domain)) = host.split_once('.').filter(|(label, _)| label.parse::<u8>().is_err())
        {
            names.known.push((format!("{label}-admin.{domain}"), "org-1-admin.example".to_owned()));
            // By itself it may be any word.
            if label.len() >= 5 && label.contains(|letter: char| letter == '-' || letter.is_ascii_digit()) {
                names.known.push((label.to_owned(), "org-1".to_owned()));
            }
        }
        names.count.insert("org".to_owned(), 1);
        for (tag, id) in ids.into_iter().filter(|(_, id)| id.len() >= SHORTEST) {
            let name = names.name(tag, id);
            names.known.push((id.to_owned(), name));
        }
        names.known.sort_by_key(|(own, _)| std::cmp::Reverse(own.len()));
        Self(Arc::new(Mutex::new(names)))
    }

    /// Ids and addresses in a text of the suite's are nobody's.
    pub(crate) fn spare(&self, text: &str) {
        let Some(patterns) = &*PATTERNS else { return };
        let words = patterns.word.find_iter(text).filter(|word| word.len() == ID);
        self.names(|names| {
            let spared = words.chain(patterns.mail.find_iter(text));
            names.ours.extend(spared.map(|word| word.as_str().to_owned()));
        });
    }

    /// The text with other names in it.
    pub(crate) fn cover(&self, text: &str) -> String {
        self.names(|names| names.cover(text))
    }

    /// The text with other names for what is known to be the org's, and nothing else changed.
    pub(crate) fn cover_known(&self, text: &str) -> String {
        self.names(|names| names.cover_known(text).into_owned())
    }

    /// Every text in a JSON document, by one of the two above.
    pub(crate) fn cover_all(&self, value: &mut Value, by: fn(&Self, &str) -> String) {
        match value {
            Value::String(text) => *text = by(self, text),
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.cover_all(element, by)),
            Value::Object(members) => {
                members.iter_mut().for_each(|(_, member)| self.cover_all(member, by));
            }
            _ => {}
        }
    }

    fn names<T>(&self, work: impl FnOnce(&mut Names) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Names {
    /// The name of something, given when it is met first.
    fn name(&mut self, tag: &str, own: &str) -> String {
        if let Some(name) = self.met.get(own) {
            return name.clone();
        }
        let count = self.count.entry(tag.to_owned()).or_default();
        *count += 1;
        let name = format!("{tag}-{count}");
        self.met.insert(own.to_owned(), name.clone());
        name
    }

    fn cover_known<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut covered = Cow::Borrowed(text);
        for (own, name) in &self.known {
            if covered.contains(own.as_str()) {
                covered = Cow::Owned(covered.replace(own.as_str(), name));
            }
        }
        covered
    }

    fn cover(&mut self, text: &str) -> String {
        let covered = self.cover_known(text);
        let Some(patterns) = &*PATTERNS else { return covered.into_owned() };
        let covered = patterns.mail.replace_all(&covered, |found: &Captures<'_>| {
            let own = &found[0];
            if self.ours.contains(own) { own.to_owned() } else { self.name("mail", &own.replace("%40", "@")) }
        });
        let covered = patterns.about.replace_all(&covered, |found: &Captures<'_>| {
            let own = &found[2];
            let kept = self.is_name(own) || self.ours.contains(own);
            format!("{}{}", &found[1], if kept { own.to_owned() } else { self.name("name", own) })
        });
        let covered = patterns.host.replace_all(&covered, |found: &Captures<'_>| {
            if OKTAS_OWN.contains(&&found[1]) {
                return found[0].to_owned();
            }
            format!("{}.example", self.name("org", &found[0]))
        });
        let covered = patterns.word.replace_all(&covered, |found: &Captures<'_>| {
            let own = &found[0];
            match tag(own).filter(|_| !self.ours.contains(own)) {
                Some(tag) => self.name(tag, own),
                None => own.to_owned(),
            }
        });
        covered.into_owned()
    }

    /// It is a name that was given here.
    fn is_name(&self, text: &str) -> bool {
        self.met.values().any(|name| name == text)
    }
}

/// The tag of an id; nothing for any other word.
fn tag(word: &str) -> Option<&'static str> {
    if word.len() != ID {
        return None;
    }
    if let Some(tag) = word.get(..3).and_then(|head| KINDS.get(head)) {
        return Some(tag);
    }
    let has = |kind: fn(&char) -> bool| word.chars().any(|letter| kind(&letter));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    mixed.then_some("id")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Pseudonyms {
        Pseudonyms::new("dev-123456.okta.com", [("app", "my-client"), ("user", "00uTheMember00000001")])
    }

    #[test]
    fn the_table_of_ids_is_read() {
        assert_eq!(KINDS.get("00u").map(String::as_str), Some("user"));
        assert!(KINDS.len() > 30 && KINDS.keys().all(|head| head.len() == 3));
    }

    #[test]
    fn what_is_the_orgs_own_has_another_name() {
        let names = names();
        for (own, other) in [
            ("https://dev-123456.okta.com/oauth2", "https://org-1.example/oauth2"),
            ("dev-123456-admin.okta.com", "org-1-admin.example"),
            ("the subdomain dev-123456", "the subdomain org-1"),
            ("https://acme.oktapreview.com, help.okta.com", "https://org-2.example, help.okta.com"),
            ("client_id=my-client&x", "client_id=app-1&x"),
            ("/api/v1/users/00uTheMember00000001/groups", "/api/v1/users/user-1/groups"),
            ("id eq %2200uabcdefghij12345671%22", "id eq %2200uabcdefghij12345671%22"),
            ("id eq %2200uabcdefghij1234567%22", "id eq %22user-2%22"),
            ("00uabcdefghij1234567 0oaabcdefghij1234567", "user-2 app-2"),
            ("a.b@acme.example and a.b%40acme.example", "mail-1 and mail-1"),
            ("xyzAbcdefghij1234567 is an id", "id-1 is an id"),
            ("abcdefghijabcdefghij is a word", "abcdefghijabcdefghij is a word"),
            (
                r#"{"login":"a.b@acme.example","firstName":"Ada","lastName":"Ada","name":"oidc_client"}"#,
                r#"{"login":"mail-1","firstName":"name-1","lastName":"name-1","name":"oidc_client"}"#,
            ),
            ("{\"firstName\" : \"Gra", "{\"firstName\" : \"name-2"),
        ] {
            assert_eq!(names.cover(own), other, "{own}");
        }
    }

    #[test]
    fn what_is_the_suites_own_stays_as_it_is() {
        let names = names();
        names.spare("reads \"00unobody00000000000\" of member@example.com");
        let words = "00unobody00000000000, member@example.com, other@example.com";
        assert_eq!(names.cover(words), "00unobody00000000000, member@example.com, mail-1");
        assert_eq!(names.cover_known("0oaabcdefghij1234567 my-client"), "0oaabcdefghij1234567 app-1");
    }

    #[test]
    fn every_text_of_a_document_is_covered() {
        let mut value = json!({ "a": ["\nx@acme.example", { "b": "00gabcdefghij1234567" }], "c": 1 });
        names().cover_all(&mut value, Pseudonyms::cover);
        assert_eq!(value, json!({ "a": ["\nmail-1", { "b": "group-1" }], "c": 1 }));
    }
}
