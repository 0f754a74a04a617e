//! Any bytes as the form of a token request: whatever they are, the org answers, and never with a 500.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "org.rs"]
mod org;

fuzz_target!(|body: &[u8]| {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let reply = org::answer("POST", "/oauth2/v1/token", &form, body);
    assert!(reply.status != 500, "{:?}", reply.body);
});
