//! Adapters by HTTP.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use crate::{
    files::path,
    has,
    ran::{Ran, run},
};

struct Adapter(Child);

impl Drop for Adapter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_adapter_by_http_is_driven_as_one_on_a_pipe() {
    if !has("python3") {
        return;
    }
    let mut adapter = Adapter(
        Command::new("python3")
            .args([path("clients/http_adapter.py"), path("../examples/adapters/python/adapter.py")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut address = String::new();
    BufReader::new(adapter.0.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim();
    let Ran { code, out, err } = run(&["client", "lint", address]);
    assert_eq!(code, Some(0), "{out}{err}");
    let Ran { code, out, err } =
        run(&["test", "--tags", "@TOK-001 or @PAGE-001 or @RATE-001", "--client", address]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("3 passed"), "{out}");
}

#[test]
fn what_is_wrong_with_an_adapter_by_http_is_told_with_the_remedy() {
    // Bound, so that nobody else listens there; dropped, so that nobody does.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Ran { code, err, .. } =
        run(&["test", "--scenario", "TOK-001", "--client", &format!("http://127.0.0.1:{port}/x")]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("nobody listens there; start the adapter before the run"), "{err}");

    let page = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", page.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in page.incoming() {
            let mut stream = stream.unwrap();
            let mut read = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut read);
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>";
            let _ = std::io::Write::write_all(&mut stream, answer.as_bytes());
        }
    });
    let Ran { code, err, .. } = run(&["test", "--scenario", "TOK-001", "--client", &address]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("the answer is not JSON"), "{err}");

    let Ran { code, err, .. } = run(&["test", "--client", "http:nowhere"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("http://127.0.0.1:9000/adapter"), "{err}");
}
