//! `archipel:hypervisor:control`: what a hypervisor is asked. Any contact with the permission may ask; the hypervisor answers.

use jid::Jid;
use minidom::Element;

use crate::{
    document::Capabilities,
    ns,
    table::{Capital, Content, Loose, actions, record, records, replies},
    xml::{Build, ParseError, require},
};

actions! {
    /// A request. The permission has the name of the action.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Which machines there are.
        RosterVm = "rostervm", reads, -9003 => Roster(Vec<RosterItem>),
        /// What the host is.
        NodeInfo = "nodeinfo", reads, -9014 => NodeInfo(Option<NodeInfo>),
        /// Its address.
        Ip = "ip", reads, -9005 => Ip(Address),
        /// libvirt's capabilities. Never send it to an original agent: it answers no request ever after.
        Capabilities = "capabilities", reads, -9009 => Capabilities(Capabilities),
    }
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 4] = [Self::RosterVm, Self::NodeInfo, Self::Ip, Self::Capabilities];
}

replies! {
    /// What a hypervisor answers.
    pub enum Reply {
        /// Its machines.
        Roster(items: Vec<RosterItem>),
        /// What it is; nothing where the original's broken text came.
        NodeInfo(node: Option<NodeInfo>),
        /// Its address.
        Ip(address: Address),
        /// libvirt's `capabilities`.
        Capabilities(capabilities: Capabilities),
    }
}

record! {
    /// A machine in the answer to [`Action::RosterVm`]: `<item managed='True' name='…'>jid</item>`, with the original's capitals.
    #[derive(Eq)]
    pub struct RosterItem = "item" in ns::HYPERVISOR_CONTROL {
        /// Full address of a managed machine, bare address (`uuid@domain`) of another.
        jid: Jid = "item" via Content,
        /// Its name.
        name: String = "name" via Loose,
        /// Whether the agent looks after it.
        managed: bool = "managed" via Capital,
    }
}

record! {
    /// The address in the answer to [`Action::Ip`].
    #[derive(Eq)]
    pub struct Address = "ip" in ns::HYPERVISOR_CONTROL {
        /// As the agent's settings say.
        text: String = "ip" via Content,
    }
}

/// Reads the answer to [`Action::RosterVm`].
pub fn parse_roster(query: &Element) -> Result<Vec<RosterItem>, ParseError> {
    records(query)
}

/// The answer to [`Action::Ip`].
pub fn ip_element(address: &str) -> Element {
    Build::new("ip", ns::HYPERVISOR_CONTROL)
        .text(address)
        .done()
}

/// Reads the answer to [`Action::Ip`].
pub fn parse_ip(query: &Element) -> Result<String, ParseError> {
    let ip = require(query, "ip")?;
    Ok(ip.text().trim().to_owned())
}

record! {
    /// The answer to [`Action::NodeInfo`]: `<nodeinfo …/>` with the original's key names. The original itself answers a text of
    /// key names without values, which reads as nothing known.
    #[derive(Eq, Default)]
    pub struct NodeInfo = "nodeinfo" in ns::HYPERVISOR_CONTROL {
        /// Processor model.
        model: String = "model" via Loose,
        /// Memory, MiB.
        memory_mib: u64 = "memory" via Loose,
        /// Active processors.
        cpus: u32 = "nrCPU" via Loose,
        /// Frequency, MHz.
        mhz: u32 = "mHzCPU" via Loose,
        /// NUMA nodes.
        numa_nodes: u32 = "nrNumaNodes" via Loose,
        /// Sockets per NUMA node.
        sockets: u32 = "nrSockets" via Loose,
        /// Cores per socket.
        cores: u32 = "nrCoreperSocket" via Loose,
        /// Threads per core.
        threads: u32 = "nrThreadperCore" via Loose,
    }
}

/// The document inside the answer to [`Action::Capabilities`], as text, whatever namespace it carries.
pub fn parse_capabilities(query: &Element) -> Result<String, ParseError> {
    let found = require(query, "capabilities")?;
    Ok(String::from(found))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn query(inner: &str) -> Element {
        format!("<query xmlns='archipel:hypervisor:control'>{inner}</query>")
            .parse()
            .unwrap()
    }

    fn node_info(answer: &Element) -> Result<Option<NodeInfo>, ParseError> {
        match Action::NodeInfo.parse_reply(answer)? {
            Reply::NodeInfo(node) => Ok(node),
            _ => Ok(None),
        }
    }

    #[test]
    fn the_roster_keeps_the_capitals_and_accepts_any() {
        let items = parse_roster(&query(
            "<item managed='True' name='web01'>7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01@dc.example/hv-a</item><item managed='false' name='x'>a@b</item>",
        ))
        .unwrap();
        assert!(items[0].managed && !items[1].managed);
        assert_eq!(items[0].to_element().attr("managed"), Some("True"));
        assert_eq!(RosterItem::parse(&items[0].to_element()).unwrap(), items[0]);
        assert!(parse_roster(&query("<item>@@</item>")).is_err());
    }

    #[test]
    fn node_information_comes_back_and_the_broken_text_is_nothing() {
        let node = NodeInfo {
            model: "x86_64".into(),
            memory_mib: 64_000,
            cpus: 8,
            mhz: 2_400,
            numa_nodes: 1,
            sockets: 1,
            cores: 4,
            threads: 2,
        };
        let mut answer = query("");
        answer.append_child(node.to_element());
        assert_eq!(node_info(&answer).unwrap(), Some(node));
        assert_eq!(node_info(&query("nrThreadperCorenrCPU")).unwrap(), None);
        assert!(node_info(&query("<nodeinfo memory='much'/>")).is_err());
    }

    #[test]
    fn an_address_comes_back() {
        let mut answer = query("");
        answer.append_child(ip_element("192.0.2.17"));
        assert_eq!(parse_ip(&answer).unwrap(), "192.0.2.17");
        assert!(parse_ip(&query("")).is_err());
    }
}
