//! What the form refuses (OIN-060 to OIN-068, OIN-073), and what it asks for before it lets an author submit.

use std::collections::BTreeSet;
use std::fmt;

use super::{ContactType, ContactValueType, Submission};
use crate::facts::{facts, nearest};

/// A field that the form does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `apiService.scopes[1]`.
    pub field: String,
    /// What is wrong, and the remedy.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Everything that is wrong.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Fault { field: field.into(), message: message.into() });
    }

    fn most(&mut self, field: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.add(field, format!("{length} characters; the form takes {most}"));
        }
    }

    fn between(&mut self, field: &str, text: &str, most: usize) {
        if text.trim().is_empty() {
            self.add(field, format!("is empty; give 1 to {most} characters"));
        }
        self.most(field, text, most);
    }

    fn https(&mut self, field: &str, url: &str) {
        if let Err(problem) = https(url) {
            self.add(field, format!("{url:?} {problem}"));
        }
    }

    fn mailbox(&mut self, field: &str, address: &str) {
        let sound = address.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !address.contains(char::is_whitespace)
        });
        if !sound {
            self.add(field, format!("{address:?} is no e-mail address"));
        }
        self.most(field, address, 255);
    }
}

fn https(url: &str) -> Result<(), &'static str> {
    let parsed: http::Uri =
        url.parse().map_err(|_| "is no address; give one such as https://example.com/guide")?;
    match parsed.scheme_str() {
        Some("https") if parsed.host().is_some_and(|host| !host.is_empty()) => Ok(()),
        Some("https") => Err("has no host"),
        _ => Err("is not https"),
    }
}

/// Whether a name is one of the form: lower-case letters, digits and `_`, a letter first.
fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
}

impl Submission {
    /// What the form does not take; nothing when it can be saved.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.between("name", &self.name, 64);
        faults.between("description", &self.description, 1024);
        if let Some(kind) = self.kind.as_deref().filter(|kind| !is_variable(kind)) {
            faults.add(
                "type",
                format!("{kind:?} is not made of lower-case letters, digits and _, a letter first"),
            );
        }
        if let Some(logo) = &self.logo {
            faults.https("logo", logo);
        }
        self.use_case_faults(&mut faults);
        let alone = matches!(&self.capabilities[..], [one] if one.capability == "API_SERVICE"
            && one.supported_protocols == ["OAUTH2"]);
        if !alone {
            let message =
                "an API service integration has API_SERVICE by OAUTH2 and no other capability; leave it out";
            faults.add("capabilities", message);
        }
        self.api_service_faults(&mut faults);
        self.config_faults(&mut faults);
        self.contact_faults(&mut faults);
        self.testing_faults(&mut faults);
        faults.0
    }

    fn use_case_faults(&self, faults: &mut Faults) {
        if self.use_cases.len() > 3 {
            faults.add("useCases", format!("{} of them; the form takes three", self.use_cases.len()));
        }
        let mut seen = BTreeSet::new();
        for (nth, case) in self.use_cases.iter().enumerate() {
            if case.trim().is_empty() {
                faults.add(format!("useCases[{nth}]"), "is empty; leave it out");
            } else if !seen.insert(case) {
                faults.add(format!("useCases[{nth}]"), format!("{case:?} is there twice"));
            }
        }
    }

    fn api_service_faults(&self, faults: &mut Faults) {
        let service = &self.api_service;
        if service.authentication_method != "client_secret_basic" {
            let method = &service.authentication_method;
            let message = format!("{method:?}; client_secret_basic is the only method there is");
            faults.add("apiService.authenticationMethod", message);
        }
        if let Some(guide) = &service.setup_instructions_uri {
            faults.https("apiService.setupInstructionsUri", guide);
        }
        let mut seen = BTreeSet::new();
        for (nth, scope) in service.scopes.iter().enumerate() {
            let field = format!("apiService.scopes[{nth}]");
            if !facts().scopes.is_grantable(scope) {
                let near = nearest(scope, facts().scopes.grantable());
                let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
                faults.add(field, format!("there is no Okta scope {scope:?}{hint}"));
            } else if !seen.insert(scope) {
                faults.add(field, format!("{scope:?} is there twice"));
            }
        }
    }

    /// 8 in one of Okta's pages, 3 in another: what both refuse is refused.
    fn config_faults(&self, faults: &mut Faults) {
        if self.config.len() > 8 {
            faults.add("config", format!("{} variables; the form takes eight", self.config.len()));
        }
        let mut seen = BTreeSet::new();
        for (nth, setting) in self.config.iter().enumerate() {
            if setting.label.trim().is_empty() {
                faults.add(format!("config[{nth}].label"), "is empty; say what customers are asked for");
            }
            let field = format!("config[{nth}].name");
            if !is_variable(&setting.name) {
                let wants = "lower-case letters, digits and _, a letter first";
                faults.add(&field, format!("{:?} is not made of {wants}", setting.name));
            } else if !seen.insert(&setting.name) {
                faults.add(&field, format!("{:?} is there twice", setting.name));
            }
            faults.most(&field, &setting.name, 1024);
        }
    }

    fn contact_faults(&self, faults: &mut Faults) {
        for (nth, contact) in self.app_contact_details.iter().enumerate() {
            let field = format!("appContactDetails[{nth}].contact");
            match contact.contact_value_type {
                ContactValueType::Url => faults.https(&field, &contact.contact),
                ContactValueType::Email => faults.mailbox(&field, &contact.contact),
                ContactValueType::Phone if contact.contact.trim().is_empty() => {
                    faults.add(field, "is empty; give a telephone number");
                }
                ContactValueType::Phone => {}
            }
        }
    }

    fn testing_faults(&self, faults: &mut Faults) {
        let testing = &self.testing;
        if let Some(account) = &testing.test_account {
            faults.https("testing.testAccount.url", &account.url);
            faults.most("testing.testAccount.url", &account.url, 512);
            faults.between("testing.testAccount.username", &account.username, 255);
            faults.between("testing.testAccount.password", &account.password, 255);
            faults.most("testing.testAccount.instructions", &account.instructions, 2048);
        }
        if let Some(mailbox) = &testing.escalation_support_contact {
            faults.mailbox("testing.escalationSupportContact", mailbox);
        }
        let why = &testing.api_service_test_configuration.scope_explanation;
        faults.most("testing.apiServiceTestConfiguration.scopeExplanation", why, 5000);
    }

    /// What has to be filled in before the form can be submitted.
    pub fn missing(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let service = &self.api_service;
        if service.scopes.is_empty() {
            faults.add("apiService.scopes", "is empty; a token request names a scope of them");
        }
        if service.setup_instructions_uri.is_none() {
            faults
                .add("apiService.setupInstructionsUri", "is missing; customers set the integration up by it");
        }
        let public = |contact: &super::Contact| contact.contact_type == ContactType::CustomerSupport;
        if !self.app_contact_details.iter().any(public) {
            faults.add("appContactDetails", "has nobody for customers; add a CUSTOMER_SUPPORT");
        }
        let escalation = self.app_contact_details.iter().any(|contact| !public(contact));
        if self.testing.escalation_support_contact.is_none() && !escalation {
            faults.add("testing.escalationSupportContact", "is missing; Okta writes there in an emergency");
        }
        if self.testing.test_account.is_none() {
            faults.add("testing.testAccount", "is missing; reviewers sign in with it");
        }
        if self.testing.api_service_test_configuration.scope_explanation.trim().is_empty() {
            let field = "testing.apiServiceTestConfiguration.scopeExplanation";
            faults.add(field, "is empty; say why each scope is needed");
        }
        faults.0
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole() -> Value {
        json!({
            "name": "Acme Sync",
            "description": "Keeps Acme's people as Okta has them",
            "logo": "https://acme.example/logo.png",
            "useCases": ["Lifecycle Management"],
            "apiService": { "setupInstructionsUri": "https://acme.example/okta", "scopes": ["okta.users.read"] },
            "config": [{ "label": "Subdomain", "name": "subdomain" }],
            "appContactDetails": [
                { "contactType": "CUSTOMER_SUPPORT", "contactValueType": "URL", "contact": "https://acme.example/help" }
            ],
            "testing": {
                "testAccount": { "url": "https://acme.example/login", "username": "isvtest@okta.com", "password": "p" },
                "escalationSupportContact": "urgent@acme.example",
                "apiServiceTestConfiguration": { "scopeExplanation": "Reads who there is" },
            },
        })
    }

    #[test]
    fn a_whole_form_has_no_fault() {
        let submission: Submission = serde_json::from_value(whole()).unwrap();
        assert_eq!((submission.faults(), submission.missing()), (vec![], vec![]));
        let again: Submission = serde_json::from_value(serde_json::to_value(&submission).unwrap()).unwrap();
        assert_eq!(again, submission);
    }

    #[test]
    fn each_field_that_the_form_refuses_is_named() {
        let contact = |kind: &str, value: &str| json!([{ "contactType": "CUSTOMER_SUPPORT", "contactValueType": kind, "contact": value }]);
        let settings = |count: usize| -> Value {
            (0..count).map(|nth| json!({ "label": "L", "name": format!("v{nth}") })).collect()
        };
        for (pointer, value, fault) in [
            ("/name", json!(" "), "name: is empty"),
            ("/name", json!("n".repeat(65)), "name: 65 characters; the form takes 64"),
            ("/description", json!("d".repeat(1025)), "description: 1025 characters"),
            (
                "/logo",
                json!("http://acme.example/logo.png"),
                "logo: \"http://acme.example/logo.png\" is not https",
            ),
            ("/useCases", json!(["a", "b", "c", "d"]), "useCases: 4 of them; the form takes three"),
            ("/useCases", json!(["a", "a"]), "useCases[1]: \"a\" is there twice"),
            ("/config", settings(9), "config: 9 variables; the form takes eight"),
            ("/config/0/name", json!("Sub"), "config[0].name: \"Sub\" is not made of lower-case letters"),
            ("/config/0/label", json!(""), "config[0].label: is empty"),
            ("/apiService/scopes", json!(["okta.user.read"]), "apiService.scopes[0]: there is no Okta scope"),
            ("/apiService/scopes", json!(["okta.users.read", "okta.users.read"]), "apiService.scopes[1]: "),
            (
                "/apiService/setupInstructionsUri",
                json!("acme"),
                "apiService.setupInstructionsUri: \"acme\" is not https",
            ),
            ("/appContactDetails", contact("URL", "http://a.example"), "appContactDetails[0].contact: "),
            (
                "/appContactDetails",
                contact("EMAIL", "nobody"),
                "appContactDetails[0].contact: \"nobody\" is no e-mail",
            ),
            ("/appContactDetails", contact("PHONE", ""), "appContactDetails[0].contact: is empty"),
            ("/testing/testAccount/url", json!("x"), "testing.testAccount.url: \"x\" is not https"),
            (
                "/testing/testAccount/username",
                json!("u".repeat(256)),
                "testing.testAccount.username: 256 characters",
            ),
            ("/testing/escalationSupportContact", json!("a@b@c"), "testing.escalationSupportContact: "),
        ] {
            let mut form = whole();
            *form.pointer_mut(pointer).unwrap() = value;
            let submission: Submission = serde_json::from_value(form).unwrap();
            let faults = submission.faults();
            assert_eq!(faults.len(), 1, "{pointer}: {faults:?}");
            assert!(faults[0].to_string().starts_with(fault), "{pointer}: {}", faults[0]);
        }
        let mut form = whole();
        form["capabilities"] = json!([
            { "capability": "API_SERVICE", "supportedProtocols": ["OAUTH2"] },
            { "capability": "SSO", "supportedProtocols": ["OIDC"] },
        ]);
        form["type"] = json!("Acme-Sync");
        form["apiService"]["authenticationMethod"] = json!("private_key_jwt");
        let submission: Submission = serde_json::from_value(form).unwrap();
        let faults = submission.faults();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["type", "capabilities", "apiService.authenticationMethod"]);
    }

    #[test]
    fn what_a_reviewer_needs_is_asked_for_at_the_end() {
        let form = json!({ "name": "A", "description": "B" });
        let submission: Submission = serde_json::from_value(form).unwrap();
        assert_eq!(submission.faults(), vec![]);
        let missing = submission.missing();
        let fields: Vec<&str> = missing.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "apiService.scopes",
                "apiService.setupInstructionsUri",
                "appContactDetails",
                "testing.escalationSupportContact",
                "testing.testAccount",
                "testing.apiServiceTestConfiguration.scopeExplanation",
            ]
        );
    }
}
