//! Every switch of the dialect, one after the other: an org that has it otherwise is told from a twin, and the switch is
//! named.

use std::collections::BTreeMap;

use super::*;

/// Compares an org of this dialect with a twin of the default one; writes, if the twin may.
async fn compared<'a>(twins: &Twins<'a>, dialect: &Dialect, twin: &mut Asker<'a>) -> Report {
    let mut target = twins.with(dialect, twin.allow_writes).await.unwrap();
    let ids: Vec<&String> = twin.observations.all.iter().map(|observation| &observation.id).collect();
    beside(twins, (&Dialect::new(), twin), &mut target, &ids).await.unwrap()
}

fn run<F: Future<Output = ()>>(future: F) {
    // Whichever test is first installs it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
}

#[test]
fn two_orgs_of_one_dialect_have_no_difference() {
    run(async {
        let observations = observation::load().unwrap();
        let twins = Twins::start(&observations).unwrap();
        let mut writing = twins.with(&Dialect::new(), true).await.unwrap();
        let report = compared(&twins, &Dialect::new(), &mut writing).await;
        assert!(report.differences.is_empty() && report.not_made.is_empty(), "{}", report.terminal());
        assert_eq!(report.made.len(), observations.all.len());
        assert!(report.dialect.is_empty() && report.left_behind.is_empty(), "{}", report.terminal());
        // What writes is left out unless it is allowed, and named.
        let mut reading = twins.with(&Dialect::new(), false).await.unwrap();
        let report = compared(&twins, &Dialect::new(), &mut reading).await;
        let writes = observations.all.iter().filter(|observation| observation.writes).count();
        assert_eq!(report.not_made.len(), writes);
        assert!(report.not_made.iter().all(|left| left.reason == "needs --allow-writes"));
    });
}

#[test]
fn every_switch_is_told_by_its_name() {
    run(async {
        let observations = observation::load().unwrap();
        let twins = Twins::start(&observations).unwrap();
        let switches = dialects::switches().unwrap();
        let questions = question::load(&switches, &observations).unwrap();
        let (mut reading, mut writing) = (
            twins.with(&Dialect::new(), false).await.unwrap(),
            twins.with(&Dialect::new(), true).await.unwrap(),
        );
        let mut silent = Vec::new();
        for (switch, question) in switches.iter().zip(&questions) {
            for value in switch.values.iter().filter(|value| **value != switch.default) {
                let dialect = BTreeMap::from([(switch.name.clone(), value.clone())]);
                // Only what reading does not show takes writes.
                let looks_by_writing =
                    question.looks.iter().all(|look| observations.get(&look.at).unwrap().writes);
                let twin = if looks_by_writing { &mut writing } else { &mut reading };
                let report = compared(&twins, &dialect, twin).await;
                if report.differences.is_empty() {
                    silent.push(switch.name.clone());
                    assert!(question.unobservable.is_some(), "{} = {value} is not seen", switch.name);
                    continue;
                }
                let name = vec![format!("{} = {value:?}", switch.name)];
                for finding in &report.differences {
                    assert_eq!(finding.explained_by, name, "{}", report.terminal());
                }
                assert_eq!(report.dialect, dialect, "{}", report.terminal());
            }
        }
        let said: Vec<_> =
            questions.iter().filter(|one| one.unobservable.is_some()).map(|one| &one.switch).collect();
        assert_eq!(
            silent.iter().collect::<Vec<_>>(),
            said,
            "what no client can observe is listed, with its reason"
        );
    });
}

#[test]
fn what_is_no_switch_is_a_difference_without_an_explanation() {
    run(async {
        let observations = observation::load().unwrap();
        let twins = Twins::start(&observations).unwrap();
        // An org whose service app has lost its role.
        let mut changed = observation::load().unwrap();
        for app in changed.twin["apps"].as_array_mut().unwrap() {
            if app["name"].as_str() == Some("service-app") {
                app.as_table_mut().unwrap().remove("admin_roles");
            }
        }
        let others = Twins::start(&changed).unwrap();
        let mut target = others.with(&Dialect::new(), false).await.unwrap();
        let ids: Vec<&String> = observations.all.iter().map(|observation| &observation.id).collect();
        let mut twin = twins.with(&Dialect::new(), false).await.unwrap();
        let report = beside(&twins, (&Dialect::new(), &mut twin), &mut target, &ids).await.unwrap();
        let found: Vec<_> = report
            .differences
            .iter()
            .map(|one| (one.observation.as_str(), one.difference.aspect.as_str()))
            .collect();
        assert!(found.contains(&("SERVICE-USERS", "elements")), "{}", report.terminal());
        assert!(
            found.iter().all(|(observation, _)| *observation == "SERVICE-USERS"),
            "{}",
            report.terminal()
        );
        let unexplained = report.differences.iter().find(|one| one.difference.aspect == "elements").unwrap();
        assert_eq!(unexplained.explained_by, [""; 0]);
    });
}
