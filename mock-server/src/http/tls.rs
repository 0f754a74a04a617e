//! Certificates: a CA made at start, and what it signs; or an identity that was given.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// As long as browsers let a certificate live.
const DAYS: i64 = 397;

/// TLS that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate could not be made.
    #[error("no certificate for {names}: {source}")]
    Certificate {
        /// The host names.
        names: String,
        /// Why.
        source: rcgen::Error,
    },
    /// The identity is no certificate chain with its key.
    #[error("the TLS identity: {0}")]
    Identity(String),
    /// rustls refuses the configuration.
    #[error("the TLS configuration: {0}")]
    Config(#[from] rustls::Error),
}

/// What TLS listeners need.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    /// The configuration.
    pub(crate) config: Arc<ServerConfig>,
    /// The certificate of the CA, unless an identity was given.
    pub(crate) ca_pem: Option<String>,
    /// The CA, which signs certificates for further names.
    ca: Option<Arc<Ca>>,
}

/// A certificate authority with its key.
struct Ca(Issuer<'static, KeyPair>);

impl std::fmt::Debug for Ca {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ca (key not shown)")
    }
}

impl Tls {
    /// Makes a CA, and a certificate for localhost, 127.0.0.1, `::1` and these names, all valid from the day before
    /// `now`.
    ///
    /// # Errors
    /// [`TlsError`] when a name is not ASCII.
    pub(crate) fn with_new_ca(host_names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        let failed = |source| TlsError::Certificate { names: host_names.join(", "), source };
        let (ca, ca_pem) = authority(now).map_err(failed)?;
        let (chain, key) = leaf(&ca, host_names, now).map_err(failed)?;
        Ok(Self { config: config(chain, key)?, ca_pem: Some(ca_pem), ca: Some(Arc::new(ca)) })
    }

    /// The same with a certificate of the same CA for these names, besides localhost, 127.0.0.1 and `::1`.
    ///
    /// # Errors
    /// [`TlsError`] when a name is not ASCII, or an identity was given, which signs nothing.
    pub(crate) fn for_names(&self, host_names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        let Some(ca) = &self.ca else {
            let cause = "it signs no certificates for further names; start without --tls-cert and --tls-key";
            return Err(TlsError::Identity(cause.to_owned()));
        };
        let (chain, key) = leaf(ca, host_names, now)
            .map_err(|source| TlsError::Certificate { names: host_names.join(", "), source })?;
        Ok(Self { config: config(chain, key)?, ..self.clone() })
    }

    /// Uses a certificate chain and its key.
    ///
    /// # Errors
    /// [`TlsError`] when they are not PEM or do not belong together.
    pub(crate) fn with_identity(certificate_pem: &str, key_pem: &str) -> Result<Self, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect();
        let chain =
            chain.map_err(|error| TlsError::Identity(format!("the certificate is not PEM: {error}")))?;
        if chain.is_empty() {
            return Err(TlsError::Identity("the certificate file has no CERTIFICATE block".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|error| TlsError::Identity(format!("the key is not a PEM private key: {error}")))?;
        Ok(Self { config: config(chain, key)?, ca_pem: None, ca: None })
    }
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A new CA, and its certificate in PEM.
fn authority(now: Timestamp) -> Result<(Ca, String), rcgen::Error> {
    let mut ca = params(Vec::new(), "orgtwin local CA", now)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let pem = ca.self_signed(&key)?.pem();
    Ok((Ca(Issuer::new(ca, key)), pem))
}

/// A certificate with its key.
type Leaf = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn leaf(ca: &Ca, host_names: &[String], now: Timestamp) -> Result<Leaf, rcgen::Error> {
    let mut names = vec!["localhost".to_owned()];
    names.extend(host_names.iter().filter(|name| *name != "localhost").cloned());
    let mut leaf = params(names, "orgtwin", now)?;
    leaf.subject_alt_names.extend([
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ]);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = leaf.signed_by(&key, &ca.0)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((vec![certificate.into()], key))
}

fn params(names: Vec<String>, common_name: &str, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    let ((year, month, day), (last_year, last_month, last_day)) = (date(now, -1), date(now, DAYS));
    params.not_before = date_time_ymd(year, month, day);
    params.not_after = date_time_ymd(last_year, last_month, last_day);
    Ok(params)
}

/// Year, month and day, so many days from `now`.
fn date(now: Timestamp, days: i64) -> (i32, u8, u8) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let date = today.checked_add(days.days()).unwrap_or(today);
    (date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}
