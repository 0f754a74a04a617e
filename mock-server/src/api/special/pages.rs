//! Pages of a brand: what their roots embed, and what a read of a sign-in page adds.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use super::brands::domains_of;
use super::expand::{embedded, expands};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::target::ONLY;
use crate::org::change::Shelf;
use crate::org::document::Document;
use crate::wire::ApiError;

/// `…/pages/sign-in` and `…/pages/error`.
pub(super) struct PageRoots;

impl Special for PageRoots {
    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let brand = asked.parameter(0);
        let sign_in = asked.operation.path.ends_with("/sign-in");
        let kinds = if sign_in {
            [("customized", "sign_in_page_customized"), ("preview", "sign_in_page_preview")]
        } else {
            [("customized", "error_page_customized"), ("preview", "error_page_preview")]
        };
        let mut parts = Vec::new();
        for (name, kind) in kinds {
            let shelf = Shelf::below(kind, &[brand]);
            if let Some(page) = asked.state.on(&shelf).get(ONLY).filter(|_| expands(asked, name)) {
                parts.push((name, page.whole()));
            }
        }
        embedded(document, parts)
    }
}

/// `…/pages/sign-in/customized` and `preview`.
pub(super) struct SignInPages;

impl Special for SignInPages {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        customizable(draft)
    }

    /// A read shows the prompt to stay signed in, which a write leaves out (recorded 2026-03).
    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        if !asked.operation.reads {
            return None;
        }
        let mut value = document.whole();
        let members = value.get_mut("widgetCustomizations")?.as_object_mut()?;
        members.entry("postAuthKeepMeSignedInPrompt").or_insert_with(
            || json!({ "title": null, "subtitle": null, "acceptButtonText": null, "rejectButtonText": null }),
        );
        Some(value)
    }
}

/// `…/pages/error/customized` and `preview`.
pub(super) struct ErrorPages;

impl Special for ErrorPages {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        customizable(draft)
    }
}

/// Pages of the default brand are Okta's own as long as it has no custom domain (`E0000213`).
fn customizable(draft: &Draft<'_>) -> Result<(), ApiError> {
    let Some(brand) = draft.target.parents.first() else { return Ok(()) };
    let is_default = brand.value()["isDefault"] == true;
    if draft.action == Action::Delete || !is_default || domains_of(draft.state, &brand.id).next().is_some() {
        return Ok(());
    }
    Err(ApiError::catalogued("E0000213", "", ""))
}

/// Answers that are arrays: a document is an object, of which `values` is shown.
pub(super) struct Arrays;

impl Special for Arrays {
    fn show(&self, _: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        document.value().get("values").cloned()
    }
}
