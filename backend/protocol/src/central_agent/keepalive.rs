//! The central agent's sign of life: an item of the node `/archipel/centralagentkeepalive`.
//!
//! The original's node takes items from everybody and evaluates a text of the item as a program. Here what may be asked for is a
//! closed list, and whether the sender is who it says is the caller's to check.

use jid::Jid;
use minidom::Element;

use crate::{
    table::words,
    xml::{Build, ParseError, child, expect, flag, name, optional, required, shown},
};

/// The node.
pub const NODE: &str = "/archipel/centralagentkeepalive";
/// The original's items have no namespace of their own.
const NAMESPACE: &str = "";

words! {
    /// A figure of a hypervisor that the central agent can ask for.
    pub enum Statistic, "a statistic" {
        /// Idle share of the processors, percent.
        CpuIdle = "cpu/id",
        /// Free memory, KiB.
        MemoryFree = "memory/free",
        /// Memory in use, KiB.
        MemoryUsed = "memory/used",
        /// All memory, KiB.
        MemoryTotal = "memory/total",
        /// Swap in use, KiB.
        MemorySwapped = "memory/swapped",
        /// Memory saved by sharing, KiB.
        MemoryShared = "memory/shared",
        /// Mean number of runnable tasks over a minute.
        LoadOne = "load/one",
        /// Over five minutes.
        LoadFive = "load/five",
        /// Over fifteen minutes.
        LoadFifteen = "load/fifteen",
        /// Bytes per interface, as JSON.
        Network = "network/records",
    }
}

impl Statistic {
    fn parse(stat: &Element) -> Result<Self, ParseError> {
        let major: String = required(stat, "major")?;
        let minor: String = required(stat, "minor")?;
        format!("{major}/{minor}").parse()
    }

    fn to_element(self) -> Element {
        let (major, minor) = self.word().split_once('/').unwrap_or_default();
        let major = if major == "cpu" { "CPU" } else { major };
        Build::new("stat", NAMESPACE)
            .attr(name!("major"), major)
            .attr(name!("minor"), minor)
            .done()
    }
}

/// A sign of life.
#[derive(Debug, Clone, PartialEq)]
pub struct Keepalive {
    /// Full address to send requests to.
    pub jid: Jid,
    /// Whether everybody is to register again; with the first item of an active agent.
    pub force_update: bool,
    /// What two active agents compare; with the first item.
    pub salt: Option<f64>,
    /// Seconds between two signs.
    pub interval_s: Option<u32>,
    /// Seconds without news after which a hypervisor counts as unreachable.
    pub timeout_s: Option<u32>,
    /// What hypervisors are to tell of themselves, in this order.
    pub statistics: Vec<Statistic>,
}

impl Keepalive {
    /// As the payload of an item.
    pub fn to_element(&self) -> Element {
        let stats = self.statistics.iter().map(|stat| stat.to_element());
        let stats = Build::new("required_stats", NAMESPACE).children(stats);
        let event = Build::new("event", NAMESPACE)
            .attr(name!("type"), "keepalive")
            .attr(name!("jid"), &self.jid)
            .maybe(name!("force_update"), self.force_update.then_some("true"))
            .maybe(name!("salt"), self.salt)
            .maybe(name!("keepalive_interval"), self.interval_s)
            .maybe(name!("hypervisor_timeout_threshold"), self.timeout_s);
        if self.statistics.is_empty() {
            return event.done();
        }
        event.child(stats).done()
    }

    /// Reads an item's payload.
    pub fn parse(event: &Element) -> Result<Self, ParseError> {
        expect(event, "event")?;
        match event.attr("type") {
            Some("keepalive") => {}
            other => {
                let other = shown(other.unwrap_or_default());
                return Err(ParseError::invalid(
                    "type",
                    format!("not keepalive ({other})"),
                ));
            }
        }
        let stats = child(event, "required_stats").into_iter();
        Ok(Self {
            jid: required(event, "jid")?,
            force_update: flag(event, "force_update"),
            salt: optional(event, "salt")?,
            interval_s: optional(event, "keepalive_interval")?,
            timeout_s: optional(event, "hypervisor_timeout_threshold")?,
            statistics: stats
                .flat_map(Element::children)
                .map(Statistic::parse)
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sign_of_life_comes_back() {
        let keepalive = Keepalive {
            jid: "centralagent@dc.example/ca1".parse().unwrap(),
            force_update: true,
            salt: Some(0.7342),
            interval_s: Some(10),
            timeout_s: Some(120),
            statistics: Statistic::ALL.to_vec(),
        };
        assert_eq!(
            Keepalive::parse(&keepalive.to_element()).unwrap(),
            keepalive
        );
    }

    #[test]
    fn a_program_is_no_statistic() {
        let bad = "<event xmlns='x' type='keepalive' jid='a@b/c'><required_stats><stat major='__import__(\"os\")' minor='x'/></required_stats></event>";
        assert!(Keepalive::parse(&bad.parse().unwrap()).is_err());
        for bad in [
            "<event xmlns='x' jid='a@b'/>",
            "<event xmlns='x' type='keepalive'/>",
        ] {
            assert!(Keepalive::parse(&bad.parse().unwrap()).is_err(), "{bad}");
        }
    }
}
