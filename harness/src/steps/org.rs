//! The org of the scenarios as data: people, groups and apps that are named by their role. Scenarios change it before
//! it is made.

use serde_json::{Value, json};

use crate::suite::world::World;

/// The service app: private key, the scopes of [`GRANTS`], read-only administrator.
pub(super) const SERVICE_APP: &str = "service-app";
/// Its client id.
pub(super) const SERVICE_APP_ID: &str = "0oaserviceapp0000001";
/// The installed API service integration: secret, the same scopes and role.
pub(super) const INTEGRATION: &str = "integration";
/// The app that may write, in a real org.
pub(super) const MANAGER: &str = "manager";
/// A second service app, with a key of its own.
pub(super) const OTHER_APP: &str = "another-app";
/// An app that people sign in to.
pub(super) const WEB_APP: &str = "web-app";

/// An app that people sign in to, with a secret; its refresh token stays the same.
pub(super) const SIGN_IN_APP: &str = "sign-in-app";
/// The same with a key.
pub(super) const KEY_APP: &str = "sign-in-app-with-a-key";
/// The same on a phone: a public client.
pub(super) const PHONE_APP: &str = "phone-app";
/// The same in a browser: a public client whose refresh token is replaced at each use.
pub(super) const BROWSER_APP: &str = "browser-app";

/// Where the apps that people sign in to get their answers; nothing listens there.
pub(super) const REDIRECT_URI: &str = "https://app.example.com/callback";

/// What the apps that people sign in to are granted, unless they say otherwise.
const PEOPLES_GRANTS: [&str; 4] =
    ["okta.users.read", "okta.users.read.self", "okta.groups.read", "okta.users.manage"];

/// What the apps of the scenarios are granted, unless they say otherwise.
const GRANTS: [&str; 3] = ["okta.users.read", "okta.groups.read", "okta.apps.read"];

/// How many people the org has.
pub(super) const PEOPLE: usize = 6;

/// The people: role, status, admin roles.
fn people() -> [(&'static str, &'static str, Value); PEOPLE] {
    [
        ("admin", "ACTIVE", json!(["SUPER_ADMIN"])),
        ("reader", "ACTIVE", json!(["READ_ONLY_ADMIN"])),
        ("helper", "ACTIVE", json!([{ "type": "HELP_DESK_ADMIN", "groups": ["Support"] }])),
        ("reporter", "ACTIVE", json!(["REPORT_ADMIN"])),
        ("member", "ACTIVE", json!([])),
        ("visitor", "ACTIVE", json!([])),
    ]
}

/// A person's id.
pub(super) fn user_id(role: &str) -> String {
    format!("00u{role:0<17}")
}

/// A person's login.
pub(super) fn login(role: &str) -> String {
    format!("{role}@example.com")
}

/// A person's password.
pub(super) fn password(role: &str) -> String {
    format!("the-{role}-knows-this-1")
}

/// Somebody without an admin role.
pub(super) const ANYBODY: &str = "visitor";

/// A person's API token.
pub(super) fn api_token(role: &str) -> String {
    format!("00{role:x<40}")
}

/// A group's id.
pub(super) fn group_id(name: &str) -> String {
    format!("00g{:0<17}", name.to_lowercase())
}

/// A person as the org document has them.
pub(super) fn person(role: &str, status: &str, admin_roles: &Value) -> Value {
    json!({
        "id": user_id(role),
        "profile": { "login": login(role), "firstName": role, "lastName": "Example" },
        "status": status,
        "admin_roles": admin_roles,
    })
}

/// Six people, two groups beside Everyone, five apps, an API token a person.
pub(super) fn document() -> Value {
    let role = json!(["READ_ONLY_ADMIN"]);
    let tokens =
        people().map(|(role, ..)| json!({ "name": role, "owner": login(role), "token": api_token(role) }));
    json!({
        "users": people().map(|(role, status, admin_roles)| person(role, status, &admin_roles)),
        "groups": [
            { "id": group_id("Support"), "name": "Support", "members": [login("member"), login("helper")] },
            { "id": group_id("Sales"), "name": "Sales", "members": [login("visitor")] },
        ],
        "apps": [
            { "name": SERVICE_APP, "label": "Service app", "client_id": SERVICE_APP_ID,
              "keys": [{ "kid": "current", "pem_file": "fixture:client-rsa" }], "grants": GRANTS, "admin_roles": role },
            { "name": OTHER_APP, "label": "Another app", "client_id": "0oaanotherapp0000001",
              "keys": [{ "kid": "theirs", "pem_file": "fixture:client-rsa-2" }], "grants": GRANTS },
            { "name": WEB_APP, "label": "Web app", "client_id": "0oawebapp00000000001", "kind": "web",
              "secrets": ["web-secret-0123456789-abcdefghijklmnopqrstuvwxyz"], "grants": GRANTS },
        ],
        "integrations": [
            { "name": INTEGRATION, "label": "Installed integration", "client_id": "0oaintegration000001",
              "secrets": ["first-secret-0123456789-abcdefghijklmnopqrstuvwx"], "grants": GRANTS, "admin_roles": role },
        ],
        "api_tokens": tokens,
        "dialect": {},
    })
}

/// Passwords for everybody, and four apps to sign in to.
pub(super) fn let_people_sign_in(world: &mut World) {
    let secret = "sign-in-secret-0123456789-abcdefghijklmnopqrstuvwx";
    let uris = [REDIRECT_URI, "https://app.example.com/another"];
    let apps = [
        json!({ "name": SIGN_IN_APP, "client_id": "0oasigninapp00000001", "kind": "web", "secrets": [secret] }),
        json!({ "name": KEY_APP, "client_id": "0oakeyapp00000000001", "kind": "web", "auth_method": "private_key_jwt",
                "keys": [{ "kid": "current", "pem_file": "fixture:client-rsa" }] }),
        json!({ "name": PHONE_APP, "client_id": "0oaphoneapp000000001", "kind": "native" }),
        json!({ "name": BROWSER_APP, "client_id": "0oabrowserapp0000001", "kind": "browser" }),
    ];
    let document = draft(world);
    for (role, ..) in people() {
        set_password(document, role);
    }
    if let Some(list) = document["apps"].as_array_mut() {
        list.extend(apps.map(|mut app| {
            app["redirect_uris"] = json!(uris);
            app["grants"] = json!(PEOPLES_GRANTS);
            app
        }));
    }
}

fn set_password(document: &mut Value, role: &str) {
    let id = user_id(role);
    for user in
        document["users"].as_array_mut().into_iter().flatten().filter(|user| user["id"] == id.as_str())
    {
        user["password"] = json!(password(role));
    }
}

/// The org document, to be changed. An org that is there already cannot be changed this way.
pub(super) fn draft(world: &mut World) -> &mut Value {
    acting_app(world);
    world.draft.org.get_or_insert_with(document)
}

/// The app that the client acts as: the one that was chosen, else the one whose method it knows.
pub(super) fn acting_app(world: &mut World) -> String {
    // At a real org the client acts as what there is.
    let there = world.real().is_none_or(|real| real.app(SERVICE_APP).is_some());
    let known = if world.can("auth.private_key_jwt") && there { SERVICE_APP } else { INTEGRATION };
    world.app.get_or_insert_with(|| known.to_owned()).clone()
}

/// Changes the app that the client acts as.
pub(super) fn change_app(world: &mut World, change: impl Fn(&mut Value)) {
    let name = acting_app(world);
    for list in ["apps", "integrations"] {
        change_one(world, list, "name", &name, &change);
    }
}

/// Changes a member of the list that has this value under `key`.
pub(super) fn change_one(world: &mut World, list: &str, key: &str, value: &str, change: impl Fn(&mut Value)) {
    draft(world)[list].as_array_mut().into_iter().flatten().filter(|one| one[key] == value).for_each(change);
}
