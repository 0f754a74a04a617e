//! The world before: an integration that its author submits, or that an administrator installs from the catalogue, and
//! what becomes of the installation.

use cucumber::{given, then};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    acting::{administer, path_of},
    org,
    thing::Kind,
};
use crate::{
    client::protocol::Authentication,
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
};

/// Installs it and authorizes its scopes. The answer is the only one with the secret.
async fn install(world: &mut World, name: &str, scopes: &str) -> Result<Value, Stop> {
    let scopes: Vec<&str> = scopes.split_whitespace().collect();
    let body = json!({ "type": name, "grantedScopes": scopes });
    administer(world, "POST", Kind::Installation.path(), Some(body)).await
}

/// From now on the client has this secret.
fn hand_over(world: &mut World, secret: &Value) {
    let client_secret = secret.as_str().unwrap_or_default().to_owned();
    world.edits.push(Box::new(move |connection| {
        connection.auth = Authentication::ClientSecretBasic { client_secret: client_secret.clone() };
    }));
}

/// The client is handed what the administrator copied: client id and secret. It asks for everything that was authorized.
#[given(expr = "a client of the integration {string}, installed for {string}")]
async fn installed(world: &mut World, name: String, scopes: String) -> Result<(), Stop> {
    world.app = Some(org::INTEGRATION.to_owned());
    org::draft(world);
    let installed = install(world, &name, &scopes).await?;
    let scopes = scopes.split_whitespace().map(ToOwned::to_owned).collect();
    is_client(world, name, &installed["id"], &installed["clientSecret"], scopes);
    Ok(())
}

/// The client is the installation with this id, and asks for all of these scopes.
fn is_client(world: &mut World, name: String, id: &Value, secret: &Value, scopes: Vec<String>) {
    let id = id.as_str().unwrap_or_default().to_owned();
    hand_over(world, secret);
    let client_id = id.clone();
    world.edits.push(Box::new(move |connection| connection.client_id.clone_from(&client_id)));
    world.scopes = Some(scopes);
    world.made.insert((Kind::Installation, name), id);
}

/// The form of a submission, as far as an instance needs it.
fn form(name: &str, scopes: &str) -> Value {
    let scopes: Vec<&str> = scopes.split_whitespace().collect();
    json!({ "name": name, "description": "An integration of these scenarios", "apiService": { "scopes": scopes } })
}

/// The submission with this name.
async fn submission(world: &mut World, name: &str) -> Result<String, Stop> {
    let org = world.org().await?;
    let all = org.submission(Method::GET, "", None).await;
    let all = world.need(all)?;
    let found = all.as_array().into_iter().flatten().find(|one| one["name"] == name);
    let id = found.and_then(|one| one["id"].as_str().map(ToOwned::to_owned));
    id.ok_or_else(|| world.untestable(format!("the submission {name:?} in the org")))
}

/// What the author has filled in; nobody has installed it yet.
#[given(expr = "a submission of the integration {string} for {string}")]
async fn submitted(world: &mut World, name: String, scopes: String) -> Result<(), Stop> {
    world.app = Some(org::INTEGRATION.to_owned());
    org::draft(world);
    let org = world.org().await?;
    let made = org.submission(Method::POST, "", Some(&form(&name, &scopes))).await;
    world.need(made).map(drop)
}

/// What is installed already does not learn of it.
#[given(expr = "the author has edited the submission {string} to {string}")]
async fn edited(world: &mut World, name: String, scopes: String) -> Result<(), Stop> {
    let id = submission(world, &name).await?;
    let org = world.org().await?;
    let done = org.submission(Method::PUT, &format!("/{id}"), Some(&form(&name, &scopes))).await;
    world.need(done).map(drop)
}

/// An instance of the latest version is generated, and the client is handed its id and secret.
#[given(expr = "a client of an instance of the submission {string}")]
async fn instance(world: &mut World, name: String) -> Result<(), Stop> {
    let id = submission(world, &name).await?;
    let org = world.org().await?;
    let made = org.submission(Method::POST, &format!("/{id}/test-instance"), None).await;
    let made = world.need(made)?;
    let scopes = made["scopes"].as_array().into_iter().flatten();
    let scopes = scopes.filter_map(|scope| scope.as_str().map(ToOwned::to_owned)).collect();
    is_client(world, name, &made["client_id"], &made["client_secret"], scopes);
    Ok(())
}

/// As a customer installs it today, or as one did before the update.
#[given(
    regex = r#"^a client of the integration "(\w+)", installed from (its new version|the version before)$"#
)]
async fn installed_version(world: &mut World, name: String, which: String) -> Result<(), Stop> {
    let versions = world.versions()?;
    let scopes = if which == "its new version" { versions.scopes } else { versions.scopes_before };
    // A client that does not work with what a customer has says so when it is set up, or later.
    world.setup_judged = true;
    installed(world, name, scopes.join(" ")).await
}

/// Customers of before were never asked for them.
#[given("the settings that the update brings are empty")]
async fn without_new_settings(world: &mut World) -> Result<(), Stop> {
    let new = world.versions()?.new_settings;
    world.edits.push(Box::new(move |connection| connection.settings.retain(|name, _| !new.contains(name))));
    Ok(())
}

/// A scope that the installation does not have vanishes from the token, or spoils the request.
#[then("the org saw the client ask for scopes of its installation only")]
async fn within_the_installation(world: &mut World) -> Result<(), Stop> {
    let allowed = world.scopes.clone().unwrap_or_default();
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let beyond = requests.iter().find_map(|request| {
        let asked = request.client.scopes_asked.iter().flatten();
        asked.into_iter().find(|scope| !allowed.contains(scope)).map(|scope| (scope.clone(), request.seq))
    });
    let observed = match &beyond {
        Some((scope, _)) => format!("{scope}, which the installation does not have"),
        None => format!("none beyond in {}", count::of(requests.len(), "token request")),
    };
    let seq = beyond.as_ref().map(|(_, seq)| *seq);
    let holds = beyond.is_none() && !requests.is_empty();
    let expected = format!("scopes among {}", allowed.join(" "));
    world.judge_at("within-the-installation", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// As after an edit of the submission. The client keeps the installation that it was handed.
#[given(expr = "an administrator has installed the integration {string} once more, for {string}")]
async fn installed_again(world: &mut World, name: String, scopes: String) -> Result<(), Stop> {
    install(world, &name, &scopes).await.map(drop)
}

async fn secrets_of(world: &mut World, name: &str) -> Result<String, Stop> {
    Ok(format!("{}/credentials/secrets", path_of(world, Kind::Installation, name).await?))
}

/// The client has the first one still.
#[given(expr = "an administrator has made a second secret of the installation {string}")]
async fn second_secret(world: &mut World, name: String) -> Result<(), Stop> {
    let secrets = secrets_of(world, &name).await?;
    administer(world, "POST", &secrets, None).await.map(drop)
}

/// The client has the new one already.
#[given(expr = "the client was handed a second secret of the installation {string}")]
async fn handed_second_secret(world: &mut World, name: String) -> Result<(), Stop> {
    let secrets = secrets_of(world, &name).await?;
    let made = administer(world, "POST", &secrets, None).await?;
    hand_over(world, &made["client_secret"]);
    Ok(())
}

/// The older of the two.
#[given(expr = "an administrator has switched off the first secret of the installation {string}")]
async fn first_secret_off(world: &mut World, name: String) -> Result<(), Stop> {
    let secrets = secrets_of(world, &name).await?;
    let list = administer(world, "GET", &secrets, None).await?;
    let Some(first) = list[0]["id"].as_str() else {
        return Err(world.untestable("an installation with a secret"));
    };
    administer(world, "POST", &format!("{secrets}/{first}/lifecycle/deactivate"), None).await.map(drop)
}

/// Away with it: grants, client id, secrets.
#[given(expr = "an administrator has revoked the installation {string}")]
async fn revoked(world: &mut World, name: String) -> Result<(), Stop> {
    let path = path_of(world, Kind::Installation, &name).await?;
    administer(world, "DELETE", &path, None).await.map(drop)
}
