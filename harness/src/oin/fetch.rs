//! Whether the addresses of a manifest answer, as somebody without any access sees it.

use std::{collections::BTreeMap, time::Duration};

use super::manifest::Manifest;

/// For one address.
const DEADLINE: Duration = Duration::from_secs(15);

/// What each address answers: a status, or why none came.
///
/// # Errors
/// There is no HTTP client to be had.
pub(super) async fn all(
    manifest: &Manifest,
) -> Result<BTreeMap<String, Result<u16, String>>, reqwest::Error> {
    let agent = concat!("orgtwin/", env!("CARGO_PKG_VERSION"));
    let http = reqwest::Client::builder().timeout(DEADLINE).user_agent(agent).build()?;
    let mut urls: Vec<&String> = manifest.guide.iter().map(|guide| &guide.url).collect();
    urls.push(&manifest.support.url);
    let mut answers = BTreeMap::new();
    for url in urls.into_iter().filter(|url| !url.is_empty()) {
        let answer = http.get(url).send().await;
        let answer =
            answer.map(|answer| answer.status().as_u16()).map_err(|error| error.without_url().to_string());
        answers.insert(url.clone(), answer);
    }
    Ok(answers)
}
