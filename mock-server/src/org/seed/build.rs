//! Building an org: ids are given, references are followed, every object becomes a change.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::apps::{self, NewApp, Surroundings};
use super::document::{
    AppEntry, CustomAssignment, GroupEntry, OrgDocument, RoleEntry, SigningKeySource, UserEntry,
};
use super::new_org::NewOrg;
use super::{ApiTokenCredentials, Credentials, SeedError, Seeded, people};
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::facts;
use crate::org::OrgOptions;
use crate::org::app::{self, Around};
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::held_role::targetable_assignment;
use crate::org::ids::Ids;
use crate::org::keys::SigningKeys;
use crate::org::orn::Orn;
use crate::org::profile_mappings;
use crate::org::state::{LimitSettings, OrgState, Settings};

/// The profile of an org that names none.
const DEFAULT_PROFILE: &str = "integrator-2026";

/// So many users are generated at most: more would take minutes and all memory.
const MOST_USERS: usize = 1_000_000;

/// Turns a document into an org.
///
/// # Errors
/// [`SeedError`] names the place in the document, what is wrong and the remedy.
pub fn build(
    document: &OrgDocument,
    options: &OrgOptions,
    ids: &Ids,
    now: Timestamp,
) -> Result<Seeded, SeedError> {
    let settings = settings(document, options, ids)?;
    let keys = match document.signing_keys {
        SigningKeySource::Fixture => SigningKeys::fixture(),
        SigningKeySource::Unique => Arc::new(
            SigningKeys::generate().map_err(|error| SeedError::invalid("signing_keys", error.to_string()))?,
        ),
    };
    let start = document.created.unwrap_or(now);
    let created = okta_timestamp(start);
    let mut builder = Builder {
        ids,
        start,
        org_id: settings.org_id.clone(),
        org_name: settings.name.clone(),
        created,
        dpop_on_service_apps: settings.dialect.is(Switch::DpopOnNewServiceApps, "required"),
        new_org: NewOrg::with(ids, document.users.first().and_then(|user| user.id.as_deref())),
        changes: Changes {
            state: OrgState::empty(settings.clone(), keys.clone()),
            last_hidden: Arc::default(),
        },
        credentials: Credentials::default(),
        users: HashMap::new(),
        generated: Vec::new(),
        groups: HashMap::new(),
        custom_roles: HashMap::new(),
        resource_sets: HashMap::new(),
    };
    for mut change in builder.new_org.changes(&builder.org_id, &settings.name, &builder.created)? {
        builder.complete_app(&mut change, keys.kid());
        builder.changes.push(change);
    }
    builder.people(document, options.users)?;
    builder.groups(document)?;
    builder.apps(document, keys.kid())?;
    builder.admin_roles(document)?;
    builder.roles(document)?;
    builder.api_tokens(document)?;
    builder.authorization_servers(document)?;
    builder.mappings();
    builder.submissions(document)?;
    Ok(Seeded { state: builder.changes.state, credentials: builder.credentials })
}

fn settings(document: &OrgDocument, options: &OrgOptions, ids: &Ids) -> Result<Settings, SeedError> {
    let profile = options.rate_limits.as_ref().or(document.rate_limits.as_ref());
    let profile = profile.cloned().unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
    if !facts().limits.has_profile(&profile) {
        let known = facts().limits.profiles();
        return Err(SeedError::unknown("rate_limits", "rate-limit profile", &profile, known));
    }
    let dialect =
        Dialect::with(&document.dialect).map_err(|error| SeedError::invalid("dialect", error.to_string()))?;
    let max_page = options.max_page.or(document.max_page);
    if max_page == Some(0) {
        return Err(SeedError::invalid(
            "max_page",
            "a page has at least one item; leave the key out for Okta's sizes",
        ));
    }
    Ok(Settings {
        name: options.name.clone().or_else(|| document.name.clone()).unwrap_or_else(|| "default".to_owned()),
        org_id: ids.next("00o"),
        dialect,
        limits: LimitSettings::profile(profile),
        max_page,
        mutations: options.mutations,
        search_lag: document
            .search_lag_seconds
            .filter(|seconds| *seconds > 0)
            .map(|seconds| SignedDuration::from_secs(seconds.into())),
        sign_in_picker: document.sign_in_picker,
        token_generation: 0,
    })
}

/// An assignment that is being made: its id, the beginning of what is shown, what it is to decisions.
type Assigned = (String, Value, Value);

pub(super) struct Builder<'a> {
    pub(super) ids: &'a Ids,
    org_id: String,
    org_name: String,
    start: Timestamp,
    pub(super) created: String,
    dpop_on_service_apps: bool,
    /// What every org has on its first day.
    pub(super) new_org: NewOrg,
    pub(super) changes: Changes,
    pub(super) credentials: Credentials,
    /// Ids by login.
    pub(super) users: HashMap<String, Arc<str>>,
    pub(super) generated: Vec<Arc<str>>,
    /// Ids by name.
    groups: HashMap<String, Arc<str>>,
    /// Custom roles and resource sets: ids by label.
    custom_roles: HashMap<String, Arc<str>>,
    resource_sets: HashMap<String, Arc<str>>,
}

/// Applies each change at once: of a hundred thousand users no tree is left behind.
pub(super) struct Changes {
    pub(super) state: OrgState,
    last_hidden: Arc<Value>,
}

impl Changes {
    pub(super) fn push(&mut self, mut change: Change) {
        if let Change::Put { hidden, .. } = &mut change {
            // Generated users have the same in the hidden part: one will do for all.
            if *hidden == self.last_hidden {
                *hidden = self.last_hidden.clone();
            } else {
                self.last_hidden = hidden.clone();
            }
        }
        self.state.apply(&change);
    }
}

impl Builder<'_> {
    pub(super) fn put(&mut self, kind: &'static str, id: &Arc<str>, value: Value, hidden: Value) {
        self.changes.push(Change::put(kind, id.clone(), value, hidden));
    }

    pub(super) fn id(&self, given: Option<&String>, prefix: &str) -> Arc<str> {
        given.map_or_else(|| self.ids.next(prefix).into(), |id| id.as_str().into())
    }

    fn people(&mut self, document: &OrgDocument, more: usize) -> Result<(), SeedError> {
        let everyone = self.new_org.id("everyone");
        let profile = json!({ "name": "Everyone", "description": "All users in your organization" });
        self.group(&everyone, "BUILT_IN", &profile);
        self.groups.insert("Everyone".to_owned(), everyone.clone());
        let type_id = self.new_org.id("user-type");
        let schema = format!("osc{}", &type_id[3..]);
        for (nth, entry) in document.users.iter().enumerate() {
            self.user(entry, &format!("users[{nth}]"), &type_id, &schema, &everyone)?;
        }
        let many = document.generate.users.saturating_add(more);
        if many > MOST_USERS {
            let message = format!("{many} users are too many; generate at most {MOST_USERS}");
            return Err(SeedError::invalid("generate.users", message));
        }
        self.make_people(document, many, (&type_id, &schema), &everyone)
    }

    /// Lets a login belong to a user.
    pub(super) fn own(&mut self, login: &str, place: &str, id: &Arc<str>) -> Result<(), SeedError> {
        match self.users.insert(login.to_lowercase(), id.clone()) {
            None => Ok(()),
            Some(_) => Err(SeedError::invalid(
                format!("{place}.profile.login"),
                format!("{login:?} occurs twice; logins are unique in an org"),
            )),
        }
    }

    fn user(
        &mut self,
        entry: &UserEntry,
        place: &str,
        type_id: &str,
        schema: &str,
        everyone: &Arc<str>,
    ) -> Result<(), SeedError> {
        let id =
            if self.users.is_empty() { self.new_org.id("admin") } else { self.id(entry.id.as_ref(), "00u") };
        let realm = self.new_org.id("default-realm");
        let value = people::document(entry, place, &id, (type_id, &realm), &self.created)?;
        let login = value["profile"]["login"].as_str().unwrap_or_default().to_owned();
        self.own(&login, place, &id)?;
        if let Some(password) = &entry.password {
            self.credentials.users.push((login, password.clone()));
        }
        self.put("users", &id, value, json!({ "schema": schema, "password": entry.password }));
        self.changes.push(Change::Link { relation: "members", from: everyone.clone(), to: id });
        Ok(())
    }

    /// The profile mappings of the apps and providers that there are from the beginning.
    fn mappings(&mut self) {
        let user_type = self.new_org.id("user-type");
        for kind in ["apps", "idps"] {
            let sources: Vec<_> = self.changes.state.all(kind).after(None).cloned().collect();
            for source in sources {
                for change in profile_mappings::of_new(kind, &source.id, &source.value(), &user_type) {
                    self.changes.push(change);
                }
            }
        }
    }

    fn group(&mut self, id: &Arc<str>, kind: &str, profile: &Value) {
        let created = &self.created;
        let value = json!({
            "id": id,
            "created": created,
            "lastUpdated": created,
            "lastMembershipUpdated": created,
            "objectClass": ["okta:user_group"],
            "type": kind,
            "profile": profile,
        });
        self.put("groups", id, value, Value::Null);
    }

    fn groups(&mut self, document: &OrgDocument) -> Result<(), SeedError> {
        for (nth, entry) in document.groups.iter().enumerate() {
            let id = self.id(entry.id.as_ref(), "00g");
            if self.groups.insert(entry.name.clone(), id.clone()).is_some() {
                let place = format!("groups[{nth}].name");
                return Err(SeedError::invalid(place, format!("{:?} occurs twice in the org", entry.name)));
            }
            let description = entry.description.as_deref().unwrap_or_default();
            self.group(&id, "OKTA_GROUP", &json!({ "name": entry.name, "description": description }));
            for member in self.members(entry, nth)? {
                self.changes.push(Change::Link { relation: "members", from: id.clone(), to: member });
            }
        }
        Ok(())
    }

    fn members(&self, entry: &GroupEntry, nth: usize) -> Result<Vec<Arc<str>>, SeedError> {
        let mut members = Vec::new();
        for login in &entry.members {
            members.push(self.user_id(login, &format!("groups[{nth}].members"))?);
        }
        if let Some(slice) = entry.generated_members {
            let end = slice.from.saturating_add(slice.count);
            let chosen = self.generated.get(slice.from..end).ok_or_else(|| {
                SeedError::invalid(
                    format!("groups[{nth}].generated_members"),
                    format!("{}..{end} of {} generated users", slice.from, self.generated.len()),
                )
            })?;
            members.extend(chosen.iter().cloned());
        }
        Ok(members)
    }

    fn user_id(&self, login: &str, place: &str) -> Result<Arc<str>, SeedError> {
        self.users
            .get(&login.to_lowercase())
            .cloned()
            .ok_or_else(|| SeedError::unknown(place, "user", login, self.users.keys().map(String::as_str)))
    }

    /// Completes an app that every org has.
    fn complete_app(&self, change: &mut Change, signing_kid: &str) {
        if let Change::Put { shelf, value, hidden, .. } = change
            && shelf.kind == "apps"
        {
            let around = Around {
                ids: self.ids,
                org_id: &self.org_id,
                org_name: &self.org_name,
                now: &self.created,
                signing_kid,
            };
            app::complete(Arc::make_mut(value), Arc::make_mut(hidden), None, &around);
        }
    }

    fn apps(&mut self, document: &OrgDocument, signing_kid: &str) -> Result<(), SeedError> {
        let access_policy = self.new_org.id("default-access-policy");
        let profile_enrollment = self.new_org.id("default-profile-enrollment");
        for (entries, kind, place) in
            [(&document.apps, "apps", "apps"), (&document.integrations, "integrations", "integrations")]
        {
            for (nth, entry) in entries.iter().enumerate() {
                let place = format!("{place}[{nth}]");
                let around = Surroundings {
                    ids: self.ids,
                    org_id: &self.org_id,
                    org_name: &self.org_name,
                    created: &self.created,
                    signing_kid,
                    access_policy: &access_policy,
                    profile_enrollment: &profile_enrollment,
                    dpop_on_service_apps: self.dpop_on_service_apps,
                };
                let app = if kind == "apps" {
                    apps::app(entry, &place, &around)?
                } else {
                    apps::integration(entry, &place, &around)?
                };
                let NewApp { id, value, mut hidden, credentials } = app;
                let assigned = self.assigned(entry, &place)?;
                let id = Arc::from(id);
                let assignments = apps::assignments(&id, &assigned, &self.created, &self.users);
                hidden["assigned"] = assigned;
                self.put(kind, &id, value, hidden);
                assignments.into_iter().for_each(|change| self.changes.push(change));
                for (at, scope) in entry.grants.iter().enumerate() {
                    self.grant(&id, scope, &format!("{place}.grants[{at}]"))?;
                }
                self.credentials.clients.push(credentials);
            }
        }
        Ok(())
    }

    /// Who may use an app, by ids; null: everybody.
    fn assigned(&self, entry: &AppEntry, place: &str) -> Result<Value, SeedError> {
        if entry.assigned_users.is_none() && entry.assigned_groups.is_none() {
            return Ok(Value::Null);
        }
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for login in entry.assigned_users.iter().flatten() {
            users.push(self.user_id(login, &format!("{place}.assigned_users"))?);
        }
        for name in entry.assigned_groups.iter().flatten() {
            groups.push(self.group_id(name, &format!("{place}.assigned_groups"))?);
        }
        Ok(json!({ "users": users, "groups": groups }))
    }

    /// A grant (mgmt-facts §7.1); the issuer and the links follow the caller and are added when it is shown.
    fn grant(&mut self, client: &Arc<str>, scope: &str, place: &str) -> Result<(), SeedError> {
        if !facts().scopes.is_grantable(scope) {
            let known = facts().scopes.grantable();
            return Err(SeedError::unknown(place, "Okta scope", scope, known));
        }
        let id = Arc::from(self.ids.next("oag"));
        let value = json!({
            "id": id,
            "status": "ACTIVE",
            "created": self.created,
            "lastUpdated": self.created,
            "clientId": client,
            "scopeId": scope,
            "source": "ADMIN",
        });
        self.put("grants", &id, value, Value::Null);
        Ok(())
    }

    fn roles(&mut self, document: &OrgDocument) -> Result<(), SeedError> {
        for (nth, entry) in document.users.iter().enumerate() {
            let login = entry.profile.get("login").and_then(Value::as_str).unwrap_or_default();
            let principal = self.user_id(login, &format!("users[{nth}]"))?;
            self.assign(document, &principal, &entry.admin_roles, "USER", &format!("users[{nth}]"))?;
        }
        for (nth, entry) in document.groups.iter().enumerate() {
            if let Some(principal) = self.groups.get(&entry.name).cloned() {
                self.assign(document, &principal, &entry.admin_roles, "GROUP", &format!("groups[{nth}]"))?;
            }
        }
        let clients: Vec<Arc<str>> =
            self.credentials.clients.iter().map(|client| Arc::from(client.client_id.as_str())).collect();
        for (nth, (entry, principal)) in
            document.apps.iter().chain(&document.integrations).zip(clients).enumerate()
        {
            let place = match nth.checked_sub(document.apps.len()) {
                None => format!("apps[{nth}]"),
                Some(nth) => format!("integrations[{nth}]"),
            };
            self.assign(document, &principal, &entry.admin_roles, "CLIENT", &place)?;
        }
        Ok(())
    }

    fn assign(
        &mut self,
        document: &OrgDocument,
        principal: &Arc<str>,
        roles: &[RoleEntry],
        assignment: &str,
        place: &str,
    ) -> Result<(), SeedError> {
        for (nth, role) in roles.iter().enumerate() {
            let place = format!("{place}.admin_roles[{nth}]");
            let assigned = match role {
                RoleEntry::Standard(name) => self.standard(name, &[], &place)?,
                RoleEntry::Limited(limited) => self.standard(&limited.role, &limited.groups, &place)?,
                RoleEntry::Custom(custom) => self.custom(document, custom, &place)?,
            };
            let (id, mut value, held) = assigned;
            value["id"] = json!(id);
            for (name, member) in [
                ("status", json!("ACTIVE")),
                ("created", json!(self.created)),
                ("lastUpdated", json!(self.created)),
                ("assignmentType", json!(assignment)),
            ] {
                value[name] = member;
            }
            let shelf = Shelf::below("role_assignments", &[principal]);
            self.changes.push(Change::put(shelf, id, value, json!({ "role": held })));
        }
        Ok(())
    }

    fn standard(&self, name: &str, groups: &[String], place: &str) -> Result<Assigned, SeedError> {
        let Some(role) = facts().roles.standard(name) else {
            return Err(SeedError::unknown(place, "admin role", name, facts().roles.standard_types()));
        };
        let mut targets = Vec::new();
        for group in groups {
            targets.push(self.group_id(group, &format!("{place}.groups"))?);
        }
        let id = targetable_assignment(name).unwrap_or_else(|| self.ids.next("ra1"));
        let held = json!({ "standard": { "type": name, "groups": targets } });
        Ok((id, json!({ "id": null, "label": role.label, "type": name }), held))
    }

    fn custom(
        &self,
        document: &OrgDocument,
        custom: &CustomAssignment,
        place: &str,
    ) -> Result<Assigned, SeedError> {
        let labels = document.custom_roles.iter().map(|role| role.label.as_str());
        let role = self.custom_roles.get(&custom.custom).ok_or_else(|| {
            SeedError::unknown(format!("{place}.custom"), "custom role", &custom.custom, labels)
        })?;
        let sets = document.resource_sets.iter().map(|set| set.label.as_str());
        let set = self.resource_sets.get(&custom.resource_set).ok_or_else(|| {
            SeedError::unknown(format!("{place}.resource_set"), "resource set", &custom.resource_set, sets)
        })?;
        let value = json!({
            "id": null, "role": role, "label": custom.custom, "type": "CUSTOM", "resource-set": set,
        });
        let held = json!({ "custom": { "role": role, "resource-set": set } });
        Ok((self.ids.next("irb"), value, held))
    }

    /// Custom roles and resource sets.
    fn admin_roles(&mut self, document: &OrgDocument) -> Result<(), SeedError> {
        let created = self.created.clone();
        for entry in &document.custom_roles {
            let id: Arc<str> = self.ids.next("cr0").into();
            self.custom_roles.insert(entry.label.clone(), id.clone());
            let value = json!({
                "id": id, "label": entry.label, "isCloneable": false, "description": entry.label,
                "created": created, "lastUpdated": created,
            });
            self.put("iam_roles", &id, value, Value::Null);
            for permission in &entry.permissions {
                if !facts().roles.has_permission(permission) {
                    let known = facts().roles.permissions();
                    return Err(SeedError::unknown("custom_roles", "permission", permission, known));
                }
                let value = json!({
                    "label": permission, "created": created, "lastUpdated": created, "conditions": null,
                });
                let shelf = Shelf::below("iam_role_permissions", &[&id]);
                self.changes.push(Change::put(shelf, permission.as_str(), value, Value::Null));
            }
        }
        for entry in &document.resource_sets {
            let id: Arc<str> = self.ids.next("iam").into();
            self.resource_sets.insert(entry.label.clone(), id.clone());
            let value = json!({
                "id": id, "label": entry.label, "description": entry.label,
                "created": created, "lastUpdated": created,
            });
            self.put("resource_sets", &id, value, Value::Null);
            for resource in &entry.resources {
                // A group stands for itself and for its members.
                let named = match resource.split_once(':') {
                    Some(("groups", name)) => {
                        let group = self.group_id(name, "resource_sets")?;
                        vec![format!("groups:{group}"), format!("groups:{group}:contained_resources")]
                    }
                    _ => vec![resource.clone()],
                };
                for named in named {
                    let orn = Orn::named(&named, &self.org_id).ok_or_else(|| {
                        let message = format!("{named:?} is neither users, groups, apps nor groups:NAME");
                        SeedError::invalid("resource_sets", message)
                    })?;
                    let resource = self.ids.next("ire");
                    let (value, hidden) = orn.resource(&resource, &created);
                    let shelf = Shelf::below("resource_set_resources", &[&id]);
                    self.changes.push(Change::put(shelf, resource, value, hidden));
                }
            }
        }
        Ok(())
    }

    fn group_id(&self, name: &str, place: &str) -> Result<Arc<str>, SeedError> {
        self.groups
            .get(name)
            .cloned()
            .ok_or_else(|| SeedError::unknown(place, "group", name, self.groups.keys().map(String::as_str)))
    }

    fn api_tokens(&mut self, document: &OrgDocument) -> Result<(), SeedError> {
        for (nth, entry) in document.api_tokens.iter().enumerate() {
            let place = format!("api_tokens[{nth}]");
            let owner = self.user_id(&entry.owner, &format!("{place}.owner"))?;
            let status = entry.status.as_deref().unwrap_or("ACTIVE");
            let known = ["ACTIVE", "REVOKED", "EXPIRED"];
            if !known.contains(&status) {
                return Err(SeedError::unknown(format!("{place}.status"), "status", status, known));
            }
            // `00` and 40 more: the form that connectors check (real-clients §1).
            let token = entry.token.clone().unwrap_or_else(|| format!("00{}", self.ids.word(40)));
            let name = entry.name.as_deref().unwrap_or(&entry.owner);
            if status == "ACTIVE" {
                let (name, owner) = (name.to_owned(), entry.owner.clone());
                self.credentials.api_token.get_or_insert_with(|| token.clone());
                self.credentials.api_tokens.push(ApiTokenCredentials { name, token: token.clone(), owner });
            }
            let id = Arc::from(self.ids.next("00T"));
            let value = json!({
                "id": id,
                "name": name,
                "userId": owner,
                "clientName": "Okta API",
                "tokenWindow": "P30D",
                "network": { "connection": "ANYWHERE" },
                "expiresAt": okta_timestamp(self.start + SignedDuration::from_hours(30 * 24)),
                "created": self.created,
                "lastUpdated": self.created,
            });
            let share = Arc::from(self.ids.next("prl"));
            let second = self.start.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            let limit = json!({
                "id": share,
                "orgId": self.org_id,
                "principalId": id,
                "principalType": "SSWS_TOKEN",
                "defaultPercentage": 50,
                "defaultConcurrencyPercentage": 50,
                "lastUpdate": second,
                "lastUpdatedBy": owner,
                "createdDate": second,
                "createdBy": owner,
            });
            self.put("principal_rate_limits", &share, limit, Value::Null);
            self.put("api_tokens", &id, value, json!({ "token": token, "owner": owner, "status": status }));
        }
        Ok(())
    }

    /// Apps by their names in the document or by their ids.
    pub(super) fn client_ids(&self, names: &[String], place: &str) -> Result<Vec<String>, SeedError> {
        let clients = &self.credentials.clients;
        let find = |name: &String| {
            clients.iter().find(|client| client.name == *name || client.client_id == *name).ok_or_else(|| {
                SeedError::unknown(place, "app", name, clients.iter().map(|client| client.name.as_str()))
            })
        };
        names.iter().map(|name| find(name).map(|client| client.client_id.clone())).collect()
    }
}
