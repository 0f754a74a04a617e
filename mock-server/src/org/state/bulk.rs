//! Many new documents of a kind at once: rendered on all cores, and look-ups that are built side by side.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{available_parallelism, scope};

use serde_json::Value;

use super::OrgState;
use crate::facts::facts;
use crate::org::change::Shelf;
use crate::org::collection::Batch;
use crate::org::document::Document;

/// Of fewer documents, starting threads costs more than it saves.
const WORTH_THREADS: usize = 1_000;

impl OrgState {
    /// Stores new documents at the top of the org, in this order; `value` gives the nth one as shown, `hidden` is the
    /// same for all.
    ///
    /// # Errors
    /// The first one that `value` gives; then nothing has changed.
    pub(in crate::org) fn put_new<E: Send>(
        &mut self,
        kind: &'static str,
        ids: &[Arc<str>],
        hidden: &Arc<Value>,
        value: impl Fn(usize) -> Result<Value, E> + Sync,
    ) -> Result<(), E> {
        let resource = facts().resources.get(kind);
        let first = self.next_seq;
        let render = |from: usize, ids: &[Arc<str>]| -> Result<Batch, E> {
            let mut batch = Batch::of(resource, ids.len());
            for (nth, id) in (from..).zip(ids) {
                let seq = first + nth as u64;
                let document = Document::new(id.clone(), seq, &value(nth)?, hidden.clone(), "", resource);
                batch.add(Arc::new(document), resource);
            }
            batch.sort();
            Ok(batch)
        };
        let workers =
            if ids.len() < WORTH_THREADS { 1 } else { available_parallelism().map_or(1, usize::from) };
        let batches = if workers == 1 {
            vec![render(0, ids)?]
        } else {
            let size = ids.len().div_ceil(workers);
            scope(|scope| {
                let running: Vec<_> = ids
                    .chunks(size)
                    .enumerate()
                    .map(|(nth, ids)| scope.spawn(move || render(nth * size, ids)))
                    .collect();
                running
                    .into_iter()
                    .map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)))
                    .collect::<Result<Vec<_>, E>>()
            })?
        };
        let shelf = Shelf::from(kind);
        for document in batches.iter().flat_map(|batch| &batch.documents) {
            Arc::make_mut(&mut self.derived).put(&shelf, document);
        }
        self.next_seq = first + ids.len() as u64;
        self.shelf_mut(&shelf).extend(batches, resource, workers > 1);
        Ok(())
    }

    /// Relates a document to many others of which all are there.
    pub(in crate::org) fn link_all(&mut self, relation: &'static str, from: &Arc<str>, to: &[Arc<str>]) {
        let ends: Vec<_> = to.iter().filter_map(|to| self.ends(relation, from, to)).collect();
        if let Some((from, _)) = ends.first().cloned() {
            self.relations.link_all(relation, &from, ends.into_iter().map(|(_, to)| to));
        }
    }
}
