//! `archipel:vm:control`: what a machine is asked, by its own address or through its hypervisor (`vm='UUID'`).

use jid::Jid;
use minidom::Element;
use rxml::NcNameStr;

use crate::{
    document::Document,
    ns,
    state::VmState,
    table::{Codec, Payload, actions, record, replies},
    xml::{Build, ParseError, child, flag, name, optional, require, required},
};

actions! {
    /// A request. The permission has the name of the action where the row says no other.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Its state and figures.
        Info = "info", reads, -1009 => Info(Option<Info>),
        /// Starts it.
        Create = "create", changes, -1001 => Created(Created),
        /// Asks the guest to stop.
        Shutdown = "shutdown", changes, -1005 => Done,
        /// Stops it at once.
        Destroy = "destroy", changes, -1004 => Done,
        /// Asks the guest to restart.
        Reboot = "reboot", changes, -1006 => Done,
        /// Pauses it.
        Suspend = "suspend", changes, -1002 => Done,
        /// Goes on after a pause.
        Resume = "resume", changes, -1003 => Done,
        /// Its definition.
        XmlDesc = "xmldesc", reads, -1011 => Definition(Definition),
        /// Whether it starts with its host.
        Autostart = "autostart", changes, -1015 {
            /// The new value.
            on: bool = "value" via ZeroOrOne,
        } => Done,
        /// The reset button: the guest is not asked. Not known to the original, nor is what follows.
        Reset = "reset" as "destroy", changes, -1101 => Done,
        /// Stops it with its memory kept in a file.
        Save = "save" as "suspend", changes, -1102 => Done,
        /// Starts it from its saved memory; there must be some.
        Restore = "restore" as "create", changes, -1103 => Created(Created),
        /// Throws its saved memory away.
        Discard = "discard" as "destroy", changes, -1104 => Done,
        /// Whether its agent refuses to switch it off hard and to remove anything of it.
        Protect = "protect" as "define", changes, -1105 {
            /// The new value.
            on: bool = "value" via ZeroOrOne,
        } => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Accepted. What follows is seen through presence and pushes.
        Done,
        /// State and figures; nothing where the machine has no definition.
        Info(info: Option<Info>),
        /// It was started.
        Created(created: Created),
        /// Its definition.
        Definition(definition: Definition),
    }
}

/// Exactly `0` or `1`: what is meant by another value, the original does not say either.
struct ZeroOrOne;

impl Codec<bool> for ZeroOrOne {
    fn read(element: &Element, _: &'static NcNameStr) -> Result<bool, ParseError> {
        let value: String = required(element, "value")?;
        match value.trim() {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(ParseError::invalid("value", "neither 0 nor 1")),
        }
    }

    fn write(value: &bool, name: &'static NcNameStr, build: Build) -> Build {
        build.attr(name.to_owned(), u8::from(*value))
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

impl Payload for Option<Info> {
    fn read(body: &Element) -> Result<Self, ParseError> {
        Info::parse(body)
    }

    fn write(&self, _: &str) -> Vec<Element> {
        self.iter().map(Info::to_element).collect()
    }
}

record! {
    /// The answer to [`Action::Create`].
    #[derive(Copy, Eq)]
    pub struct Created = "domain" in ns::VM_CONTROL {
        /// libvirt's number of this run.
        run_id: u32 = "id",
    }
}

/// The answer to [`Action::XmlDesc`]; nothing where the machine has no definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition(pub Option<Document>);

impl Payload for Definition {
    fn read(body: &Element) -> Result<Self, ParseError> {
        if child(body, "not-defined").is_some() {
            return Ok(Self(None));
        }
        let domain = require(body, "domain")?;
        Ok(Self(Some(Document::from_wire(domain))))
    }

    fn write(&self, namespace: &str) -> Vec<Element> {
        let element = |domain: &Document| domain.to_wire(namespace);
        vec![self.0.as_ref().map_or_else(not_defined_element, element)]
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
    let domain = require(query, "domain")?;
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
    let domain = require(query, "domain")?;
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
            Action::Reset,
            Action::Save,
            Action::Restore,
            Action::Discard,
            Action::Protect { on: true },
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
