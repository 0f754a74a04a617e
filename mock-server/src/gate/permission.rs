//! May the token do it, may the role do it. Scope first, then role (mgmt-facts §10).

use super::caller::Caller;
use super::roles::{self, Action, Reach};
use crate::facts::dialects::Switch;
use crate::facts::facts;
use crate::facts::operations::Operation;
use crate::org::held_role::EffectiveRole;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;

/// The scope that let a token through.
#[derive(Debug, PartialEq, Eq)]
pub enum ScopeVerdict<'a> {
    /// No scope is asked: an API token has its owner's permissions.
    NotAsked,
    /// The token has this scope.
    Allowed(&'a str),
    /// The token has this `.self` scope: it may be used for its own user only (mgmt-facts §1.4).
    Own(&'a str),
    /// The token lacks this one.
    Lacks(&'a str),
    /// The operation takes no tokens of this kind (mgmt-facts §1.1 row 11).
    WrongKind,
}

/// Whether the caller's token may be used for an operation; `manage` includes `read`.
pub fn scope<'a>(operation: &'a Operation, caller: &'a Caller) -> ScopeVerdict<'a> {
    match caller {
        Caller::Anybody | Caller::Operator => ScopeVerdict::NotAsked,
        Caller::ApiToken { .. } if operation.api_token => ScopeVerdict::NotAsked,
        Caller::ApiToken { .. } => ScopeVerdict::WrongKind,
        Caller::Bearer(_) if operation.scopes.is_empty() => ScopeVerdict::WrongKind,
        Caller::Bearer(token) => {
            let mut allowed = "";
            for needed in &operation.scopes {
                if let Some(held) = token.scopes.iter().find(|held| covers(held, needed)) {
                    allowed = held;
                    continue;
                }
                let own = token.scopes.iter().filter(|_| token.user.is_some());
                let own = own.filter_map(|held| held.strip_suffix(".self").map(|scope| (held, scope)));
                return match own.into_iter().find(|(_, scope)| covers(scope, needed)) {
                    Some((held, _)) => ScopeVerdict::Own(held),
                    None => ScopeVerdict::Lacks(needed),
                };
            }
            ScopeVerdict::Allowed(allowed)
        }
    }
}

/// Whether a held scope is the needed one, or the manage scope of its family, which includes read and register.
fn covers(held: &str, needed: &str) -> bool {
    let family = needed.strip_suffix(".read").or_else(|| needed.strip_suffix(".register"));
    held == needed || family.is_some_and(|family| held.strip_suffix(".manage") == Some(family))
}

/// How much of what an operation is about the caller's roles reach, and the name of the role that decided.
pub fn reach(state: &OrgState, operation: &Operation, caller: &Caller) -> (Reach, Option<String>) {
    if matches!(caller, Caller::Operator) || state.settings.mutations.has(Mutation::Role) {
        return (Reach::Everything, None);
    }
    let Some(resource) = operation.scopes.first().and_then(|scope| facts().roles.of_scope(scope)) else {
        return (Reach::Everything, None);
    };
    let action = if operation.reads { Action::Read } else { Action::Manage };
    let holder = caller.role_holder();
    let own = state.derived.roles(holder);
    let groups = caller.user().into_iter().flat_map(|user| state.holders("members", user, None));
    let through_groups = groups.flat_map(|group| state.derived.roles(group));
    let (reach, role) = roles::reach(own.chain(through_groups), resource, action, &operation.id);
    if reach == Reach::Nothing && counts_as_super_admin(state, caller) {
        return (
            Reach::Everything,
            Some("SUPER_ADMIN by the org's setting for public client apps".to_owned()),
        );
    }
    (reach, role.map(|role| EffectiveRole::name(&role).to_owned()))
}

/// The setting "Public client app admins" (mgmt-facts §1.4).
fn counts_as_super_admin(state: &OrgState, caller: &Caller) -> bool {
    matches!(caller, Caller::Bearer(token) if token.user.is_none() && !state.derived.grants(&token.client_id).is_empty())
        && state.settings.dialect.is(Switch::PublicClientAppAdmins, "on")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::oauth::AccessToken;
    use crate::org::tokens::TokenId;

    #[test]
    fn manage_includes_read_of_its_own_family_only() {
        for (held, needed, expected) in [
            ("okta.users.read", "okta.users.read", true),
            ("okta.users.manage", "okta.users.read", true),
            ("okta.users.read", "okta.users.manage", false),
            ("okta.groups.manage", "okta.users.read", false),
            ("okta.clients.manage", "okta.clients.register", true),
            ("okta.clients.register", "okta.clients.read", false),
            ("okta.clients.read", "okta.clients.register", false),
            ("okta.users.manage.self", "okta.users.read", false),
            ("okta.users.read.self", "okta.users.read", false),
            ("okta.apps.manage", "okta.apps.interclientTrust.read", false),
        ] {
            assert_eq!(covers(held, needed), expected, "{held} for {needed}");
        }
    }

    #[test]
    fn a_self_scope_is_for_the_user_behind_the_token() {
        let operation = |id: &str| facts().operations.all().iter().find(|one| one.id == id).unwrap();
        let caller = |user: Option<&str>, scopes: &[&str]| {
            Caller::Bearer(Arc::new(AccessToken {
                id: TokenId { realm: 0, serial: 1, generation: 0 },
                client_id: "0oa1".into(),
                user: user.map(Into::into),
                jkt: None,
                scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
                family: None,
                issuer: "http://localhost".into(),
                issued_at: 0,
                expires_at: 3600,
            }))
        };
        let (own, both) = (["okta.users.read.self"], ["okta.users.read.self", "okta.users.read"]);
        let manage = ["okta.users.manage.self"];
        for (id, user, scopes, expected) in [
            ("getUser", Some("00u1"), &own[..], ScopeVerdict::Own("okta.users.read.self")),
            ("getUser", Some("00u1"), &manage[..], ScopeVerdict::Own("okta.users.manage.self")),
            ("updateUser", Some("00u1"), &manage[..], ScopeVerdict::Own("okta.users.manage.self")),
            ("updateUser", Some("00u1"), &own[..], ScopeVerdict::Lacks("okta.users.manage")),
            ("getUser", Some("00u1"), &both[..], ScopeVerdict::Allowed("okta.users.read")),
            ("getUser", None, &own[..], ScopeVerdict::Lacks("okta.users.read")),
            ("listGroups", Some("00u1"), &own[..], ScopeVerdict::Lacks("okta.groups.read")),
        ] {
            assert_eq!(scope(operation(id), &caller(user, scopes)), expected, "{id} {scopes:?}");
        }
    }
}
