//! The Rust door: starting, stopping, refusing to start.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::path::PathBuf;

use mock_server::org::seed::OrgDocument;
use mock_server::{MockOrg, StartError};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use wire::{address, get, send};

#[tokio::test]
async fn an_org_is_ready_when_start_returns_and_gone_when_it_is_dropped() {
    let org = MockOrg::builder().start().await.unwrap();
    let health = get(&format!("{}/health", org.control_url())).await;
    assert_eq!(health.status, 200);
    assert_eq!(health.json(), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "orgs": 1 }));
    let address = address(org.base_url()).to_owned();
    let key_file = org.ready().clients.iter().find_map(|client| client.private_key_file.clone()).unwrap();
    assert!(std::fs::read_to_string(&key_file).unwrap().contains("PRIVATE KEY"));
    org.stopped().await;
    assert!(TcpStream::connect(&address).await.is_err());
    assert!(!key_file.exists() && !key_file.parent().unwrap().exists());
}

#[tokio::test]
async fn dropping_is_enough() {
    let org = MockOrg::builder().start().await.unwrap();
    let extra = wire::json("POST", &format!("{}/orgs", org.control_url()), "").await.json();
    let urls = [org.base_url().to_owned(), extra["base_url"].as_str().unwrap().to_owned()];
    drop(org);
    for url in urls {
        while TcpStream::connect(address(&url)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn the_ready_object_says_how_to_use_the_org() {
    let dir = tempfile::tempdir().unwrap();
    let started = MockOrg::builder().tls_listen(([127, 0, 0, 1], 0).into()).key_dir(dir.path()).start().await;
    let org = started.unwrap();
    let ready: Value = serde_json::to_value(org.ready()).unwrap();
    assert_eq!(ready["name"], "default");
    assert_eq!(ready["control_url"], format!("{}/_mock", org.base_url()));
    assert_eq!(ready["tls_base_url"], org.tls_base_url().unwrap());
    let ca = std::fs::read_to_string(ready["ca_file"].as_str().unwrap()).unwrap();
    assert_eq!(Some(ca.as_str()), org.ca_pem());
    assert_eq!(ready["api_token"], ready["api_tokens"][0]["token"]);
    assert!(ready["api_tokens"].as_array().unwrap().iter().all(|one| one["owner"].is_string()));
    let clients = ready["clients"].as_array().unwrap();
    assert_eq!(clients.len(), 4);
    for client in clients {
        let jwt = client["auth_method"] == "private_key_jwt";
        assert_eq!(client.get("private_key_file").is_some(), jwt, "{client}");
        assert_eq!(client.get("client_secret").is_some(), !jwt, "{client}");
        if let Some(file) = client["private_key_file"].as_str() {
            assert!(PathBuf::from(file).starts_with(dir.path()));
        }
    }
    assert!(ready["users"].as_array().unwrap().iter().any(|user| user["login"] == "ada.admin@example.com"));
    assert!(ready.get("control_token").is_none());
}

#[tokio::test]
async fn what_cannot_be_started_says_what_to_change() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().map(|address| (taken, address)).unwrap();
    let document =
        OrgDocument::from_toml("[[groups]]\nname = \"A\"\nmembers = [\"nobody@example.com\"]\n").unwrap();
    let builder = MockOrg::builder;
    for (builder, part) in [
        (builder().listen(taken.1), "--listen"),
        (builder().tls_listen(taken.1), "--tls-listen"),
        (builder().listen(([0, 0, 0, 0], 0).into()), "--control-token"),
        (builder().base_url("acme.example"), "--base-url"),
        (builder().control_token("two words"), "--control-token"),
        (builder().rate_limits("tinny"), "did you mean \"tiny\"?"),
        (builder().max_page(0), "max_page"),
        (builder().tls_listen(([127, 0, 0, 1], 0).into()).tls_identity("none", "none"), "CERTIFICATE"),
        (builder().tls_listen(([127, 0, 0, 1], 0).into()).host_name("höst"), "--host-name"),
        (builder().org(document), "groups[0].members"),
    ] {
        let error: StartError = builder.start().await.unwrap_err();
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn without_a_control_api_the_org_has_no_such_paths() {
    // An open address needs no token then: there is nothing to be kept from others.
    let org = MockOrg::builder().listen(([0, 0, 0, 0], 0).into()).control(false).start().await.unwrap();
    assert_eq!(org.control_url(), "");
    assert!(serde_json::to_value(org.ready()).unwrap().get("control_url").is_none());
    let unknown = get(&format!("{}/nobody/health", org.base_url())).await;
    for path in ["/_mock", "/_mock/health", "/_mock/orgs/default/ledger"] {
        let answer = get(&format!("{}{path}", org.base_url())).await;
        assert_eq!(
            (answer.status, &answer.json()["errorCode"]),
            (unknown.status, &unknown.json()["errorCode"])
        );
    }
}

#[tokio::test]
async fn an_open_address_with_a_token_keeps_the_control_api_closed() {
    let started = MockOrg::builder().listen(([0, 0, 0, 0], 0).into()).control_token("s3cret").start().await;
    let org = started.unwrap();
    assert!(org.base_url().starts_with("http://127.0.0.1:"), "{}", org.base_url());
    let orgs = format!("{}/orgs", org.control_url());
    let refused = get(&orgs).await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").unwrap().starts_with("Bearer"));
    assert!(!refused.body.contains("s3cret"));
    assert_eq!(send("GET", &orgs, &[("Authorization", "Bearer s3cret")], "").await.status, 200);
    assert_eq!(get(&format!("{}/health", org.control_url())).await.status, 200);
    let called = format!("localhost:{}", org.base_url().rsplit(':').next().unwrap());
    let lines = [("Authorization", "Bearer s3cret"), ("Host", called.as_str())];
    let made = send("POST", &orgs, &lines, "").await.json();
    assert!(made["base_url"].as_str().unwrap().starts_with("http://localhost:"), "{made}");
}

#[tokio::test]
async fn a_seed_makes_ids_repeatable() {
    let ids = |org: &MockOrg| org.ready().clients.iter().map(|one| one.client_id.clone()).collect::<Vec<_>>();
    let one = MockOrg::builder().seed(7).start().await.unwrap();
    let two = MockOrg::builder().seed(7).start().await.unwrap();
    assert_eq!(ids(&one), ids(&two));
}
