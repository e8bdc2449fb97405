//! What the demo says.

use std::fmt;
use std::io::Write as _;

/// A line on standard error.
pub(super) enum Note {
    Bus,
    Hosts(usize),
    Simulating(crate::sim::FleetSize),
    Probing,
    Guests(crate::Acceleration),
    BehindItsBack(String),
    Obituary(String),
    Stopping,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Bus => f.write_str("starting a private Prosody for dc.example"),
            Note::Hosts(count) => write!(
                f,
                "starting {count} hypervisors, each a libvirt daemon and an agent of its own"
            ),
            Note::Simulating(size) => write!(
                f,
                "starting {} simulated hypervisors with {} machines each, and an agent for each",
                size.hosts, size.machines
            ),
            Note::Probing => f.write_str("looking whether KVM boots a guest here (at most 8 s)"),
            Note::Guests(crate::Acceleration::Kvm) => {
                f.write_str("starting two real guests under KVM")
            }
            Note::Guests(crate::Acceleration::Tcg) => {
                f.write_str("starting two real guests; KVM boots none here, so QEMU translates")
            }
            Note::BehindItsBack(uri) => write!(
                f,
                "to change a machine of hv01 behind its agent's back, in another terminal:\n  virsh -c '{uri}' list --all"
            ),
            Note::Obituary(text) => f.write_str(text),
            Note::Stopping => f.write_str("stopping all that was started"),
        }
    }
}

/// Says it on standard error.
pub(super) fn say(note: &Note) {
    let _ = writeln!(std::io::stderr(), "demo: {note}");
}

/// The one line on standard output. Scripts wait for its command, so no earlier line may contain it.
pub(super) fn announce_ready(machines: usize) {
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "ready with {machines} machines; in another terminal: {} --profile demo   (Ctrl-C here stops the demo)",
        crate::needs::operators_program()
    );
    let _ = out.flush();
}
