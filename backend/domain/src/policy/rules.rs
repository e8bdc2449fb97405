//! Which elements of libvirt reach beyond a machine.

use super::ReachKind;
use crate::Element;

/// An element that reaches out. Names are compared without their prefix, as libvirt itself often does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// The element around it; empty for any.
    pub(super) within: &'static str,
    pub(super) element: &'static str,
    pub(super) says: Says,
    pub(super) kind: ReachKind,
}

/// When it does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Says {
    /// By being there.
    Anything,
    /// By having this attribute.
    Has(&'static str),
    /// By an attribute with one of these values.
    Is(&'static str, &'static [&'static str]),
    /// By an attribute with any but these values.
    IsNot(&'static str, &'static [&'static str]),
}

/// Attributes and elements that hold a path, and be it a relative one.
pub(super) const PATHS: &[&str] = &["file", "path", "socket", "template", "logFile"];

/// Paths that are none of the host's, or that libvirt only tells: what a container finds in its own root, the terminal that a
/// line was given.
pub(super) fn is_harmless(element: Element<'_>) -> bool {
    let parent = element.parent();
    match (
        parent.map(|parent| parent.local_name()),
        element.local_name(),
    ) {
        (Some("os"), "init" | "initarg" | "initdir" | "initenv" | "cmdline")
        | (Some("filesystem"), "target") => true,
        (_, "source") => parent.is_some_and(|line| is_terminal(line)),
        (_, "console") => is_terminal(element),
        _ => false,
    }
}

fn is_terminal(line: Element<'_>) -> bool {
    let is_line = matches!(
        line.local_name(),
        "serial" | "parallel" | "console" | "channel"
    );
    is_line && line.attribute("type").as_deref() == Some("pty")
}

const fn rule(within: &'static str, element: &'static str, says: Says, kind: ReachKind) -> Rule {
    Rule {
        within,
        element,
        says,
        kind,
    }
}

use ReachKind::{
    CommandLine, Confinement, Device, Firmware, Folder, HostDevice, HostNetwork, Kernel, Program,
    Remote, Script, SharedMemory,
};
use Says::{Anything, Has, Is, IsNot};

const OPEN_CHARACTERS: &[&str] = &["tcp", "udp"];
const LOCAL: &[&str] = &["127.0.0.1", "::1", "localhost"];

pub(super) const RULES: &[Rule] = &[
    // What runs.
    rule("devices", "emulator", Anything, Program),
    rule("", "bootloader", Anything, Program),
    rule("filesystem", "binary", Has("path"), Program),
    rule("interface", "script", Has("path"), Script),
    rule("os", "kernel", Anything, Kernel),
    rule("os", "initrd", Anything, Kernel),
    rule("os", "dtb", Anything, Kernel),
    rule("os", "loader", Anything, Firmware),
    rule("os", "nvram", Anything, Firmware),
    rule("acpi", "table", Anything, Firmware),
    rule("sysinfo", "entry", Has("file"), CommandLine),
    // Disks.
    rule("", "source", Has("dir"), Folder),
    rule("disk", "source", Has("dev"), Device),
    rule("filesystem", "source", Has("dev"), Device),
    rule("disk", "source", Has("protocol"), Remote),
    rule("backingStore", "source", Has("protocol"), Remote),
    rule("mirror", "source", Has("protocol"), Remote),
    rule("devices", "disk", Is("type", &["nvme"]), HostDevice),
    rule(
        "devices",
        "disk",
        Is("type", &["vhostuser", "vhostvdpa"]),
        SharedMemory,
    ),
    rule("devices", "disk", Is("device", &["lun"]), Device),
    rule("devices", "disk", Is("rawio", &["yes"]), Confinement),
    rule("devices", "disk", Is("sgio", &["unfiltered"]), Confinement),
    rule("devices", "filesystem", Anything, Folder),
    rule("devices", "lease", Anything, ReachKind::File),
    // Networks.
    rule(
        "devices",
        "interface",
        Is(
            "type",
            &["bridge", "direct", "ethernet", "hostdev", "vdpa", "vds"],
        ),
        HostNetwork,
    ),
    rule(
        "devices",
        "interface",
        Is("type", &["vhostuser"]),
        SharedMemory,
    ),
    rule(
        "devices",
        "interface",
        Is("type", &["server", "client", "mcast", "udp"]),
        Remote,
    ),
    rule("interface", "backend", Has("tap"), Device),
    rule("interface", "backend", Has("vhost"), Device),
    rule("interface", "backenddomain", Anything, HostNetwork),
    rule("interface", "backend", Has("logFile"), ReachKind::File),
    rule("network", "bridge", Has("name"), HostNetwork),
    rule("network", "forward", Has("dev"), HostNetwork),
    rule("network", "forward", Has("mode"), HostNetwork),
    rule("forward", "interface", Has("dev"), HostNetwork),
    rule("forward", "pf", Has("dev"), HostNetwork),
    rule("forward", "address", Anything, HostDevice),
    rule("network", "route", Anything, HostNetwork),
    rule("network", "ip", Has("address"), HostNetwork),
    rule("dns", "forwarder", Anything, Remote),
    // Devices that are handed through.
    rule("devices", "hostdev", Anything, HostDevice),
    rule("devices", "redirdev", Anything, HostDevice),
    rule("devices", "smartcard", IsNot("mode", &[]), HostDevice),
    rule("tpm", "backend", IsNot("type", &["emulator"]), Device),
    rule(
        "devices",
        "input",
        Is("type", &["passthrough", "evdev"]),
        Device,
    ),
    rule("rng", "backend", Anything, Device),
    rule("crypto", "backend", IsNot("model", &["builtin"]), Device),
    rule("graphics", "gl", Has("rendernode"), Device),
    rule("model", "acceleration", Has("rendernode"), Device),
    rule("devices", "nvram", Anything, Firmware),
    rule(
        "devices",
        "audio",
        IsNot("type", &["none", "spice"]),
        Device,
    ),
    rule("devices", "vsock", Anything, SharedMemory),
    rule("devices", "shmem", Anything, SharedMemory),
    rule(
        "memoryBacking",
        "access",
        Is("mode", &["shared"]),
        SharedMemory,
    ),
    rule(
        "devices",
        "memory",
        Is("model", &["nvdimm", "virtio-pmem", "sgx-epc"]),
        Device,
    ),
    // Lines of characters and screens.
    rule("devices", "serial", Is("type", &["dev", "pipe"]), Device),
    rule("devices", "parallel", Is("type", &["dev", "pipe"]), Device),
    rule("devices", "console", Is("type", &["dev", "pipe"]), Device),
    rule("devices", "channel", Is("type", &["dev", "pipe"]), Device),
    rule("devices", "serial", Is("type", OPEN_CHARACTERS), Remote),
    rule("devices", "parallel", Is("type", OPEN_CHARACTERS), Remote),
    rule("devices", "console", Is("type", OPEN_CHARACTERS), Remote),
    rule("devices", "channel", Is("type", OPEN_CHARACTERS), Remote),
    rule("devices", "graphics", IsNot("listen", LOCAL), Remote),
    rule("graphics", "listen", IsNot("address", LOCAL), Remote),
    rule("graphics", "listen", Has("network"), HostNetwork),
    rule(
        "devices",
        "graphics",
        Is("type", &["sdl", "desktop", "dbus", "egl-headless"]),
        Device,
    ),
    // What confines it.
    rule("", "seclabel", Anything, Confinement),
    rule("resource", "partition", Anything, Confinement),
    rule("resource", "fibrechannel", Anything, Confinement),
    rule("domain", "idmap", Anything, Confinement),
    rule("features", "capabilities", Anything, Confinement),
    rule("features", "privnet", Anything, Confinement),
    rule("memoryBacking", "locked", Anything, Confinement),
    rule("cputune", "vcpusched", Anything, Confinement),
    // Pools and volumes.
    rule("source", "host", Has("name"), Remote),
    rule("source", "device", Has("path"), Device),
    rule("source", "adapter", Anything, Device),
];
