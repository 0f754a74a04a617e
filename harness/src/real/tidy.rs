//! What a run has made is taken away again, by its journal; and what other runs have left is found by its name.

use super::{
    caller::CallError,
    journal::{Entry, Made},
    org::RealOrg,
    rules::PREFIX,
};

/// Deletes what the journal says may still be there; how much, and what did not come off. Done again, it finds nothing.
pub(crate) async fn tidy_up(org: &RealOrg) -> (usize, Vec<String>) {
    let left = org.caller.with_journal(|journal| journal.left()).unwrap_or_default();
    let (mut deleted, mut troubles) = (0, Vec::new());
    for entry in left {
        match take_away(org, &entry).await {
            Ok(there) => deleted += usize::from(there),
            Err(cause) => troubles.push(format!("{} is still in the org: {cause}", entry.name)),
        }
    }
    (deleted, troubles)
}

/// Whether it was there.
async fn take_away(org: &RealOrg, entry: &Entry) -> Result<bool, CallError> {
    let id = match &entry.id {
        Some(id) => Some(id.clone()),
        None => find(org, entry.kind, &entry.name).await?,
    };
    let mut there = false;
    if let Some(id) = id {
        // Only what is in the journal with its id may be deleted.
        if entry.id.is_none() {
            org.caller.with_journal(|journal| journal.settle(entry.number, 200, Some(&id))).transpose()?;
        }
        let path = format!("{}/{id}", entry.kind.list());
        let delete = ("DELETE", path.clone());
        let steps = match entry.kind {
            Made::Group => vec![delete],
            // The first deletion of a user deactivates, the second deletes.
            Made::User => vec![delete.clone(), delete],
            Made::App => vec![("POST", format!("{path}/lifecycle/deactivate")), delete],
        };
        for (method, path) in steps {
            match org.tidy(method, &path).await? {
                (404, _) => break,
                (status, _) if status < 300 => there = true,
                (status, body) => {
                    let what = format!("{method} {path}");
                    return Err(CallError::Answer { what, status, body: body["errorSummary"].to_string() });
                }
            }
        }
    }
    org.caller.with_journal(|journal| journal.gone(entry.number)).transpose()?;
    Ok(there)
}

/// The id of what has exactly this name.
async fn find(org: &RealOrg, kind: Made, name: &str) -> Result<Option<String>, CallError> {
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let path = match kind {
        // A search may not know yet what was made a moment ago; these do.
        Made::Group | Made::App => format!("{}?q={encoded}", kind.list()),
        Made::User => format!("{}/{encoded}", kind.list()),
    };
    let what = format!("GET {path}");
    match org.tidy("GET", &path).await? {
        (404, _) => Ok(None),
        (200, found) => {
            let mut all = found.as_array().cloned().unwrap_or_else(|| vec![found]).into_iter();
            let one = all.find(|one| kind.name_in(one) == Some(name));
            Ok(one.and_then(|one| one["id"].as_str().map(ToOwned::to_owned)))
        }
        (status, body) => Err(CallError::Answer { what, status, body: body["errorSummary"].to_string() }),
    }
}

/// The names of what runs have left, this one's or others'; `last` once everything is tidied up.
///
/// # Errors
/// [`CallError`].
pub(crate) async fn leftovers(org: &RealOrg, last: bool) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    for kind in [Made::Group, Made::User] {
        let path = format!("{}?q={PREFIX}&limit=20", kind.list());
        let found =
            if last { org.tidy("GET", &path).await?.1 } else { org.administer("GET", &path, None).await? };
        let name = |one: &serde_json::Value| kind.name_in(one).map(ToOwned::to_owned);
        let ours = found.as_array().into_iter().flatten().filter_map(name);
        names.extend(ours.filter(|name| name.starts_with(PREFIX)));
    }
    Ok(names)
}
