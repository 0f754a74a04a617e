//! A user as the authorization servers see one: who it is, and what its ID token and `userinfo` say.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

use crate::org::document::Document;
use crate::org::password_age;
use crate::org::state::OrgState;

/// A user of the org.
#[derive(Debug, Clone, Copy)]
pub(super) struct User<'a>(&'a Arc<Document>);

/// What a user signs in with.
#[derive(Clone, Copy)]
pub(super) enum Password<'a> {
    /// Nothing.
    None,
    /// A password of the org's.
    Own(OwnPassword<'a>),
    /// A hash, or a hook that knows, of another system.
    Imported(&'a Value),
}

/// A password that the org has.
#[derive(Clone, Copy)]
pub(super) struct OwnPassword<'a>(&'a str);

impl OwnPassword<'_> {
    /// Whether it is the given one.
    pub(super) fn is(self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// The claims of a scope: the claim, and where its value is in the user's profile.
type Claims = &'static [(&'static str, &'static str)];

/// The claims of the scope `profile`, in Okta's order (token-facts §9.2, `claims_supported`).
const PROFILE: Claims = &[
    ("name", ""),
    ("nickname", "nickName"),
    ("preferred_username", "login"),
    ("given_name", "firstName"),
    ("middle_name", "middleName"),
    ("family_name", "lastName"),
    ("profile", "profileUrl"),
    ("zoneinfo", "timezone"),
    ("locale", "locale"),
];

/// The parts of the claim `address`.
const ADDRESS: Claims = &[
    ("street_address", "streetAddress"),
    ("locality", "city"),
    ("region", "state"),
    ("postal_code", "zipCode"),
    ("country", "countryCode"),
];

impl<'a> User<'a> {
    /// The user with an id, if the org lets that user do anything.
    pub(super) fn admitted(state: &'a OrgState, id: &str) -> Option<Self> {
        let user = Self(state.get("users", id)?);
        (!matches!(user.0.text("/status").as_deref(), Some("STAGED" | "SUSPENDED" | "DEPROVISIONED") | None))
            .then_some(user)
    }

    /// The user with a login, in any case, or with what stands before its `@`.
    pub(super) fn by_login(state: &'a OrgState, login: &str) -> Option<Self> {
        state.all("users").by_alias(login).map(Self)
    }

    /// The id.
    pub(super) fn id(self) -> &'a Arc<str> {
        &self.0.id
    }

    /// The login.
    pub(super) fn login(self) -> Cow<'a, str> {
        self.0.text("/profile/login").unwrap_or_default()
    }

    /// An attribute of the profile.
    pub(super) fn profile(self, name: &str) -> Option<Value> {
        self.0.value().get("profile")?.get(name).cloned().filter(|value| !value.is_null())
    }

    /// The lifecycle state.
    pub(super) fn status(self) -> Cow<'a, str> {
        self.0.text("/status").unwrap_or_default()
    }

    /// Whether the password has reached the age that a policy sets.
    pub(super) fn has_old_password(self, state: &OrgState, now: Timestamp) -> bool {
        password_age::is_reached(state, self.0, now)
    }

    /// What the user signs in with.
    pub(super) fn password(self) -> Password<'a> {
        let hidden = |name: &str| self.0.hidden.get(name);
        match (hidden("password").and_then(Value::as_str), hidden("imported")) {
            (Some(own), _) => Password::Own(OwnPassword(own)),
            (None, Some(imported)) if imported.is_object() => Password::Imported(imported),
            _ => Password::None,
        }
    }

    /// What scopes tell of the user, in Okta's order: members of an ID token and of `userinfo`.
    pub(super) fn claims(self, scopes: &[Arc<str>]) -> Map<String, Value> {
        let has = |name: &str| scopes.iter().any(|scope| **scope == *name);
        let user = self.0.value();
        let text = |name: &str| match user.pointer("/profile").and_then(|profile| profile.get(name)) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        };
        let mut claims = Map::new();
        if has("profile") {
            for (claim, property) in PROFILE {
                let value = match (*claim, text(property)) {
                    ("name", _) => json!(self.name()),
                    ("zoneinfo", None) => json!("America/Los_Angeles"),
                    ("locale", None) => json!("en_US"),
                    (_, Some(text)) => json!(text),
                    (_, None) => continue,
                };
                claims.insert((*claim).to_owned(), value);
            }
            let updated = self.0.text("/lastUpdated").and_then(|time| time.parse::<jiff::Timestamp>().ok());
            claims.insert("updated_at".to_owned(), json!(updated.map_or(0, jiff::Timestamp::as_second)));
        }
        if has("email")
            && let Some(email) = text("email")
        {
            claims.insert("email".to_owned(), json!(email));
            claims.insert("email_verified".to_owned(), json!(true));
        }
        if has("address") {
            let parts: Map<_, _> = ADDRESS
                .iter()
                .filter_map(|(part, name)| Some(((*part).to_owned(), json!(text(name)?))))
                .collect();
            if !parts.is_empty() {
                claims.insert("address".to_owned(), Value::Object(parts));
            }
        }
        if has("phone")
            && let Some(phone) = text("mobilePhone").or_else(|| text("primaryPhone"))
        {
            claims.insert("phone_number".to_owned(), json!(phone));
        }
        claims
    }

    fn name(self) -> String {
        let text = |name: &str| self.0.text(name).unwrap_or_default();
        format!("{} {}", text("/profile/firstName"), text("/profile/lastName"))
    }
}
