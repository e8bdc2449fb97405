//! `archipel:vm:control`: what a machine is asked, by its own address or through its hypervisor (`vm='UUID'`).

use jid::Jid;
use minidom::Element;

use crate::{
    ns,
    state::VmState,
    xml::{Build, ParseError, child, flag, name, optional, required},
};

/// A request. The permission has the name of the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Its state and figures.
    Info,
    /// Starts it.
    Create,
    /// Asks the guest to stop.
    Shutdown,
    /// Stops it at once.
    Destroy,
    /// Asks the guest to restart.
    Reboot,
    /// Pauses it.
    Suspend,
    /// Goes on after a pause.
    Resume,
    /// Its definition.
    XmlDesc,
    /// Whether it starts with its host.
    Autostart {
        /// The new value.
        on: bool,
    },
}

impl Action {
    /// The value of the attribute `action`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Create => "create",
            Self::Shutdown => "shutdown",
            Self::Destroy => "destroy",
            Self::Reboot => "reboot",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::XmlDesc => "xmldesc",
            Self::Autostart { .. } => "autostart",
        }
    }

    /// The original's code for a failure.
    pub const fn failure_code(self) -> i32 {
        match self {
            Self::Create => -1001,
            Self::Suspend => -1002,
            Self::Resume => -1003,
            Self::Destroy => -1004,
            Self::Shutdown => -1005,
            Self::Reboot => -1006,
            Self::Info => -1009,
            Self::XmlDesc => -1011,
            Self::Autostart { .. } => -1015,
        }
    }

    /// Whether it changes something.
    pub const fn is_change(self) -> bool {
        !matches!(self, Self::Info | Self::XmlDesc)
    }

    pub(crate) fn parse(word: &str, archipel: &Element) -> Result<Option<Self>, ParseError> {
        Ok(Some(match word {
            "info" => Self::Info,
            "create" => Self::Create,
            "shutdown" => Self::Shutdown,
            "destroy" => Self::Destroy,
            "reboot" => Self::Reboot,
            "suspend" => Self::Suspend,
            "resume" => Self::Resume,
            "xmldesc" => Self::XmlDesc,
            "autostart" => Self::Autostart {
                on: zero_or_one(archipel)?,
            },
            _ => return Ok(None),
        }))
    }

    pub(crate) fn write(self, archipel: Build) -> Build {
        match self {
            Self::Autostart { on } => archipel.attr(name!("value"), u8::from(on)),
            _ => archipel,
        }
    }
}

fn zero_or_one(archipel: &Element) -> Result<bool, ParseError> {
    let value: String = required(archipel, "value")?;
    match value.trim() {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(ParseError::invalid("value", "neither 0 nor 1")),
    }
}

/// The answer to [`Action::Info`].
#[derive(Debug, Clone, PartialEq)]
pub struct Info {
    /// What it does.
    pub state: VmState,
    /// Most memory it may have, KiB.
    pub max_memory_kib: u64,
    /// Memory now, KiB.
    pub memory_kib: u64,
    /// Virtual processors.
    pub vcpus: u32,
    /// Share of the host's processors in use, percent of one processor; may exceed 100.
    pub cpu_percent: f64,
    /// Full address of its hypervisor.
    pub hypervisor: Jid,
    /// Whether it starts with its host.
    pub autostart: bool,
}

impl Info {
    /// `<info …/>` with all seven attributes, as the original's client needs them.
    pub fn to_element(&self) -> Element {
        Build::new("info", ns::VM_CONTROL)
            .attr(name!("state"), self.state.to_libvirt())
            .attr(name!("maxMem"), self.max_memory_kib)
            .attr(name!("memory"), self.memory_kib)
            .attr(name!("nrVirtCpu"), self.vcpus)
            .attr(name!("cpuPrct"), format!("{:.2}", self.cpu_percent))
            .attr(name!("hypervisor"), &self.hypervisor)
            .attr(name!("autostart"), u8::from(self.autostart))
            .done()
    }

    /// Reads an answer; `None` where the machine has no definition.
    pub fn parse(query: &Element) -> Result<Option<Self>, ParseError> {
        let Some(info) = child(query, "info") else {
            return Ok(None);
        };
        Ok(Some(Self {
            state: VmState::from_libvirt(required(info, "state")?),
            max_memory_kib: optional(info, "maxMem")?.unwrap_or_default(),
            memory_kib: optional(info, "memory")?.unwrap_or_default(),
            vcpus: optional(info, "nrVirtCpu")?.unwrap_or_default(),
            cpu_percent: optional(info, "cpuPrct")?.unwrap_or_default(),
            hypervisor: required(info, "hypervisor")?,
            autostart: flag(info, "autostart"),
        }))
    }
}

/// The answer to [`Action::Create`]: `<domain id='7'/>` with libvirt's run-time number.
pub fn created_element(run_id: u32) -> Element {
    Build::new("domain", ns::VM_CONTROL)
        .attr(name!("id"), run_id)
        .done()
}

/// Reads the answer to [`Action::Create`].
pub fn parse_created(query: &Element) -> Result<u32, ParseError> {
    let domain = child(query, "domain").ok_or(ParseError::MissingChild {
        parent: "query",
        child: "domain",
    })?;
    required(domain, "id")
}

/// The answer to [`Action::XmlDesc`] for a machine without a definition.
pub fn not_defined_element() -> Element {
    Build::new("not-defined", ns::VM_CONTROL).done()
}

/// Reads the answer to [`Action::XmlDesc`] as text; `None` where the machine has no definition.
///
/// The original puts `xmlns='http://www.gajim.org/xmlns/undeclared'` on the tree; the text is given without any namespace of that tree.
pub fn parse_definition(query: &Element) -> Result<Option<String>, ParseError> {
    if child(query, "not-defined").is_some() {
        return Ok(None);
    }
    let domain = child(query, "domain").ok_or(ParseError::MissingChild {
        parent: "query",
        child: "domain",
    })?;
    let own = format!(" xmlns='{}'", domain.ns());
    Ok(Some(String::from(domain).replacen(&own, "", 1)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn query(inner: &str) -> Element {
        format!("<query xmlns='archipel:vm:control'>{inner}</query>")
            .parse()
            .unwrap()
    }

    #[test]
    fn every_action_comes_back() {
        for action in [
            Action::Info,
            Action::Create,
            Action::Shutdown,
            Action::Destroy,
            Action::Reboot,
            Action::Suspend,
            Action::Resume,
            Action::XmlDesc,
            Action::Autostart { on: true },
            Action::Autostart { on: false },
        ] {
            let archipel = action.write(Build::new("archipel", ns::VM_CONTROL)).done();
            assert_eq!(
                Action::parse(action.word(), &archipel).unwrap(),
                Some(action)
            );
        }
    }

    #[test]
    fn autostart_wants_zero_or_one() {
        for bad in [
            "<archipel xmlns='x'/>",
            "<archipel xmlns='x' value='2'/>",
            "<archipel xmlns='x' value='yes'/>",
        ] {
            assert!(
                Action::parse("autostart", &bad.parse().unwrap()).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_originals_info_is_read() {
        let info = Info::parse(&query("<info state='2' maxMem='2097152' memory='1048576' nrVirtCpu='2' cpuPrct='12.7512345678' hypervisor='hv-a@dc.example/node-a' autostart='0'/>"))
            .unwrap()
            .unwrap();
        assert_eq!(
            (info.state, info.vcpus, info.memory_kib),
            (VmState::Running, 2, 1_048_576)
        );
        let mut again = query("");
        again.append_child(info.to_element());
        assert!((Info::parse(&again).unwrap().unwrap().cpu_percent - 12.75).abs() < 0.001);
        assert_eq!(Info::parse(&query("")).unwrap(), None);
        assert!(Info::parse(&query("<info state='x'/>")).is_err());
    }

    #[test]
    fn a_definition_is_text_without_the_artificial_namespace() {
        let text = parse_definition(&query("<domain xmlns='http://www.gajim.org/xmlns/undeclared' type='kvm'><name>a</name></domain>"))
            .unwrap()
            .unwrap();
        assert_eq!(
            text,
            "<domain type='kvm'><name>a</name></domain>"
                .replace('\'', if text.contains('"') { "\"" } else { "'" })
        );
        assert_eq!(parse_definition(&query("<not-defined/>")).unwrap(), None);
        assert!(parse_definition(&query("")).is_err());
    }

    #[test]
    fn the_run_time_number_comes_back() {
        let mut answer = query("");
        answer.append_child(created_element(7));
        assert_eq!(parse_created(&answer).unwrap(), 7);
    }
}
