//! `orgtwin selftest`: the suite can fail. Clients with one bad habit, orgs that are unlike Okta in one way, and adapters
//! with bad manners are put to the suite; what notices each is declared in `fixtures/selftest/kills.toml`, and exactly that
//! has to fail (harness-anchors §8).
//!
//! The whole suite against every mutant is half a million checks. By default a mutant meets the scenarios that its
//! declaration names, with their controls, and a panel of one scenario of each area: the first show that it is noticed,
//! the panel that nothing else takes it for something that it is not. `--all` runs everything, by the same declarations and
//! a survey of what else was seen to fail.
//! The reference client runs before: it must pass, and what it does in each scenario says which scenarios a class has.

mod contained;
mod declared;
pub(crate) mod hostile;
mod hostile_http;
mod matrix;
mod survey;
mod trial;

use std::{
    collections::{BTreeSet, VecDeque},
    io::Write as _,
    path::Path,
    rc::Rc,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use futures::future::join_all;

use self::{
    contained::contained,
    declared::{Declared, Hostile, Reference, Wrong, declared, declared_in},
    matrix::{Matrix, Row},
    survey::{Survey, survey},
    trial::{Bench, Outcome, Trial},
};
use crate::{
    cli::SelftestArgs,
    client::{builtin::Builtin, builtin::mutants},
    fail,
    suite::{features, outcome::Verdict, outcome::exit, panics::PanicWatch},
    target::{Control, Target, http_client},
};

static WRONG_ORG: &str = include_str!("../../../fixtures/selftest/wrong-org.feature");

/// Scenarios of one mutant at a time.
const SCENARIOS_AT_A_TIME: usize = 3;

/// Something to try.
#[derive(Clone, Copy)]
enum Job {
    Client(&'static Wrong),
    Org(&'static Wrong),
    Scripted(&'static Wrong),
    /// All at once: they mostly wait.
    Adapters(&'static [Hostile]),
}

/// Runs the selftest and gives the exit code.
pub(crate) fn selftest(arguments: &SelftestArgs) -> u8 {
    let began = Instant::now();
    let table = arguments.table.as_deref().map_or_else(declared, declared_in);
    let declared = match table {
        Ok(declared) => declared,
        Err(error) => return fail(&error, exit::BROKEN),
    };
    let watch = PanicWatch::of_many();
    let tried = match try_all(arguments, declared) {
        Ok(tried) => tried,
        Err(error) => return fail(&error, exit::BROKEN),
    };
    let panics = watch.elsewhere();
    drop(watch);
    if let Some(panic) = panics.first() {
        return fail(&format!("the org panicked: {panic}"), exit::BROKEN);
    }
    if tried.rows.is_empty() {
        return fail(&"--only names nothing that is tried", exit::USAGE);
    }
    if let Some(file) = &arguments.renew_survey
        && let Err(error) = survey().and_then(|survey| renew(survey, &tried.rows, file))
    {
        return fail(&format!("--renew-survey {}: {error}", file.display()), exit::USAGE);
    }
    let mut suite = tried.checks;
    if arguments.only.is_empty() {
        suite.extend(declared.checks.iter().cloned());
    } else {
        suite.clear();
    }
    let matrix = Matrix::new(tried.rows, &suite, declared);
    let text = matrix.text();
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}\n{} in {:.1} s", matrix.summary(), began.elapsed().as_secs_f64());
    if let Some(folder) = &arguments.report_dir
        && let Err(error) = write(folder, &matrix)
    {
        return fail(&format!("--report-dir {}: {error}", folder.display()), exit::USAGE);
    }
    if matrix.is_good() { exit::CONFORMANT } else { exit::NON_CONFORMANT }
}

fn renew(survey: &Survey, rows: &[Row], file: &Path) -> Result<(), String> {
    survey.and(rows).write(file).map_err(|error| error.to_string())
}

fn write(folder: &Path, matrix: &Matrix) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("kill-matrix.txt"), format!("{}\n{}\n", matrix.text(), matrix.summary()))?;
    std::fs::write(folder.join("kill-matrix.json"), serde_json::to_vec_pretty(matrix)?)
}

/// What was tried, and every check that was made on the way.
#[derive(Default)]
struct Tried {
    rows: Vec<Row>,
    checks: BTreeSet<String>,
}

fn try_all(arguments: &SelftestArgs, declared: &'static Declared) -> Result<Tried, String> {
    let threads = match arguments.jobs {
        Some(jobs) => usize::from(jobs),
        None => crate::processors::at_a_time(),
    };
    // The adapters wait the longest, so they begin; rows are put in order afterwards.
    let mut jobs = vec![Job::Adapters(&declared.adapter), Job::Scripted(&declared.scripted)];
    jobs.extend(declared.client.iter().map(Job::Client));
    jobs.extend(declared.org.iter().map(Job::Org));
    let wanted = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
    jobs.retain(|job| match job {
        Job::Client(wrong) | Job::Org(wrong) | Job::Scripted(wrong) => wanted(&wrong.name),
        Job::Adapters(_) => wanted("adapters"),
    });
    let queue: Mutex<VecDeque<(usize, Job)>> = Mutex::new(jobs.into_iter().enumerate().collect());
    let done: Mutex<Vec<(usize, Vec<Row>, BTreeSet<String>)>> = Mutex::default();
    let runtime = here()?;
    // One process of orgs for all; each scenario makes one of its own.
    let target = runtime.block_on(async { Target::embedded(crate::cli::DEFAULT_SEED) });
    let target = target.map_err(|error| error.to_string())?;
    let url = target.control.url().to_owned();
    let reference =
        runtime.block_on(async { reference(&bench(&url)?, arguments.all, &queue, declared).await })?;
    let all = arguments.all;
    let survey = if all { survey()?.clone() } else { Survey::default() };
    let errand = Errand {
        url: &url,
        queue: &queue,
        done: &done,
        all,
        declared,
        expected: Expected { reference: &reference, survey: &survey },
    };
    std::thread::scope(|scope| {
        let work = || worker(&errand);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().map_err(|_| "a worker panicked".to_owned())??;
        }
        Ok::<(), String>(())
    })?;
    drop(target);
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(nth, ..)| *nth);
    let mut tried = Tried::default();
    for (_, rows, checks) in done {
        tried.rows.extend(rows);
        tried.checks.extend(checks);
    }
    Ok(tried)
}

fn here() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

type Queue = Mutex<VecDeque<(usize, Job)>>;
type Done = Mutex<Vec<(usize, Vec<Row>, BTreeSet<String>)>>;

/// What a worker works off, and by what.
struct Errand<'a> {
    url: &'a str,
    queue: &'a Queue,
    done: &'a Done,
    all: bool,
    declared: &'a Declared,
    expected: Expected<'a>,
}

/// What was found out about failures that no row names by themselves.
#[derive(Clone, Copy)]
struct Expected<'a> {
    reference: &'a Reference,
    survey: &'a Survey,
}

/// What the reference client does in the scenarios that a class may be about. It has no bad habit: it must pass.
async fn reference(
    bench: &Bench,
    all: bool,
    queue: &Queue,
    declared: &Declared,
) -> Result<Reference, String> {
    let jobs: Vec<Job> =
        queue.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(_, job)| *job).collect();
    let mut wanted = BTreeSet::new();
    for job in jobs {
        if let Job::Client(wrong) | Job::Org(wrong) = job
            && (all || wrong.classes().next().is_some())
        {
            wanted.extend(scenarios(bench, wrong, all, declared, false));
        }
    }
    if wanted.is_empty() {
        return Ok(Reference::default());
    }
    let trial = Trial {
        driver: Box::new(Builtin::new(None)),
        mutations: Vec::new(),
        scenarios: wanted.into_iter().collect(),
        op: None,
        jobs: SCENARIOS_AT_A_TIME,
    };
    let outcome = bench.run(trial).await;
    if let Some(cause) = outcome.not_begun {
        return Err(format!("the reference client: {cause}"));
    }
    let failing = outcome.checks.iter().filter(|(_, verdict)| **verdict != Verdict::Pass);
    let failing: Vec<String> = failing
        .map(|(id, _)| format!("{id} ({})", outcome.observed.get(id).map_or("", String::as_str)))
        .collect();
    if failing.is_empty() {
        return Ok(Reference(outcome.deeds));
    }
    Err(format!(
        "the reference client does not pass, so nothing can be said of the others: {}",
        failing.join("; ")
    ))
}

fn bench(url: &str) -> Result<Bench, String> {
    let mut sources = features::sources(None).map_err(|fault| fault.to_string())?;
    sources.push(("wrong-org.feature".to_owned(), WRONG_ORG.to_owned()));
    let mut cases = Vec::new();
    for (path, text) in &sources {
        let feature = features::parse(path, text).map_err(|fault| fault.to_string())?;
        cases.extend(features::cases(&feature));
    }
    // A client of its own: connections belong to the runtime that opened them.
    let http = http_client().map_err(|error| error.to_string())?;
    Ok(Bench::new(Control::new(http, url, None), Rc::new(cases)))
}

fn worker(errand: &Errand<'_>) -> Result<(), String> {
    let (runtime, bench) = (here()?, bench(errand.url)?);
    loop {
        let next = errand.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some((nth, job)) = next else { return Ok(()) };
        let began = Instant::now();
        let (rows, checks) = runtime.block_on(attempt(&bench, job, errand))?;
        // What takes an hour says how far it is.
        if errand.all {
            let left = errand.queue.lock().unwrap_or_else(PoisonError::into_inner).len();
            let mut err = std::io::stderr().lock();
            for row in &rows {
                let _ =
                    writeln!(err, "{} s, {left} left: {}", began.elapsed().as_secs(), row.text().trim_end());
            }
        }
        errand.done.lock().unwrap_or_else(PoisonError::into_inner).push((nth, rows, checks));
    }
}

async fn attempt(
    bench: &Bench,
    job: Job,
    errand: &Errand<'_>,
) -> Result<(Vec<Row>, BTreeSet<String>), String> {
    let (all, declared) = (errand.all, errand.declared);
    let (kind, wrong) = match job {
        Job::Adapters(adapters) => {
            let rows = join_all(adapters.iter().map(|adapter| contained(bench, adapter))).await;
            return Ok((rows.into_iter().collect::<Result<_, _>>()?, BTreeSet::new()));
        }
        Job::Client(wrong) => ("client", wrong),
        Job::Org(wrong) => ("org", wrong),
        Job::Scripted(wrong) => ("scripted", wrong),
    };
    let mutant = match job {
        Job::Client(wrong) => {
            Some(mutants::find(&wrong.name).ok_or_else(|| format!("there is no mutant {}", wrong.name))?)
        }
        _ => None,
    };
    let outcome = bench
        .run(Trial {
            driver: Box::new(Builtin::new(mutant)),
            mutations: if kind == "org" { vec![wrong.name.clone()] } else { Vec::new() },
            scenarios: scenarios(bench, wrong, all && kind != "scripted", declared, kind == "scripted"),
            op: None,
            jobs: SCENARIOS_AT_A_TIME,
        })
        .await;
    if let Some(cause) = outcome.not_begun {
        return Err(format!("{}: {cause}", wrong.name));
    }
    // An error is no check of the suite's: it says that there was none.
    let made = outcome.checks.iter().filter(|(_, verdict)| **verdict != Verdict::Error);
    let slugs = made.filter_map(|(id, _)| Some(id.split_once(':')?.1.to_owned()));
    let slugs = slugs.filter(|slug| slug != "prerequisite").collect();
    let mut row = judged(kind, wrong, &outcome, declared, errand.expected);
    if !all {
        row.idle.clear();
    }
    Ok((vec![row], slugs))
}

/// The scenarios that a mutant meets.
fn scenarios(bench: &Bench, wrong: &Wrong, all: bool, declared: &Declared, alone: bool) -> Vec<String> {
    let own = |id: &&str| id.starts_with("WRONG-");
    if all {
        let ids = bench.cases.iter().map(|case| case.id.as_str());
        return ids.filter(|id| !own(id)).map(ToOwned::to_owned).collect();
    }
    let named = wrong.killed_by.iter().filter_map(|id| Some(id.split_once(':')?.0.to_owned()));
    let mut scenarios: BTreeSet<String> = named.collect();
    if !alone {
        scenarios.extend(declared.panel.iter().cloned());
    }
    scenarios.into_iter().collect()
}

fn judged(
    kind: &'static str,
    wrong: &Wrong,
    outcome: &Outcome,
    declared: &Declared,
    Expected { reference, survey }: Expected<'_>,
) -> Row {
    let noticed = |id: &&String| matches!(outcome.checks.get(*id), Some(Verdict::Fail | Verdict::Warn));
    let failing = outcome.checks.iter().filter(|(_, verdict)| **verdict != Verdict::Pass);
    let mut row = Row {
        killed_by: wrong.killed_by.iter().filter(noticed).cloned().collect(),
        silent: wrong.killed_by.iter().filter(|id| !noticed(id)).cloned().collect(),
        ..Row::of(kind, &wrong.name)
    };
    let mut needed = BTreeSet::new();
    for (id, verdict) in failing {
        match wrong.expects(id, declared, reference).filter(|_| *verdict != Verdict::Error) {
            Some(one) if one == id && wrong.killed_by.contains(id) => {}
            Some(one) => {
                needed.insert(one.to_owned());
                row.collateral += 1;
            }
            None if survey.has(&wrong.name, id) => row.collateral += 1,
            None => {
                let observed = outcome.observed.get(id).map_or("", String::as_str);
                row.undeclared.push(format!("{id} ({observed})"));
            }
        }
    }
    row.idle = wrong.collateral.iter().filter(|one| !needed.contains(*one)).cloned().collect();
    row
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use regex::Regex;

    use super::{declared::Deed, *};
    use crate::client::builtin::habits;

    /// Every source of a folder of this crate.
    fn sources(folder: &str) -> String {
        let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)];
        let mut text = String::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => text.push_str(&std::fs::read_to_string(path).unwrap()),
                }
            }
        }
        text
    }

    #[test]
    fn the_table_names_every_mutant_and_nothing_else() {
        let declared = declared().unwrap();
        let clients: Vec<&str> = declared.client.iter().map(|wrong| wrong.name.as_str()).collect();
        let mutants: Vec<&str> = habits::all().map(|mutant| mutant.name).collect();
        let (clients, mutants): (BTreeSet<_>, BTreeSet<_>) =
            (clients.into_iter().collect(), mutants.into_iter().collect());
        assert_eq!(clients, mutants);
        assert!(declared.client.len() >= 30 && declared.org.len() >= 15 && declared.adapter.len() >= 12);
    }

    #[test]
    fn every_scenario_that_is_named_exists() {
        let mut known: BTreeSet<String> = BTreeSet::new();
        for (path, text) in features::sources(None).unwrap() {
            known.extend(
                features::cases(&features::parse(&path, &text).unwrap()).into_iter().map(|case| case.id),
            );
        }
        let wrong = features::cases(&features::parse("wrong-org.feature", WRONG_ORG).unwrap());
        known.extend(wrong.into_iter().map(|case| case.id));
        let declared = declared().unwrap();
        let rows = declared.client.iter().chain(&declared.org).chain([&declared.scripted]);
        let named = rows.flat_map(|wrong| &wrong.killed_by).map(|id| id.split_once(':').unwrap().0);
        for scenario in named.chain(declared.panel.iter().map(String::as_str)) {
            assert!(known.contains(scenario), "there is no scenario {scenario}");
        }
    }

    #[test]
    fn the_survey_is_of_mutants_scenarios_and_checks_that_there_are() {
        let declared = declared().unwrap();
        let mut scenarios: BTreeSet<String> = BTreeSet::new();
        for (path, text) in features::sources(None).unwrap() {
            let feature = features::parse(&path, &text).unwrap();
            scenarios.extend(features::cases(&feature).into_iter().map(|case| case.id));
        }
        let all: Vec<&Wrong> = declared.client.iter().chain(&declared.org).collect();
        for (mutant, id) in survey().unwrap().entries() {
            let wrong = all.iter().find(|wrong| wrong.name == mutant);
            let wrong = wrong.unwrap_or_else(|| panic!("there is no mutant {mutant}"));
            let (scenario, check) = id.split_once(':').unwrap();
            // A client that its habit makes so slow that it answers too late.
            let late = check == "adapter";
            let known = late || check == "prerequisite" || declared.checks.iter().any(|one| one == check);
            assert!(known && scenarios.contains(scenario), "{mutant}: there is no {id}");
            assert!(!wrong.killed_by.contains(&id), "{mutant}: {id} must fail, it stands in kills.toml");
        }
    }

    #[test]
    fn the_table_names_every_check_that_the_suite_makes() {
        let text = [sources("steps"), sources("checks")].concat();
        let declared = declared().unwrap();
        for slug in &declared.checks {
            // One phrase makes two checks, of the state and of the nonce.
            let made = slug.strip_suffix("-sent").filter(|of| ["state", "nonce"].contains(of));
            let literal = made.map_or_else(|| format!("\"{slug}\""), |_| "{name}-sent".to_owned());
            assert!(text.contains(&literal), "no step makes the check {slug}");
        }
        // As checks are written: the slug is the first text of a call that judges, or of a row of the monitors.
        let written = Regex::new(
            r#"(?:judge\w*|every_\w+|check|absent|of_the_\w+)\(\s*world,\s*\(?\s*"([a-z0-9-]+)",|world\s*\.(?:judge|judge_at|check)\(\s*"([a-z0-9-]+)"|\(\s*"([a-z0-9-]+)", Level::"#,
        );
        let known: BTreeSet<&str> = declared.checks.iter().map(String::as_str).collect();
        let mut found = 0;
        for capture in written.unwrap().captures_iter(&text) {
            let slug = (1..=3).find_map(|group| capture.get(group)).unwrap().as_str();
            assert!(known.contains(slug), "the check {slug} is not in fixtures/selftest/kills.toml");
            found += 1;
        }
        assert!(found > 80, "the steps are written otherwise: only {found} checks were found in them");
    }

    /// What has to be noticed by what; `orgtwin selftest` shows that it is.
    #[test]
    fn the_kill_matrix() {
        let declared = declared().unwrap();
        let row = |kind, name: String, killed_by| Row { killed_by, ..Row::of(kind, &name) };
        let of = |kind, wrongs: &[Wrong]| -> Vec<Row> {
            wrongs.iter().map(|wrong| row(kind, wrong.name.clone(), wrong.killed_by.clone())).collect()
        };
        let mut rows = of("client", &declared.client);
        rows.extend(of("org", &declared.org));
        rows.extend(of("scripted", std::slice::from_ref(&declared.scripted)));
        let adapters = declared.adapter.iter();
        rows.extend(adapters.map(|one| row("adapter", one.name(), vec![format!("exit {}", one.exit)])));
        let matrix = Matrix::new(rows, &declared.checks.iter().cloned().collect(), declared);
        assert_eq!(matrix.without_killer, Vec::<String>::new());
        insta::assert_snapshot!(matrix.text());
    }

    #[test]
    fn what_is_alive_or_undeclared_is_no_success() {
        let wrong = Wrong {
            name: "x".to_owned(),
            killed_by: vec!["A-001:told".to_owned()],
            collateral: vec!["received".to_owned(), "B-001:answered".to_owned()],
        };
        let outcome = |checks: &[(&str, Verdict)]| Outcome {
            checks: checks.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect(),
            observed: BTreeMap::new(),
            ..Outcome::default()
        };
        let killed = ("A-001:told", Verdict::Fail);
        for (checks, good) in [
            (vec![killed], true),
            (vec![("A-001:told", Verdict::Warn)], true),
            (vec![killed, ("C-001:received", Verdict::Fail), ("B-001:answered", Verdict::Fail)], true),
            (vec![("A-001:told", Verdict::Pass)], false),
            (vec![("A-001:told", Verdict::Error)], false),
            (vec![], false),
            (vec![killed, ("C-001:answered", Verdict::Fail)], false),
            (vec![killed, ("C-001:received", Verdict::Error)], false),
        ] {
            let (reference, survey) = (Reference::default(), Survey::default());
            let expected = Expected { reference: &reference, survey: &survey };
            let row = judged("client", &wrong, &outcome(&checks), declared().unwrap(), expected);
            assert_eq!(row.is_good(), good, "{checks:?}");
        }
    }

    #[test]
    fn a_class_covers_its_checks_in_its_scenarios_and_nothing_else() {
        let declared = declared().unwrap();
        let class = declared.class("no-token").unwrap();
        let wrong = Wrong {
            name: "x".to_owned(),
            killed_by: vec!["A-001:told".to_owned()],
            collateral: vec!["class:no-token".to_owned()],
        };
        let deeds = |deeds: &[Deed]| deeds.iter().copied().collect::<BTreeSet<_>>();
        let reference = Reference(BTreeMap::from([
            ("A-001".to_owned(), deeds(&[class.scenarios])),
            ("B-001".to_owned(), deeds(&[Deed::SendsARequest])),
        ]));
        let expects = |id: &str| wrong.expects(id, declared, &reference);
        assert_eq!(expects("A-001:token-issued"), Some("class:no-token"));
        assert_eq!(expects("A-001:no-such-check"), None);
        assert_eq!(expects("B-001:token-issued"), None, "the reference client asks for no token there");
        assert_eq!(expects("C-001:token-issued"), None, "a scenario that was not run");
    }

    #[test]
    fn classes_are_known_say_why_and_are_of_checks_of_the_suite() {
        let declared = declared().unwrap();
        for class in &declared.class {
            assert!(class.why.split_whitespace().count() > 5, "{} does not say why", class.name);
            for check in &class.checks {
                let known = check == "prerequisite" || declared.checks.contains(check);
                assert!(known, "the class {} names the check {check}, which nothing makes", class.name);
            }
        }
        for wrong in declared.client.iter().chain(&declared.org) {
            for class in wrong.classes() {
                assert!(declared.class(class).is_some(), "{}: there is no class {class}", wrong.name);
            }
            assert!(!wrong.collateral.iter().any(|one| one.contains('*')), "{} has a wildcard", wrong.name);
        }
    }
}
