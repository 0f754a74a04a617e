//! The list of exchanges, the newest first.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;

use super::controls::Controls;
use super::found;
use super::row::Row;
use super::shell::{Scene, Shell};
use crate::control::answer::ControlError;
use crate::control::ledger::{reading, shown};
use crate::directory::{Caller, FIRST, Hosted};
use crate::exchange::Form;
use crate::ledger::{Filter, Reading};

/// So many are shown at once.
const SHOWN: usize = 200;
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const OUTCOMES: [&str; 6] = ["2xx", "3xx", "4xx", "429", "5xx", "403"];

#[derive(Template)]
#[template(path = "exchanges.html")]
struct Exchanges {
    shell: Shell,
    filter: Asked,
    /// The filter as it is added to an address: `&path=…`.
    query: String,
    methods: &'static [&'static str],
    outcomes: &'static [&'static str],
    rows: Vec<Row>,
    newest: u64,
    dropped: u64,
    older: Option<u64>,
    controls: Controls,
}

#[derive(Template)]
#[template(path = "rows.html")]
struct Rows {
    shell: Shell,
    rows: Vec<Row>,
}

/// What the form of the page asks for.
#[derive(Debug, Default, Clone)]
struct Asked {
    path: String,
    method: String,
    status: String,
    client: String,
    since: Option<u64>,
    before: Option<u64>,
}

impl Asked {
    fn parse(query: Option<String>) -> Self {
        let form = Form::parse(query.unwrap_or_default().as_bytes());
        let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        let number = |name: &str| form.get(name).and_then(|value| value.parse().ok());
        Self {
            path: text("path"),
            method: text("method"),
            status: text("status"),
            client: text("client"),
            since: number("since"),
            before: number("before"),
        }
    }

    fn is_set(&self) -> bool {
        [&self.path, &self.method, &self.status, &self.client].into_iter().any(|value| !value.is_empty())
    }

    /// `path=…&method=…`, as the ledger's own filter takes it.
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("path", &self.path),
            ("method", &self.method),
            ("status", &self.status),
            ("client", &self.client),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    fn filter(&self) -> Result<Filter, ControlError> {
        let Reading { mut filter, .. } = reading(Some(&self.query()))?;
        filter.since = self.since.unwrap_or(0);
        Ok(filter)
    }
}

/// The rows that pass, the newest first, and the number that older ones are before.
fn rows_of(hosted: &Hosted, asked: &Asked) -> Result<(Vec<Row>, Option<u64>, u64), ControlError> {
    let page = hosted.ledger().read(&asked.filter()?);
    let state = hosted.org().state();
    let newest_first = page.exchanges.iter().rev();
    let wanted = newest_first.filter(|exchange| asked.before.is_none_or(|before| exchange.seq < before));
    let mut wanted = wanted.peekable();
    let shown = wanted.by_ref().take(SHOWN).map(|exchange| Row::of(&state, &shown(hosted, exchange)));
    let rows: Vec<Row> = shown.collect();
    let older = rows.last().map(|row| row.seq).filter(|_| wanted.peek().is_some());
    Ok((rows, older, page.dropped))
}

fn page(scene: Scene, query: Option<String>) -> Result<Response, ControlError> {
    let asked = Asked::parse(query);
    let Scene { hosted, mut shell } = scene;
    let (rows, older, dropped) = match rows_of(&hosted, &asked) {
        Ok(found) => found,
        Err(error) => {
            shell = shell.telling(error.message);
            Default::default()
        }
    };
    let query = match asked.query() {
        query if query.is_empty() => query,
        query => format!("&{query}"),
    };
    Ok(found(Exchanges {
        controls: Controls::of(&hosted),
        newest: hosted.ledger().newest(),
        filter: asked,
        query,
        methods: &METHODS,
        outcomes: &OUTCOMES,
        rows,
        dropped,
        older,
        shell,
    }))
}

/// The page of the first org.
pub(super) async fn first(caller: Caller, RawQuery(query): RawQuery) -> Result<Response, ControlError> {
    let orgs = caller.directory.list();
    let hosted = caller.directory.get(FIRST).or_else(|| orgs.into_iter().next());
    let hosted = hosted.ok_or_else(|| {
        ControlError::new(http::StatusCode::NOT_FOUND, "there is no org; POST /_mock/orgs makes one")
    })?;
    page(Scene::of(&caller, hosted), query)
}

/// The page.
pub(super) async fn list(scene: Scene, RawQuery(query): RawQuery) -> Result<Response, ControlError> {
    page(scene, query)
}

/// The rows alone, for a page that is open.
pub(super) async fn rows(scene: Scene, RawQuery(query): RawQuery) -> Result<Response, ControlError> {
    let (rows, ..) = rows_of(&scene.hosted, &Asked::parse(query))?;
    Ok(found(Rows { shell: scene.shell, rows }))
}
