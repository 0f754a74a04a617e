//! Profile schemas: of user types, of groups, of the users of apps. A schema that nobody has changed is what every org has
//! (`fixtures/schemas/`); a changed one is a document.

mod fits;
mod log_streams;
mod property;

use std::sync::{Arc, LazyLock};

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::answer::Asked;
use super::body;
use super::events;
use super::own::Operations;
use super::target::Target;
use super::users;
use super::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::BASE_MARK;
use crate::gate::roles::Reach;
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::ApiError;

pub(super) use fits::taken;
use property::{Owner, stated};

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("getUserSchema", get),
    ("updateUserProfile", update),
    ("getGroupSchema", get),
    ("updateGroupSchema", update),
    ("getApplicationUserSchema", get),
    ("updateApplicationUserProfile", update),
    ("listLogStreamSchemas", log_streams::list),
    ("getLogStreamSchema", log_streams::get),
];

fn base(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

static USER: LazyLock<Map<String, Value>> =
    LazyLock::new(|| base(include_str!("../../../../fixtures/schemas/user.json")));
static GROUP: LazyLock<Map<String, Value>> =
    LazyLock::new(|| base(include_str!("../../../../fixtures/schemas/group.json")));
static OIDC_APP: LazyLock<Map<String, Value>> =
    LazyLock::new(|| base(include_str!("../../../../fixtures/schemas/oidc_app.json")));
static APP: LazyLock<Map<String, Value>> =
    LazyLock::new(|| base(include_str!("../../../../fixtures/schemas/app.json")));

pub(super) use crate::org::profile_mappings::schema_of_type as id_of_type;

/// What a profile may hold.
pub(super) struct Profile {
    /// The schema that somebody has changed.
    changed: Option<Value>,
    base: &'static Map<String, Value>,
}

/// What profiles of users of a type may hold.
pub(super) fn of_type(state: &OrgState, type_id: &str) -> Profile {
    let changed = state.get("user_schemas", &id_of_type(type_id)).map(|schema| schema.value());
    Profile { changed, base: &USER }
}

/// What profiles of groups may hold.
pub(super) fn of_group(state: &OrgState) -> Profile {
    let changed = state.get("group_schemas", "default").map(|schema| schema.value());
    Profile { changed, base: &GROUP }
}

/// What profiles of an app's users may hold.
pub(super) fn of_app(state: &OrgState, app: &Document) -> Profile {
    let changed = state.below("app_schemas", &app.id).get("default").map(|schema| schema.value());
    Profile { changed, base: app_base(app) }
}

impl Profile {
    fn definition(&self, part: &str) -> Option<&Map<String, Value>> {
        self.changed.as_ref()?.pointer(&format!("/definitions/{part}/properties"))?.as_object()
    }

    fn base(&self) -> &Map<String, Value> {
        self.definition("base").unwrap_or(self.base)
    }

    /// The rules of a property; none: the profile cannot have it.
    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        self.base().get(name).or_else(|| self.definition("custom")?.get(name))
    }

    fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.base().iter().chain(self.definition("custom").into_iter().flatten())
    }

    /// The properties that every profile has.
    fn required(&self) -> Vec<&str> {
        let is = |rules: &Value| rules.get("required") == Some(&Value::Bool(true));
        self.properties().filter(|(_, rules)| is(rules)).map(|(name, _)| name.as_str()).collect()
    }

    /// The custom properties that no two profiles share.
    fn unique(&self) -> Vec<&str> {
        let is = |rules: &Value| matches!(rules["unique"].as_str(), Some("UNIQUE_VALIDATED"));
        let custom = self.definition("custom").into_iter().flatten();
        custom.filter(|(_, rules)| is(rules)).map(|(name, _)| name.as_str()).collect()
    }
}

/// A schema that an operation is about: where it is kept, and what it is.
struct Schema {
    shelf: Shelf,
    id: Arc<str>,
    owner: Owner,
    value: Value,
}

fn get(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let schema = found(asked, asked.state, trace)?;
    Ok(Reply::json(StatusCode::OK, based(&schema.value, &asked.request.base_url)))
}

/// Adds, changes and (by null) removes properties.
fn update(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let schema = found(asked, asked.state, trace)?;
    let body = body::object(asked.request)?;
    let owner = schema.owner;
    let state = asked.org.commit(asked.request.now, |state| {
        let mut value = found(asked, state, &mut Trace::default())?.value;
        for part in ["custom", "base"] {
            let given = body.get("definitions").and_then(|all| all.get(part)?.get("properties")?.as_object());
            change(&mut value, part, given, owner)?;
        }
        for name in ["title", "description"] {
            if let (Some(text), Owner::User) = (body.get(name).filter(|text| text.is_string()), owner) {
                value[name] = text.clone();
            }
        }
        value["lastUpdated"] = json!(okta_timestamp(asked.request.now));
        let told = told(asked, state, &schema, &value);
        let put = Change::put(schema.shelf.clone(), schema.id.clone(), value, Value::Null);
        Ok::<_, ApiError>(std::iter::once(put).chain(told).collect())
    })?;
    trace.note("operation", format!("{} {} is changed", schema.shelf.kind, schema.id));
    let stored = state.on(&schema.shelf).get(&schema.id).map(|stored| stored.value());
    let value = stored.unwrap_or(schema.value);
    Ok(Reply::json(StatusCode::OK, based(&value, &asked.request.base_url)))
}

/// The event of a schema that changes. Okta's list of types has none for groups.
fn told(asked: &Asked<'_>, state: &OrgState, schema: &Schema, value: &Value) -> Option<Change> {
    let kind = match schema.owner {
        Owner::User => "directory.user_profile.update",
        Owner::App => "directory.app_user_profile.update",
        Owner::Group => return None,
    };
    let name = value["title"].as_str().unwrap_or_default().to_owned();
    let target = Entity::named("Schema", schema.id.to_string(), name);
    Some(events::written(asked, &events::event(asked, state, kind).target(target)))
}

fn change(
    value: &mut Value,
    part: &str,
    given: Option<&Map<String, Value>>,
    owner: Owner,
) -> Result<(), ApiError> {
    let Some(given) = given else { return Ok(()) };
    let pointer = format!("/definitions/{part}");
    let Some(definition) = value.pointer_mut(&pointer).and_then(Value::as_object_mut) else { return Ok(()) };
    let Some(properties) = definition.get_mut("properties").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    for (name, rules) in given {
        if part == "base" {
            // What every org has cannot be removed, and of it only some rules change.
            match properties.get_mut(name) {
                Some(known) if !rules.is_null() => *known = stated(name, rules, Some(known), owner)?,
                _ => {
                    let cause = format!("{name}: The base property does not exist or cannot be removed.");
                    return Err(ApiError::invalid("definitions.base", cause));
                }
            }
        } else if rules.is_null() {
            properties.shift_remove(name);
        } else {
            let rules = stated(name, rules, None, owner)?;
            properties.insert(name.clone(), rules);
        }
    }
    let is = |rules: &Value| rules.get("required") == Some(&Value::Bool(true));
    let required: Vec<&String> =
        properties.iter().filter(|(_, rules)| is(rules)).map(|(name, _)| name).collect();
    let required = json!(required);
    definition.insert("required".to_owned(), required);
    Ok(())
}

/// The schema that the path names. Schemas are the whole org's: whoever reaches some users only does not change them.
fn found(asked: &Asked<'_>, state: &OrgState, trace: &mut Trace) -> Result<Schema, ApiError> {
    let name = asked.parameter(0);
    if asked.operation.path.contains("/schemas/apps/") {
        let resource = facts().resources.get("app_schemas").ok_or(ApiError::NoSuchPath)?;
        let target = Target::of(asked, resource, state)?;
        target.permit(asked, None, trace)?;
        let app = target.parents.first().ok_or(ApiError::NoSuchPath)?;
        let stored = state.on(&target.shelf).get("default").map(|stored| stored.value());
        let value = stored.unwrap_or_else(|| app_schema(app));
        return Ok(Schema { shelf: target.shelf, id: "default".into(), owner: Owner::App, value });
    }
    if asked.reach != Reach::Everything {
        return Err(ApiError::AccessDenied);
    }
    if asked.operation.path.contains("/schemas/group/") {
        let stored = state.get("group_schemas", "default").map(|stored| stored.value());
        let value = stored.unwrap_or_else(|| group_schema(state));
        return Ok(Schema {
            shelf: "group_schemas".into(),
            id: "default".into(),
            owner: Owner::Group,
            value,
        });
    }
    let types = state.all("user_types");
    let kind = match name {
        "default" => users::default_type(state),
        id => id.strip_prefix("osc").and_then(|tail| types.get(&format!("oty{tail}"))),
    };
    let kind = kind.ok_or_else(|| ApiError::NotFound(name.to_owned(), "UserSchema"))?;
    let id: Arc<str> = id_of_type(&kind.id).into();
    let stored = state.get("user_schemas", &id).map(|stored| stored.value());
    let value = stored.unwrap_or_else(|| user_schema(kind, &id));
    Ok(Schema { shelf: "user_schemas".into(), id, owner: Owner::User, value })
}

fn definition(id: &str, properties: &Map<String, Value>) -> Value {
    let required =
        properties.iter().filter(|(_, rules)| rules.get("required").is_some()).map(|(name, _)| name);
    let required: Vec<&String> = required.collect();
    json!({ "id": id, "type": "object", "properties": properties, "required": required })
}

fn profile() -> Value {
    json!({ "profile": { "allOf": [{ "$ref": "#/definitions/custom" }, { "$ref": "#/definitions/base" }] } })
}

/// The schema of a user type that nobody has changed (recorded).
fn user_schema(kind: &Document, id: &str) -> Value {
    let own = kind.value();
    let default = own["default"] == true;
    let link = |rel: &str, path: String| json!({ "rel": rel, "href": format!("{BASE_MARK}{path}"), "method": "GET" });
    json!({
        "id": format!("{BASE_MARK}/meta/schemas/user/{}", if default { "default" } else { id }),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": own["name"],
        "title": own["displayName"],
        "description": own["description"],
        "lastUpdated": own["created"],
        "created": own["created"],
        "definitions": { "custom": definition("#custom", &Map::new()), "base": definition("#base", &USER) },
        "type": "object",
        "properties": profile(),
        "_links": {
            "self": link("self", format!("/api/v1/meta/schemas/user/{id}")),
            "type": link("type", format!("/api/v1/meta/types/user/{}", kind.id)),
        },
    })
}

/// The schema of groups that nobody has changed (recorded).
fn group_schema(state: &OrgState) -> Value {
    let created = users::default_type(state).map(|kind| kind.value()["created"].clone());
    json!({
        "id": format!("{BASE_MARK}/meta/schemas/group/default"),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "group",
        "title": "Okta group",
        "description": "Okta group profile template",
        "lastUpdated": created,
        "created": created,
        "definitions": { "custom": definition("#custom", &Map::new()), "base": definition("#base", &GROUP) },
        "type": "object",
        "properties": profile(),
        "_links": {
            "self": {
                "rel": "self",
                "href": format!("{BASE_MARK}/api/v1/meta/schemas/group/default"),
                "method": "GET",
            },
        },
    })
}

/// What users of an app have before anybody adds to it.
fn app_base(app: &Document) -> &'static Map<String, Value> {
    if app.is("/signOnMode", "OPENID_CONNECT") { &OIDC_APP } else { &APP }
}

/// The schema of an app that nobody has changed (recorded for OpenID Connect).
fn app_schema(app: &Document) -> Value {
    let text = |pointer: &str| app.text(pointer).unwrap_or_default();
    let name = match text("/name") {
        // All apps of this kind share their name; the schemas tell them apart.
        name if name == "oidc_client" => {
            format!("oidc_client_{}", app.id.get(8..15).unwrap_or_default().to_lowercase())
        }
        name => name.into_owned(),
    };
    json!({
        "id": format!("{BASE_MARK}/meta/schemas/apps/{}/default", app.id),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": name,
        "title": format!("{} User", text("/label")),
        "lastUpdated": text("/created"),
        "created": text("/created"),
        "definitions": {
            "custom": { "id": "#custom", "type": "object", "properties": {} },
            "base": definition("#base", app_base(app)),
        },
        "type": "object",
        "properties": profile(),
    })
}
