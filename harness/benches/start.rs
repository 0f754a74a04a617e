//! From nothing to the first answered request: `orgtwin serve` with the built-in org, ten times.
//!
//! `cargo bench -p harness --bench start`. The bar is a median of 25 ms.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that prints its figures")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
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
