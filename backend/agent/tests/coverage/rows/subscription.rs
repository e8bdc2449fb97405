//! `archipel:subscription`, of a machine.

use crate::row::{Ask, Of, Push, ROW, Row, Shows, Table, bad, says};

const ONE: Of = Of::Machine("one");

const MACHINE: Row = Row { of: ONE, ..ROW };

/// Whether Olga may see the machine's presence.
const SEES: Ask = Ask {
    by: "admin",
    namespace: "archipel:permissions",
    action: "get",
    of: ONE,
    asks: says("permission_type='user' permission_target='olga@{dc}'"),
};

const fn push(change: &'static str) -> Push {
    Push {
        of: ONE,
        family: "subscription",
        change,
    }
}

pub const TABLE: Table = Table {
    namespace: "archipel:subscription",
    rows: &[
        Row {
            action: "add",
            asks: says("jid='olga@{dc}'"),
            shows: &[Shows::Then(SEES, "result")],
            bad: bad("jid='@@'", "invalid jid"),
            push: Some(push("added")),
            ..MACHINE
        },
        Row {
            action: "remove",
            asks: says("jid='olga@{dc}'"),
            shows: &[Shows::Then(SEES, "result")],
            bad: bad("", "invalid jid"),
            push: Some(push("removed")),
            ..MACHINE
        },
    ],
};
