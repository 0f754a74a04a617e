//! What the submission form takes (ratelimit-oin-facts 2.2).

use std::collections::BTreeSet;

use super::{Material, length, no_address, too_long};
use crate::oin::finding::{Finding, Outcome};

/// OIN-060.
pub(super) fn name(material: &Material<'_>) -> Finding {
    let name = &material.manifest.integration.name;
    let faults = too_long("integration.name", name, 64).into_iter().collect();
    Finding::of_faults(faults, format!("{:?}, {} characters", name.trim(), length(name)))
}

/// OIN-061.
pub(super) fn description(material: &Material<'_>) -> Finding {
    let text = &material.manifest.integration.description;
    let faults = too_long("integration.description", text, 1024).into_iter().collect();
    Finding::of_faults(faults, format!("{} characters", length(text)))
}

/// OIN-063. The Wizard's list is not published, so the names are not judged.
pub(super) fn use_cases(material: &Material<'_>) -> Finding {
    let cases = &material.manifest.integration.use_cases;
    let mut faults = Vec::new();
    if cases.len() > 3 {
        faults.push(format!("integration.use_cases has {}, and the Wizard takes three", cases.len()));
    }
    let once: BTreeSet<&str> = cases.iter().map(|case| case.trim()).collect();
    if once.len() < cases.len() {
        faults.push("integration.use_cases names one twice".to_owned());
    }
    if once.contains("") {
        faults.push("integration.use_cases has an empty one".to_owned());
    }
    Finding::of_faults(faults, format!("{} of three; compare the names with the Wizard's list", cases.len()))
}

/// OIN-064: 3 in one of Okta's pages, 8 in another.
pub(super) fn tenant_settings(material: &Material<'_>) -> Finding {
    let settings = &material.manifest.tenant_setting;
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, setting) in settings.iter().enumerate() {
        let key = format!("tenant_setting {}", at + 1);
        if setting.label.trim().is_empty() {
            faults.push(format!("{key} has no label"));
        }
        let mut letters = setting.name.chars();
        let sound = letters.next().is_some_and(|first| first.is_ascii_lowercase())
            && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
        if !sound {
            let wants = "lower-case letters, digits and _, a letter first";
            faults.push(format!("{key}: name = {:?} is not made of {wants}", setting.name));
        } else if setting.name.len() > 1024 {
            faults.push(format!("{key}: the name has more than 1024 characters"));
        }
        if !seen.insert(&setting.name) {
            faults.push(format!("{key}: {:?} is there twice", setting.name));
        }
    }
    match settings.len() {
        9.. => faults.push(format!("there are {}, and no page of Okta allows more than 8", settings.len())),
        4..=8 if faults.is_empty() => {
            let said = format!("there are {}: one page of Okta allows 3, another 8", settings.len());
            return Finding::new(Outcome::Warns, said);
        }
        _ => {}
    }
    Finding::of_faults(faults, format!("{} of three", settings.len()))
}

/// OIN-065.
pub(super) fn addresses(material: &Material<'_>) -> Finding {
    let manifest = material.manifest;
    let guides = manifest.guide.iter().map(|guide| ("guide.url", guide.url.as_str()));
    let mut named: Vec<(&str, &str)> = guides.collect();
    named.push(("test_account.url", &manifest.test_account.url));
    named.push(("support.url", &manifest.support.url));
    named.retain(|(_, url)| !url.is_empty());
    let mut faults: Vec<String> = Vec::new();
    for (key, url) in &named {
        match reqwest::Url::parse(url) {
            Ok(parsed) if parsed.scheme() != "https" => faults.push(format!("{key} = {url:?} is not https")),
            Ok(parsed) if !parsed.has_host() => faults.push(format!("{key} = {url:?} has no host")),
            Ok(_) if url.contains(['{', '}']) => {
                faults.push(format!("{key} = {url:?} has a variable in it"));
            }
            Ok(_) => {}
            Err(error) => faults.push(format!("{key} = {url:?} is no address ({error})")),
        }
    }
    if named.is_empty() {
        return Finding::fails("there is no address at all: guide.url and test_account.url are empty");
    }
    Finding::of_faults(faults, format!("{} addresses, all https", named.len()))
}

/// OIN-066.
pub(super) fn capability(material: &Material<'_>) -> Finding {
    let integration = &material.manifest.integration;
    let mut faults = Vec::new();
    if integration.capabilities != ["API_SERVICE"] {
        let named = integration.capabilities.join(", ");
        faults.push(format!("integration.capabilities = [{named}] is not API_SERVICE alone"));
    }
    if integration.protocol != "OAUTH2" {
        faults.push(format!("integration.protocol = {:?} is not OAUTH2", integration.protocol));
    }
    Finding::of_faults(faults, "API_SERVICE alone, by OAUTH2")
}

/// OIN-067.
pub(super) fn support(material: &Material<'_>) -> Finding {
    let support = &material.manifest.support;
    let ways = [("a link", &support.url), ("e-mail", &support.email), ("a telephone number", &support.phone)];
    let named: Vec<&str> =
        ways.iter().filter(|(_, value)| !value.trim().is_empty()).map(|(way, _)| *way).collect();
    let mut faults = Vec::new();
    if named.is_empty() {
        faults.push("support.url, support.email and support.phone are all empty".to_owned());
    }
    if !support.email.is_empty() {
        faults.extend(no_address("support.email", &support.email));
    }
    if let Some(fetched) = material.fetched.as_ref().and_then(|fetched| fetched.get(&support.url)) {
        match fetched {
            Ok(200..=299) => {}
            Ok(status) => faults.push(format!("support.url answers {status}")),
            Err(cause) => faults.push(format!("support.url does not answer ({cause})")),
        }
    }
    Finding::of_faults(faults, named.join(" and "))
}

/// OIN-022: okta.X.manage beside okta.X.read.
pub(super) fn read_or_manage(material: &Material<'_>) -> Finding {
    let scopes: Vec<&str> = material.manifest.scope.iter().map(|scope| scope.name.as_str()).collect();
    if scopes.is_empty() {
        return Finding::not_judged("no scope is registered: [[scope]]");
    }
    let pairs: Vec<String> = scopes
        .iter()
        .filter_map(|scope| scope.strip_suffix(".manage"))
        .filter(|kind| scopes.contains(&format!("{kind}.read").as_str()))
        .map(|kind| format!("{kind}.manage reads as well: take {kind}.read out"))
        .collect();
    Finding::of_faults(pairs, "no kind has both")
}

/// OIN-026: the form has one text of 5000 characters; scopes that write are justified one by one.
pub(super) fn justification(material: &Material<'_>) -> Finding {
    let scopes = &material.manifest.scope;
    let mut faults: Vec<String> = Vec::new();
    if scopes.is_empty() {
        faults.push("no scope is registered: [[scope]]".to_owned());
    }
    for (at, scope) in scopes.iter().enumerate() {
        if scope.name.trim().is_empty() {
            faults.push(format!("scope {} has no name", at + 1));
        } else if scope.reason.trim().is_empty() {
            faults.push(format!("{} has no reason", scope.name));
        } else if scopes.iter().take(at).any(|other| other.name == scope.name) {
            faults.push(format!("{} is there twice", scope.name));
        } else if scope.name.ends_with(".manage")
            && scopes.iter().enumerate().any(|(other, row)| other != at && row.reason == scope.reason)
        {
            faults.push(format!("{} writes, and has no reason of its own", scope.name));
        }
    }
    let all: usize = scopes.iter().map(|scope| length(&scope.reason)).sum();
    if all > 5000 {
        faults.push(format!("the reasons have {all} characters, {} too many", all - 5000));
    }
    Finding::of_faults(faults, format!("{} scopes, each with its reason", scopes.len()))
}
