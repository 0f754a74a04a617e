//! What an admin role reaches (mgmt-facts §7.7). Pure: roles in, reach out.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::facts;
use crate::facts::roles::{Access, RoleResource};
use crate::org::held_role::EffectiveRole;

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
    /// These groups and their members, these users, these apps (by ids, or by their names in the catalogue).
    Only(BTreeSet<String>),
    /// All of it but these.
    AllBut(BTreeSet<String>),
    /// All of it.
    Everything,
}

/// How much of a resource one role reaches with an operation.
fn reach_of(role: &EffectiveRole<'_>, resource: &RoleResource, action: Action, operation: &str) -> Reach {
    match role {
        EffectiveRole::Standard { role_type, groups, apps } => {
            let limits = if resource.name == "apps" { apps } else { groups };
            match resource.access.get(*role_type) {
                Some(Access::Manage) if resource.name == "apps" => within(limits),
                Some(Access::Manage) => Reach::Everything,
                Some(Access::Read) if action == Action::Read => Reach::Everything,
                Some(Access::Members) if action == Action::Read => Reach::Everything,
                Some(Access::Members) if facts().roles.permits(MEMBERS, operation) => within(limits),
                Some(Access::ManageGroups) => within(limits),
                Some(Access::ReadGroups) if action == Action::Read => within(limits),
                _ => Reach::Nothing,
            }
        }
        EffectiveRole::Custom { permissions, resources } => {
            let allowed = resource.permission.as_deref().is_some_and(|stem| {
                permissions.iter().any(|permission| match permission.strip_prefix(stem) {
                    Some(".manage") => true,
                    Some(".read") => action == Action::Read,
                    _ => facts().roles.permits(permission, operation),
                })
            });
            if allowed { within_set(resources, resource) } else { Reach::Nothing }
        }
    }
}

/// What a group membership administrator may do besides reading.
const MEMBERS: &str = "okta.groups.members.manage";

/// How much all roles of a principal reach together, and the role that decided.
pub fn reach<'r>(
    roles: impl Iterator<Item = EffectiveRole<'r>>,
    resource: &RoleResource,
    action: Action,
    operation: &str,
) -> (Reach, Option<EffectiveRole<'r>>) {
    let mut only = BTreeSet::new();
    let mut all_but: Option<BTreeSet<String>> = None;
    let mut decided = None;
    for role in roles {
        match reach_of(&role, resource, action, operation) {
            Reach::Everything => return (Reach::Everything, Some(role)),
            Reach::Only(more) => {
                only.extend(more);
                decided = Some(role);
            }
            Reach::AllBut(these) => {
                all_but = Some(match all_but {
                    Some(those) => &those & &these,
                    None => these,
                });
                decided = Some(role);
            }
            Reach::Nothing | Reach::Own(_) => {}
        }
    }
    if let Some(all_but) = all_but {
        return (Reach::AllBut(&all_but - &only), decided);
    }
    match decided {
        Some(role) => (Reach::Only(only), Some(role)),
        None => (Reach::Nothing, None),
    }
}

fn within(limits: &[String]) -> Reach {
    if limits.is_empty() { Reach::Everything } else { Reach::Only(limits.iter().cloned().collect()) }
}

/// A resource set holds whole kinds, single objects, or the members of single groups.
fn within_set(resources: &[Arc<str>], resource: &RoleResource) -> Reach {
    let Some(kind) = resource.in_orn() else { return Reach::Nothing };
    let (mut only, mut excluded, mut all) = (BTreeSet::new(), BTreeSet::new(), false);
    for orn in resources {
        if let Some(without) = orn.strip_prefix('!') {
            excluded.extend(without.rsplit(':').next().map(str::to_owned));
            continue;
        }
        let mut parts = orn.split(':');
        let (family, rest) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
        match rest.as_slice() {
            [] if family == kind => all = true,
            [group, MEMBERS_OF] if kind == "users" && family == "groups" => {
                only.insert((*group).to_owned());
            }
            [.., MEMBERS_OF] => {}
            [.., one] if family == kind => {
                only.insert((*one).to_owned());
            }
            _ => {}
        }
    }
    match (all, only.is_empty()) {
        (true, _) if excluded.is_empty() => Reach::Everything,
        (true, _) => Reach::AllBut(&excluded - &only),
        (false, true) => Reach::Nothing,
        (false, false) => Reach::Only(only),
    }
}

/// The end of an ORN that stands for the members of a group.
const MEMBERS_OF: &str = "contained_resources";

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::facts;

    fn standard<'r>(role_type: &'r str, groups: &'r [String], apps: &'r [String]) -> EffectiveRole<'r> {
        EffectiveRole::Standard { role_type, groups, apps }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn only(ids: &[&str]) -> Reach {
        Reach::Only(ids.iter().map(|id| (*id).to_owned()).collect())
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
                    let role = standard(role, &[], &[]);
                    let reaches = |action| reach_of(&role, of(scope), action, "") == Reach::Everything;
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
        let (one, two) = (texts(&["00g1"]), texts(&["00g2"]));
        let helpers = standard("HELP_DESK_ADMIN", &one, &[]);
        let managers = standard("USER_ADMIN", &two, &[]);
        let users = of("okta.users.read");
        let both = [helpers, managers];
        assert_eq!(reach(both.into_iter(), users, Action::Read, "").0, only(&["00g1", "00g2"]));
        assert_eq!(reach(both.into_iter(), users, Action::Manage, "").0, only(&["00g2"]));
        let all = standard("READ_ONLY_ADMIN", &[], &[]);
        let found = reach([helpers, all].into_iter(), users, Action::Read, "");
        assert_eq!(found, (Reach::Everything, Some(all)));
        assert_eq!(reach([].into_iter(), users, Action::Read, ""), (Reach::Nothing, None));
    }

    #[test]
    fn an_app_administrator_may_be_limited_to_apps() {
        let apps = texts(&["0oa1", "facebook"]);
        let role = standard("APP_ADMIN", &[], &apps);
        let manage = |scope| reach_of(&role, of(scope), Action::Manage, "");
        assert_eq!(manage("okta.apps.read"), only(&["0oa1", "facebook"]));
        assert_eq!(manage("okta.clients.read"), Reach::Everything);
        assert_eq!(reach_of(&role, of("okta.users.read"), Action::Read, ""), Reach::Everything);
    }

    #[test]
    fn members_may_be_changed_by_those_who_may_do_nothing_else() {
        let groups = texts(&["00g1"]);
        let role = standard("GROUP_MEMBERSHIP_ADMIN", &groups, &[]);
        let manage = |operation| reach_of(&role, of("okta.groups.manage"), Action::Manage, operation);
        assert_eq!(manage("assignUserToGroup"), only(&["00g1"]));
        assert_eq!(manage("deleteGroup"), Reach::Nothing);
    }

    /// What one role excludes, another may give.
    #[test]
    fn what_is_excluded_is_not_reached() {
        let permissions = [Arc::from("okta.apps.read")];
        let but = |resources: &[&str]| resources.iter().map(|one| Arc::from(*one)).collect::<Vec<Arc<str>>>();
        let (most, some) = (but(&["apps", "!apps:bookmark:0oa1", "!apps:slack"]), but(&["apps:slack"]));
        let role = |resources| EffectiveRole::Custom { permissions: &permissions, resources };
        let all_but = |ids: &[&str]| Reach::AllBut(ids.iter().map(|id| (*id).to_owned()).collect());
        let apps = of("okta.apps.read");
        let reach = |roles: Vec<EffectiveRole<'_>>| reach(roles.into_iter(), apps, Action::Read, "").0;
        assert_eq!(reach(vec![role(&most)]), all_but(&["0oa1", "slack"]));
        assert_eq!(reach(vec![role(&most), role(&some)]), all_but(&["0oa1"]));
        let other = but(&["apps", "!apps:bookmark:0oa2"]);
        assert_eq!(reach(vec![role(&most), role(&other)]), all_but(&[]));
    }

    #[test]
    fn a_custom_role_needs_the_permission_and_the_resource() {
        let reached = |permissions: &[&str], resources: &[&str], scope: &str, action, operation: &str| {
            let permissions: Vec<Arc<str>> = permissions.iter().map(|one| Arc::from(*one)).collect();
            let resources: Vec<Arc<str>> = resources.iter().map(|one| Arc::from(*one)).collect();
            let role = EffectiveRole::Custom { permissions: &permissions, resources: &resources };
            reach_of(&role, of(scope), action, operation)
        };
        let (read, manage) = (Action::Read, Action::Manage);
        for (permission, resource, scope, action, operation, reach) in [
            ("okta.users.read", "users", "okta.users.read", read, "", Reach::Everything),
            ("okta.users.read", "users", "okta.users.read", manage, "", Reach::Nothing),
            ("okta.users.read", "users", "okta.apps.read", read, "", Reach::Nothing),
            ("okta.users.manage", "users", "okta.users.read", read, "", Reach::Everything),
            ("okta.users.read", "apps", "okta.users.read", read, "", Reach::Nothing),
            ("okta.users.read", "groups:00g1", "okta.users.read", read, "", Reach::Nothing),
            (
                "okta.users.read",
                "groups:00g1:contained_resources",
                "okta.users.read",
                read,
                "",
                only(&["00g1"]),
            ),
            ("okta.groups.read", "groups:00g1", "okta.groups.read", read, "", only(&["00g1"])),
            (
                "okta.groups.read",
                "groups:00g1:contained_resources",
                "okta.groups.read",
                read,
                "",
                Reach::Nothing,
            ),
            ("okta.apps.manage", "apps:bookmark:0oa1", "okta.apps.manage", manage, "", only(&["0oa1"])),
            ("okta.apps.manage", "apps:bookmark", "okta.apps.manage", manage, "", only(&["bookmark"])),
            ("okta.users.create", "users", "okta.users.manage", manage, "createUser", Reach::Everything),
            ("okta.users.create", "users", "okta.users.manage", manage, "deleteUser", Reach::Nothing),
        ] {
            let found = reached(&[permission], &[resource], scope, action, operation);
            assert_eq!(found, reach, "{permission} on {resource}: {scope} {operation}");
        }
    }
}
