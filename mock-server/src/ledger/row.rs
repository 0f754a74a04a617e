//! The exchanges of a ledger in their order, as bytes one after another in volumes: keeping one is to write it where the
//! last one ended, and the oldest are freed by the volume. A piece of memory for each exchange cost a third of the pace of
//! a read (`cargo bench -p mock-server --bench wire`).

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use postcard::ser_flavors::Flavor;
use serde::Serialize;

use super::exchange::Exchange;

/// A volume of so many bytes is closed.
const VOLUME: usize = 256 * 1024;

/// Exchanges with numbers that follow each other.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Those that nothing is added to, the oldest first.
    closed: VecDeque<Arc<Volume>>,
    open: Volume,
    /// How many exchanges of the oldest volume are gone.
    gone: usize,
    /// A volume whose exchanges are gone: the next one is written over it.
    spare: Option<Volume>,
    len: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Volume {
    /// The number of its first exchange.
    first: u64,
    /// Where each exchange ends.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Volume {
    fn range(&self, nth: usize) -> Range<usize> {
        let start = nth.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[nth]
    }

    fn clear(&mut self) {
        self.ends.clear();
        self.bytes.clear();
    }

    /// An empty one with the room of one that was filled; behind one that was read before it was, room comes as needed.
    fn like(other: &Self) -> Self {
        if other.bytes.len() < VOLUME {
            return Self::default();
        }
        let (ends, bytes) = (Vec::with_capacity(other.ends.len()), Vec::with_capacity(other.bytes.len()));
        Self { first: 0, ends, bytes }
    }
}

/// Writes where the last exchange ended.
struct Pen<'a>(&'a mut Vec<u8>);

impl Flavor for Pen<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// An exchange that is kept.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    /// Its number, from 1.
    pub(crate) seq: u64,
    volume: Arc<Volume>,
    nth: usize,
}

impl Packed {
    /// What was packed.
    ///
    /// # Errors
    /// Never so far.
    pub(crate) fn open(&self) -> postcard::Result<Exchange<'_>> {
        let mut exchange: Exchange<'_> =
            postcard::from_bytes(&self.volume.bytes[self.volume.range(self.nth)])?;
        exchange.seq = self.seq;
        Ok(exchange)
    }
}

impl Row {
    /// How many exchanges there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an exchange; its number follows the last one's.
    ///
    /// # Errors
    /// Never so far; nothing is added then.
    pub(super) fn push(&mut self, seq: u64, exchange: &impl Serialize) -> postcard::Result<()> {
        if self.open.bytes.len() >= VOLUME {
            self.close();
        }
        let start = self.open.bytes.len();
        if let Err(error) = postcard::serialize_with_flavor(exchange, Pen(&mut self.open.bytes)) {
            self.open.bytes.truncate(start);
            return Err(error);
        }
        if self.open.ends.is_empty() {
            self.open.first = seq;
        }
        let end = self.open.bytes.len();
        self.open.ends.push(end);
        self.len += 1;
        self.bytes += end - start;
        Ok(())
    }

    /// Lets the oldest exchange go, and says its number.
    pub(super) fn pop(&mut self) -> Option<u64> {
        let oldest = self.closed.front().map_or(&self.open, |volume| volume);
        let nth = self.gone;
        let size = oldest.ends.get(nth).map(|_| oldest.range(nth).len())?;
        let (seq, last) = (oldest.first + nth as u64, nth + 1 == oldest.ends.len());
        self.gone += 1;
        self.len -= 1;
        self.bytes -= size;
        if last {
            self.gone = 0;
            match self.closed.pop_front() {
                // Somebody reads it still: it is freed then.
                Some(volume) => self.spare = Arc::into_inner(volume).or(self.spare.take()),
                None => self.open.clear(),
            }
        }
        Some(seq)
    }

    /// So many exchanges after a number, for somebody who reads.
    pub(super) fn after(&mut self, since: u64, most: usize) -> Vec<Packed> {
        // What is read is not written to; a volume that will not be filled takes no more room than it needs.
        self.open.bytes.shrink_to_fit();
        self.close();
        let after = |volume: &Volume| volume.first + volume.ends.len() as u64;
        let from = self.closed.partition_point(|volume| after(volume) <= since.saturating_add(1));
        let gone = |at: usize| if at == 0 { self.gone } else { 0 };
        let volumes = self.closed.iter().enumerate().skip(from);
        let all = volumes.flat_map(|(at, volume)| {
            let packed = |nth| Packed { seq: volume.first + nth as u64, volume: volume.clone(), nth };
            (gone(at)..volume.ends.len()).map(packed)
        });
        all.filter(|packed| packed.seq > since).take(most).collect()
    }

    fn close(&mut self) {
        if self.open.ends.is_empty() {
            return;
        }
        let mut next = self.spare.take().unwrap_or_else(|| Volume::like(&self.open));
        next.clear();
        self.closed.push_back(Arc::new(std::mem::replace(&mut self.open, next)));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;
    use serde::ser::SerializeTuple;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Push(usize),
        Pop,
        Read(u64, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => prop_oneof![4 => 0..5000_usize, 1 => (VOLUME - 3000)..(VOLUME + 3000)].prop_map(Step::Push),
            4 => Just(Step::Pop),
            2 => (0..80_u64, 0..20_usize).prop_map(|(since, most)| Step::Read(since, most)),
        ]
    }

    /// Bytes that are written as they are.
    struct Written<'a>(&'a [u8]);

    impl Serialize for Written<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut all = serializer.serialize_tuple(self.0.len())?;
            self.0.iter().try_for_each(|byte| all.serialize_element(byte))?;
            all.end()
        }
    }

    /// What cannot be written to its end.
    struct Broken;

    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut all = serializer.serialize_tuple(2)?;
            all.serialize_element(&7_u8)?;
            Err(serde::ser::Error::custom("no more"))
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let mut row = Row::default();
        row.push(1, &Written(b"ab")).unwrap();
        assert!(row.push(2, &Broken).is_err());
        row.push(2, &Written(b"cd")).unwrap();
        let read = row.after(0, 9);
        let bytes: Vec<_> = read.iter().map(|one| &one.volume.bytes[one.volume.range(one.nth)]).collect();
        assert_eq!((bytes, row.bytes()), (vec![&b"ab"[..], b"cd"], 4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Whoever reads in between, the row is a queue.
        #[test]
        fn a_row_is_a_queue(steps in prop::collection::vec(step(), 1..120)) {
            let mut row = Row::default();
            let mut expected: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
            let mut newest = 0;
            for step in steps {
                match step {
                    Step::Push(size) => {
                        newest += 1;
                        let bytes = vec![u8::try_from(newest % 251).unwrap_or_default(); size];
                        row.push(newest, &Written(&bytes)).unwrap();
                        expected.push_back((newest, bytes));
                    }
                    Step::Pop => prop_assert_eq!(row.pop(), expected.pop_front().map(|(seq, _)| seq)),
                    Step::Read(since, most) => {
                        let read = row.after(since, most);
                        let wanted = expected.iter().filter(|(seq, _)| *seq > since).take(most);
                        prop_assert!(read.iter().map(|one| one.seq).eq(wanted.clone().map(|(seq, _)| *seq)));
                        for (one, (_, bytes)) in read.iter().zip(wanted) {
                            prop_assert_eq!(&one.volume.bytes[one.volume.range(one.nth)], &bytes[..]);
                        }
                    }
                }
                prop_assert_eq!(row.len(), expected.len());
                prop_assert_eq!(row.bytes(), expected.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
            }
        }
    }
}
