//! Admin roles of users, groups and clients (mgmt-facts §7.2): the same operations for all three. What a role lets its
//! principal do is decided by `gate/`, from the assignments that are written here.

mod assignees;
mod assignments;
mod bindings;
mod catalog;
mod targets;

use std::sync::Arc;

use super::answer::Asked;
use super::clients;
use super::own::Operations;
use super::target;
use crate::facts::facts;
use crate::facts::resources::Resource;
use crate::gate::roles::Reach;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::ApiError;

/// What is here.
pub(super) const OPERATIONS: Operations = &[
    ("listAssignedRolesForUser", assignments::list),
    ("assignRoleToUser", assignments::assign),
    ("getUserAssignedRole", assignments::get),
    ("unassignRoleFromUser", assignments::unassign),
    ("listGroupAssignedRoles", assignments::list),
    ("assignRoleToGroup", assignments::assign),
    ("getGroupAssignedRole", assignments::get),
    ("unassignRoleFromGroup", assignments::unassign),
    ("listRolesForClient", assignments::list),
    ("assignRoleToClient", assignments::assign),
    ("retrieveClientRole", assignments::get),
    ("deleteRoleFromClient", assignments::unassign),
    ("listUsersWithRoleAssignments", assignees::list),
    ("listGroupTargetsForRole", targets::list_groups),
    ("assignGroupTargetToUserRole", targets::add_group),
    ("unassignGroupTargetFromUserAdminRole", targets::remove_group),
    ("listGroupTargetsForGroupRole", targets::list_groups),
    ("assignGroupTargetToGroupAdminRole", targets::add_group),
    ("unassignGroupTargetFromGroupAdminRole", targets::remove_group),
    ("listGroupTargetRoleForClient", targets::list_groups),
    ("assignGroupTargetRoleForClient", targets::add_group),
    ("removeGroupTargetRoleFromClient", targets::remove_group),
    ("listApplicationTargetsForApplicationAdministratorRoleForUser", targets::list_apps),
    ("assignAllAppsAsTargetToRoleForUser", targets::all_apps),
    ("assignAppTargetToAdminRoleForUser", targets::add_app),
    ("unassignAppTargetFromAppAdminRoleForUser", targets::remove_app),
    ("assignAppInstanceTargetToAppAdminRoleForUser", targets::add_app),
    ("unassignAppInstanceTargetFromAdminRoleForUser", targets::remove_app),
    ("listApplicationTargetsForApplicationAdministratorRoleForGroup", targets::list_apps),
    ("assignAppTargetToAdminRoleForGroup", targets::add_app),
    ("unassignAppTargetToAdminRoleForGroup", targets::remove_app),
    ("assignAppInstanceTargetToAppAdminRoleForGroup", targets::add_app),
    ("unassignAppInstanceTargetToAppAdminRoleForGroup", targets::remove_app),
    ("listAppTargetRoleToClient", targets::list_apps),
    ("assignAppTargetRoleToClient", targets::add_app),
    ("removeAppTargetRoleFromClient", targets::remove_app),
    ("assignAppTargetInstanceRoleForClient", targets::add_app),
    ("removeAppTargetInstanceRoleForClient", targets::remove_app),
    ("getRoleTargetsByUserIdAndRoleId", targets::of_role),
    ("addResourceSetResources", bindings::add_resources),
    ("listBindings", bindings::list),
    ("createResourceSetBinding", bindings::create),
    ("getBinding", bindings::get),
    ("deleteBinding", bindings::delete),
    ("listMembersOfBinding", bindings::members),
    ("addMembersToBinding", bindings::add_members),
    ("getMemberOfBinding", bindings::member),
    ("unassignMemberFromBinding", bindings::remove_member),
];

/// The kind of assignments.
const KIND: &str = "role_assignments";

/// What kind of principal holds a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PrincipalKind {
    User,
    Group,
    Client,
}

impl PrincipalKind {
    /// The `assignmentType`.
    fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Group => "GROUP",
            Self::Client => "CLIENT",
        }
    }

    /// The first characters of the ids of its assignments (mgmt-facts §6.1; of clients unknown).
    fn id_prefix(self) -> &'static str {
        if self == Self::Group { "gra" } else { "ra1" }
    }
}

/// Who holds the roles that a path is about.
struct Principal {
    kind: PrincipalKind,
    document: Arc<Document>,
}

impl Principal {
    /// The principal of the path: it is there, and the caller's role reaches roles.
    fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        let path = asked.operation.path.as_str();
        let kind = if path.starts_with("/api/v1/groups/") {
            PrincipalKind::Group
        } else if path.starts_with("/oauth2/") {
            PrincipalKind::Client
        } else {
            PrincipalKind::User
        };
        let principal = Self::find(asked, kind, asked.parameter(0))?;
        permitted(asked)?;
        Ok(principal)
    }

    fn find(asked: &Asked<'_>, kind: PrincipalKind, name: &str) -> Result<Self, ApiError> {
        let of = |kind: &'static str| -> Result<Arc<Document>, ApiError> {
            let resource = resource(kind)?;
            target::find(asked, asked.state, resource, &Shelf::from(kind), name).cloned()
        };
        let document = match kind {
            PrincipalKind::User => of("users")?,
            PrincipalKind::Group => of("groups")?,
            PrincipalKind::Client => clients::find(asked.state, name)?.clone(),
        };
        Ok(Self { kind, document })
    }

    /// As the System Log names it.
    fn entity(&self) -> Entity {
        match self.kind {
            PrincipalKind::User => Entity::of("User", &self.document),
            PrincipalKind::Group => Entity::of("UserGroup", &self.document),
            PrincipalKind::Client => Entity::of("PublicClientApp", &self.document),
        }
    }

    fn shelf(&self) -> Shelf {
        Shelf::below(KIND, &[&self.document.id])
    }

    /// One of its assignments.
    fn assignment<'s>(&self, state: &'s OrgState, id: &str) -> Result<&'s Arc<Document>, ApiError> {
        let found = state.below(KIND, &self.document.id).get(id);
        found.ok_or_else(|| ApiError::NotFound(id.to_owned(), "RoleAssignment"))
    }
}

/// Makes an app a super administrator, unless it holds a role: what the setting "Public client app admins" does for new
/// service apps (mgmt-facts §1.4).
pub(super) fn by_default(
    asked: &Asked<'_>,
    state: &OrgState,
    app: &Arc<Document>,
) -> Result<Vec<Change>, ApiError> {
    let principal = Principal { kind: PrincipalKind::Client, document: app.clone() };
    if !state.on(&principal.shelf()).is_empty() {
        return Ok(Vec::new());
    }
    let new = assignments::standard(asked, principal.kind, "SUPER_ADMIN")?;
    let mut changes = new.changes(state, &principal.shelf())?;
    changes.push(new.told(asked, state, &principal.entity()));
    Ok(changes)
}

fn permitted(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.reach == Reach::Nothing { Err(ApiError::AccessDenied) } else { Ok(()) }
}

fn resource(kind: &str) -> Result<&'static Resource, ApiError> {
    facts().resources.get(kind).ok_or(ApiError::NoSuchPath)
}

/// A custom role by its id or label.
fn custom_role<'s>(
    asked: &Asked<'_>,
    state: &'s OrgState,
    name: &str,
) -> Result<&'s Arc<Document>, ApiError> {
    target::find(asked, state, resource("iam_roles")?, &Shelf::from("iam_roles"), name)
}

/// A resource set by its id or label.
fn resource_set<'s>(
    asked: &Asked<'_>,
    state: &'s OrgState,
    name: &str,
) -> Result<&'s Arc<Document>, ApiError> {
    target::find(asked, state, resource("resource_sets")?, &Shelf::from("resource_sets"), name)
}
