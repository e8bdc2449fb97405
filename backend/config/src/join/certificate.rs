//! Certificates as they travel in a code: without PEM's third of waste.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// Letters in a line of PEM (RFC 7468, 2).
const LINE: usize = 64;

/// A certificate in DER form. Whether it is one, TLS says when it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Vec<u8>);

/// A text without readable certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must hold certificates in PEM form: {0}")]
pub struct InvalidCertificates(String);

impl Certificate {
    /// Takes the DER form over.
    pub fn from_der(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// The DER form.
    pub fn der(&self) -> &[u8] {
        &self.0
    }

    /// All certificates of a PEM text.
    pub fn all_of_pem(text: &[u8]) -> Result<Vec<Self>, InvalidCertificates> {
        let read = |found: Result<CertificateDer<'_>, _>| found.map(|der| Self(der.to_vec()));
        let found: Result<Vec<Self>, _> = CertificateDer::pem_slice_iter(text).map(read).collect();
        match found {
            Ok(found) if found.is_empty() => {
                Err(InvalidCertificates("there is none in it".to_owned()))
            }
            Ok(found) => Ok(found),
            Err(error) => Err(InvalidCertificates(error.to_string())),
        }
    }

    /// As PEM.
    pub fn to_pem(&self) -> String {
        let letters = BASE64_STANDARD.encode(&self.0);
        let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
        let mut rest = letters.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE));
            text.extend([line, "\n"]);
            rest = after;
        }
        text + "-----END CERTIFICATE-----\n"
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} bytes)", self.0.len())
    }
}
