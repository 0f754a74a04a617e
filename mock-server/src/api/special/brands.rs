//! Brands: a new one has a theme and the email templates below it; one that a domain uses stays.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::Special;
use super::expand::{all_linked, embedded, expands};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[("listBrandDomains", list_domains)];

/// `GET /brands/{id}/domains`.
fn list_domains(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let resource = facts().resources.get("brands").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    let brand = target.find(asked, asked.state)?;
    target.permit(asked, Some(brand), trace)?;
    let domains = json!({ "domains": all_linked(domains_of(asked.state, &brand.id)) });
    Ok(Reply::json(StatusCode::OK, based(&domains, &asked.request.base_url)))
}

/// See the module.
pub(super) struct Brands;

impl Special for Brands {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        // An empty URL is none (recorded: the answer says null).
        if draft.value["customPrivacyPolicyUrl"] == "" {
            draft.value["customPrivacyPolicyUrl"] = Value::Null;
        }
        match draft.action {
            Action::Create => furnish(draft, &draft.id.clone()),
            Action::Delete if domains_of(draft.state, &draft.id).next().is_some() => in_use(),
            Action::Delete if draft.value.get("emailDomainId").is_some() => in_use(),
            _ => Ok(()),
        }
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let state = asked.state;
        let mut parts = Vec::new();
        if expands(asked, "themes") {
            let themes = state.on(&Shelf::below("themes", &[&document.id]));
            parts.push(("themes", all_linked(themes.after(None))));
        }
        if expands(asked, "domains") {
            parts.push(("domains", all_linked(domains_of(state, &document.id))));
        }
        if expands(asked, "emailDomain")
            && let Some(domain) =
                document.text("/emailDomainId").and_then(|id| state.get("email_domains", &id))
        {
            parts.push(("emailDomain", domain.whole()));
        }
        embedded(document, parts)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

fn in_use() -> Result<(), ApiError> {
    Err(ApiError::catalogued("E0000201", "", ""))
}

/// The custom domains that show a brand.
pub(super) fn domains_of<'s>(state: &'s OrgState, brand: &'s str) -> impl Iterator<Item = &'s Arc<Document>> {
    state.all("domains").after(None).filter(move |domain| domain.is("/brandId", brand))
}

/// A brand made in passing: with its theme and templates.
pub(super) fn add_brand(draft: &mut Draft<'_>, name: &str) -> Result<Arc<str>, ApiError> {
    let id = draft.with_new("brands", &[], &[("/name", name.into())])?;
    furnish(draft, &id)?;
    Ok(id)
}

/// Gives a new brand its theme, and the email templates of the default brand without their customizations.
fn furnish(draft: &mut Draft<'_>, brand: &str) -> Result<(), ApiError> {
    draft.with_new("themes", &[brand], &[])?;
    let state = draft.state;
    let default = state.all("brands").after(None).find(|brand| brand.value()["isDefault"] == true);
    let Some(default) = default else { return Ok(()) };
    let shelf = Shelf::below("email_templates", &[brand]);
    for template in state.on(&Shelf::below("email_templates", &[&default.id])).after(None) {
        let (id, hidden) = (template.id.clone(), template.hidden.clone());
        draft.also.push(Change::put(shelf.clone(), id, template.value(), hidden));
    }
    Ok(())
}
