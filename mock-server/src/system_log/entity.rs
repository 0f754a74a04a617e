//! Who does something and to whom: actors and targets.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::org::document::Document;
use crate::org::state::OrgState;

/// An actor or a target.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entity {
    /// Its id.
    pub id: Cow<'static, str>,
    /// `User`, `PublicClientApp`, `AppInstance`, `UserGroup`, …
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// The name that people know it by: a login, a label.
    pub alternate_id: Option<Cow<'static, str>>,
    /// The name to show.
    pub display_name: Option<Cow<'static, str>>,
    /// More about it.
    pub detail_entry: Option<Value>,
}

/// What Okta says where it knows nothing.
const UNKNOWN: Cow<'static, str> = Cow::Borrowed("unknown");

impl Entity {
    /// Anything with a name.
    pub fn named(
        kind: impl Into<Cow<'static, str>>,
        id: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            alternate_id: Some(UNKNOWN),
            display_name: Some(name.into()),
            detail_entry: None,
        }
    }

    /// A user by id.
    pub fn user(state: &OrgState, id: &str) -> Self {
        match state.get("users", id) {
            Some(user) => Self::of("User", user),
            None => Self::named("User", id.to_owned(), UNKNOWN),
        }
    }

    /// Somebody who could not be found, by the login that was sent.
    pub fn unknown_user(login: &str) -> Self {
        Self { alternate_id: Some(clipped(login).into()), ..Self::named("User", UNKNOWN, UNKNOWN) }
    }

    /// An OAuth client by id.
    pub fn client(state: &OrgState, id: &str) -> Self {
        let known = state.get("apps", id).or_else(|| state.get("integrations", id));
        let name = known.and_then(|app| text(app, "/label").or_else(|| text(app, "/name")));
        let alternate_id = Some(clipped(id).into());
        match known {
            Some(_) => Self {
                alternate_id,
                ..Self::named("PublicClientApp", id.to_owned(), name.map_or(UNKNOWN, Cow::Owned))
            },
            None => Self { alternate_id, ..Self::named("PublicClientApp", UNKNOWN, UNKNOWN) },
        }
    }

    /// An app by id.
    pub fn app(state: &OrgState, id: &str) -> Self {
        match state.get("apps", id) {
            Some(app) => Self::of("AppInstance", app),
            None => Self::named("AppInstance", id.to_owned(), UNKNOWN),
        }
    }

    /// The org itself.
    pub fn system() -> Self {
        Self {
            alternate_id: Some("system@okta.com".into()),
            ..Self::named("SystemPrincipal", UNKNOWN, "Okta System")
        }
    }

    /// A stored object.
    pub fn of(kind: &'static str, document: &Document) -> Self {
        Self::told(kind, &document.id, |pointer| text(document, pointer))
    }

    /// An object that is not stored yet.
    pub fn of_value(kind: &'static str, id: &str, value: &Value) -> Self {
        let text = |pointer: &str| value.pointer(pointer)?.as_str().map(str::to_owned);
        Self::told(kind, id, |pointer| text(pointer).filter(|text| !text.is_empty()))
    }

    /// Users are known by their logins, apps by their labels; most things only have a name.
    fn told(kind: &'static str, id: &str, of: impl Fn(&'static str) -> Option<String>) -> Self {
        let id = id.to_owned();
        match kind {
            "User" => {
                let names = [of("/profile/firstName"), of("/profile/lastName")];
                let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
                Self { alternate_id: of("/profile/login").map(Cow::Owned), ..Self::named(kind, id, name) }
            }
            "AppInstance" => {
                let label = of("/label").map_or(UNKNOWN, Cow::Owned);
                let name = match of("/name").as_deref() {
                    Some("oidc_client") => Cow::Borrowed("OpenID Connect Client"),
                    _ => label.clone(),
                };
                Self { alternate_id: Some(label), ..Self::named(kind, id, name) }
            }
            _ => {
                let places = ["/name", "/profile/name", "/label", "/displayName"];
                let name = places.into_iter().find_map(&of).unwrap_or_else(|| id.clone());
                Self::named(kind, id, name)
            }
        }
    }

    /// The same with more about it.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail_entry = Some(detail);
        self
    }
}

fn text(document: &Document, pointer: &str) -> Option<String> {
    document.text(pointer).map(|text| text.into_owned()).filter(|text| !text.is_empty())
}

/// A text of a caller, as far as the log repeats it.
fn clipped(text: &str) -> String {
    text.chars().take(100).collect()
}
