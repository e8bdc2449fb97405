//! `archipel:virtualmachine:vmcasting`: a machine is made from a package of its hypervisor, or becomes one.

use crate::{
    ids::{ApplianceId, FileName},
    ns,
    table::{Capital, Loose, actions, record, replies, words},
};

actions! {
    /// A request. The permission is `appliance_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "appliance_", answered by Reply {
        /// Which packages there are.
        Get = "get", reads, -4002 => Appliances(Vec<Appliance>),
        /// Makes the machine what a package holds.
        Attach = "attach", changes, -4001 {
            /// Which one.
            appliance: ApplianceId = "uuid",
        } => Done,
        /// Forgets which package the machine was made from.
        Detach = "detach", changes, -4003 => Done,
        /// Makes a package of the machine, which has to be off. The original's client sends it as `get`.
        Package = "package", changes, -4004 {
            /// The name of the package.
            name: FileName = "name",
            /// Whether to compress drives; the agent's settings decide where it is not said.
            gzip: Option<bool> = "gzip" via Capital,
            /// Whether images in its drives belong to it.
            include_iso: Option<bool> = "include_iso" via Capital,
        } => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Accepted; the end is seen through pushes.
        Done,
        /// The packages of its hypervisor.
        Appliances(appliances: Vec<Appliance>),
    }
}

words! {
    /// How a package relates to the machine.
    pub enum Status, "a status (installed, installing, none)" {
        /// The machine was made from it.
        Installed = "installed",
        /// The machine is being made from it.
        Installing = "installing",
        /// Not at all.
        None = "none",
    }
}

record! {
    /// A package of the hypervisor.
    #[derive(Eq)]
    pub struct Appliance = "appliance" in ns::APPLIANCES {
        /// Its id.
        id: ApplianceId = "uuid",
        /// Its name.
        name: String = "name" via Loose,
        /// For people.
        description: String = "description" via Loose,
        /// Its file on the hypervisor.
        path: String = "path" via Loose,
        /// How it relates to the machine.
        status: Status = "status",
    }
}
