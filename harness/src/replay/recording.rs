//! What was recorded, whatever file it came from.

use std::borrow::Cow;

use serde_json::Value;

use super::encoded::unquote_plus;

/// The exchanges of one recorded session, in order; they share an org.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recording {
    /// The file, and the session in it.
    pub(crate) name: String,
    /// In the order in which they were recorded.
    pub(crate) exchanges: Vec<Recorded>,
}

/// A request and what the real org answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Recorded {
    /// Its number in the file, as the file counts.
    pub(crate) number: usize,
    /// `acme.okta.com`, with a port if there was one.
    pub(crate) host: String,
    /// In capitals.
    pub(crate) method: String,
    /// Still percent-encoded.
    pub(crate) path: String,
    /// Without the question mark.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) request_headers: Headers,
    /// What was sent.
    pub(crate) request: Body,
    /// 0 if no answer was recorded.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) response_headers: Headers,
    /// What was answered.
    pub(crate) response: Body,
    /// `GET /api/v1/users/{userId}`; none for what is not in Okta's OpenAPI document.
    pub(crate) operation: Option<String>,
    /// Why the file alone makes a repetition impossible.
    pub(crate) unusable: Option<&'static str>,
}

/// Header lines, names in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Headers(pub(crate) Vec<(String, String)>);

impl Headers {
    /// The first of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All of that name.
    pub(crate) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// One more line.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_ascii_lowercase(), value.to_owned()));
    }
}

/// A body by its kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Body {
    /// None, or an empty one.
    #[default]
    None,
    /// JSON.
    Json(Value),
    /// `application/x-www-form-urlencoded`.
    Form(String),
    /// XML.
    Xml(String),
    /// Other text.
    Text(String),
    /// Not UTF-8.
    Binary(Vec<u8>),
}

impl Body {
    /// By content first: recorders and servers are careless with the media type.
    pub(crate) fn parse(bytes: &[u8], content_type: Option<&str>) -> Self {
        if bytes.is_empty() {
            return Self::None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Self::Binary(bytes.to_owned()) };
        let content_type = content_type.unwrap_or_default();
        if content_type.contains("x-www-form-urlencoded") {
            return Self::Form(text.to_owned());
        }
        let trimmed = text.trim();
        if (trimmed.starts_with(['{', '[']) || content_type.contains("json"))
            && let Ok(value) = serde_json::from_str(trimmed)
        {
            return Self::Json(value);
        }
        let text = text.to_owned();
        if trimmed.starts_with('<') { Self::Xml(text) } else { Self::Text(text) }
    }

    /// The JSON value, if it is one.
    pub(crate) fn json(&self) -> Option<&Value> {
        if let Self::Json(value) = self { Some(value) } else { None }
    }

    /// In a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Json(_) => "json",
            Self::Form(_) => "form",
            Self::Xml(_) => "xml",
            Self::Text(_) => "text",
            Self::Binary(_) => "binary",
        }
    }

    /// As text, to look for values in it.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::None | Self::Binary(_) => Cow::Borrowed(""),
            Self::Json(value) => Cow::Owned(value.to_string()),
            Self::Form(text) | Self::Xml(text) | Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl Recorded {
    /// Everything that the client chose in this request, as text.
    pub(crate) fn request_text(&self) -> String {
        format!("{}?{}\n{}", self.path, unquote_plus(&self.query), self.request.text())
    }

    /// What it is counted under.
    pub(crate) fn title(&self) -> String {
        self.operation
            .clone()
            .unwrap_or_else(|| format!("{} {} (not of the Management API)", self.method, self.masked_path()))
    }

    fn masked_path(&self) -> String {
        let segments = self
            .path
            .split('/')
            .map(|segment| if super::generated::is_generated(segment) { "{id}" } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }
}
