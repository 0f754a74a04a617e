//! What is done in an org: by the client, as what it is judged on, or before that by the client or an administrator.

use std::str::FromStr;

use cucumber::{
    Parameter,
    gherkin::{Step, StepType},
    given, when,
};
use serde_json::{Value, json};

use super::{
    given::expect_ok,
    org,
    thing::{self, Kind, Thing, Things},
};
use crate::{
    client::protocol::Op,
    suite::world::{Stop, World},
    target::bystander::Bystander,
};

/// `{who}`: who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "who", regex = "the client|an administrator")]
pub(super) enum Who {
    Client,
    Administrator,
}

impl FromStr for Who {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        Ok(if words == "the client" { Self::Client } else { Self::Administrator })
    }
}

/// Does it: a Given must succeed, a When is what the scenario judges. The answer's body.
pub(super) async fn act(
    world: &mut World,
    step: &Step,
    who: Who,
    method: &str,
    path: String,
    body: Option<Value>,
) -> Result<Value, Stop> {
    if who == Who::Administrator {
        return administer(world, method, &path, body).await;
    }
    let op = Op::Call { method: method.to_owned(), path, body };
    if step.ty == StepType::Given {
        expect_ok(world, op).await?;
    } else {
        world.perform(op).await?;
    }
    let ledger = world.ledger().await?;
    let call = ledger.api_calls().last().map(|call| (call.response.status, call.response.json()));
    Ok(call.filter(|(status, _)| *status < 300).map(|(_, body)| body).unwrap_or_default())
}

/// An administrator beside the client does it, with an API token of their own.
pub(super) async fn administer(
    world: &mut World,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Result<Value, Stop> {
    if let Some(real) = world.real() {
        let done = real.administer(method, path, body.as_ref()).await;
        return done.map_err(|error| world.untestable(error.to_string()));
    }
    let org = world.org().await?;
    let done = match Bystander::at(&org.ready.base_url) {
        Ok(administrator) => {
            administrator.administer(&org::api_token("admin"), method, path, body.as_ref()).await
        }
        Err(error) => Err(error),
    };
    done.map_err(|error| world.untestable(error.to_string()))
}

/// The id of what scenarios know by a name: made in this scenario, of the org's document, or there from the first day.
pub(super) async fn id_of(world: &mut World, kind: Kind, name: &str) -> Result<String, Stop> {
    if let Some(id) = world.made.get(&(kind, name.to_owned())) {
        return Ok(id.clone());
    }
    if let Some(real) = world.real() {
        let (section, known) = match kind {
            Kind::User => ("people", real.config.people.get(name)),
            Kind::Group => ("groups", real.config.groups.get(name)),
            _ => ("", None),
        };
        let known = known.cloned();
        return known
            .ok_or_else(|| world.untestable(format!("{section}.{name} in the file of --org-config")));
    }
    match kind {
        Kind::User => Ok(org::user_id(name)),
        Kind::Group if name != "Everyone" => Ok(org::group_id(name)),
        _ => {
            let list = administer(world, "GET", kind.list(), None).await?;
            let found = kind.elements(&list).into_iter().find(|one| kind.name_of(one) == name);
            let id = found.and_then(|one| one["id"].as_str().map(ToOwned::to_owned));
            id.ok_or_else(|| world.untestable(format!("the {} {name:?} in the org", kind.words())))
        }
    }
}

pub(super) async fn path_of(world: &mut World, kind: Kind, name: &str) -> Result<String, Stop> {
    Ok(format!("{}/{}", kind.path(), id_of(world, kind, name).await?))
}

// ---- the org and its administrators ---------------------------------------------------------------------------

/// Scopes to manage everything that the scenarios are about.
const EVERYTHING: [&str; 15] = [
    "okta.users.manage",
    "okta.groups.manage",
    "okta.apps.manage",
    "okta.appGrants.manage",
    "okta.roles.manage",
    "okta.policies.manage",
    "okta.networkZones.manage",
    "okta.brands.manage",
    "okta.schemas.manage",
    "okta.userTypes.manage",
    "okta.trustedOrigins.manage",
    "okta.eventHooks.manage",
    "okta.authorizationServers.manage",
    "okta.linkedObjects.manage",
    "okta.logs.read",
];

/// The usual org, and a client that may do everything in it.
#[given("an org that the client may manage")]
async fn managed(world: &mut World) {
    if world.real().is_some() {
        world.app = Some(org::MANAGER.to_owned());
        return;
    }
    org::change_app(world, |app| {
        app["grants"] = json!(EVERYTHING);
        app["admin_roles"] = json!(["SUPER_ADMIN"]);
    });
}

/// The same, whose pages hold few elements.
#[given(expr = "an org that the client may manage, in pages of {int}")]
async fn managed_in_small_pages(world: &mut World, page: usize) {
    managed(world).await;
    world.draft.max_page = Some(page);
}

/// Somebody whom no call could bring about.
#[given(expr = "a person {string} in the status {word}")]
async fn person(world: &mut World, name: String, status: String) {
    let person = org::person(&name, &status, &json!([]));
    if let Some(users) = org::draft(world)["users"].as_array_mut() {
        users.push(person);
    }
}

/// Many groups.
#[given(expr = "{int} groups more")]
async fn more_groups(world: &mut World, count: usize) {
    let groups = (1..=count).map(|number| format!("Team {number:02}"));
    let groups = groups.map(|name| json!({ "name": name }));
    if let Some(list) = org::draft(world)["groups"].as_array_mut() {
        list.extend(groups);
    }
}

/// What the client acts as was made by somebody else, with the key that the client has.
#[given(expr = "a client that was set up as the new service app {string}")]
async fn set_up_as_new(world: &mut World, label: String) -> Result<(), Stop> {
    let id = id_of(world, Kind::ServiceApp, &label).await?;
    world.app = Some(org::SERVICE_APP.to_owned());
    world.edits.push(Box::new(move |connection| connection.client_id.clone_from(&id)));
    Ok(())
}

/// The setting "Public client app admins" (mgmt-facts §1.4).
#[given("an administrator has made new service apps super administrators")]
async fn admins_by_default(world: &mut World) -> Result<(), Stop> {
    let setting = json!({ "clientPrivilegesSetting": true });
    administer(world, "PUT", "/api/v1/org/settings/clientPrivilegesSetting", Some(setting)).await.map(drop)
}

/// The public keys of the service app that the client has the private one of.
async fn client_keys(world: &mut World) -> Result<Value, Stop> {
    let path = format!("/api/v1/apps/{}/credentials/jwks", org::SERVICE_APP_ID);
    let mut keys = administer(world, "GET", &path, None).await?;
    if let Some(list) = keys.get_mut("keys").map(Value::take) {
        keys = list;
    }
    let shown = ["kty", "kid", "use", "alg", "n", "e"];
    let own = |key: &Value| -> Value {
        shown.iter().filter_map(|name| Some(((*name).to_owned(), key.get(name)?.clone()))).collect()
    };
    Ok(keys.as_array().into_iter().flatten().map(own).collect())
}

/// A custom attribute.
#[given(expr = "{who} has added the attribute {string} to the profile of users")]
#[when(expr = "{who} adds the attribute {string} to the profile of users")]
async fn adds_attribute(world: &mut World, who: Who, name: String, #[step] step: &Step) -> Result<(), Stop> {
    let property = json!({ "title": name, "type": "string", "maxLength": 20 });
    let body = json!({ "definitions": { "custom": {
        "id": "#custom", "type": "object", "properties": { name: property },
    } } });
    act(world, step, who, "POST", USER_SCHEMA.to_owned(), Some(body)).await.map(drop)
}

const USER_SCHEMA: &str = "/api/v1/meta/schemas/user/default";

/// The schema of profiles.
#[when("the client reads the schema of users")]
async fn reads_schema(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get(USER_SCHEMA)).await.map(drop)
}

// ---- make, read, change, delete -------------------------------------------------------------------------------

/// The name that something of the scenario has in the org: in a real one it bears the run's mark.
pub(super) fn name_there(world: &World, name: &str) -> String {
    world.real().map_or_else(|| name.to_owned(), |real| real.marked(world.id(), name))
}

async fn create(
    world: &mut World,
    step: &Step,
    who: Who,
    (kind, name): (Kind, &str),
    query: &str,
    change: impl FnOnce(&mut Value),
) -> Result<(), Stop> {
    let mut body = kind.body(&name_there(world, name), &world.org().await?.ready.base_url);
    if kind == Kind::ServiceApp {
        body["settings"]["oauthClient"]["jwks"] = json!({ "keys": client_keys(world).await? });
    }
    change(&mut body);
    let made = act(world, step, who, "POST", format!("{}{query}", kind.path()), Some(body)).await?;
    if let Some(id) = made["id"].as_str() {
        world.made.insert((kind, name.to_owned()), id.to_owned());
    }
    Ok(())
}

/// A new one, as `steps/thing.rs` has it.
#[given(expr = "{who} has created the {thing} {string}")]
#[when(expr = "{who} creates the {thing} {string}")]
async fn creates(
    world: &mut World,
    who: Who,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    create(world, step, who, (thing.0, &name), "", |_| ()).await
}

/// A new one that differs in an attribute.
#[given(expr = "{who} has created the {thing} {string} whose {string} is {string}")]
#[when(expr = "{who} creates the {thing} {string} whose {string} is {string}")]
async fn creates_with(
    world: &mut World,
    who: Who,
    thing: Thing,
    name: String,
    attribute: String,
    value: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    create(world, step, who, (thing.0, &name), "", |body| thing::set(body, &attribute, thing::value(&value)))
        .await
}

/// A new one that lacks something.
#[given(expr = "{who} has created the {thing} {string} without {string}")]
#[when(expr = "{who} creates the {thing} {string} without {string}")]
async fn creates_without(
    world: &mut World,
    who: Who,
    thing: Thing,
    name: String,
    attribute: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    create(world, step, who, (thing.0, &name), "", |body| thing::remove(body, &attribute)).await
}

/// Somebody who is to be activated later.
#[given(expr = "{who} has created the user {string} for later")]
#[when(expr = "{who} creates the user {string} for later")]
async fn creates_for_later(
    world: &mut World,
    who: Who,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    create(world, step, who, (Kind::User, &name), "?activate=false", |_| ()).await
}

/// One of them.
#[when(expr = "the client reads the {thing} {string}")]
async fn reads(world: &mut World, thing: Thing, name: String) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    world.perform(Op::get(path)).await.map(drop)
}

/// One attribute of it: of a user that alone, of anything else all of it.
#[given(expr = "{who} has changed the {string} of the {thing} {string} to {string}")]
#[when(expr = "{who} changes the {string} of the {thing} {string} to {string}")]
async fn changes(
    world: &mut World,
    who: Who,
    attribute: String,
    thing: Thing,
    name: String,
    value: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    let (method, mut body) = match thing.0 {
        Kind::User => ("POST", json!({})),
        kind => ("PUT", kind.body(&name_there(world, &name), &world.org().await?.ready.base_url)),
    };
    thing::set(&mut body, &attribute, thing::value(&value));
    act(world, step, who, method, path, Some(body)).await.map(drop)
}

/// All of it is as new.
#[when(expr = "{who} replaces the {thing} {string}")]
async fn replaces(
    world: &mut World,
    who: Who,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    let body = thing.0.body(&name_there(world, &name), &world.org().await?.ready.base_url);
    act(world, step, who, "PUT", path, Some(body)).await.map(drop)
}

/// Away with it.
#[given(expr = "{who} has deleted the {thing} {string}")]
#[when(expr = "{who} deletes the {thing} {string}")]
async fn deletes(
    world: &mut World,
    who: Who,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    act(world, step, who, "DELETE", path, None).await.map(drop)
}

/// Something with this id, which may not be there.
#[when(expr = "the client reads the {things} object {string}")]
async fn reads_one(world: &mut World, things: Things, id: String) -> Result<(), Stop> {
    world.perform(Op::get(format!("{}/{id}", things.0.path()))).await.map(drop)
}

// ---- lifecycles -----------------------------------------------------------------------------------------------

/// `{change}`: what changes the state, in the words of Okta.
#[derive(Debug, Clone, Parameter)]
#[param(name = "change", regex = "(?:de|re)?activate[sd]|(?:un)?suspend(?:s|ed)|unlock(?:s|ed)")]
struct Transition(&'static str);

impl FromStr for Transition {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let verbs = ["activate", "deactivate", "reactivate", "suspend", "unsuspend", "unlock"];
        let verb = verbs.into_iter().find(|verb| words.starts_with(verb));
        verb.map(Self).ok_or_else(|| format!("{words:?} changes no state"))
    }
}

/// From one state to another.
#[given(expr = "{who} has {change} the {thing} {string}")]
#[when(expr = "{who} {change} the {thing} {string}")]
async fn changes_state(
    world: &mut World,
    who: Who,
    change: Transition,
    thing: Thing,
    name: String,
    #[step] step: &Step,
) -> Result<(), Stop> {
    let path = path_of(world, thing.0, &name).await?;
    // Without this parameter Okta sends a mail; here nobody reads mails.
    let query = if thing.0 == Kind::User && change.0.ends_with("activate") { "?sendEmail=false" } else { "" };
    act(world, step, who, "POST", format!("{path}/lifecycle/{}{query}", change.0), None).await.map(drop)
}

/// The person must choose a new one at the next sign-in.
#[when(expr = "the client expires the password of the user {string}")]
async fn expires_password(world: &mut World, name: String) -> Result<(), Stop> {
    let path = path_of(world, Kind::User, &name).await?;
    let path = format!("{path}/lifecycle/expire_password");
    world.perform(Op::Call { method: "POST".to_owned(), path, body: None }).await.map(drop)
}
