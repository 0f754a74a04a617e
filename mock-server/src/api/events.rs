//! What the System Log is told about a change.

use super::answer::Asked;
use super::draft::Draft;
use crate::facts::resources::Relation;
use crate::org::change::Change;
use crate::org::document::Document;

/// Adds the event of what happens to an object, if its resource file names one.
pub(super) fn note(_: &mut Draft<'_>) {}

/// Adds the event of a relation.
pub(super) fn note_related(
    _: &Asked<'_>,
    _: &Relation,
    _: &Document,
    _: &Document,
    _on: bool,
    _: &mut Vec<Change>,
) {
}
