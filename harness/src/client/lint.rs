//! `orgtwin client lint`: tells a broken adapter from a non-conformant client, without an org.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Driver, DriverError, Session,
    protocol::{Authentication, Connection, Hello, Op, Outcome},
    session::Deadlines,
};

/// A secret that must not come back.
pub(crate) const SECRET: &str = "lint-secret-8c1f0b6d2e";
/// A key that opens nothing, public as all of `fixtures/keys`.
const KEY: &str = include_str!("../../../fixtures/keys/client-rsa-2.pem");

/// One finding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was tried.
    pub(crate) name: &'static str,
    /// What is wrong, if anything is.
    pub(crate) fault: Option<String>,
    /// Worth knowing, not wrong.
    pub(crate) note: Option<String>,
}

impl Finding {
    fn of(name: &'static str, result: Result<(), String>) -> Self {
        Self { name, fault: result.err(), note: None }
    }
}

/// Tries an adapter's manners. Findings come in the order in which they were tried; the first fault that ends the
/// conversation ends the list.
pub(crate) async fn lint(driver: &dyn Driver, deadlines: Deadlines) -> (Vec<Finding>, String) {
    let mut findings = Vec::new();
    let mut session = match Session::open(driver, deadlines) {
        Ok(session) => session,
        Err(error) => return (vec![Finding::of("starts", Err(error.to_string()))], String::new()),
    };
    findings.push(Finding::of("starts", Ok(())));
    let going = converse(&mut session, &mut findings).await;
    let noise = session.noise().len();
    let log = session.log();
    if noise > 0 {
        findings.push(Finding {
            name: "keeps standard output for replies",
            fault: None,
            note: Some(format!(
                "{noise} lines are not replies; they are kept as a log, better write them to stderr"
            )),
        });
    }
    findings.push(Finding::of(
        "does not print its secret",
        if log.contains(SECRET) { Err("the client secret is in its output".to_owned()) } else { Ok(()) },
    ));
    if going {
        findings.push(Finding::of(
            "exits within 3 s of `bye`",
            session.bye().await.map_err(|error| error.to_string()),
        ));
    }
    (findings, log)
}

/// Everything between the start and `bye`; false when the conversation cannot go on.
async fn converse(session: &mut Session, findings: &mut Vec<Finding>) -> bool {
    let hello = session.hello().await;
    findings.push(Finding::of("answers `hello` with protocol 1, in one flushed line", words(&hello)));
    let Ok(hello) = hello else { return false };
    let declared = capabilities(&hello);
    findings.push(Finding {
        name: "declares an authentication method",
        fault: declared.as_ref().err().cloned(),
        note: declared.ok(),
    });

    let unknown = session.ask_raw(&json!({"op": "make_coffee"}), "make_coffee").await;
    let going = unknown.is_ok();
    findings.push(Finding::of(
        "answers an unknown op with `unsupported`",
        unknown.map_err(|e| e.to_string()).and_then(|reply| {
            if reply.get("outcome").and_then(Value::as_str) == Some("unsupported") {
                Ok(())
            } else {
                Err(format!("it answered {reply}"))
            }
        }),
    ));
    if !going {
        return false;
    }
    let mut configure =
        serde_json::to_value(Op::Configure { client: Box::new(nowhere(&hello)) }).unwrap_or_default();
    configure["a_member_of_the_future"] = json!({"x": 1});
    configure["client"]["another"] = json!(true);
    let configured = session.ask_raw(&configure, "configure").await;
    let going = configured.is_ok();
    findings.push(Finding::of(
        "ignores unknown members of a request",
        configured.map_err(|e| e.to_string()).and_then(|reply| {
            match reply.get("outcome").and_then(Value::as_str) {
                Some("ok") => Ok(()),
                _ => Err(format!("`configure` with unknown members was answered {reply}")),
            }
        }),
    ));
    if !going {
        return false;
    }
    // Nothing listens there: the client has to say so.
    let mut token = Ok(Outcome::Unsupported);
    for op in [Op::GetToken, Op::list_all("/api/v1/users"), Op::get("/api/v1/users")] {
        // A client that cannot be changed may have something for one of them only.
        if matches!(token, Ok(Outcome::Unsupported)) {
            token = session.ask(op).await;
        }
    }
    let going = token.is_ok();
    findings.push(Finding::of(
        "reports an org that is not there as `refused`",
        match token {
            Ok(Outcome::Refused(_)) => Ok(()),
            Ok(other) => Err(format!("it answered: {}", other.words())),
            Err(error) => Err(error.to_string()),
        },
    ));
    going
}

fn capabilities(hello: &Hello) -> Result<String, String> {
    if hello.capabilities.iter().any(|capability| capability.starts_with("auth.")) {
        Ok(format!("it declares {}", hello.capabilities.join(", ")))
    } else {
        Err("no capability auth.private_key_jwt or auth.client_secret_basic: no scenario could be run"
            .to_owned())
    }
}

fn words<T>(result: &Result<T, DriverError>) -> Result<(), String> {
    result.as_ref().map(|_| ()).map_err(ToString::to_string)
}

fn nowhere(hello: &Hello) -> Connection {
    let knows = |method: &str| hello.capabilities.iter().any(|name| name == &format!("auth.{method}"));
    let secret = SECRET.to_owned();
    let auth = if knows("client_secret_basic") || !(knows("private_key_jwt") || knows("ssws")) {
        Authentication::ClientSecretBasic { client_secret: secret }
    } else if knows("private_key_jwt") {
        let (private_key_pem, alg) = (KEY.to_owned(), "RS256".to_owned());
        Authentication::PrivateKeyJwt { private_key_pem, kid: Some("lint".to_owned()), alg }
    } else {
        Authentication::Ssws { api_token: secret }
    };
    Connection {
        // Port 9 of the loopback interface: discard, closed everywhere.
        org_url: "http://127.0.0.1:9".to_owned(),
        issuer: "http://127.0.0.1:9".to_owned(),
        client_id: "0oalint".to_owned(),
        auth,
        scopes: vec!["okta.users.read".to_owned()],
        dpop: false,
        ca_pem: None,
        proxy: None,
        settings: std::collections::BTreeMap::new(),
        sign_in: None,
    }
}

/// Deadlines of a lint: an adapter has no org to wait for.
pub(crate) const DEADLINES: Deadlines =
    Deadlines { ready: Duration::from_secs(10), op: Duration::from_secs(15) };
