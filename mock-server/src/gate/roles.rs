//! What an admin role reaches (mgmt-facts §7.7). Pure: roles in, reach out.

use std::collections::BTreeSet;

use crate::facts::roles::{Access, RoleResource};
use crate::org::held_role::HeldRole;

/// What an operation wants to do to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look at it.
    Read,
    /// Change it.
    Manage,
}

/// How much of a resource a principal reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// No role reaches it.
    Nothing,
    /// The caller's own user, whatever its roles: a `.self` scope says no more.
    Own(String),
    /// These groups and their members, or only the members when the resource is users.
    Groups(BTreeSet<String>),
    /// All of it.
    Everything,
}

/// How much of a resource one role reaches.
fn reach_of(role: &HeldRole, resource: &RoleResource, action: Action) -> Reach {
    match role {
        HeldRole::Standard { role_type, groups } => match resource.access.get(role_type) {
            Some(Access::Manage) => Reach::Everything,
            Some(Access::Read | Access::Members) if action == Action::Read => Reach::Everything,
            Some(Access::ManageGroups) => within(groups),
            Some(Access::ReadGroups) if action == Action::Read => within(groups),
            _ => Reach::Nothing,
        },
        HeldRole::Custom { permissions, resources } => {
            let allowed = resource.permission.as_deref().is_some_and(|stem| {
                permissions.iter().any(|permission| match permission.strip_prefix(stem) {
                    Some(".manage") => true,
                    Some(".read") => action == Action::Read,
                    _ => false,
                })
            });
            if allowed { within_set(resources, &resource.name) } else { Reach::Nothing }
        }
    }
}

/// How much all roles of a principal reach together, and the role that decided.
pub fn reach<'r>(
    roles: impl Iterator<Item = &'r HeldRole>,
    resource: &RoleResource,
    action: Action,
) -> (Reach, Option<&'r HeldRole>) {
    let mut groups = BTreeSet::new();
    let mut decided = None;
    for role in roles {
        match reach_of(role, resource, action) {
            Reach::Everything => return (Reach::Everything, Some(role)),
            Reach::Groups(more) => {
                groups.extend(more);
                decided = Some(role);
            }
            Reach::Nothing | Reach::Own(_) => {}
        }
    }
    match decided {
        Some(role) => (Reach::Groups(groups), Some(role)),
        None => (Reach::Nothing, None),
    }
}

fn within(groups: &[String]) -> Reach {
    if groups.is_empty() { Reach::Everything } else { Reach::Groups(groups.iter().cloned().collect()) }
}

/// A resource set holds whole kinds, or single groups with their members.
fn within_set(resources: &[String], name: &str) -> Reach {
    if resources.iter().any(|one| one == name) {
        return Reach::Everything;
    }
    let groups: BTreeSet<_> =
        resources.iter().filter_map(|one| one.strip_prefix("groups:")).map(str::to_owned).collect();
    if groups.is_empty() || !["users", "groups"].contains(&name) {
        Reach::Nothing
    } else {
        Reach::Groups(groups)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::facts;

    fn standard(role_type: &str, groups: &[&str]) -> HeldRole {
        HeldRole::Standard {
            role_type: role_type.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        }
    }

    fn of(scope: &str) -> &'static RoleResource {
        facts().roles.of_scope(scope).unwrap()
    }

    /// mgmt-facts §7.7, cell by cell for the resources that every integration meets:
    /// M manage, R read, - nothing.
    #[test]
    fn the_matrix() {
        let roles = [
            "SUPER_ADMIN",
            "ORG_ADMIN",
            "APP_ADMIN",
            "USER_ADMIN",
            "HELP_DESK_ADMIN",
            "GROUP_MEMBERSHIP_ADMIN",
            "READ_ONLY_ADMIN",
            "REPORT_ADMIN",
            "API_ACCESS_MANAGEMENT_ADMIN",
            "MOBILE_ADMIN",
        ];
        for (scope, cells) in [
            ("okta.users.read", "MMRMRRR-RR"),
            ("okta.groups.read", "MMRMRRR-RR"),
            ("okta.apps.read", "MRM---R-MR"),
            ("okta.appGrants.read", "M-R---R-R-"),
            ("okta.authorizationServers.read", "MR----R-M-"),
            ("okta.clients.read", "M-M---R-M-"),
            ("okta.brands.read", "MM----R--R"),
            ("okta.eventHooks.read", "M---------"),
            ("okta.idps.read", "MM----R---"),
            ("okta.logs.read", "RRR---RRRR"),
            ("okta.policies.read", "MMR---R-R-"),
            ("okta.roles.read", "M---------"),
            ("okta.sessions.read", "MM-MM-----"),
            ("okta.networkZones.read", "MM----R--R"),
            ("okta.logStreams.read", "M---------"),
        ] {
            let found: String = roles
                .iter()
                .map(|role| {
                    let role = standard(role, &[]);
                    let reaches = |action| reach_of(&role, of(scope), action) == Reach::Everything;
                    match (reaches(Action::Manage), reaches(Action::Read)) {
                        (true, true) => 'M',
                        (false, true) => 'R',
                        (false, false) => '-',
                        (true, false) => '!',
                    }
                })
                .collect();
            // Logs cannot be managed; the matrix writes R for all who see them, SUPER_ADMIN included.
            assert_eq!(found, cells, "{scope}");
        }
    }

    #[test]
    fn a_limited_role_reaches_its_groups_only() {
        let helpers = standard("HELP_DESK_ADMIN", &["00g1"]);
        let managers = standard("USER_ADMIN", &["00g2"]);
        let users = of("okta.users.read");
        let groups = |ids: &[&str]| Reach::Groups(ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(
            reach([&helpers, &managers].into_iter(), users, Action::Read).0,
            groups(&["00g1", "00g2"])
        );
        assert_eq!(reach([&helpers, &managers].into_iter(), users, Action::Manage).0, groups(&["00g2"]));
        let all = standard("READ_ONLY_ADMIN", &[]);
        assert_eq!(reach([&helpers, &all].into_iter(), users, Action::Read), (Reach::Everything, Some(&all)));
        assert_eq!(reach([].into_iter(), users, Action::Read), (Reach::Nothing, None));
    }

    #[test]
    fn a_custom_role_needs_the_permission_and_the_resource() {
        let custom = |permissions: &[&str], resources: &[&str]| HeldRole::Custom {
            permissions: permissions.iter().map(|one| (*one).to_owned()).collect(),
            resources: resources.iter().map(|one| (*one).to_owned()).collect(),
        };
        let (users, apps) = (of("okta.users.read"), of("okta.apps.read"));
        let reader = custom(&["okta.users.read"], &["users"]);
        assert_eq!(reach_of(&reader, users, Action::Read), Reach::Everything);
        assert_eq!(reach_of(&reader, users, Action::Manage), Reach::Nothing);
        assert_eq!(reach_of(&reader, apps, Action::Read), Reach::Nothing);
        assert_eq!(
            reach_of(&custom(&["okta.users.manage"], &["users"]), users, Action::Read),
            Reach::Everything
        );
        assert_eq!(reach_of(&custom(&["okta.users.read"], &["apps"]), users, Action::Read), Reach::Nothing);
        let one_group = custom(&["okta.users.read"], &["groups:00g1"]);
        assert_eq!(
            reach_of(&one_group, users, Action::Read),
            Reach::Groups(BTreeSet::from(["00g1".to_owned()]))
        );
    }
}
