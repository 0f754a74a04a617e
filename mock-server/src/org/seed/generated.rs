//! People by the thousand: made on all cores, put into the org in one go.

use std::sync::Arc;

use serde_json::{Map, json};

use super::build::Builder;
use super::document::{OrgDocument, UserEntry};
use super::{SeedError, names, people};

impl Builder<'_> {
    /// Makes people by the thousand.
    pub(super) fn make_people(
        &mut self,
        document: &OrgDocument,
        count: usize,
        (type_id, schema): (&str, &str),
        everyone: &Arc<str>,
    ) -> Result<(), SeedError> {
        let realm = self.new_org.id("default-realm");
        let password = &document.generate.password;
        let mut ids = Vec::with_capacity(count);
        self.users.reserve(count);
        for nth in 0..count {
            let id = if self.users.is_empty() { self.new_org.id("admin") } else { self.id(None, "00u") };
            let login = names::login(&names::name(nth));
            self.own(&login, &format!("generate.users ({login})"), &id)?;
            if let Some(password) = password {
                self.credentials.users.push((login, password.clone()));
            }
            ids.push(id);
        }
        let hidden = Arc::new(json!({ "schema": schema, "password": password }));
        let created = &self.created;
        self.changes.state.put_new("users", &ids, &hidden, |nth| {
            let (first, last) = names::name(nth);
            let mut profile = Map::new();
            profile.insert("login".into(), json!(names::login(&(first.clone(), last.clone()))));
            profile.insert("firstName".into(), json!(first));
            profile.insert("lastName".into(), json!(last));
            let entry = UserEntry {
                id: None,
                profile,
                status: None,
                password: password.clone(),
                admin_roles: Vec::new(),
            };
            people::document(&entry, "generate.users", &ids[nth], (type_id, &realm), created)
        })?;
        self.changes.state.link_all("members", everyone, &ids);
        self.generated = ids;
        Ok(())
    }
}
