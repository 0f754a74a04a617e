//! Before the first scenario: what the run needs of the org is tried once, with the client's own credentials and the
//! built-in client, and what is missing is named as the setting that it is.

use std::collections::BTreeSet;

use super::{gates::Refusal, org::RealOrg};
use crate::{
    client::{Session, builtin::Builtin, protocol::Op, session::Deadlines},
    target::{
        Control, Org,
        ledger::{Exchange, Ledger},
        ready::OrgClient,
    },
};

/// Lists that show whether the app may read them, with the scopes that allow it.
const LISTS: [(&str, [&str; 2]); 2] = [
    ("/api/v1/users?limit=1", ["okta.users.read", "okta.users.manage"]),
    ("/api/v1/groups?limit=1", ["okta.groups.read", "okta.groups.manage"]),
];

/// What is missing, in words that name the setting; nothing when the run may begin.
pub(crate) async fn preflight(org: &RealOrg, control: &Control, writes: bool) -> Vec<String> {
    let mut missing = Vec::new();
    for app in org.config.apps.iter().filter(|app| writes || app.name != "manager") {
        missing.extend(try_app(org, control, app).await);
        if org.caller.is_over().is_some() {
            break;
        }
    }
    if missing.is_empty() && org.config.api_token.is_some() {
        missing.extend(fixtures(org).await);
    }
    missing
}

async fn try_app(org: &RealOrg, control: &Control, app: &OrgClient) -> Vec<String> {
    let (ready, scene) = match org.scene().await {
        Ok(scene) => scene,
        Err(error) => return vec![format!("the proxy: {error}")],
    };
    let record = std::sync::Arc::clone(&scene.record);
    let connection = match ready.connection(app, app.scopes.clone()) {
        Ok(connection) => connection,
        Err(error) => return vec![error.to_string()],
    };
    let scene = Org::real(control.clone(), ready, scene);
    let deadlines = Deadlines { ready: super::DEADLINE, op: super::DEADLINE * 2 };
    let worked = async {
        let mut session = Session::open_at(&Builtin::new(None), &scene, deadlines)?;
        session.hello().await?;
        session.ask(Op::Configure { client: Box::new(connection) }).await?;
        session.ask(Op::GetToken).await?;
        for (list, scopes) in LISTS {
            let issued = record.since(0).token_requests().last().and_then(|last| last.client.issued.clone());
            if issued
                .is_some_and(|issued| scopes.iter().any(|scope| issued.scopes.iter().any(|s| s == scope)))
            {
                session.ask(Op::get(list)).await?;
            }
        }
        session.bye().await
    };
    if let Err(error) = worked.await {
        return vec![format!("apps.{}: {error}", app.name)];
    }
    let mut missing: Vec<String> = record.troubles();
    missing.extend(diagnose(app, &record.since(0)));
    missing
}

/// What the answers to an app say is missing.
fn diagnose(app: &OrgClient, ledger: &Ledger) -> Vec<String> {
    let at = |words: String| format!("apps.{}: {words}", app.name);
    let Some(token) = ledger.token_requests().last().copied() else {
        return vec![at("the org was not reached; is the address that of an org?".to_owned())];
    };
    if let Some(words) = of_token(app, token) {
        return vec![at(words)];
    }
    ledger.api_calls().into_iter().filter_map(|call| of_call(call).map(at)).collect()
}

/// What the answer to the token request says is missing.
fn of_token(app: &OrgClient, exchange: &Exchange) -> Option<String> {
    let body = exchange.response.json();
    let text = ["error_description", "errorSummary"].into_iter().find_map(|name| body[name].as_str());
    let text = text.unwrap_or_default();
    let code = exchange.response.error_code().unwrap_or_default();
    let status = exchange.response.status;
    if status == 200 {
        let issued: BTreeSet<&str> =
            exchange.client.issued.iter().flat_map(|issued| &issued.scopes).map(String::as_str).collect();
        let lacking: Vec<&str> =
            app.scopes.iter().map(String::as_str).filter(|scope| !issued.contains(scope)).collect();
        return (!lacking.is_empty()).then(|| {
            format!(
                "the scopes {} are not granted: grant them on the app's tab \"Okta API Scopes\"",
                lacking.join(", ")
            )
        });
    }
    let says = |part: &str| text.contains(part);
    let words = if status == 429 {
        Refusal::Limited.to_string()
    } else if code == "invalid_dpop_proof" || code == "use_dpop_nonce" {
        "the app requires DPoP: switch \"Require Demonstrating Proof of Possession (DPoP) header in token requests\" off"
            .to_owned()
    } else if says("'client_id' parameter") || says("is not a valid client_id") {
        format!(
            "the org has no active app with the client id {}: is it of this org, and active?",
            app.client_id
        )
    } else if says("JWT kid is invalid") || says("does not have a JWKSet") || says("signature is invalid") {
        "the key is not the app's: save its public half in the app's \"Public Keys\", set it ACTIVE, and give its kid"
            .to_owned()
    } else if says("must use the private_key_jwt") {
        "the app is an API Services app, which takes no secret: switch its client authentication to \"Public key / \
         Private key\""
            .to_owned()
    } else if says("client secret supplied") {
        "the secret is not the app's: is it ACTIVE, and copied whole?".to_owned()
    } else if says("Client authentication failed") || says("as the token_endpoint_auth_method") {
        format!(
            "the app's client authentication is another than {}: change it in the app, or in the file",
            app.auth_method
        )
    } else if says("'application_type' of 'service'") || code == "unauthorized_client" {
        "the app may not use client credentials: it has to be an API Services app, or an installed integration".to_owned()
    } else if code == "invalid_scope" {
        format!(
            "the org does not give any of the scopes {} ({text}): are they spelt and granted?",
            app.scopes.join(" ")
        )
    } else if says("expired") || says("into the future") || says("before the current time") {
        format!("this machine's clock is wrong ({text})")
    } else {
        format!("the org gives no token: {status} {code} {text}")
    };
    Some(words)
}

/// What the answer to a call says is missing.
fn of_call(exchange: &Exchange) -> Option<String> {
    let path = exchange.request.path();
    let code = exchange.response.error_code().unwrap_or_default();
    let role = "assign the role \"Read-only Administrator\" on the app's tab \"Admin roles\"";
    match exchange.response.status {
        200 if exchange.response.json().as_array().is_some_and(Vec::is_empty) => {
            Some(format!("{path} is an empty list, as for an app without an admin role: {role}"))
        }
        200 => None,
        429 => Some(Refusal::Limited.to_string()),
        403 if code == "E0000006" => Some(format!("{path} is refused: {role}")),
        403 if code == "insufficient_scope" => Some(format!("{path} needs a scope that the token has not")),
        401 if code == "E0000011" || code == "invalid_token" => {
            Some(format!("{path}: the org does not accept the token that it gave a moment ago ({code})"))
        }
        status => Some(format!("{path}: the org answered {status} {code}")),
    }
}

/// The people and the group of the file, as the harness finds them.
async fn fixtures(org: &RealOrg) -> Vec<String> {
    let mut missing = Vec::new();
    for (kind, path, ids) in
        [("people", "/api/v1/users", &org.config.people), ("groups", "/api/v1/groups", &org.config.groups)]
    {
        for (name, id) in ids {
            if let Err(error) = org.administer("GET", &format!("{path}/{id}"), None).await {
                missing.push(format!("{kind}.{name}: {error}"));
            }
        }
    }
    if let Some(id) = org.config.groups.get("Support") {
        let wanted: BTreeSet<&str> = ["member", "helper"]
            .into_iter()
            .filter_map(|name| org.config.people.get(name).map(String::as_str))
            .collect();
        match org.administer("GET", &format!("/api/v1/groups/{id}/users?limit=10"), None).await {
            Ok(found) => {
                let found: BTreeSet<&str> =
                    found.as_array().into_iter().flatten().filter_map(|user| user["id"].as_str()).collect();
                if found != wanted {
                    missing.push(
                        "groups.Support: its members are not exactly people.member and people.helper"
                            .to_owned(),
                    );
                }
            }
            Err(error) => missing.push(format!("groups.Support: {error}")),
        }
    }
    missing
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn app() -> OrgClient {
        serde_json::from_value(
            json!({ "name": "service-app", "client_id": "0oa1", "auth_method": "private_key_jwt",
            "scopes": ["okta.users.read", "okta.groups.read"] }),
        )
        .unwrap()
    }

    fn exchange(target: &str, status: u16, body: &Value, issued: &str) -> Exchange {
        let scopes: Vec<&str> = issued.split_whitespace().collect();
        let client = if issued.is_empty() {
            json!({})
        } else {
            json!({ "issued": { "token": "T1", "scopes": scopes } })
        };
        let method = if target.ends_with("/token") { "POST" } else { "GET" };
        serde_json::from_value(json!({ "seq": 1, "time": "2026-11-24T10:00:00Z", "client": client,
            "request": { "method": method, "target": target },
            "response": { "status": status, "body": body.to_string() } }))
        .unwrap()
    }

    #[test]
    fn the_setting_that_is_missing_is_named() {
        let oauth = |code: &str, text: &str| json!({ "error": code, "error_description": text });
        let both = "okta.users.read okta.groups.read";
        let token = "/oauth2/v1/token";
        for (target, status, body, issued, words) in [
            (token, 200, json!({}), "okta.users.read", "the scopes okta.groups.read are not granted"),
            (
                token,
                400,
                oauth("invalid_dpop_proof", "The DPoP proof JWT header is missing."),
                "",
                "requires DPoP",
            ),
            (
                token,
                401,
                oauth("invalid_client", "The client_assertion JWT kid is invalid."),
                "",
                "set it ACTIVE",
            ),
            (
                token,
                401,
                oauth(
                    "invalid_client",
                    "The client does not have a JWKSet configured, but the client_assertion requires one.",
                ),
                "",
                "Public Keys",
            ),
            (
                token,
                401,
                oauth(
                    "invalid_client",
                    "Client authentication failed. Either the client or the client credentials are invalid.",
                ),
                "",
                "client authentication is another than private_key_jwt",
            ),
            (
                token,
                401,
                oauth(
                    "invalid_client",
                    "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.",
                ),
                "",
                "takes no secret",
            ),
            (
                token,
                400,
                json!({ "errorCode": "invalid_client", "errorSummary": "Invalid value for 'client_id' parameter." }),
                "",
                "no active app with the client id 0oa1",
            ),
            (
                token,
                400,
                oauth("invalid_scope", "One or more scopes are not configured."),
                "",
                "spelt and granted",
            ),
            (
                token,
                401,
                oauth("invalid_client", "The client_assertion token is expired."),
                "",
                "clock is wrong",
            ),
            (token, 429, json!({ "errorCode": "E0000047" }), "", "answered 429"),
            ("/api/v1/users", 200, json!([]), "", "without an admin role"),
            ("/api/v1/users", 403, json!({ "errorCode": "E0000006" }), "", "Admin roles"),
            ("/api/v1/users", 500, json!({ "errorCode": "E0000009" }), "", "answered 500 E0000009"),
        ] {
            let mut ledger = Ledger(vec![exchange(target, status, &body, issued)]);
            if target != token {
                ledger.0.insert(0, exchange(token, 200, &json!({}), both));
            }
            let missing = diagnose(&app(), &ledger);
            assert!(missing.len() == 1 && missing[0].contains(words), "{target} {status}: {missing:?}");
            assert!(missing[0].starts_with("apps.service-app: "), "{missing:?}");
        }
        let good = Ledger(vec![
            exchange(token, 200, &json!({}), both),
            exchange("/api/v1/users", 200, &json!([{}]), ""),
        ]);
        assert_eq!(diagnose(&app(), &good), Vec::<String>::new());
        assert!(diagnose(&app(), &Ledger::default())[0].contains("not reached"));
    }
}
