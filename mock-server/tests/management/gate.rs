//! The gate, row by row (mgmt-facts §1.1 and §1.3).

use crate::client::{Client, SUPER};

const ORG: &str = "SSWS 00devOrgAdminToken00000000000000000000000A";
const APP: &str = "SSWS 00devAppAdminToken00000000000000000000000A";
const HELP_DESK: &str = "SSWS 00devHelpDeskToken00000000000000000000000A";
const REPORT: &str = "SSWS 00devReportToken0000000000000000000000000A";
const USER: &str = "SSWS 00devUserToken000000000000000000000000000A";

const DENIED: &str = "403 E0000006 You do not have permission to perform the requested action";

#[test]
fn nobody_is_told_that_the_session_is_invalid() {
    let client = Client::dev();
    for headers in [
        vec![],
        vec![("Authorization", "Basic abc")],
        vec![("Authorization", "Token x")],
        vec![("X-Api-Key", "x")],
    ] {
        let answer = client.send("GET", "/api/v1/users", &headers, "");
        assert_eq!(answer.error(), "403 E0000005 Invalid session", "{headers:?}");
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[test]
fn api_tokens_that_are_no_good() {
    let client = Client::of(
        r#"
        [[users]]
        profile = { login = "admin@example.com" }
        admin_roles = ["SUPER_ADMIN"]
        [[users]]
        profile = { login = "gone@example.com" }
        status = "DEPROVISIONED"
        admin_roles = ["SUPER_ADMIN"]
        [[api_tokens]]
        token = "00good"
        owner = "admin@example.com"
        [[api_tokens]]
        token = "00revoked"
        owner = "admin@example.com"
        status = "REVOKED"
        [[api_tokens]]
        token = "00expired"
        owner = "admin@example.com"
        status = "EXPIRED"
        [[api_tokens]]
        token = "00orphan"
        owner = "gone@example.com"
        "#,
    );
    assert_eq!(client.get("SSWS 00good", "/api/v1/users").status, 200);
    assert_eq!(client.get("SSWS00good", "/api/v1/users").status, 200, "okta 3.x writes no space");
    for token in ["00unknown", "00revoked", "00expired", "00orphan", "", "eyJhbGciOiJSUzI1NiJ9.e30.x"] {
        let answer = client.get(&format!("SSWS {token}"), "/api/v1/users");
        assert_eq!(answer.error(), "401 E0000011 Invalid token provided", "{token}");
    }
}

#[test]
fn a_missing_scope_is_an_empty_403_with_a_challenge() {
    let client = Client::dev();
    let bearer = client.oin_bearer("okta.users.read");
    let answer = client.get(&bearer, "/api/v1/groups?limit=2");
    assert_eq!((answer.status, answer.text()), (403, ""));
    assert_eq!(
        answer.header("www-authenticate").unwrap(),
        "Bearer authorization_uri=\"http://acme.localhost:8080/oauth2/v1/authorize\", \
         realm=\"http://acme.localhost:8080\", scope=\"okta.groups.read\", error=\"insufficient_scope\", \
         error_description=\"The access token provided does not contain the required scopes.\", \
         resource=\"/api/v1/groups\""
    );
    assert_eq!(answer.header("access-control-expose-headers"), Some("WWW-Authenticate"));
    assert_eq!(answer.reason("scope"), "the token lacks okta.groups.read");
    // The scope is asked before the object is looked up, and for operations that are missing here too.
    assert_eq!(client.get(&bearer, "/api/v1/groups/00gnone").status, 403);
    assert_eq!(client.get(&bearer, "/api/v1/policies?type=OKTA_SIGN_ON").status, 403);
}

#[test]
fn a_manage_scope_includes_the_read_scope() {
    let client = Client::dev();
    let bearer = client.bearer("0oadevservice00001d7", "client-rsa", "okta.users.manage");
    assert_eq!(client.get(&bearer, "/api/v1/users?limit=1").status, 200);
}

#[test]
fn tokens_that_are_not_accepted_get_a_challenge() {
    let client = Client::dev();
    let good = client.oin_bearer("okta.users.read");
    let mut tampered = good.clone();
    let last = tampered.pop().unwrap();
    tampered.push(if last == 'A' { 'B' } else { 'A' });
    let middle = good.replacen("Bearer ey", "Bearer eX", 1);
    for (bearer, description) in [
        ("Bearer garbage".to_owned(), "The access token is invalid."),
        ("Bearer undefined".to_owned(), "The access token is invalid."),
        ("Bearer a.b.c".to_owned(), "The access token is invalid."),
        ("Bearer ".to_owned(), "The access token is invalid."),
        (tampered, "The access token is invalid."),
        (middle, "The access token is invalid."),
    ] {
        let answer = client.get(&bearer, "/api/v1/users");
        assert_eq!((answer.status, answer.text()), (401, ""), "{bearer}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        assert!(challenge.contains(&format!("error_description=\"{description}\"")), "{challenge}");
    }
    let answer = client.get(&good.replace("Bearer", "DPoP"), "/api/v1/users");
    assert!(
        answer.header("www-authenticate").unwrap().contains("The presented access_token is not DPoP bound.")
    );
    let answer = client.send("GET", "/api/v1/users?access_token=abc", &[], "");
    assert_eq!((answer.status, answer.text()), (400, ""));
    assert!(answer.header("www-authenticate").unwrap().contains("cannot be presented in a query string"));
}

#[test]
fn a_token_expires_with_the_clock_and_on_command() {
    let client = Client::dev();
    let expired = |answer: crate::client::Answer| {
        (
            answer.status,
            answer.header("www-authenticate").unwrap_or("").contains("\"The token has expired.\""),
        )
    };
    let bearer = client.oin_bearer("okta.users.read");
    assert_eq!(client.get(&bearer, "/api/v1/users").status, 200);
    client.org.clock().advance(jiff::SignedDuration::from_secs(3601));
    assert_eq!(expired(client.get(&bearer, "/api/v1/users")), (401, true));
    let bearer = client.oin_bearer("okta.users.read");
    assert_eq!(client.get(&bearer, "/api/v1/users").status, 200);
    client.org.expire_tokens();
    assert_eq!(expired(client.get(&bearer, "/api/v1/users")), (401, true));
}

#[test]
fn without_a_role_the_lists_are_empty_and_everything_else_is_refused() {
    let client = Client::dev();
    let scopes = "okta.users.read okta.groups.read okta.apps.read";
    let bearer = client.bearer("0oadevnorole000001d7", "client-rsa-2", scopes);
    for target in ["/api/v1/users", "/api/v1/groups", "/api/v1/apps"] {
        let answer = client.get(&bearer, target);
        assert_eq!((answer.status, answer.text()), (200, "[]"), "{target}");
        assert_eq!(answer.headers("link").count(), 1);
        assert!(answer.reason("operation").contains("empty"));
    }
    let everyone = client.get(SUPER, "/api/v1/groups").json()[0]["id"].as_str().unwrap().to_owned();
    for target in [
        "/api/v1/users/ada.admin@example.com",
        &format!("/api/v1/groups/{everyone}"),
        &format!("/api/v1/groups/{everyone}/users"),
    ] {
        assert_eq!(client.get(&bearer, target).error(), DENIED, "{target}");
    }
    // The object is looked up before the role is asked.
    assert_eq!(client.get(&bearer, "/api/v1/users/nobody").status, 404);
}

#[test]
fn dialects_of_a_principal_without_a_role() {
    let client = Client::of(&format!("{}\n{}", include_str!("../../../fixtures/orgs/dev.toml"), DIALECT));
    assert_eq!(client.get(USER, "/api/v1/users").error(), DENIED);
    assert_eq!(client.get(USER, "/api/v1/groups").text(), "[]");
    assert_eq!(client.get(USER, "/api/v1/users/ada.admin").status, 404);
    assert_eq!(
        client.get(SUPER, "/api/v1/nonsense").error(),
        "404 E0000008 The requested path was not found"
    );
}

const DIALECT: &str = r#"
[dialect]
role_less_users = "forbidden"
role_less_single = "not_found"
unknown_path = "not_found"
"#;

/// Which roles see what: 200 with content, `[]`, or 403 (mgmt-facts §7.7).
#[test]
fn roles_decide_what_an_api_token_sees() {
    let client = Client::dev();
    let see = |token: &str, target: &str| {
        let answer = client.get(token, target);
        match (answer.status, answer.text()) {
            (200, "[]") => "empty".to_owned(),
            (200, _) => format!("{}", answer.json().as_array().map_or(1, Vec::len)),
            (status, _) => status.to_string(),
        }
    };
    for (token, users, groups, apps) in [
        (SUPER, "200", "12", "6"),
        (ORG, "200", "12", "6"),
        (APP, "200", "12", "6"),
        // Limited to the group Support: its 21 members, the group itself; no apps.
        (HELP_DESK, "21", "1", "empty"),
        (REPORT, "empty", "empty", "empty"),
        (USER, "empty", "empty", "empty"),
    ] {
        let seen = (see(token, "/api/v1/users"), see(token, "/api/v1/groups"), see(token, "/api/v1/apps"));
        assert_eq!((seen.0.as_str(), seen.1.as_str(), seen.2.as_str()), (users, groups, apps), "{token}");
    }
}

#[test]
fn a_limited_role_reaches_the_members_of_its_group_only() {
    let client = Client::dev();
    assert_eq!(client.get(HELP_DESK, "/api/v1/users/ursula.user").status, 200);
    assert_eq!(client.get(HELP_DESK, "/api/v1/users/ada.admin").error(), DENIED);
    assert_eq!(client.get(HELP_DESK, "/api/v1/users/hugo.helpdesk").status, 200, "one's own user");
}

#[test]
fn a_user_without_a_role_sees_itself() {
    let client = Client::dev();
    assert_eq!(client.get(USER, "/api/v1/users/me").json()["profile"]["login"], "ursula.user@example.com");
    let groups = client.get(USER, "/api/v1/users/me/groups").json();
    assert_eq!(groups.as_array().unwrap().len(), 2);
}

#[test]
fn roles_come_through_groups_and_custom_roles_through_resource_sets() {
    let client = Client::of(
        r#"
        [[users]]
        profile = { login = "member@example.com" }
        [[users]]
        profile = { login = "other@example.com" }
        [[groups]]
        name = "Readers"
        members = ["member@example.com"]
        admin_roles = ["READ_ONLY_ADMIN"]
        [[custom_roles]]
        label = "User reader"
        permissions = ["okta.users.read"]
        [[resource_sets]]
        label = "Readers only"
        resources = ["groups:Readers"]
        [[integrations]]
        name = "sync"
        client_id = "0oadevoin000000001d7"
        secrets = ["dev-oin-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"]
        grants = ["okta.users.read", "okta.groups.read"]
        admin_roles = [{ custom = "User reader", resource_set = "Readers only" }]
        [[api_tokens]]
        token = "00member"
        owner = "member@example.com"
        [[api_tokens]]
        token = "00other"
        owner = "other@example.com"
        "#,
    );
    let count = |answer: crate::client::Answer| answer.json().as_array().unwrap().len();
    assert_eq!(count(client.get("SSWS 00member", "/api/v1/users")), 2);
    assert_eq!(count(client.get("SSWS 00other", "/api/v1/users")), 0);
    let bearer = client.oin_bearer("okta.users.read okta.groups.read");
    assert_eq!(count(client.get(&bearer, "/api/v1/users")), 1, "the members of the one group");
    assert_eq!(count(client.get(&bearer, "/api/v1/groups")), 0, "no permission for groups");
}

/// rs.dup
#[test]
fn a_token_in_header_and_body_is_one_too_many() {
    let client = Client::dev();
    let bearer = client.oin_bearer("okta.users.read");
    let ask = |authorization: &str, content_type: &str| {
        let headers = [("Authorization", authorization), ("Content-Type", content_type)];
        client.send("GET", "/api/v1/users?limit=1", &headers, "access_token=x")
    };
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let answer = ask(&bearer, form);
    assert_eq!((answer.status, answer.text()), (400, ""));
    let challenge = answer.header("www-authenticate").unwrap();
    let text = "The access token cannot be specified in both the Authorization header and the request-body.";
    let told = format!("error=\"invalid_request\", error_description=\"{text}\"");
    assert!(challenge.contains(&told), "{challenge}");
    assert_eq!(ask(&bearer, "text/plain").status, 200, "that is no form");
    assert_eq!(ask(SUPER, form).status, 200, "an API token is no access token");
}

#[test]
fn what_is_missing_here_is_told_from_what_okta_has_not() {
    let client = Client::dev();
    assert_eq!(client.get(REPORT, "/api/v1/authorizationServers").error(), DENIED);
    let wrong = client.send("PATCH", "/api/v1/users", &[("Authorization", SUPER)], "");
    assert_eq!(wrong.error(), "405 E0000022 The endpoint does not support the provided HTTP method");
    assert_eq!(wrong.header("x-okta-request-id"), None, "405 comes from before the application");
    assert_eq!(client.get(SUPER, "/api/v1/nonsense").status, 405);
    assert_eq!(client.get(SUPER, "/nonsense").error(), "404 E0000008 The requested path was not found");
    assert_eq!(client.send("GET", "/oauth2/v1/token", &[], "").status, 405);
    let gap = client.send("POST", "/oauth2/v1/challenge", &[], "");
    assert_eq!((gap.status, gap.header("x-orgtwin-not-implemented")), (501, Some("challenge")));
    assert!(gap.trace.gap);
}

#[test]
fn operations_that_take_no_such_token() {
    let client = Client::dev();
    let bearer = client.oin_bearer("okta.users.read");
    let answer = client.get(&bearer, "/api/v1/users/me/factors/questions");
    assert_eq!(answer.error(), "403 E0000005 Invalid session");
    let answer = client.get(SUPER, "/api/v1/dr/status");
    assert_eq!(answer.error(), "403 E0000005 Invalid session");
}

/// Every operation refuses nobody, a token without scopes, and a principal without a role, in this order.
#[test]
fn the_gate_stands_before_every_operation() {
    let client = Client::dev();
    client.org.configure(|settings| settings.limits.profile = "off".to_owned());
    let bearer = client.oin_bearer("okta.users.read");
    let mut asked = 0;
    for operation in mock_server::facts::facts().operations.all() {
        if operation.scopes.is_empty() {
            continue;
        }
        asked += 1;
        let path = operation.path.replace(['{', '}'], "");
        let send = |authorization: &str| {
            let headers =
                if authorization.is_empty() { vec![] } else { vec![("Authorization", authorization)] };
            client.send(operation.method.as_str(), &path, &headers, "").status
        };
        let id = &operation.id;
        assert_eq!(send(""), 403, "{id}: nobody");
        assert_eq!(send("SSWS nonsense"), 401, "{id}: an unknown API token");
        assert_eq!(send("Bearer nonsense"), 401, "{id}: no access token");
        if !operation.scopes.iter().any(|scope| scope.starts_with("okta.users.")) {
            assert_eq!(send(&bearer), 403, "{id}: no scope");
        }
    }
    assert_eq!(asked, 723);
}
