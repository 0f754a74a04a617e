//! Which apps may ask for tokens of another one (specification).

use http::StatusCode;
use serde_json::{Value, json};

use super::{app, newest};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("listInterclientAllowedApplications", allowed),
    ("createInterclientTrustMapping", allow),
    ("listInterclientTargetApplications", targets),
];

const KIND: &str = "interclient_trusts";

fn allowed(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let ids: Vec<_> =
        asked.state.on(&Shelf::below(KIND, &[&app.id])).after(None).map(|trust| trust.id.clone()).collect();
    Ok(Reply::json(StatusCode::OK, json!(ids).to_string()))
}

fn targets(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let having = asked.state.everywhere(KIND).filter(|(_, trusts)| trusts.get(&app.id).is_some());
    let ids: Vec<_> = having.map(|(target, _)| target.clone()).collect();
    Ok(Reply::json(StatusCode::OK, json!(ids).to_string()))
}

fn allow(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let wanted = body::checked(asked)?;
    let trusted = wanted.get("id").and_then(Value::as_str).unwrap_or_default();
    let trusted = newest(asked.state, "apps", trusted)?.id.clone();
    let about = "Interclient Trust Mappings";
    if !["OPENID_CONNECT", "SAML_2_0", "SAML_1_1"].iter().any(|mode| app.is("/signOnMode", mode)) {
        return Err(ApiError::invalid(about, "The target application must be an OIDC or SAML app."));
    }
    let now = okta_timestamp(asked.request.now);
    let value = json!({
        "id": asked.org.ids().next("itm"),
        "orgId": asked.state.settings.org_id,
        "appInstanceId": app.id,
        "trustedAppInstanceId": trusted,
        "created": now,
        "lastUpdated": now,
        "lastUpdatedBy": asked.caller.role_holder(),
    });
    let shelf = Shelf::below(KIND, &[&app.id]);
    asked.org.commit(asked.request.now, |state| {
        let trusts = state.on(&shelf);
        if trusts.get(&trusted).is_none() && trusts.len() >= 5 {
            let cause = "The target application cannot have more than 5 trusted apps.";
            return Err(ApiError::invalid(about, cause));
        }
        Ok(vec![Change::put(shelf.clone(), trusted.clone(), value.clone(), Value::Null)])
    })?;
    trace.note("operation", format!("{trusted} may ask for tokens of {}", app.id));
    Ok(Reply::json(StatusCode::CREATED, value.to_string()))
}
