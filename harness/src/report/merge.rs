//! `orgtwin report merge A B…`: the streams of shards become one run, whose exit code is that of the whole.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    record::Header,
    run::{Ending, Judged, Run, settle},
    verdict::word,
};
use crate::{
    cli::{OP_TIMEOUT, SCENARIO_TIMEOUT},
    suite::outcome::exit,
};

/// Streams that are not parts of one run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MergeError {
    /// Different runs.
    #[error(
        "{file}: {what} differs from that of {first} ({is:?} and {was:?}): these are not parts of one run"
    )]
    Other {
        /// The stream.
        file: String,
        /// The stream that it differs from.
        first: String,
        /// The member of the header.
        what: &'static str,
        /// There.
        was: String,
        /// Here.
        is: String,
    },
    /// Nothing to merge.
    #[error("no stream is given")]
    Nothing,
}

/// Puts streams together; each comes with the name of its file.
///
/// # Errors
/// [`MergeError`].
pub(crate) fn merge(streams: Vec<(String, Run)>) -> Result<Run, MergeError> {
    let Some((first, header)) = streams.first().map(|(name, run)| (name.clone(), run.header.clone())) else {
        return Err(MergeError::Nothing);
    };
    for (file, run) in &streams {
        same(file, &run.header, &first, &header)?;
    }
    let mut ending = Ending { missing: absent(&streams), ..Ending::default() };
    let (mut features, mut scenarios) = (BTreeMap::new(), Vec::<Judged>::new());
    let (mut places, mut planned) = (BTreeMap::<String, (usize, String)>::new(), 0);
    let mut started = header.started.clone();
    for (file, run) in streams {
        // What a shard did not get to is unknown by name, so a control that two of them have may count twice here.
        planned += run.footer.counts.not_run;
        started = started.min(run.header.started.clone());
        ending.cut_short = ending.cut_short.or(run.footer.cut_short);
        ending.milliseconds = ending.milliseconds.max(run.footer.milliseconds);
        for fault in run.footer.baseline {
            if !ending.baseline.contains(&fault) {
                ending.baseline.push(fault);
            }
        }
        // Every shard was judged by the same command line; one that has nothing but warnings and fails says that it is strict.
        let counts = run.footer.counts;
        let excused = counts.failed + counts.untestable + counts.unexpected_pass == 0;
        ending.strict |= run.footer.exit == exit::NON_CONFORMANT && excused && counts.warned > 0;
        // A shard by itself is always a part; what else was left out is in its words.
        ending.limited |=
            !selected(&run.header).is_empty() || run.header.deadlines != [OP_TIMEOUT, SCENARIO_TIMEOUT];
        ending.broken.extend(run.footer.broken);
        ending.notes.extend(run.footer.notes);
        ending.missing.extend(run.footer.missing.iter().map(|missing| format!("{file}: {missing}")));
        features.extend(run.features.into_iter().map(|feature| (feature.path.clone(), feature)));
        for judged in run.scenarios {
            let scenario = &judged.scenario;
            let Some((at, other)) = places.get(&scenario.id).cloned() else {
                places.insert(scenario.id.clone(), (scenarios.len(), file.clone()));
                scenarios.push(judged);
                continue;
            };
            // A control is run by each shard that has a scenario which needs it.
            let Some(before) = scenarios.get_mut(at) else { continue };
            let (was, is) = (before.scenario.verdict, scenario.verdict);
            if was != is {
                ending.broken.push(format!(
                    "{} came to {} in {other} and to {} in {file}: one of them is not to be relied on",
                    scenario.id,
                    word(was),
                    word(is)
                ));
            }
            if is > was {
                *before = judged;
            }
        }
    }
    let planned = scenarios.len() + planned;
    let footer = settle(planned, &scenarios, ending);
    let header = Header { planned, shard: None, started, selection: selected(&header), ..header };
    Ok(Run { header, features: features.into_values().collect(), scenarios, footer })
}

/// The words that selected a part, but for the shard.
fn selected(header: &Header) -> String {
    let Some([part, parts]) = header.shard else { return header.selection.clone() };
    header.selection.replace(&format!("--shard {part}/{parts}"), "").trim().to_owned()
}

/// The shards that are not there, and those that are there twice.
fn absent(streams: &[(String, Run)]) -> Vec<String> {
    let shards: Vec<[usize; 2]> = streams.iter().filter_map(|(_, run)| run.header.shard).collect();
    let Some(parts) = shards.iter().map(|[_, parts]| *parts).max() else { return Vec::new() };
    let there: BTreeSet<usize> = shards.iter().map(|[part, _]| *part).collect();
    (1..=parts)
        .filter(|part| !there.contains(part))
        .map(|part| format!("shard {part}/{parts} is not there"))
        .collect()
}

fn same(file: &str, header: &Header, first: &str, was: &Header) -> Result<(), MergeError> {
    let parts = |header: &Header| match header.shard {
        Some([_, parts]) => format!("one of {parts} shards"),
        None => "the whole".to_owned(),
    };
    let members = |header: &Header| {
        [
            ("the version", header.tool.clone()),
            ("the client", header.client.clone()),
            ("the client's identity", header.identity.clone()),
            ("the client's capabilities", header.capabilities.join(" ")),
            ("the command line", header.run_arguments.clone()),
            ("the target", header.target.clone()),
            ("the seed", header.seed.to_string()),
            ("the deadlines", format!("{:?}", header.deadlines)),
            ("the profile", header.profile.clone().unwrap_or_default()),
            ("the selection", selected(header)),
            ("the sharding", parts(header)),
        ]
    };
    for ((what, was), (_, is)) in members(was).into_iter().zip(members(header)) {
        if was != is {
            return Err(MergeError::Other { file: file.to_owned(), first: first.to_owned(), what, was, is });
        }
    }
    Ok(())
}
