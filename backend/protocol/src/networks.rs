//! `archipel:hypervisor:network`: virtual networks, bridges, interfaces and filters of a host. A hypervisor answers all of it, a
//! machine what the editor of its interfaces needs.

use minidom::Element;

use crate::{
    document::{Document, Embedded},
    ns,
    table::{Digit, Payload, actions, is_yes, record, replies, words},
    xml::{Build, ParseError, child, name},
};

actions! {
    /// A request. The permission is `network_` and the name of the action; an original machine has none for interfaces and filters.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Action, permissions "network_", answered by Reply {
        /// All networks with their definitions.
        Get = "get", reads, -7005 => Networks(Networks),
        /// The names of active networks.
        GetNames = "getnames", reads, -7007 => Names(Vec<Name>),
        /// The interfaces of the host.
        GetNics = "getnics", reads, -7008 => Nics(Vec<Nic>),
        /// The bridges of the host.
        Bridges = "bridges", reads, -7006 => Bridges(Vec<Bridge>),
        /// The filters of the host; an original hypervisor does not answer it, its machines do.
        GetFilters = "getnwfilters", reads, -7009 => Filters(Vec<Filter>),
        /// Gives a network a definition.
        Define = "define", changes, -7001 {
            /// Whether it starts with its host; an original never switches it off.
            autostart: Option<bool> = "autostart" via Digit,
            /// The definition, with its `uuid`.
            network: Document = "network" via Embedded,
        } => Done,
        /// Takes a network's definition away.
        Undefine = "undefine", changes, -7002 {
            /// Its name or uuid.
            network: String = "uuid",
        } => Done,
        /// Starts a network.
        Create = "create", changes, -7003 {
            /// Its name or uuid.
            network: String = "uuid",
        } => Done,
        /// Stops a network.
        Destroy = "destroy", changes, -7004 {
            /// Its name or uuid.
            network: String = "uuid",
        } => Done,
    }
}

replies! {
    /// What a hypervisor or machine answers.
    pub enum Reply {
        /// Done.
        Done,
        /// All networks.
        Networks(networks: Networks),
        /// Names of active networks.
        Names(names: Vec<Name>),
        /// Interfaces.
        Nics(nics: Vec<Nic>),
        /// Bridges.
        Bridges(bridges: Vec<Bridge>),
        /// Filters.
        Filters(filters: Vec<Filter>),
    }
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its definition.
    pub document: Document,
    /// Whether it starts with its host.
    pub autostart: bool,
}

impl Network {
    /// The flag travels as an attribute of the definition, where libvirt knows none.
    fn parse(element: &Element) -> Self {
        let (document, autostart) = Document::from_wire(element).split_attribute("autostart");
        Self {
            document,
            autostart: autostart.as_deref().is_some_and(is_yes),
        }
    }

    fn to_element(&self, namespace: &str) -> Element {
        let mut element = self.document.to_wire(namespace);
        let flag = if self.autostart { "1" } else { "0" };
        element.set_attr(rxml::Namespace::NONE, name!("autostart"), flag);
        element
    }
}

/// The networks of a host, in the elements `activedNetworks` and `unactivedNetworks`, as the original spells them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Networks {
    /// Those that work.
    pub active: Vec<Network>,
    /// Those that do not.
    pub inactive: Vec<Network>,
}

impl Payload for Networks {
    fn read(body: &Element) -> Result<Self, ParseError> {
        let below = |group| {
            let children = child(body, group).into_iter().flat_map(Element::children);
            let networks = children.filter(|child| child.name() == "network");
            networks.map(Network::parse).collect()
        };
        Ok(Self {
            active: below("activedNetworks"),
            inactive: below("unactivedNetworks"),
        })
    }

    fn write(&self, namespace: &str) -> Vec<Element> {
        let group = |name: &str, networks: &[Network]| {
            let networks = networks.iter().map(|network| network.to_element(namespace));
            Build::new(name, namespace).children(networks).done()
        };
        vec![
            group("activedNetworks", &self.active),
            group("unactivedNetworks", &self.inactive),
        ]
    }
}

record! {
    /// An active network.
    #[derive(Eq)]
    pub struct Name = "network" in ns::NETWORK {
        /// Its name.
        name: String = "name",
    }
}

record! {
    /// An interface of the host.
    #[derive(Eq)]
    pub struct Nic = "nic" in ns::NETWORK {
        /// Its name.
        name: String = "name",
    }
}

record! {
    /// A filter for machines' interfaces.
    #[derive(Eq)]
    pub struct Filter = "filter" in ns::NETWORK {
        /// Its name.
        name: String = "name",
    }
}

words! {
    /// What kind of bridge it is.
    pub enum BridgeKind, "a kind of bridge (linux-bridge, openvswitch)" {
        /// The kernel's.
        Linux = "linux-bridge",
        /// Open vSwitch.
        OpenVswitch = "openvswitch",
    }
}

record! {
    /// A bridge of the host.
    #[derive(Eq)]
    pub struct Bridge = "bridge" in ns::NETWORK {
        /// Its name.
        name: String = "name",
        /// Its kind, where it is told.
        kind: Option<BridgeKind> = "type",
    }
}
