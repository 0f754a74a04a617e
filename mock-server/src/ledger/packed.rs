//! Exchanges as bytes: one piece of memory each, so that keeping one is a copy and pushing one out frees once. A ledger
//! of pieces by the dozen an exchange cost a third of the pace of a read (`cargo bench -p mock-server --bench wire`).

use std::cell::Cell;
use std::sync::Arc;

use postcard::ser_flavors::Flavor;

use super::exchange::Exchange;

/// An exchange that is kept.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    /// Its number, from 1.
    pub(crate) seq: u64,
    bytes: Arc<[u8]>,
}

/// Beside the bytes: the counters of the shared piece, its place in the row.
const AROUND: usize = 40;

thread_local! {
    /// Where exchanges are written before their size is known.
    static DESK: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Packed {
    /// Packs an exchange, without a number yet.
    ///
    /// # Errors
    /// Never so far.
    pub(super) fn pack(exchange: &Exchange<'_>) -> postcard::Result<Self> {
        let mut desk = DESK.take();
        desk.clear();
        let desk = postcard::serialize_with_flavor(exchange, Desk(desk))?;
        let bytes = Arc::from(&desk[..]);
        DESK.set(desk);
        Ok(Self { seq: 0, bytes })
    }

    /// What was packed.
    ///
    /// # Errors
    /// Never so far.
    pub(crate) fn open(&self) -> postcard::Result<Exchange<'_>> {
        let mut exchange: Exchange<'_> = postcard::from_bytes(&self.bytes)?;
        exchange.seq = self.seq;
        Ok(exchange)
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        AROUND + self.bytes.len()
    }
}

/// Bytes that grow.
struct Desk(Vec<u8>);

impl Flavor for Desk {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::exchange::{Reply, Request, Trace};

    proptest! {
        #[test]
        fn what_was_packed_is_read_again(
            target in "/\\PC{0,40}",
            lines in prop::collection::vec(("[a-zA-Z-]{1,12}", "\\PC{0,20}"), 0..6),
            value in prop::collection::vec(32_u8..=126, 0..20),
            body in prop::collection::vec(any::<u8>(), 0..200),
            reason in "\\PC{0,40}",
            second in -1_000_000_000_i64..4_000_000_000,
        ) {
            let request = Request {
                method: Method::POST,
                target,
                headers: HeaderMap::new(),
                raw_headers: lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
                body: Bytes::from(body.clone()),
                base_url: "http://h".into(),
                peer: [127, 0, 0, 1].into(),
                now: Timestamp::from_second(second).unwrap(),
            };
            let reply = Reply::json(StatusCode::OK, body)
                .with(HeaderName::from_static("x-a"), HeaderValue::from_bytes(&value).unwrap());
            let mut trace = Trace::default();
            trace.learnt.assertion = Some(json!({ "claims": { "sub": reason } }));
            trace.note("role", reason);
            let exchange = Exchange::of(&request, Version::HTTP_11, &trace, &reply);
            let packed = Packed::pack(&exchange).unwrap();
            prop_assert_eq!(packed.open().unwrap(), exchange);
        }
    }
}
