//! Whether the table is complete.

use std::collections::BTreeSet;

use crate::table::{Expect, ROWS};
use crate::{completeness, exchange, token_facts};

/// The facts that the table is about, by the beginnings of their ids.
const ABOUT: [&str; 9] =
    ["code.", "refresh.", "device.", "txchg.", "password.", "ciba.", "introspect.", "revoke.", "cors."];

/// Facts that the table leaves out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("cors.offline", "a legacy rule, which takes a dialect: exchange.rs shows it"),
    ("cors.preflight", "answered before the authorization server is asked"),
    ("device.authorize.ok", "the endpoint that makes device codes has a table of its own"),
    ("device.authorize.grant", "as device.authorize.ok"),
    ("device.authorize.scope", "as device.authorize.ok"),
    ("device.user_limit", "as device.authorize.ok"),
    ("txchg.sso_scope", "web single sign-on is the org server's, which has no exchange without a licence"),
    ("password.policy", "the org has no sign-on policy that denies"),
    ("password.mfa", "the org has no second factors"),
    ("ciba.pending", "the org does not have the feature: the grant is unsupported"),
    ("ciba.slow", "as ciba.pending"),
    ("ciba.expired", "as ciba.pending"),
    ("ciba.ok", "as ciba.pending"),
    ("ciba.scope", "as ciba.pending"),
    ("ciba.hint", "as ciba.pending"),
    ("ciba.user", "as ciba.pending"),
    ("ciba.grant", "asked at /bc/authorize: the tests of authorize show it"),
];

/// Every fact is in the table or left out with a reason, and the table says what the facts say.
#[test]
fn every_fact_has_its_row() {
    let Some(known) = token_facts::known() else { return };
    let about = |id: &str| ABOUT.iter().any(|start| id.starts_with(start));
    let rows = || ROWS.iter().chain(exchange::ROWS);
    let shown: BTreeSet<&str> = rows().map(|row| row.fact).collect();
    completeness::assert_complete(&known, about, &shown, LEFT_OUT);
    for row in rows() {
        let Expect::OAuth(status, error, text) = row.expect else { continue };
        // The grants that the org has no feature for are unsupported, whatever else the fact's row tells.
        let fact = &known[row.fact];
        assert_eq!(fact["error"], error, "{}", row.fact);
        if !["authz.not_assigned", "authz.scope_openid"].contains(&row.fact) {
            assert_eq!(fact["status"], status, "{}", row.fact);
        }
        let template = fact["error_description"].as_str().unwrap();
        assert!(like(template, text), "{}: {text:?} is not {template:?}", row.fact);
    }
}

/// Whether a text is a template with its placeholders, or the list in its brackets, filled.
fn like(template: &str, text: &str) -> bool {
    let head = |text: &str| text.split(['[']).next().unwrap_or_default().to_owned();
    let template = if template.contains("{0}") { template.to_owned() } else { head(template) + "{0}" };
    let Some((before, after)) = template.split_once("{0}") else { return false };
    text.strip_prefix(before).is_some_and(|rest| rest.ends_with(after))
}
