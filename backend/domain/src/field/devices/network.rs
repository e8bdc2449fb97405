//! Network cards.

use crate::field::{
    Field, Shape,
    row::{number, row, text, word},
};

/// `<interface>`.
pub(super) const INTERFACE: &[Field] = &[
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
    row(
        "mtu",
        "mtu/@size",
        Shape::Number(1, 65_535),
        "the longest packet, bytes",
    ),
    number(
        "boot",
        "boot/@order",
        1,
        "its place in the order of booting",
    ),
    row(
        "queues",
        "driver/@queues",
        Shape::Number(1, 256),
        "how many queues are served at once",
    ),
    number(
        "in-average",
        "bandwidth/inbound/@average",
        1,
        "what the guest may receive, KiB a second",
    ),
    number(
        "out-average",
        "bandwidth/outbound/@average",
        1,
        "what the guest may send, KiB a second",
    ),
];
