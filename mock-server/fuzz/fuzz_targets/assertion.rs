//! Any text as a client assertion, in an otherwise good token request: never a token, never a 500.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "org.rs"]
mod org;

fuzz_target!(|assertion: &str| {
    let encoded: String = assertion.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let body = format!(
        "grant_type=client_credentials&scope=okta.users.read&client_assertion_type=\
         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={encoded}"
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let reply = org::answer("POST", "/oauth2/v1/token", &form, body.as_bytes());
    assert!(reply.status == 400 || reply.status == 401, "{:?}", reply.body);
});
