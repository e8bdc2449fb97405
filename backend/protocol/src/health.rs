//! `archipel:hypervisor:health`: load of a hypervisor as the original's clients ask for it. The feed carries the same figures as state.

mod log;

pub use log::{LogLine, log_element};

use minidom::Element;

use crate::{
    ns,
    table::{Payload, actions, replies},
    xml::{Build, ParseError, child, flag, name, optional, require, required, text},
};

actions! {
    /// A request. The permission is `health_` and the name of the action.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "health_", answered by Reply {
        /// Figures of now.
        Info = "info", reads, -8002 => Info(Box<Info>),
        /// Figures of the past, newest first.
        History = "history", reads, -8001 {
            /// How many samples at most.
            limit: u32 = "limit",
        } => History(Vec<Sample>),
        /// Lines of the agent's log, oldest first.
        Logs = "logs", reads, -8003 {
            /// How many lines at most.
            limit: u32 = "limit",
        } => Logs(Vec<LogLine>),
    }
}

replies! {
    /// What a hypervisor answers about its health.
    pub enum Reply {
        /// Figures of now.
        Info(info: Box<Info>),
        /// Figures of the past, newest first.
        History(samples: Vec<Sample>),
        /// Lines of the agent's log, oldest first.
        Logs(lines: Vec<LogLine>),
    }
}

impl Payload for Box<Info> {
    fn read(body: &Element) -> Result<Self, ParseError> {
        Info::parse(body).map(Self::new)
    }

    fn write(&self, _: &str) -> Vec<Element> {
        self.to_elements()
    }
}

impl Payload for Vec<Sample> {
    fn read(body: &Element) -> Result<Self, ParseError> {
        parse_history(body)
    }

    fn write(&self, _: &str) -> Vec<Element> {
        history_elements(self)
    }
}

/// What one sample holds; it stands in the answer to `info` and in each `<stat/>` of `history`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// When it was taken: UTC, `YYYY-MM-DD HH:MM:SS.ffffff`.
    pub date: String,
    /// Memory, KiB: total, free (with buffers and caches), swap in use, saved by sharing.
    pub memory: Memory,
    /// Idle share of all processors, percent.
    pub idle_percent: f64,
    /// Mean number of runnable tasks over 1, 5 and 15 minutes.
    pub load: [f64; 3],
    /// Bytes received and sent per interface since the sample before.
    pub networks: Vec<(String, i64)>,
}

/// Memory of a host, KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// All of it.
    pub total: u64,
    /// Free, with buffers and caches.
    pub free: u64,
    /// Swap in use.
    pub swapped: u64,
    /// Saved by sharing equal pages.
    pub shared: u64,
}

impl Sample {
    fn children(&self) -> [Element; 4] {
        [
            self.memory_element(),
            self.cpu_element(),
            self.networks_element(),
            self.load_element(),
        ]
    }

    fn memory_element(&self) -> Element {
        Build::new("memory", ns::HEALTH)
            .attr(name!("date"), &self.date)
            .attr(name!("total"), self.memory.total)
            .attr(name!("free"), self.memory.free)
            .attr(
                name!("used"),
                self.memory.total.saturating_sub(self.memory.free),
            )
            .attr(name!("swapped"), self.memory.swapped)
            .attr(name!("shared"), self.memory.shared)
            .done()
    }

    fn cpu_element(&self) -> Element {
        Build::new("cpu", ns::HEALTH)
            .attr(name!("date"), &self.date)
            .attr(name!("id"), format!("{:.1}", self.idle_percent))
            .done()
    }

    fn networks_element(&self) -> Element {
        let network = |(interface, delta): &(String, i64)| {
            Build::new("network", ns::HEALTH)
                .attr(name!("name"), interface)
                .attr(name!("delta"), delta)
                .done()
        };
        Build::new("networks", ns::HEALTH)
            .children(self.networks.iter().map(network))
            .done()
    }

    fn load_element(&self) -> Element {
        Build::new("load", ns::HEALTH)
            .attr(name!("date"), &self.date)
            .attr(name!("one"), self.load[0])
            .attr(name!("five"), self.load[1])
            .attr(name!("fifteen"), self.load[2])
            .done()
    }

    fn parse(parent: &Element) -> Result<Self, ParseError> {
        let memory = require(parent, "memory")?;
        let cpu = require(parent, "cpu")?;
        Ok(Self {
            date: text(memory, "date"),
            memory: Memory {
                total: required(memory, "total")?,
                free: required(memory, "free")?,
                swapped: optional(memory, "swapped")?.unwrap_or_default(),
                shared: optional(memory, "shared")?.unwrap_or_default(),
            },
            idle_percent: required(cpu, "id")?,
            load: parse_load(require(parent, "load")?)?,
            networks: parse_networks(parent)?,
        })
    }
}

fn parse_load(load: &Element) -> Result<[f64; 3], ParseError> {
    Ok([
        required(load, "one")?,
        required(load, "five")?,
        required(load, "fifteen")?,
    ])
}

fn parse_networks(parent: &Element) -> Result<Vec<(String, i64)>, ParseError> {
    let Some(networks) = child(parent, "networks") else {
        return Ok(Vec::new());
    };
    networks
        .children()
        .map(|network| Ok((text(network, "name"), required(network, "delta")?)))
        .collect()
}

/// A mounted file system, bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partition {
    /// Device.
    pub device: String,
    /// Where it is mounted.
    pub mount: String,
    /// Size.
    pub size: u64,
    /// In use.
    pub used: u64,
    /// Free.
    pub available: u64,
}

impl Partition {
    fn to_element(&self) -> Element {
        Build::new("partition", ns::HEALTH)
            .attr(name!("partition"), &self.device)
            .attr(name!("mount"), &self.mount)
            .attr(name!("blocks"), self.size / 1024)
            .attr(name!("used"), self.used)
            .attr(name!("available"), self.available)
            .attr(name!("capacity"), capacity(self.used, self.available))
            .done()
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        let blocks: u64 = optional(element, "blocks")?.unwrap_or_default();
        Ok(Self {
            device: text(element, "partition"),
            mount: text(element, "mount"),
            size: blocks.saturating_mul(1024),
            used: optional(element, "used")?.unwrap_or_default(),
            available: optional(element, "available")?.unwrap_or_default(),
        })
    }
}

/// The used share as `NN%`.
fn capacity(used: u64, available: u64) -> String {
    let all = used.saturating_add(available).max(1);
    let percent = u128::from(used) * 100 / u128::from(all);
    format!("{percent}%")
}

/// The answer to [`Action::Info`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Info {
    /// Figures of now.
    pub sample: Sample,
    /// Mounted file systems.
    pub partitions: Vec<Partition>,
    /// Seconds since the host's start; on the wire whole days and hours.
    pub uptime_s: u64,
    /// Kernel name, kernel release, machine, operating system.
    pub kernel: [String; 4],
    /// libvirt's version, packed (major × 1,000,000 + minor × 1,000 + release).
    pub libvirt_version: u64,
    /// The hypervisor's version, packed the same way.
    pub driver_version: u64,
    /// Whether hardware virtualisation can be used.
    pub hardware_virtualisation: bool,
}

impl Info {
    /// The children of the answer, in the original's order.
    pub fn to_elements(&self) -> Vec<Element> {
        let [memory, cpu, networks, load] = self.sample.children();
        let vmx = if self.hardware_virtualisation {
            "True"
        } else {
            "False"
        };
        vec![
            memory,
            cpu,
            self.disk_element(),
            networks,
            load,
            self.uptime_element(),
            self.uname_element(),
            version_element("libvirt", self.libvirt_version),
            version_element("driver", self.driver_version),
            Build::new("info", ns::HEALTH)
                .attr(name!("vmx"), vmx)
                .done(),
        ]
    }

    fn disk_element(&self) -> Element {
        let sum = |part: fn(&Partition) -> u64| {
            self.partitions
                .iter()
                .map(part)
                .fold(0, u64::saturating_add)
        };
        let (used, available) = (sum(|p| p.used), sum(|p| p.available));
        Build::new("disk", ns::HEALTH)
            .attr(name!("used"), used)
            .attr(name!("available"), available)
            .attr(name!("capacity"), capacity(used, available))
            .children(self.partitions.iter().map(Partition::to_element))
            .done()
    }

    fn uptime_element(&self) -> Element {
        let (days, hours) = (self.uptime_s / 86_400, self.uptime_s % 86_400 / 3_600);
        Build::new("uptime", ns::HEALTH)
            .attr(name!("up"), format!("{days}d {hours}h"))
            .done()
    }

    /// The original has the kernel's name and release the wrong way round, and its client relies on it.
    fn uname_element(&self) -> Element {
        let [name, release, machine, system] = &self.kernel;
        Build::new("uname", ns::HEALTH)
            .attr(name!("krelease"), name)
            .attr(name!("kname"), release)
            .attr(name!("machine"), machine)
            .attr(name!("os"), system)
            .done()
    }

    /// Reads the answer.
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        let disk = child(query, "disk");
        let partitions = disk
            .into_iter()
            .flat_map(Element::children)
            .map(Partition::parse)
            .collect::<Result<_, _>>()?;
        let uname = |key| {
            child(query, "uname")
                .map(|uname| text(uname, key))
                .unwrap_or_default()
        };
        Ok(Self {
            sample: Sample::parse(query)?,
            partitions,
            uptime_s: child(query, "uptime").map_or(0, |uptime| parse_uptime(&text(uptime, "up"))),
            kernel: [
                uname("krelease"),
                uname("kname"),
                uname("machine"),
                uname("os"),
            ],
            libvirt_version: parse_version(child(query, "libvirt"))?,
            driver_version: parse_version(child(query, "driver"))?,
            hardware_virtualisation: child(query, "info").is_some_and(|info| flag(info, "vmx")),
        })
    }
}

fn version_element(name: &str, packed: u64) -> Element {
    Build::new(name, ns::HEALTH)
        .attr(name!("major"), packed / 1_000_000)
        .attr(name!("minor"), packed / 1_000 % 1_000)
        .attr(name!("release"), packed % 1_000)
        .done()
}

/// The original leaves the major number inside the minor one (1.2.9 says minor 1002).
fn parse_version(element: Option<&Element>) -> Result<u64, ParseError> {
    let Some(element) = element else { return Ok(0) };
    let part = |key| optional::<u64>(element, key).map(Option::unwrap_or_default);
    let (major, minor, release) = (
        part("major")?,
        part("minor")? % 1_000,
        part("release")? % 1_000,
    );
    Ok(major
        .saturating_mul(1_000_000)
        .saturating_add(minor * 1_000 + release))
}

fn parse_uptime(text: &str) -> u64 {
    let part = |unit: char| {
        text.split(' ')
            .find_map(|word| word.strip_suffix(unit)?.parse::<u64>().ok())
    };
    let days = part('d').unwrap_or(0).min(1_000_000);
    days * 86_400 + part('h').unwrap_or(0).min(24) * 3_600
}

/// The children of the answer to [`Action::History`], newest first.
pub fn history_elements(newest_first: &[Sample]) -> Vec<Element> {
    let stat = |sample: &Sample| {
        let [memory, cpu, networks, load] = sample.children();
        Build::new("stat", ns::HEALTH)
            .children([
                memory,
                cpu,
                Build::new("disk", ns::HEALTH).done(),
                load,
                networks,
            ])
            .done()
    };
    newest_first.iter().map(stat).collect()
}

/// Reads the answer to [`Action::History`], newest first.
pub fn parse_history(query: &Element) -> Result<Vec<Sample>, ParseError> {
    query
        .children()
        .filter(|child| child.name() == "stat")
        .map(Sample::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn query(children: Vec<Element>) -> Element {
        Build::new("query", ns::HEALTH).children(children).done()
    }

    fn sample() -> Sample {
        Sample {
            date: "2026-11-20 10:15:42.103311".into(),
            memory: Memory {
                total: 65_842_316,
                free: 41_210_044,
                swapped: 0,
                shared: 81_920,
            },
            idle_percent: 87.5,
            load: [0.42, 0.4, 0.31],
            networks: vec![("eth0".into(), 182_734)],
        }
    }

    #[test]
    fn information_comes_back() {
        let info = Info {
            sample: sample(),
            partitions: vec![Partition {
                device: "/dev/sda1".into(),
                mount: "/".into(),
                size: 500_000_000_000,
                used: 48_318_382_080,
                available: 451_681_617_920,
            }],
            uptime_s: 12 * 86_400 + 4 * 3_600,
            kernel: ["Linux", "6.1.0", "x86_64", "GNU/Linux"].map(str::to_owned),
            libvirt_version: 9_000_000,
            driver_version: 7_002_022,
            hardware_virtualisation: true,
        };
        let elements = query(info.to_elements());
        assert_eq!(Info::parse(&elements).unwrap(), info);
        assert_eq!(
            child(&elements, "uname").unwrap().attr("kname"),
            Some("6.1.0")
        );
    }

    #[test]
    fn the_originals_version_number_is_unpacked() {
        let minor = "<libvirt xmlns='x' major='1' minor='1002' release='9'/>"
            .parse()
            .unwrap();
        assert_eq!(parse_version(Some(&minor)).unwrap(), 1_002_009);
    }

    #[test]
    fn history_comes_back_and_an_answer_without_samples_is_an_error() {
        let samples = vec![
            sample(),
            Sample {
                idle_percent: 1.0,
                ..sample()
            },
        ];
        assert_eq!(
            parse_history(&query(history_elements(&samples))).unwrap(),
            samples
        );
        assert!(Info::parse(&query(vec![])).is_err());
    }

    #[test]
    fn a_limit_is_mandatory() {
        assert!(Action::parse("history", &"<archipel xmlns='x'/>".parse().unwrap()).is_err());
        assert!(
            Action::parse("logs", &"<archipel xmlns='x' limit='-1'/>".parse().unwrap()).is_err()
        );
    }
}
