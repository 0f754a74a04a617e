//! `badge.json`: what shields.io's endpoint badge reads.

use serde_json::json;

use super::record::Footer;
use crate::suite::outcome::exit;

/// The badge of a run.
pub(super) fn text(footer: &Footer) -> String {
    let counts = footer.counts;
    let judged = counts.judged();
    let (message, color) = match footer.exit {
        exit::CONFORMANT if counts.warned > 0 => (format!("conformant, {} warnings", counts.warned), "green"),
        exit::CONFORMANT => (format!("conformant, {judged} scenarios"), "brightgreen"),
        exit::NON_CONFORMANT => {
            (format!("{} of {judged} scenarios fail", counts.failed + counts.untestable), "red")
        }
        exit::BROKEN => ("broken".to_owned(), "lightgrey"),
        _ => ("incomplete".to_owned(), "lightgrey"),
    };
    let badge = json!({
        "schemaVersion": 1,
        "label": "okta conformance",
        "message": message,
        "color": color,
        "isError": footer.exit >= exit::BROKEN,
    });
    format!("{badge:#}\n")
}
