//! API service integrations of the OIN: clients with secrets, whose scopes are granted when they are installed. One whose
//! type is that of a submission of the org is a snapshot of it (ratelimit-oin-facts §2.1).

use serde_json::{Value, json};

use super::Special;
use crate::api::draft::{Action, Draft};
use crate::facts::facts;
use crate::gate::caller::Caller;
use crate::org::app::{Around, new_secret};
use crate::org::change::Change;
use crate::org::submission::{self, Submission};
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
    let snapshot = snapshot(draft, &kind)?;
    let listing = match &snapshot {
        Some((_, submission)) => Listing::of(submission),
        None => Listing::of_catalogue(&kind),
    };
    draft.value["name"] = json!(listing.name);
    draft.value["configGuideUrl"] = json!(listing.guide);
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
    // That a submission bounds what can be granted is inferred: customers authorize the scopes that it lists.
    if let Some((origin, submission)) = &snapshot
        && let Some(other) = scopes.iter().find(|scope| !submission.api_service.scopes.contains(scope))
    {
        let version = &origin["version"];
        let cause = format!("grantedScopes: {other} is not a scope of {kind}, version {version}");
        return Err(ApiError::invalid("grantedScopes", cause));
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
    draft.hidden = json!({
        "status": "ACTIVE",
        "token_endpoint_auth_method": "client_secret_basic",
        "secrets": [new_secret(&org.ids().word(64), &around)],
        "keys": [],
        "allowed_ips": [],
        "logo": { "name": "medium", "href": listing.logo },
    });
    if let Some((origin, _)) = snapshot {
        draft.hidden["submission"] = origin;
    }
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

/// What the catalogue says of an integration.
struct Listing {
    name: String,
    guide: String,
    logo: String,
}

/// The logo of what has none.
const PLACEHOLDER: &str =
    "https://op3static.oktacdn.com/assets/img/logos/default.6770228fb0dab49a1695ef440a5279bb.png";

impl Listing {
    fn of(submission: &Submission) -> Self {
        Self {
            name: submission.name.clone(),
            guide: submission.api_service.setup_instructions_uri.clone().unwrap_or_default(),
            logo: submission.logo.clone().unwrap_or_else(|| PLACEHOLDER.to_owned()),
        }
    }

    fn of_catalogue(kind: &str) -> Self {
        match facts().apps.service(kind) {
            Some(service) => Self {
                name: service.name.clone(),
                guide: service.config_guide.clone(),
                logo: service.logo.clone(),
            },
            None => Self { name: kind.to_owned(), guide: String::new(), logo: PLACEHOLDER.to_owned() },
        }
    }
}

/// What a type stands for, if the org has a submission with it: which version, and its text. Whoever runs the server may
/// name the version (`?version=2`), as the Wizard does for a test instance; others get what is published, and in an org
/// in which it is not yet, what was saved last.
fn snapshot(draft: &Draft<'_>, kind: &str) -> Result<Option<(Value, Submission)>, ApiError> {
    let Some(submitted) = submission::of_type(draft.state, kind) else { return Ok(None) };
    let wanted = match draft.asked.caller {
        Caller::Operator => draft.asked.query("version").and_then(|number| number.parse().ok()),
        _ => None,
    };
    let version = submission::version(submitted, wanted).ok_or_else(|| {
        let wanted = wanted.unwrap_or_default();
        ApiError::invalid("version", format!("version: {kind} has no version {wanted}"))
    })?;
    let origin = json!({ "id": submitted.id, "version": version.number });
    Ok(Some((origin, version.submission)))
}
