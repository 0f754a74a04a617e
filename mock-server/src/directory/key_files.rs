//! Private keys of clients as files, for programs that want a path. The same key is one file for all orgs that have
//! it; the file goes with the last of them.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::CreateError;
use crate::org::seed::Credentials;

/// The files that were written.
#[derive(Debug)]
pub(super) struct KeyFiles {
    dir: PathBuf,
    files: Mutex<HashMap<String, Weak<KeyFile>>>,
}

/// A file of ours, removed when nobody needs it.
#[derive(Debug)]
pub(super) struct KeyFile {
    /// Where it is.
    pub(super) path: PathBuf,
    ours: bool,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "a key file was not removed");
        }
    }
}

impl KeyFiles {
    /// Files in this folder, which is made when the first one is written.
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, files: Mutex::default() }
    }

    /// The key files of an org's clients, in their order.
    ///
    /// # Errors
    /// [`CreateError::KeyFile`] when one cannot be written.
    pub(super) fn of(
        &self,
        org: &str,
        credentials: &Credentials,
    ) -> Result<Vec<Option<Arc<KeyFile>>>, CreateError> {
        let mut files = self.files.lock();
        let mut of_clients = Vec::with_capacity(credentials.clients.len());
        for client in &credentials.clients {
            let Some(pem) = &client.private_key_pem else {
                of_clients.push(None);
                continue;
            };
            if let Some(file) = files.get(pem).and_then(Weak::upgrade) {
                of_clients.push(Some(file));
                continue;
            }
            files.retain(|_, file| file.strong_count() > 0);
            let file = Arc::new(self.write(&[client.name.as_str(), org], pem)?);
            files.insert(pem.clone(), Arc::downgrade(&file));
            of_clients.push(Some(file));
        }
        Ok(of_clients)
    }

    /// Writes the certificate of the CA; it stays until the folder goes.
    ///
    /// # Errors
    /// [`CreateError::KeyFile`] when it cannot be written.
    pub(super) fn ca(&self, pem: &str) -> Result<PathBuf, CreateError> {
        let path = self.dir.join("ca.pem");
        let written = fs::create_dir_all(&self.dir).and_then(|()| fs::write(&path, pem));
        written.map_err(|source| CreateError::KeyFile { path: path.clone(), source })?;
        Ok(path)
    }

    /// Writes a key under the first name that is free: `CLIENT.pem`, `CLIENT-ORG.pem`, `CLIENT-ORG-2.pem`, …
    fn write(&self, names: &[&str; 2], pem: &str) -> Result<KeyFile, CreateError> {
        let failed = |path: &Path, source| CreateError::KeyFile { path: path.to_owned(), source };
        fs::create_dir_all(&self.dir).map_err(|source| failed(&self.dir, source))?;
        let [client, org] = names.map(file_name);
        let mut path = self.dir.join(format!("{client}.pem"));
        for nth in 1..=1000 {
            match write_new(&path, pem) {
                Ok(()) => return Ok(KeyFile { path, ours: true }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if fs::read_to_string(&path).is_ok_and(|there| there == pem) {
                        return Ok(KeyFile { path, ours: false });
                    }
                }
                Err(source) => return Err(failed(&path, source)),
            }
            let suffix = if nth == 1 { String::new() } else { format!("-{nth}") };
            path = self.dir.join(format!("{client}-{org}{suffix}.pem"));
        }
        Err(failed(&path, io::ErrorKind::AlreadyExists.into()))
    }
}

/// Writes a file that only its owner may read, never over another one.
fn write_new(path: &Path, pem: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(pem.as_bytes())
}

/// A name with nothing in it that a file system could take for something else.
fn file_name(name: &str) -> String {
    let safe =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_".contains(letter) { letter } else { '-' };
    name.chars().take(64).map(safe).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::org::seed::ClientCredentials;

    fn client(name: &str, pem: Option<&str>) -> ClientCredentials {
        ClientCredentials {
            name: name.to_owned(),
            client_id: String::new(),
            client_secret: None,
            private_key_pem: pem.map(str::to_owned),
            kid: None,
            auth_method: String::new(),
            scopes: Vec::new(),
        }
    }

    #[test]
    fn a_key_is_one_file_until_its_last_org_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine.pem"), "somebody's").unwrap();
        let files = KeyFiles::new(dir.path().to_owned());
        let clients =
            vec![client("../svc", Some("key 1")), client("web", None), client("mine", Some("key 2"))];
        let credentials = Credentials { clients, ..Credentials::default() };
        let one = files.of("a", &credentials).unwrap();
        let two = files.of("b", &credentials).unwrap();
        let paths: Vec<_> = one.iter().flatten().map(|file| file.path.clone()).collect();
        assert_eq!(paths, [dir.path().join("---svc.pem"), dir.path().join("mine-a.pem")]);
        assert!(one[1].is_none() && Arc::ptr_eq(one[0].as_ref().unwrap(), two[0].as_ref().unwrap()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(one);
        assert_eq!(fs::read_to_string(&paths[0]).unwrap(), "key 1");
        drop(two);
        assert!(!paths[0].exists() && !paths[1].exists());
        assert_eq!(fs::read_to_string(dir.path().join("mine.pem")).unwrap(), "somebody's");
    }
}
