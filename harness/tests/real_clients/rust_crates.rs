//! The crates `openidconnect` and `oauth2`: discovery, code with PKCE, refresh, introspection, client credentials.

use std::collections::BTreeSet;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IntrospectionUrl, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope,
    TokenIntrospectionResponse, TokenResponse,
};
use serde_json::{Value, json};

use crate::server::Server;

const REDIRECT: &str = "http://localhost:8090/callback";

/// An HTTP client that trusts the org's CA and follows no redirect.
fn http(server: &Server) -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca = std::fs::read(server.text("/ca_file")).unwrap();
    reqwest::Client::builder()
        .tls_certs_merge([reqwest::Certificate::from_pem(&ca).unwrap()])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

#[tokio::test]
async fn openidconnect_signs_a_user_in_and_oauth2_gets_a_token_by_secret() {
    let server = Server::start(&[]);
    let http = http(&server);
    let client = |request| send(http.clone(), request);
    let org = server.text("/tls_base_url");
    let issuer = IssuerUrl::new(org.to_owned()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &client).await.unwrap();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let app = server.client("web");
    let web = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(text(app, "client_id")),
        Some(ClientSecret::new(text(app, "client_secret"))),
    )
    .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap())
    .set_introspection_url(IntrospectionUrl::new(format!("{org}/oauth2/v1/introspect")).unwrap());

    let user = json!({ "username": "ursula.user@example.com", "password": "dev-password-1" });
    let authn = http.post(format!("{org}/api/v1/authn")).json(&user).send().await.unwrap();
    let session_token = text(&authn.json().await.unwrap(), "sessionToken");
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = web
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .add_extra_param("sessionToken", session_token)
        .url();
    let answer = http.get(url.as_str()).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let query = location.strip_prefix(REDIRECT).and_then(|rest| rest.strip_prefix('?')).unwrap();
    let parameter = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_else(|| panic!("{name}: {location}")).to_owned()
    };
    assert_eq!(&parameter("state"), state.secret());

    let code = AuthorizationCode::new(parameter("code"));
    let token =
        web.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&client).await.unwrap();
    let id_token = token.id_token().unwrap();
    let verifier = web.id_token_verifier();
    let claims = id_token.claims(&verifier, &nonce).unwrap();
    assert_eq!(claims.preferred_username().map(|name| name.as_str()), Some("ursula.user@example.com"));
    let (alg, key) = (id_token.signing_alg().unwrap(), id_token.signing_key(&verifier).unwrap());
    let hash = AccessTokenHash::from_token(token.access_token(), alg, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));

    let refresh = token.refresh_token().unwrap();
    let refreshed = web.exchange_refresh_token(refresh).unwrap().request_async(&client).await.unwrap();
    assert_ne!(refreshed.access_token().secret(), token.access_token().secret());
    let introspected = web.introspect(refreshed.access_token()).request_async(&client).await.unwrap();
    let scopes: BTreeSet<_> = introspected.scopes().unwrap().iter().map(|scope| scope.as_str()).collect();
    assert!(introspected.active());
    assert_eq!(scopes, BTreeSet::from(["offline_access", "openid", "profile"]));

    let integration = server.client("acmesync");
    let by_secret = oauth2::basic::BasicClient::new(ClientId::new(text(integration, "client_id")))
        .set_client_secret(ClientSecret::new(text(integration, "client_secret")))
        .set_token_uri(openidconnect::TokenUrl::new(format!("{org}/oauth2/v1/token")).unwrap());
    let token = by_secret
        .exchange_client_credentials()
        .add_scope(Scope::new("okta.users.read".to_owned()))
        .request_async(&client)
        .await
        .unwrap();
    let granted: Vec<_> = token.scopes().unwrap().iter().map(|scope| scope.as_str()).collect();
    assert_eq!(granted, ["okta.users.read"]);
}
