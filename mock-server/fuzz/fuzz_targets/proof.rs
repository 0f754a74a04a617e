//! Any text as a DPoP proof, whole and as the two JSON parts of one (header and claims, a line each): never a panic, and
//! never a good one, since nobody signs it.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use mock_server::limits::MemoryCounters;
use mock_server::oauth::dpop::{Moment, Proof};

fuzz_target!(|text: &str| {
    let counters = MemoryCounters::default();
    let moment = Moment {
        method: "POST",
        url: "http://127.0.0.1:8080/oauth2/v1/token",
        now: jiff::Timestamp::UNIX_EPOCH,
        counters: &counters,
        nonces: None,
    };
    let (header, claims) = text.split_once('\n').unwrap_or((text, "{}"));
    let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let encoded = format!("{}.{}.AAAA", parts[0], parts[1]);
    for proof in [text, encoded.as_str()] {
        if let Ok(proof) = Proof::read(std::iter::once(proof.as_bytes())) {
            proof.shown();
            assert!(proof.check(moment).is_err());
        }
    }
});
