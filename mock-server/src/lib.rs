//! A mock Okta org: the org authorization server and the Management API.
//!
//! ```
//! use mock_server::MockOrg;
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let org = MockOrg::builder().rate_limits("off").start().await?;
//! // Any client will do; this one is the shortest.
//! let host = org.base_url().trim_start_matches("http://");
//! let token = org.ready().api_token.as_deref().unwrap_or_default();
//! let mut stream = tokio::net::TcpStream::connect(host).await?;
//! let request = format!("GET /api/v1/users/me HTTP/1.0\r\nHost: {host}\r\nAuthorization: SSWS {token}\r\n\r\n");
//! stream.write_all(request.as_bytes()).await?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod api;
mod control;
mod directory;
mod door;
pub mod exchange;
pub mod expression;
pub mod facts;
mod faults;
pub mod gate;
pub mod gateway;
mod http;
mod ledger;
pub mod limits;
pub mod oauth;
pub mod org;
mod outgoing;
pub mod pages;
mod persist;
pub mod query;
pub mod system_log;
pub mod validate;
pub mod wire;

pub use crate::http::tls::TlsError;
pub use api::{CoverageRow, coverage};
pub use directory::{Ready, ReadyApiToken, ReadyClient, ReadyUser};
pub use door::{MockOrg, MockOrgBuilder, StartError};
pub use facts::error_coverage::{ErrorCover, ErrorRow, error_coverage, management_error_coverage};
pub use org::seed::OrgDocument;
pub use org::seed::document::schema as org_file_schema;
pub use org::seed::read::ReadError;
pub use persist::{PersistError, Sync};
