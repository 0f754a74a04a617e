//! The image: what the page shows is the file, and where there is an engine it is built and run. That takes a while, so it is done only when
//! `ORGTWIN_BUILD_IMAGE` is set, as `.ci/run` does.

use std::process::Command;

use crate::pages::root;

fn docker(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("docker")
        .args(arguments)
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(out.trim().to_owned()) } else { Err(err.trim().to_owned()) }
}

/// Removes the container when the test ends.
struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        let _ = docker(&["rm", "-f", &self.0]);
    }
}

#[test]
fn the_image_is_built_listens_and_is_healthy() {
    if std::env::var_os("ORGTWIN_BUILD_IMAGE").is_none() {
        eprintln!("skipped: ORGTWIN_BUILD_IMAGE is not set");
        return;
    }
    if let Err(error) = docker(&["info", "--format", "{{.ServerVersion}}"]) {
        eprintln!("skipped: there is no engine that builds images: {error}");
        return;
    }
    let dockerfile = std::fs::read_to_string(root().join("Dockerfile")).unwrap();
    let base = dockerfile.lines().find_map(|line| line.strip_prefix("FROM ")?.split(' ').next()).unwrap();
    if let Err(error) = docker(&["pull", "--quiet", base]) {
        eprintln!("skipped: {base} cannot be had: {error}");
        return;
    }
    let image = docker(&["build", "--quiet", "."]).unwrap();
    // Without a token it does not start.
    let refused = docker(&["run", "--rm", &image]).unwrap_err();
    assert!(refused.contains("control-token"), "{refused}");
    let run = ["run", "-d", "-e", "ORGTWIN_CONTROL_TOKEN=s3cret", "-p", "127.0.0.1::8080", &image];
    let container = Container(docker(&run).unwrap());
    let healthy = (0..60).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(500));
        docker(&["inspect", "-f", "{{.State.Health.Status}}", &container.0]).unwrap() == "healthy"
    });
    assert!(healthy, "{:?}", docker(&["logs", &container.0]));
    assert_eq!(docker(&["inspect", "-f", "{{.Config.User}}", &image]).unwrap(), "65532:65532");
    let address = docker(&["port", &container.0, "8080"]).unwrap();
    let answer =
        Command::new(env!("CARGO_BIN_EXE_orgtwin")).args(["health", &format!("http://{address}")]).status();
    assert!(answer.unwrap().success());
}
