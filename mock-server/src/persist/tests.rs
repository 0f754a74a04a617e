use std::convert::Infallible;
use std::sync::Arc;

use serde_json::{Value, json};

use super::store::{KeptOrg, Store};
use super::{PersistError, Sync, tables};
use crate::org::change::Change;
use crate::org::seed::dev;
use crate::org::{Org, OrgOptions};

fn one(folder: &std::path::Path) -> (Arc<Store>, Org) {
    let store = Store::open(folder, Sync::Disk).unwrap();
    let mut orgs = store.orgs().unwrap();
    assert_eq!(orgs.len(), 1);
    let KeptOrg { name, ports, org } = orgs.remove(0);
    assert_eq!((name.as_str(), ports), ("acme", (81, None)));
    (store, org)
}

fn write(org: &Org, count: usize) {
    let text = "x".repeat(2_000);
    for _ in 0..count {
        let id = org.ids().next("00g");
        let value = json!({ "id": id, "profile": { "name": id, "description": text } });
        org.commit(org.clock().now(), |_| {
            Ok::<_, Infallible>(vec![Change::put("groups", id.as_str(), value.clone(), Value::Null)])
        })
        .unwrap();
    }
}

#[test]
fn a_long_log_is_cut_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sync::System).unwrap();
    let org = Org::new(&dev(), &OrgOptions::default()).unwrap();
    let org = store.keep(org, "acme").unwrap();
    org.listens(81, None);
    let mut groups = org.state().all("groups").len();
    write(&org, 1_500);
    groups += 1_500;
    // The cut happens beside the writing.
    let cut = || tables::log(store.database(), 0).unwrap().len() < 1_500;
    while !cut() {
        std::thread::yield_now();
        write(&org, 1);
        groups += 1;
    }
    let before = org.state();
    drop((org, store));

    let (store, org) = one(folder.path());
    assert_eq!(org.state().all("groups").len(), groups);
    let only_the_next_place =
        |parts: Vec<Vec<u8>>| parts.concat().iter().filter(|byte| **byte == b'\n').count() == 1;
    assert!(only_the_next_place(org.state().since(&before).unwrap()), "something differs");
    org.reset();
    write(&org, 3);
    drop((org, store));

    let (_store, org) = one(folder.path());
    assert_eq!(org.state().all("groups").len(), org.begun().1.all("groups").len() + 3);
}

#[test]
fn orgs_of_one_document_share_what_it_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sync::System).unwrap();
    let template = Org::new(&dev(), &OrgOptions::default()).unwrap();
    for name in ["a", "b"] {
        let fork = template.fork(&OrgOptions { name: Some(name.to_owned()), ..OrgOptions::default() });
        store.keep(fork, name).unwrap().listens(1, None);
    }
    drop(store);
    let orgs = Store::open(folder.path(), Sync::System).unwrap().orgs().unwrap();
    let [one, two] = [&orgs[0], &orgs[1]];
    assert!(Arc::ptr_eq(one.org.begun().0, two.org.begun().0));
    assert_eq!([one, two].map(|org| org.org.state().settings.name.clone()), ["a", "b"]);
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sync::System).unwrap();
    let transaction = store.database().begin_write().unwrap();
    transaction.open_table(tables::META).unwrap().insert("format", 99).unwrap();
    transaction.commit().unwrap();
    assert!(matches!(Store::open(folder.path(), Sync::System).unwrap_err(), PersistError::InUse(_)));
    drop(store);
    let error = Store::open(folder.path(), Sync::System).unwrap_err();
    assert!(matches!(error, PersistError::Newer { .. }), "{error}");
    assert!(error.to_string().contains("format 99"), "{error}");
}
