//! `archipel:hypervisor:control`.

use crate::row::{Of, Push, ROW, Row, Shows, Step, Table, bad, says};

pub const TABLE: Table = Table {
    namespace: "archipel:hypervisor:control",
    rows: &[
        Row {
            action: "rostervm",
            shows: &[Shows::Answer("name='guest01'"), Shows::Answer(">{one}@")],
            ..ROW
        },
        Row {
            action: "nodeinfo",
            shows: &[Shows::Answer("nrCoreperSocket='")],
            ..ROW
        },
        Row {
            action: "ip",
            shows: &[Shows::Answer("<ip>")],
            ..ROW
        },
        Row {
            action: "capabilities",
            shows: &[Shows::Answer("<guest>")],
            ..ROW
        },
        Row {
            action: "migrationinfo",
            shows: &[
                Shows::Answer("libvirt_uri='"),
                Shows::Answer("base_folder='{images}'"),
            ],
            ..ROW
        },
        Row {
            action: "soft_alloc",
            asks: says("")
                .holding("{domain}<name>arrived</name><uuid>{arrived}</uuid>{body}</domain>"),
            shows: &[Shows::Virsh("domuuid arrived", "{arrived}")],
            bad: bad("", "invalid domain").holding("{domain}<name>arrived</name>{body}</domain>"),
            push: Some(Push::host("migrate")),
            ..ROW
        },
        Row {
            action: "alloc",
            asks: says("name='made'").holding("{domain}{body}</domain>"),
            shows: &[Shows::Virsh("domstate made", "shut off")],
            keeps: &[("made", "virtualmachine", "jid")],
            bad: bad("name='a/b'", "invalid name"),
            push: Some(Push::host("alloc")),
            ..ROW
        },
        Row {
            action: "free",
            asks: says("jid='{made}'"),
            shows: &[Shows::Gone("list --all --name", "made")],
            bad: bad("jid='olga@{dc}'", "invalid jid"),
            push: Some(Push::host("free")),
            ..ROW
        },
        Row {
            action: "clone",
            // libvirt copies what one of its pools knows.
            before: &[Step::Virsh("pool-create-as images dir --target {images}")],
            asks: says("jid='{one}@{dc}' name='twin'"),
            shows: &[Shows::Virsh("domstate twin", "shut off")],
            bad: bad("jid='{one}@{dc}' name='a/b'", "invalid name"),
            push: Some(Push::host("clone")),
            ..ROW
        },
        Row {
            action: "setorginfo",
            asks: says("target='{three}'").holding("<ORGNAME>Example Lab</ORGNAME>"),
            shows: &[Shows::Answer("<virtualmachine jid='{three}@{dc}/{host}'")],
            bad: bad("target='three'", "invalid target"),
            push: Some(Push::definition(Of::Machine("three"), "defined")),
            ..ROW
        },
        Row {
            action: "unmanage",
            asks: says("").holding("<item jid='{three}@{dc}'/>"),
            shows: &[
                Shows::Feed("three", "not managed", |row| !row.flags.managed),
                Shows::Virsh("domstate {three}", "shut off"),
            ],
            bad: bad("", "invalid item"),
            push: Some(Push::host("unmanage")),
            ..ROW
        },
        Row {
            action: "manage",
            asks: says("").holding("<item jid='{three}@{dc}'/>"),
            shows: &[Shows::Feed("three", "managed, with a session", |row| {
                row.flags.managed && row.flags.session
            })],
            bad: bad("", "invalid jid").holding("<item jid='olga@{dc}'/>"),
            push: Some(Push::host("manage")),
            ..ROW
        },
    ],
};
