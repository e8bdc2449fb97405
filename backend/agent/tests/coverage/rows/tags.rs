//! `archipel:tags`, of a machine.

use crate::row::{Of, ROW, Row, Shows, Table, bad, says};

pub const TABLE: Table = Table {
    namespace: "archipel:tags",
    rows: &[Row {
        action: "settags",
        of: Of::Machine("one"),
        asks: says("tags='web;;rack/4'"),
        shows: &[Shows::Feed("one", "tagged `web` and `rack/4`", |row| {
            row.tags == ["web", "rack/4"]
        })],
        bad: bad("", "invalid tags"),
        ..ROW
    }],
};
