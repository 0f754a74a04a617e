//! The heads of HTTP/1 requests as they were on the wire: order, case and duplicates of their header lines.
//!
//! hyper keeps names in lower case and groups duplicates. So the bytes of a connection pass by here on their way to
//! hyper: heads are parsed (with the parser that hyper uses), bodies are counted and skipped, and each head waits
//! until hyper hands over its request. Whatever this reader does not understand, hyper refuses as well; then the
//! reader is off and nothing is claimed about order and case.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::chunked::Chunks;
use crate::exchange::HeaderLines;

/// As many header lines as hyper accepts.
const MAX_LINES: usize = 100;
/// The first bytes of an HTTP/2 connection.
const HTTP2: &[u8] = b"PRI * HTTP/2";

/// The head of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The request target.
    pub(super) target: String,
    /// The header lines.
    pub(super) lines: HeaderLines,
}

/// The heads of one connection, shared by the reader of its bytes and the reader of its requests.
#[derive(Debug, Clone)]
pub(super) struct Heads(Arc<Mutex<Reader>>);

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// How many heads were complete so far.
    pub(super) complete: u64,
    /// Whether the next head is awaited: it has begun, or nothing has come at all.
    pub(super) awaited: bool,
}

impl Heads {
    /// Heads of at most this many bytes.
    pub(super) fn new(max_head: usize) -> Self {
        Self(Arc::new(Mutex::new(Reader { max_head, ..Reader::default() })))
    }

    /// Takes in bytes that came from the peer.
    pub(super) fn see(&self, bytes: &[u8]) {
        self.0.lock().see(bytes);
    }

    /// The head of the next request, if the connection is HTTP/1.
    pub(super) fn next(&self) -> Option<Head> {
        self.0.lock().waiting.pop_front()
    }

    /// Stops reading: what was read does not fit what hyper read.
    pub(super) fn give_up(&self) {
        self.0.lock().give_up();
    }

    /// How far the connection has come.
    pub(super) fn progress(&self) -> Progress {
        let reader = self.0.lock();
        let awaited = match reader.state {
            State::Head => !reader.partial.is_empty() || reader.complete == 0,
            State::Body(_) | State::Chunks(_) | State::Off => false,
        };
        Progress { complete: reader.complete, awaited }
    }
}

#[derive(Debug, Default)]
struct Reader {
    state: State,
    partial: Vec<u8>,
    waiting: VecDeque<Head>,
    complete: u64,
    max_head: usize,
}

#[derive(Debug, Default)]
enum State {
    /// In a head, or before one.
    #[default]
    Head,
    /// In a body with so many bytes to come.
    Body(u64),
    /// In a chunked body.
    Chunks(Chunks),
    /// Not HTTP/1, or not understood.
    Off,
}

impl Reader {
    fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Off => return,
                State::Head => self.head(bytes),
                State::Body(left) => {
                    let skipped = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= skipped as u64;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                    &bytes[skipped..]
                }
                State::Chunks(chunks) => match chunks.skip(bytes) {
                    Ok(None) => return,
                    Ok(Some(rest)) => {
                        self.state = State::Head;
                        rest
                    }
                    Err(_) => {
                        self.give_up();
                        return;
                    }
                },
            };
        }
    }

    /// Reads on in a head; returns what follows it.
    fn head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.partial.is_empty() {
            match parse(bytes) {
                Parsed::Head { head, length, body } => {
                    self.complete(head, body);
                    return &bytes[length..];
                }
                Parsed::Partial => self.partial.extend_from_slice(bytes),
                Parsed::Nonsense => self.give_up(),
            }
            return self.bounded(&[]);
        }
        // A head in pieces is parsed once, when its blank line has come: a peer that dribbles costs no more.
        let before = self.partial.len();
        let Some(end) = blank_line(&self.partial, bytes) else {
            self.partial.extend_from_slice(bytes);
            return self.bounded(&[]);
        };
        self.partial.extend_from_slice(&bytes[..end]);
        let whole = std::mem::take(&mut self.partial);
        match parse(&whole) {
            Parsed::Head { head, length, body } if length >= before => {
                self.complete(head, body);
                &bytes[length - before..]
            }
            // Blank lines before the request line.
            Parsed::Partial => {
                self.partial = whole;
                self.bounded(&bytes[end..])
            }
            Parsed::Head { .. } | Parsed::Nonsense => {
                self.give_up();
                &[]
            }
        }
    }

    fn bounded<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        if self.partial.len() > self.max_head || self.partial.starts_with(HTTP2) {
            self.give_up();
        }
        rest
    }

    fn complete(&mut self, head: Head, body: State) {
        self.complete += 1;
        self.waiting.push_back(head);
        self.state = body;
    }

    fn give_up(&mut self) {
        self.state = State::Off;
        self.partial = Vec::new();
        self.waiting = VecDeque::new();
    }
}

/// Where the first blank line that ends in `new` ends, counted in `new`; `old` came before.
fn blank_line(old: &[u8], new: &[u8]) -> Option<usize> {
    let before = |at: usize, back: usize| {
        let at = (old.len() + at).checked_sub(back)?;
        old.get(at).or_else(|| new.get(at - old.len())).copied()
    };
    let newlines = new.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    newlines.map(|(at, _)| at).find_map(|at| match before(at, 1) {
        Some(b'\n') => Some(at + 1),
        Some(b'\r') if before(at, 2) == Some(b'\n') => Some(at + 1),
        _ => None,
    })
}

enum Parsed {
    Head { head: Head, length: usize, body: State },
    Partial,
    Nonsense,
}

fn parse(bytes: &[u8]) -> Parsed {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut request = httparse::Request::new(&mut lines);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) => return Parsed::Partial,
        Err(_) => return Parsed::Nonsense,
        Ok(httparse::Status::Complete(length)) => {
            if let Some(body) = body_that_follows(request.headers) {
                let mut lines = HeaderLines::with_capacity(length);
                for line in request.headers.iter() {
                    lines.push(line.name, &String::from_utf8_lossy(line.value));
                }
                let head = Head { target: request.path.unwrap_or_default().to_owned(), lines };
                return Parsed::Head { head, length, body };
            }
        }
    }
    Parsed::Nonsense
}

/// How the body is delimited (RFC 9112 §6); nothing where hyper refuses the request.
fn body_that_follows(lines: &[httparse::Header<'_>]) -> Option<State> {
    let mut length = None;
    let mut chunked = false;
    for line in lines {
        if line.name.eq_ignore_ascii_case("content-length") {
            let value: u64 = std::str::from_utf8(line.value).ok()?.trim().parse().ok()?;
            if length.is_some_and(|other| other != value) {
                return None;
            }
            length = Some(value);
        } else if line.name.eq_ignore_ascii_case("transfer-encoding") {
            let last = line.value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
            chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
            if !chunked {
                return None;
            }
        }
    }
    Some(match length {
        _ if chunked => State::Chunks(Chunks::default()),
        None | Some(0) => State::Head,
        Some(length) => State::Body(length),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod unit {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &str = "GET /a?x=%41 HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-b: 2\r\n\r\n\
        POST /b HTTP/1.1\r\nHost: h\r\ncontent-LENGTH: 5\r\n\r\nGET /\
        \r\nPOST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;name=\"v\"\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: t\r\n\r\n\
        DELETE /d HTTP/1.1\nHost: bare\n\n";

    fn targets(heads: &Heads) -> Vec<String> {
        std::iter::from_fn(|| heads.next()).map(|head| head.target).collect()
    }

    #[test]
    fn order_case_and_duplicates_are_kept() {
        let heads = Heads::new(1024);
        heads.see(STREAM.as_bytes());
        let first = heads.next().unwrap();
        let names: Vec<&str> = first.lines.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Host", "X-B", "x-b"]);
        assert_eq!(first.target, "/a?x=%41");
        assert_eq!(targets(&heads), ["/b", "/c", "/d"]);
    }

    #[test]
    fn what_is_not_http1_turns_the_reader_off() {
        let two_lengths = "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
        let not_chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n";
        let bad_chunk = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
        for bytes in
            ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}", two_lengths, not_chunked, bad_chunk]
        {
            let heads = Heads::new(1024);
            heads.see(bytes.as_bytes());
            heads.see(b"GET /after HTTP/1.1\r\n\r\n");
            assert_eq!(targets(&heads), [""; 0], "{bytes:?}");
        }
    }

    #[test]
    fn a_head_without_end_is_not_kept() {
        let heads = Heads::new(1024);
        heads.see(b"GET / HTTP/1.1\r\n");
        for _ in 0..100 {
            heads.see(b"X-Long: 0123456789012345678901234567890123456789\r\n");
        }
        assert_eq!(heads.0.lock().partial.capacity(), 0);
        assert!(!heads.progress().awaited, "hyper answers it");
    }

    #[test]
    fn progress_tells_a_slow_head_from_an_idle_connection() {
        let heads = Heads::new(1024);
        assert_eq!(heads.progress(), Progress { complete: 0, awaited: true });
        heads.see(b"GET / HTTP/1.1\r\nHo");
        assert_eq!(heads.progress(), Progress { complete: 0, awaited: true });
        heads.see(b"st: h\r\n\r\n");
        assert_eq!(heads.progress(), Progress { complete: 1, awaited: false });
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_reads_end(mut cuts in proptest::collection::vec(0..STREAM.len(), 0..40)) {
            cuts.sort_unstable();
            let heads = Heads::new(1024);
            let mut from = 0;
            for cut in cuts.into_iter().chain([STREAM.len()]) {
                heads.see(&STREAM.as_bytes()[from..cut]);
                from = cut;
            }
            prop_assert_eq!(targets(&heads), ["/a?x=%41", "/b", "/c", "/d"]);
        }

        #[test]
        fn no_bytes_make_it_panic(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..20)) {
            let heads = Heads::new(256);
            for piece in pieces {
                heads.see(&piece);
            }
        }
    }
}
