//! An adapter with bad manners: `orgtwin hostile MODE [OP]`. But for the misbehaviour of its mode it lies: it reports
//! every op as done and sends nothing to anybody. It is the program itself, so that a selftest needs no interpreter.

use std::{
    io::{BufRead as _, Write as _},
    process::Command,
    time::Duration,
};

use rustix::process::{Signal, getpid, kill_process};
use serde_json::{Value, json};

/// Longer than any deadline of a selftest.
const FOR_EVER: Duration = Duration::from_secs(30);

/// Speaks the protocol on standard input and output, badly. The exit code is that of the process.
pub(crate) fn adapter(mode: &str, at: &str) -> u8 {
    if mode == "banner" {
        for line in ["Welcome to the ACME SDK!", r#"{"level":"info","message":"started"}"#, "42"] {
            say(line);
        }
    }
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return 1 };
        let Ok(request) = serde_json::from_str::<Value>(&line) else { continue };
        let id = &request["id"];
        let op = request["op"].as_str().unwrap_or_default();
        if op == at {
            match misbehave(mode, id, &line) {
                Next::Exit(code) => return code,
                Next::Skip => continue,
                Next::Reply => {}
            }
        }
        let mut reply = lie(op, mode);
        reply["id"] = id.clone();
        say(&reply.to_string());
        if op == "bye" {
            if mode == "slowbye" {
                std::thread::sleep(FOR_EVER);
            }
            return 0;
        }
    }
    0
}

/// What follows a misbehaviour.
enum Next {
    Exit(u8),
    /// The op has had its reply.
    Skip,
    Reply,
}

fn misbehave(mode: &str, id: &Value, line: &str) -> Next {
    match mode {
        "hang" => std::thread::sleep(FOR_EVER),
        "signal" => {
            let _ = kill_process(getpid(), Signal::KILL);
            std::thread::sleep(FOR_EVER);
        }
        "exit" => return Next::Exit(7),
        "flood" => {
            let much = "this is not a reply ".repeat(50_000);
            for _ in 0..40 {
                say(&much);
            }
        }
        "partial" => {
            let mut out = std::io::stdout().lock();
            let _ = write!(out, r#"{{"id":{id},"outcome":"ok""#);
            let _ = out.flush();
            std::thread::sleep(FOR_EVER);
        }
        "duplicate" => say(&json!({ "id": id, "outcome": "ok" }).to_string()),
        "foreign" => {
            say(r#"{"id":4711,"outcome":"ok"}"#);
            return Next::Skip;
        }
        "malformed" => {
            say(&json!({ "id": id, "outcome": "maybe" }).to_string());
            return Next::Skip;
        }
        "breaks" => {
            let message = "KeyError: token";
            say(&json!({ "id": id, "outcome": "error", "message": message }).to_string());
            return Next::Skip;
        }
        // A child that keeps the pipes, and a parent that ends.
        "child" if Command::new("sleep").arg("30").spawn().is_ok() => return Next::Exit(7),
        "leak" => {
            let _ = writeln!(std::io::stderr(), "my configuration is {line}");
            say(&format!("debug: {line}"));
        }
        _ => {}
    }
    Next::Reply
}

/// What an adapter replies that does nothing.
pub(super) fn lie(op: &str, mode: &str) -> Value {
    let protocol = if mode == "protocol" { 2 } else { 1 };
    let values: Vec<Value> = match mode {
        "more" => (0..40).map(|nth| json!(format!("00u{nth}"))).collect(),
        _ => Vec::new(),
    };
    match op {
        "hello" => json!({ "protocol": protocol, "client": { "name": "hostile" },
            "capabilities": ["auth.client_secret_basic", "auth.private_key_jwt", "list_all"] }),
        "get_token" => json!({ "outcome": "ok", "token_type": "Bearer", "expires_in": 3600, "scope": [] }),
        "list_all" => json!({ "outcome": "ok", "count": values.len(), "values": values }),
        "configure" | "call" | "bye" => json!({ "outcome": "ok" }),
        _ => json!({ "outcome": "unsupported" }),
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
