//! The judgements of the manifest as a table: a sound one, one change, what is said then.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

const SOUND: &str = r#"
[integration]
name = "Acme Sync"
description = "Keeps Acme in step with the people of your org."
logo = "logo.png"
use_cases = ["Directory sync"]
capabilities = ["API_SERVICE"]
protocol = "OAUTH2"
[[scope]]
name = "okta.users.read"
reason = "reads people"
[[scope]]
name = "okta.groups.manage"
reason = "makes a group of its own"
[[guide]]
for = "API_SERVICE"
url = "https://acme.example/guide"
file = "guide.md"
[support]
email = "help@acme.example"
escalation_email = "okta@acme.example"
[test_account]
url = "https://app.acme.example/sign-in"
username = "isvtest@okta.com"
password_env = "P"
instructions = "Open Settings, Okta."
[submitter]
email = "ann@acme.example"
[[instance]]
client_id = "0oa1"
name = "Acme Sync"
scopes = ["okta.groups.manage", "okta.users.read"]
active_secret = true
"#;
const GUIDE: &str = "# What you need\n## Features\n## Configure it\n## Troubleshooting\n";

/// The first bytes of a PNG of that size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    bytes
}

fn judged(judgement: &str, change: (&str, &str), files: &[(&str, Vec<u8>)]) -> Finding {
    assert!(SOUND.contains(change.0), "{}", change.0);
    let manifest = Manifest::parse("m", &SOUND.replacen(change.0, change.1, 1)).unwrap();
    let mut all: BTreeMap<String, Result<Vec<u8>, String>> = BTreeMap::new();
    all.insert("logo.png".to_owned(), Ok(png(200, 200)));
    all.insert("guide.md".to_owned(), Ok(GUIDE.as_bytes().to_vec()));
    for (name, bytes) in files {
        all.insert((*name).to_owned(), Ok(bytes.clone()));
    }
    let password = Some("the-password-of-it".to_owned());
    judge(judgement, &Material { manifest: &manifest, files: all, password, fetched: None, run: None })
}

#[test]
fn a_sound_manifest_holds_everywhere() {
    for name in names() {
        let finding = judged(name, ("", ""), &[]);
        let expected = match name {
            "guide-address" => Outcome::Open,
            "secrets-out-of-sight" => Outcome::NotJudged,
            _ => Outcome::Holds,
        };
        assert_eq!(finding.outcome, expected, "{name}: {}", finding.said);
    }
}

#[test]
fn each_fault_is_named() {
    let long = format!("name = \"{}\"", "x".repeat(65));
    let wordy = format!("description = \"{}\"", "x".repeat(1025));
    let settings = |count: usize| {
        let row = |at| format!("[[tenant_setting]]\nlabel = \"L\"\nname = \"v{at}\"\n");
        (0..count).map(row).collect::<String>() + "[support]"
    };
    let (four, nine) = (settings(4), settings(9));
    let own = |label: &str, name: &str| {
        format!("[[tenant_setting]]\nlabel = \"{label}\"\nname = \"{name}\"\n[support]")
    };
    let (upper, digit, bare) = (own("L", "Region"), own("L", "1st"), own("", "region"));
    let reasons = format!("reason = \"{}\"", "x".repeat(5000));
    let telling = format!("instructions = \"{}\"", "x".repeat(2049));
    let many = "use_cases = [\"a\", \"b\", \"c\", \"d\"]";
    let second = "active_secret = true\n[[instance]]\nclient_id = \"0oa2\"";
    let table: &[(&str, (&str, &str), &str)] = &[
        ("name", ("name = \"Acme Sync\"", "name = \" \""), "integration.name is empty"),
        ("name", ("name = \"Acme Sync\"", &long), "has 65 characters, 1 too many"),
        (
            "description",
            ("description = \"Keeps Acme in step with the people of your org.\"", &wordy),
            "1 too many",
        ),
        ("use-cases", ("use_cases = [\"Directory sync\"]", many), "has 4, and the Wizard takes three"),
        ("use-cases", ("[\"Directory sync\"]", "[\"a\", \"a\"]"), "names one twice"),
        ("tenant-settings", ("[support]", &four), "there are 4: one page of Okta allows 3, another 8"),
        ("tenant-settings", ("[support]", &nine), "there are 9, and no page of Okta allows more than 8"),
        ("tenant-settings", ("[support]", &upper), "tenant_setting 1: name = \"Region\" is not made of"),
        ("tenant-settings", ("[support]", &digit), "\"1st\" is not made of"),
        ("tenant-settings", ("[support]", &bare), "tenant_setting 1 has no label"),
        (
            "addresses",
            ("https://acme.example", "http://acme.example"),
            "guide.url = \"http://acme.example/guide\" is not https",
        ),
        ("addresses", ("https://app.acme.example", "https://{tenant}.acme.example"), "test_account.url"),
        ("addresses", ("https://app.acme.example/sign-in", "app.acme.example"), "is no address"),
        (
            "capability",
            ("[\"API_SERVICE\"]", "[\"API_SERVICE\", \"SSO\"]"),
            "[API_SERVICE, SSO] is not API_SERVICE alone",
        ),
        ("capability", ("\"OAUTH2\"", "\"OIDC\""), "\"OIDC\" is not OAUTH2"),
        ("support", ("email = \"help@acme.example\"", ""), "are all empty"),
        ("support", ("help@acme.example", "help at acme"), "is no e-mail address"),
        (
            "read-or-manage",
            ("okta.users.read", "okta.groups.read"),
            "okta.groups.manage reads as well: take okta.groups.read out",
        ),
        ("justification", ("reason = \"reads people\"", "reason = \" \""), "okta.users.read has no reason"),
        (
            "justification",
            ("makes a group of its own", "reads people"),
            "okta.groups.manage writes, and has no reason of its own",
        ),
        ("justification", ("reason = \"reads people\"", &reasons), "characters, 24 too many"),
        ("justification", ("name = \"okta.users.read\"", "name = \"\""), "scope 1 has no name"),
        ("escalation", ("okta@acme.example", "help@acme.example"), "is the public address of the support"),
        ("escalation", ("okta@acme.example", ""), "support.escalation_email is empty"),
        ("guide-address", ("url = \"https://acme.example/guide\"", ""), "no guide has an address"),
        (
            "guide-content",
            ("file = \"guide.md\"", "file = \"short.md\""),
            "short.md has no heading about troubleshooting",
        ),
        ("guide-content", ("file = \"guide.md\"", "file = \"gone.md\""), "gone.md was not read"),
        (
            "guide-per-type",
            ("for = \"API_SERVICE\"", "for = \"SSO\""),
            "no [[guide]] is for = \"API_SERVICE\"",
        ),
        (
            "test-account",
            ("instructions = \"Open Settings, Okta.\"", &telling),
            "2049 characters, 1 too many",
        ),
        ("test-account", ("Open Settings, Okta.", "Enter the-password-of-it."), "has the password in it"),
        ("test-account", ("password_env = \"P\"", ""), "names no variable"),
        (
            "submitter",
            ("ann@acme.example", "ann@gmail.com"),
            "is of gmail.com, where anybody gets an address",
        ),
        ("submitter", ("ann@acme.example", "ann@acme"), "is no e-mail address"),
        (
            "latest-instance",
            ("\"okta.groups.manage\", \"okta.users.read\"", "\"okta.users.read\""),
            "instance 0oa1 differs in okta.groups.manage",
        ),
        (
            "latest-instance",
            ("active_secret = true", "revoked = true"),
            "no [[instance]] of the latest version",
        ),
        (
            "instance-exists",
            ("active_secret = true", ""),
            "no [[instance]] with a client_id and an active secret",
        ),
        (
            "old-instances",
            ("active_secret = true", second),
            "2 instances of the latest version are not revoked: 0oa1, 0oa2",
        ),
        ("logo", ("logo = \"logo.png\"", ""), "integration.logo is empty"),
        ("logo", ("logo.png", "wide.png"), "wide.png has 400x100 pixels, and not 244x244 or 200x200"),
        ("logo", ("logo.png", "logo.svg"), "logo.svg is neither a PNG nor a JPEG nor a GIF"),
        ("logo", ("logo.png", "large.png"), "and has to stay below a megabyte"),
        ("logo", ("logo.png", "cut.png"), "cut.png does not say how large it is"),
        (
            "secrets-out-of-sight",
            ("guide.md", "leaky.md"),
            "leaky.md has the password of the test account in it",
        ),
    ];
    let large = [png(244, 156), vec![0; 1_000_000]].concat();
    let files = [
        ("short.md", b"# What you need\n## Features\n## Configure it\n".to_vec()),
        ("wide.png", png(400, 100)),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
        ("large.png", large),
        ("cut.png", png(200, 200).into_iter().take(14).collect()),
        ("leaky.md", b"sign in with the-password-of-it".to_vec()),
    ];
    for (judgement, change, said) in table {
        let finding = judged(judgement, *change, &files);
        assert!(
            matches!(finding.outcome, Outcome::Fails | Outcome::Warns),
            "{judgement} {said}: {finding:?}"
        );
        assert!(finding.said.contains(said), "{judgement}: {:?} instead of {said:?}", finding.said);
    }
    let judgements: std::collections::BTreeSet<&str> =
        table.iter().map(|(judgement, ..)| *judgement).collect();
    assert_eq!(judgements, names().collect(), "each judgement can fail");
}

#[test]
fn addresses_that_were_asked_are_judged_by_their_answer() {
    let manifest = Manifest::parse("m", SOUND).unwrap();
    for (answer, outcome) in
        [(Ok(200), Outcome::Holds), (Ok(404), Outcome::Fails), (Err("no route".to_owned()), Outcome::Fails)]
    {
        let fetched = BTreeMap::from([("https://acme.example/guide".to_owned(), answer)]);
        let material = Material {
            manifest: &manifest,
            files: BTreeMap::new(),
            password: None,
            fetched: Some(fetched),
            run: None,
        };
        assert_eq!(judge("guide-address", &material).outcome, outcome);
    }
}
