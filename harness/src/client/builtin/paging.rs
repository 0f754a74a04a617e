//! A whole collection: each page at the address that the org gave, unchanged; never a page twice, never the token
//! to another origin.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::Value;

use super::{
    calls::{Answer, ReferenceClient, unexpected},
    conduct::Paging,
    links, requests,
};
use crate::client::protocol::Refused;

/// So many pages does a client read that does not notice that it knows them.
const MANY: usize = 16;

impl ReferenceClient {
    /// The `key` member of every element of the collection at `path`.
    pub(super) async fn list_all(&mut self, path: &str, key: &str) -> Result<Vec<Value>, Refused> {
        let org = self.connection()?.org_url.clone();
        let mut url = format!("{org}{}", requests::address(&self.conduct, path));
        let mut read: HashSet<String> = HashSet::new();
        let mut values = Vec::new();
        let mut pages = 0;
        loop {
            pages += 1;
            if !read.insert(url.clone()) && (self.conduct.guard_pages || pages > MANY) {
                return Err(unexpected(format!("the org handed out a page that was read already: {url}")));
            }
            let answer = self.call("GET", &url, None).await?;
            for element in &elements(&answer)? {
                let value =
                    element.get(key).ok_or_else(|| unexpected(format!("an element has no `{key}`")))?;
                values.push(value.clone());
            }
            let Some(next) = self.next_page(&answer) else { return Ok(values) };
            url = match self.conduct.paging {
                Paging::Verbatim | Paging::FirstLinkLine if !self.conduct.keep_limit => {
                    without(&next, "limit=")
                }
                Paging::Verbatim | Paging::FirstLinkLine if !self.conduct.keep_search => {
                    without(&next, "search=")
                }
                Paging::Verbatim | Paging::FirstLinkLine => next,
                Paging::FirstPageOnly => return Ok(values),
                Paging::OwnCursor => own_cursor(&org, path, values.last()),
            };
            if !self.conduct.trust_foreign_links && !same_origin(&org, &url) {
                if self.conduct.quiet_at_foreign_link {
                    return Ok(values);
                }
                return Err(unexpected(format!("the next page is at another origin: {url}")));
            }
        }
    }

    fn next_page(&self, answer: &Answer) -> Option<String> {
        let lines = answer.headers.get_all("link").iter().filter_map(|line| line.to_str().ok());
        match self.conduct.paging {
            Paging::FirstLinkLine => links::next(lines.take(1)),
            _ => links::next(lines),
        }
    }
}

/// The elements of a page.
///
/// # Errors
/// It is something else.
pub(super) fn elements(answer: &Answer) -> Result<Vec<Value>, Refused> {
    match answer.json()? {
        Value::Array(elements) => Ok(elements),
        _ => Err(unexpected("the page is not a JSON array")),
    }
}

/// The address without a parameter.
fn without(url: &str, parameter: &str) -> String {
    let kept = |part: &&str| !part.starts_with(parameter);
    match url.split_once('?') {
        Some((path, query)) => {
            format!("{path}?{}", query.split('&').filter(kept).collect::<Vec<_>>().join("&"))
        }
        None => url.to_owned(),
    }
}

fn own_cursor(org: &str, path: &str, last: Option<&Value>) -> String {
    let last = last.and_then(Value::as_str).unwrap_or_default();
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{org}{path}{joint}after={last}")
}

/// Whether an address is of the org.
pub(super) fn same_origin(org: &str, url: &str) -> bool {
    match (Url::parse(org), Url::parse(url)) {
        (Ok(org), Ok(url)) => org.origin() == url.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let org = "https://acme.okta.com";
        let table = [
            ("https://acme.okta.com/api/v1/users?after=x", true),
            ("https://acme.okta.com:443/api", true),
            ("https://acme.okta.com:8443/api", false),
            ("http://acme.okta.com/api", false),
            ("https://acme.okta.com.evil.example/api", false),
            ("https://acme.okta.com@evil.example/api", false),
            ("/api/v1/users", false),
        ];
        for (url, same) in table {
            assert_eq!(same_origin(org, url), same, "{url}");
        }
    }
}
