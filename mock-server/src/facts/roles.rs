//! Admin roles and what they reach (`fixtures/roles.toml`).

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

/// The standard roles, and the resources with the access that each role has.
#[derive(Debug)]
pub struct Roles {
    standard: Vec<StandardRole>,
    resources: Vec<RoleResource>,
    /// Index of the resource by scope family.
    by_family: HashMap<String, usize>,
    permissions: Vec<Permission>,
}

/// A permission of custom roles that allows single operations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Permission {
    name: String,
    operations: Vec<String>,
}

/// A standard role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardRole {
    /// `READ_ONLY_ADMIN`.
    #[serde(rename = "type")]
    pub role_type: String,
    /// `Read-only Administrator`.
    pub label: String,
    /// Of a role that is a custom role made by Okta: the set that it is assigned on.
    pub resource_set: Option<String>,
}

/// A row of the matrix: what belongs to a resource and who has access to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleResource {
    /// The name: `users`.
    pub name: String,
    /// The families of scopes whose operations belong to it.
    pub scopes: Vec<String>,
    /// The stem of the permissions of custom roles.
    pub permission: Option<String>,
    /// How a resource set names it: service and name of `orn:okta:<service>:<org>:<name>`.
    pub orn: Option<String>,
    /// The path of its collection, which names it too.
    pub href: Option<String>,
    /// Access by standard role.
    pub access: BTreeMap<String, Access>,
}

/// How far a role goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read everything.
    Read,
    /// Read and change everything.
    Manage,
    /// Read everything, change who is a member.
    Members,
    /// Read what the groups of the assignment hold.
    ReadGroups,
    /// Read and change what the groups of the assignment hold.
    ManageGroups,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    role: Vec<StandardRole>,
    resource: Vec<RoleResource>,
    permission: Vec<Permission>,
}

impl RoleResource {
    /// The name behind the org in its ORN: `users`.
    pub fn in_orn(&self) -> Option<&str> {
        self.orn.as_deref()?.split_once(':').map(|(_, name)| name)
    }
}

impl Roles {
    pub(super) fn load() -> Result<Self, String> {
        let table: Table = toml::from_str(include_str!("../../../fixtures/roles.toml"))
            .map_err(|error| format!("roles.toml: {error}"))?;
        let mut by_family = HashMap::new();
        for (nth, resource) in table.resource.iter().enumerate() {
            for family in &resource.scopes {
                if by_family.insert(family.clone(), nth).is_some() {
                    return Err(format!("roles.toml: the scopes {family}.* belong to two resources"));
                }
            }
            for role in resource.access.keys() {
                if !table.role.iter().any(|known| known.role_type == *role) {
                    return Err(format!("roles.toml: {} names an unknown role {role}", resource.name));
                }
            }
        }
        Ok(Self { standard: table.role, resources: table.resource, by_family, permissions: table.permission })
    }

    /// A standard role by its type.
    pub fn standard(&self, role_type: &str) -> Option<&StandardRole> {
        self.standard.iter().find(|role| role.role_type == role_type)
    }

    /// The types of the standard roles.
    pub fn standard_types(&self) -> impl Iterator<Item = &str> {
        self.standard.iter().map(|role| role.role_type.as_str())
    }

    /// The resource that a scope (`okta.users.read`) belongs to.
    pub fn of_scope(&self, scope: &str) -> Option<&RoleResource> {
        let (family, _) = scope.rsplit_once('.')?;
        self.by_family.get(family).and_then(|nth| self.resources.get(*nth))
    }

    /// The kinds of resources.
    pub fn resources(&self) -> impl Iterator<Item = &RoleResource> {
        self.resources.iter()
    }

    /// Whether a permission is for this operation among others: `okta.groups.members.manage`.
    pub fn permits(&self, permission: &str, operation: &str) -> bool {
        let known = self.permissions.iter().find(|known| known.name == permission);
        known.is_some_and(|known| known.operations.iter().any(|one| one == operation))
    }

    /// The permissions that a custom role can have.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().filter_map(|resource| resource.permission.as_deref())
    }

    /// Whether a custom role can have a permission: `okta.users.read`, `okta.groups.members.manage`.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions().any(|stem| permission.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')))
    }
}
