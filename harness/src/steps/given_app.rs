//! The world before: the app that the client acts as, and how the client was set up for it.

use cucumber::given;
use serde_json::json;

use super::org;
use crate::{
    client::protocol::{Authentication, Connection},
    suite::world::{Stop, World},
};

/// Which app the client acts as.
#[given(
    regex = "^a client that was set up as (a service app|an installed integration|a web app|a web app with a key)$"
)]
async fn set_up_as(world: &mut World, kind: String) {
    let name = match kind.as_str() {
        "a service app" => org::SERVICE_APP,
        "an installed integration" => org::INTEGRATION,
        _ => org::WEB_APP,
    };
    world.app = Some(name.to_owned());
    org::draft(world);
    if kind == "a web app with a key" {
        org::change_app(world, |app| {
            app["auth_method"] = json!("private_key_jwt");
            app["keys"] = json!([{ "kid": "current", "pem_file": "fixture:client-rsa" }]);
            app["secrets"] = json!([]);
        });
    }
}

/// The Okta scopes that an administrator granted, in words.
#[given(expr = "the app is granted {string}")]
async fn granted(world: &mut World, scopes: String) {
    let scopes: Vec<&str> = scopes.split_whitespace().collect();
    org::change_app(world, |app| app["grants"] = json!(scopes));
}

/// What the client is configured to ask for.
#[given(expr = "the client asks for {string}")]
async fn asks_for(world: &mut World, scopes: String) {
    world.scopes = Some(scopes.split_whitespace().map(ToOwned::to_owned).collect());
}

/// Whoever gets tokens of this app has no admin role.
#[given("the app has no admin role")]
async fn without_role(world: &mut World) {
    org::change_app(world, |app| app["admin_roles"] = json!([]));
}

/// A standard role.
#[given(expr = "the app has the admin role {word}")]
async fn with_role(world: &mut World, role: String) {
    org::change_app(world, |app| app["admin_roles"] = json!([role]));
}

/// A standard role that is limited to a group.
#[given(expr = "the app has the admin role {word} for the group {string}")]
async fn with_limited_role(world: &mut World, role: String, group: String) {
    org::change_app(world, |app| app["admin_roles"] = json!([{ "type": role, "groups": [group] }]));
}

/// A custom role on a resource set.
#[given(expr = "the app has a custom role with {string} on the group {string}")]
async fn with_custom_role(world: &mut World, permission: String, group: String) {
    let document = org::draft(world);
    document["custom_roles"] = json!([{ "label": "Reader of a team", "permissions": [permission] }]);
    document["resource_sets"] = json!([{ "label": "Team", "resources": [format!("groups:{group}")] }]);
    let role = json!([{ "custom": "Reader of a team", "resource_set": "Team" }]);
    org::change_app(world, |app| app["admin_roles"] = role.clone());
}

/// The client signs with the key that it was given; the app has another one by now.
#[given("the app's key was replaced after the client was set up")]
async fn key_replaced(world: &mut World) {
    org::change_app(world, |app| {
        app["keys"] = json!([
            { "kid": "current", "pem_file": "fixture:client-rsa", "status": "INACTIVE" },
            { "kid": "next", "pem_file": "fixture:client-rsa-2" },
        ]);
    });
}

/// During a rotation: both keys are active.
#[given("the app has a second active key")]
async fn second_key(world: &mut World) {
    org::change_app(world, |app| {
        if let Some(keys) = app["keys"].as_array_mut() {
            keys.push(json!({ "kid": "next", "pem_file": "fixture:client-rsa-2" }));
        }
    });
}

/// An elliptic curve key.
#[given("the app's key is an elliptic curve key")]
async fn elliptic_key(world: &mut World) {
    org::change_app(world, |app| {
        app["keys"] = json!([{ "kid": "curve", "pem_file": "fixture:client-ec256" }])
    });
}

/// The only key is meant for encryption.
#[given("the app's key is meant for encryption")]
async fn encryption_key(world: &mut World) {
    org::change_app(world, |app| app["keys"][0]["use"] = json!("enc"));
}

/// A private key whose kid is the app's and whose public half is another app's.
#[given("the client was given the private key of another app")]
async fn foreign_key(world: &mut World) -> Result<(), Stop> {
    let key = key_of(world, org::OTHER_APP).await?;
    world.edits.push(Box::new(move |connection| {
        if let Authentication::PrivateKeyJwt { private_key_pem, .. } = &mut connection.auth {
            private_key_pem.clone_from(&key);
        }
    }));
    Ok(())
}

/// An administrator has removed the app's keys.
#[given("the app's keys were removed after the client was set up")]
async fn keys_removed(world: &mut World) -> Result<(), Stop> {
    org::change_app(world, |app| app["keys"] = json!([]));
    let key = key_of(world, org::OTHER_APP).await?;
    let client_id = client_id(world).await?;
    world.app = Some(org::OTHER_APP.to_owned());
    world.edits.push(Box::new(move |connection| {
        connection.client_id.clone_from(&client_id);
        connection.auth = Authentication::PrivateKeyJwt {
            private_key_pem: key.clone(),
            kid: Some("current".to_owned()),
            alg: "RS256".to_owned(),
        };
    }));
    Ok(())
}

/// As in set-ups that ask for a PEM only.
#[given("the client was not told the id of its key")]
async fn without_kid(world: &mut World) {
    world.edits.push(Box::new(|connection| {
        if let Authentication::PrivateKeyJwt { kid, .. } = &mut connection.auth {
            *kid = None;
        }
    }));
}

/// The client holds the secret of before.
#[given("the secret was rotated after the client was set up")]
async fn secret_rotated(world: &mut World) {
    hand_over_secret(world, "old-secret-0123456789-abcdefghijklmnopqrstuvwxyz");
}

/// During a rotation: both secrets are active, the client has the new one already.
#[given("the client holds the second of two active secrets")]
async fn second_secret(world: &mut World) {
    const SECOND: &str = "second-secret-0123456789-abcdefghijklmnopqrstuvw";
    org::change_app(world, |app| {
        if let Some(secrets) = app["secrets"].as_array_mut() {
            secrets.push(json!(SECOND));
        }
    });
    hand_over_secret(world, SECOND);
}

/// The client was given a secret although the app authenticates by key.
#[given("the client was given a secret although the app has a key")]
async fn secret_for_a_key_app(world: &mut World) {
    hand_over_secret(world, "some-secret-0123456789-abcdefghijklmnopqrstuvwxy");
}

/// An ordinary service app whose method is a secret.
#[given("the app is configured for a client secret")]
async fn configured_for_a_secret(world: &mut World) {
    org::change_app(world, |app| {
        app["auth_method"] = json!("client_secret_basic");
        app["keys"] = json!([]);
    });
}

/// A web app to which client credentials was added.
#[given("client credentials is among the grant types of the app")]
async fn grant_type_added(world: &mut World) {
    org::change_app(world, |app| app["grant_types"] = json!(["authorization_code", "client_credentials"]));
}

/// Deactivated in the console.
#[given("the app was deactivated")]
async fn deactivated(world: &mut World) {
    org::change_app(world, |app| app["status"] = json!("INACTIVE"));
}

/// A client id of another org, or of an app that was deleted.
#[given("the client was given an id that the org does not know")]
async fn unknown_id(world: &mut World) {
    world.edits.push(Box::new(|connection: &mut Connection| {
        connection.client_id = "0oanobody00000000001".to_owned();
    }));
}

/// The default of new service apps, which a client that knows Bearer tokens only has to have switched off.
#[given("the app's tokens are bound to a key of the client")]
async fn bound_tokens(world: &mut World) {
    org::change_app(world, |app| app["dpop"] = json!(true));
}

/// A network restriction that leaves the client out.
#[given("the app may be used from another network only")]
async fn other_network(world: &mut World) {
    org::change_app(world, |app| app["allowed_ips"] = json!(["203.0.113.0/24"]));
}

fn hand_over_secret(world: &mut World, secret: &'static str) {
    world.edits.push(Box::new(move |connection| {
        connection.auth = Authentication::ClientSecretBasic { client_secret: secret.to_owned() };
    }));
}

/// The private key of an app of the org.
async fn key_of(world: &mut World, name: &str) -> Result<String, Stop> {
    let org = world.org().await?;
    let app = org.ready.clients.iter().find(|app| app.name == name);
    let connection = app.map(|app| org.ready.connection(app, Vec::new()));
    match connection {
        Some(Ok(Connection { auth: Authentication::PrivateKeyJwt { private_key_pem, .. }, .. })) => {
            Ok(private_key_pem)
        }
        _ => Err(world.untestable(format!("a private key of the app {name}"))),
    }
}

/// The client id of the app that the client acts as.
async fn client_id(world: &mut World) -> Result<String, Stop> {
    let name = org::acting_app(world);
    let org = world.org().await?;
    match org.ready.clients.iter().find(|app| app.name == name) {
        Some(app) => Ok(app.client_id.clone()),
        None => Err(world.untestable(format!("the app {name}"))),
    }
}

/// The client acts with an API token instead of an app.
#[given(expr = "a client that holds the API token of the {word}")]
async fn api_token(world: &mut World, person: String) {
    org::draft(world);
    world.api_token = Some(person);
}

/// An administrator has revoked it; the client holds it still.
#[given("that token was revoked")]
async fn token_revoked(world: &mut World) {
    let owner = world.api_token.clone().unwrap_or_default();
    org::change_one(world, "api_tokens", "name", &owner, |token| token["status"] = json!("REVOKED"));
    // The org hands out good tokens only.
    world.api_token = Some(org::ANYBODY.to_owned());
    let api_token = org::api_token(&owner);
    world.edits.push(Box::new(move |connection| {
        connection.auth = Authentication::Ssws { api_token: api_token.clone() };
    }));
}

/// Its owner is suspended.
#[given("the owner of that token is suspended")]
async fn owner_suspended(world: &mut World) {
    let owner = world.api_token.clone().unwrap_or_default();
    let id = org::user_id(&owner);
    org::change_one(world, "users", "id", &id, |user| user["status"] = json!("SUSPENDED"));
}

/// The org differs from the usual one where real orgs do (`fixtures/dialects.toml`).
#[given(expr = "an org whose {word} is {word}")]
async fn dialect(world: &mut World, switch: String, value: String) {
    org::draft(world)["dialect"][switch] = json!(value);
}
