//! `archipel:hypervisor:nuage:network`: networks of a commercial product, kept on a hypervisor as templates. The original's client
//! sends the changes as `get`.

use crate::{
    ns,
    table::{Items, Loose, Named, actions, record, replies},
};

actions! {
    /// A request. The permission is `nuagenetwork_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "nuagenetwork_", answered by Reply {
        /// Keeps a template.
        Create = "create", changes, -12001 {
            /// It.
            network: Network = "nuage_network" via Items,
        } => Done,
        /// Removes a template.
        Delete = "delete", changes, -12002 {
            /// Its name.
            name: String = "name",
        } => Done,
        /// Replaces a template.
        Update = "update", changes, -12003 {
            /// Its name.
            name: String = "name",
            /// What it is to be.
            network: Network = "nuage_network" via Items,
        } => Done,
        /// All templates. An original machine cannot answer it.
        Get = "get", reads, -12004 => Networks(Vec<Wrapped>),
        /// The names of all templates.
        GetNames = "getnames", reads, -12005 => Names(Vec<Name>),
    }
}

replies! {
    /// What a hypervisor or machine answers.
    pub enum Reply {
        /// Done.
        Done,
        /// All templates.
        Networks(networks: Vec<Wrapped>),
        /// Their names.
        Names(names: Vec<Name>),
    }
}

record! {
    /// A template in a list.
    #[derive(Eq)]
    pub struct Wrapped = "nuage" in ns::NUAGE {
        /// It.
        network: Network = "nuage_network" via Items,
    }
}

record! {
    /// A template.
    #[derive(Eq)]
    pub struct Network = "nuage_network" in ns::NUAGE {
        /// Its name.
        name: String = "name",
        /// Such as `ipv4`.
        kind: String = "type" via Loose,
        /// The product's domain.
        domain: String = "domain" via Loose,
        /// The product's zone.
        zone: String = "zone" via Loose,
        /// Its addresses.
        subnet: Option<Subnet> = "subnet" via Items,
        /// Its limits.
        bandwidth: Option<Bandwidth> = "bandwidth" via Items,
    }
}

record! {
    /// Addresses of a network.
    #[derive(Eq)]
    pub struct Subnet = "subnet" in ns::NUAGE {
        /// Network address.
        address: String = "address" via Loose,
        /// Its mask.
        netmask: String = "netmask" via Loose,
        /// The way out.
        gateway: String = "gateway" via Loose,
    }
}

record! {
    /// Limits of a network.
    #[derive(Eq)]
    pub struct Bandwidth = "bandwidth" in ns::NUAGE {
        /// Towards the machine.
        inbound: Option<Rate> = "inbound" via Named,
        /// From the machine.
        outbound: Option<Rate> = "outbound" via Named,
    }
}

record! {
    /// A limit in one direction, in libvirt's units.
    #[derive(Eq)]
    pub struct Rate = "inbound" in ns::NUAGE {
        /// KiB per second on the whole.
        average: Option<u64> = "average",
        /// KiB per second at most.
        peak: Option<u64> = "peak",
        /// KiB at peak rate.
        burst: Option<u64> = "burst",
    }
}

record! {
    /// The name of a template.
    #[derive(Eq)]
    pub struct Name = "network" in ns::NUAGE {
        /// It.
        name: String = "name",
    }
}
