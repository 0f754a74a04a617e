//! Success: body, token, trace.

use serde_json::Value;

use crate::ask::{Ask, json_of, org};

#[test]
fn a_good_request_gets_a_token() {
    let org = org();
    let (reply, trace) = Ask::new().send(&org);
    assert_eq!(reply.status, 200, "{:?} {:?}", reply.body, trace.steps);
    let body = json_of(&reply);
    assert_eq!(body["scope"], "okta.users.read");
    assert_ne!(body["access_token"], Value::Null);
}
