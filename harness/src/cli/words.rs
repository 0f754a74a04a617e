//! The words of a command line that give the same run, or the same part of it, again.

use super::{DEFAULT_SEED, TestArgs};

/// The words that selected a part.
pub(super) fn selection_words(arguments: &TestArgs) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut add = |flag: &str, value: &str| words.push(format!("{flag} {}", quoted(value)));
    if let Some(tags) = &arguments.tags {
        add("--tags", tags);
    }
    arguments.scenario.iter().for_each(|id| add("--scenario", id));
    arguments.req.iter().for_each(|id| add("--req", id));
    if let Some((part, parts)) = arguments.shard {
        add("--shard", &format!("{part}/{parts}"));
    }
    if arguments.rerun_failed.is_some() {
        words.push("--rerun-failed".to_owned());
    }
    words.join(" ")
}

/// The words that give the same run again, but for the selection; nothing for what is the default.
pub(super) fn run_arguments(arguments: &TestArgs) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut add = |flag: &str, value: &str| words.extend([flag.to_owned(), quoted(value)]);
    if arguments.target != "mock" {
        add("--target", &arguments.target);
    }
    arguments.real.words().iter().for_each(|(flag, value)| add(flag, value));
    if let Some(folder) = &arguments.features {
        add("--features", &folder.display().to_string());
    }
    if arguments.seed != DEFAULT_SEED {
        add("--seed", &arguments.seed.to_string());
    }
    if arguments.client != "builtin" {
        add("--client", &arguments.client);
    }
    if !arguments.program.is_empty() {
        words.push("--".to_owned());
        words.extend(arguments.program.iter().map(|word| quoted(word)));
    }
    words.join(" ")
}

/// A word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
