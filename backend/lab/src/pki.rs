//! A certificate authority for one domain, made on the spot.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::scratch::write_private;

/// The services of a server that carry names of their own.
const SERVICES: [&str; 3] = ["pubsub", "conference", "upload"];

/// Files of an authority and of a server certificate signed by it.
#[derive(Debug, Clone)]
pub struct Pki {
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    bundle: PathBuf,
}

impl Pki {
    /// Makes an authority and a certificate for `domain` and its services, and writes them into `folder` (all 0600).
    ///
    /// The authority's key is thrown away: nothing more can be signed in its name.
    ///
    /// # Errors
    ///
    /// When `domain` is no DNS name or the folder cannot be written.
    pub fn create(domain: &str, folder: &Path) -> Result<Pki> {
        let params = server_params(domain)
            .with_context(|| format!("could not make a certificate for `{domain}`"))?;
        Pki::write(&params, folder)
    }

    /// Like [`Pki::create`] with names and dates that may be wrong: valid in the range of days from today.
    ///
    /// # Errors
    ///
    /// When one of `names` is no DNS name or the folder cannot be written.
    pub fn odd(names: &[&str], days: std::ops::Range<i64>, folder: &Path) -> Result<Pki> {
        let domain = names.first().copied().unwrap_or_default();
        let mut params = server_params(domain).context("no name for a certificate")?;
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_before = epoch + age_of(days.start)?;
        params.not_after = epoch + age_of(days.end)?;
        Pki::write(&params, folder)
    }

    fn write(params: &CertificateParams, folder: &Path) -> Result<Pki> {
        let authority = authority().context("could not make a certificate authority")?;
        let key = KeyPair::generate().context("could not make a key")?;
        let certificate = params
            .clone()
            .signed_by(&key, &*authority)
            .context("could not sign a certificate")?;
        let pki = Pki {
            ca: folder.join("ca.pem"),
            certificate: folder.join("server.crt"),
            key: folder.join("server.key"),
            bundle: folder.join("server.pem"),
        };
        write_private(&pki.ca, &authority.pem())?;
        write_private(&pki.certificate, &certificate.pem())?;
        write_private(&pki.key, &key.serialize_pem())?;
        write_private(&pki.bundle, &(certificate.pem() + &key.serialize_pem()))?;
        Ok(pki)
    }

    /// The same files in another folder, for another machine that serves the same domain.
    pub(crate) fn copied(&self, folder: &Path) -> Result<Pki> {
        let copy = |path: &Path| -> Result<PathBuf> {
            let to = folder.join(path.file_name().unwrap_or_default());
            write_private(&to, &std::fs::read_to_string(path)?)?;
            Ok(to)
        };
        Ok(Pki {
            ca: copy(&self.ca)?,
            certificate: copy(&self.certificate)?,
            key: copy(&self.key)?,
            bundle: copy(&self.bundle)?,
        })
    }

    /// The authority's certificate, PEM: what clients trust.
    pub fn ca_path(&self) -> &Path {
        &self.ca
    }

    /// The server's certificate, PEM.
    pub fn certificate_path(&self) -> &Path {
        &self.certificate
    }

    /// The server's key, PEM (PKCS #8).
    pub fn key_path(&self) -> &Path {
        &self.key
    }

    /// Certificate and key in one file, as ejabberd wants it.
    pub fn bundle_path(&self) -> &Path {
        &self.bundle
    }
}

/// The time from 1970 to so many days from now.
fn age_of(days_from_now: i64) -> Result<Duration> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let seconds = i64::try_from(now)? + days_from_now * 24 * 3600;
    Ok(Duration::from_secs(u64::try_from(seconds)?))
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Archipel lab authority");
    params.not_after = date_time_ymd(2049, 12, 31);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn server_params(domain: &str) -> Result<CertificateParams, rcgen::Error> {
    let services = SERVICES.iter().map(|service| format!("{service}.{domain}"));
    let names: Vec<String> = std::iter::once(domain.to_owned()).chain(services).collect();
    let mut params = CertificateParams::new(names)?;
    // ejabberd sets a timer for the end of a certificate, and Erlang's cannot reach the library's default, the year 4096.
    params.not_after = date_time_ymd(2049, 12, 31);
    params.distinguished_name.push(DnType::CommonName, domain);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::Scratch;

    #[test]
    fn every_file_is_private() {
        let scratch = Scratch::new().unwrap();
        let pki = Pki::create("dc.example", scratch.path()).unwrap();
        for path in [
            pki.ca_path(),
            pki.certificate_path(),
            pki.key_path(),
            pki.bundle_path(),
        ] {
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
    }

    #[test]
    fn two_authorities_differ() {
        let (one, two) = (Scratch::new().unwrap(), Scratch::new().unwrap());
        let read = |scratch: &Scratch| {
            let pki = Pki::create("dc.example", scratch.path()).unwrap();
            std::fs::read_to_string(pki.ca_path()).unwrap()
        };
        assert_ne!(read(&one), read(&two));
    }
}
