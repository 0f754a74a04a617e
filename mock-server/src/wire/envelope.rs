//! The error envelope of the Management API (mgmt-facts §2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderName, StatusCode};
use serde::Serialize;

use super::headers;
use crate::exchange::Reply;
use crate::facts::errors::fill;
use crate::facts::facts;
use crate::limits::Charge;
use crate::org::ids::Ids;
use crate::query::QueryError;

/// Names the operation that is missing, on a 501 of ours.
const GAP: HeaderName = HeaderName::from_static("x-orgtwin-not-implemented");

/// Why the Management API refuses. Each variant has a row in `fixtures/errors.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No credentials, or a scheme that Okta does not know.
    #[error("no credentials")]
    InvalidSession,
    /// An API token that is unknown, revoked or expired, or whose owner is not active.
    #[error("the API token is not valid")]
    InvalidToken,
    /// No role allows it.
    #[error("no role allows it")]
    AccessDenied,
    /// There is no such object: its id as it was sent, and the name of its type.
    #[error("there is no {1} {0}")]
    NotFound(String, &'static str),
    /// The path exists, the method is not offered; or, by the dialect, the path does not exist.
    #[error("the method is not offered")]
    MethodNotAllowed,
    /// The path does not exist.
    #[error("the path does not exist")]
    NoSuchPath,
    /// A content type or an `Accept` that the operation does not take: code `E0000021`.
    #[error("the content type is not taken")]
    UnsupportedContentType,
    /// One request too many.
    #[error("the rate limit is exceeded")]
    TooManyRequests,
    /// Too soon again, by a limit about somebody: the code, and what the headers say.
    #[error("too soon: {0}")]
    TooSoon(&'static str, Charge),
    /// A cursor that names nothing; the code differs by resource.
    #[error("the cursor names nothing")]
    InvalidCursor(&'static str),
    /// A parameter of the wrong type.
    #[error("type mismatch: {0}")]
    TypeMismatch(String),
    /// A request that does not fit the operation: what, and the causes.
    #[error("validation failed: {0}")]
    Validation(String, Vec<String>),
    /// A body that is no JSON object, or none.
    #[error("the body is no JSON object")]
    MalformedBody,
    /// What is wrong with the metadata of a client; told in the shape of OAuth (token-facts dcr.invalid).
    #[error("the client's metadata is invalid: {0}")]
    ClientMetadata(String),
    /// A role for a client that is no service app (mgmt-facts §7.2).
    #[error("roles are for service apps only")]
    RolesForServiceAppsOnly,
    /// A role that cannot be assigned to this kind of principal.
    #[error("a role of this type cannot be assigned")]
    RoleType,
    /// A standard role that the principal holds already.
    #[error("the role is assigned already")]
    DuplicateRole,
    /// One object more than an org may have: the code, and the domain of the limit that the cause names.
    #[error("no more than there are: {1}")]
    TooMany(&'static str, &'static str),
    /// A linked object by a name that another has: the ends of the definition whose names they are.
    #[error("linked objects have these names already: {0:?}")]
    LinkedObjectTaken(Vec<&'static str>),
    /// A search or filter that the list does not take.
    #[error("{0}")]
    Query(QueryError),
    /// An error that a resource file names, or code for one kind of resource.
    #[error("{code} {about}")]
    Catalogued {
        /// Its code.
        code: String,
        /// What fills the summary's placeholder.
        about: String,
        /// The causes.
        causes: Vec<String>,
    },
}

impl ApiError {
    /// An error of the catalogue with a code, what fills its summary, and one cause.
    pub fn catalogued(code: &str, about: &str, cause: &str) -> Self {
        let causes = if cause.is_empty() { Vec::new() } else { vec![cause.to_owned()] };
        Self::Catalogued { code: code.to_owned(), about: about.to_owned(), causes }
    }

    /// A request that does not fit: what is summed up, and one cause.
    pub fn invalid(about: &str, cause: impl Into<String>) -> Self {
        Self::Validation(about.to_owned(), vec![cause.into()])
    }

    /// The code of its row.
    pub fn code(&self) -> &str {
        match self {
            Self::InvalidSession => "E0000005",
            Self::InvalidToken => "E0000011",
            Self::AccessDenied => "E0000006",
            Self::NotFound(..) => "E0000007",
            Self::MethodNotAllowed => "E0000022",
            Self::NoSuchPath => "E0000008",
            Self::UnsupportedContentType => "E0000021",
            Self::TooManyRequests => "E0000047",
            Self::TooSoon(code, _) => code,
            Self::InvalidCursor(code) => code,
            Self::TypeMismatch(_) => "E0000037",
            Self::Validation(..) => "E0000001",
            Self::MalformedBody => "E0000003",
            Self::ClientMetadata(_) => "invalid_client_metadata",
            Self::RolesForServiceAppsOnly => "E0000227",
            Self::RoleType => "E0000091",
            Self::DuplicateRole => "E0000263",
            Self::TooMany(code, _) => code,
            Self::LinkedObjectTaken(_) => "E0000127",
            Self::Query(error) => error.code(),
            Self::Catalogued { code, .. } => code,
        }
    }

    fn argument(&self) -> String {
        match self {
            Self::NotFound(id, kind) => format!("Resource not found: {id} ({kind})"),
            Self::TypeMismatch(what) | Self::Validation(what, _) | Self::Catalogued { about: what, .. } => {
                what.clone()
            }
            Self::LinkedObjectTaken(_) => "Linked object identifier is already in use.".to_owned(),
            Self::Query(error) => error.argument().unwrap_or_default().to_owned(),
            _ => String::new(),
        }
    }

    fn causes(&self) -> Vec<String> {
        match self {
            Self::InvalidCursor(_) => vec!["Invalid cursor.".to_owned()],
            Self::LinkedObjectTaken(ends) => {
                let cause = |end: &&str| format!("Linked object identifier for {end} is already in use.");
                ends.iter().map(cause).collect()
            }
            Self::Query(error) => error.causes(),
            Self::Validation(_, causes) | Self::Catalogued { causes, .. } => causes.clone(),
            _ => Vec::new(),
        }
    }

    /// What its causes say besides their text.
    fn detail(&self) -> Option<Detail> {
        let (reason, location_type, domain) = match self {
            Self::TooMany(_, domain) => ("EXCEEDS_MAX_VALUE", "url", *domain),
            Self::LinkedObjectTaken(_) => ("UNIQUE_CONSTRAINT", "body", "linkedObjects"),
            _ => return None,
        };
        Some(Detail { reason, location_type, domain })
    }

    /// The reply.
    pub fn reply(&self, ids: &Ids) -> Reply {
        let code = self.code();
        if let Self::ClientMetadata(description) = self {
            return oauth_error(StatusCode::BAD_REQUEST, code, description);
        }
        let Some(row) = facts().errors.get(code) else {
            return envelope(
                ids,
                StatusCode::INTERNAL_SERVER_ERROR,
                "E0000009",
                "Internal Server Error",
                &[],
            );
        };
        let summary = match self {
            Self::Query(error) => error.summary(),
            _ => None,
        };
        let summary = summary.unwrap_or_else(|| fill(&row.summary, &[&self.argument()]));
        let causes = match self {
            Self::TooMany(..) => vec![summary.clone()],
            _ => self.causes(),
        };
        let detail = self.detail();
        let causes = causes.iter().map(|cause| Cause { error_summary: cause, detail }).collect();
        let mut reply = enveloped(ids, row.status, code, &summary, causes);
        if let Self::TooSoon(_, charge) = self {
            headers::charged(&mut reply, *charge);
        }
        reply
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    error_code: &'a str,
    error_summary: &'a str,
    error_link: &'a str,
    error_id: String,
    error_causes: Vec<Cause<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cause<'a> {
    error_summary: &'a str,
    #[serde(flatten)]
    detail: Option<Detail>,
}

/// What some causes say besides their text (mgmt-facts §2: recorded for CAPTCHAs; linked objects: specification).
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    reason: &'static str,
    location_type: &'static str,
    domain: &'static str,
}

/// An envelope with any code and summary; `errorLink` is always the code.
pub fn envelope(ids: &Ids, status: StatusCode, code: &str, summary: &str, causes: &[&str]) -> Reply {
    let causes = causes.iter().map(|summary| Cause { error_summary: summary, detail: None }).collect();
    enveloped(ids, status, code, summary, causes)
}

fn enveloped(ids: &Ids, status: StatusCode, code: &str, summary: &str, causes: Vec<Cause<'_>>) -> Reply {
    let body = Envelope {
        error_code: code,
        error_summary: summary,
        error_link: code,
        error_id: error_id(ids),
        error_causes: causes,
    };
    Reply::json(status, serde_json::to_vec(&body).unwrap_or_default())
}

#[derive(Serialize)]
struct OAuthBody<'a> {
    error: &'a str,
    error_description: &'a str,
}

/// The JSON of OAuth (token-facts §1.1).
pub fn oauth_error(status: StatusCode, error: &str, error_description: &str) -> Reply {
    Reply::json(status, serde_json::to_vec(&OAuthBody { error, error_description }).unwrap_or_default())
}

/// The 501 for an operation that Okta has and this program has not: `E0000060`, and a header that names it.
pub fn not_implemented(ids: &Ids, operation: &str) -> Reply {
    let cause = format!("{operation} is not implemented by this mock");
    envelope(ids, StatusCode::NOT_IMPLEMENTED, "E0000060", "Unsupported operation.", &[&cause])
        .with_text(GAP, operation)
}

/// `oae` and the unpadded base64url of a random UUID of version 4: 25 characters (mgmt-facts §2).
pub fn error_id(ids: &Ids) -> String {
    format!("oae{}", URL_SAFE_NO_PAD.encode(ids.uuid_bytes()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_okta_s_keys_in_okta_s_order() {
        let ids = Ids::new(Some(1));
        let reply = ApiError::NotFound("00u1".to_owned(), "User").reply(&ids);
        assert_eq!(reply.status, 404);
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        let id = error_id(&Ids::new(Some(1)));
        assert_eq!(
            text,
            format!(
                r#"{{"errorCode":"E0000007","errorSummary":"Not found: Resource not found: 00u1 (User)","errorLink":"E0000007","errorId":"{id}","errorCauses":[]}}"#
            )
        );
    }

    #[test]
    fn an_error_id_is_a_uuid_of_version_4() {
        let ids = Ids::new(None);
        for _ in 0..100 {
            let id = error_id(&ids);
            assert_eq!(id.len(), 25);
            let bytes = URL_SAFE_NO_PAD.decode(&id[3..]).unwrap();
            assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (4, 2), "{id}");
            assert!(id.ends_with(['A', 'Q', 'g', 'w']), "{id}");
        }
    }

    #[test]
    fn every_variant_has_a_row_in_the_catalogue() {
        let text = || "x".to_owned();
        for error in [
            ApiError::InvalidSession,
            ApiError::InvalidToken,
            ApiError::AccessDenied,
            ApiError::NotFound(text(), "User"),
            ApiError::MethodNotAllowed,
            ApiError::NoSuchPath,
            ApiError::UnsupportedContentType,
            ApiError::TooManyRequests,
            ApiError::InvalidCursor("E0000029"),
            ApiError::TypeMismatch(text()),
            ApiError::Validation(text(), vec![text()]),
            ApiError::MalformedBody,
            ApiError::ClientMetadata(text()),
            ApiError::RolesForServiceAppsOnly,
            ApiError::RoleType,
            ApiError::DuplicateRole,
            ApiError::TooMany("E0000166", "captcha"),
            ApiError::LinkedObjectTaken(vec!["primary"]),
        ] {
            assert_ne!(error.reply(&Ids::new(Some(1))).status, 500, "{error:?}");
        }
    }
}
