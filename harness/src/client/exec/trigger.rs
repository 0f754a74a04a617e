//! Which trigger of a profile does what a scenario asks for.

use crate::{client::protocol::Op, nearest::nearest};

/// Names of triggers that say by themselves what they are for, and the pattern that each stands for.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("get_token", "get_token"),
    ("forget_token", "forget_token"),
    ("call", "call"),
    ("list_all", "list_all"),
    ("list_users", "list_all /api/v1/users"),
    ("list_groups", "list_all /api/v1/groups"),
    ("list_apps", "list_all /api/v1/apps"),
    ("read_users", "call GET /api/v1/users"),
    ("read_groups", "call GET /api/v1/groups"),
    ("read_apps", "call GET /api/v1/apps"),
    ("read_logs", "call GET /api/v1/logs"),
    ("get_user", "call GET /api/v1/users/*"),
    ("get_group", "call GET /api/v1/groups/*"),
    ("get_app", "call GET /api/v1/apps/*"),
    ("create_user", "call POST /api/v1/users"),
    ("create_group", "call POST /api/v1/groups"),
    ("delete_user", "call DELETE /api/v1/users/*"),
];

/// What a trigger is for: `get_token`, `forget_token`, `call [METHOD [PATH]]`, `list_all [PATH]`; `*` is one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    op: &'static str,
    method: Option<String>,
    path: Option<String>,
}

/// An op as a trigger sees it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    op: &'static str,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// What is asked for.
    pub(super) fn of(op: &'a Op) -> Self {
        let (method, target) = match op {
            Op::Call { method, path, .. } => (method.as_str(), path.as_str()),
            Op::ListAll { path, .. } => ("GET", path.as_str()),
            _ => ("", ""),
        };
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        Self { op: op.name(), method, path, query }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let query = self.query.map(|query| format!("?{query}")).unwrap_or_default();
        let method = if self.op == "call" { self.method } else { "" };
        let words = [self.op, method, &format!("{}{query}", self.path)];
        words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ")
    }
}

impl Pattern {
    /// Reads a pattern, or the name of a trigger that has none.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let op = match words.next() {
            Some("get_token") => "get_token",
            Some("forget_token") => "forget_token",
            Some("call") => "call",
            Some("list_all") => "list_all",
            _ => {
                return Err(format!(
                    "{text:?} is nothing that a client is asked for; use get_token, forget_token, `call [METHOD [PATH]]` \
                     or `list_all [PATH]`"
                ));
            }
        };
        let method = if op == "call" { words.next().map(str::to_ascii_uppercase) } else { None };
        let path = if op == "call" || op == "list_all" { words.next().map(ToOwned::to_owned) } else { None };
        if let Some(path) = path.as_ref().filter(|path| !path.starts_with('/') || path.contains('?')) {
            return Err(format!(
                "the path {path:?} begins with a slash and has no query, as /api/v1/users/*"
            ));
        }
        match words.next() {
            Some(word) => Err(format!("{text:?}: {word:?} is a word too many")),
            None => Ok(Self { op, method, path }),
        }
    }

    /// The pattern of a trigger by its name.
    ///
    /// # Errors
    /// The name says nothing.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        if let Some((_, pattern)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Self::parse(pattern);
        }
        let hint = match nearest(name, NAMES.iter().map(|(known, _)| *known)) {
            Some(known) => format!(" (did you mean `{known}`?)"),
            None => String::new(),
        };
        Err(format!(
            "`{name}` says not what it is for{hint}; give it an `on`, as on = \"call GET /api/v1/{name}\""
        ))
    }

    /// It fits: what stands for its last `*`, or nothing.
    pub(super) fn fits<'a>(&self, asked: &Asked<'a>) -> Option<Option<&'a str>> {
        if self.op != asked.op || self.method.as_deref().is_some_and(|method| method != asked.method) {
            return None;
        }
        let Some(path) = &self.path else { return Some(None) };
        let (wanted, given): (Vec<&str>, Vec<&str>) =
            (path.split('/').collect(), asked.path.split('/').collect());
        let fits = wanted.len() == given.len()
            && wanted
                .iter()
                .zip(&given)
                .all(|(wanted, given)| *wanted == "*" && !given.is_empty() || wanted == given);
        let star = wanted.iter().rposition(|segment| *segment == "*");
        fits.then(|| star.map(|at| given[at]))
    }

    /// It is for collections.
    pub(super) fn is_list(&self) -> bool {
        self.op == "list_all"
    }

    /// How narrow it is: of two that fit, the narrower one is meant.
    pub(super) fn narrowness(&self) -> (bool, usize, bool) {
        let literal = |path: &String| path.split('/').filter(|segment| *segment != "*").count();
        (self.path.is_some(), self.path.as_ref().map_or(0, literal), self.method.is_some())
    }
}

/// The parameters of a query that a trigger's words do not pass on.
pub(super) fn lost_parameters<'a>(asked: &Asked<'a>, words: &[&str]) -> Vec<&'a str> {
    if words.iter().any(|word| ["path", "query"].contains(word)) {
        return Vec::new();
    }
    let passes_limit = words.contains(&"page_limit");
    let names = asked.query.into_iter().flat_map(|query| query.split('&'));
    let names = names.map(|pair| pair.split('=').next().unwrap_or_default());
    names.filter(|name| !(*name == "limit" && passes_limit)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_what_they_say() {
        let user = Op::get("/api/v1/users/00u1");
        let users = Op::get("/api/v1/users?limit=2");
        let list = Op::list_all("/api/v1/users");
        let table = [
            ("call", &user, Some(None)),
            ("call GET", &user, Some(None)),
            ("call POST", &user, None),
            ("call GET /api/v1/users/*", &user, Some(Some("00u1"))),
            ("call GET /api/v1/users/*", &users, None),
            ("call GET /api/v1/users", &users, Some(None)),
            ("list_all /api/v1/users", &list, Some(None)),
            ("list_all", &users, None),
            ("get_token", &list, None),
        ];
        for (pattern, op, expected) in table {
            assert_eq!(Pattern::parse(pattern).unwrap().fits(&Asked::of(op)), expected, "{pattern} {op:?}");
        }
        for wrong in ["", "fetch", "call GET users", "get_token now", "call GET /a?b"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
        for (name, _) in NAMES {
            Pattern::named(name).unwrap();
        }
        assert!(Pattern::named("list_user").unwrap_err().contains("did you mean `list_users`?"));
    }

    #[test]
    fn a_query_must_not_get_lost() {
        let op = Op::get("/api/v1/users?limit=2&search=x");
        let asked = Asked::of(&op);
        assert_eq!(lost_parameters(&asked, &["org_url"]), ["limit", "search"]);
        assert_eq!(lost_parameters(&asked, &["page_limit"]), ["search"]);
        assert_eq!(lost_parameters(&asked, &["path"]), Vec::<&str>::new());
        assert_eq!(asked.words(), "call GET /api/v1/users?limit=2&search=x");
    }
}
