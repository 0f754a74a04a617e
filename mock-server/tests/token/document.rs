//! What the org file says about clients' networks and custom authorization servers, and how it is told off.

use mock_server::org::authorization_server::Wish;
use mock_server::org::seed::OrgDocument;
use mock_server::org::{Org, OrgOptions};

fn refused(toml: &str) -> String {
    let document = OrgDocument::from_toml(toml).unwrap();
    Org::new(&document, &OrgOptions::default()).unwrap_err().to_string()
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (toml, message) in [
        (
            "[[apps]]\nname = \"a\"\nallowed_ips = [\"10.0.0.1\", \"10.0.0/8\"]",
            "apps[0].allowed_ips[1]: \"10.0.0/8\" is no address and no block of addresses such as 10.0.0.0/8",
        ),
        (
            "[[authorization_servers]]\nname = \"a\"\nscopes = [\"b\", \"okta.users.read\"]",
            "authorization_servers[0].scopes[1]: \"okta.users.read\" cannot be a scope of your own: one word that does not begin with okta.",
        ),
        (
            "[[authorization_servers]]\nname = \"a\"\nscopes = [{ name = \"b c\" }]",
            "authorization_servers[0].scopes[0]: \"b c\" cannot be a scope of your own: one word that does not begin with okta.",
        ),
        (
            "[[apps]]\nname = \"worker\"\n[[authorization_servers]]\nname = \"a\"\nclients = [\"wroker\"]",
            "authorization_servers[0].clients: there is no app \"wroker\" (did you mean \"worker\"?)",
        ),
        (
            "[[authorization_servers]]\nname = \"a\"\nstatus = \"OFF\"",
            "authorization_servers[0].status: there is no status \"OFF\"",
        ),
    ] {
        assert_eq!(refused(toml), message);
    }
}

#[test]
fn an_unknown_key_of_a_scope_is_an_error() {
    let toml = "[[authorization_servers]]\nname = \"a\"\nscopes = [{ name = \"b\", defualt = true }]";
    let error = OrgDocument::from_toml(toml).unwrap_err().to_string();
    assert!(error.starts_with("line 3"), "{error}");
}

/// The `default` server of the built-in org can be asked for a token.
#[test]
fn a_server_named_default_has_that_id() {
    let org = Org::new(&mock_server::org::seed::dev(), &OrgOptions::default()).unwrap();
    let state = org.state();
    let server = state.derived.server("default").unwrap();
    assert_eq!(server.audience, "api://default");
    let scopes = [server.scope("items.read").unwrap().name.clone()];
    let wish = Wish { client: "anyone", grant: "client_credentials", user: None, scopes: &scopes };
    assert!(server.rule_for(&wish).is_some());
}
