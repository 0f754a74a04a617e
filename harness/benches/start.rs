//! From nothing to the first answered request: `orgtwin serve` with the built-in org, ten times. And a thousand orgs in
//! one such process, made by its control API and dropped.
//!
//! `cargo bench -p harness --bench start`. The bars are a median of 25 ms, and 1 s for the thousand.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that prints its figures")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut times: Vec<Duration> = (0..10).map(|_| start()).collect();
    times.sort();
    let median = (times[4] + times[5]) / 2;
    let verdict = if median <= Duration::from_millis(25) { "met" } else { "MISSED" };
    println!(
        "start to first answer: median {median:.1?}, {:.1?} to {:.1?}; bar 25 ms {verdict}",
        times[0], times[9]
    );
    thousand();
}

/// A call of the control API; the answer.
fn call(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /_mock/{path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Calls for a thousand names, eight at a time.
fn for_all(call: impl Fn(String) + Sync) -> Duration {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let call = &call;
            scope.spawn(move || (worker..1000).step_by(8).for_each(|nth| call(format!("o{nth}"))));
        }
    });
    begun.elapsed()
}

fn thousand() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_orgtwin"))
        .args(["serve", "--listen", &free.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let rss_mib = || {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", child.id())).unwrap();
        statm.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4.0 / 1024.0
    };
    let make = |name: String| {
        let answer = call(free, "POST", "orgs", &format!("{{\"name\":{name:?}}}"));
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    };
    let drop = |name: String| {
        let answer = call(free, "DELETE", &format!("orgs/{name}"), "");
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    };
    // What is made once is made by the first.
    make("warm".to_owned());
    drop("warm".to_owned());
    let before = rss_mib();
    let made = for_all(make);
    let most = rss_mib();
    let dropped = for_all(drop);
    // The allocator gives memory back after a second, when it is asked for something.
    std::thread::sleep(Duration::from_millis(1500));
    make("last".to_owned());
    drop("last".to_owned());
    let verdict = if made <= Duration::from_secs(1) { "met" } else { "MISSED" };
    println!(
        "1,000 orgs: made in {made:.1?}, dropped in {dropped:.1?}; {before:.0} MiB before, {most:.0} with them, \
         {:.0} after; bar 1 s {verdict}",
        rss_mib()
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

fn start() -> Duration {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_orgtwin"))
        .args(["serve", "--listen", &free.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The first line is printed when the org listens.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut stream = TcpStream::connect(free).unwrap();
    let token = "SSWS 00devSuperAdminToken000000000000000000000A";
    write!(stream, "GET /api/v1/users/me HTTP/1.1\r\nHost: {free}\r\nAuthorization: {token}\r\n\r\n")
        .unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    let took = begun.elapsed();
    assert_eq!(&answer, b"HTTP/1.1 200");
    child.kill().unwrap();
    child.wait().unwrap();
    took
}
