//! What a product around the client does: it takes what a customer enters, tests the connection, and reads what is new.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    calls::{ReferenceClient, unexpected},
    habits::Product,
    links,
    paging::{elements, same_origin},
    refused,
};
use crate::client::protocol::{Achieved, Connection, Found, Reason, Refused, ScopeFound};

/// A cheap call that shows whether a scope works: a list that is empty in no org.
const PROBES: &[(&str, &str)] = &[
    ("okta.users.read", "/api/v1/users"),
    ("okta.users.manage", "/api/v1/users"),
    ("okta.groups.read", "/api/v1/groups"),
    ("okta.groups.manage", "/api/v1/groups"),
    ("okta.logs.read", "/api/v1/logs"),
];

/// Lists that are synchronised: scope, path, the largest page, what says when an element changed.
const LISTS: &[(&str, &str, u32, &[&str])] = &[
    ("okta.users.read", "/api/v1/users", 200, &["lastUpdated"]),
    ("okta.groups.read", "/api/v1/groups", 1000, &["lastUpdated", "lastMembershipUpdated"]),
];

/// The first poll of the System Log.
const LOG: (&str, &str) = ("okta.logs.read", "/api/v1/logs?limit=1000");

/// How far the product has read.
#[derive(Clone, Default)]
pub(super) struct Marks {
    /// By path: the newest change that was seen.
    newest: BTreeMap<&'static str, String>,
    /// Elements and their changes that were read already.
    read: BTreeSet<(String, String)>,
    /// Where the next poll of the log begins.
    log: Option<String>,
    /// When it was read last, by the client's own clock.
    at_ms: Option<i64>,
}

/// The address of the org, from what a customer has entered; the settings without which the product does not work.
///
/// # Errors
/// It is the address of the admin console.
pub(super) fn set_up(connection: &mut Connection, product: Product) -> Result<(), Refused> {
    let config = |words: String| Err(refused(Reason::Config, None, words));
    let entered = connection.org_url.trim();
    let url = if entered.contains("://") { entered.to_owned() } else { format!("https://{entered}") };
    let url = if product.keep_slash { url.as_str() } else { url.trim_end_matches('/') };
    let host = url.split("://").nth(1).unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
    let (org, domain) = host.split_once('.').unwrap_or((host, ""));
    if org.ends_with("-admin") && !product.admin_host {
        let own = org.trim_end_matches("-admin");
        return config(format!(
            "{host} is the admin console, not the org: enter {own}.{domain}, without -admin"
        ));
    }
    if product.okta_com_only
        && url.starts_with("https://")
        && !host.ends_with("okta.com")
        && domain.contains('.')
    {
        return config(format!("{host} is no domain of Okta"));
    }
    if product.needs_settings && connection.settings.is_empty() {
        return config("a tenant setting is missing".to_owned());
    }
    connection.org_url = url.to_owned();
    Ok(())
}

impl ReferenceClient {
    /// Each scope that the client was set up for, by one cheap call.
    pub(super) async fn test_connection(&mut self) -> Result<Achieved, Refused> {
        let product = self.conduct.product;
        let connection = self.connection()?.clone();
        let granted = self.token().await?.scope;
        let mut findings = Vec::new();
        for scope in connection.scopes {
            let found = if granted.contains(&scope) || product.trusts_scopes {
                self.probe(&connection.org_url, &scope).await?
            } else {
                Found::ScopeMissing
            };
            findings.push(ScopeFound { scope, found });
        }
        Ok(Achieved { findings: Some(findings), ..Achieved::default() })
    }

    async fn probe(&mut self, org: &str, scope: &str) -> Result<Found, Refused> {
        let product = self.conduct.product;
        let Some((_, path)) = PROBES.iter().find(|(known, _)| *known == scope) else {
            return Ok(Found::Untested);
        };
        let limit = if product.whole_pages { "" } else { "?limit=1" };
        match self.call("GET", &format!("{org}{path}{limit}"), None).await {
            Ok(answer) => {
                let empty = answer.json()?.as_array().is_some_and(Vec::is_empty);
                Ok(if empty && !product.role_blind { Found::RoleMissing } else { Found::Ok })
            }
            Err(refusal) => match refusal.error.as_ref().and_then(|error| error.code.as_deref()) {
                Some("E0000006") => Ok(Found::RoleMissing),
                Some("insufficient_scope") if product.trusts_scopes => Ok(Found::Ok),
                Some("insufficient_scope") => Ok(Found::ScopeMissing),
                _ => Err(refusal),
            },
        }
    }

    /// What is new since the last time, of everything that the token allows.
    pub(super) async fn synchronise(&mut self) -> Result<Achieved, Refused> {
        let granted = self.token().await?.scope;
        let mut values = Vec::new();
        for (scope, path, limit, stamps) in LISTS {
            if granted.iter().any(|one| one == scope) {
                values.extend(self.changes(path, *limit, stamps).await?);
            }
        }
        if granted.iter().any(|one| one == LOG.0) {
            values.extend(self.poll().await?);
        }
        Ok(Achieved { count: Some(values.len()), values: Some(values), ..Achieved::default() })
    }

    /// The elements of a list that have changed. A search lags behind: it begins at the newest change that was *seen*, not at
    /// the time of the last search, and drops what it knows.
    async fn changes(
        &mut self,
        path: &'static str,
        limit: u32,
        stamps: &[&str],
    ) -> Result<Vec<Value>, Refused> {
        let product = self.conduct.product;
        let org = self.connection()?.org_url.clone();
        let limit = if product.small_pages { 20 } else { limit };
        let mut url = format!("{org}{path}?limit={limit}");
        if let Some(newest) = self.marks.newest.get(path).filter(|_| !product.everything_again) {
            let since: Vec<String> = stamps.iter().map(|stamp| format!("{stamp} ge \"{newest}\"")).collect();
            let pair = form_urlencoded::Serializer::new(String::new())
                .append_pair("search", &since.join(" or "))
                .finish();
            url = format!("{url}&{pair}");
        }
        let mut new = Vec::new();
        let mut next = Some(url);
        while let Some(url) = next {
            let (elements, link) = self.page(&org, &url).await?;
            for element in elements {
                let text = |name: &str| element[name].as_str().unwrap_or_default().to_owned();
                let changed = stamps.iter().map(|stamp| text(stamp)).max().unwrap_or_default();
                let newest = self.marks.newest.entry(path).or_default();
                if *newest < changed {
                    newest.clone_from(&changed);
                }
                if self.marks.read.insert((text("id"), changed)) {
                    new.push(element["id"].clone());
                }
            }
            next = link;
        }
        Ok(new)
    }

    /// The events that were written since the last poll: from the next link that it ended with, until a page is empty.
    async fn poll(&mut self) -> Result<Vec<Value>, Refused> {
        let product = self.conduct.product;
        let org = self.connection()?.org_url.clone();
        let mut url = self.marks.log.clone().unwrap_or_else(|| format!("{org}{}", LOG.1));
        let since = self.marks.at_ms.filter(|_| product.since_last_time);
        if let Some(at) = since.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()) {
            url = format!("{org}{}&since={at:.3}", LOG.1);
        }
        if product.everything_again {
            url = format!("{org}{}", LOG.1);
        }
        let at_ms = self.clock.now_ms();
        let mut new = Vec::new();
        loop {
            let (events, next) = self.page(&org, &url).await?;
            let empty = events.is_empty();
            new.extend(events.into_iter().map(|event| event["uuid"].clone()));
            let Some(next) = next else { break };
            self.marks.log = Some(next.clone());
            if empty {
                break;
            }
            url = next;
        }
        self.marks.at_ms = Some(at_ms);
        Ok(new)
    }

    async fn page(&mut self, org: &str, url: &str) -> Result<(Vec<Value>, Option<String>), Refused> {
        let answer = self.call("GET", url, None).await?;
        let elements = elements(&answer)?;
        let next = links::next(answer.headers.get_all("link").iter().filter_map(|line| line.to_str().ok()));
        match next {
            Some(next) if !same_origin(org, &next) => {
                Err(unexpected(format!("the next page is at another origin: {next}")))
            }
            next => Ok((elements, next)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::client::protocol::Authentication;

    fn entered(text: &str, product: Product) -> Result<String, Refused> {
        let mut connection = Connection {
            org_url: text.to_owned(),
            issuer: String::new(),
            client_id: String::new(),
            auth: Authentication::Public,
            scopes: Vec::new(),
            dpop: false,
            ca_pem: None,
            proxy: None,
            settings: BTreeMap::new(),
            sign_in: None,
        };
        set_up(&mut connection, product).map(|()| connection.org_url)
    }

    #[test]
    fn what_a_customer_enters_becomes_the_orgs_address() {
        let none = Product::default();
        for (text, url) in [
            ("acme.okta.com", "https://acme.okta.com"),
            (" https://acme.okta.com/ ", "https://acme.okta.com"),
            ("id.customer.example", "https://id.customer.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(entered(text, none).unwrap(), url);
        }
        for text in ["acme-admin.okta.com", "https://acme-admin.oktapreview.com/"] {
            let words = entered(text, none).unwrap_err().error.unwrap().message.unwrap();
            assert!(words.contains("enter acme.okta") && words.contains("without -admin"), "{words}");
        }
        assert!(entered("acme.oktapreview.com", Product { okta_com_only: true, ..none }).is_err());
        assert!(entered("acme-admin.okta.com", Product { admin_host: true, ..none }).is_ok());
    }
}
