//! The fields of a machine's devices.

use super::{Device, Field, Shape};

const fn text(name: &'static str, path: &'static str, about: &'static str) -> Field {
    Field {
        name,
        path,
        shape: Shape::Text,
        about,
    }
}

const fn word(
    name: &'static str,
    path: &'static str,
    words: &'static [&'static str],
    about: &'static str,
) -> Field {
    Field {
        name,
        path,
        shape: Shape::Word(words),
        about,
    }
}

const fn flag(name: &'static str, path: &'static str, about: &'static str) -> Field {
    Field {
        name,
        path,
        shape: Shape::Flag,
        about,
    }
}

const fn number(
    name: &'static str,
    path: &'static str,
    least: u64,
    most: u64,
    about: &'static str,
) -> Field {
    Field {
        name,
        path,
        shape: Shape::Number(least, most),
        about,
    }
}

const YES_NO: &[&str] = &["yes", "no"];

const DISK: &[Field] = &[
    word(
        "type",
        "@type",
        &[
            "file",
            "block",
            "dir",
            "network",
            "volume",
            "nvme",
            "vhostuser",
        ],
        "what is behind it",
    ),
    word(
        "device",
        "@device",
        &["disk", "cdrom", "floppy", "lun"],
        "what the guest sees",
    ),
    text("file", "source/@file", "the image: a file on the host"),
    text("dev", "source/@dev", "the host's device"),
    text("pool", "source/@pool", "the pool of its volume"),
    text("volume", "source/@volume", "its volume"),
    text("format", "driver/@type", "the image's format"),
    word(
        "cache",
        "driver/@cache",
        &[
            "default",
            "none",
            "writethrough",
            "writeback",
            "directsync",
            "unsafe",
        ],
        "whether the host remembers what was read and written",
    ),
    word(
        "io",
        "driver/@io",
        &["threads", "native", "io_uring"],
        "how the host reads and writes",
    ),
    word(
        "discard",
        "driver/@discard",
        &["ignore", "unmap"],
        "whether the guest may give space back",
    ),
    word(
        "bus",
        "target/@bus",
        &["virtio", "scsi", "sata", "ide", "usb", "fdc", "xen", "sd"],
        "how the guest reaches it",
    ),
    word(
        "tray",
        "target/@tray",
        &["open", "closed"],
        "a drive's tray",
    ),
    number(
        "boot",
        "boot/@order",
        1,
        u64::MAX,
        "its place in the order of booting",
    ),
    flag("readonly", "readonly", "the guest cannot write"),
    flag(
        "shareable",
        "shareable",
        "other machines may use it at the same time",
    ),
    text("serial", "serial", "the serial number that the guest sees"),
    number(
        "read-iops",
        "iotune/read_iops_sec",
        0,
        u64::MAX,
        "the most reads a second",
    ),
    number(
        "write-iops",
        "iotune/write_iops_sec",
        0,
        u64::MAX,
        "the most writes a second",
    ),
    number(
        "read-bytes",
        "iotune/read_bytes_sec",
        0,
        u64::MAX,
        "the most that is read, bytes a second",
    ),
    number(
        "write-bytes",
        "iotune/write_bytes_sec",
        0,
        u64::MAX,
        "the most that is written, bytes a second",
    ),
];

const INTERFACE: &[Field] = &[
    word(
        "type",
        "@type",
        &[
            "network",
            "bridge",
            "user",
            "direct",
            "ethernet",
            "hostdev",
            "vhostuser",
            "udp",
            "mcast",
            "server",
            "client",
            "internal",
            "null",
            "vds",
        ],
        "what is behind it",
    ),
    text("mac", "mac/@address", "its hardware address"),
    text(
        "network",
        "source/@network",
        "the virtual network that it is in",
    ),
    text(
        "portgroup",
        "source/@portgroup",
        "which of the network's port groups",
    ),
    text(
        "bridge",
        "source/@bridge",
        "the host's bridge that it is in",
    ),
    text("model", "model/@type", "the card that the guest sees"),
    text(
        "filter",
        "filterref/@filter",
        "what it may send and receive",
    ),
    word(
        "link",
        "link/@state",
        &["up", "down"],
        "whether the cable is plugged in",
    ),
    number("mtu", "mtu/@size", 1, 65_535, "the longest packet, bytes"),
    number(
        "boot",
        "boot/@order",
        1,
        u64::MAX,
        "its place in the order of booting",
    ),
    number(
        "queues",
        "driver/@queues",
        1,
        256,
        "how many queues are served at once",
    ),
    number(
        "in-average",
        "bandwidth/inbound/@average",
        1,
        u64::MAX,
        "what the guest may receive, KiB a second",
    ),
    number(
        "out-average",
        "bandwidth/outbound/@average",
        1,
        u64::MAX,
        "what the guest may send, KiB a second",
    ),
];

const GRAPHICS: &[Field] = &[
    word(
        "type",
        "@type",
        &[
            "vnc",
            "spice",
            "sdl",
            "rdp",
            "desktop",
            "egl-headless",
            "dbus",
        ],
        "what shows the screen",
    ),
    text("port", "@port", "the port; -1 lets libvirt choose"),
    word(
        "autoport",
        "@autoport",
        YES_NO,
        "whether libvirt chooses the port",
    ),
    text("listen", "@listen", "the host's address that it listens on"),
    text("password", "@passwd", "what a viewer must know"),
    text(
        "password-until",
        "@passwdValidTo",
        "when the password ends, UTC, such as 2026-12-31T00:00:00",
    ),
    text("keymap", "@keymap", "the viewer's keyboard"),
];

const CHARACTER: &[Field] = &[
    word(
        "type",
        "@type",
        &[
            "pty",
            "file",
            "tcp",
            "udp",
            "unix",
            "dev",
            "null",
            "pipe",
            "stdio",
            "vc",
            "spicevmc",
            "spiceport",
            "nmdm",
            "qemu-vdagent",
            "dbus",
        ],
        "what is behind it",
    ),
    text(
        "path",
        "source/@path",
        "what is behind it: a file or device on the host",
    ),
    text(
        "log",
        "log/@file",
        "where all that it says is kept: a file on the host",
    ),
    text("target", "target/@type", "what the guest sees"),
    text("name", "target/@name", "the name that the guest sees"),
    text("port", "target/@port", "its number in the guest"),
];

const VIDEO: &[Field] = &[
    word(
        "model",
        "model/@type",
        &[
            "virtio", "qxl", "vga", "cirrus", "bochs", "ramfb", "vmvga", "xen", "vbox", "gop",
            "none",
        ],
        "the card that the guest sees",
    ),
    number("vram", "model/@vram", 0, u64::MAX, "its memory, KiB"),
    number("heads", "model/@heads", 1, 16, "screens"),
];

const FILESYSTEM: &[Field] = &[
    word(
        "type",
        "@type",
        &[
            "mount", "template", "file", "block", "ram", "bind", "volume",
        ],
        "what is behind it",
    ),
    word(
        "access",
        "@accessmode",
        &["passthrough", "mapped", "squash"],
        "whose rights count",
    ),
    text("dir", "source/@dir", "the host's folder"),
    flag("readonly", "readonly", "the guest cannot write"),
];

/// `<devices>`.
pub(super) const DOMAIN: &[Device] = &[
    Device {
        noun: "disk",
        path: "devices/disk",
        key: Some("target/@dev"),
        fields: DISK,
    },
    Device {
        noun: "interface",
        path: "devices/interface",
        key: Some("mac/@address"),
        fields: INTERFACE,
    },
    Device {
        noun: "graphics",
        path: "devices/graphics",
        key: Some("@type"),
        fields: GRAPHICS,
    },
    Device {
        noun: "serial",
        path: "devices/serial",
        key: None,
        fields: CHARACTER,
    },
    Device {
        noun: "console",
        path: "devices/console",
        key: None,
        fields: CHARACTER,
    },
    Device {
        noun: "parallel",
        path: "devices/parallel",
        key: None,
        fields: CHARACTER,
    },
    Device {
        noun: "channel",
        path: "devices/channel",
        key: Some("target/@name"),
        fields: CHARACTER,
    },
    Device {
        noun: "video",
        path: "devices/video",
        key: None,
        fields: VIDEO,
    },
    Device {
        noun: "filesystem",
        path: "devices/filesystem",
        key: Some("target/@dir"),
        fields: FILESYSTEM,
    },
    Device {
        noun: "controller",
        path: "devices/controller",
        key: Some("@type"),
        fields: &[
            text("model", "@model", "which one"),
            number(
                "index",
                "@index",
                0,
                u64::MAX,
                "its number, which devices name",
            ),
        ],
    },
    Device {
        noun: "input",
        path: "devices/input",
        key: Some("@type"),
        fields: &[word(
            "bus",
            "@bus",
            &["ps2", "usb", "virtio", "xen", "parallels", "none"],
            "how the guest reaches it",
        )],
    },
    Device {
        noun: "sound",
        path: "devices/sound",
        key: None,
        fields: &[text("model", "@model", "the card that the guest sees")],
    },
    Device {
        noun: "watchdog",
        path: "devices/watchdog",
        key: None,
        fields: &[
            text("model", "@model", "the card that the guest sees"),
            word(
                "action",
                "@action",
                &[
                    "reset",
                    "shutdown",
                    "poweroff",
                    "pause",
                    "none",
                    "dump",
                    "inject-nmi",
                ],
                "what follows when the guest is silent",
            ),
        ],
    },
    Device {
        noun: "rng",
        path: "devices/rng",
        key: None,
        fields: &[
            text("model", "@model", "the card that the guest sees"),
            text(
                "source",
                "backend",
                "where chance comes from: a device of the host",
            ),
        ],
    },
    Device {
        noun: "tpm",
        path: "devices/tpm",
        key: None,
        fields: &[
            text("model", "@model", "the chip that the guest sees"),
            word(
                "backend",
                "backend/@type",
                &["emulator", "passthrough", "external"],
                "what is behind it",
            ),
            word(
                "version",
                "backend/@version",
                &["1.2", "2.0"],
                "which specification it follows",
            ),
        ],
    },
];
