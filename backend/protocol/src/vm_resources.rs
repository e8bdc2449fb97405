//! `archipel:vm:control`, the part about what a machine is given, uses, shows and gives back.

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ns,
    table::{Codec, Loose, Whole, actions, record, replies, words},
    xml::{Build, ParseError},
};

actions! {
    /// A request. The permission has the name of the action where the row says no other.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Gives a running machine more or less memory.
        Memory = "memory", changes, -1016 {
            /// The new size, KiB.
            kib: u64 = "value",
            /// When it counts; as the original's clients leave it: at once where it runs, else from the next start on.
            when: Option<When> = "when",
        } => Done,
        /// Gives a running machine more or fewer processors.
        SetVcpus = "setvcpus", changes, -1016 {
            /// How many.
            count: u32 = "value",
            /// When it counts.
            when: Option<When> = "when",
        } => Done,
        /// Counters of its interfaces.
        NetworkInfo = "networkinfo", reads, -1017 => Interfaces(Vec<Traffic>),
        /// Removes it with its account and its files.
        Free = "free", changes, -1020 {
            /// What becomes of its disks; as the original's clients leave it: those that are its alone are deleted.
            disks: Option<Disks> = "disks",
        } => Done,
        /// What its screen shows.
        Screenshot = "screenshot", reads, -1021 {
            /// Whether a picture of at most 216 × 162 will do.
            thumbnail: bool = "size" via Thumbnail,
        } => Screenshot(Option<Screenshot>),
        /// Ties one of its processors to some of the host's. Not known to the original, nor is what follows.
        Pin = "pin" as "setvcpus", changes, -1106 {
            /// Which one, from 0.
            vcpu: u32 = "vcpu",
            /// The host's, as libvirt writes them: `0-3,^2`.
            cpus: String = "cpus",
            /// When it counts.
            when: Option<When> = "when",
        } => Done,
        /// Gives it another name; it must be off.
        Rename = "rename" as "define", changes, -1107 {
            /// The new name.
            name: String = "name",
        } => Done,
    }
}

words! {
    /// When a change counts.
    pub enum When, "live, next or both" {
        /// At once, until it stops.
        Live = "live",
        /// From its next start on.
        Next = "next",
        /// Both.
        Both = "both",
    }
}

words! {
    /// What becomes of a machine's disks when it is removed.
    pub enum Disks, "keep or delete" {
        /// They stay where they are.
        Keep = "keep",
        /// Those that are its alone are deleted.
        Delete = "delete",
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Accepted. What follows is seen through presence and pushes.
        Done,
        /// Counters of its interfaces; none where it has no definition.
        Interfaces(interfaces: Vec<Traffic>),
        /// A picture; nothing where none can be made.
        Screenshot(screenshot: Option<Screenshot>),
    }
}

/// `thumbnail`; anything else, and nothing, means the whole picture.
pub(crate) struct Thumbnail;

impl Codec<bool> for Thumbnail {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<bool, ParseError> {
        Ok(element.attr(name.as_str()) == Some("thumbnail"))
    }

    fn write(value: &bool, name: &'static NcNameStr, build: Build) -> Build {
        build.maybe(name.to_owned(), value.then_some("thumbnail"))
    }
}

record! {
    /// Counters of one interface since the machine's start, in the answer to [`Action::NetworkInfo`]. What libvirt cannot count is
    /// -1.
    #[derive(Eq)]
    pub struct Traffic = "network" in ns::VM_CONTROL {
        /// libvirt's alias, else the device on the host.
        name: String = "name" via Loose,
        /// Bytes received.
        rx_bytes: i64 = "rx_bytes" via Loose,
        /// Packets received.
        rx_packets: i64 = "rx_packets" via Loose,
        /// Errors in receiving.
        rx_errors: i64 = "rx_errs" via Loose,
        /// Packets dropped in receiving.
        rx_dropped: i64 = "rx_drop" via Loose,
        /// Bytes sent.
        tx_bytes: i64 = "tx_bytes" via Loose,
        /// Packets sent.
        tx_packets: i64 = "tx_packets" via Loose,
        /// Errors in sending.
        tx_errors: i64 = "tx_errs" via Loose,
        /// Packets dropped in sending.
        tx_dropped: i64 = "tx_drop" via Loose,
    }
}

record! {
    /// The picture in the answer to [`Action::Screenshot`].
    #[derive(Eq)]
    pub struct Screenshot = "screenshot" in ns::VM_CONTROL {
        /// Always `image/png` from an original.
        mime: String = "mime" via Loose,
        /// Width, pixels.
        width: u32 = "width",
        /// Height, pixels.
        height: u32 = "height",
        /// The picture, base64.
        data: String = "screenshot" via Whole,
    }
}
