//! The three shapes in which an org refuses (token-facts §1.1, mgmt-facts §1.1 and §2), and the success of the token
//! endpoint, compared with literal values.

use serde_json::Value;

use crate::target::ledger::Response;

/// An answer as a feature states it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer<'a> {
    /// `{"error","error_description"}`.
    OAuth {
        /// The status.
        status: u16,
        /// `error`.
        code: &'a str,
        /// `error_description`.
        description: &'a str,
    },
    /// `{"errorCode","errorSummary","errorLink","errorId","errorCauses"}`.
    Envelope {
        /// The status.
        status: u16,
        /// `errorCode`.
        code: &'a str,
        /// `errorSummary`.
        summary: &'a str,
        /// The first of `errorCauses`; whatever they are when the feature does not say.
        cause: Option<&'a str>,
    },
    /// An empty body and `WWW-Authenticate`.
    Challenge {
        /// How the challenge begins: `Bearer`, or `DPoP` and the algorithms.
        scheme: Scheme,
        /// The status.
        status: u16,
        /// `error`.
        error: &'a str,
        /// `error_description`.
        description: &'a str,
        /// `scope`; any when the feature does not say.
        scope: Option<&'a str>,
    },
}

/// The scheme of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `Bearer`.
    Bearer,
    /// `DPoP`, which names its algorithms.
    DPoP,
}

impl Answer<'_> {
    /// For a check's `expected`.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::OAuth { status, code, description } => format!("{status} {code}: {description}"),
            Self::Envelope { status, code, summary, cause } => {
                let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
                format!("{status} {code}: {summary}{cause}")
            }
            Self::Challenge { scheme, status, error, description, scope } => {
                let scope = scope.map(|scope| format!(" for {scope}")).unwrap_or_default();
                let scheme = if *scheme == Scheme::DPoP { "DPoP " } else { "" };
                format!("{status}, an empty body, WWW-Authenticate {scheme}{error}{scope}: {description}")
            }
        }
    }
}

/// Where a response differs from an answer; empty when it is the same.
pub(crate) fn faults(wanted: &Answer<'_>, response: &Response) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |what: &str, wanted: &str, seen: &str| {
        if wanted != seen {
            faults.push(format!("{what} is {seen:?}, not {wanted:?}"));
        }
    };
    let body = response.json();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let seen_status = response.status.to_string();
    match wanted {
        Answer::OAuth { status, code, description } => {
            expect("status", &status.to_string(), &seen_status);
            expect("error", code, &text("error"));
            expect("error_description", description, &text("error_description"));
            expect("the members", "error, error_description", &members(&response.body));
            expect("the content type", "application/json", essence(response));
        }
        Answer::Envelope { status, code, summary, cause } => {
            expect("status", &status.to_string(), &seen_status);
            expect("errorCode", code, &text("errorCode"));
            expect("errorSummary", summary, &text("errorSummary"));
            expect("errorLink", code, &text("errorLink"));
            let order = "errorCode, errorSummary, errorLink, errorId, errorCauses";
            expect("the members", order, &members(&response.body));
            expect("the content type", "application/json", essence(response));
            if let Some(cause) = cause {
                let seen = body["errorCauses"][0]["errorSummary"].as_str().unwrap_or_default();
                expect("the first cause", cause, seen);
            }
            if !is_error_id(&text("errorId")) {
                faults.push(format!("errorId is {:?}, not `oae` and 22 characters", text("errorId")));
            }
        }
        Answer::Challenge { scheme, status, error, description, scope } => {
            expect("status", &status.to_string(), &seen_status);
            expect("the body", "", &response.body);
            let challenge = response.header("www-authenticate").unwrap_or_default();
            match scheme {
                Scheme::Bearer => {
                    expect("the scheme", "Bearer", challenge.split(' ').next().unwrap_or_default());
                }
                Scheme::DPoP => {
                    expect("the scheme", "DPoP", challenge.split(' ').next().unwrap_or_default());
                    let algorithms = "RS256 RS384 RS512 ES256 ES384 ES512";
                    expect("algs", algorithms, &parameter(challenge, "algs"));
                }
            }
            expect("error", error, &parameter(challenge, "error"));
            expect("error_description", description, &parameter(challenge, "error_description"));
            if let Some(scope) = scope {
                expect("scope", scope, &parameter(challenge, "scope"));
            }
        }
    }
    faults
}

/// Where the success of the token endpoint differs from Okta's (token-facts §1.2, §2).
pub(crate) fn token_faults(scheme: Scheme, response: &Response) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |what: &str, wanted: &str, seen: &str| {
        if wanted != seen {
            faults.push(format!("{what} is {seen:?}, not {wanted:?}"));
        }
    };
    let body = response.json();
    expect("status", "200", &response.status.to_string());
    expect("the members", "token_type, expires_in, access_token, scope", &members(&response.body));
    let token_type = if scheme == Scheme::DPoP { "\"DPoP\"" } else { "\"Bearer\"" };
    expect("token_type", token_type, &body["token_type"].to_string());
    expect("expires_in", "3600", &body["expires_in"].to_string());
    expect("the content type", "application/json", essence(response));
    expect("Cache-Control", "no-cache, no-store", response.header("cache-control").unwrap_or_default());
    faults
}

fn essence(response: &Response) -> &str {
    let kind = response.header("content-type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// The names of an object's members, in their order on the wire.
fn members(body: &str) -> String {
    let mut names = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut word) = (0_i32, false, false, String::new());
    for letter in body.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                if quoted {
                    word.clear();
                }
            }
            _ if quoted => word.push(letter),
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth == 1 => names.push(std::mem::take(&mut word)),
            _ => {}
        }
    }
    names.join(", ")
}

fn is_error_id(id: &str) -> bool {
    id.len() == 25
        && id.starts_with("oae")
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// `name="value"` of a challenge; `error` is not the beginning of `error_description`.
fn parameter(challenge: &str, name: &str) -> String {
    let mut parts = challenge.split([' ', ',']).filter(|part| !part.is_empty());
    let start = format!("{name}=\"");
    if !parts.any(|part| part.starts_with(&start)) {
        return String::new();
    }
    let Some((_, rest)) = challenge.split_once(&format!(" {start}")) else { return String::new() };
    rest.split_once('"').map(|(value, _)| value.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.to_owned(), body_truncated: false }
    }

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    #[test]
    fn an_oauth_error_is_compared_to_the_letter() {
        let wanted = Answer::OAuth { status: 401, code: "invalid_client", description: "No." };
        let good = r#"{"error":"invalid_client","error_description":"No."}"#;
        let table = [
            (401, JSON, good, ""),
            (400, JSON, good, "status is"),
            (401, &[][..], good, "the content type is"),
            (401, JSON, r#"{"error":"invalid_request","error_description":"No."}"#, "error is"),
            (401, JSON, r#"{"error":"invalid_client","error_description":"No"}"#, "error_description is"),
            (401, JSON, r#"{"error_description":"No.","error":"invalid_client"}"#, "the members is"),
            (401, JSON, "", "error is"),
        ];
        for (status, headers, body, fault) in table {
            let found = faults(&wanted, &response(status, headers, body)).join("; ");
            assert!(
                if fault.is_empty() { found.is_empty() } else { found.contains(fault) },
                "{body}: {found}"
            );
        }
    }

    #[test]
    fn an_envelope_is_compared_with_its_order_its_id_and_its_cause() {
        let wanted = Answer::Envelope { status: 404, code: "E0000007", summary: "S", cause: Some("C") };
        let good = r#"{"errorCode":"E0000007","errorSummary":"S","errorLink":"E0000007","errorId":"oaeHWeRc9oRTUedN2QJMUy0_Q","errorCauses":[{"errorSummary":"C"}]}"#;
        let table = [
            (good.to_owned(), ""),
            (good.replace("\"S\"", "\"T\""), "errorSummary is"),
            (good.replace("errorLink\":\"E0000007", "errorLink\":\"E1"), "errorLink is"),
            (good.replace("oaeH", "H"), "errorId is"),
            (good.replace("[{\"errorSummary\":\"C\"}]", "[]"), "the first cause is"),
            (good.replace(",\"errorCauses\":[{\"errorSummary\":\"C\"}]", ""), "the members is"),
        ];
        for (body, fault) in table {
            let found = faults(&wanted, &response(404, JSON, &body)).join("; ");
            assert!(
                if fault.is_empty() { found.is_empty() } else { found.contains(fault) },
                "{body}: {found}"
            );
        }
    }

    #[test]
    fn a_challenge_needs_an_empty_body_and_its_parameters() {
        let wanted = Answer::Challenge {
            scheme: Scheme::Bearer,
            status: 403,
            error: "insufficient_scope",
            description: "D",
            scope: Some("okta.groups.read"),
        };
        let good = r#"Bearer authorization_uri="http://h", realm="http://h", scope="okta.groups.read", error="insufficient_scope", error_description="D", resource="/api""#;
        let table = [
            (good.to_owned(), "", ""),
            (good.to_owned(), "{}", "the body is"),
            (good.replace("groups", "users"), "", "scope is"),
            (good.replace("Bearer", "DPoP"), "", "the scheme is"),
            (good.replace("error=\"insufficient_scope\", ", ""), "", "error is"),
            (String::new(), "", "error_description is"),
        ];
        for (challenge, body, fault) in table {
            let headers = [("www-authenticate", challenge.as_str())];
            let found = faults(&wanted, &response(403, &headers, body)).join("; ");
            assert!(
                if fault.is_empty() { found.is_empty() } else { found.contains(fault) },
                "{challenge}: {found}"
            );
        }
    }

    #[test]
    fn a_challenge_of_a_bound_token_names_its_algorithms() {
        let wanted = Answer::Challenge {
            scheme: Scheme::DPoP,
            status: 400,
            error: "e",
            description: "D",
            scope: None,
        };
        let good = r#"DPoP algs="RS256 RS384 RS512 ES256 ES384 ES512", authorization_uri="http://h", realm="http://h", error="e", error_description="D", resource="/api""#;
        for (challenge, fault) in [
            (good.to_owned(), ""),
            (good.replace("DPoP", "Bearer"), "the scheme is"),
            (good.replace(" ES512", ""), "algs is"),
        ] {
            let found = faults(&wanted, &response(400, &[("www-authenticate", &challenge)], "")).join("; ");
            let told = if fault.is_empty() { found.is_empty() } else { found.contains(fault) };
            assert!(told, "{challenge}: {found}");
        }
    }

    #[test]
    fn a_token_answer_has_its_order_and_is_not_stored() {
        let good = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"a","scope":"s"}"#;
        let headers = [JSON[0], ("cache-control", "no-cache, no-store")];
        assert_eq!(token_faults(Scheme::Bearer, &response(200, &headers, good)), Vec::<String>::new());
        let table = [
            (good.replace("3600", "\"3600\""), "expires_in is"),
            (good.replace("Bearer", "bearer"), "token_type is"),
            (good.replace(",\"scope\":\"s\"", ""), "the members is"),
        ];
        for (body, fault) in table {
            let found = token_faults(Scheme::Bearer, &response(200, &headers, &body)).join("; ");
            assert!(found.contains(fault), "{body}: {found}");
        }
        assert!(
            token_faults(Scheme::Bearer, &response(200, JSON, good)).join("").contains("Cache-Control is")
        );
    }
}
