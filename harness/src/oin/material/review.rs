//! What reviewers need: guides, the account, the instances, whom to write to (ratelimit-oin-facts 2.1, 2.2, 2.5).

use std::collections::BTreeSet;

use super::{Material, length, no_address, too_long};
use crate::{
    oin::finding::{Evidence, Finding},
    report::taint::REDACTED,
};

/// Where anybody gets an address.
const FREE_MAIL: &[&str] = &[
    "aol.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
    "163.com",
    "126.com",
];
/// What a guide has to cover, and the words by which a heading is known to do so.
const TOPICS: &[(&str, &[&str])] = &[
    ("prerequisites", &["prerequisite", "before you begin", "requirement", "what you need"]),
    ("supported features", &["feature", "what it does", "capabilit", "supported"]),
    ("configuration steps", &["configur", "install", "set up", "setup", "connect", "step"]),
    ("troubleshooting or support", &["troubleshoot", "support", "help", "known issue", "contact", "faq"]),
];

/// The static part of OIN-068.
pub(super) fn escalation(material: &Material<'_>) -> Finding {
    let support = &material.manifest.support;
    let mail = &support.escalation_email;
    let mut faults: Vec<String> = too_long("support.escalation_email", mail, 255).into_iter().collect();
    if !mail.is_empty() {
        faults.extend(no_address("support.escalation_email", mail));
        if mail.eq_ignore_ascii_case(&support.email) {
            faults.push("support.escalation_email is the public address of the support".to_owned());
        }
    }
    Finding::of_faults(faults, mail.as_str())
}

/// OIN-069.
pub(super) fn guide_address(material: &Material<'_>) -> Finding {
    let guides = &material.manifest.guide;
    if guides.iter().all(|guide| guide.url.is_empty()) {
        return Finding::fails("no guide has an address: [[guide]] url");
    }
    let mut faults = Vec::new();
    for guide in guides {
        match material.fetched.as_ref().map(|fetched| fetched.get(&guide.url)) {
            _ if guide.url.is_empty() => faults.push(format!("the guide for {} has no address", guide.about)),
            None => {}
            Some(Some(Ok(200))) => {}
            Some(Some(Ok(status))) => faults.push(format!("{} answers {status}", guide.url)),
            Some(Some(Err(cause))) => faults.push(format!("{} does not answer ({cause})", guide.url)),
            Some(None) => faults.push(format!("{} was not asked", guide.url)),
        }
    }
    let sound = match material.fetched {
        Some(_) => "answers 200 without a sign-in; ask again when it is published",
        None => "an address is given; whether it answers is judged with --fetch",
    };
    if faults.is_empty() && material.fetched.is_none() {
        return Finding::new(crate::oin::finding::Outcome::Open, sound);
    }
    Finding::of_faults(faults, sound)
}

/// OIN-070, by the headings (and lines in bold) of the text; the whole text where there are none.
pub(super) fn guide_content(material: &Material<'_>) -> Finding {
    let mut faults = Vec::new();
    let mut read = 0;
    for guide in material.manifest.guide.iter().filter(|guide| !guide.file.is_empty()) {
        match material.files.get(&guide.file) {
            Some(Ok(bytes)) => {
                read += 1;
                let heads = headings(&String::from_utf8_lossy(bytes));
                for (topic, words) in TOPICS {
                    if !heads.iter().any(|head| words.iter().any(|word| head.contains(word))) {
                        faults.push(format!("{} has no heading about {topic}", guide.file));
                    }
                }
            }
            Some(Err(cause)) => faults.push(format!("{} cannot be read ({cause})", guide.file)),
            None => faults.push(format!("{} was not read", guide.file)),
        }
    }
    if material.manifest.guide.is_empty() {
        return Finding::fails("there is no [[guide]]");
    }
    if read == 0 && faults.is_empty() {
        return Finding::not_judged("no guide names the file that has its text: [[guide]] file");
    }
    Finding::of_faults(faults, "every topic has its heading; read whether a stranger can follow it")
}

/// The headings of Markdown or HTML, in lower case.
fn headings(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let is_head = |line: &&str| {
        let line = line.trim_start();
        line.starts_with('#')
            || line.starts_with("**")
            || ["<h1", "<h2", "<h3", "<h4"].iter().any(|tag| line.contains(tag))
    };
    let mut heads: Vec<String> = lower.lines().filter(is_head).map(str::to_owned).collect();
    // Two lines make a heading of Markdown as well.
    for pair in lower.lines().collect::<Vec<_>>().windows(2) {
        if let [head, under] = pair
            && under.len() >= 3
            && (under.chars().all(|letter| letter == '=') || under.chars().all(|letter| letter == '-'))
        {
            heads.push((*head).to_owned());
        }
    }
    heads
}

/// OIN-072.
pub(super) fn guide_per_type(material: &Material<'_>) -> Finding {
    let guides = &material.manifest.guide;
    let mut faults = Vec::new();
    if !guides.iter().any(|guide| guide.about == "API_SERVICE") {
        faults.push("no [[guide]] is for = \"API_SERVICE\"".to_owned());
    }
    let (mut types, mut urls) = (BTreeSet::new(), BTreeSet::new());
    for guide in guides {
        if !types.insert(guide.about.as_str()) {
            faults.push(format!("there are two guides for {}", guide.about));
        }
        if !guide.url.is_empty() && !urls.insert(guide.url.as_str()) {
            faults.push(format!("{} is the guide of two types", guide.url));
        }
    }
    Finding::of_faults(faults, format!("{} types, each with its guide", guides.len()))
}

/// The static part of OIN-073.
pub(super) fn test_account(material: &Material<'_>) -> Finding {
    let account = &material.manifest.test_account;
    let lengths = [
        ("url", &account.url, 512),
        ("username", &account.username, 255),
        ("instructions", &account.instructions, 2048),
    ];
    let mut faults: Vec<String> = lengths
        .iter()
        .filter_map(|(key, text, most)| too_long(&format!("test_account.{key}"), text, *most))
        .collect();
    if account.password_env.is_empty() {
        faults.push("test_account.password_env names no variable".to_owned());
    }
    if let Some(fault) = material.password.as_deref().and_then(|word| too_long("the password", word, 255)) {
        faults.push(fault);
    }
    if let Some(password) = material.password.as_deref().filter(|password| !password.is_empty())
        && account.instructions.contains(password)
    {
        faults.push("test_account.instructions has the password in it".to_owned());
    }
    Finding::of_faults(faults, "address, user name and instructions are given")
}

/// The static part of OIN-077.
pub(super) fn submitter(material: &Material<'_>) -> Finding {
    let mail = &material.manifest.submitter.email;
    let mut faults: Vec<String> = no_address("submitter.email", mail).into_iter().collect();
    let domain = mail.rsplit('@').next().unwrap_or_default().to_lowercase();
    if FREE_MAIL.contains(&domain.as_str()) {
        faults.push(format!("submitter.email is of {domain}, where anybody gets an address"));
    }
    Finding::of_faults(faults, mail.as_str())
}

/// OIN-079: an instance keeps name and scopes of the day on which it was made.
pub(super) fn latest_instance(material: &Material<'_>) -> Finding {
    let manifest = material.manifest;
    let mut live = manifest
        .instance
        .iter()
        .filter(|instance| !instance.revoked && !instance.backward_compatible)
        .peekable();
    if live.peek().is_none() {
        return Finding::fails("no [[instance]] of the latest version is noted");
    }
    let registered: BTreeSet<&str> = manifest.scope.iter().map(|scope| scope.name.as_str()).collect();
    let differs = |instance: &crate::oin::manifest::Instance| {
        let scopes: BTreeSet<&str> = instance.scopes.iter().map(String::as_str).collect();
        let mut what = Vec::new();
        if scopes != registered {
            let odd: Vec<&str> = scopes.symmetric_difference(&registered).copied().collect();
            what.push(format!("differs in {}", odd.join(", ")));
        }
        if instance.name != manifest.integration.name {
            what.push(format!("is named {:?}", instance.name));
        }
        (!what.is_empty()).then(|| format!("instance {} {}", instance.client_id, what.join(" and ")))
    };
    let findings: Vec<Option<String>> = live.map(differs).collect();
    if findings.iter().any(Option::is_none) {
        return Finding::holds("an instance has name and scopes of this manifest");
    }
    Finding::of_faults(findings.into_iter().flatten().collect(), "")
}

/// OIN-082.
pub(super) fn instance_exists(material: &Material<'_>) -> Finding {
    let instances = &material.manifest.instance;
    let mut live = instances.iter().filter(|instance| !instance.revoked);
    if live.any(|instance| instance.active_secret && !instance.client_id.is_empty()) {
        return Finding::holds("an instance with an active secret is noted in the manifest");
    }
    Finding::fails("no [[instance]] with a client_id and an active secret is noted")
}

/// OIN-085.
pub(super) fn old_instances(material: &Material<'_>) -> Finding {
    let live = material.manifest.instance.iter().filter(|instance| !instance.revoked);
    let (compatible, latest): (Vec<_>, Vec<_>) = live.partition(|instance| instance.backward_compatible);
    let mut faults = Vec::new();
    for (kind, of) in [("of the latest version", &latest), ("that are backward compatible", &compatible)] {
        if of.len() > 1 {
            let ids: Vec<&str> = of.iter().map(|instance| instance.client_id.as_str()).collect();
            faults.push(format!("{} instances {kind} are not revoked: {}", of.len(), ids.join(", ")));
        }
    }
    if material.manifest.instance.is_empty() {
        return Finding::not_judged("no [[instance]] is noted");
    }
    Finding::of_faults(faults, "no instance beside those in use")
}

/// OIN-029, as far as words that the client wrote and the files of the submission show it.
pub(super) fn secrets_out_of_sight(material: &Material<'_>) -> Finding {
    if let Some(password) = material.password.as_deref().filter(|password| length(password) > 5) {
        for (name, text) in &material.files {
            if let Ok(bytes) = text
                && String::from_utf8_lossy(bytes).contains(password)
            {
                return Finding::fails(format!("{name} has the password of the test account in it"));
            }
        }
    }
    let Some(run) = material.run else {
        return Finding::not_judged("the client was not run");
    };
    let leaks = run.scenarios.iter().filter(|judged| judged.scenario.client_log.contains(REDACTED));
    let leaks: Vec<Evidence> = leaks
        .map(|judged| Evidence {
            scenario: judged.scenario.id.clone(),
            seq: None,
            what: "the client's log has a secret or a token in it".to_owned(),
        })
        .collect();
    if !leaks.is_empty() {
        return Finding::fails("the client writes a secret or a token into its log").with(leaks);
    }
    let logs = run.scenarios.iter().filter(|judged| !judged.scenario.client_log.is_empty()).count();
    Finding::holds(format!(
        "no secret in the files of the submission, nor in what the client wrote in the {logs} scenarios whose output was \
         kept; how secrets are stored a person confirms"
    ))
}
