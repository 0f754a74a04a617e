//! The secrets of a run. Whatever is written goes through here: known secrets are replaced in every form in which
//! they travel, and a last search finds what slipped through (harness-anchors §7).

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose as base64_of};
use regex::Regex;

use crate::target::ledger::Exchange;

/// What stands in a secret's place.
pub(crate) const REDACTED: &str = "[redacted]";
/// Shorter strings are words, not secrets.
const SHORTEST: usize = 6;

/// The secrets of a run, shared by all who learn or write.
#[derive(Clone, Default)]
pub(crate) struct Taint(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Every form of every secret, longest first.
    forms: Vec<String>,
    seen: BTreeSet<String>,
}

/// A report that would have contained a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "a report was not written because it contains a secret of the run; please report this as a defect of orgtwin"
)]
pub(crate) struct Leak;

impl Taint {
    /// Learns a secret: a token, a password, a client secret, a whole PEM file.
    pub(crate) fn learn(&self, secret: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = secret.trim();
        if secret.len() < SHORTEST || !known.seen.insert(secret.to_owned()) {
            return;
        }
        if secret.contains("PRIVATE KEY") {
            let lines = || secret.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
            known.forms.extend(lines().filter(|line| line.len() >= 20).map(ToOwned::to_owned));
            known.forms.push(lines().collect());
        } else {
            known.forms.extend(forms_of(secret));
        }
        known.forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        known.forms.dedup();
    }

    /// Learns what an exchange carried: tokens, assertions, credentials.
    pub(crate) fn learn_exchange(&self, exchange: &Exchange) {
        for value in exchange.request.headers("authorization") {
            let credential = value.split_once(' ').map_or(value, |(_, credential)| credential).trim();
            let credential = credential.strip_prefix("SSWS").unwrap_or(credential);
            self.learn(credential);
            if let Ok(basic) = base64_of::STANDARD.decode(credential)
                && let Ok(text) = String::from_utf8(basic)
                && let Some((_, secret)) = text.split_once(':')
            {
                self.learn(secret);
            }
        }
        for proof in exchange.request.headers("dpop") {
            self.learn(proof);
        }
        for name in [
            "client_assertion",
            "client_secret",
            "refresh_token",
            "password",
            "code",
            "code_verifier",
            "token",
            "sessionToken",
        ] {
            for value in [exchange.request.form(name), exchange.request.query(name)].into_iter().flatten() {
                self.learn(&value);
            }
        }
        if let Some(code) = exchange.response.redirect("code") {
            self.learn(&code);
        }
        let answer = exchange.response.json();
        for name in ["access_token", "refresh_token", "id_token", "client_secret", "sessionToken"] {
            if let Some(value) = answer.get(name).and_then(serde_json::Value::as_str) {
                self.learn(value);
            }
        }
    }

    /// The text without any secret.
    pub(crate) fn redact(&self, text: &str) -> String {
        static JWT: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}").ok());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for form in &known.forms {
            if text.contains(form) {
                text = text.replace(form, REDACTED);
            }
        }
        match &*JWT {
            Some(pattern) => pattern.replace_all(&text, REDACTED).into_owned(),
            None => text,
        }
    }

    /// Lets a text pass that is free of secrets.
    ///
    /// # Errors
    /// [`Leak`].
    pub(crate) fn search(&self, text: &str) -> Result<(), Leak> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.forms.iter().any(|form| text.contains(form)) { Err(Leak) } else { Ok(()) }
    }
}

/// The forms in which a secret travels: as it is, percent-encoded, in JSON, and in base64.
fn forms_of(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let mut forms = vec![
        secret.to_owned(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        json.trim_matches('"').to_owned(),
        base64_of::STANDARD_NO_PAD.encode(secret),
        base64_of::URL_SAFE_NO_PAD.encode(secret),
    ];
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let taint = Taint::default();
        taint.learn("s3cret/+ \"value\"");
        for form in forms_of("s3cret/+ \"value\"") {
            let text = format!("before {form} after");
            assert_eq!(taint.search(&text), Err(Leak), "{form}");
            assert_eq!(taint.redact(&text), "before [redacted] after");
            assert_eq!(taint.search(&taint.redact(&text)), Ok(()));
        }
    }

    #[test]
    fn the_lines_of_a_private_key_are_secrets() {
        let taint = Taint::default();
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC";
        taint.learn(&format!("-----BEGIN PRIVATE KEY-----\n{line}\nshort==\n-----END PRIVATE KEY-----\n"));
        assert_eq!(taint.redact(&format!("stderr: {line}")), "stderr: [redacted]");
        assert_eq!(taint.redact(&format!("joined {line}short==")), "joined [redacted]");
        assert_eq!(taint.redact("-----BEGIN PRIVATE KEY-----"), "-----BEGIN PRIVATE KEY-----");
    }

    #[test]
    fn what_an_exchange_carried_is_learnt() {
        let exchange: Exchange = serde_json::from_str(
            r#"{"seq":1,"time":"t","request":{"method":"POST","target":"/oauth2/v1/token?client_secret=in-the-query",
                "headers":[["Authorization","Basic MG9hMTpiYXNpYy1zZWNyZXQ="]],
                "body":"client_assertion=an.assertion.here&scope=okta.users.read"},
                "response":{"status":200,"headers":[],"body":"{\"access_token\":\"opaque-token\"}"}}"#,
        )
        .unwrap();
        let taint = Taint::default();
        taint.learn_exchange(&exchange);
        for secret in
            ["in-the-query", "basic-secret", "MG9hMTpiYXNpYy1zZWNyZXQ=", "an.assertion.here", "opaque-token"]
        {
            assert_eq!(taint.search(secret), Err(Leak), "{secret}");
        }
        assert_eq!(taint.search("okta.users.read"), Ok(()));
    }

    #[test]
    fn an_unknown_json_web_token_is_redacted_by_its_looks() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIwb2ExIn0.c2lnbmF0dXJl";
        assert_eq!(Taint::default().redact(&format!("token {jwt}.")), "token [redacted].");
    }
}
