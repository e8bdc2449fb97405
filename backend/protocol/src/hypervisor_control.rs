//! `archipel:hypervisor:control`: what a hypervisor is asked. Any contact with the permission may ask; the hypervisor answers.

use jid::Jid;
use minidom::Element;

use crate::{
    ns,
    xml::{Build, ParseError, child, flag, name, optional, text},
};

/// A request. The permission has the name of the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Which machines there are.
    RosterVm,
    /// What the host is.
    NodeInfo,
    /// Its address.
    Ip,
    /// libvirt's capabilities. Never send it to an original agent: it answers no request ever after.
    Capabilities,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 4] = [Self::RosterVm, Self::NodeInfo, Self::Ip, Self::Capabilities];

    /// The value of the attribute `action`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RosterVm => "rostervm",
            Self::NodeInfo => "nodeinfo",
            Self::Ip => "ip",
            Self::Capabilities => "capabilities",
        }
    }

    /// The original's code for a failure.
    pub const fn failure_code(self) -> i32 {
        match self {
            Self::RosterVm => -9003,
            Self::Ip => -9005,
            Self::Capabilities => -9009,
            Self::NodeInfo => -9014,
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// A machine in the answer to [`Action::RosterVm`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterItem {
    /// Full address of a managed machine, bare address (`uuid@domain`) of another.
    pub jid: Jid,
    /// Its name.
    pub name: String,
    /// Whether the agent looks after it.
    pub managed: bool,
}

impl RosterItem {
    /// `<item managed='True' name='…'>jid</item>`, with the original's capitals.
    pub fn to_element(&self) -> Element {
        Build::new("item", ns::HYPERVISOR_CONTROL)
            .attr(
                name!("managed"),
                if self.managed { "True" } else { "False" },
            )
            .attr(name!("name"), &self.name)
            .text(self.jid.as_str())
            .done()
    }

    fn parse(item: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            jid: Jid::new(item.text().trim()).map_err(|why| ParseError::invalid("item", why))?,
            name: text(item, "name"),
            managed: flag(item, "managed"),
        })
    }
}

/// Reads the answer to [`Action::RosterVm`].
pub fn parse_roster(query: &Element) -> Result<Vec<RosterItem>, ParseError> {
    query
        .children()
        .filter(|child| child.name() == "item")
        .map(RosterItem::parse)
        .collect()
}

/// The answer to [`Action::Ip`].
pub fn ip_element(address: &str) -> Element {
    Build::new("ip", ns::HYPERVISOR_CONTROL)
        .text(address)
        .done()
}

/// Reads the answer to [`Action::Ip`].
pub fn parse_ip(query: &Element) -> Result<String, ParseError> {
    let ip = child(query, "ip").ok_or(ParseError::MissingChild {
        parent: "query",
        child: "ip",
    })?;
    Ok(ip.text().trim().to_owned())
}

/// The answer to [`Action::NodeInfo`]: `<nodeinfo …/>` with the original's key names. The original itself answers a text of
/// key names without values, which reads as nothing known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeInfo {
    /// Processor model.
    pub model: String,
    /// Memory, MiB.
    pub memory_mib: u64,
    /// Active processors.
    pub cpus: u32,
    /// Frequency, MHz.
    pub mhz: u32,
    /// NUMA nodes.
    pub numa_nodes: u32,
    /// Sockets per NUMA node.
    pub sockets: u32,
    /// Cores per socket.
    pub cores: u32,
    /// Threads per core.
    pub threads: u32,
}

impl NodeInfo {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("nodeinfo", ns::HYPERVISOR_CONTROL)
            .attr(name!("model"), &self.model)
            .attr(name!("memory"), self.memory_mib)
            .attr(name!("nrCPU"), self.cpus)
            .attr(name!("mHzCPU"), self.mhz)
            .attr(name!("nrNumaNodes"), self.numa_nodes)
            .attr(name!("nrSockets"), self.sockets)
            .attr(name!("nrCoreperSocket"), self.cores)
            .attr(name!("nrThreadperCore"), self.threads)
            .done()
    }

    /// Reads an answer; `None` where the original's broken text came.
    pub fn parse(query: &Element) -> Result<Option<Self>, ParseError> {
        let Some(node) = child(query, "nodeinfo") else {
            return Ok(None);
        };
        Ok(Some(Self {
            model: text(node, "model"),
            memory_mib: optional(node, "memory")?.unwrap_or_default(),
            cpus: optional(node, "nrCPU")?.unwrap_or_default(),
            mhz: optional(node, "mHzCPU")?.unwrap_or_default(),
            numa_nodes: optional(node, "nrNumaNodes")?.unwrap_or_default(),
            sockets: optional(node, "nrSockets")?.unwrap_or_default(),
            cores: optional(node, "nrCoreperSocket")?.unwrap_or_default(),
            threads: optional(node, "nrThreadperCore")?.unwrap_or_default(),
        }))
    }
}

/// The document inside the answer to [`Action::Capabilities`], as text, whatever namespace it carries.
pub fn parse_capabilities(query: &Element) -> Result<String, ParseError> {
    let found = child(query, "capabilities").ok_or(ParseError::MissingChild {
        parent: "query",
        child: "capabilities",
    })?;
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
        assert_eq!(NodeInfo::parse(&answer).unwrap(), Some(node));
        assert_eq!(
            NodeInfo::parse(&query("nrThreadperCorenrCPU")).unwrap(),
            None
        );
        assert!(NodeInfo::parse(&query("<nodeinfo memory='much'/>")).is_err());
    }

    #[test]
    fn an_address_comes_back() {
        let mut answer = query("");
        answer.append_child(ip_element("192.0.2.17"));
        assert_eq!(parse_ip(&answer).unwrap(), "192.0.2.17");
        assert!(parse_ip(&query("")).is_err());
    }
}
