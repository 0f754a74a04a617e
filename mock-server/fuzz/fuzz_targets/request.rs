//! Any method, target and Authorization: the gateway answers, and never with a 500.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "org.rs"]
mod org;

fuzz_target!(|input: (u8, &str, &str)| {
    let (method, target, authorization) = input;
    let method = ["GET", "POST", "PUT", "DELETE", "HEAD"][usize::from(method) % 5];
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/api/v1/{target}") };
    let reply = org::answer(method, &target, &[("authorization", authorization)], b"");
    assert!(reply.status != 500, "{:?}", reply.body);
});
