//! `archipel:hypervisor:health`.

use crate::row::{ROW, Row, Shows, Table, bad, says};

pub const TABLE: Table = Table {
    namespace: "archipel:hypervisor:health",
    rows: &[
        Row {
            action: "info",
            shows: &[Shows::Answer("<memory "), Shows::Answer("<uname ")],
            ..ROW
        },
        Row {
            action: "history",
            asks: says("limit='5'"),
            shows: &[Shows::Answer("<stat")],
            bad: bad("limit='-1'", "invalid limit"),
            ..ROW
        },
        Row {
            action: "logs",
            asks: says("limit='5'"),
            shows: &[Shows::Answer("<log ")],
            bad: bad("", "invalid limit"),
            ..ROW
        },
    ],
};
