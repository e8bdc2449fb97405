//! `archipel:vm:definition`: a machine's definition. The original's client sends `undefine`, and `define` from its text editor, as
//! `get`; the type of the IQ is not looked at.

use crate::{
    document::{Capabilities, Document, Embedded},
    table::{actions, replies},
};

actions! {
    /// A request. The permission has the name of the action.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Action, permissions "", answered by Reply {
        /// Gives the machine a definition.
        Define = "define", changes, -1007 {
            /// The definition; its `uuid` must be the machine's.
            domain: Document = "domain" via Embedded,
        } => Done,
        /// Takes its definition away.
        Undefine = "undefine", changes, -1004 => Done,
        /// libvirt's capabilities of the host.
        Capabilities = "capabilities", reads, -1019 => Capabilities(Capabilities),
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Done.
        Done,
        /// libvirt's `capabilities`.
        Capabilities(capabilities: Capabilities),
    }
}
