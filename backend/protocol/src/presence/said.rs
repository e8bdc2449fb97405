//! What originals say in the status text of presence beyond a state.

use crate::{presence::LIBVIRT_LOST, stanza::Presence, text::clean_line};

/// The longest name that is read from a status, in characters.
const NAME_LIMIT: usize = 64;

/// What an original hypervisor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HypervisorSaid {
    /// How it stands.
    pub standing: Standing,
    /// Whether it knows a central agent (`⚭` before the text).
    pub central_agent: bool,
    /// Whether hardware virtualisation can be used (` — no VT` after the text if not).
    pub hardware_virtualisation: bool,
}

/// How a hypervisor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It works; so many machines are managed.
    Online(u32),
    /// It wakes its machines.
    Initializing,
    /// It makes a machine; stays so where that failed.
    Allocating,
    /// It waits for a central agent for so many seconds more.
    Waiting(u32),
    /// It fetches a package.
    Downloading,
    /// libvirt is out of reach.
    LibvirtLost,
    /// It is there and has not said more yet.
    Silent,
}

impl HypervisorSaid {
    /// Reads a hypervisor's presence; `None` for a status of another version.
    pub fn of(presence: &Presence) -> Option<Self> {
        let status = presence.status.as_deref().unwrap_or_default();
        let bare = status.strip_prefix("\u{26ad} ");
        let (central_agent, text) = (bare.is_some(), bare.unwrap_or(status));
        let cut = text.strip_suffix(" \u{2014} no VT");
        Some(Self {
            standing: Standing::read(cut.unwrap_or(text))?,
            central_agent,
            hardware_virtualisation: cut.is_none(),
        })
    }
}

impl Standing {
    fn read(text: &str) -> Option<Self> {
        match text {
            "" => return Some(Self::Silent),
            LIBVIRT_LOST => return Some(Self::LibvirtLost),
            "Downloading appliance..." => return Some(Self::Downloading),
            _ => {}
        }
        let inner = text.strip_prefix("Online (")?.strip_suffix(')')?;
        let waiting = || {
            inner
                .strip_prefix("Waiting ")?
                .strip_suffix("s for central-agent")
        };
        match inner {
            "Initializing..." => Some(Self::Initializing),
            "Allocating vm..." => Some(Self::Allocating),
            _ => match waiting() {
                Some(seconds) => seconds.parse().ok().map(Self::Waiting),
                None => inner.parse().ok().map(Self::Online),
            },
        }
    }
}

/// What a machine is busy with, or what went wrong with that last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// It becomes a copy of the machine of this name.
    CloningFrom(String),
    /// A copy of it, of this name, is being made.
    CloningTo(String),
    /// It moves; so many percent are done.
    Migrating(u8),
    /// It works on something of the table.
    Working(Work),
    /// That went wrong.
    Failed(Work),
}

/// What a machine works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A move whose shared folder is missing.
    SharedFolder,
    /// A move.
    Move,
    /// Another format for a drive.
    Conversion,
    /// Removing a drive.
    DriveRemoval,
    /// Taking a snapshot.
    Snapshot,
    /// Removing a snapshot.
    SnapshotRemoval,
    /// Going back to a snapshot.
    Revert,
    /// Becoming what a package holds.
    Installation,
    /// Becoming a package.
    Packaging,
}

/// Status texts of the original.
const TEXTS: [(&str, Activity); 14] = [
    ("Migration aborted", Activity::Failed(Work::SharedFolder)),
    ("Can't migrate.", Activity::Failed(Work::Move)),
    ("Converting a disk...", Activity::Working(Work::Conversion)),
    ("Deleting a drive...", Activity::Working(Work::DriveRemoval)),
    ("Snapshoting...", Activity::Working(Work::Snapshot)),
    ("Error while snapshoting", Activity::Failed(Work::Snapshot)),
    (
        "Removing snapshot...",
        Activity::Working(Work::SnapshotRemoval),
    ),
    (
        "Error while deleting snapshot.",
        Activity::Failed(Work::SnapshotRemoval),
    ),
    ("Restoring snapshot...", Activity::Working(Work::Revert)),
    ("Error while reverting.", Activity::Failed(Work::Revert)),
    (
        "Installing from appliance...",
        Activity::Working(Work::Installation),
    ),
    (
        "Cannot install appliance",
        Activity::Failed(Work::Installation),
    ),
    ("Packaging myself...", Activity::Working(Work::Packaging)),
    (
        "Cannot package appliance",
        Activity::Failed(Work::Packaging),
    ),
];

impl Activity {
    /// Reads a machine's presence; `None` where it says a state only.
    pub fn of(presence: &Presence) -> Option<Self> {
        let status = presence.status.as_deref()?;
        let name = |prefix| Some(clean_line(status.strip_prefix(prefix)?, NAME_LIMIT));
        let percent = || {
            status
                .strip_prefix("Migrating - ")?
                .strip_suffix('%')?
                .parse()
                .ok()
        };
        let mut texts = TEXTS.into_iter();
        texts
            .find_map(|(text, activity)| (text == status).then_some(activity))
            .or_else(|| name("Cloning from ").map(Self::CloningFrom))
            .or_else(|| name("Cloning to ").map(Self::CloningTo))
            .or_else(|| percent().map(|percent: u8| Self::Migrating(percent.min(100))))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stanza::PresenceKind;

    fn presence(status: &str) -> Presence {
        Presence {
            status: Some(status.to_owned()),
            ..Presence::new(PresenceKind::Available)
        }
    }

    #[test]
    fn hypervisors_of_originals_are_understood() {
        for (text, standing) in [
            ("Online (3)", Standing::Online(3)),
            ("\u{26ad} Online (Initializing...)", Standing::Initializing),
            ("Online (Allocating vm...)", Standing::Allocating),
            (
                "Online (Waiting 117s for central-agent)",
                Standing::Waiting(117),
            ),
            ("Libvirt connection lost", Standing::LibvirtLost),
        ] {
            let said = HypervisorSaid::of(&presence(text)).unwrap();
            assert_eq!(said.standing, standing, "{text}");
            assert_eq!(said.central_agent, text.starts_with('\u{26ad}'));
        }
        let said = HypervisorSaid::of(&presence("Online (0) \u{2014} no VT")).unwrap();
        assert!(!said.hardware_virtualisation);
        assert_eq!(HypervisorSaid::of(&presence("Online (many)")), None);
    }

    #[test]
    fn what_machines_are_busy_with_is_understood() {
        for (text, activity) in [
            (
                "Cloning from web\u{1b}01",
                Activity::CloningFrom("web01".into()),
            ),
            ("Migrating - 42%", Activity::Migrating(42)),
            ("Can't migrate.", Activity::Failed(Work::Move)),
            ("Snapshoting...", Activity::Working(Work::Snapshot)),
        ] {
            assert_eq!(Activity::of(&presence(text)), Some(activity), "{text}");
        }
        assert_eq!(Activity::of(&presence("Running")), None);
    }
}
