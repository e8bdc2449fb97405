//! `archipel:virtualmachine:vnc`: where the screen of a machine is.

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ns,
    table::{Capital, Codec, Plain, actions, record, replies, words},
    xml::{Build, ParseError},
};

actions! {
    /// A request. The permission is `vnc_` and the name of the action.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "vnc_", answered by Reply {
        /// Where the screen is. An original does not answer at all where the machine has no definition.
        Display = "display", reads, -1010 => Display(Display),
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Where its screen is.
        Display(display: Display),
    }
}

words! {
    /// How a screen is spoken to.
    pub enum Kind, "a kind of screen (vnc, spice)" {
        /// RFB.
        Vnc = "vnc",
        /// SPICE.
        Spice = "spice",
    }
}

record! {
    /// The screen. All fields are empty for a machine without one.
    #[derive(Eq)]
    pub struct Display = "display" in ns::VNC {
        /// How to speak to it.
        kind: Option<Kind> = "type",
        /// The host, as its agent's settings say.
        host: Option<String> = "host",
        /// The port on the host itself; nothing while the machine does not run.
        port: Option<u16> = "port" via Port,
        /// The port of the websocket proxy; nothing while the machine does not run.
        proxy: Option<u16> = "proxy" via Port,
        /// Whether the proxy can do TLS.
        tls: Option<bool> = "supportssl" via Capital,
        /// Whether it refuses anything else.
        only_tls: Option<bool> = "onlyssl" via Capital,
    }
}

/// A port; `-1` where there is none. A screen that is there and has no port says so.
struct Port;

impl Codec<Option<u16>> for Port {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<u16>, ParseError> {
        if element.attr(name.as_str()) == Some("-1") {
            return Ok(None);
        }
        Plain::read(element, name)
    }

    fn write(value: &Option<u16>, name: &'static NcNameStr, build: Build) -> Build {
        let none = build.has("type").then(|| "-1".to_owned());
        build.maybe(name.to_owned(), value.map(|port| port.to_string()).or(none))
    }
}
