//! Under which URL the caller called (`facts/real-clients.md` §1): issuer, links and audiences follow it.

use std::sync::Arc;

use http::{HeaderMap, Uri, header};
use parking_lot::Mutex;

/// Decides the base URL of each request of a connection. Remembers the last one.
#[derive(Debug)]
pub(super) struct BaseUrls {
    scheme: &'static str,
    /// The listener's own, for requests that name no host.
    own: Arc<str>,
    fixed: Option<Arc<str>>,
    trust_proxy: bool,
    last: Mutex<Option<(Box<str>, Arc<str>)>>,
}

impl BaseUrls {
    /// For a connection of this scheme to a listener of this URL.
    pub(super) fn new(
        scheme: &'static str,
        own: Arc<str>,
        fixed: Option<Arc<str>>,
        trust_proxy: bool,
    ) -> Self {
        Self { scheme, own, fixed, trust_proxy, last: Mutex::new(None) }
    }

    /// `scheme://host[:port]`, without a trailing slash.
    pub(super) fn of(&self, uri: &Uri, headers: &HeaderMap) -> Arc<str> {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let host = match uri.authority() {
            Some(authority) => Some(authority.as_str()),
            None => only(headers, &header::HOST),
        };
        if self.trust_proxy
            && let Some(forwarded) = self.forwarded(headers, host)
        {
            return forwarded;
        }
        let Some(host) = host else { return self.own.clone() };
        let mut last = self.last.lock();
        if let Some((known, base)) = &*last
            && **known == *host
        {
            return base.clone();
        }
        let base = from_host(self.scheme, host).map_or_else(|| self.own.clone(), Arc::from);
        *last = Some((host.into(), base.clone()));
        base
    }

    fn forwarded(&self, headers: &HeaderMap, host: Option<&str>) -> Option<Arc<str>> {
        let first = |name| {
            let value: &http::HeaderValue = headers.get(name)?;
            value.to_str().ok()?.split(',').next().map(str::trim)
        };
        let (proto, forwarded) = (first("x-forwarded-proto"), first("x-forwarded-host"));
        let scheme = match proto.map(str::to_ascii_lowercase).as_deref() {
            Some("http") => "http",
            Some("https") => "https",
            _ => self.scheme,
        };
        let usable = forwarded.filter(|host| host_is_valid(host));
        if proto.is_none() && usable.is_none() {
            return None;
        }
        from_host(scheme, usable.or(host)?).map(Arc::from)
    }
}

/// A header's value, if there is exactly one.
fn only<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// The base URL of a host; nothing if it is malformed.
fn from_host(scheme: &str, host: &str) -> Option<String> {
    host_is_valid(host).then(|| format!("{scheme}://{host}"))
}

/// A host without its port, an IPv6 address without its brackets; nothing where it cannot be taken apart.
pub(crate) fn host_name(host: &str) -> &str {
    take_apart(host).map_or("", |(name, _)| name)
}

fn take_apart(host: &str) -> Option<(&str, Option<&str>)> {
    let Some(rest) = host.strip_prefix('[') else {
        return Some(host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))));
    };
    match rest.split_once(']')? {
        (address, "") => Some((address, None)),
        (address, port) => Some((address, Some(port.strip_prefix(':')?))),
    }
}

/// `name`, `1.2.3.4` or `[::1]`, with or without a port.
pub(crate) fn host_is_valid(host: &str) -> bool {
    let Some((name, port)) = take_apart(host) else { return false };
    let name_is_valid = if host.starts_with('[') {
        name.parse::<std::net::Ipv6Addr>().is_ok()
    } else {
        !name.is_empty()
            && name.len() < 256
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let port_is_valid = port.is_none_or(|port| {
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    name_is_valid && port_is_valid
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod unit {
    use http::HeaderValue;

    use super::*;

    /// Header lines.
    type Lines<'a> = &'a [(&'static str, &'a str)];

    fn base(trust_proxy: bool, uri: &str, lines: Lines<'_>) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let urls = BaseUrls::new("http", "http://127.0.0.1:8080".into(), None, trust_proxy);
        let first = urls.of(&uri.parse().unwrap(), &headers);
        assert_eq!(first, urls.of(&uri.parse().unwrap(), &headers), "remembered");
        first.to_string()
    }

    #[test]
    fn the_url_is_the_callers() {
        let own = "http://127.0.0.1:8080";
        let cases: [(&str, Lines<'_>, &str); 12] = [
            ("/", &[("host", "acme.localhost:81")], "http://acme.localhost:81"),
            ("/", &[("host", "[::1]:81")], "http://[::1]:81"),
            ("/", &[("host", "localhost")], "http://localhost"),
            ("http://other:9/x", &[("host", "localhost")], "http://other:9"),
            ("/", &[], own),
            ("/", &[("host", "")], own),
            ("/", &[("host", "a"), ("host", "b")], own),
            ("/", &[("host", "a/b")], own),
            ("/", &[("host", "user@a")], own),
            ("/", &[("host", "a:99999")], own),
            ("/", &[("host", "a:")], own),
            ("/", &[("host", "a"), ("x-forwarded-host", "evil"), ("x-forwarded-proto", "https")], "http://a"),
        ];
        for (uri, lines, expected) in cases {
            assert_eq!(base(false, uri, lines), expected, "{uri} {lines:?}");
        }
    }

    #[test]
    fn a_trusted_proxy_may_say_otherwise() {
        let cases: [(Lines<'_>, &str); 6] = [
            (&[("host", "a:1"), ("x-forwarded-host", "b"), ("x-forwarded-proto", "https")], "https://b"),
            (&[("host", "a:1"), ("x-forwarded-proto", "HTTPS")], "https://a:1"),
            (&[("host", "a:1"), ("x-forwarded-host", "b:2, c:3")], "http://b:2"),
            (&[("host", "a:1"), ("x-forwarded-host", "not a host")], "http://a:1"),
            (&[("host", "a:1"), ("x-forwarded-proto", "gopher")], "http://a:1"),
            (&[("host", "a:1")], "http://a:1"),
        ];
        for (lines, expected) in cases {
            assert_eq!(base(true, "/", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_fixed_url_wins() {
        let urls = BaseUrls::new("http", "http://own".into(), Some("https://acme.example".into()), true);
        assert_eq!(&*urls.of(&"http://other/".parse().unwrap(), &HeaderMap::new()), "https://acme.example");
    }
}
