//! `archipel:hypervisor:vmparking` and `archipel:vm:vmparking`: machines that are kept without a hypervisor.

use jid::Jid;

use crate::{
    document::{Document, Embedded},
    ids::VmId,
    ns,
    table::{Items, OrNone, YesNo, actions, record, replies},
};

/// The most machines in one answer; fewer mean that it was the last.
pub const PAGE: usize = 30;

actions! {
    /// What a hypervisor is asked. The permission is `vmparking_` and the name of the action. An original does not answer an action
    /// that it does not know.
    #[derive(Debug, Clone, PartialEq)]
    pub enum HostAction, permissions "vmparking_", answered by HostReply {
        /// Which machines are parked.
        List = "list", reads, -11001 {
            /// Which page of [`PAGE`], from 0.
            page: Option<u32> = "page",
            /// A part of the name.
            filter: Option<String> = "filter",
        } => Parked(Vec<Parked>),
        /// Parks machines; a running one is switched off.
        Park = "park", changes, -11002 {
            /// Which ones.
            machines: Vec<Target> = "item" via Items,
        } => Done,
        /// Takes machines over.
        Unpark = "unpark", changes, -11003 {
            /// Which ones.
            machines: Vec<Unpark> = "item" via Items,
        } => Done,
        /// Removes parked machines with their files.
        Delete = "delete", changes, -11004 {
            /// Which ones.
            machines: Vec<Removal> = "item" via Items,
        } => Done,
        /// Replaces a parked machine's definition. The original's client calls it `updatexml`, its agent `edit_definition`.
        EditDefinition = "edit_definition" | "updatexml", changes, -11004 {
            /// Whose.
            machine: VmId = "identifier",
            /// The new definition, with the same name and uuid.
            domain: Document = "domain" via Embedded,
        } => Done,
        /// Makes machines that are parked from the beginning; an original keeps none of them.
        CreateParked = "create_parked", changes, -11005 {
            /// Which ones.
            machines: Vec<NewParked> = "item" via Items,
        } => Done,
    }
}

replies! {
    /// What a hypervisor answers.
    pub enum HostReply {
        /// Accepted.
        Done,
        /// A page of parked machines.
        Parked(machines: Vec<Parked>),
    }
}

actions! {
    /// What a machine is asked. The permission is `vmparking_park`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MachineAction, permissions "vmparking_", answered by MachineReply {
        /// Parks itself.
        Park = "park", changes, -11002 => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum MachineReply {
        /// Accepted.
        Done,
    }
}

record! {
    /// A machine to park.
    #[derive(Copy, Eq)]
    pub struct Target = "item" in ns::PARKING {
        /// Its id.
        vm: VmId = "uuid",
    }
}

record! {
    /// A parked machine to take over.
    #[derive(Copy, Eq)]
    pub struct Unpark = "item" in ns::PARKING {
        /// Its id.
        vm: VmId = "identifier",
        /// Whether to start it.
        start: bool = "start" via YesNo,
    }
}

record! {
    /// A parked machine to remove.
    #[derive(Copy, Eq)]
    pub struct Removal = "item" in ns::PARKING {
        /// Its id.
        vm: VmId = "identifier",
    }
}

record! {
    /// A machine that is parked from the beginning.
    pub struct NewParked = "item" in ns::PARKING {
        /// Its id.
        vm: VmId = "uuid",
        /// Its definition, without a description.
        domain: Document = "domain" via Embedded,
    }
}

record! {
    /// A parked machine.
    pub struct Parked = "virtualmachine" in ns::PARKING {
        /// Its id.
        vm: VmId = "uuid",
        /// Its name.
        name: Option<String> = "name" via OrNone,
        /// Who parked it.
        parker: Option<Jid> = "parker" via OrNone,
        /// When it was made, for people; only for those parked from the beginning.
        date: Option<String> = "date" via OrNone,
        /// Its definition.
        domain: Document = "domain" via Embedded,
    }
}
