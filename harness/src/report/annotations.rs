//! GitHub's workflow commands: a failure becomes a remark at the line of its scenario.

use std::fmt::Write as _;

use super::{
    run::{Judged, Run},
    verdict,
};
use crate::suite::outcome::Verdict;

/// GitHub shows this many of a step.
const SHOWN: usize = 10;

/// The commands of a run: one for each requirement that does not hold, the worst first.
pub(super) fn text(run: &Run) -> String {
    let mut groups: Vec<(&str, Vec<&Judged>)> = Vec::new();
    for judged in run.scenarios.iter().filter(|judged| judged.scenario.verdict > Verdict::Pass) {
        let worst = judged.bad().max_by_key(|check| check.check.verdict);
        let requirement = worst.and_then(|check| check.requirements.first()).map_or("", String::as_str);
        match groups.iter_mut().find(|(name, _)| *name == requirement) {
            Some((_, group)) => group.push(judged),
            None => groups.push((requirement, vec![judged])),
        }
    }
    for (_, group) in &mut groups {
        group.sort_by_key(|judged| std::cmp::Reverse(judged.scenario.verdict));
    }
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.first().map(|judged| judged.scenario.verdict)));
    let shown = if groups.len() > SHOWN { SHOWN - 1 } else { SHOWN };
    let mut text = String::new();
    for (requirement, group) in groups.iter().take(shown) {
        let Some(worst) = group.first() else { continue };
        let scenario = &worst.scenario;
        let kind = if scenario.verdict <= Verdict::Warn { "warning" } else { "error" };
        let mut message = String::new();
        if let Some(check) = worst.bad().max_by_key(|check| check.check.verdict) {
            let check = &check.check;
            let _ =
                writeln!(message, "{}\nexpected {}\nobserved {}", check.id, check.expected, check.observed);
        }
        let others: Vec<&str> = group.iter().skip(1).map(|judged| judged.scenario.id.as_str()).collect();
        if !others.is_empty() {
            let _ = writeln!(message, "the same requirement in {}", others.join(", "));
        }
        let _ = write!(message, "{}", verdict::reproduce(&run.header.run_arguments, &scenario.id));
        let _ = writeln!(
            text,
            "::{kind} file={},line={},title={}::{}",
            property(&scenario.path),
            scenario.line,
            property(&format!("{} {} ({requirement})", scenario.id, scenario.name)),
            data(&message)
        );
    }
    if groups.len() > shown {
        let _ = writeln!(
            text,
            "::error title=orgtwin::{} more requirements do not hold; the report has them all",
            groups.len() - shown
        );
    }
    for cause in run.footer.broken.iter().chain(&run.footer.missing).chain(&run.footer.baseline) {
        let _ = writeln!(text, "::error title=orgtwin::{}", data(cause));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_cannot_be_ended_by_what_it_says() {
        assert_eq!(property("a:b,c%\r\n::error"), "a%3Ab%2Cc%25%0D%0A%3A%3Aerror");
        assert_eq!(data("50%\nx"), "50%25%0Ax");
    }
}
