//! Access policies: which clients get tokens for whom, for what, and for how long. Policies are looked at by priority, and
//! so are the rules of each; the first rule that fits decides (Okta's documentation of access policies).

use std::sync::Arc;

use serde_json::Value;

use crate::org::document::Document;

/// What a request wants of a server.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The client.
    pub client: &'a str,
    /// How: `client_credentials`, `authorization_code`, `implicit`, `password`, …
    pub grant: &'a str,
    /// For whom, when that is known; rules about people fit then only if they fit the user.
    pub user: Option<Person<'a>>,
    /// The scopes.
    pub scopes: &'a [Arc<str>],
}

/// A user and whether it is a member of a group.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// The id.
    pub id: &'a str,
    /// Whether the user is in a group.
    pub is_in: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.id)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Policy {
    id: Arc<str>,
    /// Where it stands: its priority, then its age.
    place: (i64, u64),
    active: bool,
    clients: Vec<String>,
    rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    id: Arc<str>,
    /// Its name.
    pub name: String,
    place: (i64, u64),
    active: bool,
    grants: Vec<String>,
    users: Chosen,
    groups: Chosen,
    scopes: Vec<String>,
    /// How long an access token lives, in seconds.
    pub access_seconds: i64,
    /// How long a refresh token lives, in seconds; none: for ever.
    pub refresh_seconds: Option<i64>,
    /// How long a refresh token lives that nobody uses, in seconds.
    pub window_seconds: i64,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Chosen {
    include: Vec<String>,
    exclude: Vec<String>,
}

/// Every client of the org.
const ALL_CLIENTS: &str = "ALL_CLIENTS";
/// Every user of the org.
const EVERYONE: &str = "EVERYONE";

/// Stores a policy that was written; it keeps its rules.
pub(super) fn put(policies: &mut Vec<Policy>, document: &Document) {
    let value = document.value();
    let rules = take(policies, &document.id).map(|old| old.rules).unwrap_or_default();
    policies.push(Policy {
        id: document.id.clone(),
        place: (value["priority"].as_i64().unwrap_or(i64::MAX), document.seq),
        active: document.is("/status", "ACTIVE"),
        clients: texts(value.pointer("/conditions/clients/include")),
        rules,
    });
    policies.sort_by_key(|policy| policy.place);
}

/// Stores a rule that was written.
pub(super) fn put_rule(policies: &mut [Policy], policy: &str, document: &Document) {
    let Some(policy) = policies.iter_mut().find(|one| *one.id == *policy) else { return };
    policy.rules.retain(|rule| rule.id != document.id);
    policy.rules.push(Rule::read(document));
    policy.rules.sort_by_key(|rule| rule.place);
}

pub(super) fn remove(policies: &mut Vec<Policy>, id: &str) {
    take(policies, id);
}

pub(super) fn remove_rule(policies: &mut [Policy], id: &str) {
    policies.iter_mut().for_each(|policy| policy.rules.retain(|rule| *rule.id != *id));
}

fn take(policies: &mut Vec<Policy>, id: &str) -> Option<Policy> {
    let at = policies.iter().position(|policy| *policy.id == *id)?;
    Some(policies.remove(at))
}

/// The rule that decides.
pub(super) fn first<'p>(policies: &'p [Policy], wish: &Wish<'_>) -> Option<&'p Rule> {
    let named = |policy: &&Policy| {
        policy.active && policy.clients.iter().any(|one| one == ALL_CLIENTS || one == wish.client)
    };
    policies.iter().filter(named).flat_map(|policy| &policy.rules).find(|rule| rule.fits(wish))
}

impl Rule {
    fn read(document: &Document) -> Self {
        let value = document.value();
        let chosen = |what: &str| {
            let part = |part: &str| texts(value.pointer(&format!("/conditions/people/{what}/{part}")));
            Chosen { include: part("include"), exclude: part("exclude") }
        };
        let minutes =
            |name: &str| value.pointer("/actions/token").and_then(|token| token.get(name)?.as_i64());
        let seconds = |minutes: i64| minutes.clamp(0, 5_256_000).saturating_mul(60);
        Self {
            id: document.id.clone(),
            name: document.text("/name").unwrap_or_default().into_owned(),
            place: (value["priority"].as_i64().unwrap_or(i64::MAX), document.seq),
            active: document.is("/status", "ACTIVE"),
            grants: texts(value.pointer("/conditions/grantTypes/include")),
            users: chosen("users"),
            groups: chosen("groups"),
            scopes: texts(value.pointer("/conditions/scopes/include")),
            access_seconds: seconds(minutes("accessTokenLifetimeMinutes").unwrap_or(60)),
            refresh_seconds: minutes("refreshTokenLifetimeMinutes").filter(|one| *one > 0).map(seconds),
            window_seconds: seconds(minutes("refreshTokenWindowMinutes").unwrap_or(10_080)),
        }
    }

    fn fits(&self, wish: &Wish<'_>) -> bool {
        self.active
            && self.has_grant(wish.grant)
            && wish.scopes.iter().all(|scope| self.scopes.iter().any(|one| one == "*" || **one == **scope))
            && wish.user.is_none_or(|user| self.is_about(user))
    }

    /// A refresh token goes on with what another grant has begun.
    fn has_grant(&self, grant: &str) -> bool {
        match grant {
            "refresh_token" => {
                self.grants.iter().any(|one| !matches!(one.as_str(), "client_credentials" | "implicit"))
            }
            _ => self.grants.iter().any(|one| one == grant),
        }
    }

    fn is_about(&self, user: Person<'_>) -> bool {
        let named = |ids: &[String]| ids.iter().any(|id| *id == *user.id);
        let member = |ids: &[String]| ids.iter().any(|id| id == EVERYONE || (user.is_in)(id));
        !named(&self.users.exclude)
            && !member(&self.groups.exclude)
            && (named(&self.users.include) || member(&self.groups.include))
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(id: &str, seq: u64, value: &Value) -> Document {
        Document::new(id.into(), seq, value, Arc::new(Value::Null), "", None)
    }

    fn policies() -> Vec<Policy> {
        let mut policies = Vec::new();
        let policy = |clients: &[&str], priority: i64, status: &str| json!({ "status": status, "priority": priority, "conditions": { "clients": { "include": clients } } });
        put(&mut policies, &document("all", 1, &policy(&["ALL_CLIENTS"], 2, "ACTIVE")));
        put(&mut policies, &document("own", 2, &policy(&["0oaweb"], 1, "ACTIVE")));
        put(&mut policies, &document("off", 3, &policy(&["ALL_CLIENTS"], 3, "INACTIVE")));
        let rule = |grants: &[&str], groups: Value, scopes: &[&str], minutes: i64, priority: i64| {
            json!({
                "name": format!("{minutes}"), "status": "ACTIVE", "priority": priority,
                "conditions": {
                    "people": { "users": { "exclude": ["00umallory"] }, "groups": groups },
                    "grantTypes": { "include": grants },
                    "scopes": { "include": scopes },
                },
                "actions": { "token": { "accessTokenLifetimeMinutes": minutes } },
            })
        };
        let staff = || json!({ "include": ["00gstaff"] });
        put_rule(
            &mut policies,
            "own",
            &document("r2", 4, &rule(&["authorization_code"], staff(), &["*"], 20, 2)),
        );
        put_rule(&mut policies, "own", &document("r1", 5, &rule(&["password"], staff(), &["read"], 10, 1)));
        let all = json!({ "include": ["EVERYONE"] });
        let grants = ["client_credentials", "authorization_code"];
        put_rule(&mut policies, "all", &document("r3", 6, &rule(&grants, all.clone(), &["read"], 30, 1)));
        put_rule(&mut policies, "off", &document("r4", 7, &rule(&["implicit"], all, &["*"], 40, 1)));
        policies
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let policies = policies();
        let staff = |group: &str| group == "00gstaff";
        let nobody = |_: &str| false;
        let ada = Some(Person { id: "00uada", is_in: &staff });
        let bob = Some(Person { id: "00ubob", is_in: &nobody });
        let mallory = Some(Person { id: "00umallory", is_in: &staff });
        for (client, grant, user, scopes, minutes) in [
            ("0oaweb", "authorization_code", ada, vec!["write"], Some(20)),
            ("0oaweb", "authorization_code", None, vec!["write"], Some(20)),
            ("0oaweb", "authorization_code", bob, vec!["read"], Some(30)),
            ("0oaweb", "authorization_code", bob, vec!["write"], None),
            ("0oaweb", "authorization_code", mallory, vec!["read"], None),
            ("0oaother", "authorization_code", ada, vec!["read"], Some(30)),
            ("0oaweb", "password", ada, vec!["read"], Some(10)),
            ("0oaweb", "password", ada, vec!["read", "write"], None),
            ("0oaother", "password", ada, vec!["read"], None),
            ("0oaother", "client_credentials", None, vec!["read"], Some(30)),
            ("0oaother", "implicit", ada, vec![], None),
            ("0oaweb", "refresh_token", ada, vec!["write"], Some(20)),
        ] {
            let scopes: Vec<Arc<str>> = scopes.into_iter().map(Arc::from).collect();
            let wish = Wish { client, grant, user, scopes: &scopes };
            let found = first(&policies, &wish).map(|rule| rule.access_seconds / 60);
            assert_eq!(found, minutes, "{wish:?}");
        }
    }

    #[test]
    fn what_is_removed_decides_no_more() {
        let mut policies = policies();
        remove_rule(&mut policies, "r2");
        remove(&mut policies, "all");
        let wish = Wish { client: "0oaweb", grant: "authorization_code", user: None, scopes: &[] };
        assert_eq!(first(&policies, &wish), None);
    }
}
