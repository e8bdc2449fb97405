//! How verbs are said on the wire.

use archipel_protocol::{Request, ns, vm_control};

use super::{Ask, GivenError};

/// How a verb is said on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireAction {
    /// As an action of `archipel:vm:control`.
    Vm(vm_control::Action),
    /// As a request about a machine that needs something said, or of another namespace.
    Ask(Ask),
    /// Not at all: the operator's program does it with the roster of its account.
    Roster,
}

impl WireAction {
    /// Whether it changes something.
    pub const fn is_change(self) -> bool {
        match self {
            Self::Vm(action) => action.is_change(),
            Self::Ask(ask) => ask.is_change(),
            Self::Roster => true,
        }
    }

    /// Namespace and action, where something is sent.
    pub fn words(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Vm(action) => Some((ns::VM_CONTROL, action.word())),
            Self::Ask(ask) => Some(ask.words()),
            Self::Roster => None,
        }
    }

    /// The request to send with the values of the verb's own arguments; nothing where nothing is sent.
    pub fn request(self, given: &[String]) -> Result<Option<Request>, GivenError> {
        match self {
            Self::Vm(action) => Ok(Some(Request::VmControl(action))),
            Self::Ask(ask) => ask.request(given).map(Some),
            Self::Roster => Ok(None),
        }
    }
}
