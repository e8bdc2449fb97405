//! `archipel:xmppserver:groups`: shared roster groups of the XMPP server. Only the central agent answers. The original's client
//! sends the changes as `get`.

use jid::BareJid;

use crate::{
    ns,
    table::{Items, Loose, actions, record, replies},
};

actions! {
    /// A request. The permission is `xmppserver_groups_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "xmppserver_groups_", answered by Reply {
        /// Which groups there are.
        List = "list", reads, -20005 => Groups(Vec<Group>),
        /// Makes a group; on one that exists it changes which groups its members see.
        Create = "create", changes, -20002 {
            /// Its id.
            id: String = "id",
            /// Its name.
            name: String = "name" via Loose,
            /// For people.
            description: String = "description" via Loose,
            /// The groups that its members see.
            shown: Vec<Shown> = "displayed_group" via Items,
        } => Done,
        /// Removes a group.
        Delete = "delete", changes, -20003 {
            /// Its id.
            id: String = "id",
        } => Done,
        /// Puts accounts into a group.
        AddUsers = "addusers", changes, -20001 {
            /// Its id.
            group: String = "groupid",
            /// The accounts.
            users: Vec<Member> = "user" via Items,
        } => Done,
        /// Takes accounts out of a group.
        DeleteUsers = "deleteusers", changes, -20004 {
            /// Its id.
            group: String = "groupid",
            /// The accounts.
            users: Vec<Member> = "user" via Items,
        } => Done,
    }
}

replies! {
    /// What the central agent answers.
    pub enum Reply {
        /// Done.
        Done,
        /// The groups.
        Groups(groups: Vec<Group>),
    }
}

record! {
    /// A group.
    #[derive(Eq)]
    pub struct Group = "group" in ns::XMPP_GROUPS {
        /// Its id.
        id: String = "id",
        /// Its name.
        name: String = "displayed_name" via Loose,
        /// For people.
        description: String = "description" via Loose,
        /// Its members.
        members: Vec<Member> = "user" via Items,
        /// The groups that its members see.
        shown: Vec<Shown> = "displayed_group" via Items,
    }
}

record! {
    /// A member of a group.
    #[derive(Eq)]
    pub struct Member = "user" in ns::XMPP_GROUPS {
        /// Its address.
        jid: BareJid = "jid",
    }
}

record! {
    /// A group that another group's members see.
    #[derive(Eq)]
    pub struct Shown = "displayed_group" in ns::XMPP_GROUPS {
        /// Its id.
        id: String = "id",
    }
}
