//! The org document: an org described as data, in TOML or in JSON of the same shape (contracts §3).

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::org::submission::Submission;

/// An org as data. Every key is optional but those of the single entries.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "orgtwin org file")]
pub struct OrgDocument {
    /// The org's name, as in `/_mock/orgs/{name}`.
    pub name: Option<String>,
    /// The rate-limit profile: a name of `fixtures/rate-limits.toml`, or `off`.
    pub rate_limits: Option<String>,
    /// Caps every page, so that little data has several pages.
    pub max_page: Option<usize>,
    /// So many seconds do searches and the System Log lag behind writes, as Okta's do by some; reads by id never. Default: 0.
    pub search_lag_seconds: Option<u32>,
    /// Whether the sign-in page offers the org's people to pick from, with their passwords. For orgs on a developer's desk.
    pub sign_in_picker: bool,
    /// The org's signing keys.
    pub signing_keys: SigningKeySource,
    /// When the objects of the document were created; default: when the org is made.
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
    /// Switches of `fixtures/dialects.toml` that differ from their defaults.
    pub dialect: BTreeMap<String, Value>,
    /// Users made from a list of names.
    pub generate: Generate,
    /// People.
    pub users: Vec<UserEntry>,
    /// Groups; every user is in `Everyone` besides.
    pub groups: Vec<GroupEntry>,
    /// OAuth apps.
    pub apps: Vec<AppEntry>,
    /// Installed API service integrations (OIN).
    pub integrations: Vec<AppEntry>,
    /// Submissions to the OIN, whose `type` installs them. Their keys are Okta's own, as in `POST /_mock/orgs/{name}/submissions`.
    pub submissions: Vec<Submission>,
    /// API tokens (`SSWS`).
    pub api_tokens: Vec<ApiTokenEntry>,
    /// Custom admin roles.
    pub custom_roles: Vec<CustomRoleEntry>,
    /// What custom roles reach.
    pub resource_sets: Vec<ResourceSetEntry>,
    /// Custom authorization servers.
    pub authorization_servers: Vec<AuthorizationServerEntry>,
}

/// Where the org's signing keys come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SigningKeySource {
    /// The keys of the program: known to everybody, ready at once.
    #[default]
    Fixture,
    /// Keys made for this org (takes a tenth of a second).
    Unique,
}

/// Users made from a list of names, `first.last@example.com`, all active.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Generate {
    /// How many.
    pub users: usize,
    /// Their password.
    pub password: Option<String>,
}

/// A person.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// The id; default: a new one.
    pub id: Option<String>,
    /// The profile: `login` is required; `email` defaults to it.
    pub profile: Map<String, Value>,
    /// The status; default `ACTIVE`.
    pub status: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Admin roles.
    #[serde(default)]
    pub admin_roles: Vec<RoleEntry>,
}

/// A group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// The id; default: a new one.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// Logins of its members.
    #[serde(default)]
    pub members: Vec<String>,
    /// A slice of the generated users.
    pub generated_members: Option<Slice>,
    /// Admin roles that its members hold.
    #[serde(default)]
    pub admin_roles: Vec<RoleEntry>,
}

/// A slice of the generated users.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// The first one, counted from 0.
    pub from: usize,
    /// How many.
    pub count: usize,
}

/// An admin role of a user, a group or an app.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RoleEntry {
    /// A standard role by its type: `READ_ONLY_ADMIN`.
    Standard(String),
    /// A standard role that is limited to groups.
    Limited(LimitedRole),
    /// A custom role on a resource set.
    Custom(CustomAssignment),
}

/// A standard role that is limited to groups.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitedRole {
    /// The type: `USER_ADMIN`.
    #[serde(rename = "type")]
    pub role: String,
    /// Names of the groups.
    pub groups: Vec<String>,
}

/// A custom role on a resource set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomAssignment {
    /// The label of the custom role.
    pub custom: String,
    /// The label of the resource set.
    pub resource_set: String,
}

/// An OAuth app, or an API service integration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppEntry {
    /// The name in the ready file.
    pub name: String,
    /// The label that the API shows; default: the name.
    pub label: Option<String>,
    /// The client id, which is the app's id; default: a new one.
    pub client_id: Option<String>,
    /// The kind; default `service`.
    #[serde(default)]
    pub kind: AppKind,
    /// `ACTIVE` or `INACTIVE`.
    pub status: Option<String>,
    /// How the client authenticates; default by kind.
    pub auth_method: Option<String>,
    /// Public keys.
    #[serde(default)]
    pub keys: Vec<KeyEntry>,
    /// Client secrets; a client that needs one and has none is given one.
    #[serde(default)]
    pub secrets: Vec<SecretEntry>,
    /// Okta scopes granted to the app.
    #[serde(default)]
    pub grants: Vec<String>,
    /// Admin roles.
    #[serde(default)]
    pub admin_roles: Vec<RoleEntry>,
    /// OAuth grant types; default by kind.
    pub grant_types: Option<Vec<String>>,
    /// OAuth response types; default by kind.
    pub response_types: Option<Vec<String>>,
    /// Redirect URIs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Logins of the users who may use the app; default, when `assigned_groups` is left out too: everybody.
    pub assigned_users: Option<Vec<String>>,
    /// Names of the groups whose members may use the app.
    pub assigned_groups: Option<Vec<String>>,
    /// How refresh tokens are replaced; default by kind: `browser` rotates, the others do not.
    pub refresh_token: Option<RefreshTokenEntry>,
    /// Whether access tokens are bound to a DPoP key; default: as the dialect has it for new service apps, else not.
    pub dpop: Option<bool>,
    /// The one algorithm in which the client signs its request objects, `RS256` and so on; default: any.
    pub request_object_signing_alg: Option<String>,
    /// From where the client may ask for tokens, `10.0.0.0/8` or single addresses; default: from anywhere.
    #[serde(default)]
    pub allowed_ips: Vec<String>,
}

/// How an app's refresh tokens are replaced.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshTokenEntry {
    /// `STATIC`, or `ROTATE`: a new one at each use.
    pub rotation_type: String,
    /// For how many seconds one works after it was replaced, 0 to 60; default 30.
    pub leeway: Option<u8>,
}

/// The kind of an app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppKind {
    /// API Services.
    #[default]
    Service,
    /// A web application.
    Web,
    /// A native application.
    Native,
    /// A single-page application.
    Browser,
}

/// A public key of a client: one of `pem`, `pem_file` and `jwk`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyEntry {
    /// The key id; default: none.
    pub kid: Option<String>,
    /// A PEM text; of a private key the public part is taken.
    pub pem: Option<String>,
    /// A PEM file, relative to the org file; `fixture:NAME` is a key of the program.
    pub pem_file: Option<String>,
    /// A JSON Web Key.
    pub jwk: Option<Map<String, Value>>,
    /// `sig` or `enc`.
    #[serde(rename = "use")]
    pub key_use: Option<String>,
    /// The algorithm.
    pub alg: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    pub status: Option<String>,
}

/// A client secret.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SecretEntry {
    /// An active secret.
    Value(String),
    /// A secret with its status.
    WithStatus(SecretWithStatus),
}

/// A secret with its status.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretWithStatus {
    /// The secret.
    pub value: String,
    /// `ACTIVE` or `INACTIVE`.
    pub status: String,
}

/// An API token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiTokenEntry {
    /// The value that follows `SSWS`; default: a new one.
    pub token: Option<String>,
    /// The token's name; default: its owner.
    pub name: Option<String>,
    /// The owner's login.
    pub owner: String,
    /// `ACTIVE`, `REVOKED` or `EXPIRED`.
    pub status: Option<String>,
}

/// A custom admin role.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomRoleEntry {
    /// Its label.
    pub label: String,
    /// Its permissions: `okta.users.read`.
    pub permissions: Vec<String>,
}

/// A resource set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceSetEntry {
    /// Its label.
    pub label: String,
    /// What it holds: `users`, `groups`, `apps`, or `groups:NAME` for one group and its members.
    pub resources: Vec<String>,
}

/// A custom authorization server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationServerEntry {
    /// The id, as in `/oauth2/{id}`; default: the name when it is `default`, else a new one.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// The audience of its tokens.
    pub audience: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    pub status: Option<String>,
    /// Its scopes.
    #[serde(default)]
    pub scopes: Vec<ScopeEntry>,
    /// The apps that its access policies name; default: every app.
    pub clients: Option<Vec<String>>,
}

/// A scope of a custom authorization server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ScopeEntry {
    /// A scope that is neither a default nor needs consent.
    Name(String),
    /// A scope with its settings.
    Detailed(DetailedScope),
}

/// A scope with its settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailedScope {
    /// The name.
    pub name: String,
    /// It is granted when a request names no scope.
    #[serde(default)]
    pub default: bool,
    /// A user must consent to it, so that client credentials cannot have it.
    #[serde(default)]
    pub consent_required: bool,
}

/// The JSON Schema of the org document.
pub fn schema() -> Value {
    schemars::schema_for!(OrgDocument).to_value()
}
