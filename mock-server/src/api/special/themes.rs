//! Images of a theme, uploaded as multipart forms.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set};
use crate::api::events;
use crate::api::images::{self, Allowed, BACKGROUND, FAVICON, THEME_LOGO};
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("uploadBrandThemeLogo", |asked, trace| upload(asked, "/logo", &THEME_LOGO, trace)),
    ("uploadBrandThemeFavicon", |asked, trace| upload(asked, "/favicon", &FAVICON, trace)),
    ("uploadBrandThemeBackgroundImage", |asked, trace| upload(asked, "/backgroundImage", &BACKGROUND, trace)),
];

/// `special = "themes"`.
pub(super) struct Themes;

impl Special for Themes {
    /// An image that is replaced or taken away is gone.
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        for member in ["/logo", "/favicon", "/backgroundImage"] {
            let old = draft.old.as_ref().and_then(|old| old.text(member));
            let new = draft.value.pointer(member).and_then(Value::as_str);
            if old.as_deref() != new || draft.action == Action::Delete {
                draft.also.extend(images::forgotten(draft.state, old.as_deref()));
            }
        }
        Ok(())
    }
}

/// Keeps an image, and says in the theme where it is.
fn upload(asked: &Asked<'_>, member: &str, allowed: &Allowed, trace: &mut Trace) -> Result<Reply, ApiError> {
    let resource = facts().resources.get("themes").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    let theme = target.find(asked, asked.state)?;
    target.permit(asked, Some(theme), trace)?;
    let uploaded = images::upload(asked, allowed)?;
    asked.org.commit(asked.request.now, |state| {
        let theme = target.find(asked, state)?;
        let nothing = Map::new();
        let mut draft = Draft::update(asked, state, &target, theme, &nothing, Action::Update)?;
        set(&mut draft.value, member, uploaded.marked.as_str().into());
        Themes.write(&mut draft)?;
        draft.also.push(uploaded.kept.clone());
        events::note(&mut draft);
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    let code = asked.operation.status.first().copied().unwrap_or(201);
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::CREATED);
    Ok(Reply::json(status, json!({ "url": uploaded.url }).to_string()))
}
