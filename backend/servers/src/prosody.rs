//! Prosody's profile.

use crate::{
    Profile, ProfileFile, Registration, UnusablePath,
    profile::quotable,
    template::{fill, quoted},
};

const PROFILE: &str = include_str!("../../../conf/servers/prosody/archipel.cfg.lua.in");
const MODULES: [(&str, &str); 2] = [
    (
        "mod_archipel_groups.lua",
        include_str!("../../../conf/servers/prosody/mod_archipel_groups.lua"),
    ),
    (
        "mod_archipel_nodes.lua",
        include_str!("../../../conf/servers/prosody/mod_archipel_nodes.lua"),
    ),
];

const SERVICE: &str = include_str!("../../../conf/servers/prosody/open-files.conf");

/// The configuration, the two modules, the groups and the service's limits.
pub(crate) fn files(profile: &Profile) -> Result<Vec<ProfileFile>, UnusablePath> {
    let folder = &profile.site.folder;
    let file = |path, content, grows| ProfileFile {
        path,
        content,
        grows,
    };
    let configuration = fill(PROFILE, &values(profile)?);
    let mut files = vec![file(profile.site.profile.clone(), configuration, false)];
    files.extend(MODULES.map(|(name, text)| file(folder.join(name), text.to_owned(), false)));
    files.push(file(
        folder.join("groups.txt"),
        profile.groups().to_string(),
        true,
    ));
    let service = profile.site.service.clone();
    files.extend(service.map(|path| file(path, SERVICE.to_owned(), false)));
    Ok(files)
}

fn values(profile: &Profile) -> Result<Vec<(&'static str, String)>, UnusablePath> {
    let site = &profile.site;
    let admins: Vec<String> = profile
        .operators
        .iter()
        .map(|jid| quoted(jid.as_str()))
        .collect();
    let (registration, module) = registration(&profile.registration);
    Ok(vec![
        ("DOMAIN", profile.domain.to_string()),
        ("CERTIFICATE", quotable(&site.certificate)?),
        ("KEY", quotable(&site.key)?),
        ("FOLDER", quotable(&site.folder)?),
        ("GROUPS", quotable(&site.folder.join("groups.txt"))?),
        ("ADMINS", admins.join("; ")),
        ("PORT", profile.listen.port.to_string()),
        ("TLS_PORT", profile.listen.tls_port.to_string()),
        ("HTTPS_PORT", profile.listen.https_port.to_string()),
        ("ADDRESS", interfaces(&profile.listen.address)),
        ("REGISTRATION", registration),
        ("REGISTRATION_MODULE", module.to_owned()),
    ])
}

/// Prosody takes every address as two, one for each version of the protocol.
fn interfaces(address: &str) -> String {
    match address {
        "::" => r#""*"; "::""#.to_owned(),
        one => quoted(one),
    }
}

/// The settings, and the entry in the list of modules to load or not to load.
fn registration(registration: &Registration) -> (String, &'static str) {
    let Registration::From(networks) = registration else {
        let settings = "allow_registration = false -- nobody: operators make the accounts";
        return (settings.to_owned(), "");
    };
    let networks: Vec<String> = networks
        .iter()
        .map(|network| quoted(&network.to_string()))
        .collect();
    let settings = format!(
        "allow_registration = true\n\tallowlist_registration_only = true\n\tregistration_allowlist = {{ {} }}",
        networks.join("; "),
    );
    (settings, "\"register_ibr\";")
}
