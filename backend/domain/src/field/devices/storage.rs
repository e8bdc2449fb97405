//! Disks, drives and shared folders.

use crate::field::{
    Field,
    row::{flag, number, text, word},
};

/// `<disk>`.
pub(super) const DISK: &[Field] = &[
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
        "the most reads a second",
    ),
    number(
        "write-iops",
        "iotune/write_iops_sec",
        0,
        "the most writes a second",
    ),
    number(
        "read-bytes",
        "iotune/read_bytes_sec",
        0,
        "the most that is read, bytes a second",
    ),
    number(
        "write-bytes",
        "iotune/write_bytes_sec",
        0,
        "the most that is written, bytes a second",
    ),
];

/// `<filesystem>`.
pub(super) const FILESYSTEM: &[Field] = &[
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
