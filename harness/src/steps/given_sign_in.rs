//! The world before: people who sign in, and what happens to their tokens.

use cucumber::given;
use serde_json::json;

use super::{given::expect_ok, org};
use crate::{
    client::protocol::{Authentication, Connection, Op, SignIn},
    suite::world::{Stop, World},
    target::{
        bystander::{Bystander, BystanderError},
        second_address::{Passage, SecondAddress},
    },
};

/// The usual org, with apps to sign in to and a password for everybody.
#[given("an org that people sign in to")]
async fn org_with_sign_in(world: &mut World) {
    org::let_people_sign_in(world);
}

/// Whose tokens the client gets, and as which kind of app.
#[given(
    regex = "^a client with (a secret|a key|neither secret nor key|neither secret nor key, in a browser,) that the ([a-z]+) signs in to$"
)]
async fn signs_in(world: &mut World, kind: String, person: String) {
    let app = match kind.as_str() {
        "a secret" => org::SIGN_IN_APP,
        "a key" => org::KEY_APP,
        "neither secret nor key" => org::PHONE_APP,
        _ => org::BROWSER_APP,
    };
    world.app = Some(app.to_owned());
    world.scopes = Some(["openid", "offline_access", "okta.users.read"].map(ToOwned::to_owned).to_vec());
    world.edits.push(Box::new(move |connection| {
        connection.sign_in = Some(SignIn {
            redirect_uri: org::REDIRECT_URI.to_owned(),
            login: org::login(&person),
            password: org::password(&person),
            prompt: None,
        });
    }));
}

fn edit_sign_in(world: &mut World, change: impl Fn(&mut SignIn) + 'static) {
    world.edits.push(Box::new(move |connection| {
        if let Some(sign_in) = &mut connection.sign_in {
            change(sign_in);
        }
    }));
}

/// As in a page that looks whether somebody is signed in already.
#[given("the client may not trouble the person")]
async fn silently(world: &mut World) {
    edit_sign_in(world, |sign_in| sign_in.prompt = Some("none".to_owned()));
}

/// A value of `prompt` that Okta does not know.
#[given(expr = "the client is set up for the prompt {string}")]
async fn prompt_value(world: &mut World, prompt: String) {
    edit_sign_in(world, move |sign_in| sign_in.prompt = Some(prompt.clone()));
}

/// A typing mistake.
#[given("the person mistypes the password")]
async fn mistyped(world: &mut World) {
    edit_sign_in(world, |sign_in| sign_in.password = "not-the-password-at-all".to_owned());
}

/// Somebody of another org.
#[given("the person has no account in the org")]
async fn no_account(world: &mut World) {
    edit_sign_in(world, |sign_in| sign_in.login = org::login("stranger"));
}

/// An account that cannot be used.
#[given(expr = "the account of the {word} is {word}")]
async fn account_status(world: &mut World, person: String, status: String) {
    let id = org::user_id(&person);
    org::change_one(world, "users", "id", &id, |user| user["status"] = json!(status));
}

/// The assignment that real apps have.
#[given(expr = "the app is assigned to the group {string} only")]
async fn assigned_to_group(world: &mut World, group: String) {
    org::change_app(world, |app| app["assigned_groups"] = json!([group]));
}

/// The assignment of a single person.
#[given(expr = "the app is assigned to the {word} only")]
async fn assigned_to_person(world: &mut World, person: String) {
    org::change_app(world, |app| app["assigned_users"] = json!([org::login(&person)]));
}

/// Which of the app's redirect URIs, or none of them.
#[given(expr = "the client was given the redirect URI {string}")]
async fn given_redirect_uri(world: &mut World, uri: String) {
    edit_sign_in(world, move |sign_in| sign_in.redirect_uri.clone_from(&uri));
}

/// A client that was set up for nothing.
#[given("the client was given no scopes")]
async fn no_scopes(world: &mut World) {
    world.scopes = Some(Vec::new());
}

/// Another issuer than the org's.
#[given("the client was given the issuer of another org")]
async fn other_issuer(world: &mut World) {
    world.edits.push(Box::new(|connection| connection.issuer = "https://another.example.com".to_owned()));
}

/// A client that has lost its secret, or never had one.
#[given("the client was given neither secret nor key")]
async fn without_credential(world: &mut World) {
    world.edits.push(Box::new(|connection| connection.auth = Authentication::Public));
}

/// The grant types of the app, in words.
#[given(expr = "the app has the grant types {string}")]
async fn grant_types(world: &mut World, types: String) {
    let types: Vec<&str> = types.split_whitespace().collect();
    org::change_app(world, |app| app["grant_types"] = json!(types));
}

/// Rotation without leeway, which an administrator may choose for an app with a secret as well.
#[given("the app's refresh token is replaced at each use")]
async fn rotating(world: &mut World) {
    org::change_app(world, |app| app["refresh_token"] = json!({ "rotation_type": "ROTATE", "leeway": 0 }));
}

/// A service app, which nobody signs in to.
#[given("the client was given the id of a service app")]
async fn service_app_id(world: &mut World) {
    world.edits.push(Box::new(|connection| connection.client_id = "0oaserviceapp0000001".to_owned()));
}

/// Somebody between client and org, who lets everything pass.
#[given("what client and org say to each other passes somebody else")]
async fn passes(world: &mut World) -> Result<(), Stop> {
    between(world, Passage::UNCHANGED).await
}

/// Somebody between client and org, who changes one thing.
#[given(
    regex = "^somebody on the way (replaces the state|removes the state|replaces the nonce|replaces the ID token|spoils the code|spoils the PKCE verifier|spoils the redirect URI of the exchange|asks for more in each refresh)$"
)]
async fn spoils(world: &mut World, what: String) -> Result<(), Stop> {
    let passage = match what.as_str() {
        "replaces the state" => {
            Passage { request: |text| parameter(text, "state=", "somebody-elses"), ..Passage::UNCHANGED }
        }
        "removes the state" => {
            Passage { request: |text| text.replacen("&state=", "&other=", 1), ..Passage::UNCHANGED }
        }
        "replaces the nonce" => {
            Passage { request: |text| parameter(text, "nonce=", "somebody-elses"), ..Passage::UNCHANGED }
        }
        "replaces the ID token" => Passage { answer: other_person, ..Passage::UNCHANGED },
        "spoils the code" => {
            Passage { request: |text| in_body(text, "code=", "no-code-of-this-org"), ..Passage::UNCHANGED }
        }
        "spoils the PKCE verifier" => Passage {
            request: |text| {
                in_body(text, "code_verifier=", "another-verifier-of-43-characters-or-a-few-more")
            },
            ..Passage::UNCHANGED
        },
        "asks for more in each refresh" => Passage {
            request: |text| {
                if text.contains("grant_type=refresh_token") {
                    format!("{text}&scope=openid+okta.users.read+okta.groups.read")
                } else {
                    text.to_owned()
                }
            },
            ..Passage::UNCHANGED
        },
        _ => Passage {
            request: |text| in_body(text, "redirect_uri=", "https%3A%2F%2Fapp.example.com%2Fanother"),
            ..Passage::UNCHANGED
        },
    };
    world.poison.passage(&what);
    between(world, passage).await
}

pub(super) async fn between(world: &mut World, passage: Passage) -> Result<(), Stop> {
    let base_url = world.plain_address().await?;
    let address = match SecondAddress::with(&base_url, passage).await {
        Ok(address) => address,
        Err(error) => return Err(world.broke("second-address", error.to_string())),
    };
    // The edit keeps the address open for as long as the scenario lives. The issuer stays the org's.
    world.edits.push(Box::new(move |connection| connection.org_url.clone_from(&address.url)));
    Ok(())
}

/// The text with another value for a parameter of its first line.
fn parameter(text: &str, name: &str, value: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    text.replacen(line, &replaced(line, name, value), 1)
}

/// The text with another value for a parameter of its body.
fn in_body(text: &str, name: &str, value: &str) -> String {
    match text.split_once("\r\n\r\n") {
        Some((head, body)) => format!("{head}\r\n\r\n{}", replaced(body, name, value)),
        None => text.to_owned(),
    }
}

/// A query or a form with another value for a parameter, if it is there.
fn replaced(text: &str, name: &str, value: &str) -> String {
    let starts = |at: usize| at == 0 || text[..at].ends_with(['?', '&']);
    let Some(at) = text.match_indices(name).map(|(at, _)| at).find(|at| starts(*at)) else {
        return text.to_owned();
    };
    let from = at + name.len();
    let end = text[from..].find(['&', ' ']).map_or(text.len(), |end| from + end);
    format!("{}{value}{}", &text[..from], &text[end..])
}

/// An answer whose ID token is about somebody else: its signature is no longer right.
fn other_person(text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let changed = || {
        let (_, token) = text.split_once("\"id_token\":\"")?;
        let (token, _) = token.split_once('"')?;
        let claims = token.split('.').nth(1)?;
        let mut read: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        read["sub"] = json!(org::user_id("admin"));
        Some(text.replacen(claims, &URL_SAFE_NO_PAD.encode(read.to_string()), 1))
    };
    changed().unwrap_or_else(|| text.to_owned())
}

/// The client knows nothing of it.
#[given(regex = "^the (refresh token|access token) was revoked$")]
async fn revoked(world: &mut World, which: String) -> Result<(), Stop> {
    let name = if which == "refresh token" { "refresh_token" } else { "access_token" };
    let token = last_issued(world, name).await?;
    let (bystander, client) = bystander(world).await?;
    let revoked = bystander.revoke(&client, &token).await;
    need(world, revoked)
}

/// The thief is faster; the client has the value that was replaced.
#[given("a thief has used the refresh token")]
async fn stolen(world: &mut World) -> Result<(), Stop> {
    let token = last_issued(world, "refresh_token").await?;
    let (bystander, client) = bystander(world).await?;
    let used = bystander.refresh(&client, &token).await;
    need(world, used)
}

/// Days, for org and client.
#[given(expr = "{int} days have passed")]
async fn days_passed(world: &mut World, days: u64) -> Result<(), Stop> {
    let org = world.org().await?;
    let moved = org.advance_clock(days * 86_400).await;
    world.need(moved)?;
    world.perform(Op::AdvanceClock { ms: days * 86_400_000 }).await.map(drop)
}

/// An hour passes and the client reads again, so often.
#[given(expr = "a client that has worked for {int} hours")]
async fn worked(world: &mut World, hours: u64) -> Result<(), Stop> {
    expect_ok(world, Op::get("/api/v1/users?limit=1")).await?;
    for _ in 0..hours {
        let org = world.org().await?;
        let moved = org.advance_clock(3660).await;
        world.need(moved)?;
        world.perform(Op::AdvanceClock { ms: 3_660_000 }).await?;
        expect_ok(world, Op::get("/api/v1/users?limit=1")).await?;
    }
    Ok(())
}

/// The last token of that name that the org sent the client.
async fn last_issued(world: &mut World, name: &str) -> Result<String, Stop> {
    let ledger = world.ledger().await?;
    let sent = ledger.token_requests().into_iter().rev();
    let token =
        sent.filter_map(|request| request.response.json()[name].as_str().map(ToOwned::to_owned)).next();
    token.ok_or_else(|| world.untestable(format!("a client that was sent a token: no {name} yet")))
}

/// Somebody beside the client, and what the client was handed.
async fn bystander(world: &mut World) -> Result<(Bystander, Connection), Stop> {
    let org = world.org().await?;
    let name = world.app.clone().unwrap_or_default();
    let app = org.ready.clients.iter().find(|app| app.name == name);
    let client = app.map(|app| org.ready.connection(app, Vec::new()));
    let Some(Ok(client)) = client else {
        return Err(world.untestable(format!("the app {name}")));
    };
    let bystander = Bystander::at(&org.ready.base_url);
    Ok((need(world, bystander)?, client))
}

/// The value, or the end of the scenario because a bystander could not do its part.
fn need<T>(world: &mut World, result: Result<T, BystanderError>) -> Result<T, Stop> {
    result.map_err(|error| world.untestable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parameter_is_replaced_and_nothing_else() {
        let line = "GET /a?other_state=1&state=2&x=3 HTTP/1.1\r\nstate=4: 5\r\n\r\n";
        assert_eq!(parameter(line, "state=", "9"), line.replace("&state=2", "&state=9"));
        let form = "POST /a?code=1 HTTP/1.1\r\n\r\ngrant_type=a&code=2";
        assert_eq!(in_body(form, "code=", "9"), form.replace("&code=2", "&code=9"));
        assert_eq!(in_body(form, "code_verifier=", "9"), form);
    }
}
