//! Whom to trust: one TLS configuration per process.

use std::{io, path::PathBuf, sync::Arc};

use archipel_config::{BusSettings, Fingerprint, TlsMode};
use rustls::{
    ClientConfig, RootCertStore, client::WebPkiServerVerifier, client::danger::ServerCertVerifier,
    crypto::CryptoProvider,
};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::transport::{ByteStream, Protection};

mod pin;

/// A TLS configuration that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The system's store holds no certificate that can be used.
    #[error(
        "the system has no trusted certificates: install the package ca-certificates, or set `ca_file`"
    )]
    NoRoots,
    /// The file of `ca_file` cannot be used.
    #[error(
        "cannot read certificates from {path}: {problem}. It must hold certificates in PEM form"
    )]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The library refused the configuration.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] rustls::Error),
}

/// A shared TLS configuration. Clones are cheap and share the trusted certificates, which are by far the largest part.
#[derive(Debug, Clone)]
pub struct TlsClient(Arc<ClientConfig>);

impl TlsClient {
    /// Trusts what the settings say: the pinned certificate, else the authorities of `ca_file`, else those of the system.
    ///
    /// The library's provider is passed explicitly, so nothing global needs to be installed.
    pub fn new(settings: &BusSettings) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?;
        let mut config = match settings.pinned {
            Some(fingerprint) => builder
                .dangerous()
                .with_custom_certificate_verifier(pinned(fingerprint, provider)),
            None => builder.with_root_certificates(roots(settings)?),
        }
        .with_no_client_auth();
        offer_protocol(&mut config, settings);
        Ok(Self(Arc::new(config)))
    }

    /// Trusts whom `verifier` trusts.
    pub(crate) fn with_verifier(
        settings: &BusSettings,
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        offer_protocol(&mut config, settings);
        Ok(Self(Arc::new(config)))
    }

    /// Shakes hands with the server of `domain`. A refused certificate is told apart by [`certificate_problem`].
    pub(crate) async fn protect(
        &self,
        domain: &str,
        io: Box<dyn ByteStream>,
    ) -> io::Result<(Box<dyn ByteStream>, Protection)> {
        let name = ServerName::try_from(domain.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(self.0.clone()).connect(name, io).await?;
        let exporter = exporter(&stream);
        Ok((Box::new(stream), Protection::Tls { exporter }))
    }
}

/// Judges certificates as the settings say.
pub(crate) fn verifier(settings: &BusSettings) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    if let Some(fingerprint) = settings.pinned {
        return Ok(pinned(fingerprint, provider));
    }
    let roots = Arc::new(roots(settings)?);
    let built = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
    built
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|error| TlsError::Library(rustls::Error::General(error.to_string())))
}

fn offer_protocol(config: &mut ClientConfig, settings: &BusSettings) {
    if settings.tls == TlsMode::Direct {
        // XEP-0368, 3: lets one port serve several protocols.
        config.alpn_protocols = vec![b"xmpp-client".to_vec()];
    }
}

fn pinned(fingerprint: Fingerprint, provider: Arc<CryptoProvider>) -> Arc<pin::Pinned> {
    Arc::new(pin::Pinned {
        fingerprint,
        provider,
    })
}

fn roots(settings: &BusSettings) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    let Some(path) = &settings.ca_file else {
        // Single unreadable certificates are normal in system stores.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if store.is_empty() {
            Err(TlsError::NoRoots)
        } else {
            Ok(store)
        };
    };
    let bad = |problem: String| TlsError::CaFile {
        path: path.clone(),
        problem,
    };
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        store
            .add(certificate)
            .map_err(|error| bad(error.to_string()))?;
    }
    if store.is_empty() {
        Err(bad("it holds no certificate".to_owned()))
    } else {
        Ok(store)
    }
}

/// Channel binding data of RFC 9266; only TLS 1.3 gives it in a form that is safe without further conditions.
fn exporter<Io>(stream: &TlsStream<Io>) -> Option<Vec<u8>> {
    let connection = stream.get_ref().1;
    let modern = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
    let export = || {
        connection
            .export_keying_material(vec![0_u8; 32], b"EXPORTER-Channel-Binding", None)
            .ok()
    };
    modern.then(export).flatten()
}

/// What is wrong with the server's certificate, if that is why the handshake failed.
pub(crate) fn certificate_problem(error: &io::Error) -> Option<String> {
    let rustls::Error::InvalidCertificate(problem) = error.get_ref()?.downcast_ref()? else {
        return None;
    };
    Some(certificate_text(problem))
}

/// What is wrong with a certificate, for people.
pub(crate) fn certificate_text(problem: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Problem;
    match problem {
        Problem::UnknownIssuer => "it was signed by an unknown authority".to_owned(),
        Problem::Expired | Problem::ExpiredContext { .. } => "it has expired".to_owned(),
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => {
            "it is not valid yet: check the clock".to_owned()
        }
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => {
            "it was made out for another name".to_owned()
        }
        Problem::BadSignature => {
            "another authority of the same name signed it, not the trusted one".to_owned()
        }
        Problem::Revoked => "it was revoked".to_owned(),
        // The parser has no words for it.
        Problem::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
            "it signs itself".to_owned()
        }
        Problem::Other(other) => other.to_string(),
        other => other.to_string(),
    }
}
