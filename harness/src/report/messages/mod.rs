//! `messages.ndjson`: the run as Cucumber Messages, for the tools that read them; and `cucumber.html`, the official page
//! that shows them (`vendor/cucumber`, harness-anchors §12).

mod document;
mod envelope;
mod playback;

use self::envelope::Envelope;
use super::run::Run;

/// The page's own parts.
const TEMPLATE: &str = include_str!("../../../vendor/cucumber/index.mustache");
const STYLE: &str = include_str!("../../../vendor/cucumber/main.css");
const SCRIPT: &str = include_str!("../../../vendor/cucumber/main.js");
const ICON: &str = include_str!("../../../vendor/cucumber/icon.url");

/// The messages of a run, one JSON object each.
pub(super) struct Messages(Vec<String>);

/// Makes the messages of a run.
///
/// # Errors
/// A message cannot be written as JSON.
pub(super) fn envelopes(run: &Run) -> serde_json::Result<Messages> {
    let mut messages: Vec<Envelope> = playback::opening(run);
    let documents: Vec<document::Document> =
        run.features.iter().filter_map(document::Document::read).collect();
    for document in &documents {
        messages.extend(document.envelopes());
    }
    playback::scenarios(run, &documents, &mut messages);
    messages.iter().map(serde_json::to_string).collect::<Result<_, _>>().map(Messages)
}

impl Messages {
    /// A message a line.
    pub(super) fn lines(&self) -> String {
        self.0.iter().flat_map(|message| [message, "\n"]).collect()
    }

    /// The messages as the page's script takes them: nothing in them ends the script.
    pub(super) fn script(&self) -> String {
        self.0.join(",").replace('<', "\\x3C")
    }
}

/// What stands before and after the messages in the page.
pub(super) fn page() -> [String; 2] {
    let (before, after) = TEMPLATE.split_once("{{messages}}").unwrap_or((TEMPLATE, ""));
    let fill = |mut text: String, parts: &[(&str, &str)]| {
        for (mark, part) in parts {
            if let Some((before, after)) = text.split_once(mark) {
                text = [before, part, after].concat();
            }
        }
        text
    };
    [
        fill(
            before.to_owned(),
            &[
                ("{{title}}", "orgtwin: scenarios"),
                ("{{icon}}", ICON.trim()),
                ("{{custom_css}}", ""),
                ("{{css}}", STYLE),
            ],
        ),
        fill(after.to_owned(), &[("{{custom_script}}", ""), ("{{script}}", SCRIPT)]),
    ]
}
