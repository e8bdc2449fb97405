//! Texts for people.

use std::fmt;

use archipel_hypervisor::ErrorKind;
use virt::{error::Error, sys};

use crate::{failure::code, uri::Uri};

/// libvirt cannot be reached.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot reach libvirt at `{uri}`: {said}. {advice}")]
pub(crate) struct Unreachable {
    uri: String,
    said: String,
    advice: Advice,
}

impl Unreachable {
    /// Opening a connection failed.
    pub(crate) fn new(uri: &Uri, error: &Error) -> Self {
        Self {
            uri: uri.shown(),
            said: error.message().trim_end_matches('.').to_owned(),
            advice: Advice::on(code(error), error.message()),
        }
    }

    /// The class of the failure.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self.advice {
            Advice::Permission | Advice::Login => ErrorKind::Denied,
            Advice::Scheme => ErrorKind::Unsupported,
            _ => ErrorKind::Lost,
        }
    }

    /// The connection was there and went.
    pub(crate) fn closed(uri: &Uri, reason: u32) -> Self {
        let said = match reason {
            sys::VIR_CONNECT_CLOSE_REASON_EOF => "it closed the connection",
            sys::VIR_CONNECT_CLOSE_REASON_KEEPALIVE => "it answers no more",
            _ => "the connection broke",
        };
        Self {
            uri: uri.shown(),
            said: said.to_owned(),
            advice: Advice::Wait,
        }
    }

    /// Nobody knows yet: the first attempt still runs.
    pub(crate) fn not_yet(uri: &Uri) -> Self {
        Self {
            uri: uri.shown(),
            said: "it has not answered yet".to_owned(),
            advice: Advice::Wait,
        }
    }
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    /// The socket refuses this user.
    Permission,
    /// Nobody listens.
    Daemon,
    /// No driver for this scheme.
    Scheme,
    /// No such host.
    Host,
    /// The daemon refuses.
    Login,
    /// It may come back by itself.
    Wait,
    /// Anything else.
    Try,
}

impl Advice {
    /// libvirt tells most of these apart by its words only; they are never translated for us, or `Try` is what remains.
    pub(crate) fn on(code: sys::virErrorNumber, message: &str) -> Self {
        let says = |words: &str| message.to_lowercase().contains(words);
        match code {
            sys::VIR_ERR_AUTH_FAILED
            | sys::VIR_ERR_AUTH_CANCELLED
            | sys::VIR_ERR_AUTH_UNAVAILABLE => Self::Login,
            sys::VIR_ERR_NO_CONNECT => Self::Scheme,
            sys::VIR_ERR_UNKNOWN_HOST => Self::Host,
            _ if says("unable to resolve address") => Self::Host,
            _ if says("permission denied") => Self::Permission,
            _ if says("no such file or directory") || says("connection refused") => Self::Daemon,
            _ => Self::Try,
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permission => "Add the agent's user to the group `libvirt` and start the agent again",
            Self::Daemon => "Is its daemon running? Try `systemctl start libvirtd` (or `virtqemud.socket` on newer systems)",
            Self::Scheme => {
                "Does the URI name a hypervisor that this host has, such as `qemu:///system`, and is libvirt's package for it installed?"
            }
            Self::Host => "Check the host name in the URI",
            Self::Login => "Let the agent's user in: add it to the group `libvirt` (`usermod -aG libvirt USER`) and start the agent again; else `auth_unix_rw` or `auth_tcp` in libvirtd.conf, or a polkit rule",
            Self::Wait => "The agent goes on trying",
            Self::Try => "Try `virsh -c URI list` as the agent's user",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_fits_what_libvirt_said() {
        let socket =
            |why| format!("Failed to connect socket to '/var/run/libvirt/libvirt-sock': {why}");
        for (code, said, advice) in [
            (
                sys::VIR_ERR_SYSTEM_ERROR,
                socket("Permission denied"),
                Advice::Permission,
            ),
            (
                sys::VIR_ERR_SYSTEM_ERROR,
                socket("No such file or directory"),
                Advice::Daemon,
            ),
            (
                sys::VIR_ERR_SYSTEM_ERROR,
                socket("Connection refused"),
                Advice::Daemon,
            ),
            (
                sys::VIR_ERR_NO_CONNECT,
                "no connection driver available for vbox:///session".to_owned(),
                Advice::Scheme,
            ),
            (
                sys::VIR_ERR_AUTH_UNAVAILABLE,
                "authentication unavailable: no polkit agent".to_owned(),
                Advice::Login,
            ),
            (
                sys::VIR_ERR_INTERNAL_ERROR,
                "something".to_owned(),
                Advice::Try,
            ),
        ] {
            assert_eq!(Advice::on(code, &said), advice, "{said}");
        }
    }

    #[test]
    fn a_closed_connection_names_its_uri_without_a_password() {
        let text =
            Unreachable::closed(&Uri::new("qemu+tcp://op:hunter2@hv01/system"), 1).to_string();
        assert_eq!(
            text,
            "cannot reach libvirt at `qemu+tcp://op@hv01/system`: it closed the connection. The agent goes on trying"
        );
    }
}
