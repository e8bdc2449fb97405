//! `archipel:roster`, of a machine.

use crate::row::{Of, ROW, Row, Shows, Table};

pub const TABLE: Table = Table {
    namespace: "archipel:roster",
    rows: &[Row {
        action: "getroster",
        of: Of::Machine("one"),
        shows: &[Shows::Answer("archipel:roster")],
        ..ROW
    }],
};
