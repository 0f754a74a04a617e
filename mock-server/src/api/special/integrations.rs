//! API service integrations of the OIN: clients with secrets, whose scopes are granted when they are installed.

use serde_json::json;

use super::Special;
use crate::api::draft::{Action, Draft};
use crate::facts::facts;
use crate::org::app::{Around, new_secret};
use crate::org::change::Change;
use crate::wire::ApiError;

/// `special = "integrations"`.
pub(super) struct Integrations;

impl Special for Integrations {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => install(draft),
            Action::Delete => {
                let id = draft.id.clone();
                let grants = draft.state.all("grants").after(None).filter(|grant| grant.is("/clientId", &id));
                let gone: Vec<_> = grants.map(|grant| Change::remove("grants", grant.id.clone())).collect();
                draft.also.extend(gone);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn install(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let kind = draft.value["type"].as_str().unwrap_or_default().to_owned();
    let service = facts().apps.service(&kind);
    draft.value["name"] = json!(service.map_or(kind.as_str(), |service| &service.name));
    draft.value["configGuideUrl"] = json!(service.map_or("", |service| &service.config_guide));
    let scopes: Vec<String> = draft.value["grantedScopes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|scope| scope.as_str().map(str::to_owned))
        .collect();
    if let Some(unknown) = scopes.iter().find(|scope| !facts().scopes.is_grantable(scope)) {
        return Err(ApiError::invalid(
            "grantedScopes",
            format!("grantedScopes: {unknown} is not a scope of Okta's API"),
        ));
    }
    let org = draft.asked.org;
    let now = draft.now();
    let around = Around {
        ids: org.ids(),
        org_id: &draft.state.settings.org_id,
        org_name: &draft.state.settings.name,
        now: &now,
        signing_kid: draft.state.keys.kid(),
    };
    let logo = service.map_or(
        "https://op3static.oktacdn.com/assets/img/logos/default.6770228fb0dab49a1695ef440a5279bb.png",
        |service| &service.logo,
    );
    draft.hidden = json!({
        "status": "ACTIVE",
        "token_endpoint_auth_method": "client_secret_basic",
        "secrets": [new_secret(&org.ids().word(64), &around)],
        "keys": [],
        "allowed_ips": [],
        "logo": { "name": "medium", "href": logo },
    });
    for scope in scopes {
        let id = org.ids().next("oag");
        let grant = json!({
            "id": id,
            "status": "ACTIVE",
            "created": now,
            "lastUpdated": now,
            "clientId": draft.id,
            "scopeId": scope,
            "source": "ADMIN",
        });
        let author = json!({ "createdBy": draft.asked.caller.role_holder() });
        draft.also.push(Change::put("grants", id, grant, author));
    }
    Ok(())
}
