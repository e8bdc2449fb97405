//! The way to the bus in words.

use archipel_config::{BusSettings, TlsMode};

use crate::settings::Settings;

pub(super) fn text(settings: &Settings) -> String {
    let BusSettings {
        hosts,
        tls,
        ca_file,
        pinned,
        ..
    } = &settings.bus;
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let server = if hosts.is_empty() {
        format!("found by the domain {}", settings.jid.domain())
    } else {
        hosts.join(", then ")
    };
    let protection = match tls {
        TlsMode::Starttls => "STARTTLS",
        TlsMode::Direct => "TLS from the first byte",
        TlsMode::ClearTextOnLoopback => return format!("{server}, clear text on loopback"),
    };
    let trust = match (pinned, ca_file) {
        (Some(pinned), _) => format!("the certificate {pinned}"),
        (None, Some(file)) => format!("the authority in {}", file.display()),
        (None, None) => "the system's authorities".to_owned(),
    };
    format!("{server}, {protection}, trusting {trust}")
}
