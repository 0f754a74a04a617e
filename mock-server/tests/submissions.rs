//! The life of an API service integration, over sockets: its submission, the instances made from it, and the pages of the
//! console on which a person does the same.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_server::MockOrg;
use mock_server::org::seed::OrgDocument;
use serde_json::{Value, json};
use wire::{Answer, get, json as send_json, send};

/// An org, its submission, and somebody who is handed an instance.
struct Stage {
    org: MockOrg,
    own: String,
}

/// A form that can be submitted.
fn form(scopes: &[&str]) -> Value {
    json!({
        "name": "Acme Audit",
        "description": "Keeps an eye on what happens",
        "useCases": ["Centralized Logging"],
        "apiService": { "setupInstructionsUri": "https://acme.example/okta", "scopes": scopes },
        "config": [{ "label": "Region", "name": "region" }],
        "appContactDetails": [
            { "contactType": "CUSTOMER_SUPPORT", "contactValueType": "EMAIL", "contact": "help@acme.example" }
        ],
        "testing": {
            "testAccount": { "url": "https://acme.example/login", "username": "isvtest@okta.com", "password": "p" },
            "escalationSupportContact": "urgent@acme.example",
            "apiServiceTestConfiguration": { "scopeExplanation": "Reads the log" },
        },
    })
}

impl Stage {
    async fn new() -> Self {
        let org = MockOrg::builder().rate_limits("off").start().await.unwrap();
        let own = format!("{}/orgs/default", org.control_url());
        Self { org, own }
    }

    async fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send_json(method, &format!("{}/{path}", self.own), &body).await
    }

    async fn submitted(&self, form: &Value) -> String {
        let made = self.control("POST", "submissions", form).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn generate(&self, id: &str, body: &Value) -> Value {
        let made = self.control("POST", &format!("submissions/{id}/test-instance"), body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    async fn administer(&self, method: &str, path: &str, body: &Value) -> Answer {
        let token = format!("SSWS {}", self.org.ready().api_token.as_deref().unwrap());
        let lines = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, &format!("{}{path}", self.org.base_url()), &lines, &body).await
    }

    async fn token(&self, instance: &Value, scope: &str) -> Answer {
        let pair = format!(
            "{}:{}",
            instance["client_id"].as_str().unwrap(),
            instance["client_secret"].as_str().unwrap()
        );
        let basic = format!("Basic {}", STANDARD.encode(pair));
        let lines =
            [("Authorization", basic.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        let url = format!("{}/oauth2/v1/token", self.org.base_url());
        send(
            "POST",
            &url,
            &lines,
            &format!("grant_type=client_credentials&scope={}", scope.replace(' ', "%20")),
        )
        .await
    }

    async fn page(&self, path: &str) -> Answer {
        get(&format!("{}/_mock/console/default/{path}", self.org.base_url())).await
    }

    async fn press(&self, path: &str, form: &str) -> Answer {
        let base = self.org.base_url();
        let lines = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", base)];
        send("POST", &format!("{base}/_mock/console/default/{path}"), &lines, form).await
    }
}

/// What follows a piece of text, up to the next `<`.
fn after<'h>(html: &'h str, begin: &str) -> &'h str {
    html.split_once(begin).unwrap_or_else(|| panic!("{begin} is not in {html}")).1.split('<').next().unwrap()
}

#[tokio::test]
async fn an_instance_lives_and_ends() {
    let stage = Stage::new().await;
    let id = stage.submitted(&form(&["okta.logs.read"])).await;
    assert_eq!(id, "default_acmeaudit_api_1");
    let first = stage.generate(&id, &Value::Null).await;
    assert_eq!(first["client_secret"].as_str().unwrap().len(), 64);
    assert_eq!((&first["version"], &first["scopes"]), (&json!(1), &json!(["okta.logs.read"])));
    let path = format!("/integrations/api/v1/api-services/{}", first["client_id"].as_str().unwrap());
    let shown = stage.administer("GET", &path, &Value::Null).await.json();
    assert_eq!((&shown["type"], &shown["name"]), (&json!("acme_audit"), &json!("Acme Audit")));
    assert_eq!(shown["configGuideUrl"], "https://acme.example/okta");
    assert!(shown.get("clientSecret").is_none(), "{shown}");

    // An edit makes a new version; what is installed never learns of it.
    let edited = stage
        .control("PUT", &format!("submissions/{id}"), &form(&["okta.logs.read", "okta.users.read"]))
        .await;
    assert_eq!((edited.status, &edited.json()["version"]), (200, &json!(2)));
    assert_eq!(stage.token(&first, "okta.users.read").await.json()["error"], "consent_required");
    let second = stage.generate(&id, &Value::Null).await;
    assert_eq!(second["version"], 2);
    assert_eq!(stage.token(&second, "okta.users.read").await.status, 200);
    let old = stage.generate(&id, &json!({ "version": 1 })).await;
    assert_eq!(stage.token(&old, "okta.users.read").await.json()["error"], "consent_required");

    // Revoked: id, secret, grants and the token that is out.
    let token =
        stage.token(&first, "okta.logs.read").await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(stage.administer("DELETE", &path, &Value::Null).await.status, 204);
    let refused = stage.token(&first, "okta.logs.read").await.json();
    assert_eq!(refused["errorCode"], "invalid_client", "{refused}");
    let bearer = format!("Bearer {token}");
    let url = format!("{}/api/v1/logs", stage.org.base_url());
    assert_eq!(send("GET", &url, &[("Authorization", &bearer)], "").await.status, 401);
    assert_eq!(stage.token(&second, "okta.logs.read").await.status, 200);
    // The submission may go; its instances stay.
    assert_eq!(stage.control("DELETE", &format!("submissions/{id}"), &Value::Null).await.status, 204);
    assert_eq!(stage.token(&second, "okta.logs.read").await.status, 200);
    assert_eq!(stage.control("GET", "submissions", &Value::Null).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn customers_install_what_is_published() {
    let stage = Stage::new().await;
    let id = stage.submitted(&form(&["okta.logs.read"])).await;
    let path = format!("submissions/{id}");
    let step = |status: &str| json!({ "status": status });
    let moved = |to: &'static str| {
        let (stage, path) = (&stage, format!("{path}/status"));
        async move { stage.control("POST", &path, &step(to)).await }
    };
    let early = moved("OIN to review").await;
    assert_eq!(early.status, 409, "{early:?}");
    assert!(early.body.contains("no instance of version 1"), "{early:?}");
    stage.generate(&id, &Value::Null).await;
    for status in ["OIN to review", "ISV to review", "OIN to review", "Published"] {
        let answer = moved(status).await;
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!(status)), "{answer:?}");
    }
    let published = stage.control("GET", &path, &Value::Null).await.json();
    assert_eq!(published["versions"][0]["published"], true);
    // Sent back as it was read: nothing is different.
    let same = stage.control("PUT", &path, &published).await.json();
    assert_eq!(same, published);
    let mut words = form(&["okta.logs.read"]);
    words["description"] = json!("Keeps both eyes on it");
    let edited = stage.control("PUT", &path, &words).await.json();
    assert_eq!((&edited["status"], &edited["version"]), (&json!("Draft"), &json!(2)));
    assert_eq!(edited["isNonFunctionalOnlySubmission"], true);
    let wider = stage.control("PUT", &path, &form(&["okta.logs.read", "okta.users.read"])).await.json();
    assert_eq!((&wider["version"], &wider["isNonFunctionalOnlySubmission"]), (&json!(3), &json!(false)));
    // A customer gets version 1, and nothing that only the draft has.
    let install = |scopes: &[&str]| json!({ "type": "acme_audit", "grantedScopes": scopes });
    let api = "/integrations/api/v1/api-services";
    let refused = stage.administer("POST", api, &install(&["okta.users.read"])).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let cause = refused.json()["errorCauses"][0]["errorSummary"].as_str().unwrap().to_owned();
    assert_eq!(cause, "grantedScopes: okta.users.read is not a scope of acme_audit, version 1");
    // The version is the Wizard's to choose.
    let refused = stage.administer("POST", &format!("{api}?version=3"), &install(&["okta.users.read"])).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let made = stage.administer("POST", api, &install(&["okta.logs.read"])).await;
    assert_eq!((made.status, &made.json()["name"]), (201, &json!("Acme Audit")), "{made:?}");
}

#[tokio::test]
async fn a_form_is_refused_by_its_fields() {
    let stage = Stage::new().await;
    let id = stage.submitted(&form(&["okta.logs.read"])).await;
    let with = |pointer: &str, value: Value| {
        let mut form = form(&["okta.logs.read"]);
        form["type"] = json!("another");
        match form.pointer_mut(pointer) {
            Some(member) => *member = value,
            None => form[&pointer[1..]] = value,
        }
        form
    };
    for (form, status, part) in [
        (json!({ "name": "A" }), 400, "missing field `description`"),
        (with("/nme", json!("A")), 400, "did you mean `name`?"),
        (with("/name", json!("n".repeat(65))), 400, "name: 65 characters; the form takes 64"),
        (with("/apiService/scopes/0", json!("okta.log.read")), 400, "(did you mean \"okta.logs.read\"?)"),
        (with("/config/0/name", json!("Region")), 400, "config[0].name: "),
        (with("/appContactDetails/0/contactType", json!("BOSS")), 400, "unknown variant `BOSS`"),
        (
            with("/type", json!("acme_audit")),
            409,
            "type: \"acme_audit\" is that of default_acmeaudit_api_1 already",
        ),
    ] {
        let answer = stage.control("POST", "submissions", &form).await;
        assert_eq!(answer.status, status, "{form}: {answer:?}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(part), "{form}: {error}");
    }
    for (method, path, body, status, part) in [
        (
            "GET",
            "submissions/default_acmeaudit_api_2".to_owned(),
            Value::Null,
            404,
            "did you mean \"default_acmeaudit_api_1\"?",
        ),
        ("DELETE", "submissions/nothing".to_owned(), Value::Null, 404, "there is no submission"),
        ("PUT", format!("submissions/{id}"), with("/type", json!("other")), 409, "stays \"acme_audit\""),
        ("POST", format!("submissions/{id}/status"), json!({ "status": "Publshed" }), 400, "\"Published\""),
        (
            "POST",
            format!("submissions/{id}/status"),
            json!({ "status": "Published" }),
            409,
            "followed by \"OIN to review\"",
        ),
        ("POST", format!("submissions/{id}/test-instance"), json!({ "version": 7 }), 404, "the last is 1"),
        (
            "POST",
            format!("submissions/{id}/test-instance"),
            json!({ "verson": 1 }),
            400,
            "did you mean `version`?",
        ),
    ] {
        let answer = stage.control(method, &path, &body).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(answer.body.replace("\\\"", "\"").contains(part), "{method} {path}: {answer:?}");
    }
}

#[test]
fn an_org_file_lists_submissions() {
    let file = |more: &str| {
        let text = format!(
            "[[submissions]]\nname = \"Acme Audit\"\ndescription = \"Keeps an eye\"\nstatus = \"Published\"\n\
             apiService = {{ scopes = [\"okta.logs.read\"] }}\n{more}"
        );
        let document = OrgDocument::from_toml(&text).map_err(|error| error.to_string())?;
        let options = mock_server::org::OrgOptions::default();
        mock_server::org::Org::new(&document, &options).map_err(|error| error.to_string())
    };
    let org = file("").unwrap();
    let state = org.state();
    let kept = state.all("submissions").after(None).next().unwrap().value();
    assert_eq!((&kept["type"], &kept["status"]), (&json!("acme_audit"), &json!("Published")));
    for (more, part) in [
        ("useCases = [\"a\", \"b\", \"c\", \"d\"]", "submissions[0].useCases: 4 of them"),
        ("usecases = []", "line 6, column 1: unknown field `usecases`"),
        ("[[submissions]]\nname = \"Acme audit\"\ndescription = \"Twice\"", "submissions[1].type: "),
    ] {
        let error = file(more).unwrap_err();
        assert!(error.contains(part), "{more}: {error}");
    }
}

#[tokio::test]
async fn the_console_installs_and_revokes() {
    let stage = Stage::new().await;
    let id = stage.submitted(&form(&["okta.logs.read"])).await;
    let listed = stage.page("integrations").await;
    assert!(
        listed.body.contains("Acme Audit") && listed.body.contains(&format!("submissions/{id}?version=1"))
    );
    let consent = stage.page(&format!("submissions/{id}?version=1")).await;
    assert!(
        consent.body.contains("Install &amp; Authorize")
            && consent.body.contains("<code>okta.logs.read</code>")
    );
    assert_eq!(stage.page("submissions/nothing").await.status, 404);

    let once = stage.press(&format!("submissions/{id}"), "version=1").await;
    assert_eq!((once.status, once.header("cache-control")), (201, Some("no-store")), "{once:?}");
    let secret = after(&once.body, "id=\"secret\">");
    let client = after(&once.body, "<dt>Client id</dt><dd><code data-copy>");
    let handed = json!({ "client_id": client, "client_secret": secret });
    assert_eq!(stage.token(&handed, "okta.logs.read").await.status, 200);
    let page = format!("integrations/{client}");
    let shown = stage.page(&page).await;
    assert!(
        !shown.body.contains(secret) && shown.body.contains(&format!("***{}", &secret[60..])),
        "{shown:?}"
    );

    // A second secret, and no third; then the first one goes.
    let second = stage.press(&format!("{page}/secrets"), "").await;
    let handed_second =
        json!({ "client_id": client, "client_secret": after(&second.body, "id=\"secret\">") });
    assert_eq!(stage.token(&handed_second, "okta.logs.read").await.status, 200);
    let third = stage.press(&format!("{page}/secrets"), "").await;
    assert_eq!(third.status, 409);
    assert!(third.body.contains("maximum number of client secrets"), "{third:?}");
    let shown = stage.page(&page).await.body;
    assert!(!shown.contains("New secret"));
    let one =
        format!("{page}/secrets/{}", shown.split("/secrets/").nth(1).unwrap().split('"').next().unwrap());
    assert_eq!(stage.press(&one, "verb=delete").await.status, 409, "it is active");
    for (verb, status) in [("deactivate", 401), ("activate", 200), ("deactivate", 401), ("delete", 401)] {
        assert_eq!(stage.press(&one, &format!("verb={verb}")).await.status, 303, "{verb}");
        assert_eq!(stage.token(&handed, "okta.logs.read").await.status, status, "{verb}");
    }

    // After an edit it is marked as stale, and another site cannot take it away.
    stage.control("PUT", &format!("submissions/{id}"), &form(&["okta.users.read"])).await;
    assert!(stage.page("integrations").await.body.contains("stale"));
    assert!(stage.page(&page).await.body.contains("the submission is at version 2 by now"));
    let url = format!("{}/_mock/console/default/{page}/revoke", stage.org.base_url());
    let lines = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://evil.example")];
    assert_eq!(send("POST", &url, &lines, "").await.status, 403);
    assert_eq!(stage.token(&handed_second, "okta.logs.read").await.status, 200);
    assert_eq!(stage.press(&format!("{page}/revoke"), "").await.status, 303);
    assert_eq!(stage.token(&handed_second, "okta.logs.read").await.status, 401);
    assert_eq!(stage.page(&page).await.status, 404);
}
