//! One exchange, opened: why, the header lines, the bodies, the tokens read.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::found;
use super::row::Row;
use super::shell::{Scene, Shell};
use crate::control::answer::ControlError;
use crate::control::ledger::shown;

#[derive(Template)]
#[template(path = "exchange.html")]
struct ExchangePage {
    shell: Shell,
    row: Row,
    steps: Vec<(String, String)>,
    request: Message,
    response: Message,
    facts: Vec<(&'static str, String)>,
    tokens: Vec<Opened>,
    previous: Option<u64>,
    next: Option<u64>,
}

/// A request or a response.
struct Message {
    headers: Vec<(String, String)>,
    body: String,
    truncated: bool,
}

/// A token that was read.
struct Opened {
    name: String,
    text: String,
}

impl Message {
    fn of(message: &Value) -> Self {
        let lines = message["headers"].as_array().into_iter().flatten();
        let pair = |line: &Value| Some((line[0].as_str()?.to_owned(), line[1].as_str()?.to_owned()));
        Self {
            headers: lines.filter_map(pair).collect(),
            body: pretty(message["body"].as_str().unwrap_or_default()),
            truncated: message["body_truncated"] == true,
        }
    }
}

/// JSON in lines; a form one parameter a line; anything else as it is.
fn pretty(body: &str) -> String {
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(body) {
        return serde_json::to_string_pretty(&value).unwrap_or_default();
    }
    let is_form = body.contains('=') && !body.contains(['\n', ' ', '<', '{']);
    if !is_form {
        return body.to_owned();
    }
    let lines: Vec<String> =
        form_urlencoded::parse(body.as_bytes()).map(|(name, value)| format!("{name} = {value}")).collect();
    lines.join("\n")
}

/// What was learnt of the client, in a person's words.
fn facts(exchange: &Value) -> Vec<(&'static str, String)> {
    let client = &exchange["client"];
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
            .filter(|all| !all.is_empty()),
        _ => None,
    };
    let rows = [
        ("Operation", &exchange["operation"]),
        ("Client", &client["client_id"]),
        ("User", &client["user"]),
        ("Authentication", &client["auth_method"]),
        ("Token", &client["token"]),
        ("Scopes asked for", &client["scopes_asked"]),
        ("Token issued", &client["issued"]["token"]),
        ("Scopes issued", &client["issued"]["scopes"]),
        ("Scope that decided", &client["decided_by"]["scope"]),
        ("Role that decided", &client["decided_by"]["role"]),
        ("Faults", &exchange["faults"]),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

/// The tokens whose claims can be read.
fn opened(exchange: &Value) -> Vec<Opened> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let learnt = [("Client assertion", "assertion"), ("Proof of possession", "dpop")];
    let learnt = learnt.into_iter().filter(|(_, member)| exchange["client"][*member].is_object());
    let learnt = learnt
        .map(|(name, member)| Opened { name: name.to_owned(), text: pretty(&exchange["client"][member]) });
    let tokens = exchange["tokens"].as_object().into_iter().flatten();
    let tokens = tokens.map(|(name, value)| Opened { name: format!("Token {name}"), text: pretty(value) });
    learnt.chain(tokens).collect()
}

/// The page.
pub(super) async fn show(
    scene: Scene,
    Path((_, seq)): Path<(String, String)>,
) -> Result<Response, ControlError> {
    let Scene { hosted, shell } = scene;
    // Numbers have no holes: the one before, this one, the one after.
    let number: Option<u64> = seq.parse().ok();
    let page = hosted.ledger().after(number.unwrap_or(0).saturating_sub(2), 3);
    let place = page.exchanges.iter().position(|exchange| Some(exchange.seq) == number);
    let gone = || {
        let message = format!("there is no exchange {seq}: it never was, or newer ones have pushed it out");
        ControlError::new(StatusCode::NOT_FOUND, message)
    };
    let place = place.ok_or_else(gone)?;
    let exchange = shown(&hosted, &page.exchanges[place]);
    let steps = exchange["decided"].as_array().into_iter().flatten();
    let step = |step: &Value| Some((step["step"].as_str()?.to_owned(), step["reason"].as_str()?.to_owned()));
    Ok(found(ExchangePage {
        row: Row::of(&hosted.org().state(), &exchange),
        steps: steps.filter_map(step).collect(),
        request: Message::of(&exchange["request"]),
        response: Message::of(&exchange["response"]),
        facts: facts(&exchange),
        tokens: opened(&exchange),
        previous: place.checked_sub(1).map(|place| page.exchanges[place].seq),
        next: page.exchanges.get(place + 1).map(|exchange| exchange.seq),
        shell,
    }))
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn bodies_are_set_out_in_lines() {
        assert_eq!(pretty(r#"{"a":[1]}"#), "{\n  \"a\": [\n    1\n  ]\n}");
        assert_eq!(
            pretty("grant_type=client_credentials&scope=a+b"),
            "grant_type = client_credentials\nscope = a b"
        );
        assert_eq!(pretty("<p>a=b</p>"), "<p>a=b</p>");
        assert_eq!(pretty(""), "");
    }
}
