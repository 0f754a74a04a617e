//! Calls that the org makes: the one place with an HTTP client.
//!
//! A [`Courier`] makes one call, with Okta's patience: three seconds, one retry after silence or a server's error
//! (Okta's documentation of hooks). [`deliver`] empties an org's outbox.

mod delivery;

use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use crate::exchange::{Answered, Call, CallFailure};

pub(crate) use delivery::deliver;

/// How long an endpoint may take, in seconds.
const PATIENCE: u64 = 3;

/// The size that an answer may have, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Makes calls. Cheap to make: the client comes with the first call.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl Courier {
    /// Makes a call, twice if the first attempt times out, breaks, or ends in a server's error.
    ///
    /// # Errors
    /// [`CallFailure`] says why no answer came.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answered, CallFailure> {
        match self.attempt(call).await {
            Ok(answered) if answered.status < 500 => Ok(answered),
            _ => self.attempt(call).await,
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Answered, CallFailure> {
        let client =
            self.client.get_or_init(client).as_ref().map_err(|error| CallFailure::Broken(error.clone()))?;
        let mut request = client.request(call.method.clone(), &call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if !call.body.is_empty() {
            request = request.body(call.body.clone());
        }
        let exchange = async {
            let mut response = request.send().await?;
            let status = response.status().as_u16();
            let mut body = BytesMut::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Ok(None);
                }
                body.extend_from_slice(&chunk);
            }
            Ok::<_, reqwest::Error>(Some((status, Bytes::from(body))))
        };
        match tokio::time::timeout(Duration::from_secs(PATIENCE), exchange).await {
            Err(_) => Err(CallFailure::TimedOut(PATIENCE)),
            Ok(Err(error)) => Err(CallFailure::Broken(reason(&error))),
            Ok(Ok(None)) => Err(CallFailure::Broken(format!("the answer has more than {MAX_BODY} bytes"))),
            Ok(Ok(Some((status, body)))) => Ok(Answered { status, body }),
        }
    }
}

/// No proxies and no redirects: the endpoint itself has to answer.
fn client() -> Result<reqwest::Client, String> {
    if CryptoProvider::get_default().is_none() {
        // Somebody else may have been quicker; theirs is as good.
        let _ = aws_lc_rs::default_provider().install_default();
    }
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    client.user_agent("Okta/1.0").build().map_err(|error| reason(&error))
}

/// The innermost reason of an error; the outer ones repeat the address.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
