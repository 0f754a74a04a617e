//! Where exchanges are written before they are kept: how long one is, is known at its end.

use std::cell::Cell;

use postcard::ser_flavors::Flavor;
use serde::Serialize;

thread_local! {
    static DESK: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Writes a value and hands over its bytes.
///
/// # Errors
/// Never so far.
pub(super) fn written<R>(value: &impl Serialize, keep: impl FnOnce(&[u8]) -> R) -> postcard::Result<R> {
    let mut desk = DESK.take();
    desk.clear();
    let desk = postcard::serialize_with_flavor(value, Desk(desk))?;
    let kept = keep(&desk);
    DESK.set(desk);
    Ok(kept)
}

/// Bytes that grow, a slice at a time.
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
