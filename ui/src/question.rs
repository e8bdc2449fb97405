//! What the screen asks about a machine, and what it is told.

use archipel_fleet::VmRef;
use archipel_language::Permission;
use archipel_protocol::{definitions::Version, rights::Explained};

use crate::picture::Picture;

/// Something about a machine that its hypervisor knows. The answer is [`Told`], of the kind that the question names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Its definition: [`Told::Text`].
    Definition(VmRef),
    /// What its next start will change, a unified difference: [`Told::Text`].
    Pending(VmRef),
    /// What was written about it, the newest first: [`Told::Versions`].
    History(VmRef),
    /// What a version of the history changed, a unified difference; the whole of it where none was before: [`Told::Text`].
    Change {
        /// The machine.
        vm: VmRef,
        /// The version.
        version: u64,
        /// The one before it.
        before: Option<u64>,
    },
    /// Why the operator holds a permission on it, or does not: [`Told::Explained`].
    Why(VmRef, Permission),
    /// What its screen shows now: [`Told::Picture`].
    Picture(VmRef),
}

impl Question {
    /// The machine that it is about.
    pub fn vm(&self) -> &VmRef {
        match self {
            Self::Definition(vm)
            | Self::Pending(vm)
            | Self::History(vm)
            | Self::Change { vm, .. }
            | Self::Why(vm, _)
            | Self::Picture(vm) => vm,
        }
    }
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A text of several lines.
    Text(String),
    /// Entries of a history.
    Versions(Vec<Version>),
    /// A decision with its grounds.
    Explained(Explained),
    /// A picture.
    Picture(Picture),
}
