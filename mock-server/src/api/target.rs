//! What a path names: the objects above, the collection, the object.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::answer::Asked;
use crate::exchange::Trace;
use crate::facts::dialects::Switch;
use crate::facts::facts;
use crate::facts::resources::Resource;
use crate::gate::roles::Reach;
use crate::org::change::Shelf;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The id of a singleton.
pub(super) const ONLY: &str = "default";

/// What a path names.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub resource: &'static Resource,
    /// Where objects of the kind lie here.
    pub shelf: Shelf,
    /// The objects above, the outermost first.
    pub parents: Vec<Arc<Document>>,
    /// The object's name as the path has it; `default` of a singleton, empty where the path names none.
    pub name: String,
}

impl Target {
    /// Finds the objects above.
    ///
    /// # Errors
    /// 404 for the first that is not there.
    pub(super) fn of(
        asked: &Asked<'_>,
        resource: &'static Resource,
        state: &OrgState,
    ) -> Result<Self, ApiError> {
        let mut parents: Vec<Arc<Document>> = Vec::with_capacity(resource.parents.len());
        for (kind, name) in resource.parents.iter().zip(&asked.parameters) {
            let above = facts().resources.get(kind).ok_or(ApiError::NoSuchPath)?;
            let shelf = shelf(above, &parents);
            parents.push(find(asked, state, above, &shelf, name)?.clone());
        }
        let name = match asked.parameters.get(resource.parents.len()) {
            _ if resource.singleton => ONLY.to_owned(),
            Some(name) => name.clone(),
            None => String::new(),
        };
        Ok(Self { resource, shelf: shelf(resource, &parents), parents, name })
    }

    /// Whether the objects above are there still, in a newer state.
    ///
    /// # Errors
    /// 404 for the first that is gone.
    pub(super) fn stands(&self, state: &OrgState) -> Result<(), ApiError> {
        for (nth, (kind, parent)) in self.resource.parents.iter().zip(&self.parents).enumerate() {
            let above = facts().resources.get(kind).ok_or(ApiError::NoSuchPath)?;
            let there = state.on(&shelf(above, &self.parents[..nth])).get(&parent.id).is_some();
            if !there {
                return Err(ApiError::NotFound(parent.id.to_string(), &above.type_name));
            }
        }
        Ok(())
    }

    /// The object.
    ///
    /// # Errors
    /// 404 when it is not there.
    pub(super) fn find<'s>(
        &self,
        asked: &Asked<'_>,
        state: &'s OrgState,
    ) -> Result<&'s Arc<Document>, ApiError> {
        find(asked, state, self.resource, &self.shelf, &self.name)
    }

    /// Whether the caller's roles reach what the path names.
    ///
    /// # Errors
    /// The refusal, by the dialect.
    pub(super) fn permit(
        &self,
        asked: &Asked<'_>,
        object: Option<&Document>,
        trace: &mut Trace,
    ) -> Result<(), ApiError> {
        let own = asked.caller.user();
        let chain = self.parents.iter().map(AsRef::as_ref).chain(object);
        let outermost = chain.clone().next();
        let reached = match &asked.reach {
            Reach::Everything => true,
            Reach::Nothing => false,
            Reach::Own(user) => outermost.is_some_and(|document| *document.id == **user),
            Reach::Only(_) => chain.clone().any(|document| reaches(asked, document)),
            Reach::AllBut(_) => chain.clone().all(|document| reaches(asked, document)),
        };
        if reached {
            return Ok(());
        }
        let reads = asked.operation.reads && self.resource.kind == "users" && self.parents.is_empty();
        if reads && object.is_some_and(|object| own == Some(&*object.id)) {
            trace.note("role", "everybody may read their own user");
            return Ok(());
        }
        Err(match object {
            Some(object) if asked.state.settings.dialect.is(Switch::RoleLessSingle, "not_found") => {
                ApiError::NotFound(object.id.to_string(), &self.resource.type_name)
            }
            _ => ApiError::AccessDenied,
        })
    }
}

/// The shelf of a kind below these objects; of a singleton's children, the singleton has no id in the path.
fn shelf(resource: &'static Resource, parents: &[Arc<Document>]) -> Shelf {
    let ids: Vec<&str> = parents.iter().take(resource.parents.len()).map(|parent| &*parent.id).collect();
    Shelf::below(&resource.kind, &ids)
}

/// An object by its name in a path: its id, another name that Okta takes, `me` for the user behind the caller.
pub(super) fn find<'s>(
    asked: &Asked<'_>,
    state: &'s OrgState,
    resource: &'static Resource,
    shelf: &Shelf,
    name: &str,
) -> Result<&'s Arc<Document>, ApiError> {
    let collection = state.on(shelf);
    let found = match (resource.kind.as_str(), name) {
        ("users", "me") => asked.caller.user().and_then(|id| collection.get(id)),
        _ => collection
            .get(name)
            .or_else(|| collection.by_alias(name).filter(|_| !resource.aliases.is_empty())),
    };
    found.ok_or_else(|| ApiError::NotFound(name.to_owned(), &resource.type_name))
}

/// Whether the caller's roles reach a document.
pub(super) fn reaches(asked: &Asked<'_>, document: &Document) -> bool {
    match &asked.reach {
        Reach::Everything => true,
        Reach::Nothing => false,
        Reach::Own(user) => **user == *document.id,
        Reach::Only(only) => names(asked, only, document),
        Reach::AllBut(these) => !names(asked, these, document),
    }
}

/// Whether a document is among these, by its id, its name in the catalogue of apps, or as a member of a group.
fn names(asked: &Asked<'_>, these: &BTreeSet<String>, document: &Document) -> bool {
    these.contains(&*document.id)
        || document.text("/name").is_some_and(|name| these.contains(name.as_ref()))
        || these.iter().any(|group| asked.state.is_related("members", group, &document.id))
}
