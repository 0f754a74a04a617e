//! The world before: what an administrator did to the client's own app while everything was running.

use cucumber::given;
use serde_json::json;

use super::{
    acting::{administer, id_of},
    org,
    thing::Kind,
};
use crate::suite::world::{Stop, World};

/// The path of the client's own app.
async fn own_app(world: &mut World) -> Result<String, Stop> {
    let name = org::acting_app(world);
    let org = world.org().await?;
    let app = org.ready.clients.iter().find(|app| app.name == name);
    match app {
        Some(app) => Ok(app.client_id.clone()),
        None => Err(world.untestable(format!("the app {name}"))),
    }
}

/// A scope, granted while everything runs.
#[given(expr = "an administrator has granted the scope {word} to the app")]
async fn grants(world: &mut World, scope: String) -> Result<(), Stop> {
    let id = own_app(world).await?;
    let issuer = world.org().await?.ready.base_url;
    let body = json!({ "issuer": issuer, "scopeId": scope });
    administer(world, "POST", &format!("/api/v1/apps/{id}/grants"), Some(body)).await.map(drop)
}

/// A scope, taken back while everything runs.
#[given(expr = "an administrator has revoked the scope {word} of the app")]
async fn revokes(world: &mut World, scope: String) -> Result<(), Stop> {
    let grants = format!("/api/v1/apps/{}/grants", own_app(world).await?);
    let list = administer(world, "GET", &grants, None).await?;
    let grant = list.as_array().into_iter().flatten().find(|grant| grant["scopeId"] == scope.as_str());
    let Some(id) = grant.and_then(|grant| grant["id"].as_str()) else {
        return Err(world.untestable(format!("a grant of {scope}")));
    };
    administer(world, "DELETE", &format!("{grants}/{id}"), None).await.map(drop)
}

/// A standard role for the client's app.
#[given(expr = "an administrator has assigned the role {word} to the app")]
async fn assigns_role_to_app(world: &mut World, role: String) -> Result<(), Stop> {
    let roles = format!("/oauth2/v1/clients/{}/roles", own_app(world).await?);
    administer(world, "POST", &roles, Some(json!({ "type": role }))).await.map(drop)
}

/// A custom role on a resource set for the client's app.
#[given(
    expr = "an administrator has assigned the custom role {string} on the resource set {string} to the app"
)]
async fn assigns_custom_role(world: &mut World, role: String, set: String) -> Result<(), Stop> {
    let roles = format!("/oauth2/v1/clients/{}/roles", own_app(world).await?);
    let role = id_of(world, Kind::CustomRole, &role).await?;
    let set = id_of(world, Kind::ResourceSet, &set).await?;
    let body = json!({ "type": "CUSTOM", "role": role, "resource-set": set });
    administer(world, "POST", &roles, Some(body)).await.map(drop)
}

/// All roles of the client's app.
#[given("an administrator has taken the roles of the app away")]
async fn takes_roles(world: &mut World) -> Result<(), Stop> {
    let roles = format!("/oauth2/v1/clients/{}/roles", own_app(world).await?);
    let list = administer(world, "GET", &roles, None).await?;
    for role in list.as_array().into_iter().flatten() {
        let id = role["id"].as_str().unwrap_or_default();
        administer(world, "DELETE", &format!("{roles}/{id}"), None).await?;
    }
    Ok(())
}
