//! The secrets of a run. Whatever is written goes through here: known secrets are replaced in every form in which
//! they travel, and a last search finds what slipped through (harness-anchors §7).

use std::{
    collections::{BTreeSet, HashMap},
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

/// A run has thousands of forms and megabytes of reports, so forms are found by how they begin.
#[derive(Default)]
struct Known {
    /// The forms by their first [`SHORTEST`] bytes, the longest first.
    forms: HashMap<[u8; SHORTEST], Vec<String>>,
    /// A bit for each beginning: most places of a text are left after one look.
    begins: Vec<u64>,
    seen: BTreeSet<String>,
}

impl Known {
    fn add(&mut self, form: String) {
        let Some(head) = form.as_bytes().first_chunk::<SHORTEST>().copied() else { return };
        let forms = self.forms.entry(head).or_default();
        if forms.contains(&form) {
            return;
        }
        forms.push(form);
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.begins.resize(1 << 10, 0);
        let (word, bit) = begin(&head);
        if let Some(word) = self.begins.get_mut(word) {
            *word |= bit;
        }
    }

    /// The longest form that stands at the start of the text.
    fn at(&self, text: &[u8]) -> Option<&str> {
        let head = text.first_chunk::<SHORTEST>()?;
        let (word, bit) = begin(head);
        if self.begins.get(word).is_none_or(|word| word & bit == 0) {
            return None;
        }
        self.forms.get(head)?.iter().find(|form| text.starts_with(form.as_bytes())).map(String::as_str)
    }

    /// The first form in the text from `from` on: where it is, and how long.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let bytes = text.as_bytes();
        (from..bytes.len()).find_map(|at| self.at(bytes.get(at..)?).map(|form| (at, form.len())))
    }
}

/// The word and the bit of a beginning.
fn begin(head: &[u8; SHORTEST]) -> (usize, u64) {
    let mixed = head.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(0x0100_0193) ^ u32::from(*byte));
    let mixed = mixed.wrapping_mul(0x9E37_79B1) >> 16;
    ((mixed >> 6) as usize, 1 << (mixed & 63))
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
            for line in lines().filter(|line| line.len() >= 20) {
                known.add(line.to_owned());
            }
            known.add(lines().collect());
        } else {
            for form in forms_of(secret) {
                known.add(form);
            }
        }
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
        let (mut free, mut from) = (String::with_capacity(text.len()), 0);
        while let Some((at, length)) = known.find(text, from) {
            free.push_str(&text[from..at]);
            free.push_str(REDACTED);
            from = at + length;
        }
        free.push_str(&text[from..]);
        match &*JWT {
            Some(pattern) => pattern.replace_all(&free, REDACTED).into_owned(),
            None => free,
        }
    }

    /// Lets a text pass that is free of secrets.
    ///
    /// # Errors
    /// [`Leak`].
    pub(crate) fn search(&self, text: &str) -> Result<(), Leak> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.find(text, 0).map_or(Ok(()), |_| Err(Leak))
    }
}

/// The forms in which a secret travels: as it is, percent-encoded, in JSON (and in JSON within JSON), in HTML or XML,
/// and in base64, by itself or in the middle of something (`id:secret`).
fn forms_of(secret: &str) -> Vec<String> {
    let in_json = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
    };
    let percent: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let markup = |quote: &str| {
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', quote)
    };
    let mut forms = vec![
        secret.to_owned(),
        lower_hex(&percent),
        percent.replace('+', "%20"),
        percent,
        in_json(secret),
        in_json(&in_json(secret)),
        markup("&quot;"),
        markup("&#34;"),
        base64_of::STANDARD_NO_PAD.encode(secret),
        base64_of::URL_SAFE_NO_PAD.encode(secret),
    ];
    for before in 0..3 {
        let shifted = [&vec![0; before], secret.as_bytes()].concat();
        for engine in [base64_of::STANDARD_NO_PAD, base64_of::URL_SAFE_NO_PAD] {
            // The first and the last letters are made of what stands beside the secret as well.
            let (first, letters) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
            forms.extend(engine.encode(&shifted).get(first..letters).map(ToOwned::to_owned));
        }
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms.sort();
    forms.dedup();
    forms
}

/// `%2F` as `%2f`.
fn lower_hex(percent: &str) -> String {
    let mut hex = 0_u8;
    let mut lower = |letter: char| {
        let inside = hex > 0;
        hex = if letter == '%' { 2 } else { hex.saturating_sub(1) };
        if inside { letter.to_ascii_lowercase() } else { letter }
    };
    percent.chars().map(&mut lower).collect()
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
    fn a_secret_is_found_within_other_words() {
        let taint = Taint::default();
        taint.learn("client-secret?>~");
        for before in ["", "a", "ab", "abc"] {
            for engine in [base64_of::STANDARD, base64_of::URL_SAFE] {
                let basic = engine.encode(format!("{before}client-secret?>~{before}"));
                assert_eq!(taint.search(&basic), Err(Leak), "{before}");
            }
        }
        assert_eq!(taint.search("client-secre client_secret?>~ \u{e9}t\u{e9}"), Ok(()));
        taint.learn("client-secret?>~longer");
        assert_eq!(
            taint.redact("\u{e9}client-secret?>~longer client-secret?>~"),
            "\u{e9}[redacted] [redacted]"
        );
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
