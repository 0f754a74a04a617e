//! What belongs together: members of groups, assignments of apps, admin roles.

use cucumber::{gherkin::Step, given, when};
use serde_json::json;

use super::{
    acting::{Who, act, id_of, path_of},
    thing::{Kind, Thing},
};
use crate::{
    client::protocol::Op,
    suite::world::{Stop, World},
};

/// A member of a group.
#[given(expr = "{who} has added the user {string} to the group {string}")]
#[when(expr = "{who} adds the user {string} to the group {string}")]
async fn adds_member(
    world: &mut World,
    who: Who,
    user: String,
    group: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    member(world, step, who, "PUT", &user, &group).await
}

/// No member any longer.
#[when(expr = "{who} removes the user {string} from the group {string}")]
async fn removes_member(
    world: &mut World,
    who: Who,
    user: String,
    group: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    member(world, step, who, "DELETE", &user, &group).await
}

async fn member(
    world: &mut World,
    step: &Step,
    who: Who,
    method: &str,
    user: &str,
    group: &str,
) -> Result<(), Stop> {
    let group = path_of(world, Kind::Group, group).await?;
    let user = id_of(world, Kind::User, user).await?;
    act(world, step, who, method, format!("{group}/users/{user}"), None).await.map(drop)
}

/// Who may use an app.
#[given(expr = "{who} has assigned the {thing} {string} to the app {string}")]
#[when(expr = "{who} assigns the {thing} {string} to the app {string}")]
async fn assigns(
    world: &mut World,
    who: Who,
    thing: Thing,
    name: String,
    app: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let app = path_of(world, Kind::App, &app).await?;
    let id = id_of(world, thing.0, &name).await?;
    let (method, path, body) = match thing.0 {
        Kind::Group => ("PUT", format!("{app}/groups/{id}"), json!({})),
        _ => ("POST", format!("{app}/users"), json!({ "id": id, "scope": "USER" })),
    };
    act(world, step, who, method, path, Some(body)).await.map(drop)
}

/// Who may use an app no longer.
#[when(expr = "{who} takes the app {string} away from the {thing} {string}")]
async fn unassigns(
    world: &mut World,
    who: Who,
    app: String,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let app = path_of(world, Kind::App, &app).await?;
    let id = id_of(world, thing.0, &name).await?;
    let among = if thing.0 == Kind::Group { "groups" } else { "users" };
    act(world, step, who, "DELETE", format!("{app}/{among}/{id}"), None).await.map(drop)
}

/// What belongs to something: members, rules, grants.
#[when(
    regex = r#"^the client (reads|lists all) the (members|groups|apps|roles|users|grants|rules|keys) of the ([a-z -]+) "([^"]+)"$"#
)]
async fn reads_related(
    world: &mut World,
    how: String,
    relation: String,
    thing: Thing,
    name: String,
) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    let tail = match relation.as_str() {
        "members" => "users",
        "keys" => "credentials/jwks",
        other => other,
    };
    let path = format!("{path}/{tail}");
    let op = if how == "reads" { Op::get(path) } else { Op::list_all(path) };
    world.perform(op).await.map(drop)
}

/// A scope, granted to an app.
#[given(expr = "{who} has granted the scope {word} to the {thing} {string}")]
#[when(expr = "{who} grants the scope {word} to the {thing} {string}")]
async fn grants_scope(
    world: &mut World,
    who: Who,
    scope: String,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    let issuer = world.org().await?.ready.base_url;
    let body = json!({ "issuer": issuer, "scopeId": scope });
    act(world, step, who, "POST", format!("{path}/grants"), Some(body)).await.map(drop)
}

/// A standard role for a person, a group, a service app or an installation.
#[given(expr = "{who} has assigned the role {word} to the {thing} {string}")]
#[when(expr = "{who} assigns the role {word} to the {thing} {string}")]
async fn assigns_role(
    world: &mut World,
    who: Who,
    role: String,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let path = match thing.0 {
        kind @ (Kind::ServiceApp | Kind::Installation) => {
            format!("/oauth2/v1/clients/{}", id_of(world, kind, &name).await?)
        }
        kind => path_of(world, kind, &name).await?,
    };
    act(world, step, who, "POST", format!("{path}/roles"), Some(json!({ "type": role }))).await.map(drop)
}
