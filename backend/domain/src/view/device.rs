//! Network cards, screens, character devices, the balloon.

use super::{number, said};
use crate::Element;

/// `<interface>`: a network card.
#[derive(Debug, Clone)]
pub struct Interface<'d> {
    /// The element itself.
    pub element: Element<'d>,
    /// `address` of `<mac>`; libvirt makes one up where there is none.
    pub mac: Option<String>,
    /// What is behind it.
    pub source: InterfaceSource,
    /// `type` of `<model>`: the card that the guest sees.
    pub model: Option<String>,
    /// `filter` of `<filterref>`.
    pub filter: Option<String>,
    /// `size` of `<mtu>`, bytes.
    pub mtu: Option<u64>,
    /// Whether the cable is plugged in: `state` of `<link>`.
    pub is_linked: bool,
    /// `order` of `<boot>`, from 1.
    pub boot_order: Option<u64>,
}

/// What is behind a network card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterfaceSource {
    /// `network`: a virtual network of the host.
    Network(String),
    /// `bridge`: a bridge of the host.
    Bridge(String),
    /// `dev` of the type `direct`: an interface of the host.
    Direct(String),
    /// The host's own connections, as a user's program has them.
    User,
    /// Anything else, by its `type`.
    Other(String),
}

impl<'d> Interface<'d> {
    pub(super) fn of(element: Element<'d>) -> Interface<'d> {
        Interface {
            element,
            mac: said(element, "mac", "address"),
            source: InterfaceSource::of(element),
            model: said(element, "model", "type"),
            filter: said(element, "filterref", "filter"),
            mtu: number(element, "mtu", "size"),
            is_linked: said(element, "link", "state").is_none_or(|state| state == "up"),
            boot_order: number(element, "boot", "order"),
        }
    }
}

impl InterfaceSource {
    fn of(interface: Element<'_>) -> InterfaceSource {
        let said = |name| said(interface, "source", name);
        let kind = interface.attribute("type").unwrap_or_default();
        let source = match kind.as_str() {
            "network" => said("network").map(InterfaceSource::Network),
            "bridge" => said("bridge").map(InterfaceSource::Bridge),
            "direct" => said("dev").map(InterfaceSource::Direct),
            "user" => Some(InterfaceSource::User),
            _ => None,
        };
        source.unwrap_or(InterfaceSource::Other(kind))
    }
}

/// `<graphics>`: how the screen is shown. The password is not among this; only whether there is one.
#[derive(Debug, Clone)]
pub struct Graphics<'d> {
    /// The element itself.
    pub element: Element<'d>,
    /// `type`: `vnc`, `spice`, ...
    pub kind: String,
    /// `port`; `None` where libvirt chooses.
    pub port: Option<u16>,
    /// Whether libvirt chooses the port.
    pub is_autoport: bool,
    /// Where it listens.
    pub listens: Vec<Address>,
    /// `keymap`.
    pub keymap: Option<String>,
    /// Whether a viewer must know a password.
    pub has_password: bool,
    /// `passwdValidTo`: when the password ends, UTC.
    pub password_until: Option<String>,
}

/// Where something listens: `<listen>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `address`: an address or name of the host.
    Ip(String),
    /// `network`: the host's address in a virtual network.
    Network(String),
    /// `socket`: a file on the host.
    Socket(String),
    /// Nowhere: only through libvirt.
    Nowhere,
    /// Where the host's settings say.
    Default,
}

impl<'d> Graphics<'d> {
    pub(super) fn of(element: Element<'d>) -> Graphics<'d> {
        let port = element
            .attribute("port")
            .and_then(|port| port.trim().parse().ok());
        let auto = element.attribute("autoport").map(|auto| auto == "yes");
        Graphics {
            element,
            kind: element.attribute("type").unwrap_or_default(),
            port,
            is_autoport: auto.unwrap_or(port.is_none()),
            listens: listens(element),
            keymap: element.attribute("keymap"),
            has_password: element.attribute("passwd").is_some(),
            password_until: element.attribute("passwdValidTo"),
        }
    }
}

/// `<listen>`s, or the older attribute `listen`.
fn listens(graphics: Element<'_>) -> Vec<Address> {
    let newer: Vec<Address> = graphics.all("listen").map(Address::of).collect();
    if !newer.is_empty() {
        return newer;
    }
    let older = graphics.attribute("listen").map(Address::Ip);
    vec![older.unwrap_or(Address::Default)]
}

impl Address {
    fn of(listen: Element<'_>) -> Address {
        let kind = listen.attribute("type").unwrap_or_default();
        let said = match kind.as_str() {
            "address" => listen.attribute("address").map(Address::Ip),
            "network" => listen.attribute("network").map(Address::Network),
            "socket" => listen.attribute("socket").map(Address::Socket),
            "none" => Some(Address::Nowhere),
            _ => None,
        };
        said.unwrap_or(Address::Default)
    }
}

/// `<serial>`, `<console>`: a line of characters.
#[derive(Debug, Clone)]
pub struct Character<'d> {
    /// The element itself.
    pub element: Element<'d>,
    /// `type`: what is behind it (`pty`, `file`, `tcp`, `unix` ...).
    pub kind: String,
    /// `path` of `<source>`: a file or device of the host.
    pub path: Option<String>,
    /// `file` of `<log>`: where all that it says is kept, a file on the host.
    pub log: Option<String>,
    /// `type` of `<target>`: what the guest sees.
    pub target: Option<String>,
    /// `port` of `<target>`: its number in the guest.
    pub port: Option<u64>,
}

impl<'d> Character<'d> {
    pub(super) fn of(element: Element<'d>) -> Character<'d> {
        Character {
            element,
            kind: element.attribute("type").unwrap_or_default(),
            path: said(element, "source", "path"),
            log: said(element, "log", "file"),
            target: said(element, "target", "type"),
            port: number(element, "target", "port"),
        }
    }
}

/// `<memballoon>`: how memory is taken back while the guest runs.
#[derive(Debug, Clone)]
pub struct Balloon<'d> {
    /// The element itself.
    pub element: Element<'d>,
    /// `model`; `none` is no balloon.
    pub model: String,
    /// `period` of `<stats>`: how often the guest reports its memory, seconds.
    pub period: Option<u64>,
    /// `autodeflate`: whether it gives memory back when the guest runs short.
    pub deflates: bool,
}

impl<'d> Balloon<'d> {
    pub(super) fn of(element: Element<'d>) -> Balloon<'d> {
        Balloon {
            element,
            model: element.attribute("model").unwrap_or_default(),
            period: number(element, "stats", "period"),
            deflates: element
                .attribute("autodeflate")
                .is_some_and(|on| on == "on"),
        }
    }
}
