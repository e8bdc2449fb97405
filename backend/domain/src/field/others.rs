//! The fields of networks, filters, pools, volumes and snapshots.

use super::{
    Field, Shape,
    row::{row, text},
};

/// `<network>`.
pub(super) const NETWORK: &[Field] = &[
    text("name", "name", "its name on its host"),
    text("uuid", "uuid", "its identity"),
    row(
        "forward",
        "forward/@mode",
        Shape::Word(&[
            "nat",
            "route",
            "open",
            "bridge",
            "private",
            "vepa",
            "passthrough",
            "hostdev",
        ]),
        "how it reaches the world; unset, it does not",
    ),
    text(
        "forward-dev",
        "forward/@dev",
        "through which of the host's interfaces",
    ),
    text("bridge", "bridge/@name", "the host's bridge"),
    row(
        "stp",
        "bridge/@stp",
        Shape::Word(&["on", "off"]),
        "whether the bridge speaks the spanning tree protocol",
    ),
    row(
        "mtu",
        "mtu/@size",
        Shape::Number(1, 65_535),
        "the longest packet, bytes",
    ),
    text(
        "domain",
        "domain/@name",
        "the domain that its DNS server answers for",
    ),
    text("address", "ip/@address", "the host's address in it"),
    text("netmask", "ip/@netmask", "the mask of its addresses"),
    text(
        "dhcp-start",
        "ip/dhcp/range/@start",
        "the first address that is lent",
    ),
    text(
        "dhcp-end",
        "ip/dhcp/range/@end",
        "the last address that is lent",
    ),
];

/// `<filter>`.
pub(super) const FILTER: &[Field] = &[
    text("name", "@name", "its name on its host"),
    text("uuid", "uuid", "its identity"),
    text("chain", "@chain", "the chain that its rules go to"),
    row(
        "priority",
        "@priority",
        Shape::Text,
        "the chain's place among others, from -1000 to 1000",
    ),
];

/// `<pool>`.
pub(super) const POOL: &[Field] = &[
    row(
        "type",
        "@type",
        Shape::Word(&[
            "dir",
            "fs",
            "netfs",
            "logical",
            "disk",
            "iscsi",
            "iscsi-direct",
            "scsi",
            "mpath",
            "rbd",
            "sheepdog",
            "gluster",
            "zfs",
            "vstorage",
        ]),
        "what keeps the volumes",
    ),
    text("name", "name", "its name on its host"),
    text("uuid", "uuid", "its identity"),
    text(
        "source-name",
        "source/name",
        "what it is called where it comes from",
    ),
    text(
        "source-host",
        "source/host/@name",
        "the machine that serves it",
    ),
    text(
        "source-dir",
        "source/dir/@path",
        "the folder that is served",
    ),
    text(
        "source-format",
        "source/format/@type",
        "how the source is formatted",
    ),
    text("path", "target/path", "where it is on the host"),
    text(
        "mode",
        "target/permissions/mode",
        "who may enter the folder, octal",
    ),
];

/// `<volume>`.
pub(super) const VOLUME: &[Field] = &[
    text("name", "name", "its name in its pool"),
    row(
        "capacity",
        "capacity",
        Shape::Amount("bytes"),
        "what the guest sees",
    ),
    row(
        "allocation",
        "allocation",
        Shape::Amount("bytes"),
        "what is taken from the pool at once",
    ),
    text("path", "target/path", "where it is on the host"),
    text("format", "target/format/@type", "the image's format"),
    text(
        "backing-path",
        "backingStore/path",
        "the image beneath it: a file on the host",
    ),
    text(
        "backing-format",
        "backingStore/format/@type",
        "the format of the image beneath it",
    ),
];

/// `<domainsnapshot>`.
pub(super) const SNAPSHOT: &[Field] = &[
    text("name", "name", "its name"),
    text("description", "description", "a text for people"),
    text("state", "state", "the machine's state when it was taken"),
    text("parent", "parent/name", "the snapshot before it"),
    row(
        "created",
        "creationTime",
        Shape::Number(0, u64::MAX),
        "when it was taken, seconds since 1970, UTC",
    ),
    row(
        "memory",
        "memory/@snapshot",
        Shape::Word(&["no", "internal", "external"]),
        "whether the machine's memory is in it",
    ),
];
