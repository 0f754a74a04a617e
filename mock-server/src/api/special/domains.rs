//! Custom domains and email domains: DNS records, verification, certificates, and the brand that they belong to.
//!
//! Nothing is looked up in a network: a domain below `.test` or `.localhost`, which no DNS serves, counts as set up;
//! the verification of any other fails, as it did in the recordings.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use super::brands::{add_brand, domains_of};
use super::expand::{all_linked, embedded, expands};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set, unset};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

/// Top-level domains whose names count as set up.
const SET_UP: [&str; 2] = [".test", ".localhost"];

/// Names that Okta keeps for itself.
const PROHIBITED: [&str; 4] = ["okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com"];

/// Okta's account at its mail provider, the same for all orgs of a cell (recorded in two orgs, 2025-03).
const MAIL_HOST: &str = "u17770251.wl002.sendgrid.net";

/// The names of the keys that sign its emails.
const SIGNING_KEYS: [&str; 2] = ["p03", "p032"];

fn is_below(domain: &str, above: &str) -> bool {
    domain == above || domain.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

fn is_set_up(domain: &str) -> bool {
    SET_UP.iter().any(|suffix| domain.ends_with(suffix))
}

/// 32 hexadecimal digits.
fn proof(asked: &Asked<'_>) -> String {
    asked.org.ids().uuid().replace('-', "")
}

fn brand_exists(draft: &Draft<'_>, brand: &str) -> Result<(), ApiError> {
    match draft.state.get("brands", brand) {
        Some(_) => Ok(()),
        None => Err(ApiError::NotFound(brand.to_owned(), "Brand")),
    }
}

/// Custom domains.
pub(super) struct Domains;

impl Special for Domains {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let domain = draft.value["domain"].as_str().unwrap_or_default().to_ascii_lowercase();
        match &draft.action {
            Action::Create => created(draft, &domain),
            Action::Update => {
                let brand = draft.value["brandId"].as_str().unwrap_or_default().to_owned();
                brand_exists(draft, &brand)?;
                match domains_of(draft.state, &brand).any(|other| other.id != draft.id) {
                    true => Err(ApiError::catalogued("E0000203", "", "")),
                    false => Ok(()),
                }
            }
            Action::Lifecycle(name) if name == "verify" => {
                let managed = draft.value["certificateSourceType"] == "OKTA_MANAGED";
                let status = match (is_set_up(&domain), managed) {
                    (false, _) => "FAILED_TO_VERIFY",
                    (true, true) => "COMPLETED",
                    (true, false) => "VERIFIED",
                };
                draft.value["validationStatus"] = status.into();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What may be done next is said differently by every operation (recorded 2025-10).
    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let mut value = document.whole();
        let (allow, verify): (&[&str], bool) = match asked.operation.id.as_str() {
            "verifyDomain" => (&["GET", "DELETE"], false),
            "createCustomDomain" | "replaceCustomDomain" => (&["GET", "DELETE", "PUT"], true),
            _ => (&["DELETE"], true),
        };
        set(&mut value, "/_links/self/hints/allow", json!(allow));
        if !verify {
            unset(&mut value, "/_links/verify");
        }
        Some(value)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

fn created(draft: &mut Draft<'_>, domain: &str) -> Result<(), ApiError> {
    if domain.is_empty() {
        return Err(ApiError::invalid("domain", "domain: The field cannot be left blank"));
    }
    if PROHIBITED.iter().any(|above| is_below(domain, above)) {
        return Err(ApiError::invalid("domain", "domain: Prohibited custom domain name."));
    }
    if draft.state.all("domains").after(None).any(|other| other.is("/domain", domain)) {
        return Err(ApiError::catalogued("E0000161", "", ""));
    }
    let brand = match draft.value["brandId"].as_str() {
        Some(brand) => {
            let brand: Arc<str> = brand.into();
            brand_exists(draft, &brand)?;
            if domains_of(draft.state, &brand).next().is_some() {
                return Err(ApiError::catalogued("E0000203", "", ""));
            }
            brand
        }
        // Without a brand it gets one of its own, named after it (recorded 2025).
        None => add_brand(draft, domain)?,
    };
    draft.value["domain"] = domain.into();
    draft.value["brandId"] = (*brand).into();
    let host = format!("{}.customdomains.oktapreview.com", draft.state.settings.name);
    draft.value["dnsRecords"] = json!([
        { "recordType": "TXT", "fqdn": format!("_oktaverification.{domain}"), "values": [proof(draft.asked)] },
        { "recordType": "CNAME", "fqdn": domain, "values": [host] },
    ]);
    Ok(())
}

/// Email domains.
pub(super) struct EmailDomains;

impl Special for EmailDomains {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let domain = draft.value["domain"].as_str().unwrap_or_default().to_owned();
        match &draft.action {
            Action::Create => {
                let brand = draft.body.get("brandId").and_then(Value::as_str).unwrap_or_default().to_owned();
                brand_exists(draft, &brand)?;
                draft.value["dnsValidationRecords"] = records(draft, &domain);
                let id = draft.id.to_string();
                brand_has(draft, &brand, Some(&id));
            }
            Action::Delete => {
                let id = draft.id.clone();
                let brands = draft.state.all("brands").after(None);
                let users: Vec<_> = brands.filter(|brand| brand.is("/emailDomainId", &id)).cloned().collect();
                for brand in users {
                    brand_has(draft, &brand.id, None);
                }
            }
            Action::Lifecycle(name) if name == "verify" => {
                if draft.value["validationStatus"] == "VERIFIED" {
                    return Err(ApiError::catalogued("E0000217", "", ""));
                }
                let set_up = is_set_up(&domain.to_ascii_lowercase());
                draft.value["validationStatus"] = if set_up { "VERIFIED" } else { "ERROR" }.into();
            }
            _ => {}
        }
        Ok(())
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let brands = asked.state.all("brands").after(None);
        let mine = brands.filter(|brand| brand.is("/emailDomainId", &document.id));
        let parts = if expands(asked, "brands") { vec![("brands", all_linked(mine))] } else { Vec::new() };
        embedded(document, parts)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

/// Says in a brand which email domain it has.
fn brand_has(draft: &mut Draft<'_>, brand: &str, email_domain: Option<&str>) {
    let Some(brand) = draft.state.get("brands", brand) else { return };
    let mut value = brand.value();
    let default_app = value.as_object_mut().and_then(|members| members.shift_remove("defaultApp"));
    let locale = value.as_object_mut().and_then(|members| members.shift_remove("locale"));
    match email_domain {
        Some(id) => set(&mut value, "/emailDomainId", id.into()),
        None => unset(&mut value, "/emailDomainId"),
    }
    for (member, kept) in [("/locale", locale), ("/defaultApp", default_app)] {
        if let Some(kept) = kept {
            set(&mut value, member, kept);
        }
    }
    draft.also.push(Change::put("brands", brand.id.clone(), value, brand.hidden.clone()));
}

fn records(draft: &Draft<'_>, domain: &str) -> Value {
    let lower = domain.to_ascii_lowercase();
    let mail = draft.value["validationSubdomain"].as_str().unwrap_or("mail").to_owned();
    let signing = |key: &str| {
        json!({
            "recordType": "cname",
            "fqdn": format!("{key}._domainkey.{lower}"),
            "verificationValue": format!("{key}.domainkey.{MAIL_HOST}"),
        })
    };
    json!([
        {
            "recordType": "TXT",
            "fqdn": format!("_oktaverification.{domain}"),
            "verificationValue": proof(draft.asked),
        },
        { "recordType": "cname", "fqdn": format!("{mail}.{lower}"), "verificationValue": MAIL_HOST },
        signing(SIGNING_KEYS[0]),
        signing(SIGNING_KEYS[1]),
    ])
}
