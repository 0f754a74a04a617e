//! The metadata documents (token-facts §9), rendered from `fixtures/metadata/` when they are first asked for and cut
//! where the caller's base URL belongs.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::errors::Refusal;
use super::server::Known;
use super::{Endpoint, keys};
use crate::exchange::{Reply, Request};
use crate::facts::facts;
use crate::facts::resources::BASE_MARK;
use crate::org::authorization_server::AuthorizationServer;
use crate::org::document::Rendered;
use crate::org::state::OrgState;

/// A document as the fixture has it: fields in the recorded order. `{issuer}` and `{org}` are URLs, the word `scopes`
/// stands for the list of scopes.
struct Document(Map<String, Value>);

struct Documents {
    org_oauth: Rendered,
    org_openid: Rendered,
    custom_oauth: Document,
    custom_openid: Document,
}

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    let org_oauth = Document::read(include_str!("../../../fixtures/metadata/org-oauth.json"));
    let org_openid = Document::read(include_str!("../../../fixtures/metadata/org-openid.json"));
    Documents {
        org_oauth: org_oauth.render(BASE_MARK, facts().scopes.advertised()),
        org_openid: org_openid.render(BASE_MARK, facts().scopes.openid()),
        custom_oauth: Document::read(include_str!("../../../fixtures/metadata/custom-oauth.json")),
        custom_openid: Document::read(include_str!("../../../fixtures/metadata/custom-openid.json")),
    }
});

/// Answers `openid-configuration` and `oauth-authorization-server`.
pub(super) fn answer(
    server: &Known,
    endpoint: Endpoint,
    state: &OrgState,
    request: &Request,
) -> Result<Reply, Refusal> {
    keys::check_client(state, request)?;
    let base_url = &request.base_url;
    let openid = endpoint == Endpoint::OpenIdConfiguration;
    let rendered = match server {
        Known::Org if openid => &DOCUMENTS.org_openid,
        Known::Org => &DOCUMENTS.org_oauth,
        Known::Custom(server) => {
            let document = if openid { &DOCUMENTS.custom_openid } else { &DOCUMENTS.custom_oauth };
            &document.of_custom(server)
        }
    };
    let mut body = Vec::with_capacity(rendered.len(base_url));
    rendered.write(base_url, &mut body);
    Ok(Reply::json(http::StatusCode::OK, body))
}

impl Document {
    /// A fixture; an empty document if it is none, which a test excludes.
    fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// A custom server advertises the scopes that are published.
    fn of_custom(&self, server: &AuthorizationServer) -> Rendered {
        let published = server.scopes.iter().filter(|scope| scope.published);
        let scopes: Vec<String> = published.map(|scope| scope.name.to_string()).collect();
        self.render(&format!("{BASE_MARK}/oauth2/{}", server.id), &scopes)
    }

    fn render(&self, issuer: &str, scopes: &[String]) -> Rendered {
        let filled = self.0.iter().map(|(name, value)| {
            let value = match value {
                Value::String(word) if word == "scopes" => json!(scopes),
                Value::String(url) => json!(url.replace("{issuer}", issuer).replace("{org}", BASE_MARK)),
                other => other.clone(),
            };
            (name.clone(), value)
        });
        Rendered::new(&Value::Object(filled.collect()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of fields are those of token-facts §9.
    #[test]
    fn every_fixture_has_its_fields() {
        let fields = |document: &Rendered| {
            let mut text = Vec::new();
            document.write("http://localhost", &mut text);
            serde_json::from_slice::<serde_json::Map<String, Value>>(&text)
                .map(|fields| fields.len())
                .unwrap_or(0)
        };
        assert_eq!((fields(&DOCUMENTS.org_oauth), fields(&DOCUMENTS.org_openid)), (25, 24));
        let custom = [&DOCUMENTS.custom_oauth, &DOCUMENTS.custom_openid];
        assert!(custom.iter().all(|document| document.0.len() > 20));
    }
}
