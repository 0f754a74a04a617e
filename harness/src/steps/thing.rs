//! What administrators make and change in an org, as phrases name it: where it is, and how a new one looks.

use std::str::FromStr;

use cucumber::Parameter;
use serde_json::{Value, json};

use super::org;

/// A kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    User,
    Group,
    GroupRule,
    App,
    ServiceApp,
    SignOnPolicy,
    Zone,
    Brand,
    CustomRole,
    ResourceSet,
    UserType,
    TrustedOrigin,
    EventHook,
    AuthorizationServer,
    Installation,
}

/// The words for one and for many, the path of the list with what it needs to be asked, where the name is, and the
/// member that holds the elements where the list is no array.
const WORDS: &[(Kind, &str, &str, &str, &str, Option<&str>)] = &[
    (Kind::User, "user", "users", "/api/v1/users", "/profile/login", None),
    (Kind::Group, "group", "groups", "/api/v1/groups", "/profile/name", None),
    (Kind::GroupRule, "group rule", "group rules", "/api/v1/groups/rules", "/name", None),
    (Kind::App, "app", "apps", "/api/v1/apps", "/label", None),
    (Kind::ServiceApp, "service app", "service apps", "/api/v1/apps", "/label", None),
    (Kind::SignOnPolicy, "sign-on policy", "policies", "/api/v1/policies?type=OKTA_SIGN_ON", "/name", None),
    (Kind::Zone, "network zone", "network zones", "/api/v1/zones", "/name", None),
    (Kind::Brand, "brand", "brands", "/api/v1/brands", "/name", None),
    (Kind::CustomRole, "custom role", "custom roles", "/api/v1/iam/roles", "/label", Some("roles")),
    (
        Kind::ResourceSet,
        "resource set",
        "resource sets",
        "/api/v1/iam/resource-sets",
        "/label",
        Some("resource-sets"),
    ),
    (Kind::UserType, "user type", "user types", "/api/v1/meta/types/user", "/name", None),
    (Kind::TrustedOrigin, "trusted origin", "trusted origins", "/api/v1/trustedOrigins", "/name", None),
    (Kind::EventHook, "event hook", "event hooks", "/api/v1/eventHooks", "/name", None),
    (
        Kind::AuthorizationServer,
        "authorization server",
        "authorization servers",
        "/api/v1/authorizationServers",
        "/name",
        None,
    ),
    (Kind::Installation, "installation", "installations", "/integrations/api/v1/api-services", "/type", None),
];

impl Kind {
    fn row(
        self,
    ) -> &'static (Self, &'static str, &'static str, &'static str, &'static str, Option<&'static str>) {
        // Every kind has its row; a test sees to it.
        WORDS.iter().find(|row| row.0 == self).unwrap_or(&WORDS[0])
    }

    /// `group rule`.
    pub(crate) fn words(self) -> &'static str {
        self.row().1
    }

    /// Where the list is, with what it needs to be asked.
    pub(super) fn list(self) -> &'static str {
        self.row().3
    }

    /// Where the list is.
    pub(super) fn path(self) -> &'static str {
        self.list().split('?').next().unwrap_or_default()
    }

    /// The name of an element of the list; of a user the part of the login that scenarios use.
    pub(super) fn name_of(self, element: &Value) -> String {
        let name = element.pointer(self.row().4).and_then(Value::as_str).unwrap_or_default();
        let name = if self == Self::User { name.split('@').next().unwrap_or_default() } else { name };
        name.to_owned()
    }

    /// The elements of a list.
    pub(super) fn elements(self, list: &Value) -> Vec<Value> {
        let list = match self.row().5 {
            Some(member) => &list[member],
            None => list,
        };
        list.as_array().cloned().unwrap_or_default()
    }

    /// What is sent to make one of that name in the org at this address.
    pub(super) fn body(self, name: &str, base_url: &str) -> Value {
        match self {
            Self::User => json!({
                "profile": { "login": org::login(name), "email": org::login(name), "firstName": name, "lastName": "Example" },
                "credentials": { "password": { "value": "Sunny-Weather-2026" } },
            }),
            Self::Group => json!({ "profile": { "name": name, "description": "Made by a scenario" } }),
            Self::GroupRule => json!({
                "type": "group_rule", "name": name,
                "conditions": { "expression": { "type": "urn:okta:expression:1.0", "value": "user.department==\"Sales\"" } },
                "actions": { "assignUserToGroups": { "groupIds": [org::group_id("Sales")] } },
            }),
            Self::App => json!({
                "name": "bookmark", "label": name, "signOnMode": "BOOKMARK",
                "settings": { "app": { "url": "https://app.example.com", "requestIntegration": false } },
            }),
            Self::ServiceApp => json!({
                "name": "oidc_client", "label": name, "signOnMode": "OPENID_CONNECT",
                "credentials": { "oauthClient": { "token_endpoint_auth_method": "private_key_jwt" } },
                "settings": { "oauthClient": {
                    "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"],
                    "dpop_bound_access_tokens": false,
                } },
            }),
            Self::SignOnPolicy => json!({
                "type": "OKTA_SIGN_ON", "name": name, "description": "Made by a scenario", "status": "ACTIVE",
                "conditions": { "people": { "groups": { "include": [org::group_id("Sales")] } } },
            }),
            Self::Zone => json!({
                "type": "IP", "name": name, "status": "ACTIVE",
                "gateways": [{ "type": "CIDR", "value": "203.0.113.0/24" }], "proxies": [],
            }),
            Self::Brand => json!({ "name": name }),
            Self::CustomRole => json!({
                "label": name, "description": "Made by a scenario", "permissions": ["okta.users.read"],
            }),
            Self::ResourceSet => json!({
                "label": name, "description": "Made by a scenario",
                "resources": [format!("{base_url}/api/v1/groups/{}/users", org::group_id("Sales"))],
            }),
            Self::UserType => {
                json!({ "name": name, "displayName": name, "description": "Made by a scenario" })
            }
            Self::TrustedOrigin => json!({
                "name": name, "origin": "https://app.example.com",
                "scopes": [{ "type": "CORS" }, { "type": "REDIRECT" }],
            }),
            Self::EventHook => json!({
                "name": name,
                "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create"] },
                "channel": { "type": "HTTP", "version": "1.0.0", "config": { "uri": "https://hooks.example.com/okta" } },
            }),
            Self::AuthorizationServer => json!({
                "name": name, "description": "Made by a scenario", "audiences": ["https://api.example.com"],
            }),
            Self::Installation => json!({ "type": name, "grantedScopes": ["okta.users.read"] }),
        }
    }
}

/// `{thing}`: one of a kind.
#[derive(Debug, Clone, Copy, Parameter)]
#[param(
    name = "thing",
    regex = "user|group|group rule|app|service app|sign-on policy|network zone|brand|custom role|resource set|user type|trusted origin|event hook|authorization server|installation"
)]
pub(super) struct Thing(pub(super) Kind);

impl FromStr for Thing {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let row = WORDS.iter().find(|row| row.1 == words);
        row.map(|row| Self(row.0)).ok_or_else(|| format!("{words:?} is no kind of thing"))
    }
}

/// `{things}`: many of a kind.
#[derive(Debug, Clone, Copy, Parameter)]
#[param(
    name = "things",
    regex = "users|groups|group rules|apps|service apps|policies|network zones|brands|custom roles|resource sets|user types|trusted origins|event hooks|authorization servers|installations"
)]
pub(super) struct Things(pub(super) Kind);

impl FromStr for Things {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let row = WORDS.iter().find(|row| row.2 == words);
        row.map(|row| Self(row.0)).ok_or_else(|| format!("{words:?} are no kind of things"))
    }
}

/// A value as a phrase has it: a number, `true`, `null` or a list as such, anything else as text.
pub(super) fn value(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if !value.is_string() => value,
        _ => Value::String(text.to_owned()),
    }
}

/// `profile.title` as a JSON pointer.
pub(super) fn pointer(attribute: &str) -> String {
    format!("/{}", attribute.replace('.', "/"))
}

/// Sets what is at `attribute`, and makes the objects on the way.
pub(super) fn set(body: &mut Value, attribute: &str, value: Value) {
    let mut at = body;
    for name in attribute.split('.') {
        at = match name.parse::<usize>() {
            Ok(place) if at.get(place).is_some() => &mut at[place],
            _ => &mut at[name],
        };
    }
    *at = value;
}

/// Takes away what is at `attribute`.
pub(super) fn remove(body: &mut Value, attribute: &str) {
    let (parent, name) = match attribute.rsplit_once('.') {
        Some((parent, name)) => (body.pointer_mut(&pointer(parent)), name),
        None => (Some(body), attribute),
    };
    if let Some(parent) = parent.and_then(Value::as_object_mut) {
        parent.shift_remove(name);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for (kind, one, many, ..) in WORDS {
            assert_eq!(one.parse::<Thing>().unwrap().0, *kind);
            assert_eq!(many.parse::<Things>().unwrap().0, *kind);
            assert_eq!(kind.words(), *one);
            for (regex, words) in
                [(<Thing as cucumber::Parameter>::REGEX, one), (<Things as cucumber::Parameter>::REGEX, many)]
            {
                assert!(regex.split('|').any(|word| word == *words), "{words}");
            }
        }
    }

    #[test]
    fn a_new_one_has_the_name_that_it_is_looked_up_by() {
        for (kind, ..) in WORDS {
            assert_eq!(kind.name_of(&kind.body("nora", "https://acme.okta.com")), "nora", "{kind:?}");
        }
    }

    #[test]
    fn an_attribute_is_set_and_taken_away_by_its_path() {
        let mut body = json!({ "profile": { "a": 1 }, "list": [{ "b": 2 }] });
        set(&mut body, "profile.title", value("Engineer"));
        set(&mut body, "list.0.b", value("3"));
        set(&mut body, "new.er", value("null"));
        remove(&mut body, "profile.a");
        let expected =
            json!({ "profile": { "title": "Engineer" }, "list": [{ "b": 3 }], "new": { "er": null } });
        assert_eq!(body, expected);
        assert_eq!(body.pointer(&pointer("profile.title")), Some(&value("Engineer")));
    }
}
