//! The fields of a machine's devices.

mod lines;
mod network;
mod storage;

use super::{
    Device,
    row::{number, text, word},
};
use lines::{CHARACTER, GRAPHICS, VIDEO};
use network::INTERFACE;
use storage::{DISK, FILESYSTEM};

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
            number("index", "@index", 0, "its number, which devices name"),
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
