//! How an exchange ended: the status and the error code, as a reader asks for them.

use http::{StatusCode, header};
use serde::Deserialize;

use super::exchange::Answered;
use crate::exchange::Form;

/// The statuses that a reader wants: `429`, `4xx`, `401,5xx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statuses(Vec<(u16, u16)>);

impl Statuses {
    /// Reads them; nothing for what is no status.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let one = |part: &str| {
            let part = part.trim().to_ascii_lowercase();
            if let Some(class) = part.strip_suffix("xx") {
                let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
                return Some((class * 100, class * 100 + 99));
            }
            let status: u16 = part.parse().ok().filter(|status| (100..=599).contains(status))?;
            Some((status, status))
        };
        text.split(',').map(one).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn admit(&self, status: StatusCode) -> bool {
        let status = status.as_u16();
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

/// The members that name an error: of the Management API, and of OAuth.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "errorCode")]
    code: Option<String>,
    error: Option<String>,
}

/// The code of a refusal, in whichever of its forms it came: in the body, in a redirect, in a challenge.
pub(super) fn error_code(response: &Answered<'_>) -> Option<String> {
    if response.status().is_success() && response.header(&header::LOCATION).is_none() {
        return None;
    }
    if let Ok(Named { code, error }) = serde_json::from_str(&response.body.text())
        && let Some(code) = code.or(error)
    {
        return Some(code);
    }
    if let Some(to) = response.header(&header::LOCATION) {
        let said = to.split_once('#').or_else(|| to.split_once('?')).map_or("", |(_, said)| said);
        let query = to.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
        return [said, query]
            .iter()
            .find_map(|text| Form::parse(text.as_bytes()).get("error").map(str::to_owned));
    }
    let challenge = response.header(&header::WWW_AUTHENTICATE)?;
    let (_, rest) = challenge.split_once("error=\"")?;
    rest.split_once('"').map(|(code, _)| code.to_owned())
}
