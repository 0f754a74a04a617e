//! An org that every run asks.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use mock_server::exchange::{HeaderLines, Reply, Request, Trace};
use mock_server::org::{Org, OrgOptions, seed};

static ORG: LazyLock<Org> = LazyLock::new(|| {
    let org = Org::new(&seed::dev(), &OrgOptions { seed: Some(1), ..OrgOptions::default() });
    let org = org.unwrap_or_else(|error| panic!("{error}"));
    org.configure(|settings| settings.limits.profile = "off".to_owned());
    org
});

pub fn answer(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let pairs = headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    let request = Request {
        method: method.parse().unwrap_or_default(),
        target: target.to_owned(),
        headers: HeaderMap::from_iter(pairs),
        raw_headers: HeaderLines::default(),
        body: bytes::Bytes::copy_from_slice(body),
        base_url: "http://127.0.0.1:8080".into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        now: ORG.clock().now(),
    };
    mock_server::gateway::answer(&ORG, &request, &mut Trace::default())
}
