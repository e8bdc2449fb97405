//! `archipel:subscription`: who is on an entity's roster. Adding grants the permission `presence`, removing revokes it.

use jid::BareJid;

use crate::table::{actions, replies};

actions! {
    /// A request. The permission is `subscription_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "subscription_", answered by Reply {
        /// Puts somebody on the roster and asks to see their presence.
        Add = "add", changes, -8 {
            /// Whom.
            jid: BareJid = "jid",
        } => Done,
        /// Takes somebody off the roster.
        Remove = "remove", changes, -9 {
            /// Whom.
            jid: BareJid = "jid",
        } => Done,
    }
}

replies! {
    /// What an entity answers.
    pub enum Reply {
        /// Done.
        Done,
    }
}
