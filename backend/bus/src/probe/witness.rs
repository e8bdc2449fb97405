//! Lets every certificate pass and remembers what the settings say about it, today and in a month.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// How far ahead the end of a certificate is looked for.
pub(super) const AHEAD: Duration = Duration::from_hours(30 * 24);

/// What the settings say about a certificate and its chain.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// Now.
    pub(super) now: Result<(), Error>,
    /// In [`AHEAD`].
    pub(super) later: Result<(), Error>,
}

/// The judge of the settings, overruled.
#[derive(Debug)]
pub(super) struct Witness {
    judge: Arc<dyn ServerCertVerifier>,
    verdict: Mutex<Option<Verdict>>,
}

impl Witness {
    pub(super) fn new(judge: Arc<dyn ServerCertVerifier>) -> Arc<Self> {
        let verdict = Mutex::new(None);
        Arc::new(Self { judge, verdict })
    }

    /// What was said of the certificate seen last.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.verdict
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let at = |time| {
            let judged = self
                .judge
                .verify_server_cert(certificate, chain, name, ocsp, time);
            judged.map(drop)
        };
        let later = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + AHEAD);
        let verdict = Verdict {
            now: at(now),
            later: at(later),
        };
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
