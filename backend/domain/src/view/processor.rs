//! Processors.

use super::word;
use crate::{Element, XmlError};

/// How many processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vcpus {
    /// At start: `current` of `<vcpu>`.
    pub now: u32,
    /// At most: the text of `<vcpu>`.
    pub most: u32,
}

impl Vcpus {
    pub(super) fn of(root: Element<'_>) -> Result<Vcpus, XmlError> {
        let Some(node) = root.child("vcpu") else {
            return Ok(Vcpus { now: 1, most: 1 });
        };
        let invalid = XmlError::Invalid {
            element: "vcpu",
            wanted: "a number of processors",
        };
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| invalid.clone());
        let most = number(&node.text())?;
        let now = node.attribute("current");
        let now = now.map_or(Ok(most), |now| number(&now))?;
        Ok(Vcpus { now, most })
    }
}

/// `<cpu>`: the processor that the guest sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu {
    /// `mode`: where the model comes from (`custom`, `host-model`, `host-passthrough`, `maximum`).
    pub mode: Option<String>,
    /// `match`: how near the host's processor must be.
    pub matching: Option<String>,
    /// `<model>`.
    pub model: Option<String>,
    /// `<vendor>`.
    pub vendor: Option<String>,
    /// `<topology>`.
    pub topology: Option<Topology>,
    /// `<feature>`s.
    pub features: Vec<CpuFeature>,
}

impl Cpu {
    pub(super) fn of(cpu: Element<'_>) -> Cpu {
        let trimmed = |name| word(cpu, name).map(|text| text.trim().to_owned());
        Cpu {
            mode: cpu.attribute("mode"),
            matching: cpu.attribute("match"),
            model: trimmed("model"),
            vendor: trimmed("vendor"),
            topology: cpu.child("topology").and_then(Topology::of),
            features: cpu.all("feature").filter_map(CpuFeature::of).collect(),
        }
    }
}

/// `<topology>`: how processors are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topology {
    /// `sockets`.
    pub sockets: u32,
    /// `dies` in each socket; one where nothing is said.
    pub dies: u32,
    /// `cores` in each die.
    pub cores: u32,
    /// `threads` in each core.
    pub threads: u32,
}

impl Topology {
    /// `None` where a number is missing or none.
    fn of(topology: Element<'_>) -> Option<Topology> {
        let number = |name| topology.attribute(name)?.trim().parse().ok();
        Some(Topology {
            sockets: number("sockets")?,
            dies: topology
                .attribute("dies")
                .map_or(Some(1), |_| number("dies"))?,
            cores: number("cores")?,
            threads: number("threads")?,
        })
    }

    /// All of them together; `None` beyond what can be counted.
    pub fn processors(&self) -> Option<u32> {
        let cores = self
            .sockets
            .checked_mul(self.dies)?
            .checked_mul(self.cores)?;
        cores.checked_mul(self.threads)
    }
}

/// `<feature>` of `<cpu>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuFeature {
    /// `name`.
    pub name: String,
    /// `policy`: `force`, `require`, `optional`, `disable`, `forbid`.
    pub policy: Option<String>,
}

impl CpuFeature {
    fn of(feature: Element<'_>) -> Option<CpuFeature> {
        Some(CpuFeature {
            name: feature.attribute("name")?,
            policy: feature.attribute("policy"),
        })
    }
}
