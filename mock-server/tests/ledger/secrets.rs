//! No secret is shown unless it is asked for, in none of the forms in which the ledger is read.

use proptest::prelude::*;
use serde_json::Value;

use crate::walk::{org, walk};
use crate::wire::{get, send};

/// A secret as it may stand in a text: as it is, percent-encoded, within JSON.
fn forms(secret: &str) -> Vec<String> {
    let quoted = serde_json::to_string(secret).unwrap();
    let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    vec![secret.to_owned(), quoted.trim_matches('"').to_owned(), encoded]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_secret_is_shown(
        password in "[A-Z][a-z]{4,8}[0-9]{2,4}[!#$%&/+=?-]{1,3}[A-Za-z0-9]{4,9}",
        answer in "[a-z]{6,10} [a-z\"&+]{6,10}",
        hook in "[A-Za-z0-9/+]{12,30}={0,2}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let org = org().await;
            let secrets = walk(&org, &[password, answer, "open-state".to_owned(), hook]).await;
            let own = format!("{}/orgs/default/ledger", org.control_url());
            let count = get(&own).await.json().as_array().unwrap().len();
            assert!(count > 20, "{count}");
            for (query, shows) in [
                ("?format=json".to_owned(), false),
                ("?format=ndjson".to_owned(), false),
                ("?format=har".to_owned(), false),
                (format!("/stream?since=0&limit={count}"), false),
                ("?secrets=plain".to_owned(), true),
            ] {
                let shown = get(&format!("{own}{query}")).await;
                assert_eq!(shown.status, 200);
                assert!(shown.body.contains("open-state"), "{query}");
                assert_eq!(shown.body.contains("secret:1"), !shows, "{query}");
                let leaked: Vec<_> =
                    secrets.iter().filter(|secret| forms(secret).iter().any(|form| shown.body.contains(form))).collect();
                if shows {
                    assert!(leaked.len() + 1 >= secrets.len(), "{} of {}", leaked.len(), secrets.len());
                } else {
                    assert!(leaked.is_empty(), "{query} shows {leaked:?}");
                }
            }
        });
    }
}

#[tokio::test]
async fn the_same_secret_has_the_same_tag_and_tokens_can_be_opened() {
    let org = crate::walk::org().await;
    let own = ["Password-of-1", "the answer is", "open-state", "hook-value-1"].map(str::to_owned);
    walk(&org, &own).await;
    let url = format!("{}/orgs/default/ledger", org.control_url());
    let whole = get(&url).await.json();
    let userinfo = get(&format!("{url}?path=/oauth2/v1/userinfo&status=200")).await.json();
    let issued: Vec<Value> =
        get(&format!("{url}?path=/oauth2/v1/token&status=200")).await.json().as_array().unwrap().clone();
    let body: Value = serde_json::from_str(issued[0]["response"]["body"].as_str().unwrap()).unwrap();
    let tag = body["access_token"].as_str().unwrap();
    let presented = userinfo[0]["request"]["headers"].to_string();
    assert!(presented.contains(&format!("Bearer {tag}\"")), "{tag}: {presented}");
    let opened = &userinfo[0]["tokens"][tag];
    assert_eq!(opened["claims"]["cid"], "0oawalkweb000000001d7", "{opened}");
    assert_eq!(opened["header"]["alg"], "RS256");
    assert!(!opened.to_string().contains("signature"));
    assert_eq!(get(&url).await.json(), whole, "the same tags whenever it is read");
    assert_eq!(send("DELETE", &url, &[], "").await.status, 204);
}
