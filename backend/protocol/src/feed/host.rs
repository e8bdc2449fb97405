//! The rows of the hypervisor itself.

use minidom::Element;

use crate::{
    audit::Head,
    ns,
    text::clean_line,
    xml::{Build, ParseError, name, optional, required},
};

/// The longest text of any field, in characters.
const TEXT_LIMIT: usize = 128;
/// The most permissions that are read.
const RIGHTS_LIMIT: usize = 256;
/// The longest name of a permission, in characters.
const NAME_LIMIT: usize = 64;
/// The longest scope, in characters.
const SCOPE_LIMIT: usize = 1_000;
/// What is told of scoped rights, in bytes: the row has to fit a stanza. Whoever holds more is told the rest by `<rights/>`.
const SCOPES_LIMIT: usize = 8 * 1024;
/// The most file systems and interfaces that travel.
pub(super) const PARTS_LIMIT: usize = 24;

/// The hypervisor: `<host n='hv01' d='QEMU' dv='8002000' lv='9000000' av='0.1.0' c='8' mhz='2400' model='…' m='65842316' s='…' may='*' pv='7'/>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostRow {
    /// `n`: its name.
    pub name: String,
    /// `d`: libvirt's driver name, such as `QEMU`.
    pub driver: String,
    /// `dv`: the hypervisor's version, packed (major × 1,000,000 + minor × 1,000 + release).
    pub driver_version: u64,
    /// `lv`: libvirt's version, packed the same way.
    pub libvirt_version: u64,
    /// `av`: the agent's version.
    pub agent_version: String,
    /// `c`: active processors.
    pub cpus: u32,
    /// `mhz`: their frequency.
    pub mhz: u32,
    /// `model`: their model.
    pub model: String,
    /// `m`: memory, KiB.
    pub memory_kib: u64,
    /// `lost`: why libvirt is out of reach; absent while all is well.
    pub libvirt_lost: Option<String>,
    /// `may`: what the watcher may do on the whole host with its machines.
    pub rights: Rights,
    /// `<may/>`: what the watcher may do on some machines.
    pub scoped: Vec<ScopedRights>,
    /// `pv`: the version of the host's policy, 0 where it is absent; grows with every change of rights.
    pub policy: u64,
    /// `audit`: the end of the host's audit; absent where the agent has none.
    pub audit: Option<Head>,
}

/// What somebody may do on some machines: `<may in='tag = web'>create shutdown</may>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopedRights {
    /// `in`: which machines, as a scope of the language of selectors.
    pub scope: String,
    /// The permissions.
    pub rights: Rights,
}

impl ScopedRights {
    fn to_element(&self) -> Element {
        Build::new("may", ns::FLEET)
            .attr(name!("in"), &self.scope)
            .text(&self.rights.text())
            .done()
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            scope: clean_line(&required::<String>(element, "in")?, SCOPE_LIMIT),
            rights: Rights::parse(&element.text()),
        })
    }
}

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// Everything: `*`.
    All,
    /// These permissions, joined by blanks.
    Only(Vec<String>),
}

impl Default for Rights {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

impl Rights {
    /// Whether `permission` is among them.
    pub fn allow(&self, permission: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == permission),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::All => "*".to_owned(),
            Self::Only(names) => names.join(" "),
        }
    }

    fn parse(text: &str) -> Self {
        // Cleaned as a whole: what is dropped must not leave a name without letters behind.
        let clean = clean_line(text, RIGHTS_LIMIT * (NAME_LIMIT + 1));
        if clean.trim() == "*" {
            return Self::All;
        }
        let names = clean.split_whitespace();
        let names = names.map(|name| clean_line(name, NAME_LIMIT));
        Self::Only(names.take(RIGHTS_LIMIT).collect())
    }
}

impl HostRow {
    pub(super) fn to_element(&self) -> Element {
        Build::new("host", ns::FLEET)
            .attr(name!("n"), clean_line(&self.name, TEXT_LIMIT))
            .attr(name!("d"), &self.driver)
            .attr(name!("dv"), self.driver_version)
            .attr(name!("lv"), self.libvirt_version)
            .attr(name!("av"), &self.agent_version)
            .attr(name!("c"), self.cpus)
            .attr(name!("mhz"), self.mhz)
            .attr(name!("model"), clean_line(&self.model, TEXT_LIMIT))
            .attr(name!("m"), self.memory_kib)
            .maybe(
                name!("lost"),
                self.libvirt_lost
                    .as_deref()
                    .map(|why| clean_line(why, TEXT_LIMIT)),
            )
            .attr(name!("may"), self.rights.text())
            .maybe(name!("pv"), (self.policy > 0).then_some(self.policy))
            .maybe(name!("audit"), self.audit)
            .children(self.scopes())
            .done()
    }

    /// As many as fit.
    fn scopes(&self) -> impl Iterator<Item = Element> {
        let mut room = SCOPES_LIMIT;
        let elements = self.scoped.iter().map(ScopedRights::to_element);
        elements.take_while(move |element| {
            let size = super::wire_size(element);
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        })
    }

    pub(super) fn parse(element: &Element) -> Result<Self, ParseError> {
        let line = |key: &str| clean_line(element.attr(key).unwrap_or_default(), TEXT_LIMIT);
        Ok(Self {
            name: line("n"),
            driver: line("d"),
            driver_version: optional(element, "dv")?.unwrap_or_default(),
            libvirt_version: optional(element, "lv")?.unwrap_or_default(),
            agent_version: line("av"),
            cpus: optional(element, "c")?.unwrap_or_default(),
            mhz: optional(element, "mhz")?.unwrap_or_default(),
            model: line("model"),
            memory_kib: optional(element, "m")?.unwrap_or_default(),
            libvirt_lost: element.attr("lost").map(|_| line("lost")),
            rights: Rights::parse(element.attr("may").unwrap_or_default()),
            scoped: element
                .children()
                .filter(|child| child.name() == "may")
                .map(ScopedRights::parse)
                .collect::<Result<_, _>>()?,
            policy: optional(element, "pv")?.unwrap_or_default(),
            audit: optional(element, "audit")?,
        })
    }
}

/// The hypervisor's figures: `<load c='432' m='39321600' w='0' l='173 98 41' up='3362400' …/>`, with file systems and interfaces
/// when the watch asks for metrics. What is absent is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostLoad {
    /// `c`: busy share of all processors, thousandths.
    pub cpu_permille: Option<u32>,
    /// `m`: memory in use without buffers and caches, KiB.
    pub memory_kib: Option<u64>,
    /// `w`: swap in use, KiB.
    pub swap_kib: Option<u64>,
    /// `wt`: swap there is, KiB.
    pub swap_total_kib: Option<u64>,
    /// `l`: mean number of runnable tasks over 1, 5 and 15 minutes, hundredths.
    pub load: Option<[u32; 3]>,
    /// `up`: seconds since the host's start.
    pub uptime_s: Option<u64>,
    /// `dr`, `dw`: bytes per second read from and written to disks.
    pub disk: Option<(u64, u64)>,
    /// `nr`, `ns`: bytes per second received and sent.
    pub net: Option<(u64, u64)>,
    /// `<fs/>`: mounted file systems.
    pub file_systems: Vec<FileSystem>,
    /// `<if/>`: interfaces.
    pub interfaces: Vec<Interface>,
}

/// A mounted file system: `<fs n='/' s='…' u='…'/>`, bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// Where it is mounted.
    pub mount: String,
    /// Size.
    pub size: u64,
    /// In use.
    pub used: u64,
}

/// An interface: `<if n='eth0' r='…' s='…'/>`, bytes per second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Received.
    pub received: u64,
    /// Sent.
    pub sent: u64,
}

impl HostLoad {
    pub(super) fn to_element(&self) -> Element {
        let load = self
            .load
            .map(|[one, five, fifteen]| format!("{one} {five} {fifteen}"));
        Build::new("load", ns::FLEET)
            .maybe(name!("c"), self.cpu_permille)
            .maybe(name!("m"), self.memory_kib)
            .maybe(name!("w"), self.swap_kib)
            .maybe(name!("wt"), self.swap_total_kib)
            .maybe(name!("l"), load)
            .maybe(name!("up"), self.uptime_s)
            .maybe(name!("dr"), self.disk.map(|(read, _)| read))
            .maybe(name!("dw"), self.disk.map(|(_, written)| written))
            .maybe(name!("nr"), self.net.map(|(received, _)| received))
            .maybe(name!("ns"), self.net.map(|(_, sent)| sent))
            .children(
                self.file_systems
                    .iter()
                    .take(PARTS_LIMIT)
                    .map(FileSystem::to_element),
            )
            .children(
                self.interfaces
                    .iter()
                    .take(PARTS_LIMIT)
                    .map(Interface::to_element),
            )
            .done()
    }

    pub(super) fn parse(element: &Element) -> Result<Self, ParseError> {
        let named = |wanted: &'static str| {
            element
                .children()
                .filter(move |child| child.name() == wanted)
                .take(PARTS_LIMIT)
        };
        Ok(Self {
            cpu_permille: optional(element, "c")?,
            memory_kib: optional(element, "m")?,
            swap_kib: optional(element, "w")?,
            swap_total_kib: optional(element, "wt")?,
            load: element.attr("l").map(parse_load).transpose()?,
            uptime_s: optional(element, "up")?,
            disk: optional(element, "dr")?.zip(optional(element, "dw")?),
            net: optional(element, "nr")?.zip(optional(element, "ns")?),
            file_systems: named("fs")
                .map(FileSystem::parse)
                .collect::<Result<_, _>>()?,
            interfaces: named("if")
                .map(Interface::parse)
                .collect::<Result<_, _>>()?,
        })
    }
}

fn parse_load(text: &str) -> Result<[u32; 3], ParseError> {
    let numbers: Result<Vec<u32>, _> = text.split_ascii_whitespace().map(str::parse).collect();
    let numbers = numbers.map_err(|why| ParseError::invalid("l", why))?;
    numbers
        .try_into()
        .map_err(|_| ParseError::invalid("l", "not three numbers"))
}

impl FileSystem {
    fn to_element(&self) -> Element {
        Build::new("fs", ns::FLEET)
            .attr(name!("n"), clean_line(&self.mount, TEXT_LIMIT))
            .attr(name!("s"), self.size)
            .attr(name!("u"), self.used)
            .done()
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            mount: clean_line(element.attr("n").unwrap_or_default(), TEXT_LIMIT),
            size: required(element, "s")?,
            used: required(element, "u")?,
        })
    }
}

impl Interface {
    fn to_element(&self) -> Element {
        Build::new("if", ns::FLEET)
            .attr(name!("n"), clean_line(&self.name, TEXT_LIMIT))
            .attr(name!("r"), self.received)
            .attr(name!("s"), self.sent)
            .done()
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            name: clean_line(element.attr("n").unwrap_or_default(), TEXT_LIMIT),
            received: required(element, "r")?,
            sent: required(element, "s")?,
        })
    }
}
