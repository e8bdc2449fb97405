//! The files of a bus, as they are put on a disk: profile, certificates, authority.

use std::{
    fs,
    path::{Path, PathBuf},
};

use archipel_config::Secret;
use jiff::civil::Date;
use rand::{Rng as _, distr::Alphanumeric};

use crate::{
    CertificateError, Certified, Placed, Profile, ServerKind, UnusablePath, authority, server,
};

/// Where a server's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificates {
    /// They are there, at the paths of the profile's site, and are left alone.
    Given,
    /// From an authority of one's own: what is there is kept, what is missing is made.
    Own {
        /// Whether the server gets a new one in any case.
        renew: bool,
    },
}

/// What is to be put where.
#[derive(Debug)]
pub struct Installation<'a> {
    /// Which server.
    pub kind: ServerKind,
    /// Its profile.
    pub profile: &'a Profile,
    /// Its certificate.
    pub certificates: Certificates,
    /// The folder of the authority: `ca.pem`, for everybody to trust, and `ca.key`, for nobody to see.
    pub authority: &'a Path,
    /// The group of the server's user. Absent: whoever writes.
    pub group: Option<u32>,
    /// The folder that stands for `/`.
    pub root: &'a Path,
    /// The day.
    pub today: Date,
}

/// Files that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// A path cannot stand in the profile.
    #[error(transparent)]
    Path(#[from] UnusablePath),
    /// A certificate cannot be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// One half of a pair is missing.
    #[error("`{}` is there and `{}` is not: bring the other back, or move this one away", there.display(), missing.display())]
    Half {
        /// What is there.
        there: PathBuf,
        /// What is not.
        missing: PathBuf,
    },
    /// A file that is there cannot be read.
    #[error("could not read `{}`: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl Installation<'_> {
    /// All files as they shall be.
    pub fn files(&self) -> Result<Vec<Placed>, InstallError> {
        let mut files = match self.certificates {
            Certificates::Given => Vec::new(),
            Certificates::Own { renew } => self.own(renew)?,
        };
        for file in self.profile.files(self.kind)? {
            // systemd's folder is not the server's.
            let group = self
                .group
                .filter(|_| Some(&file.path) != self.profile.site.service.as_ref());
            files.push(Placed {
                path: self.under_root(&file.path),
                content: file.content.into_bytes(),
                mode: if self.profile.site.service.as_ref() == Some(&file.path) {
                    0o644
                } else {
                    0o640
                },
                group,
                grows: file.grows,
            });
        }
        Ok(files)
    }

    fn under_root(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn own(&self, renew: bool) -> Result<Vec<Placed>, InstallError> {
        let site = &self.profile.site;
        let pair = (
            self.under_root(&site.certificate),
            self.under_root(&site.key),
        );
        let at = (self.authority.join("ca.pem"), self.authority.join("ca.key"));
        let certified = kept(&pair.0, &pair.1)?;
        let trusted = kept(&at.0, &at.1)?;
        if certified.is_some() && trusted.is_none() {
            // Somebody else's certificate is used as it is.
            return Ok(Vec::new());
        }
        let trusted = match trusted {
            Some(trusted) => trusted,
            None => authority(&self.profile.domain, self.today)?,
        };
        let certified = match certified.filter(|_| !renew) {
            Some(certified) => certified,
            None => server(&self.profile.domain, &trusted.key, self.today)?,
        };
        let mut files = placed(at, &trusted, (0o644, 0o600), None);
        files.extend(placed(pair, &certified, (0o644, 0o640), self.group));
        Ok(files)
    }
}

fn placed(
    (certificate, key): (PathBuf, PathBuf),
    made: &Certified,
    modes: (u32, u32),
    group: Option<u32>,
) -> Vec<Placed> {
    let file = |path, content: &str, mode| Placed {
        path,
        content: content.as_bytes().to_vec(),
        mode,
        group,
        grows: false,
    };
    vec![
        file(certificate, &made.certificate, modes.0),
        file(key, made.key.expose(), modes.1),
    ]
}

/// A pair that is there; none if neither is.
fn kept(certificate: &Path, key: &Path) -> Result<Option<Certified>, InstallError> {
    match (read(certificate)?, read(key)?) {
        (Some(certificate), Some(key)) => Ok(Some(Certified {
            certificate,
            key: Secret::new(key),
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(certificate, key)),
        (None, Some(_)) => Err(half(key, certificate)),
    }
}

fn half(there: &Path, missing: &Path) -> InstallError {
    InstallError::Half {
        there: there.to_owned(),
        missing: missing.to_owned(),
    }
}

fn read(path: &Path) -> Result<Option<String>, InstallError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(InstallError::Unreadable {
            path: path.to_owned(),
            error,
        }),
    }
}

/// A password that nobody guesses and nobody has to type: 140 bits.
pub fn generated_password() -> Secret {
    let letters = rand::rng().sample_iter(Alphanumeric).take(24);
    Secret::new(letters.map(char::from).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Domain, Listen, Registration, Site};

    fn written(root: &Path, renew: bool) -> Vec<Placed> {
        let domain: Domain = "dc.example".parse().unwrap();
        let profile = Profile {
            operators: vec!["admin@dc.example".parse().unwrap()],
            registration: Registration::Off,
            listen: Listen::usual(ServerKind::Prosody),
            site: Site::installed(ServerKind::Prosody, &domain),
            domain,
        };
        let installation = Installation {
            kind: ServerKind::Prosody,
            profile: &profile,
            certificates: Certificates::Own { renew },
            authority: &root.join("authority"),
            group: None,
            root,
            today: jiff::Zoned::now().date(),
        };
        let files = installation.files().unwrap();
        for file in &files {
            crate::write(file).unwrap();
        }
        files
    }

    #[test]
    fn a_second_time_nothing_is_made_anew() {
        let root = tempfile::tempdir().unwrap();
        let content = |files: Vec<Placed>| {
            files
                .into_iter()
                .map(|file| (file.path, file.content))
                .collect::<Vec<_>>()
        };
        let first = content(written(root.path(), false));
        assert_eq!(content(written(root.path(), false)), first);
        let renewed = content(written(root.path(), true));
        let changed: Vec<_> = first
            .iter()
            .zip(&renewed)
            .filter(|(old, new)| old != new)
            .map(|(old, _)| &old.0)
            .collect();
        assert_eq!(changed.len(), 2, "{changed:?}");
        assert!(
            changed
                .iter()
                .all(|path| path.to_string_lossy().contains("certs/dc.example"))
        );
    }

    #[test]
    fn half_a_pair_is_named() {
        let root = tempfile::tempdir().unwrap();
        let files = written(root.path(), false);
        fs::remove_file(&files[1].path).unwrap();
        assert!(matches!(
            kept(&files[0].path, &files[1].path),
            Err(InstallError::Half { .. })
        ));
    }
}
