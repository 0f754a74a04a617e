//! curl, with the README's commands.

use std::path::Path;
use std::process::Command;

use crate::install::missing;
use crate::server::Server;

/// The two curl commands of the README, word for word, against the port that the server chose.
#[test]
fn curl_does_what_the_readme_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        return missing("curl is not installed");
    }
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let commands = readme.split("```sh\n").find(|block| block.starts_with("TOKEN=$(curl")).unwrap();
    let commands = commands.split("```").next().unwrap();
    let server = Server::start(&[]);
    let commands = commands.replace("http://127.0.0.1:8080", server.text("/base_url"));
    let output = Command::new("bash").args(["-c", &commands]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).to_lowercase();
    assert!(text.starts_with("http/1.1 200"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("x-rate-limit-remaining: 299"), "{text}");
    assert_eq!(text.matches("rel=\"next\"").count(), 1, "{text}");
    assert_eq!(text.matches("\"login\":").count(), 2, "{text}");
}
