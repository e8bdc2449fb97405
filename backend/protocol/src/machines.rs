//! `archipel:hypervisor:control`, the part that changes a hypervisor's machines: allocate, free, clone, manage, unmanage, rename.

use jid::Jid;

use crate::{
    document::{Document, Embedded},
    ids::VmId,
    ns,
    table::{Items, Leaf, actions, record, replies, words},
    vm_resources::Disks,
};

actions! {
    /// A request. The permission has the name of the action.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Action, permissions "", answered by Reply {
        /// Makes a machine with an account of its own. What is not given, the hypervisor chooses.
        Alloc = "alloc", changes, -9001 {
            /// Its name.
            name: Option<String> = "name",
            /// Organisation, for the card.
            organisation: Option<String> = "orgname",
            /// Unit of the organisation, for the card.
            unit: Option<String> = "orgunit",
            /// Place, for the card.
            locality: Option<String> = "locality",
            /// Owner, for the card.
            owner: Option<String> = "userid",
            /// Free words, for the card.
            categories: Option<String> = "categories",
            /// Its definition; name and uuid in it are replaced.
            domain: Option<Document> = "domain" via Embedded,
            /// Under which of the requester's scopes; for those who may allocate under several.
            scope: Option<String> = "in",
        } => Machine(Machine),
        /// Removes a machine with its account and its files.
        Free = "free", changes, -9002 {
            /// Which one; only the part before `@` counts.
            jid: Jid = "jid",
            /// What becomes of its disks; as the original's clients leave it: those that are its alone are deleted.
            disks: Option<Disks> = "disks",
        } => Machine(Machine),
        /// Copies a machine that is off.
        Clone = "clone", changes, -9004 {
            /// Which one; absent: the one that `vm` names.
            jid: Option<Jid> = "jid",
            /// The name of the copy.
            name: Option<String> = "name",
            /// How its disks are made; as the original's clients leave it: copied.
            copy: Option<Copying> = "copy",
        } => Done,
        /// Takes over domains that libvirt has already.
        Manage = "manage", changes, -9010 {
            /// Which ones, `uuid@domain`; none: the one that `vm` names.
            machines: Vec<Target> = "item" via Items,
        } => Done,
        /// Lets machines go, with their domains kept.
        Unmanage = "unmanage", changes, -9011 {
            /// Which ones; none: the one that `vm` names.
            machines: Vec<Target> = "item" via Items,
        } => Done,
        /// Changes what a machine's card says; another name renames its domain too.
        SetOrgInfo = "setorginfo", changes, -9013 {
            /// Which one.
            target: VmId = "target",
            /// Its new name.
            name: Option<String> = "FN" via Leaf,
            /// Organisation.
            organisation: Option<String> = "ORGNAME" via Leaf,
            /// Unit of the organisation.
            unit: Option<String> = "ORGUNIT" via Leaf,
            /// Place.
            locality: Option<String> = "LOCALITY" via Leaf,
            /// Owner.
            owner: Option<String> = "USERID" via Leaf,
            /// Free words.
            categories: Option<String> = "CATEGORIES" via Leaf,
        } => Machine(Machine),
    }
}

words! {
    /// How the disks of a copied machine are made.
    pub enum Copying, "full or linked" {
        /// Every byte is copied.
        Full = "full",
        /// They build on the disks of the first, which must not change any more.
        Linked = "linked",
    }
}

replies! {
    /// What a hypervisor answers.
    pub enum Reply {
        /// Accepted; a copy is still being made when this comes.
        Done,
        /// The machine that was made, removed or changed.
        Machine(machine: Machine),
    }
}

record! {
    /// A machine to be taken over or let go.
    #[derive(Eq)]
    pub struct Target = "item" in ns::HYPERVISOR_CONTROL {
        /// Its address, bare or full.
        jid: Jid = "jid",
    }
}

record! {
    /// A machine in an answer: its bare address after `alloc`, its full one after `setorginfo`, as asked after `free`.
    #[derive(Eq)]
    pub struct Machine = "virtualmachine" in ns::HYPERVISOR_CONTROL {
        /// Its address.
        jid: Jid = "jid",
    }
}
