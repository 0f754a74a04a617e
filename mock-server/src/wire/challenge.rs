//! An empty body with a `WWW-Authenticate` header: how a bearer token is refused (mgmt-facts §1.1 rows 4 to 10).

use std::fmt::Write;

use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::exchange::Reply;

/// The scheme of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// The token was, or should be, sent as `Bearer`.
    Bearer,
    /// The token is bound to a key.
    DPoP,
}

/// A refused token.
#[derive(Debug, Clone, Copy)]
pub struct Challenge<'a> {
    /// The status: 401 for a token that is not valid, 403 for one that lacks the scope, 400 for a wrong request.
    pub status: StatusCode,
    /// The scheme.
    pub scheme: Scheme,
    /// The one scope that the operation asks for; of several the first, the read scope for a GET.
    pub scope: Option<&'a str>,
    /// `insufficient_scope`, `invalid_token`, `invalid_request`, …
    pub error: &'a str,
    /// The text.
    pub description: &'a str,
}

impl Challenge<'_> {
    /// The reply. `authorization_uri` and `realm` say `http://` whatever the caller used, `resource` is the path
    /// without the query: all sources agree (mgmt-facts §1.1).
    pub fn reply(&self, base_url: &str, path: &str) -> Reply {
        let host = base_url.split_once("://").map_or(base_url, |(_, host)| host);
        let mut value = match self.scheme {
            Scheme::Bearer => "Bearer ".to_owned(),
            Scheme::DPoP => "DPoP algs=\"RS256 RS384 RS512 ES256 ES384 ES512\", ".to_owned(),
        };
        let _ = write!(
            value,
            "authorization_uri=\"http://{host}/oauth2/v1/authorize\", realm=\"http://{host}\", "
        );
        if let Some(scope) = self.scope {
            let _ = write!(value, "scope=\"{scope}\", ");
        }
        let (error, description) = (self.error, self.description);
        let _ = write!(value, "error=\"{error}\", error_description=\"{description}\", resource=\"{path}\"");
        let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("Bearer"));
        Reply::empty(self.status)
            .with(header::WWW_AUTHENTICATE, value)
            .with(EXPOSE, HeaderValue::from_static("WWW-Authenticate"))
    }
}

/// token-facts §1.1: scripts may read the challenge.
const EXPOSE: HeaderName = HeaderName::from_static("access-control-expose-headers");

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_reads_as_recorded() {
        let challenge = Challenge {
            status: StatusCode::FORBIDDEN,
            scheme: Scheme::Bearer,
            scope: Some("okta.groups.read"),
            error: "insufficient_scope",
            description: "The access token provided does not contain the required scopes.",
        };
        let reply = challenge.reply("https://acme.okta.example:8443", "/api/v1/groups/1234");
        assert_eq!(reply.status, 403);
        assert!(reply.body.is_empty());
        assert_eq!(
            reply.headers[0].1.to_str().unwrap(),
            "Bearer authorization_uri=\"http://acme.okta.example:8443/oauth2/v1/authorize\", \
             realm=\"http://acme.okta.example:8443\", scope=\"okta.groups.read\", error=\"insufficient_scope\", \
             error_description=\"The access token provided does not contain the required scopes.\", \
             resource=\"/api/v1/groups/1234\""
        );
    }
}
