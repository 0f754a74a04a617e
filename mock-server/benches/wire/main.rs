//! The pace of the server over sockets, as ratios against a bare axum handler in the same run.
//!
//! `cargo bench -p mock-server --bench wire`. Each server is a process of its own (this program again, with
//! `serve bare` or `serve mock`), so that its CPU time can be read apart from that of the load. Linux only.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that prints its figures")]

mod bare;
mod load;
mod processes;

use std::time::Duration;

use load::Load;
use processes::Served;

/// The allocator of `orgtwin`, for both servers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", "bare"] => processes::serve_bare(),
        ["serve", "mock"] => processes::serve_mock(),
        ["serve", "watched"] => processes::serve_watched(),
        ["serve", "unwatched"] => processes::serve_unwatched(),
        // `cargo test --benches` runs benches too: nothing to do there.
        _ if !arguments.iter().any(|one| one == "--bench") => {}
        _ => measure(),
    }
}

fn measure() {
    let (bare, mock) = (Served::start("bare"), Served::start("mock"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    heading("bare axum", "orgtwin");
    for (name, path, bar) in [
        ("GET /api/v1/users?limit=200, a second", "/api/v1/users?limit=200", 0.50),
        ("GET /api/v1/users/{id}, a second", "/api/v1/users/ada.admin@example.com", 0.50),
    ] {
        let load = Load::get(path);
        let rounds: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let run = |served: &Served| {
                    runtime.block_on(load.for_a_while(served.address, Duration::from_secs(2)))
                };
                (run(&bare), run(&mock))
            })
            .collect();
        report(name, &rounds, bar);
    }
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let run = |served: &Served| {
                let load = Load::tokens(served.address, 3000);
                let before = served.cpu_seconds();
                runtime.block_on(load.once_each(served.address));
                3000.0 / (served.cpu_seconds() - before)
            };
            (run(&bare), run(&mock))
        })
        .collect();
    report("POST /oauth2/v1/token, a CPU second", &rounds, 0.85);
    drop((bare, mock));

    // What limiter, ledger and fault match cost together: the same server without them.
    let (without, with) = (Served::start("unwatched"), Served::start("watched"));
    heading("without", "with");
    let load = Load::get("/api/v1/users/ada.admin@example.com");
    let run = |served: &Served| runtime.block_on(load.for_a_while(served.address, Duration::from_secs(2)));
    let rounds: Vec<_> = (0..2 * ROUNDS)
        .map(|nth| {
            // Who is first changes: the second one finds a warm machine.
            if nth % 2 == 0 {
                (run(&without), run(&with))
            } else {
                let with = run(&with);
                (run(&without), with)
            }
        })
        .collect();
    report("limiter, ledger and fault match, a second", &rounds, 0.95);
}

fn heading(first: &str, second: &str) {
    println!("{:<44} {first:>12} {second:>12} {:>8}   bar", "", "ratio");
}

/// The medians of both, and the median of the ratios of the rounds.
fn report(name: &str, rounds: &[(f64, f64)], bar: f64) {
    let median = |mut figures: Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let bare = median(rounds.iter().map(|round| round.0).collect());
    let mock = median(rounds.iter().map(|round| round.1).collect());
    let ratio = median(rounds.iter().map(|round| round.1 / round.0).collect());
    let verdict = if ratio >= bar { "met" } else { "MISSED" };
    println!("{name:<44} {bare:>12.0} {mock:>12.0} {:>7.0}%   {:.0}% {verdict}", ratio * 100.0, bar * 100.0);
}
