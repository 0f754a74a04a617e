//! Where Okta is special: code that a resource file names, because no data can say what happens.

pub(super) mod apps;
pub(super) mod assignments;
mod authenticators;
mod behaviors;
mod brands;
mod captchas;
mod certificates;
mod devices;
mod domains;
mod email;
mod email_servers;
mod enrollments;
mod expand;
mod features;
pub(super) mod group_rules;
pub(super) mod groups;
mod hooks;
pub(super) mod iam;
mod identity_sources;
mod idps;
mod integrations;
mod org_settings;
mod pages;
mod policies;
pub(super) mod principals;
mod provisioning;
mod realms;
mod registered_devices;
mod ssf;
mod telephony;
mod themes;
mod user_types;
mod zones;

pub(super) use registered_devices::users as device_users;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::answer::Asked;
use super::authorization_servers;
use super::draft::Draft;
use super::mappings::ProfileMappings;
use super::own::Operations;
use super::users::Users;
use super::users::consents::UserGrants;
use super::users::factors::UserFactors;
use super::users::linked::LinkedObjects;
use crate::facts::resources::Resource;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::query::Path;
use crate::wire::ApiError;

/// What is special about a kind. Each part has a default: nothing.
pub(super) trait Special: Sync {
    /// Completes or refuses what is being written (created, replaced, changed, moved to another state, deleted), and
    /// adds what else happens in the same commit.
    fn write(&self, _: &mut Draft<'_>) -> Result<(), ApiError> {
        Ok(())
    }

    /// What else happens when two objects are related, or no longer so.
    fn related(
        &self,
        _: &Asked<'_>,
        _: &OrgState,
        _: &Document,
        _: &Document,
        _on: bool,
    ) -> Result<Vec<Change>, ApiError> {
        Ok(Vec::new())
    }

    /// Refuses a list that asks for what there is not.
    fn list(&self, _: &Asked<'_>) -> Result<(), ApiError> {
        Ok(())
    }

    /// The object as this caller sees it, where that is not what is stored; with `_links`.
    fn show(&self, _: &Asked<'_>, _: &Arc<Document>) -> Option<Value> {
        None
    }

    /// Whether [`Special::show`] is asked for the items of this list too; else their stored bytes are joined.
    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        false
    }

    /// The ids of the objects that have this value of an attribute which no document has: the apps of a user. None for
    /// an attribute that documents have themselves.
    fn having(&self, _: &OrgState, _attribute: &Path, _value: &str) -> Option<Vec<Arc<str>>> {
        None
    }

    /// Whether an object fits what was typed as `q`, where that is looked for in another document: the group behind an
    /// app's. None where the object has it itself.
    fn typed(&self, _: &OrgState, _: &Document, _typed: &str) -> Option<bool> {
        None
    }

    /// The `_links` of a wrapped list.
    fn list_links(&self, _: &Asked<'_>) -> Option<Value> {
        None
    }
}

/// By the name in the resource files.
const SPECIALS: &[(&str, &dyn Special)] = &[
    ("api_tokens", &principals::ApiTokens),
    ("group_owners", &groups::GroupOwners),
    ("group_rules", &group_rules::GroupRules),
    ("groups", &groups::Groups),
    ("iam_role_permissions", &iam::IamRolePermissions),
    ("iam_roles", &iam::IamRoles),
    ("principal_rate_limits", &principals::PrincipalRateLimits),
    ("resource_set_resources", &iam::Resources),
    ("resource_sets", &iam::ResourceSets),
    ("aerial", &org_settings::Aerial),
    ("app_connections", &provisioning::Connections),
    ("app_groups", &assignments::AppGroups),
    ("app_users", &assignments::AppUsers),
    ("apps", &apps::Apps),
    ("arrays", &pages::Arrays),
    ("authenticator_aaguids", &authenticators::Aaguids),
    ("authenticator_enrollments", &enrollments::AuthenticatorEnrollments),
    ("authenticators", &authenticators::Authenticators),
    ("authorization_server", &authorization_servers::Server),
    ("authorization_server_scope", &authorization_servers::Scope),
    ("authorization_server_claim", &authorization_servers::Claim),
    ("authorization_server_policy", &authorization_servers::Policy),
    ("authorization_server_rule", &authorization_servers::Rule),
    ("behaviors", &behaviors::Behaviors),
    ("brands", &brands::Brands),
    ("captchas", &captchas::Captchas),
    ("dated_by_admin", &devices::PostureChecks),
    ("device_assurances", &devices::DeviceAssurances),
    ("devices", &registered_devices::Devices),
    ("domains", &domains::Domains),
    ("email_customizations", &email::EmailCustomizations),
    ("email_domains", &domains::EmailDomains),
    ("email_servers", &email_servers::EmailServers),
    ("email_templates", &email::EmailTemplates),
    ("error_pages", &pages::ErrorPages),
    ("event_hooks", &hooks::EventHooks),
    ("group_push_mappings", &provisioning::GroupPush),
    ("hook_keys", &hooks::HookKeys),
    ("identity_source_groups", &identity_sources::Groups),
    ("identity_source_members", &identity_sources::Members),
    ("identity_source_sessions", &identity_sources::Sessions),
    ("identity_source_users", &identity_sources::Users),
    ("idp_keys", &idps::IdpKeys),
    ("idp_users", &idps::IdpUsers),
    ("idps", &idps::Idps),
    ("inline_hooks", &hooks::InlineHooks),
    ("integrations", &integrations::Integrations),
    ("linked_objects", &LinkedObjects),
    ("okta_support", &org_settings::OktaSupport),
    ("org_captcha", &captchas::OrgCaptcha),
    ("page_roots", &pages::PageRoots),
    ("policies", &policies::Policies),
    ("policy_rules", &policies::Rules),
    ("profile_mappings", &ProfileMappings),
    ("push_providers", &captchas::PushProviders),
    ("realm_assignments", &realms::RealmAssignments),
    ("realm_operations", &realms::RealmOperations),
    ("realms", &realms::Realms),
    ("resource_server_key", &authorization_servers::ResourceServerKey),
    ("service_accounts", &telephony::ServiceAccounts),
    ("sign_in_pages", &pages::SignInPages),
    ("sms_templates", &captchas::SmsTemplates),
    ("telephony_providers", &telephony::TelephonyProviders),
    ("themes", &themes::Themes),
    ("trusted_origins", &hooks::TrustedOrigins),
    ("user_factors", &UserFactors),
    ("user_types", &user_types::UserTypes),
    ("user_grants", &UserGrants),
    ("users", &Users),
    ("yubikey_tokens", &enrollments::YubikeyTokens),
    ("zones", &zones::Zones),
];

/// Operations of their own, a file each.
pub(super) const AREAS: &[(&str, Operations)] = &[
    ("special/brands.rs", brands::OPERATIONS),
    ("special/certificates.rs", certificates::OPERATIONS),
    ("special/email.rs", email::OPERATIONS),
    ("special/features.rs", features::OPERATIONS),
    ("special/identity_sources/", identity_sources::OPERATIONS),
    ("special/org_settings.rs", org_settings::OPERATIONS),
    ("special/themes.rs", themes::OPERATIONS),
];

pub(super) use expand::expands;

pub(super) use authenticators::OPERATIONS as AUTHENTICATORS;
pub(super) use devices::OPERATIONS as DEVICES;
pub(super) use policies::OPERATIONS as POLICIES;
pub(super) use ssf::OPERATIONS as SSF;

/// What is special about a kind. Asked several times for each request.
pub(super) fn of(resource: &Resource) -> Option<&'static dyn Special> {
    static BY_NAME: LazyLock<HashMap<&str, &dyn Special>> =
        LazyLock::new(|| SPECIALS.iter().copied().collect());
    BY_NAME.get(resource.special.as_deref()?).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::facts::facts;

    #[test]
    fn the_files_name_code_that_is_there_and_all_of_it() {
        let named: BTreeSet<_> =
            facts().resources.all().filter_map(|resource| resource.special.as_deref()).collect();
        let known: BTreeSet<_> = SPECIALS.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, known);
        assert_eq!(known.len(), SPECIALS.len(), "a name is there twice");
    }
}
