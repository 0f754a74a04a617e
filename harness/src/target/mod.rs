//! What a client is tested against: a twin, embedded or running elsewhere, reached by HTTP only.

pub(crate) mod bystander;
pub(crate) mod control;
pub(crate) mod embedded;
pub(crate) mod ledger;
pub(crate) mod ready;
pub(crate) mod second_address;

use std::time::Duration;

pub(crate) use control::{Control, ControlError, NewOrg, Org};

/// How long a call of the control API may take.
const CONTROL_DEADLINE: Duration = Duration::from_secs(10);

/// A target that cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    /// The embedded org does not start.
    #[error("the embedded org does not start: {0}")]
    Embedded(String),
    /// Nothing at that address is a twin.
    #[error(
        "--target {url}: no twin answers there ({cause}); start one with `orgtwin serve`, or leave --target away for the embedded org"
    )]
    NoTwin {
        /// As given.
        url: String,
        /// Why.
        cause: String,
    },
    /// The HTTP client cannot be made.
    #[error("the harness cannot make its HTTP client: {0}")]
    Http(String),
}

/// A twin to test against.
pub(crate) struct Target {
    /// Its control API.
    pub(crate) control: Control,
    /// In words, for reports.
    pub(crate) description: String,
    // Lives as long as the target; stops on drop.
    _embedded: Option<embedded::EmbeddedOrg>,
}

impl Target {
    /// The embedded org.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn embedded(seed: u64) -> Result<Self, TargetError> {
        let org = embedded::EmbeddedOrg::start(seed)?;
        let control = Control::new(http_client()?, &org.control_url, None);
        Ok(Self { control, description: "the embedded org".to_owned(), _embedded: Some(org) })
    }

    /// A real org, which has no control API.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub(crate) fn real(url: &reqwest::Url) -> Result<Self, TargetError> {
        let control = Control::new(http_client()?, "", None);
        let description = format!("the real org {}", url.as_str().trim_end_matches('/'));
        Ok(Self { control, description, _embedded: None })
    }

    /// A twin that runs already.
    ///
    /// # Errors
    /// Nothing at `url` is one.
    pub(crate) async fn running(url: &str, token: Option<String>) -> Result<Self, TargetError> {
        let control = Control::new(http_client()?, &format!("{}/_mock", url.trim_end_matches('/')), token);
        let no_twin =
            |error: ControlError| TargetError::NoTwin { url: url.to_owned(), cause: error.to_string() };
        control.health().await.map_err(no_twin)?;
        Ok(Self { control, description: format!("the twin at {url}"), _embedded: None })
    }
}

/// The harness's own HTTP client: loopback, so neither proxies nor the system's certificates concern it.
pub(crate) fn http_client() -> Result<reqwest::Client, TargetError> {
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .timeout(CONTROL_DEADLINE)
        .build()
        .map_err(|error| TargetError::Http(error.to_string()))
}
