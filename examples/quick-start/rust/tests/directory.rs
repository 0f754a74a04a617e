//! The org as a value: started in a test, on a port of its own, gone when it is dropped. No program to run, no file to read.

use std::error::Error;

use mock_server::MockOrg;
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn Error>>;

/// The code under test: reads the users of an Okta org.
mod directory {
    use std::{error::Error, time::Duration};

    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use reqwest::{Client, RequestBuilder, Response, StatusCode, header::HeaderMap};
    use serde_json::{Value, json};

    type Result<T> = std::result::Result<T, Box<dyn Error>>;

    const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// An API service integration of the OIN: client id and secret, by HTTP Basic.
    pub(crate) async fn by_secret(http: &Client, org: &str, id: &str, secret: &str) -> Result<String> {
        token(http.post(format!("{org}/oauth2/v1/token")).basic_auth(id, Some(secret)), &[]).await
    }

    /// A service app: an assertion that its private key signs. The audience is the token endpoint as it is called.
    pub(crate) async fn by_key(http: &Client, org: &str, id: &str, kid: &str, pem: &[u8]) -> Result<String> {
        let endpoint = format!("{org}/oauth2/v1/token");
        let now = jsonwebtoken::get_current_timestamp();
        let claims = json!({ "iss": id, "sub": id, "aud": endpoint, "iat": now, "exp": now + 300 });
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
        let assertion = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_rsa_pem(pem)?)?;
        let form = [("client_assertion_type", BEARER), ("client_assertion", &assertion)];
        token(http.post(endpoint), &form).await
    }

    async fn token(request: RequestBuilder, credentials: &[(&str, &str)]) -> Result<String> {
        let grant = [("grant_type", "client_credentials"), ("scope", "okta.users.read")];
        let answer = request.form(&[&grant, credentials].concat()).send().await?.error_for_status()?;
        let answer: Value = answer.json().await?;
        Ok(answer["access_token"].as_str().ok_or("no access token")?.to_owned())
    }

    /// The ids of all users, page by page, as the `next` links lead. Who is told 429 waits until the window ends.
    pub(crate) async fn users(http: &Client, org: &str, token: &str) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut next = Some(format!("{org}/api/v1/users?limit=100"));
        while let Some(url) = next.clone() {
            let page = http.get(url).bearer_auth(token).send().await?;
            if page.status() == StatusCode::TOO_MANY_REQUESTS {
                tokio::time::sleep(until_reset(&page).ok_or("no time of the reset")?).await;
                continue;
            }
            let page = page.error_for_status()?;
            next = next_link(page.headers());
            let users: Vec<Value> = page.json().await?;
            ids.extend(users.iter().filter_map(|user| user["id"].as_str()).map(str::to_owned));
        }
        Ok(ids)
    }

    fn until_reset(page: &Response) -> Option<Duration> {
        let text = |name| page.headers().get(name)?.to_str().ok();
        let reset: i64 = text("x-rate-limit-reset")?.parse().ok()?;
        let now = jiff::fmt::rfc2822::parse(text("date")?).ok()?.timestamp().as_second();
        Some(Duration::from_secs((reset - now + 1).try_into().ok()?))
    }

    /// Two Link lines come: self and next.
    fn next_link(headers: &HeaderMap) -> Option<String> {
        let links = headers.get_all("link").iter().filter_map(|line| line.to_str().ok());
        let next = links.filter_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
        next.map(str::to_owned).next()
    }
}

fn http() -> reqwest::Client {
    // Once for the process; done again, it changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::new()
}

/// A token of the API service integration of the built-in org.
async fn as_integration(http: &reqwest::Client, org: &MockOrg, url: &str) -> Result<String, Box<dyn Error>> {
    let clients = &org.ready().clients;
    let client = clients.iter().find(|client| client.name == "acmesync").ok_or("no acmesync")?;
    let secret = client.client_secret.as_deref().unwrap_or_default();
    directory::by_secret(http, url, &client.client_id, secret).await
}

/// The next requests that match go wrong (docs/faults.md).
async fn fault(http: &reqwest::Client, org: &MockOrg, matching: Value, fault: Value) -> Outcome {
    let faults = format!("{}/orgs/{}/faults", org.control_url(), org.ready().name);
    let body = json!({ "match": matching, "fault": fault });
    http.post(faults).json(&body).send().await?.error_for_status()?;
    Ok(())
}

/// The statuses of what the org was asked about users, in order.
async fn seen(http: &reqwest::Client, org: &MockOrg) -> Result<Vec<u64>, Box<dyn Error>> {
    let ledger = format!("{}/orgs/{}/ledger?path=/api/v1/users", org.control_url(), org.ready().name);
    let ledger: Vec<Value> = http.get(ledger).send().await?.error_for_status()?.json().await?;
    Ok(ledger.iter().filter_map(|exchange| exchange["response"]["status"].as_u64()).collect())
}

#[tokio::test]
async fn an_integration_reads_all_pages() -> Outcome {
    let (http, org) = (http(), MockOrg::builder().start().await?);
    let token = as_integration(&http, &org, org.base_url()).await?;
    assert_eq!(directory::users(&http, org.base_url(), &token).await?.len(), 250);
    assert_eq!(seen(&http, &org).await?, [200, 200, 200]);
    Ok(())
}

#[tokio::test]
async fn a_service_app_reads_all_pages() -> Outcome {
    let (http, org) = (http(), MockOrg::builder().start().await?);
    let client =
        org.ready().clients.iter().find(|client| client.name == "service").ok_or("no service app")?;
    let pem = std::fs::read(client.private_key_file.as_deref().ok_or("no key")?)?;
    let kid = client.kid.as_deref().unwrap_or_default();
    let token = directory::by_key(&http, org.base_url(), &client.client_id, kid, &pem).await?;
    assert_eq!(directory::users(&http, org.base_url(), &token).await?.len(), 250);
    Ok(())
}

#[tokio::test]
async fn a_failure_of_the_org_is_told() -> Outcome {
    let (http, org) = (http(), MockOrg::builder().start().await?);
    let token = as_integration(&http, &org, org.base_url()).await?;
    fault(&http, &org, json!({ "path": "/api/v1/users", "times": 1 }), json!({ "status": 503 })).await?;
    let told =
        directory::users(&http, org.base_url(), &token).await.err().ok_or("a failure went unnoticed")?;
    assert!(told.to_string().contains("503"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() -> Outcome {
    let (http, org) = (http(), MockOrg::builder().start().await?);
    let token = as_integration(&http, &org, org.base_url()).await?;
    let limited = json!({ "rate_limited": { "reset_in_seconds": 1 } });
    fault(&http, &org, json!({ "path": "/api/v1/users", "nth": 2 }), limited).await?;
    assert_eq!(directory::users(&http, org.base_url(), &token).await?.len(), 250);
    assert_eq!(seen(&http, &org).await?, [200, 429, 200, 200]);
    Ok(())
}

#[tokio::test]
async fn over_tls() -> Outcome {
    let org = MockOrg::builder().tls_listen(([127, 0, 0, 1], 0).into()).start().await?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = reqwest::Certificate::from_pem(org.ca_pem().ok_or("no authority")?.as_bytes())?;
    let http = reqwest::Client::builder().tls_certs_merge([ca]).build()?;
    let url = org.tls_base_url().ok_or("no TLS")?;
    let token = as_integration(&http, &org, url).await?;
    assert_eq!(directory::users(&http, url, &token).await?.len(), 250);
    Ok(())
}
