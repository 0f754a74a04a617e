//! The labelled lines under the title of a pitfall's scenario.

/// What they say, each in a line however many it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What is met.
    pub(crate) symptom: String,
    /// Why.
    pub(crate) cause: String,
    /// What helps.
    pub(crate) cure: String,
    /// Who met it.
    pub(crate) seen: String,
    /// A command for a shell that shows it on the built-in org; `$ORG` is its address, `$OIN` the credentials of its
    /// integration.
    pub(crate) attempt: Option<String>,
}

/// In this order; the last one may be missing.
const LABELS: [&str; 5] = ["Symptom", "Cause", "Cure", "Seen", "Try"];

/// Where the facts are.
const FACTS: &str = "(ratelimit-oin-facts F";

/// The lines of a description.
///
/// # Errors
/// What is missing, empty, or in the wrong place.
pub(crate) fn read(description: &str) -> Result<Told, String> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for line in description.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let label =
            LABELS.iter().find_map(|label| Some((*label, line.strip_prefix(label)?.strip_prefix(':')?)));
        match (label, found.last_mut()) {
            (Some((label, rest)), _) => found.push((label, rest.trim().to_owned())),
            (None, Some((_, text))) => {
                text.push(' ');
                text.push_str(line);
            }
            (None, None) => return Err(format!("`{line}` stands before the first label (Symptom:)")),
        }
    }
    let names: Vec<&str> = found.iter().map(|(label, _)| *label).collect();
    if names != LABELS && names != LABELS[..4] {
        let seen = names.join(", ");
        return Err(format!(
            "the lines under its title are Symptom:, Cause:, Cure:, Seen: and perhaps Try:, in this order, not {seen}"
        ));
    }
    if let Some((label, _)) = found.iter().find(|(_, text)| text.is_empty()) {
        return Err(format!("{label}: says nothing"));
    }
    let mut texts = found.into_iter().map(|(_, text)| text);
    let mut next = || texts.next().unwrap_or_default();
    let told = Told { symptom: next(), cause: next(), cure: next(), seen: next(), attempt: texts.next() };
    if told.seen.contains(FACTS) {
        Ok(told)
    } else {
        Err(format!("Seen: names no row of the facts, as {FACTS}10)"))
    }
}
