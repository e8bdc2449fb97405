//! XMPP servers for a fleet: the shipped profiles of `conf/servers/`, filled and written; certificates; accounts and groups.
//!
//! Nothing here speaks XMPP and nothing waits for anything but local programs and sockets: it is what `archipel bus init` does on
//! the server's host, and what the lab starts its servers from, so that tests run what is shipped.
//!
//! ```
//! use archipel_servers::{Domain, Listen, Profile, Registration, ServerKind, Site};
//!
//! let domain: Domain = "dc.example".parse()?;
//! let profile = Profile {
//!     operators: vec!["admin@dc.example".parse()?],
//!     registration: Registration::From(vec!["10.0.0.0/8".parse()?]),
//!     listen: Listen::usual(ServerKind::Prosody),
//!     site: Site::installed(ServerKind::Prosody, &domain),
//!     domain,
//! };
//! let files = profile.files(ServerKind::Prosody)?;
//! assert!(files[0].content.contains("VirtualHost \"dc.example\""));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod certificate;
mod check;
mod domain;
mod ejabberd;
mod groups;
mod install;
mod installed;
mod kind;
mod network;
mod place;
mod profile;
mod prosody;
mod template;

pub use certificate::{CertificateError, Certified, authority, fingerprint, server};
pub use check::{ToolError, add_prosody_account, check, reload_prosody_groups};
pub use domain::{Domain, InvalidDomain};
pub use ejabberd::{ApiError, EjabberdApi};
pub use groups::{Group, Groups, InvalidGroups};
pub use install::{Certificates, InstallError, Installation, generated_password};
pub use installed::{Installed, NotUsable, group_of};
pub use kind::{ServerKind, UnknownServer};
pub use network::{InvalidNetwork, Network};
pub use place::{Ledger, PlaceError, Placed, Standing, write};
pub use profile::{Listen, Profile, ProfileFile, Registration, Site, UnusablePath};
