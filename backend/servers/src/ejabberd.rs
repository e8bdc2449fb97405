//! ejabberd's profile, and its socket for administration.

mod api;

pub use api::{ApiError, EjabberdApi};

use crate::{
    Profile, ProfileFile, Registration, UnusablePath,
    profile::quotable,
    template::{fill, quoted},
};

const PROFILE: &str = include_str!("../../../conf/servers/ejabberd/ejabberd.yml.in");

/// The configuration. Groups and accounts live in the server's database.
pub(crate) fn files(profile: &Profile) -> Result<Vec<ProfileFile>, UnusablePath> {
    Ok(vec![ProfileFile {
        path: profile.site.profile.clone(),
        content: fill(PROFILE, &values(profile)?),
        grows: false,
    }])
}

fn values(profile: &Profile) -> Result<Vec<(&'static str, String)>, UnusablePath> {
    let site = &profile.site;
    let certificates = [&site.certificate, &site.key].map(|path| quotable(path));
    let certificates: Vec<String> = certificates.into_iter().collect::<Result<_, _>>()?;
    let socket = quotable(&site.socket)?;
    let operators = profile.operators.iter().map(|jid| quoted(jid.as_str()));
    let (networks, registration) = registration(&profile.registration);
    Ok(vec![
        ("DOMAIN", profile.domain.to_string()),
        ("CERTFILES", entries("  ", certificates)),
        ("OPERATORS", entries("      ", operators)),
        ("NETWORKS", networks),
        ("REGISTRATION", registration),
        ("ADDRESS", profile.listen.address.clone()),
        ("PORT", profile.listen.port.to_string()),
        ("TLS_PORT", profile.listen.tls_port.to_string()),
        ("HTTPS_PORT", profile.listen.https_port.to_string()),
        ("SOCKET", socket.trim_matches('"').to_owned()),
    ])
}

/// A YAML list, an entry a line.
fn entries(indent: &str, texts: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = texts
        .into_iter()
        .map(|text| format!("{indent}- {text}"))
        .collect();
    lines.join("\n")
}

/// The agents' networks, and the module.
fn registration(registration: &Registration) -> (String, String) {
    let none = ["127.0.0.1/32".to_owned()];
    match registration {
        Registration::Off => (
            entries("      ", none),
            "  mod_register:                           # nobody makes an account; a host that joins changes its password (XEP-0077)\n    \
             access: none\n    password_strength: 0                  # it makes a long random one"
                .to_owned(),
        ),
        Registration::From(networks) => (
            entries("      ", networks.iter().map(|network| quoted(&network.to_string()))),
            "  mod_register:                           # for agents that make accounts for their machines\n    \
             ip_access: agents_network\n    access: register\n    password_strength: 0                  # they make long random ones"
                .to_owned(),
        ),
    }
}
