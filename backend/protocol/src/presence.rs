//! What entities say of themselves in presence: the original's `show` and `status` values.

mod said;

pub use said::{Activity, HypervisorSaid, Standing, Work};

use minidom::Element;

use crate::{
    ns,
    stanza::{Presence, PresenceKind},
    state::VmState,
    text::clean_line,
    xml::Build,
};

/// Said by every entity while libvirt is out of reach.
pub const LIBVIRT_LOST: &str = "Libvirt connection lost";
/// Said by a machine without a definition; the original's client compares it literally.
pub const NOT_DEFINED: &str = "Not defined";

/// The presence of a machine. Clients go by `show`: none is running, `away` paused, `xa` off, `dnd` busy.
pub fn of_vm(state: VmState) -> Presence {
    let (show, status) = match state {
        VmState::Running => (None, "Running"),
        VmState::Paused => (Some("away"), "Paused"),
        VmState::Off => (Some("xa"), "Off"),
        VmState::ShuttingDown => (None, "Shutting down..."),
        VmState::Crashed => (Some("xa"), "Crashed"),
        VmState::Suspended => (Some("away"), "Suspended"),
        VmState::Undefined => (Some("xa"), NOT_DEFINED),
        VmState::Unknown => (Some("dnd"), LIBVIRT_LOST),
    };
    available(show, status)
}

/// The presence of a machine while its disks are being copied.
pub fn cloning_to(copy: &str) -> Presence {
    available(Some("dnd"), &format!("Cloning to {}", clean_line(copy, 64)))
}

/// Reads a machine's state off its presence.
pub fn vm_state(presence: &Presence) -> VmState {
    if presence.kind != PresenceKind::Available {
        return VmState::Unknown;
    }
    let status = presence.status.as_deref().unwrap_or_default();
    match (presence.show.as_deref(), status) {
        (_, NOT_DEFINED) => VmState::Undefined,
        (_, "Crashed") => VmState::Crashed,
        (Some("away"), "Suspended") => VmState::Suspended,
        (None, "Shutting down...") => VmState::ShuttingDown,
        (None | Some("online" | "chat"), _) => VmState::Running,
        (Some("away"), _) => VmState::Paused,
        (Some("xa"), _) => VmState::Off,
        _ => VmState::Unknown,
    }
}

/// What a hypervisor says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HypervisorStatus {
    /// It works; so many machines are managed.
    Online {
        /// Number of managed machines.
        machines: usize,
        /// Whether hardware virtualisation can be used.
        hardware_virtualisation: bool,
    },
    /// libvirt is out of reach.
    LibvirtLost,
}

/// The presence of a hypervisor.
pub fn of_hypervisor(status: &HypervisorStatus) -> Presence {
    match status {
        HypervisorStatus::Online {
            machines,
            hardware_virtualisation,
        } => {
            let suffix = if *hardware_virtualisation {
                ""
            } else {
                " \u{2014} no VT"
            };
            available(None, &format!("Online ({machines}){suffix}"))
        }
        HypervisorStatus::LibvirtLost => available(Some("dnd"), LIBVIRT_LOST),
    }
}

/// Whether a hypervisor's presence says that libvirt is out of reach.
pub fn is_libvirt_lost(presence: &Presence) -> bool {
    presence.show.as_deref() == Some("dnd") && presence.status.as_deref() == Some(LIBVIRT_LOST)
}

/// The child that makes clients fetch an entity's card anew (XEP-0153), with the hash of the picture, or without one. The original's is empty.
pub fn vcard_update(photo: Option<&str>) -> Element {
    let photo = photo.unwrap_or_default();
    Build::new("x", ns::VCARD_UPDATE)
        .child(Build::new("photo", ns::VCARD_UPDATE).text(photo))
        .done()
}

/// Whether a presence says that the sender's card is new. One that the server kept tells nothing new.
pub fn tells_of_card(presence: &Presence) -> bool {
    presence.payload("x", ns::VCARD_UPDATE).is_some()
        && presence.payload("delay", ns::DELAY).is_none()
}

/// The child of a subscription request that says who asks (XEP-0172).
pub fn nick(name: &str) -> Element {
    Build::new("nick", ns::NICK).text(name).done()
}

/// The name in a subscription request, cleaned.
pub fn asker(presence: &Presence) -> Option<String> {
    let nick = presence.payload("nick", ns::NICK)?;
    Some(clean_line(&nick.text(), 64)).filter(|name| !name.is_empty())
}

fn available(show: Option<&str>, status: &str) -> Presence {
    Presence {
        show: show.map(str::to_owned),
        status: Some(status.to_owned()),
        ..Presence::new(PresenceKind::Available)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_comes_back() {
        for state in VmState::ALL {
            assert_eq!(vm_state(&of_vm(state)), state);
        }
    }

    #[test]
    fn the_originals_words_are_understood() {
        assert_eq!(vm_state(&available(Some("online"), "")), VmState::Running);
        assert_eq!(
            vm_state(&available(Some("dnd"), "Cloning to x")),
            VmState::Unknown
        );
        assert_eq!(
            vm_state(&Presence::new(PresenceKind::Unavailable)),
            VmState::Unknown
        );
    }

    #[test]
    fn a_new_card_is_told_unless_late() {
        let mut presence = available(None, "");
        assert!(!tells_of_card(&presence));
        presence.payloads.push(vcard_update(None));
        assert!(tells_of_card(&presence));
        presence
            .payloads
            .push(Build::new("delay", ns::DELAY).done());
        assert!(!tells_of_card(&presence));
    }

    #[test]
    fn an_asker_says_its_name() {
        let mut presence = Presence::new(PresenceKind::Subscribe);
        assert_eq!(asker(&presence), None);
        presence.payloads.push(nick("web\u{9b}01"));
        assert_eq!(asker(&presence).as_deref(), Some("web01"));
    }

    #[test]
    fn a_hypervisor_counts_its_machines() {
        let online = HypervisorStatus::Online {
            machines: 3,
            hardware_virtualisation: false,
        };
        assert_eq!(
            of_hypervisor(&online).status.as_deref(),
            Some("Online (3) \u{2014} no VT")
        );
        assert!(is_libvirt_lost(&of_hypervisor(
            &HypervisorStatus::LibvirtLost
        )));
    }
}
