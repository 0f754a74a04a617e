//! Images of a theme, uploaded as multipart forms.

use http::StatusCode;
use serde_json::{Map, json};

use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set};
use crate::api::events;
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("uploadBrandThemeLogo", |asked, trace| upload(asked, "/logo", trace)),
    ("uploadBrandThemeFavicon", |asked, trace| upload(asked, "/favicon", trace)),
    ("uploadBrandThemeBackgroundImage", |asked, trace| upload(asked, "/backgroundImage", trace)),
];

/// Stores where the image is; the bytes are not kept.
fn upload(asked: &Asked<'_>, member: &str, trace: &mut Trace) -> Result<Reply, ApiError> {
    let resource = facts().resources.get("themes").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    let theme = target.find(asked, asked.state)?;
    target.permit(asked, Some(theme), trace)?;
    let kind = asked.request.header("content-type").unwrap_or_default();
    let image =
        part(kind, &asked.request.body).ok_or_else(|| match kind.starts_with("multipart/form-data") {
            true => ApiError::invalid("file", "file: The field cannot be left blank"),
            false => ApiError::UnsupportedContentType,
        })?;
    if image.is_empty() {
        return Err(ApiError::invalid("file", "file: The field cannot be left blank"));
    }
    let url = format!("https://op3static.oktacdn.com/fs/bco/7/{}", asked.org.ids().next("fs0"));
    asked.org.commit(asked.request.now, |state| {
        let theme = target.find(asked, state)?;
        let nothing = Map::new();
        let mut draft = Draft::update(asked, state, &target, theme, &nothing, Action::Update)?;
        set(&mut draft.value, member, url.as_str().into());
        events::note(&mut draft);
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    let code = asked.operation.status.first().copied().unwrap_or(201);
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::CREATED);
    Ok(Reply::json(status, json!({ "url": url }).to_string()))
}

/// The part `file` of a multipart form (RFC 7578).
pub(in crate::api) fn part<'b>(content_type: &str, body: &'b [u8]) -> Option<&'b [u8]> {
    let boundary =
        content_type.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let mut rest = body;
    loop {
        rest = &rest[find(rest, delimiter.as_bytes())? + delimiter.len()..];
        let head = find(rest, b"\r\n\r\n")?;
        let content = &rest[head + 4..];
        let end = find(content, format!("\r\n{delimiter}").as_bytes())?;
        let head = String::from_utf8_lossy(&rest[..head]);
        if head.contains("name=\"file\"") || head.contains("name=file") {
            return Some(&content[..end]);
        }
        rest = &content[end..];
    }
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn the_file_is_found_among_the_parts() {
        let kind = "multipart/form-data; boundary=x1";
        let body = b"--x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"l.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--x1--\r\n";
        assert_eq!(part(kind, body), Some(&b"\x89PNG"[..]));
        for (kind, body) in [(kind, &b"--x1--"[..]), ("multipart/form-data", &body[..]), (kind, b"")] {
            assert_eq!(part(kind, body), None);
        }
    }
}
