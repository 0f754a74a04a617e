//! Every call of the control API, and operations in between, over sockets.

use std::time::Duration;

use mock_server::MockOrg;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::judge::{PATIENCE, panics, watch_panics, wrong};
use super::requests::{Credentials, Fault, Made};
use super::rows::Rows;
use super::values::Source;

/// After so many requests the org begins again.
const EPISODE: u64 = 300;

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn line(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

/// One request on a connection of its own, written whole; the answer is read to its end.
async fn send(address: &str, made: &Made) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let mut bytes =
        format!("{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n", made.method, made.target)
            .into_bytes();
    for (name, value) in &made.lines {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", made.body.len()).as_bytes());
    bytes.extend_from_slice(&made.body);
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    // Who has been refused may find the way closed; what was answered counts.
    let (_refused, read) = tokio::join!(writing.write_all(&bytes), reading.read_to_end(&mut answer));
    if answer.is_empty() {
        read?;
    }
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let body = answer.split_off(end);
    let head = String::from_utf8_lossy(&answer).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head, body })
}

fn plain(method: &str, target: &str) -> Made {
    Made {
        operation: target.to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        lines: Vec::new(),
        body: Vec::new(),
    }
}

/// The kinds of faults, as the server tells them.
async fn kinds(address: &str) -> Vec<Fault> {
    let told = send(address, &plain("GET", "/_mock/faults")).await.unwrap();
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    let kinds = told.as_array().unwrap().iter().map(|kind| {
        let parameters = kind["parameters"].as_array().into_iter().flatten();
        let parameters =
            parameters.map(|one| (one["name"].as_str().unwrap().to_owned(), one["min"].as_i64()));
        (kind["name"].as_str().unwrap().to_owned(), parameters.collect())
    });
    kinds.collect()
}

/// Whether a fault touched the newest exchange.
async fn struck(address: &str) -> bool {
    let ledger = send(address, &plain("GET", "/_mock/orgs/default/ledger?format=json")).await.unwrap();
    let ledger: Value = serde_json::from_slice(&ledger.body).unwrap();
    let newest = ledger.as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
    newest["faults"].as_array().is_some_and(|faults| !faults.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_api_answers_whatever_it_is_asked() {
    watch_panics();
    let cases = super::cases(20, 1500);
    let server = MockOrg::builder().rate_limits("off").seed(1).start().await.unwrap();
    let address = server.base_url().strip_prefix("http://").unwrap().to_owned();
    let who = Credentials {
        api_tokens: server.ready().api_token.iter().map(ToString::to_string).collect(),
        clients: server
            .ready()
            .clients
            .iter()
            .map(|one| (one.client_id.clone(), one.client_secret.clone().unwrap_or_default()))
            .collect(),
        users: server.ready().users.iter().map(|one| (one.login.clone(), one.password.clone())).collect(),
    };
    let (calls, rows, kinds) = (Rows::of_the_control_api(), Rows::of_the_org(), kinds(&address).await);
    assert!(kinds.len() > 15, "{kinds:?}");
    let mut source = Source::new(ChaCha8Rng::seed_from_u64(super::seed()));
    let (mut found, mut fine) = (Vec::new(), 0);
    for nth in 0..cases {
        if nth % EPISODE == 0 {
            begin_again(&address, &mut source).await;
        }
        let control = source.in_100(65);
        let asked = if control { &calls } else { &rows.operations };
        let row = &asked[source.chance.random_range(0..asked.len())];
        let made = if control { source.call(row, &kinds, &who) } else { source.request(row, &rows, &who) };
        // The request line is fuzzed elsewhere.
        if made.target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            continue;
        }
        let answered = timeout(PATIENCE, send(&address, &made)).await;
        let problem = match answered {
            Err(_) => Some("no answer".to_owned()),
            Ok(answer) => match answer {
                Ok(answer) => {
                    fine += u64::from(control && (200..400).contains(&answer.status));
                    source.learn(&row.path, &answer.body);
                    let media_type = answer.line("content-type").unwrap_or_default();
                    let gap = answer.line("x-orgtwin-not-implemented").is_some();
                    let chunked = answer.line("transfer-encoding").is_some();
                    let head = made.method == "HEAD" || chunked;
                    wrong(answer.status, media_type, gap, &answer.body, head)
                }
                Err(error) => Some(error.to_string()),
            },
        };
        let panics = panics();
        if !panics.is_empty() {
            found.push(format!("{}\n{made}", panics.join("; ")));
        } else if let Some(problem) = problem
            && (control || !struck(&address).await)
        {
            found.push(format!("{problem}\n{made}"));
        }
        if found.len() > 20 {
            break;
        }
    }
    eprintln!("{cases} requests, {fine} successes of the control API");
    assert!(found.is_empty(), "{} found\n\n{}", found.len(), found.join("\n\n=====\n"));
    assert!(fine * 10 > cases, "{fine} of {cases} were answered with a success");
    // Nothing is left hanging.
    timeout(Duration::from_secs(60), server.stopped()).await.unwrap();
}

/// The first org as it was, and no other one.
async fn begin_again(address: &str, source: &mut Source) {
    let orgs = send(address, &plain("GET", "/_mock/orgs")).await.unwrap();
    let orgs: Value = serde_json::from_slice(&orgs.body).unwrap();
    for name in orgs
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|org| org["name"].as_str())
        .filter(|name| *name != "default")
    {
        assert_eq!(
            send(address, &plain("DELETE", &format!("/_mock/orgs/{name}"))).await.unwrap().status,
            204
        );
    }
    for (method, call) in [("DELETE", "faults"), ("POST", "reset")] {
        let call = plain(method, &format!("/_mock/orgs/default/{call}"));
        assert_eq!(send(address, &call).await.unwrap().status, 204);
    }
    source.seen.clear();
    source.ids.clear();
}
