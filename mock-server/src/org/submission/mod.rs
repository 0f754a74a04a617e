//! A submission to the OIN: what the Wizard keeps of an API service integration (ratelimit-oin-facts §2.1, §2.2). Members
//! and their names are those of Okta's OpenAPI schema of submissions; an org file and the control API take the same.
//!
//! Okta's paths for submissions stand in its OpenAPI document without methods, so they are no operations of the twin.

mod form;
mod record;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use form::Fault;
pub use record::{
    KIND, Unmoved, Version, created, edited, followed, latest, made_from, moved, of_type, version,
};

/// What an author says of an integration.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Submission {
    /// What installs it as `type`; default: the name in lower case, words joined by `_`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name in the catalogue: 1 to 64 characters.
    pub name: String,
    /// What it is good for: 1 to 1024 characters.
    pub description: String,
    /// The address of the logo (https); default: Okta's placeholder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Three of the Wizard's list at most.
    #[serde(default)]
    pub use_cases: Vec<String>,
    /// `API_SERVICE` by `OAUTH2`, and nothing else; that is the default.
    #[serde(default = "api_service_alone")]
    pub capabilities: Vec<Capability>,
    /// How it reaches the orgs of customers.
    #[serde(default)]
    pub api_service: ApiService,
    /// What customers fill in: eight variables at most.
    #[serde(default)]
    pub config: Vec<TenantSetting>,
    /// Who helps customers, and who helps Okta.
    #[serde(default)]
    pub app_contact_details: Vec<Contact>,
    /// What reviewers need.
    #[serde(default)]
    pub testing: Testing,
    /// In an org file: how far the review is; default `Draft`.
    #[serde(skip_serializing)]
    pub status: Option<Status>,
}

/// How far a submission is (ratelimit-oin-facts §2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Status {
    /// Its author works on it.
    #[default]
    Draft,
    /// It was submitted, and Okta looks at it: first, in QA, and at the end.
    #[serde(rename = "OIN to review")]
    OinToReview,
    /// Okta has questions, or has found a fault.
    #[serde(rename = "ISV to review")]
    IsvToReview,
    /// Customers can install it.
    Published,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Draft, Self::OinToReview, Self::IsvToReview, Self::Published];

    /// As the Wizard calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::OinToReview => "OIN to review",
            Self::IsvToReview => "ISV to review",
            Self::Published => "Published",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A capability and its protocols.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capability {
    /// `API_SERVICE`.
    pub capability: String,
    /// `OAUTH2`.
    pub supported_protocols: Vec<String>,
}

fn api_service_alone() -> Vec<Capability> {
    vec![Capability { capability: "API_SERVICE".to_owned(), supported_protocols: vec!["OAUTH2".to_owned()] }]
}

/// How an API service reaches the orgs of customers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ApiService {
    /// The address of the configuration guide (https).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_instructions_uri: Option<String>,
    /// `client_secret_basic`, the only one there is.
    pub authentication_method: String,
    /// The Okta scopes that it needs.
    pub scopes: Vec<String>,
}

impl Default for ApiService {
    fn default() -> Self {
        Self {
            setup_instructions_uri: None,
            authentication_method: "client_secret_basic".to_owned(),
            scopes: Vec::new(),
        }
    }
}

/// A variable that a customer fills in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantSetting {
    /// What the customer reads.
    pub label: String,
    /// The variable: lower-case letters, digits and `_`, a letter first.
    pub name: String,
}

/// Somebody who helps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contact {
    /// Whom.
    pub contact_type: ContactType,
    /// By what.
    pub contact_value_type: ContactValueType,
    /// The address, or the number.
    pub contact: String,
}

/// Whom a contact helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactType {
    /// Customers.
    CustomerSupport,
    /// Okta, in an emergency.
    EscalationSupport,
}

/// What a contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactValueType {
    /// A page.
    Url,
    /// A mailbox.
    Email,
    /// A telephone number.
    Phone,
}

/// What reviewers need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Testing {
    /// An administrator of the author's app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_account: Option<TestAccount>,
    /// A mailbox for Okta alone: 255 characters at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation_support_contact: Option<String>,
    /// Why the scopes are needed.
    pub api_service_test_configuration: Justification,
}

/// An account in the author's app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestAccount {
    /// Where to sign in (https): 512 characters at most.
    pub url: String,
    /// As whom: 255 characters at most.
    pub username: String,
    /// 255 characters at most.
    pub password: String,
    /// What to do then: 2048 characters at most.
    #[serde(default)]
    pub instructions: String,
}

/// Why the scopes are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Justification {
    /// One text for all, of 5000 characters at most; of scopes that write in particular.
    pub scope_explanation: String,
}
