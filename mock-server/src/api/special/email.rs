//! Emails of a brand: customizations of which one is the default, the content that they are made of, previews.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::Special;
use super::expand::{embedded, expands};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set};
use crate::api::own::Operations;
use crate::api::target::{ONLY, Target};
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::BASE_MARK;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("getEmailDefaultContent", default_content),
    ("getEmailDefaultPreview", default_preview),
    ("getCustomizationPreview", preview),
];

/// Customizations of a template.
pub(super) struct EmailCustomizations;

impl Special for EmailCustomizations {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let others = || draft.state.on(&draft.target.shelf).after(None).filter(|one| one.id != draft.id);
        let default = others().find(|one| is_default(&one.value())).cloned();
        let was_default = draft.old.as_ref().is_some_and(|old| is_default(&old.value()));
        let refused = |code| Err(ApiError::catalogued(code, "", ""));
        let writes = !matches!(draft.action, Action::Delete | Action::Lifecycle(_));
        if writes && draft.value["language"].as_str().is_some_and(|language| !is_language(language)) {
            return refused("E0000236");
        }
        match draft.action {
            Action::Create if default.is_none() => draft.value["isDefault"] = true.into(),
            Action::Create if is_default(&draft.value) => return refused("E0000182"),
            Action::Delete if was_default => return refused("E0000184"),
            Action::Delete | Action::Create => {}
            _ if was_default && !is_default(&draft.value) => return refused("E0000185"),
            _ if is_default(&draft.value) => {
                if let Some(other) = default {
                    let mut value = other.value();
                    set(&mut value, "/isDefault", false.into());
                    let shelf = draft.target.shelf.clone();
                    draft.also.push(Change::put(shelf, other.id.clone(), value, other.hidden.clone()));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether a text has the form of a language tag of BCP 47: subtags of up to eight letters and digits, a language first.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn is_default(customization: &Value) -> bool {
    customization["isDefault"] == true
}

/// Templates embed their settings and the number of their customizations.
pub(super) struct EmailTemplates;

impl Special for EmailTemplates {
    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let brand = asked.parameter(0);
        let shelf = |kind| Shelf::below(kind, &[brand, &document.id]);
        let mut parts = Vec::new();
        if expands(asked, "settings") {
            let written = asked.state.on(&shelf("email_settings")).get(ONLY);
            parts.push(("settings", written.map_or(json!({ "recipients": "ALL_USERS" }), |it| it.whole())));
        }
        if expands(asked, "customizationCount") {
            let count = asked.state.on(&shelf("email_customizations")).len();
            parts.push(("customizationCount", count.into()));
        }
        embedded(document, parts)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

/// The objects above, and the template that the path names.
fn template(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Arc<Document>, String), ApiError> {
    let resource = facts().resources.get("email_templates").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    let template = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&template), trace)?;
    let brand = target.parents.first().map_or("", |brand| &brand.id);
    let path = format!("{BASE_MARK}/api/v1/brands/{brand}/templates/email/{}", template.id);
    Ok((template, path))
}

fn default_content(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (template, path) = template(asked, trace)?;
    let value = json!({
        "subject": template.hidden["subject"],
        "body": template.hidden["body"],
        "_links": {
            "preview": link(&format!("{path}/default-content/preview"), &["GET"]),
            "template": link(&path, &["GET"]),
            "self": link(&format!("{path}/default-content"), &["GET"]),
            "test": link(&format!("{path}/test"), &["POST"]),
        },
    });
    Ok(Reply::json(StatusCode::OK, based(&value, &asked.request.base_url)))
}

fn default_preview(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (template, path) = template(asked, trace)?;
    let source = format!("{path}/default-content");
    Ok(previewed(asked, &template.hidden, &path, &source))
}

fn preview(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, path) = template(asked, trace)?;
    let resource = facts().resources.get("email_customizations").ok_or(ApiError::NoSuchPath)?;
    let customization = Target::of(asked, resource, asked.state)?.find(asked, asked.state)?.clone();
    let source = format!("{path}/customizations/{}", customization.id);
    Ok(previewed(asked, &customization.value(), &path, &source))
}

fn previewed(asked: &Asked<'_>, content: &Value, path: &str, source: &str) -> Reply {
    let text = |member: &str| filled(asked, content[member].as_str().unwrap_or_default());
    let value = json!({
        "subject": text("subject"),
        "body": text("body"),
        "_links": {
            "contentSource": link(source, &["GET"]),
            "template": link(path, &["GET"]),
            "self": link(&format!("{source}/preview"), &["GET"]),
            "test": link(&format!("{path}/test"), &["POST"]),
        },
    });
    Reply::json(StatusCode::OK, based(&value, &asked.request.base_url))
}

fn link(href: &str, allow: &[&str]) -> Value {
    json!({ "href": href, "hints": { "allow": allow } })
}

/// An email as the caller would get it: `${user.profile.firstName}`, `${org.name}`; links lead to the org.
fn filled(asked: &Asked<'_>, text: &str) -> String {
    let user = asked.caller.user().and_then(|id| asked.state.get("users", id)).map(|user| user.value());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        match name.strip_prefix("user.profile.").or_else(|| name.strip_prefix("user.")) {
            Some(attribute) => {
                let profile = user.as_ref().map(|user| &user["profile"][attribute]);
                out.push_str(profile.and_then(Value::as_str).unwrap_or_default());
            }
            None if name == "org.name" => out.push_str(&asked.state.settings.name),
            None if name.ends_with("Link") || name == "baseURL" => out.push_str(BASE_MARK),
            None => {}
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
