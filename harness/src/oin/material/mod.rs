//! What can be judged of the manifest and the files it names: functions without I/O over what was read before.

mod form;
mod logo;
mod review;

use std::{collections::BTreeMap, path::Path};

use super::{
    finding::{Finding, Outcome},
    manifest::Manifest,
};
use crate::report::run::Run;

/// What is there to judge.
pub(crate) struct Material<'m> {
    /// The manifest.
    pub(crate) manifest: &'m Manifest,
    /// The files that it names, by their names there; or why one cannot be read.
    pub(crate) files: BTreeMap<String, Result<Vec<u8>, String>>,
    /// The password of the test account, if its variable is set.
    pub(crate) password: Option<String>,
    /// What each address answered, where they were asked.
    pub(crate) fetched: Option<BTreeMap<String, Result<u16, String>>>,
    /// The run, if there was one.
    pub(crate) run: Option<&'m Run>,
}

type Judgement = fn(&Material<'_>) -> Finding;

/// The judgements by the names that items call them.
const JUDGEMENTS: &[(&str, Judgement)] = &[
    ("addresses", form::addresses),
    ("capability", form::capability),
    ("description", form::description),
    ("escalation", review::escalation),
    ("guide-address", review::guide_address),
    ("guide-content", review::guide_content),
    ("guide-per-type", review::guide_per_type),
    ("instance-exists", review::instance_exists),
    ("justification", form::justification),
    ("latest-instance", review::latest_instance),
    ("logo", logo::logo),
    ("name", form::name),
    ("old-instances", review::old_instances),
    ("read-or-manage", form::read_or_manage),
    ("secrets-out-of-sight", review::secrets_out_of_sight),
    ("submitter", review::submitter),
    ("support", form::support),
    ("tenant-settings", form::tenant_settings),
    ("test-account", review::test_account),
    ("use-cases", form::use_cases),
];

/// The names of all judgements.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    JUDGEMENTS.iter().map(|(name, _)| *name)
}

/// Judges by that name.
pub(crate) fn judge(name: &str, material: &Material<'_>) -> Finding {
    match JUDGEMENTS.iter().find(|(known, _)| *known == name) {
        Some((_, judgement)) => judgement(material),
        None => Finding::new(Outcome::Open, format!("this version does not know how to judge {name}")),
    }
}

impl<'m> Material<'m> {
    /// Reads the files that a manifest names.
    pub(crate) fn read(manifest: &'m Manifest, folder: &Path) -> Self {
        let guides = manifest.guide.iter().map(|guide| &guide.file);
        let names = std::iter::once(&manifest.integration.logo).chain(guides).filter(|name| !name.is_empty());
        let read = |name: &String| std::fs::read(folder.join(name)).map_err(|error| error.to_string());
        let files = names.map(|name| (name.clone(), read(name))).collect();
        let variable = &manifest.test_account.password_env;
        let password = if variable.is_empty() { None } else { std::env::var(variable).ok() };
        Self { manifest, files, password, fetched: None, run: None }
    }
}

/// How long a text is, as people count.
fn length(text: &str) -> usize {
    text.trim().chars().count()
}

/// A fault, if the text is empty or longer than that.
fn too_long(key: &str, text: &str, most: usize) -> Option<String> {
    match length(text) {
        0 => Some(format!("{key} is empty")),
        long if long > most => Some(format!("{key} has {long} characters, {} too many", long - most)),
        _ => None,
    }
}

/// A fault, if this is no e-mail address in its form.
fn no_address(key: &str, text: &str) -> Option<String> {
    let sound = text.split_once('@').is_some_and(|(who, domain)| {
        !who.is_empty()
            && !text.contains(char::is_whitespace)
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|part| !part.is_empty())
    });
    (!sound).then(|| format!("{key} = {text:?} is no e-mail address"))
}

#[cfg(test)]
mod tests;
