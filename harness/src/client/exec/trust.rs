//! The run's CA, made known to a client by the variables that languages and tools look at; never in the system's store.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
};

use tokio::process::Command;

/// Variables that name a file of certificates in PEM: OpenSSL, Go, Ruby and .NET; requests and httpx; Node; curl; git;
/// the AWS SDKs; Deno; cargo.
pub(super) const CA_VARIABLES: &[&str] = &[
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "AWS_CA_BUNDLE",
    "DENO_CERT",
    "CARGO_HTTP_CAINFO",
];

/// The password of the truststore; there is nothing secret in it.
pub(super) const PASSWORD: &str = "orgtwin";

/// The options that point a JVM at the truststore and, where there is one, at the proxy.
pub(super) fn java_options(truststore: Option<&Path>, proxy: Option<&str>) -> Option<String> {
    let mut options = Vec::new();
    if let Some(path) = truststore {
        options.push(format!("-Djavax.net.ssl.trustStore={}", path.display()));
        options.push(format!("-Djavax.net.ssl.trustStorePassword={PASSWORD}"));
        options.push("-Djavax.net.ssl.trustStoreType=PKCS12".to_owned());
    }
    if let Some((host, port)) = proxy.and_then(|url| url.trim_start_matches("http://").rsplit_once(':')) {
        options.push(format!("-Dhttps.proxyHost={host}"));
        options.push(format!("-Dhttps.proxyPort={port}"));
        // Loopback addresses are hosts like all others here.
        options.push("-Dhttp.nonProxyHosts=".to_owned());
    }
    (!options.is_empty()).then(|| options.join(" "))
}

/// Truststores by their certificate: made once a run, keytool takes its time.
#[derive(Default)]
pub(super) struct Truststores(Mutex<Option<Made>>);

struct Made {
    pem: String,
    folder: tempfile::TempDir,
}

impl Truststores {
    /// The PKCS12 truststore with this certificate.
    ///
    /// # Errors
    /// There is no keytool, or it fails; in words.
    pub(super) async fn of(&self, pem: &str) -> Result<PathBuf, String> {
        if let Some(path) = self.known(pem) {
            return Ok(path);
        }
        let failed = |error: std::io::Error| format!("the truststore cannot be made: {error}");
        let folder = tempfile::Builder::new().prefix("orgtwin-trust").tempdir().map_err(failed)?;
        let (ca, store) = (folder.path().join("ca.pem"), folder.path().join("trust.p12"));
        std::fs::write(&ca, pem).map_err(failed)?;
        let output = Command::new("keytool")
            .args(["-importcert", "-noprompt", "-alias", "orgtwin", "-storetype", "PKCS12"])
            .args(["-storepass", PASSWORD, "-file"])
            .arg(&ca)
            .arg("-keystore")
            .arg(&store)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await;
        match output {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                return Err(format!("keytool could not make the truststore: {}", said.trim()));
            }
            Err(error) => {
                return Err(format!(
                    "there is no keytool to make a truststore with ({error}); install a JDK"
                ));
            }
        }
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(Made { pem: pem.to_owned(), folder });
        Ok(self.known(pem).unwrap_or(store))
    }

    fn known(&self, pem: &str) -> Option<PathBuf> {
        let made = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        made.as_ref().filter(|made| made.pem == pem).map(|made| made.folder.path().join("trust.p12"))
    }
}
