//! `archipel:vm:definition`, of a machine that is off.

use crate::row::{Bad, Of, Push, ROW, Row, Shows, Step, Table, bad, says};

const TWO: Of = Of::Machine("two");

const OFF: Row = Row { of: TWO, ..ROW };

pub const TABLE: Table = Table {
    namespace: "archipel:vm:definition",
    rows: &[
        Row {
            action: "define",
            asks: says("").holding(
                "{domain}<name>guest02</name><uuid>{two}</uuid><title>defined</title>{body}</domain>",
            ),
            shows: &[Shows::Virsh("dumpxml {two}", "<title>defined</title>")],
            bad: bad("", "invalid uuid").holding(
                "{domain}<name>guest02</name><uuid>{one}</uuid>{body}</domain>",
            ),
            push: Some(Push::definition(TWO, "defined")),
            ..OFF
        },
        Row {
            action: "read",
            asks: says("which='next' offset='0'"),
            shows: &[Shows::Answer("<chunk "), Shows::Answer("defined&lt;/title")],
            keeps: &[("base", "chunk", "digest")],
            bad: bad("which='yesterday' offset='0'", "invalid which"),
            ..OFF
        },
        Row {
            action: "history",
            shows: &[Shows::Answer("verb='define'"), Shows::Answer("by='admin@{dc}'")],
            bad: bad("before='the flood'", "invalid before"),
            ..OFF
        },
        Row {
            action: "stage",
            before: &[Step::Piece("two", "written")],
            asks: says("").holding("{piece}"),
            shows: &[Shows::Later("`write` finds it")],
            bad: bad("", "invalid chunk"),
            ..OFF
        },
        Row {
            action: "write",
            asks: says("digest='{whole}' base='{base}'"),
            shows: &[Shows::Virsh("dumpxml {two}", "<title>written</title>")],
            keeps: &[("base", "written", "digest")],
            bad: bad("digest='42'", "invalid digest"),
            push: Some(Push::definition(TWO, "defined")),
            ..OFF
        },
        Row {
            action: "edit",
            asks: says("base='{base}'").holding("<edits>set title edited</edits>"),
            shows: &[Shows::Virsh("dumpxml {two}", "<title>edited</title>")],
            bad: bad("base='{base}'", "invalid domain").holding("<edits>fly high</edits>"),
            push: Some(Push::definition(TWO, "defined")),
            ..OFF
        },
        Row {
            action: "diff",
            asks: says("from='1' to='next' offset='0'"),
            shows: &[Shows::Answer("edited")],
            bad: bad("from='1' to='next' offset='1000000'", "invalid offset"),
            ..OFF
        },
        Row {
            action: "pending",
            asks: says("offset='0'"),
            shows: &[Shows::Answer("size='0'")],
            bad: bad("offset='behind'", "invalid offset"),
            ..OFF
        },
        Row {
            action: "undo",
            shows: &[Shows::Virsh("dumpxml {two}", "<title>written</title>")],
            bad: bad("number='one'", "invalid number"),
            push: Some(Push::definition(TWO, "defined")),
            ..OFF
        },
        Row {
            action: "capabilities",
            shows: &[Shows::Answer("<guest>")],
            bad: Bad::NO_MACHINE,
            ..OFF
        },
        Row {
            action: "undefine",
            shows: &[Shows::Gone("list --all --uuid", "{two}")],
            bad: Bad::NO_MACHINE,
            push: Some(Push::definition(TWO, "undefined")),
            ..OFF
        },
    ],
};
