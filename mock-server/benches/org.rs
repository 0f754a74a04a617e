//! What an org costs without sockets: forks, charges, pages, single reads.
#![expect(clippy::unwrap_used, reason = "a bench")]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, Method, header};
use mock_server::exchange::{HeaderLines, Request, Trace};
use mock_server::facts::{Facts, facts};
use mock_server::gateway;
use mock_server::limits::{self, Asking, Holder, LimitSettings, MemoryCounters};
use mock_server::org::{Org, OrgOptions};

fn request(org: &Org, target: &str) -> Request {
    let token = HeaderValue::from_static("SSWS 00devSuperAdminToken000000000000000000000A");
    Request {
        method: Method::GET,
        target: target.to_owned(),
        headers: HeaderMap::from_iter([(header::AUTHORIZATION, token)]),
        raw_headers: HeaderLines::default(),
        body: bytes::Bytes::new(),
        base_url: "http://127.0.0.1:8080".into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        now: org.clock().now(),
    }
}

fn orgs(criterion: &mut Criterion) {
    criterion.bench_function("load the facts", |bencher| bencher.iter(|| Facts::load().unwrap()));
    criterion
        .bench_function("read the dev org's document", |bencher| bencher.iter(mock_server::org::seed::dev));
    let dev = mock_server::org::seed::dev();
    let org = Org::new(&dev, &OrgOptions::default()).unwrap();
    org.configure(|settings| settings.limits.profile = "off".to_owned());
    criterion.bench_function("make the dev org from its document", |bencher| {
        bencher.iter(|| Org::new(black_box(&dev), &OrgOptions::default()).unwrap());
    });
    // The bar: 10 ms for a thousand.
    criterion.bench_function("1,000 forks of the dev org", |bencher| {
        bencher.iter(|| (0..1000).map(|_| org.fork(&OrgOptions::default())).collect::<Vec<_>>());
    });
    let mut answer = |name: &str, target: &str| {
        let request = request(&org, target);
        assert_eq!(gateway::answer(&org, &request, &mut Trace::default()).status, 200);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| gateway::answer(&org, black_box(&request), &mut Trace::default()));
        });
    };
    answer("GET /api/v1/users?limit=200", "/api/v1/users?limit=200");
    answer("GET /api/v1/users/{login}", "/api/v1/users/ada.admin@example.com");
}

fn limiter(criterion: &mut Criterion) {
    let org = Org::new(&mock_server::org::seed::dev(), &OrgOptions::default()).unwrap();
    let settings = org.state().settings.limits.clone();
    let bucket = facts().limits.bucket_named("/api/v1/users").unwrap();
    let counters = MemoryCounters::default();
    let now = org.clock().now();
    criterion.bench_function("charge a request", |bencher| {
        let principal = Some((Holder::ApiToken, "00T1"));
        let asking = Asking { bucket, principal, share: Some(50), browser: None, warning: 60 };
        bencher.iter(|| limits::charge(&counters, &settings, black_box(&asking), now));
    });
    // All that a request can be nested in: browser, principal, org; and its places in flight. The bar: 1 µs.
    let settings = LimitSettings::profile("workforce");
    let authorize = facts().limits.bucket_named("/oauth2/v1/authorize").unwrap();
    criterion.bench_function("charge a request to nested windows, in flight", |bencher| {
        let principal = Some((Holder::OAuthClient, "0oaserviceapp0000001"));
        let browser = Some(("0oaserviceapp0000001\n127.0.0.1\ndevice", false));
        let asking = Asking { bucket: authorize, principal, share: Some(50), browser, warning: 60 };
        bencher.iter(|| {
            let flight = org.in_flight().arrive();
            org.in_flight().belongs(&flight, Holder::OAuthClient, "0oaserviceapp0000001");
            limits::charge(&counters, &settings, black_box(&asking), now)
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_secs(1));
    targets = orgs, limiter
}
criterion_main!(benches);
