//! What a run makes in an org, written down before it is made: whatever ends the run, `orgtwin cleanup` finds it again.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What can be made, and so deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Made {
    /// A group.
    Group,
    /// A user.
    User,
    /// An app.
    App,
}

impl Made {
    /// The name that a JSON body gives to one.
    pub(crate) fn name_in(self, body: &Value) -> Option<&str> {
        body.pointer(&format!("/{}", self.name_at().replace('.', "/")))?.as_str()
    }

    /// Where its list is.
    pub(crate) fn list(self) -> &'static str {
        match self {
            Self::Group => "/api/v1/groups",
            Self::User => "/api/v1/users",
            Self::App => "/api/v1/apps",
        }
    }

    /// The attribute that holds its name.
    pub(crate) fn name_at(self) -> &'static str {
        match self {
            Self::Group => "profile.name",
            Self::User => "profile.login",
            Self::App => "label",
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum Line {
    /// The first line: the org and the run.
    Run { org: String, run: String },
    /// About to be made.
    Intent { number: u64, kind: Made, name: String },
    /// It was made.
    Made { number: u64, id: String },
    /// The org refused to make it.
    Refused { number: u64, status: u16 },
    /// It is gone.
    Gone { number: u64 },
}

/// Something that may be in the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its number.
    pub(crate) number: u64,
    /// Its kind.
    pub(crate) kind: Made,
    /// Its name.
    pub(crate) name: String,
    /// Its id, if the org told one.
    pub(crate) id: Option<String>,
    /// It is not there: refused, or gone since.
    pub(crate) settled: bool,
}

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// The file.
    #[error("--journal {}: {cause}", path.display())]
    File {
        /// As given.
        path: PathBuf,
        /// The operating system's words.
        cause: std::io::Error,
    },
    /// A line.
    #[error("--journal {}:{line}: not a line of a journal: {cause}", path.display())]
    Line {
        /// As given.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Why.
        cause: serde_json::Error,
    },
    /// No first line.
    #[error("--journal {}: it does not say of which org it is", .0.display())]
    Nameless(PathBuf),
}

/// A run's journal. Every line is on the disk before anything is asked of the org.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// The org's address.
    pub(crate) org: String,
    /// The run's id.
    pub(crate) run: String,
    entries: Vec<Entry>,
}

impl Journal {
    /// A new one; a file that is there already is not written over.
    ///
    /// # Errors
    /// [`JournalError::File`].
    pub(crate) fn create(path: &Path, org: &str, run: &str) -> Result<Self, JournalError> {
        let failed = |cause| JournalError::File { path: path.to_owned(), cause };
        let file = OpenOptions::new().create_new(true).append(true).open(path).map_err(failed)?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            org: org.to_owned(),
            run: run.to_owned(),
            entries: Vec::new(),
        };
        journal.write(&Line::Run { org: org.to_owned(), run: run.to_owned() })?;
        Ok(journal)
    }

    /// One that a run left behind. A last line that was cut off is one whose request was never made.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |cause| JournalError::File { path: path.to_owned(), cause };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        let (mut about, mut entries) = (None, Vec::new());
        for (at, line) in text.lines().enumerate() {
            match serde_json::from_str(line) {
                Ok(Line::Run { org, run }) => about = Some((org, run)),
                Ok(line) => enter(&mut entries, line),
                Err(_) if at + 1 == text.lines().count() && !text.ends_with('\n') => {}
                Err(cause) => return Err(JournalError::Line { path: path.to_owned(), line: at + 1, cause }),
            }
        }
        let Some((org, run)) = about else { return Err(JournalError::Nameless(path.to_owned())) };
        if !text.ends_with('\n') {
            let whole = text.rfind('\n').map_or(0, |end| end + 1);
            file.set_len(whole as u64).map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), file, org, run, entries })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// About to make one; its number.
    ///
    /// # Errors
    /// It cannot be written down, so it must not be made.
    pub(crate) fn intend(&mut self, kind: Made, name: &str) -> Result<u64, JournalError> {
        let number = self.entries.len() as u64 + 1;
        self.write(&Line::Intent { number, kind, name: name.to_owned() })?;
        Ok(number)
    }

    /// What came of it.
    ///
    /// # Errors
    /// It cannot be written down.
    pub(crate) fn settle(&mut self, number: u64, status: u16, id: Option<&str>) -> Result<(), JournalError> {
        match id {
            Some(id) if status < 300 => self.write(&Line::Made { number, id: id.to_owned() }),
            // Only a refusal says that nothing was made.
            _ if (400..500).contains(&status) => self.write(&Line::Refused { number, status }),
            _ => Ok(()),
        }
    }

    /// It is no longer there.
    ///
    /// # Errors
    /// It cannot be written down.
    pub(crate) fn gone(&mut self, number: u64) -> Result<(), JournalError> {
        self.write(&Line::Gone { number })
    }

    /// What may still be in the org, the youngest first.
    pub(crate) fn left(&self) -> Vec<Entry> {
        self.entries.iter().rev().filter(|entry| !entry.settled).cloned().collect()
    }

    /// This run made the object with this id.
    pub(crate) fn made(&self, kind: Made, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.kind == kind && entry.id.as_deref() == Some(id))
    }

    /// A request was answered that may have taken something away: what this run made is then no longer there.
    ///
    /// # Errors
    /// It cannot be written down.
    pub(crate) fn answered(&mut self, method: &str, path: &str, status: u16) -> Result<(), JournalError> {
        if method != "DELETE" || !(status < 300 || status == 404) {
            return Ok(());
        }
        let is_it = |entry: &&Entry| {
            entry.id.as_ref().is_some_and(|id| path == format!("{}/{id}", entry.kind.list()))
        };
        match self.entries.iter().find(is_it).map(|entry| entry.number) {
            Some(number) => self.gone(number),
            None => Ok(()),
        }
    }

    fn write(&mut self, line: &Line) -> Result<(), JournalError> {
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::other)
            .and_then(|text| self.file.write_all(format!("{text}\n").as_bytes()))
            .and_then(|()| self.file.sync_data());
        written.map_err(|cause| JournalError::File { path: self.path.clone(), cause })?;
        enter(&mut self.entries, line.clone());
        Ok(())
    }
}

fn enter(entries: &mut Vec<Entry>, line: Line) {
    let mut of = |number: u64, change: &dyn Fn(&mut Entry)| {
        entries.iter_mut().filter(|entry| entry.number == number).for_each(change);
    };
    match line {
        Line::Run { .. } => {}
        Line::Intent { number, kind, name } => {
            entries.push(Entry { number, kind, name, id: None, settled: false });
        }
        Line::Made { number, id } => of(number, &|entry| entry.id = Some(id.clone())),
        Line::Refused { number, .. } | Line::Gone { number } => of(number, &|entry| entry.settled = true),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_left_is_found_again_whatever_ended_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, "https://acme.okta.com", "r1").unwrap();
        let group = journal.intend(Made::Group, "conf-r1-a").unwrap();
        journal.settle(group, 200, Some("00g1")).unwrap();
        let refused = journal.intend(Made::Group, "conf-r1-b").unwrap();
        journal.settle(refused, 400, None).unwrap();
        let unknown = journal.intend(Made::User, "conf-r1-c@example.com").unwrap();
        journal.settle(unknown, 502, None).unwrap();
        let deleted = journal.intend(Made::Group, "conf-r1-d").unwrap();
        journal.settle(deleted, 200, Some("00g4")).unwrap();
        journal.gone(deleted).unwrap();
        drop(journal);
        assert!(Journal::create(&path, "https://acme.okta.com", "r2").is_err(), "never written over");
        // Killed in the middle of a line.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"entry\":\"int").unwrap();

        let mut journal = Journal::open(&path).unwrap();
        assert_eq!((journal.org.as_str(), journal.run.as_str()), ("https://acme.okta.com", "r1"));
        let names: Vec<String> = journal.left().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["conf-r1-c@example.com", "conf-r1-a"]);
        assert!(journal.made(Made::Group, "00g1") && !journal.made(Made::User, "00g1"));
        for (method, path, status, left) in [
            ("GET", "/api/v1/groups/00g1", 200, 2),
            ("DELETE", "/api/v1/groups/00g1", 403, 2),
            ("DELETE", "/api/v1/users/00g1", 204, 2),
            ("DELETE", "/api/v1/groups/00g1", 204, 1),
        ] {
            journal.answered(method, path, status).unwrap();
            assert_eq!(journal.left().len(), left, "{method} {path} {status}");
        }
        assert_eq!(Journal::open(&path).unwrap().left().len(), 1);
        std::fs::write(&path, "{\"entry\":\"what\"}\n").unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::Line { line: 1, .. })));
    }
}
