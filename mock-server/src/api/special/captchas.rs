//! CAPTCHAs: one for an org, which the org-wide settings may use.

use std::sync::Arc;

use serde_json::Value;

use super::Special;
use crate::api::draft::{Action, Draft};
use crate::api::target::ONLY;
use crate::org::document::Document;
use crate::wire::ApiError;

/// The instances.
pub(super) struct Captchas;

impl Special for Captchas {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let all = draft.state.all("captchas");
        let used = |settings: &Arc<Document>| settings.is("/captchaId", &draft.id);
        match draft.action {
            Action::Create if !all.is_empty() => Err(ApiError::TooMany("E0000166", "captcha")),
            Action::Delete if draft.state.get("org_captcha", ONLY).is_some_and(used) => {
                Err(ApiError::catalogued("E0000168", "", ""))
            }
            _ => Ok(()),
        }
    }
}

/// Where the org uses its CAPTCHA.
pub(super) struct OrgCaptcha;

impl Special for OrgCaptcha {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(captcha) = draft.value["captchaId"].as_str() else { return Ok(()) };
        if draft.action == Action::Delete || draft.state.get("captchas", captcha).is_some() {
            return Ok(());
        }
        Err(ApiError::NotFound(captcha.to_owned(), "Captcha"))
    }
}

/// Push providers: of the credentials only what is no secret is shown.
pub(super) struct PushProviders;

impl Special for PushProviders {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let now = draft.now();
        if draft.action == Action::Delete {
            let used = draft.state.all("authenticators").after(None).any(|one| {
                let sends = |by: &str| one.is(&format!("/provider/configuration/{by}/id"), &draft.id);
                one.is("/key", "custom_app") && ["apns", "fcm"].into_iter().any(sends)
            });
            return if used { Err(ApiError::catalogued("E0000187", "", "")) } else { Ok(()) };
        }
        draft.value["lastUpdatedDate"] = now.into();
        let Some(members) = draft.value["configuration"].as_object_mut() else { return Ok(()) };
        if let Some(key) = members.shift_remove("tokenSigningKey") {
            draft.hidden["tokenSigningKey"] = key;
        }
        if let Some(account) = members.shift_remove("serviceAccountJson") {
            members.insert("projectId".to_owned(), account.get("project_id").cloned().unwrap_or(Value::Null));
            draft.hidden["serviceAccountJson"] = account;
        }
        Ok(())
    }
}

/// SMS templates: a partial update leaves the translations as they are, and the answer to a replacement does not show
/// them (both recorded).
pub(super) struct SmsTemplates;

impl Special for SmsTemplates {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if let (Action::Update, Some(old)) = (&draft.action, &draft.old) {
            draft.value["translations"] = old.value()["translations"].clone();
        }
        Ok(())
    }

    fn show(&self, asked: &crate::api::answer::Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        if asked.operation.id != "replaceSmsTemplate" {
            return None;
        }
        let mut value = document.value();
        value.as_object_mut()?.shift_remove("translations");
        Some(value)
    }
}
