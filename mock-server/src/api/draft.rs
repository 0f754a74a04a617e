//! An object that is being written: the template of its kind, what the request says, what the org fills in.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::Asked;
use super::target::Target;
use crate::facts::facts;
use crate::facts::resources::{IdForm, Refusal, Resource, fill_value};
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is being done to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Replace,
    Update,
    Delete,
    /// A lifecycle operation, by its name.
    Lifecycle(String),
}

impl Action {
    /// The name in the `events` of a resource file.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Create => "create",
            Self::Replace | Self::Update => "update",
            Self::Delete => "delete",
            Self::Lifecycle(name) => name,
        }
    }
}

/// An object that is being written.
pub(super) struct Draft<'a> {
    pub asked: &'a Asked<'a>,
    /// The newest state, which may be newer than `asked.state`.
    pub state: &'a OrgState,
    pub target: &'a Target,
    pub action: Action,
    pub id: Arc<str>,
    /// The request's object.
    pub body: &'a Map<String, Value>,
    /// The object as it was.
    pub old: Option<Arc<Document>>,
    /// The object as it will be shown, without `_links`.
    pub value: Value,
    /// What only the org knows of it.
    pub hidden: Value,
    /// What else happens in the same commit, after the object is stored.
    pub also: Vec<Change>,
}

impl<'a> Draft<'a> {
    /// A new object: the template with the request laid over it.
    pub(super) fn create(
        asked: &'a Asked<'a>,
        state: &'a OrgState,
        target: &'a Target,
        id: Arc<str>,
        body: &'a Map<String, Value>,
    ) -> Result<Self, ApiError> {
        target.stands(state)?;
        let shape = &target.resource.shape;
        let request = Value::Object(body.clone());
        let mut draft = Self::unwritten(asked, state, target, id, body, &request);
        if let Some(most) = &shape.most
            && state.on(&target.shelf).len() >= most.count
        {
            return Err(refused(&most.otherwise));
        }
        draft.lay_over(request);
        draft.check_unique()?;
        Ok(draft)
    }

    /// What the templates make of a request; a singleton that nobody has written yet.
    pub(super) fn unwritten(
        asked: &'a Asked<'a>,
        state: &'a OrgState,
        target: &'a Target,
        id: Arc<str>,
        body: &'a Map<String, Value>,
        request: &Value,
    ) -> Self {
        let shape = &target.resource.shape;
        let mut draft = Self {
            asked,
            state,
            target,
            action: Action::Create,
            value: shape.template(&choosing(target, request)).clone(),
            hidden: shape.hidden().clone(),
            id,
            body,
            old: None,
            also: Vec::new(),
        };
        draft.fill();
        draft
    }

    /// A replaced object: the template again, the request, and of the old one what no request can set.
    pub(super) fn replace(
        asked: &'a Asked<'a>,
        state: &'a OrgState,
        target: &'a Target,
        old: &Arc<Document>,
        body: &'a Map<String, Value>,
    ) -> Result<Self, ApiError> {
        target.stands(state)?;
        let shape = &target.resource.shape;
        let before = old.value();
        let request = Value::Object(body.clone());
        // What decides between templates may be something that the request need not repeat.
        let mut known = request.clone();
        for pointer in shape.read_only.iter().chain(&shape.kept) {
            if let Some(value) = before.pointer(pointer) {
                set(&mut known, pointer, value.clone());
            }
        }
        let mut draft = Self {
            asked,
            state,
            target,
            action: Action::Replace,
            value: shape.template(&choosing(target, &known)).clone(),
            hidden: Value::clone(&old.hidden),
            id: old.id.clone(),
            body,
            old: Some(old.clone()),
            also: Vec::new(),
        };
        draft.fill();
        draft.lay_over(request);
        for pointer in &shape.read_only {
            match before.pointer(pointer) {
                Some(value) => set(&mut draft.value, pointer, value.clone()),
                None => unset(&mut draft.value, pointer),
            }
        }
        let body = Value::Object(body.clone());
        for pointer in &shape.kept {
            if let (None, Some(value)) = (body.pointer(pointer), before.pointer(pointer)) {
                set(&mut draft.value, pointer, value.clone());
            }
        }
        draft.touch();
        draft.check_unique()?;
        Ok(draft)
    }

    /// A changed object: the old one with the request laid over it.
    pub(super) fn update(
        asked: &'a Asked<'a>,
        state: &'a OrgState,
        target: &'a Target,
        old: &Arc<Document>,
        body: &'a Map<String, Value>,
        action: Action,
    ) -> Result<Self, ApiError> {
        target.stands(state)?;
        let mut draft = Self {
            asked,
            state,
            target,
            action,
            value: old.value(),
            hidden: Value::clone(&old.hidden),
            id: old.id.clone(),
            body,
            old: Some(old.clone()),
            also: Vec::new(),
        };
        draft.lay_over(Value::Object(body.clone()));
        draft.touch();
        draft.check_unique()?;
        Ok(draft)
    }

    /// Now, as Okta writes it.
    pub(super) fn now(&self) -> String {
        okta_timestamp(self.asked.request.now)
    }

    /// The changes: the object, then what goes with it.
    pub(super) fn into_changes(self) -> Vec<Change> {
        let mut changes = vec![Change::put(self.target.shelf.clone(), self.id, self.value, self.hidden)];
        changes.extend(self.also);
        changes
    }

    /// Sets `lastUpdated`, where the kind has it.
    fn touch(&mut self) {
        let now = self.now();
        if let Some(touched) = self.value.get_mut("lastUpdated") {
            *touched = now.into();
        }
    }

    /// A value of the file with its placeholders replaced; `"-"` is null.
    pub(super) fn filled(&self, value: &Value) -> Value {
        let mut value = if value == "-" { Value::Null } else { value.clone() };
        fill_value(&mut value, &|name: &str| self.placeholder(name));
        value
    }

    /// Adds a new object of another kind to the commit, as its file describes one, with some members set.
    ///
    /// # Errors
    /// [`ApiError::NoSuchPath`] for a kind without a file.
    pub(super) fn with_new(
        &mut self,
        kind: &str,
        parents: &[&str],
        members: &[(&str, Value)],
    ) -> Result<Arc<str>, ApiError> {
        let resource = facts().resources.get(kind).ok_or(ApiError::NoSuchPath)?;
        let id: Arc<str> = self.asked.org.ids().next(&resource.id_prefix).into();
        let shelf = Shelf::below(&resource.kind, parents);
        let target = Target { resource, shelf, parents: Vec::new(), name: id.to_string() };
        let nothing = Map::new();
        let new = Draft::unwritten(self.asked, self.state, &target, id.clone(), &nothing, &Value::Null);
        let Draft { mut value, hidden, .. } = new;
        for (pointer, member) in members {
            set(&mut value, pointer, member.clone());
        }
        self.also.push(Change::put(target.shelf.clone(), id.clone(), value, hidden));
        Ok(id)
    }

    /// Replaces the placeholders of the template.
    fn fill(&mut self) {
        let (mut value, mut hidden) = (std::mem::take(&mut self.value), std::mem::take(&mut self.hidden));
        let with = |name: &str| self.placeholder(name);
        fill_value(&mut value, &with);
        fill_value(&mut hidden, &with);
        (self.value, self.hidden) = (value, hidden);
    }

    fn placeholder(&self, name: &str) -> Option<String> {
        let ids = self.asked.org.ids();
        if let Ok(nth) = name.parse::<usize>() {
            return self.target.parents.get(nth.checked_sub(1)?).map(|parent| parent.id.to_string());
        }
        if let Some(path) = name.strip_prefix("body/") {
            return member(self.body, path)?.as_str().map(str::to_owned);
        }
        if let Some(path) = name.strip_prefix("parent/") {
            let parent = self.target.parents.last()?;
            return parent.text(&format!("/{path}")).map(|text| text.into_owned());
        }
        if let Some(length) = name.strip_prefix("word:") {
            return Some(ids.word(length.parse().ok()?));
        }
        match name {
            "id" => Some(self.id.to_string()),
            "now" => Some(self.now()),
            "org" => Some(self.state.settings.org_id.clone()),
            "org_name" => Some(self.state.settings.name.clone()),
            "caller" => Some(self.asked.caller.role_holder().to_owned()),
            "uuid" => Some(ids.uuid()),
            other => other.strip_prefix("id:").map(|prefix| ids.next(prefix)),
        }
    }

    /// Lays the request over the value; what it may not set is left out, what it may not show is hidden.
    fn lay_over(&mut self, mut request: Value) {
        let shape = &self.target.resource.shape;
        for pointer in &shape.read_only {
            unset(&mut request, pointer);
        }
        unset(&mut request, "/_links");
        unset(&mut request, "/_embedded");
        for pointer in &shape.write_only {
            if let Some(value) = request.pointer(pointer).cloned() {
                set(&mut self.hidden, pointer, value);
                unset(&mut request, pointer);
            }
        }
        if self.action != Action::Update {
            // A null takes back what an object has by default.
            drop_nulls(&mut request, &self.value);
        }
        merge(&mut self.value, request);
    }

    fn check_unique(&self) -> Result<(), ApiError> {
        for unique in &self.target.resource.shape.unique {
            let Some(mine) = self.value.pointer(&unique.at).and_then(Value::as_str) else { continue };
            if self.old.as_ref().is_some_and(|old| old.is(&unique.at, mine)) {
                continue;
            }
            let collection = self.state.on(&self.target.shelf);
            let mut others = collection.with_text(self.target.resource, &unique.at, mine);
            if others.any(|other| other.id != self.id) {
                return Err(refused(&unique.otherwise));
            }
        }
        Ok(())
    }
}

/// A new id for an object of the kind, or the name that a request gives it.
pub(super) fn new_id(
    asked: &Asked<'_>,
    target: &Target,
    body: &Map<String, Value>,
) -> Result<Arc<str>, ApiError> {
    if target.resource.singleton {
        return Ok(super::target::ONLY.into());
    }
    Ok(match &target.resource.id {
        IdForm::Random => {
            let request = Value::Object(body.clone());
            let variant = target.resource.shape.variant(&choosing(target, &request));
            let prefix = variant.and_then(|variant| variant.id_prefix.as_ref());
            asked.org.ids().next(prefix.unwrap_or(&target.resource.id_prefix)).into()
        }
        IdForm::Uuid => asked.org.ids().uuid().into(),
        IdForm::Path => target.name.as_str().into(),
        IdForm::Member(pointer) => {
            let path = pointer.trim_start_matches('/');
            let name = member(body, path).and_then(Value::as_str).filter(|name| !name.is_empty());
            let top = path.split('/').next().unwrap_or_default();
            name.ok_or_else(|| ApiError::invalid(top, format!("{top}: The field cannot be left blank")))?
                .into()
        }
    })
}

/// What decides between templates: the request, with the object directly above as `@parent`.
fn choosing<'r>(target: &Target, request: &'r Value) -> Cow<'r, Value> {
    match (target.parents.last(), request) {
        (Some(parent), Value::Object(members)) if target.resource.shape.varies() => {
            let mut members = members.clone();
            members.insert("@parent".to_owned(), Value::clone(&parent.value()));
            Cow::Owned(Value::Object(members))
        }
        _ => Cow::Borrowed(request),
    }
}

/// A member of an object, or a member of a member: `name`, `profile/name`.
fn member<'v>(object: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut names = path.split('/');
    let top = names.next().and_then(|name| object.get(name));
    names.fold(top, |value, name| value?.get(name))
}

/// Whether a request carries what its kind's file says it must.
pub(super) fn check_required(resource: &Resource, request: &Map<String, Value>) -> Result<(), ApiError> {
    if resource.shape.required.is_empty() {
        return Ok(());
    }
    let request = Value::Object(request.clone());
    let missing = resource.shape.required.iter().find(|required| {
        let value = request.pointer(&required.at).filter(|value| !value.is_null() && *value != "");
        required.when.holds(&request) && value.is_none()
    });
    missing.map_or(Ok(()), |required| Err(refused(&required.otherwise)))
}

/// The error of a row.
pub(super) fn refused(refusal: &Refusal) -> ApiError {
    ApiError::Catalogued {
        code: refusal.code.clone(),
        about: refusal.about.clone(),
        causes: refusal.causes.clone(),
    }
}

/// Takes the nulls out of a request where the value has something else.
fn drop_nulls(request: &mut Value, value: &Value) {
    let (Value::Object(members), Value::Object(defaults)) = (request, value) else { return };
    members.retain(|name, member| !member.is_null() || defaults.get(name).is_none_or(Value::is_null));
    for (name, member) in members.iter_mut() {
        if let Some(default) = defaults.get(name) {
            drop_nulls(member, default);
        }
    }
}

/// Lays `over` on a value: objects are merged, anything else is replaced.
pub(super) fn merge(value: &mut Value, over: Value) {
    match (value, over) {
        (Value::Object(members), Value::Object(over)) => {
            for (name, new) in over {
                match members.get_mut(&name) {
                    Some(old) => merge(old, new),
                    None => {
                        members.insert(name, new);
                    }
                }
            }
        }
        (value, over) => *value = over,
    }
}

/// Sets a member, making the objects on the way.
pub(super) fn set(value: &mut Value, pointer: &str, new: Value) {
    let mut at = value;
    for name in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(members) = at else { return };
        at = members.entry(name.to_owned()).or_insert(Value::Null);
    }
    *at = new;
}

/// Takes a member away.
pub(super) fn unset(value: &mut Value, pointer: &str) {
    let Some((above, name)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(members)) = value.pointer_mut(above) {
        members.shift_remove(name);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_merged_and_the_rest_replaced() {
        let mut value = json!({ "a": { "b": 1, "c": [1, 2] }, "d": null });
        merge(&mut value, json!({ "a": { "c": [3] }, "d": { "e": 1 }, "f": 2 }));
        assert_eq!(value, json!({ "a": { "b": 1, "c": [3] }, "d": { "e": 1 }, "f": 2 }));
    }

    #[test]
    fn members_are_set_and_taken_away_by_pointer() {
        let mut value = json!({ "a": null });
        set(&mut value, "/a/b", json!(1));
        set(&mut value, "/c/d/e", json!(2));
        assert_eq!(value, json!({ "a": { "b": 1 }, "c": { "d": { "e": 2 } } }));
        unset(&mut value, "/c/d");
        unset(&mut value, "/x/y");
        assert_eq!(value, json!({ "a": { "b": 1 }, "c": {} }));
    }
}
