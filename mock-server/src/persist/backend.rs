//! The database's file. Written pages go to the operating system in the order in which the database writes them, so that
//! a killed process leaves a file that the database recovers by itself; whether the disk is flushed as well is an option.

use std::fs::File;
use std::io;

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::Sync;

#[derive(Debug)]
pub(super) struct Backend {
    file: FileBackend,
    sync: Sync,
}

impl Backend {
    pub(super) fn new(file: File, sync: Sync) -> Result<Self, redb::DatabaseError> {
        Ok(Self { file: FileBackend::new(file)?, sync })
    }
}

/// Locks are not passed on: the folder has a lock of its own.
impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.sync {
            Sync::System => Ok(()),
            Sync::Disk => self.file.sync_data(),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}
