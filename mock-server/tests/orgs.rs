//! A thousand orgs in one process: made, asked and dropped side by side, and nothing of them stays.
//!
//! A program of its own, so that nobody else takes memory, sockets or tasks while it counts.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the figures are printed, not judged")]

mod wire;

use std::time::{Duration, Instant};

use mock_server::MockOrg;
use tokio::net::TcpListener;
use wire::{address, get, json as send_json, send};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ORGS: usize = 1000;
/// Calls at a time.
const WORKERS: usize = 32;

/// What a process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    rss_kib: usize,
    files: usize,
    tasks: usize,
}

impl Held {
    fn now() -> Self {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            rss_kib: pages * 4,
            files: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        }
    }
}

/// The least that is held within some seconds after connections have closed: the allocator gives memory back after a
/// second, a part at a time, when it is asked for something.
async fn at_rest(orgs_url: &str) -> Held {
    let mut least = Held::now();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        life(orgs_url, 8).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let held = Held::now();
        least.rss_kib = least.rss_kib.min(held.rss_kib);
        least.files = least.files.min(held.files);
        least.tasks = least.tasks.min(held.tasks);
    }
    least
}

/// Does something for each, many at a time; what comes of it, in any order.
async fn each<T: Send + 'static, F>(
    items: Vec<String>,
    work: impl Fn(String) -> F + Copy + Send + 'static,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let share = items.len().div_ceil(WORKERS);
    let workers: Vec<_> = items
        .chunks(share)
        .map(|items| {
            let items = items.to_vec();
            tokio::spawn(async move {
                let mut done = Vec::with_capacity(items.len());
                for item in items {
                    done.push(work(item).await);
                }
                done
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    all
}

/// Makes orgs, asks each, and drops them: the addresses that they had, and how long the making took.
async fn life(orgs_url: &str, count: usize) -> (Vec<String>, Duration, Held) {
    let begun = Instant::now();
    let wanted = (0..count).map(|nth| format!("{orgs_url} {{\"name\":\"org-of-{nth}\"}}")).collect();
    let made = each(wanted, |wanted| async move {
        let (url, body) = wanted.split_once(' ').unwrap();
        let made = send_json("POST", url, body).await;
        assert_eq!((made.status, made.header("content-type")), (201, Some("application/json")), "{made:?}");
        let ready = made.json();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        format!("{} {} {}", text("name"), text("base_url"), text("api_token"))
    })
    .await;
    let took = begun.elapsed();
    let bases = each(made, |made| async move {
        let mut words = made.split(' ');
        let (name, base, token) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let lines = [("Authorization", format!("SSWS {token}"))];
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = format!("{{\"profile\":{{\"name\":\"only in {name}\"}}}}");
        let lines = [&lines[..], &[("Content-Type", "application/json")]].concat();
        let written = send("POST", &format!("{base}/api/v1/groups"), &lines, &body).await;
        assert_eq!(written.status, 200, "{written:?}");
        let found = send("GET", &format!("{base}/api/v1/groups?q=only%20in"), &lines, "").await;
        assert_eq!(found.json().as_array().unwrap().len(), 1, "{found:?}");
        assert!(found.body.contains(&format!("only in {name}\"")), "{found:?}");
        format!("{name} {base}")
    })
    .await;
    let most = Held::now();
    let url = orgs_url.to_owned();
    let doomed = bases.iter().map(|one| format!("{url} {one}")).collect();
    let bases = each(doomed, |doomed| async move {
        let mut words = doomed.split(' ');
        let (url, name, base) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        assert_eq!(send("DELETE", &format!("{url}/{name}"), &[], "").await.status, 204);
        base.to_owned()
    })
    .await;
    (bases, took, most)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_orgs_leave_nothing_behind() {
    let org = MockOrg::builder().rate_limits("off").start().await.unwrap();
    let orgs_url = format!("{}/orgs", org.control_url());
    // What is made once (threads, tables, the template) is made now.
    life(&orgs_url, 64).await;
    let start = at_rest(&orgs_url).await;
    let (_, _, first) = life(&orgs_url, ORGS).await;
    let between = at_rest(&orgs_url).await;

    let (bases, took, most) = life(&orgs_url, ORGS).await;
    assert_eq!(bases.len(), ORGS);
    let after = at_rest(&orgs_url).await;
    println!("{ORGS} orgs over sockets, {WORKERS} calls at a time, debug build: made in {took:.1?}");
    println!("at first {start:?}, with {ORGS} orgs {first:?}, without {between:?}");
    println!("with {ORGS} others {most:?}, without {after:?}");

    assert!(most.files >= start.files + ORGS, "each had a listener of its own: {most:?}");
    assert!(after.files <= start.files, "{start:?} {after:?}");
    assert!(after.tasks <= start.tasks, "{start:?} {after:?}");
    // How much of what is free the allocator gives back is its own affair; that it is free shows when others take it:
    // the second thousand fits where the first was.
    assert!(most.rss_kib * 100 <= first.rss_kib * 108, "{first:?} {most:?}");
    for base in bases {
        // Nobody holds the port: it can be listened on.
        drop(TcpListener::bind(address(&base)).await.unwrap_or_else(|error| panic!("{base}: {error}")));
    }
    assert_eq!(get(&orgs_url).await.json().as_array().unwrap().len(), 1);
}
