//! Screens and lines of characters.

use crate::field::{
    Field, Shape,
    row::{YES_NO, number, row, text, word},
};

/// `<graphics>`.
pub(super) const GRAPHICS: &[Field] = &[
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

/// `<serial>`, `<console>`, `<parallel>`, `<channel>`.
pub(super) const CHARACTER: &[Field] = &[
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

/// `<video>`.
pub(super) const VIDEO: &[Field] = &[
    word(
        "model",
        "model/@type",
        &[
            "virtio", "qxl", "vga", "cirrus", "bochs", "ramfb", "vmvga", "xen", "vbox", "gop",
            "none",
        ],
        "the card that the guest sees",
    ),
    number("vram", "model/@vram", 0, "its memory, KiB"),
    row("heads", "model/@heads", Shape::Number(1, 16), "screens"),
];
