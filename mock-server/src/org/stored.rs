//! The stored form of what happens to an org: JSON, which says its version, so that a later program can read it.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::change::{Change, Commit, Shelf};
use super::event_log::LogEvent;
use super::keys::{SigningKey, SigningKeys};
use super::relations::RELATIONS;
use super::state::{LimitSettings, Settings};
use crate::facts::dialects::Dialect;
use crate::facts::facts;
use crate::org::mutation::Mutations;

/// The version of the form. A program reads its own and all earlier ones.
pub const VERSION: u32 = 1;

/// Something stored that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoredError(String);

impl From<serde_json::Error> for StoredError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// The name of a kind, which is known at compile time or was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(pub(super) &'static str);

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = facts().resources.get(&name).map(|resource| resource.kind.as_str());
        Ok(Self(known.unwrap_or_else(|| hidden_kind(name))))
    }
}

/// The name of a kind that no resource file has: what the org remembers and no API shows. There are a few dozen.
fn hidden_kind(name: String) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock();
    if let Some(name) = known.get(name.as_str()) {
        return name;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    known.insert(name);
    name
}

/// The name of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation(pub(super) &'static str);

impl Serialize for Relation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Relation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = RELATIONS.iter().find(|(known, ..)| *known == name);
        known.map(|(known, ..)| Self(known)).ok_or_else(|| D::Error::custom(format!("no relation {name:?}")))
    }
}

/// A change.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Put {
        kind: Kind,
        #[serde(default, skip_serializing_if = "is_top")]
        parent: Arc<str>,
        id: Arc<str>,
        value: Arc<Value>,
        hidden: Arc<Value>,
    },
    Remove {
        kind: Kind,
        #[serde(default, skip_serializing_if = "is_top")]
        parent: Arc<str>,
        id: Arc<str>,
    },
    Link {
        relation: Relation,
        from: Arc<str>,
        to: Arc<str>,
    },
    Unlink {
        relation: Relation,
        from: Arc<str>,
        to: Arc<str>,
    },
    Event {
        published: i64,
        text: Box<str>,
    },
    Settings(StoredSettings),
    Keys(StoredKeys),
}

pub(super) fn is_top(parent: &Arc<str>) -> bool {
    parent.is_empty()
}

/// Settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredSettings {
    name: String,
    org_id: String,
    dialect: Vec<(String, String)>,
    limits: LimitSettings,
    max_page: Option<usize>,
    search_lag_ms: Option<i64>,
    sign_in_picker: bool,
    token_generation: u16,
}

impl StoredSettings {
    /// The stored form of settings.
    pub fn of(settings: &Settings) -> Self {
        let lag = settings.search_lag.map(|lag| i64::try_from(lag.as_millis()).unwrap_or(i64::MAX));
        Self {
            name: settings.name.clone(),
            org_id: settings.org_id.clone(),
            dialect: settings
                .dialect
                .chosen()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            limits: settings.limits.clone(),
            max_page: settings.max_page,
            search_lag_ms: lag,
            sign_in_picker: settings.sign_in_picker,
            token_generation: settings.token_generation,
        }
    }

    /// The settings.
    ///
    /// # Errors
    /// [`StoredError`] names a switch that this program does not have.
    pub fn read(self) -> Result<Settings, StoredError> {
        let dialect = self.dialect.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        Ok(Settings {
            name: self.name,
            org_id: self.org_id,
            dialect: Dialect::with(&dialect).map_err(|error| StoredError(error.to_string()))?,
            limits: self.limits,
            max_page: self.max_page,
            mutations: Mutations::default(),
            search_lag: self.search_lag_ms.map(SignedDuration::from_millis),
            sign_in_picker: self.sign_in_picker,
            token_generation: self.token_generation,
        })
    }
}

/// Signing keys: their ids and PKCS#8 in base64, the signing one first, the next one second.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredKeys {
    keys: Vec<(String, String)>,
    since: i64,
}

impl StoredKeys {
    pub(super) fn of(keys: &SigningKeys) -> Result<Self, StoredError> {
        let stored = |key: &SigningKey| Ok((key.kid().to_owned(), STANDARD.encode(pkcs8(key)?)));
        Ok(Self { keys: keys.all().map(stored).collect::<Result<_, StoredError>>()?, since: keys.since() })
    }

    pub(super) fn read(self) -> Result<Arc<SigningKeys>, StoredError> {
        let fixture = SigningKeys::fixture();
        if self.since == fixture.since()
            && fixture.all().map(SigningKey::kid).eq(self.keys.iter().map(|(kid, _)| kid))
        {
            return Ok(fixture);
        }
        let read = |(kid, text): &(String, String)| {
            let der = STANDARD.decode(text).map_err(|error| StoredError(error.to_string()))?;
            signing_key(kid, &der)
        };
        let keys = self.keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let keys = SigningKeys::of_stored(keys, self.since);
        keys.map(Arc::new).ok_or_else(|| StoredError("fewer than two signing keys".to_owned()))
    }
}

/// The private half of a key.
///
/// # Errors
/// [`StoredError`] when it has no encoding.
pub fn pkcs8(key: &SigningKey) -> Result<Vec<u8>, StoredError> {
    key.to_pkcs8().map_err(|error| StoredError(error.to_string()))
}

/// A key from its private half.
///
/// # Errors
/// [`StoredError`] when it is no RSA key.
pub fn signing_key(kid: &str, der: &[u8]) -> Result<Arc<SigningKey>, StoredError> {
    SigningKey::from_der(kid, der).map(Arc::new).map_err(|error| StoredError(error.to_string()))
}

impl Record {
    fn of(change: &Change) -> Result<Self, StoredError> {
        Ok(match change {
            Change::Put { shelf, id, value, hidden } => Self::Put {
                kind: Kind(shelf.kind),
                parent: shelf.parent.clone(),
                id: id.clone(),
                value: value.clone(),
                hidden: hidden.clone(),
            },
            Change::Remove { shelf, id } => {
                Self::Remove { kind: Kind(shelf.kind), parent: shelf.parent.clone(), id: id.clone() }
            }
            Change::Link { relation, from, to } => {
                Self::Link { relation: Relation(relation), from: from.clone(), to: to.clone() }
            }
            Change::Unlink { relation, from, to } => {
                Self::Unlink { relation: Relation(relation), from: from.clone(), to: to.clone() }
            }
            Change::Event(event) => Self::Event { published: event.published, text: event.text.clone() },
            Change::Settings(settings) => Self::Settings(StoredSettings::of(settings)),
            Change::Keys(keys) => Self::Keys(StoredKeys::of(keys)?),
        })
    }

    fn read(self) -> Result<Change, StoredError> {
        Ok(match self {
            Self::Put { kind, parent, id, value, hidden } => {
                Change::Put { shelf: Shelf { kind: kind.0, parent }, id, value, hidden }
            }
            Self::Remove { kind, parent, id } => Change::Remove { shelf: Shelf { kind: kind.0, parent }, id },
            Self::Link { relation, from, to } => Change::Link { relation: relation.0, from, to },
            Self::Unlink { relation, from, to } => Change::Unlink { relation: relation.0, from, to },
            Self::Event { published, text } => Change::Event(Arc::new(LogEvent { published, text })),
            Self::Settings(settings) => Change::Settings(Arc::new(settings.read()?)),
            Self::Keys(keys) => Change::Keys(keys.read()?),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct StoredCommit {
    at_ms: i64,
    changes: Vec<Record>,
}

/// The stored form of a commit.
///
/// # Errors
/// [`StoredError`] when a signing key has no encoding.
pub fn encode(commit: &Commit) -> Result<Vec<u8>, StoredError> {
    let changes = commit.changes.iter().map(Record::of).collect::<Result<_, _>>()?;
    Ok(serde_json::to_vec(&StoredCommit { at_ms: commit.at.as_millisecond(), changes })?)
}

/// The commit of a stored form.
///
/// # Errors
/// [`StoredError`] says what is not understood.
pub fn decode(bytes: &[u8]) -> Result<Commit, StoredError> {
    let stored: StoredCommit = serde_json::from_slice(bytes)?;
    let at = Timestamp::from_millisecond(stored.at_ms).map_err(|error| StoredError(error.to_string()))?;
    let changes: Vec<_> = stored.changes.into_iter().map(Record::read).collect::<Result<_, _>>()?;
    Ok(Commit { at, changes: changes.into() })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::org::seed::dev;
    use crate::org::{Org, OrgOptions};

    #[test]
    fn every_change_survives_being_stored() {
        let org = Org::new(&dev(), &OrgOptions::default()).unwrap();
        let settings = org.state().settings.clone();
        let keys = SigningKeys::fixture().rotated(Arc::new(SigningKey::generate().unwrap()), 7);
        let changes: Vec<Change> = vec![
            Change::put(
                Shelf::below("app_keys", &["0oa1"]),
                "k",
                serde_json::json!({"a": "\u{E000}\u{E001}/x"}),
                Value::Null,
            ),
            Change::put("a_kind_without_a_file", "k", Value::Null, serde_json::json!({"until": 3})),
            Change::remove("users", "00u1"),
            Change::Link { relation: "members", from: "00g1".into(), to: "00u1".into() },
            Change::Unlink { relation: "members", from: "00g1".into(), to: "00u1".into() },
            Change::Event(Arc::new(LogEvent { published: 5, text: "{}".into() })),
            Change::Settings(settings),
            Change::Keys(Arc::new(keys)),
        ];
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let commit = Commit { at, changes: changes.into() };
        let read = decode(&encode(&commit).unwrap()).unwrap();
        assert_eq!(format!("{:?}", read), format!("{commit:?}"));
        // And the keys sign as before.
        let Some(Change::Keys(keys)) = read.changes.last() else { panic!("no keys") };
        assert!(keys.current().sign(b"a").is_ok());
    }
}
