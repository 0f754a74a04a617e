//! `integration.toml`: what the submission form asks for, the client, and what each scope is for.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{nearest::nearest_key, place, suite::versions::Versions};

/// The name that is looked for when nobody gives one.
pub(crate) const USUAL: &str = "integration.toml";
/// A manifest to start from.
pub(crate) const STARTER: &str = include_str!("../../../fixtures/oin/integration.toml");

/// An integration as it will be submitted.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Manifest {
    /// What the catalogue shows.
    pub(crate) integration: Integration,
    /// What customers fill in at installation.
    pub(crate) tenant_setting: Vec<TenantSetting>,
    /// The scopes that are registered.
    pub(crate) scope: Vec<Scope>,
    /// What the integration does at the org.
    pub(crate) operation: Vec<Operation>,
    /// The configuration guides.
    pub(crate) guide: Vec<Guide>,
    /// Who helps.
    pub(crate) support: Support,
    /// The reviewers' way in.
    pub(crate) test_account: TestAccount,
    /// Who submits.
    pub(crate) submitter: Submitter,
    /// The test instances in the submitter's org.
    pub(crate) instance: Vec<Instance>,
    /// How the client is driven.
    pub(crate) client: Client,
}

/// `[integration]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Integration {
    /// The name in the catalogue.
    pub(crate) name: String,
    /// What a customer gets.
    pub(crate) description: String,
    /// An image, beside the manifest.
    pub(crate) logo: String,
    /// Of the Wizard's list.
    pub(crate) use_cases: Vec<String>,
    /// `API_SERVICE`, and nothing else.
    pub(crate) capabilities: Vec<String>,
    /// `OAUTH2`.
    pub(crate) protocol: String,
}

/// `[[tenant_setting]]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TenantSetting {
    /// What the customer reads.
    pub(crate) label: String,
    /// The variable.
    pub(crate) name: String,
    /// What the client is given for it in the run; nothing: the customer has left it empty.
    pub(crate) value: String,
    /// This update brings it: installations of before do not have it.
    pub(crate) new: bool,
}

/// `[[scope]]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Scope {
    /// `okta.users.read`.
    pub(crate) name: String,
    /// Why it is needed.
    pub(crate) reason: String,
}

/// `[[operation]]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Operation {
    /// What it is for.
    pub(crate) what: String,
    /// The method.
    pub(crate) method: String,
    /// The path, as `/api/v1/users/{userId}`.
    pub(crate) path: String,
    /// The scope that it uses.
    pub(crate) scope: String,
}

/// `[[guide]]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Guide {
    /// The type of integration that it is about.
    #[serde(rename = "for")]
    pub(crate) about: String,
    /// Where customers read it.
    pub(crate) url: String,
    /// Its text, beside the manifest.
    pub(crate) file: String,
}

/// `[support]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Support {
    /// Public, one at least.
    pub(crate) url: String,
    /// Public, one at least.
    pub(crate) email: String,
    /// Public, one at least.
    pub(crate) phone: String,
    /// For Okta alone.
    pub(crate) escalation_email: String,
}

/// `[test_account]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TestAccount {
    /// Where reviewers sign in.
    pub(crate) url: String,
    /// As whom.
    pub(crate) username: String,
    /// The environment variable that has the password.
    pub(crate) password_env: String,
    /// What they do then.
    pub(crate) instructions: String,
}

/// `[submitter]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Submitter {
    /// Of the company's own domain.
    pub(crate) email: String,
}

/// `[[instance]]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Instance {
    /// Its client id.
    pub(crate) client_id: String,
    /// Its name.
    pub(crate) name: String,
    /// The scopes that it was made with.
    pub(crate) scopes: Vec<String>,
    /// Whether a secret of it is active.
    pub(crate) active_secret: bool,
    /// Whether it was revoked.
    pub(crate) revoked: bool,
    /// For an update: made from the version that is published.
    pub(crate) backward_compatible: bool,
}

/// `[client]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Client {
    /// As `--client`.
    pub(crate) is: String,
    /// The program of `stdio` and its arguments.
    pub(crate) program: Vec<String>,
}

/// A manifest that cannot be used (exit 2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{at}: {cause}")]
pub(crate) struct ManifestError {
    file: String,
    at: String,
    cause: String,
}

impl ManifestError {
    /// About a whole file.
    pub(crate) fn of(file: &Path, cause: impl Into<String>) -> Self {
        Self { file: file.display().to_string(), at: String::new(), cause: cause.into() }
    }
}

impl Manifest {
    /// The instance of the published version, when this is an update.
    pub(crate) fn published(&self) -> Option<&Instance> {
        self.instance.iter().find(|instance| instance.backward_compatible && !instance.revoked)
    }

    /// What installations of the new version have, and those of the version before; the same where nothing is published.
    pub(crate) fn versions(&self) -> Versions {
        let scopes: Vec<String> = self.scope.iter().map(|scope| scope.name.clone()).collect();
        let scopes = if scopes.is_empty() { Versions::default().scopes } else { scopes };
        let of_before = self.published().map(|instance| instance.scopes.clone());
        let entered = self.tenant_setting.iter().filter(|setting| !setting.value.is_empty());
        let new = self.tenant_setting.iter().filter(|setting| setting.new);
        Versions {
            scopes_before: of_before.filter(|of| !of.is_empty()).unwrap_or_else(|| scopes.clone()),
            scopes,
            settings: entered.map(|setting| (setting.name.clone(), setting.value.clone())).collect(),
            new_settings: new.map(|setting| setting.name.clone()).collect(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ManifestError`], with the line and the nearest key.
    pub(crate) fn load(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ManifestError::of(path, format!("cannot be read ({error}); `orgtwin oin init` writes one"))
        })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Reads the text of one.
    ///
    /// # Errors
    /// As [`Manifest::load`].
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        toml::from_str(text).map_err(|error| {
            let line = place::line(text, error.span().map_or(0, |span| span.start));
            let message = error.message().trim().replace('\n', " ");
            let near = nearest_key(&message).map(|key| format!("; did you mean {key}?")).unwrap_or_default();
            ManifestError { file: file.to_owned(), at: format!(":{line}"), cause: format!("{message}{near}") }
        })
    }
}

/// Writes the starter, over nothing.
///
/// # Errors
/// There is a file, or it cannot be written.
pub(crate) fn init(path: &Path) -> Result<(), ManifestError> {
    let mut options = std::fs::File::options();
    let written = options.write(true).create_new(true).open(path);
    written.and_then(|mut file| std::io::Write::write_all(&mut file, STARTER.as_bytes())).map_err(|error| {
        let cause = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "is there already; nothing was written".to_owned(),
            _ => error.to_string(),
        };
        ManifestError::of(path, cause)
    })
}

/// The folder that the files of a manifest are named from.
pub(crate) fn folder(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_starter_can_be_read_and_is_not_overwritten() {
        let manifest = Manifest::parse("starter", STARTER).unwrap();
        assert_eq!(manifest.integration.capabilities, ["API_SERVICE"]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("integration.toml");
        init(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        let again = init(&path).unwrap_err().to_string();
        assert!(again.ends_with("is there already; nothing was written"), "{again}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_line() {
        let table = [
            ("[integration]\nnmae = \"x\"", "m:2: unknown field `nmae`", "; did you mean name?"),
            ("\n[[scope]]\nname = \"a\"\nreasons = \"b\"", "m:4: unknown field `reasons`", "mean reason?"),
            ("[suport]\nurl = \"x\"", "m:1: unknown field `suport`", "; did you mean support?"),
            ("[test_account]\npassword = \"x\"", "m:2: unknown field `password`", "mean password_env?"),
            ("[integration]\nuse_cases = \"x\"", "m:2: invalid type", "expected a sequence"),
            ("[integration", "m:1: ", ""),
        ];
        for (text, begin, end) in table {
            let error = Manifest::parse("m", text).unwrap_err().to_string();
            assert!(error.starts_with(begin) && error.ends_with(end), "{text}: {error}");
        }
    }
}
