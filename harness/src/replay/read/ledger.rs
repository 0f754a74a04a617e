//! The ledger of a twin, as JSON or as a line an exchange.

use serde_json::Value;

use super::{Fault, Found, status, text};
use crate::replay::recording::{Headers, Recording};

/// Whether an object is an exchange of a ledger.
pub(super) fn is(exchange: &Value) -> bool {
    exchange.get("seq").is_some() && exchange["request"].get("target").is_some()
}

/// One object a line.
pub(super) fn read_lines(name: &str, text: &str) -> Result<Vec<Recording>, Fault> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let exchanges = lines.map(|(at, line)| {
        serde_json::from_str(line).map_err(|error| Fault::json_line(&format!("line {}", at + 1), &error))
    });
    read(name, &exchanges.collect::<Result<Vec<Value>, _>>()?)
}

/// The exchanges as one recording.
pub(super) fn read(name: &str, ledger: &[Value]) -> Result<Vec<Recording>, Fault> {
    let mut exchanges = Vec::new();
    for (at, exchange) in ledger.iter().enumerate() {
        let seq = exchange["seq"].as_u64().and_then(|seq| usize::try_from(seq).ok()).unwrap_or(at);
        let place = format!("exchange {seq}");
        let request_headers = headers(&exchange["request"]["headers"]);
        let host = request_headers.get("host").unwrap_or("localhost").to_owned();
        let address = format!("http://{host}{}", text(exchange, &place, "request.target")?);
        let body = |side: &str| exchange[side]["body"].as_str().unwrap_or_default().as_bytes().to_owned();
        let found = Found {
            place: &place,
            number: seq,
            method: text(exchange, &place, "request.method")?,
            address: &address,
            request_headers,
            request: body("request"),
            status: status(exchange, &place, "response.status")?,
            response_headers: headers(&exchange["response"]["headers"]),
            response: body("response"),
        };
        exchanges.push(found.recorded()?);
    }
    Ok(vec![Recording { name: name.to_owned(), exchanges }])
}

fn headers(lines: &Value) -> Headers {
    let mut headers = Headers::default();
    for line in lines.as_array().into_iter().flatten() {
        if let (Some(name), Some(value)) = (line[0].as_str(), line[1].as_str()) {
            headers.add(name, value);
        }
    }
    headers
}
