//! How a reply is framed: the socket's business and not a reply's. Here because the ledger shows what the socket
//! writes.

use http::{StatusCode, header};

/// The `content-length` that goes with a body of so many bytes; none where the status allows no body.
pub(crate) fn content_length(status: StatusCode, bytes: usize) -> Option<usize> {
    let bodiless =
        status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    (!bodiless).then_some(bytes)
}

/// Whether a header line frames the body; such a line of a reply is not written.
pub(crate) fn is_framing(name: &str) -> bool {
    name == header::CONTENT_LENGTH || name == header::TRANSFER_ENCODING
}
