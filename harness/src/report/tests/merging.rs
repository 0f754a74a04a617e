//! Streams put together, and compared.

use super::{run, *};
use crate::{
    report::{compare::compare, merge::merge, record::Header, run::Run},
    suite::outcome::CutShort,
};

/// A run of these scenarios with these verdicts; without its end if `cut`.
fn stream(shard: Option<[usize; 2]>, scenarios: &[(&str, Verdict)], cut: bool) -> (String, Run) {
    let Record::Header(head) = header() else { unreachable!() };
    let mut records = vec![Record::Header(Header { shard, planned: scenarios.len(), ..head })];
    let mut counts = Counts::default();
    for (id, verdict) in scenarios {
        counts.add(*verdict);
        records.push(check(id, "every-page", *verdict, "seen", None));
        records.push(scenario(id, "A scenario", *verdict, None, ""));
    }
    if !cut {
        records.push(footer(counts));
    }
    let text: String =
        records.iter().flat_map(|record| [serde_json::to_string(record).unwrap(), "\n".to_owned()]).collect();
    let name = shard.map_or_else(|| "whole".to_owned(), |[part, parts]| format!("{part}of{parts}"));
    (name, Run::read(&text).unwrap())
}

#[test]
fn shards_become_the_whole() {
    use Verdict::{Error, Fail, Pass, Untestable};
    let shard = |part, scenarios: &[(&str, Verdict)]| stream(Some([part, 2]), scenarios, false);
    // What is merged, how many scenarios, the exit code, what is missing, what is broken.
    let table = [
        (vec![shard(1, &[("A-001", Pass)]), shard(2, &[("A-002", Pass)])], 2, 0, 0, 0),
        (vec![shard(2, &[("A-002", Fail)]), shard(1, &[("A-001", Pass)])], 2, 1, 0, 0),
        (vec![shard(1, &[("A-001", Pass)]), shard(2, &[("A-002", Untestable)])], 2, 1, 0, 0),
        (vec![shard(1, &[("A-001", Error)]), shard(2, &[("A-002", Fail)])], 2, 3, 0, 0),
        // A control that both have.
        (vec![shard(1, &[("A-001", Pass)]), shard(2, &[("A-001", Pass), ("A-002", Pass)])], 2, 0, 0, 0),
        // It came to different ends.
        (vec![shard(1, &[("A-001", Pass)]), shard(2, &[("A-001", Fail), ("A-002", Pass)])], 2, 3, 0, 1),
        (vec![shard(1, &[("A-001", Pass)])], 1, 4, 1, 0),
        (vec![shard(1, &[("A-001", Pass)]), shard(1, &[("A-001", Pass)])], 1, 4, 1, 0),
        (vec![shard(1, &[("A-001", Pass)]), stream(Some([2, 2]), &[("A-002", Pass)], true)], 2, 4, 1, 0),
        (vec![stream(None, &[("A-001", Pass)], false), stream(None, &[("A-002", Pass)], false)], 2, 0, 0, 0),
    ];
    for (streams, scenarios, code, missing, broken) in table {
        let names: Vec<String> = streams.iter().map(|(name, _)| name.clone()).collect();
        let merged = merge(streams).unwrap();
        assert_eq!(merged.scenarios.len(), scenarios, "{names:?}");
        assert_eq!(merged.header.planned, scenarios, "{names:?}");
        assert_eq!(merged.header.shard, None);
        assert_eq!(merged.footer.exit, code, "{names:?} {:?}", merged.footer);
        assert_eq!(merged.footer.missing.len(), missing, "{names:?}");
        assert_eq!(merged.footer.broken.len(), broken, "{names:?}");
        assert_eq!(merged.footer.complete, missing == 0);
    }
}

#[test]
fn the_worse_of_two_verdicts_stays_and_an_interrupted_shard_is_incomplete() {
    let first = stream(Some([1, 2]), &[("A-001", Verdict::Fail)], false);
    let mut second = stream(Some([2, 2]), &[("A-001", Verdict::Pass)], false);
    let merged = merge(vec![first.clone(), second.clone()]).unwrap();
    assert_eq!(merged.scenarios[0].scenario.verdict, Verdict::Fail);
    assert!(merged.footer.broken[0].contains("A-001 came to FAIL in 1of2 and to pass in 2of2"));
    second.1.footer.cut_short = Some(CutShort::Interrupted);
    second.1.footer.counts.not_run = 3;
    let merged = merge(vec![first, second]).unwrap();
    assert_eq!((merged.footer.exit, merged.footer.counts.not_run), (4, 3));
}

#[test]
fn streams_of_different_runs_are_refused_with_what_differs() {
    let first = stream(Some([1, 2]), &[("A-001", Verdict::Pass)], false);
    let mut other = stream(Some([2, 2]), &[("A-002", Verdict::Pass)], false);
    other.1.header.seed = 7;
    let error = merge(vec![first.clone(), other]).unwrap_err().to_string();
    assert!(error.starts_with("2of2: the seed differs from that of 1of2"), "{error}");
    let three = stream(Some([2, 3]), &[("A-002", Verdict::Pass)], false);
    assert!(merge(vec![first, three]).unwrap_err().to_string().contains("the sharding differs"));
    assert!(merge(Vec::new()).is_err());
}

#[test]
fn what_is_worse_or_gone_is_a_regression() {
    use Verdict::{Fail, NotApplicable, Pass, Warn};
    let run = |scenarios: &[(&str, Verdict)]| stream(None, scenarios, false).1;
    type Checks<'r> = &'r [(&'r str, Verdict)];
    let table: [(Checks, Checks, bool); 8] = [
        (&[("A-001", Pass)], &[("A-001", Pass)], false),
        (&[("A-001", Pass)], &[("A-001", Fail)], true),
        (&[("A-001", Pass)], &[("A-001", Warn)], true),
        (&[("A-001", Pass)], &[("A-001", NotApplicable)], true),
        (&[("A-001", Fail)], &[("A-001", Pass)], false),
        (&[("A-001", Fail)], &[("A-001", Fail)], false),
        (&[("A-001", Pass), ("A-002", Pass)], &[("A-001", Pass)], true),
        (&[("A-001", Pass)], &[("A-001", Pass), ("A-002", Fail)], false),
    ];
    for (before, after, regression) in table {
        let comparison = compare(&run(before), &run(after));
        assert_eq!(comparison.is_regression(), regression, "{before:?} {after:?}");
    }
    let (before, after) = (
        run(&[("A-001", Pass), ("A-002", Pass), ("A-003", Fail), ("A-005", Pass)]),
        run(&[("A-001", Fail), ("A-003", Pass), ("A-004", Pass), ("A-005", Pass)]),
    );
    insta::assert_snapshot!(compare(&before, &after), @"
    worse     A-001:every-page: pass → FAIL
    vanished  A-002:every-page (was pass)
    better    A-003:every-page: FAIL → pass
    new       A-004:every-page (pass)
    A regression: 1 worse, 1 vanished, 1 better, 1 new, 1 the same
    ");
}

#[test]
fn what_is_no_stream_is_refused_with_its_line_and_a_cut_off_one_is_read() {
    let whole: Vec<String> = run().iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let read = |lines: &[String]| Run::read(&lines.join("\n"));
    assert_eq!(read(&whole).unwrap().footer.exit, 3);
    let cut = read(&whole[..8]).unwrap();
    assert_eq!((cut.footer.exit, cut.footer.complete, cut.footer.missing.len()), (4, false, 1));
    let half = format!("{}\n{}", whole[..8].join("\n"), &whole[8][..20]);
    assert_eq!(Run::read(&half).unwrap(), cut);
    for (text, words) in [
        (String::new(), "line 1: no header"),
        ("{}".to_owned(), "line 1: no header"),
        (whole[3].clone(), "line 1: no header"),
        (whole[0].replace("\"schema\":1", "\"schema\":9"), "form 9"),
        (format!("{}\n{{\"record\":\"other\"}}\n{}", whole[0], whole[1]), "line 2: not a record"),
        (format!("{}\n{}", whole[0], whole[0]), "line 2: not a record of results.ndjson (a second header"),
    ] {
        let error = Run::read(&text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
