//! Images that are uploaded: kept in the org, and served to anybody under the address that Okta's CDN has for them
//! (recorded: `/fs/bco/4/fs0…` of apps).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::answer::Asked;
use crate::exchange::{Reply, Request};
use crate::facts::resources::BASE_MARK;
use crate::org::change::Change;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The collection of the images; they have no operations of their own.
const IMAGES: &str = "images";

/// What an image may be (specification of the operations that take one).
pub(super) struct Allowed {
    /// The folder of its address.
    pub folder: u8,
    pub formats: &'static [Format],
    /// How many bytes it may have, at most.
    pub most: usize,
    /// Its width and height, which are the same, are at most this.
    pub square: Option<u32>,
}

/// The formats, as they are called in the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpg,
    Gif,
    Svg,
    Ico,
}

use Format::{Gif, Ico, Jpg, Png, Svg};

pub(super) const APP_LOGO: Allowed =
    Allowed { folder: 4, formats: &[Png, Jpg, Svg, Gif], most: 1024 * 1024, square: None };
pub(super) const THEME_LOGO: Allowed =
    Allowed { folder: 7, formats: &[Png, Jpg, Gif], most: 100 * 1024, square: None };
pub(super) const BACKGROUND: Allowed =
    Allowed { folder: 7, formats: &[Png, Jpg, Gif], most: 2 * 1024 * 1024, square: None };
pub(super) const FAVICON: Allowed =
    Allowed { folder: 7, formats: &[Png, Ico], most: 1024 * 1024, square: Some(512) };

impl Format {
    fn of(bytes: &[u8]) -> Option<Self> {
        let starts: [(&[u8], Self); 4] =
            [(b"\x89PNG\r\n\x1a\n", Png), (b"\xff\xd8\xff", Jpg), (b"GIF8", Gif), (b"\x00\x00\x01\x00", Ico)];
        let known = starts.iter().find(|(start, _)| bytes.starts_with(start));
        known.map(|(_, format)| *format).or_else(|| {
            let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
            (text.starts_with('<') && text.contains("<svg")).then_some(Svg)
        })
    }

    fn name(self) -> &'static str {
        match self {
            Png => "PNG",
            Jpg => "JPG",
            Gif => "GIF",
            Svg => "SVG",
            Ico => "ICO",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Png => "image/png",
            Jpg => "image/jpeg",
            Gif => "image/gif",
            Svg => "image/svg+xml",
            Ico => "image/x-icon",
        }
    }

    /// Width and height, of the formats that say so at a fixed place.
    fn size(self, bytes: &[u8]) -> Option<(u32, u32)> {
        let whole = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let byte = |at: usize| bytes.get(at).map(|size| if *size == 0 { 256 } else { u32::from(*size) });
        match self {
            Png => Some((whole(16)?, whole(20)?)),
            Ico => Some((byte(6)?, byte(7)?)),
            Jpg | Gif | Svg => None,
        }
    }
}

/// The format of an image that may be uploaded.
///
/// # Errors
/// `E0000001` about the file. The limits are the specification's, the words inferred.
fn fit(bytes: &[u8], allowed: &Allowed) -> Result<Format, String> {
    let names = allowed.formats.iter().map(|format| format.name()).collect::<Vec<_>>();
    let format = Format::of(bytes).filter(|format| allowed.formats.contains(format)).ok_or_else(|| {
        let (last, others) =
            names.split_last().map_or(("", String::new()), |(last, others)| (*last, others.join(", ")));
        format!("file: The file must be in {others} or {last} format.")
    })?;
    if bytes.len() >= allowed.most {
        let (size, unit) = match allowed.most / 1024 {
            kilobytes @ 1024.. => (kilobytes / 1024, "MB"),
            kilobytes => (kilobytes, "kB"),
        };
        return Err(format!("file: The file must be less than {size} {unit} in size."));
    }
    if let Some(most) = allowed.square
        && format.size(bytes).is_none_or(|(width, height)| width != height || width > most)
    {
        return Err(format!(
            "file: The file must have a 1:1 ratio with a maximum dimension of {most} x {most}."
        ));
    }
    Ok(format)
}

/// An image that was uploaded: what an object says of it, and the change that keeps it.
pub(super) struct Uploaded {
    /// Its address, where the URL of the org is marked.
    pub marked: String,
    /// Its address as this caller reaches it.
    pub url: String,
    pub kept: Change,
}

/// Takes the image out of a request.
///
/// # Errors
/// No form, no image, or one that may not be.
pub(super) fn upload(asked: &Asked<'_>, allowed: &Allowed) -> Result<Uploaded, ApiError> {
    let kind = asked.request.header("content-type").unwrap_or_default();
    let bytes = match part(kind, &asked.request.body) {
        None if !kind.starts_with("multipart/form-data") => return Err(ApiError::UnsupportedContentType),
        None | Some(b"") => return Err(ApiError::invalid("file", "file: The field cannot be left blank")),
        Some(bytes) => bytes,
    };
    let format = fit(bytes, allowed).map_err(|cause| ApiError::invalid("file", cause))?;
    let id = asked.org.ids().next("fs0");
    let path = format!("/fs/bco/{}/{id}", allowed.folder);
    let image = json!({ "path": path, "type": format.content_type(), "data": STANDARD.encode(bytes) });
    let (marked, url) = (format!("{BASE_MARK}{path}"), format!("{}{path}", asked.request.base_url));
    Ok(Uploaded { marked, url, kept: Change::put(IMAGES, id, Value::Null, image) })
}

/// Forgets the image at an address that an object no longer has, if it was an uploaded one.
pub(super) fn forgotten(state: &OrgState, address: Option<&str>) -> Option<Change> {
    let (_, id) = address?.rsplit_once('/')?;
    state.get(IMAGES, id).map(|image| Change::remove(IMAGES, image.id.clone()))
}

/// The image that a path names, for anybody who asks.
pub fn image(state: &OrgState, request: &Request) -> Option<Reply> {
    let path = request.path();
    let (_, id) = path.strip_prefix("/fs/bco/")?.split_once('/')?;
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return None;
    }
    let image = state.get(IMAGES, id).filter(|image| image.hidden["path"] == path)?;
    let text = |name: &str| image.hidden.get(name).and_then(Value::as_str);
    let bytes = STANDARD.decode(text("data")?).ok()?;
    let kind = HeaderValue::from_str(text("type")?).ok()?;
    let kept = HeaderValue::from_static("public,max-age=31536000");
    let reply = Reply { body: bytes.into(), ..Reply::empty(StatusCode::OK) };
    // An image with a script in it is shown, never run.
    let sandbox = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    Some(
        reply
            .with(header::CONTENT_TYPE, kind)
            .with(header::CACHE_CONTROL, kept)
            .with(header::CONTENT_SECURITY_POLICY, sandbox),
    )
}

/// The part `file` of a multipart form (RFC 7578).
fn part<'b>(content_type: &str, body: &'b [u8]) -> Option<&'b [u8]> {
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
    use super::*;

    #[test]
    fn the_file_is_found_among_the_parts() {
        let kind = "multipart/form-data; boundary=x1";
        let body = b"--x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"l.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--x1--\r\n";
        assert_eq!(part(kind, body), Some(&b"\x89PNG"[..]));
        for (kind, body) in [(kind, &b"--x1--"[..]), ("multipart/form-data", &body[..]), (kind, b"")] {
            assert_eq!(part(kind, body), None);
        }
    }

    #[test]
    fn an_image_is_known_by_its_bytes() {
        fn png(width: u32, height: u32) -> Vec<u8> {
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            bytes.extend(width.to_be_bytes().into_iter().chain(height.to_be_bytes()));
            bytes
        }
        let gif = |size: usize| [b"GIF89a".as_slice(), &vec![0; size - 6]].concat();
        for (bytes, allowed, expected) in [
            (png(300, 50), &THEME_LOGO, Ok(Png)),
            (gif(100 * 1024 - 1), &THEME_LOGO, Ok(Gif)),
            (gif(100 * 1024), &THEME_LOGO, Err("less than 100 kB")),
            (gif(1024 * 1024), &APP_LOGO, Err("less than 1 MB")),
            (gif(2 * 1024 * 1024 - 1), &BACKGROUND, Ok(Gif)),
            (b"<?xml version=\"1.0\"?><svg/>".to_vec(), &APP_LOGO, Ok(Svg)),
            (b"<svg/>".to_vec(), &THEME_LOGO, Err("PNG, JPG or GIF format")),
            (b"<p>".to_vec(), &APP_LOGO, Err("PNG, JPG, SVG or GIF format")),
            (b"\xff\xd8\xff\xe0".to_vec(), &APP_LOGO, Ok(Jpg)),
            (png(512, 512), &FAVICON, Ok(Png)),
            (png(513, 513), &FAVICON, Err("512 x 512")),
            (png(32, 16), &FAVICON, Err("1:1 ratio")),
            (b"\0\0\x01\0\x01\0\x10\x10".to_vec(), &FAVICON, Ok(Ico)),
            (b"\0\0\x01\0".to_vec(), &FAVICON, Err("1:1 ratio")),
        ] {
            match (fit(&bytes, allowed), expected) {
                (Ok(format), Ok(wanted)) => assert_eq!(format, wanted),
                (Err(cause), Err(part)) => assert!(cause.contains(part), "{cause}"),
                (found, wanted) => assert_eq!(found.ok(), wanted.ok()),
            }
        }
    }
}
