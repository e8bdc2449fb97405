//! What systemd is told.

use sd_notify::NotifyState;

use crate::agent::Status;

/// Tells systemd; outside of it, or when it does not listen, nothing happens.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd does not listen");
    }
}

/// The agent works, as well as its bus and libvirt let it.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// New settings are being read. systemd from 253 on wants the moment with it.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The agent ends.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How things stand, for `systemctl status`.
pub(super) fn status(status: &Status) {
    tell(&[NotifyState::Status(&text(status))]);
}

fn text(status: &Status) -> String {
    match status {
        Status::Starting => "starting".to_owned(),
        Status::Offline { reason } => format!("not on the bus: {reason}"),
        Status::Online {
            jid,
            machines,
            libvirt: None,
        } => format!("on the bus as {jid}, {machines} machines"),
        Status::Online {
            jid,
            libvirt: Some(why),
            ..
        } => format!("on the bus as {jid}; libvirt is out of reach: {why}"),
    }
}
