//! A mock org inside a program of one's own: `cargo run -p mock-server --example embedded -- 127.0.0.1:8080`.

use std::net::SocketAddr;

use mock_server::MockOrg;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let org = MockOrg::builder().listen(address).rate_limits("off").start().await?;
    #[expect(clippy::print_stdout, reason = "an example")]
    {
        println!("{}", serde_json::to_string_pretty(org.ready())?);
    }
    tokio::signal::ctrl_c().await?;
    org.stopped().await;
    Ok(())
}
