//! The tables, and what is done to them.

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

/// The format, by the name of the fact.
pub(super) const META: TableDefinition<'_, &str, u32> = TableDefinition::new("meta");
/// Orgs: rows in JSON, by number.
pub(super) const ORGS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("orgs");
/// What documents made: number of the base, number of the part. Part [`CREDENTIALS`] is what a developer needs.
pub(super) const BASES: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("bases");
/// What differs from the beginning: org, snapshot (empty: the org itself), part.
pub(super) const STATES: TableDefinition<'_, (u32, &str, u32), &[u8]> = TableDefinition::new("states");
/// Commits: org, number.
pub(super) const LOG: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("log");
/// Key pairs of custom authorization servers, in PKCS#8, by key id.
pub(super) const KEYS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("keys");

/// The part of a base that holds credentials.
pub(super) const CREDENTIALS: u32 = u32::MAX;

/// Something to be written.
#[derive(Debug)]
pub(super) enum Op {
    /// A base and its credentials.
    Base { base: u32, parts: Vec<Vec<u8>>, credentials: Vec<u8> },
    /// An org as it is now.
    Org { org: u32, row: Vec<u8> },
    /// A commit.
    Commit { org: u32, number: u64, bytes: Vec<u8> },
    /// The org is in this state; the commits before this number no longer count.
    State { org: u32, before: u64, parts: Vec<Vec<u8>> },
    /// A snapshot; no parts: it is gone.
    Snapshot { org: u32, id: String, parts: Option<Vec<Vec<u8>>> },
    /// The org is gone.
    Forget { org: u32 },
    /// A key pair.
    Key { kid: String, der: Vec<u8> },
}

/// Writes all of them or nothing.
pub(super) fn write(database: &Database, ops: &[Op]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    for op in ops {
        apply(&transaction, op)?;
    }
    transaction.commit()?;
    Ok(())
}

fn apply(transaction: &WriteTransaction, op: &Op) -> Result<(), redb::Error> {
    match op {
        Op::Base { base, parts, credentials } => {
            let mut table = transaction.open_table(BASES)?;
            for (nth, part) in (0..).zip(parts) {
                table.insert((*base, nth), part.as_slice())?;
            }
            table.insert((*base, CREDENTIALS), credentials.as_slice())?;
        }
        Op::Org { org, row } => {
            transaction.open_table(ORGS)?.insert(org, row.as_slice())?;
        }
        Op::Commit { org, number, bytes } => {
            transaction.open_table(LOG)?.insert((*org, *number), bytes.as_slice())?;
        }
        Op::State { org, before, parts } => {
            transaction.open_table(LOG)?.retain_in((*org, 0)..(*org, *before), |_, _| false)?;
            replace(transaction, *org, "", parts)?;
        }
        Op::Snapshot { org, id, parts } => {
            replace(transaction, *org, id, parts.as_deref().unwrap_or_default())?
        }
        Op::Forget { org } => {
            transaction.open_table(ORGS)?.remove(org)?;
            transaction.open_table(LOG)?.retain_in((*org, 0)..=(*org, u64::MAX), |_, _| false)?;
            transaction.open_table(STATES)?.retain_in((*org, "", 0)..(*org + 1, "", 0), |_, _| false)?;
        }
        Op::Key { kid, der } => {
            transaction.open_table(KEYS)?.insert(kid.as_str(), der.as_slice())?;
        }
    }
    Ok(())
}

fn replace(
    transaction: &WriteTransaction,
    org: u32,
    label: &str,
    parts: &[Vec<u8>],
) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(STATES)?;
    table.retain_in((org, label, 0)..=(org, label, u32::MAX), |_, _| false)?;
    for (nth, part) in (0..).zip(parts) {
        table.insert((org, label, nth), part.as_slice())?;
    }
    Ok(())
}

/// Makes the tables that are not there, and says which format the database has; a new one gets `format`.
pub(super) fn prepare(database: &Database, format: u32) -> Result<u32, redb::Error> {
    let transaction = database.begin_write()?;
    let found = {
        let mut meta = transaction.open_table(META)?;
        let known = meta.get("format")?.map(|value| value.value());
        if known.is_none() {
            meta.insert("format", format)?;
        }
        known.unwrap_or(format)
    };
    if found <= format {
        transaction.open_table(ORGS)?;
        transaction.open_table(BASES)?;
        transaction.open_table(STATES)?;
        transaction.open_table(LOG)?;
        transaction.open_table(KEYS)?;
        transaction.commit()?;
    }
    Ok(found)
}

/// Forgets the bases that no org has, and what was written of orgs while they were deleted.
pub(super) fn sweep(database: &Database, bases: &[u32], orgs: &[u32]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(BASES)?.retain(|(base, _), _| bases.contains(&base))?;
    transaction.open_table(ORGS)?.retain(|org, _| orgs.contains(&org))?;
    transaction.open_table(LOG)?.retain(|(org, _), _| orgs.contains(&org))?;
    transaction.open_table(STATES)?.retain(|(org, ..), _| orgs.contains(&org))?;
    transaction.commit()?;
    Ok(())
}

/// The parts of a base, and its credentials.
pub(super) fn base(database: &Database, base: u32) -> Result<(Vec<Vec<u8>>, Vec<u8>), redb::Error> {
    let table = database.begin_read()?.open_table(BASES)?;
    let (mut parts, mut credentials) = (Vec::new(), Vec::new());
    for entry in table.range((base, 0)..=(base, CREDENTIALS))? {
        let (key, value) = entry?;
        match key.value() {
            (_, CREDENTIALS) => credentials = value.value().to_vec(),
            _ => parts.push(value.value().to_vec()),
        }
    }
    Ok((parts, credentials))
}

/// The parts of a state.
pub(super) fn state(database: &Database, org: u32, label: &str) -> Result<Vec<Vec<u8>>, redb::Error> {
    let table = database.begin_read()?.open_table(STATES)?;
    let mut parts = Vec::new();
    for entry in table.range((org, label, 0)..=(org, label, u32::MAX))? {
        parts.push(entry?.1.value().to_vec());
    }
    Ok(parts)
}

/// The commits of an org, in order.
pub(super) fn log(database: &Database, org: u32) -> Result<Vec<(u64, Vec<u8>)>, redb::Error> {
    let table = database.begin_read()?.open_table(LOG)?;
    let mut commits = Vec::new();
    for entry in table.range((org, 0)..=(org, u64::MAX))? {
        let (key, value) = entry?;
        commits.push((key.value().1, value.value().to_vec()));
    }
    Ok(commits)
}

/// The orgs.
pub(super) fn orgs(database: &Database) -> Result<Vec<(u32, Vec<u8>)>, redb::Error> {
    let table = database.begin_read()?.open_table(ORGS)?;
    let mut orgs = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        orgs.push((key.value(), value.value().to_vec()));
    }
    Ok(orgs)
}

/// The key pairs.
pub(super) fn keys(database: &Database) -> Result<Vec<(String, Vec<u8>)>, redb::Error> {
    let table = database.begin_read()?.open_table(KEYS)?;
    let mut keys = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        keys.push((key.value().to_owned(), value.value().to_vec()));
    }
    Ok(keys)
}
