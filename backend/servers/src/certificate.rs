//! An authority of one's own, and the server's certificate signed by it.

use archipel_config::{Fingerprint, Secret};
use base64::Engine as _;
use jiff::{Span, civil::Date};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use sha2::{Digest as _, Sha256};

use crate::Domain;

/// How long the authority lives: agents and operators would have to be told of another one.
const AUTHORITY_YEARS: i64 = 15;

/// How long the server's certificate lives; `archipel doctor` names it thirty days before its end.
const SERVER_YEARS: i64 = 2;

/// A certificate and its key (PEM).
#[derive(Debug, Clone)]
pub struct Certified {
    /// The certificate; not secret.
    pub certificate: String,
    /// The key (PKCS #8).
    pub key: Secret,
}

/// A certificate that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("could not make a certificate for `{domain}`: {error}")]
pub struct CertificateError {
    domain: Domain,
    error: rcgen::Error,
}

/// Makes an authority that can speak for `domain` and what stands below it, and for nothing else.
pub fn authority(domain: &Domain, today: Date) -> Result<Certified, CertificateError> {
    let made = || {
        let key = KeyPair::generate()?;
        let certificate = authority_params(domain, today).self_signed(&key)?;
        Ok(Certified {
            certificate: certificate.pem(),
            key: Secret::new(key.serialize_pem()),
        })
    };
    made().map_err(|error| failed(domain, error))
}

/// Makes a certificate for `domain` and its services, signed by the authority with this key.
pub fn server(
    domain: &Domain,
    authority: &Secret,
    today: Date,
) -> Result<Certified, CertificateError> {
    let made = || {
        let authority = KeyPair::from_pem(authority.expose())?;
        // Of the issuer, a signature takes the name and the key: both follow from what is kept.
        let issuer = Issuer::new(authority_params(domain, today), authority);
        let key = KeyPair::generate()?;
        let certificate = server_params(domain, today)?.signed_by(&key, &issuer)?;
        Ok(Certified {
            certificate: certificate.pem(),
            key: Secret::new(key.serialize_pem()),
        })
    };
    made().map_err(|error| failed(domain, error))
}

fn failed(domain: &Domain, error: rcgen::Error) -> CertificateError {
    CertificateError {
        domain: domain.clone(),
        error,
    }
}

fn authority_params(domain: &Domain, today: Date) -> CertificateParams {
    let mut params = lasting(CertificateParams::default(), today, AUTHORITY_YEARS);
    let name = format!("Archipel authority of {domain}");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Whoever trusts it trusts it for this domain alone.
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(domain.to_string())],
        excluded_subtrees: Vec::new(),
    });
    params
}

fn server_params(domain: &Domain, today: Date) -> Result<CertificateParams, rcgen::Error> {
    let params = CertificateParams::new(domain.names())?;
    let mut params = lasting(params, today, SERVER_YEARS);
    params
        .distinguished_name
        .push(DnType::CommonName, domain.as_str());
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// The fingerprint of the first certificate in a PEM file.
pub fn fingerprint(pem: &str) -> Option<Fingerprint> {
    let (_, after) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = after.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    let der = base64::engine::general_purpose::STANDARD
        .decode(body)
        .ok()?;
    Some(Fingerprint(Sha256::digest(der).into()))
}

/// From yesterday on, for clocks that go after.
fn lasting(mut params: CertificateParams, today: Date, years: i64) -> CertificateParams {
    let at = |date: Date| {
        let part = |value: i8| u8::try_from(value).unwrap_or(1);
        date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = at(today.yesterday().unwrap_or(today));
    params.not_after = at(today.saturating_add(Span::new().years(years)));
    params
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::process::Command;

    use super::*;

    #[test]
    fn openssl_accepts_what_was_signed() {
        let folder = tempfile::tempdir().unwrap();
        let domain: Domain = "dc.example".parse().unwrap();
        let today = jiff::Zoned::now().date();
        let authority = authority(&domain, today).unwrap();
        let server = server(&domain, &authority.key, today).unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("ca"), &authority.certificate).unwrap();
        std::fs::write(path("server"), &server.certificate).unwrap();
        for name in ["dc.example", "pubsub.dc.example", "conference.dc.example"] {
            let verified = Command::new("openssl")
                .args([
                    "verify",
                    "-x509_strict",
                    "-purpose",
                    "sslserver",
                    "-verify_hostname",
                    name,
                    "-CAfile",
                ])
                .args([path("ca"), path("server")])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&verified.stderr).into_owned();
            assert!(verified.status.success(), "{name}: {said}");
        }
    }
}
