//! `badge.json`: what shields.io's endpoint badge reads.

use serde_json::json;

use super::record::Footer;
use crate::count;
use crate::suite::outcome::{Claim, exit};

/// The badge of a run.
pub(super) fn text(footer: &Footer) -> String {
    let counts = footer.counts;
    let judged = counts.judged();
    let (message, color) = match footer.exit {
        // What is known to fail stays visible (sigstore-conformance#338).
        exit::CONFORMANT if counts.expected_fail + counts.flaky > 0 => {
            (format!("partial, {} known to fail", counts.expected_fail + counts.flaky), "yellow")
        }
        exit::CONFORMANT if footer.claim == Claim::Partial => {
            (format!("partial, {}", count::of(judged, "scenario")), "yellowgreen")
        }
        exit::CONFORMANT if counts.warned > 0 => {
            (format!("conformant, {}", count::of(counts.warned, "warning")), "green")
        }
        exit::CONFORMANT => (format!("conformant, {}", count::of(judged, "scenario")), "brightgreen"),
        exit::NON_CONFORMANT => {
            let bad = counts.failed + counts.untestable;
            if bad > 0 {
                (format!("{bad} of {} fail", count::of(judged, "scenario")), "red")
            } else {
                ("baseline out of date, or warnings".to_owned(), "orange")
            }
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
