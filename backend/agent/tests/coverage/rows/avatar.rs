//! `archipel:avatar`, of a machine. The folder of pictures holds `rack.png`.

use crate::row::{Of, ROW, Row, Shows, Table, bad, says};

const MACHINE: Row = Row {
    of: Of::Machine("one"),
    ..ROW
};

pub const TABLE: Table = Table {
    namespace: "archipel:avatar",
    rows: &[
        Row {
            action: "getavatars",
            shows: &[
                Shows::Answer("name='rack.png'"),
                Shows::Answer("content-type='image/png'"),
            ],
            ..MACHINE
        },
        Row {
            action: "setavatar",
            asks: says("avatar='rack.png'"),
            shows: &[Shows::Answer("archipel:avatar")],
            bad: bad("avatar='../rack.png'", "invalid avatar"),
            ..MACHINE
        },
    ],
};
