//! The files in which people have recorded traffic, told apart by their content.

mod go_vcr;
mod har;
mod json_lines;
mod ledger;
mod vcrpy;

use std::io::Read as _;
use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use reqwest::Url;
use serde_json::Value;

use super::expected::expected;
use super::operations::operation_of;
use super::recording::{Body, Headers, Recorded, Recording};

/// Unpacked, no file is read beyond this.
const LARGEST: u64 = 2 << 30;
/// How a file that is packed begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file that cannot be replayed (exit 2).
#[derive(Debug, thiserror::Error)]
#[error("{file}: {cause}")]
pub(crate) struct ReadError {
    file: String,
    cause: Fault,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The operating system's words.
    #[error("cannot be read ({0}); check the path")]
    Io(#[from] std::io::Error),
    /// It is packed and breaks off.
    #[error("is gzip, but cannot be unpacked ({0}); copy it again")]
    Packed(std::io::Error),
    /// Larger than anything that was recorded on purpose.
    #[error("is larger than 2 GiB; replay a part of it")]
    TooLarge,
    /// Not text.
    #[error("is not UTF-8 text, byte {0} is the first that is not; HAR, go-vcr and vcrpy files are")]
    NotText(usize),
    /// Not JSON.
    #[error("{place}is not valid JSON ({cause}); record it again, or repair that place")]
    Json {
        /// `line 7: `, where the parser counts from there.
        place: String,
        /// The parser's words, with line and column.
        cause: String,
    },
    /// Not YAML.
    #[error("is not valid YAML: {0}; record it again, or repair that place")]
    Yaml(String),
    /// None of the formats.
    #[error(
        "is none of the formats that can be replayed: HAR 1.2 (`log.entries`), go-vcr and vcrpy cassettes (`interactions` \
         with `request.url` or `request.uri`), the ledger of a twin, recorded exchanges as JSON Lines"
    )]
    Unknown,
    /// A member is missing or of another type.
    #[error("{place}: {member} {problem}")]
    Member {
        /// `interaction 3`.
        place: String,
        /// `request.method`.
        member: String,
        /// What is wrong with it, and what should be there.
        problem: String,
    },
}

impl Fault {
    /// A line that is not JSON; `place` is the line.
    fn json_line(place: &str, error: &serde_json::Error) -> Self {
        let words = error.to_string();
        // The parser counts lines from this one.
        let cause = words.split(" at line ").next().unwrap_or_default();
        Self::Json { place: format!("{place}: "), cause: format!("{cause} at column {}", error.column()) }
    }

    fn missing(place: &str, member: &str, should: &str) -> Self {
        Self::Member {
            place: place.to_owned(),
            member: member.to_owned(),
            problem: format!("is missing or of another type; it should be {should}"),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// [`ReadError`] names the file, the place and the remedy.
pub(crate) fn file(path: &Path) -> Result<Vec<Recording>, ReadError> {
    let fault = |cause| ReadError { file: path.display().to_string(), cause };
    let bytes = std::fs::read(path).map_err(|error| fault(error.into()))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    text_of(bytes).and_then(|text| recordings(&name, &text)).map_err(fault)
}

fn text_of(bytes: Vec<u8>) -> Result<String, Fault> {
    let bytes = if bytes.starts_with(&GZIP) {
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes.as_slice())
            .take(LARGEST + 1)
            .read_to_end(&mut unpacked)
            .map_err(Fault::Packed)?;
        unpacked
    } else {
        bytes
    };
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(Fault::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| Fault::NotText(error.utf8_error().valid_up_to()))
}

/// Reads a file's text; `name` is what its recordings are called.
fn recordings(name: &str, text: &str) -> Result<Vec<Recording>, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        // Bytes stay in base64; whoever expects them decodes them.
        let options = serde_saphyr::options! { ignore_binary_tag_for_string: true };
        let value: Value = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| Fault::Yaml(first_line(&error)))?;
        return cassette(name, &value);
    }
    // Many objects, one a line, or one for the whole file.
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if let Ok(first) = serde_json::from_str::<Value>(first)
        && first.is_object()
    {
        if json_lines::is(&first) {
            return json_lines::read(name, text);
        }
        if ledger::is(&first) {
            return ledger::read_lines(name, text);
        }
    }
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Fault::Json { place: String::new(), cause: error.to_string() })?;
    if har::is(&value) {
        return har::read(name, &value);
    }
    match &value {
        Value::Array(elements) if elements.first().is_some_and(ledger::is) => ledger::read(name, elements),
        _ => cassette(name, &value),
    }
}

/// A cassette of either library.
fn cassette(name: &str, value: &Value) -> Result<Vec<Recording>, Fault> {
    let interactions = value.get("interactions").and_then(Value::as_array).ok_or(Fault::Unknown)?;
    let Some(first) = interactions.first() else {
        return Ok(vec![Recording { name: name.to_owned(), exchanges: Vec::new() }]);
    };
    let read = if vcrpy::is(first) {
        vcrpy::read
    } else if go_vcr::is(first) {
        go_vcr::read
    } else {
        return Err(Fault::missing("interaction 1", "request.url", "the address (vcrpy: request.uri)"));
    };
    let exchanges = interactions.iter().enumerate().map(|(at, interaction)| read(at + 1, interaction));
    Ok(vec![Recording { name: name.to_owned(), exchanges: exchanges.collect::<Result<_, _>>()? }])
}

fn first_line(error: &dyn std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What a reader has found of an exchange.
struct Found<'a> {
    place: &'a str,
    number: usize,
    method: &'a str,
    address: &'a str,
    request_headers: Headers,
    request: Vec<u8>,
    status: u16,
    response_headers: Headers,
    response: Vec<u8>,
}

impl Found<'_> {
    fn recorded(self) -> Result<Recorded, Fault> {
        let address = Url::parse(self.address).map_err(|error| Fault::Member {
            place: self.place.to_owned(),
            member: "the address of the request".to_owned(),
            problem: format!("is no address: {error}"),
        })?;
        let host = match (address.host_str(), address.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let method = self.method.to_ascii_uppercase();
        let is_api = address.path_segments().and_then(|mut segments| segments.find(|part| !part.is_empty()));
        let unusable = if !is_api.is_some_and(|first| expected().api.contains(first)) {
            Some("it is no call of an org's API")
        } else if method == "OPTIONS" {
            Some("it is a browser's preflight")
        } else if self.status == 304 {
            Some("it asks for what changed since an earlier answer")
        } else {
            None
        };
        Ok(Recorded {
            number: self.number,
            host,
            operation: operation_of(&method, address.path()),
            method,
            path: address.path().to_owned(),
            query: address.query().unwrap_or_default().to_owned(),
            request: body(self.request, &self.request_headers),
            request_headers: self.request_headers,
            status: self.status,
            response: body(self.response, &self.response_headers),
            response_headers: self.response_headers,
            unusable,
        })
    }
}

/// A body, unpacked if it is packed.
fn body(bytes: Vec<u8>, headers: &Headers) -> Body {
    let mut unpacked = Vec::new();
    if bytes.starts_with(&GZIP)
        && GzDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut unpacked).is_ok()
    {
        return Body::parse(&unpacked, headers.get("content-type"));
    }
    Body::parse(&bytes, headers.get("content-type"))
}

/// Header lines as an object of lists or strings.
fn header_object(value: Option<&Value>) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
        match value {
            Value::Array(values) => {
                values.iter().filter_map(Value::as_str).for_each(|v| headers.add(name, v))
            }
            Value::String(value) => headers.add(name, value),
            Value::Number(value) => headers.add(name, &value.to_string()),
            _ => {}
        }
    }
    headers
}

/// Bytes that stand in base64 in a text file.
fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}

/// A text member, by a path.
fn text<'v>(value: &'v Value, place: &str, path: &str) -> Result<&'v str, Fault> {
    member(value, path).and_then(Value::as_str).ok_or_else(|| Fault::missing(place, path, "a text"))
}

/// A status, by a path.
fn status(value: &Value, place: &str, path: &str) -> Result<u16, Fault> {
    let number = member(value, path).and_then(Value::as_i64);
    // Chromium writes -1 or 0 where no answer came.
    let number = number.map(|number| number.max(0)).and_then(|number| u16::try_from(number).ok());
    number.filter(|number| *number < 1000).ok_or_else(|| Fault::missing(place, path, "a status, as 200"))
}

fn member<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

#[cfg(test)]
mod tests;
