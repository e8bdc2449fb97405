//! `archipel:permissions`, of a machine.

use crate::row::{Ask, Of, Push, ROW, Row, Shows, Step, Table, bad, says};

const ONE: Of = Of::Machine("one");

const MACHINE: Row = Row { of: ONE, ..ROW };

const NAMESPACE: &str = "archipel:permissions";

/// What is granted, or taken.
macro_rules! permission {
    ($name:literal, $value:literal) => {
        concat!(
            "<permission permission_type='user' permission_target='olga@{dc}' permission_name='",
            $name,
            "' permission_value='",
            $value,
            "'/>"
        )
    };
}

/// Olga asks for what she was granted.
const LOOKS: Ask = Ask {
    by: "olga",
    namespace: "archipel:vm:control",
    action: "info",
    of: ONE,
    asks: says(""),
};

/// The account whose rights changed.
const PUSH: Option<Push> = Some(Push {
    of: Of::Host,
    family: "permissions",
    change: "olga@{dc}",
});

pub const TABLE: Table = Table {
    namespace: NAMESPACE,
    rows: &[
        Row {
            action: "list",
            shows: &[
                Shows::Answer("name='create'"),
                Shows::Answer("name='permission_set'"),
            ],
            ..MACHINE
        },
        Row {
            action: "set",
            asks: says("").holding(permission!("info", "1")),
            shows: &[Shows::Then(LOOKS, "result")],
            bad: bad("", "invalid permission_name").holding(permission!("infoo", "1")),
            push: PUSH,
            ..MACHINE
        },
        Row {
            action: "get",
            asks: says("permission_type='user' permission_target='olga@{dc}'"),
            shows: &[Shows::Answer("name='info'")],
            bad: bad(
                "permission_type='tree' permission_target='olga@{dc}'",
                "invalid permission_type",
            ),
            ..MACHINE
        },
        Row {
            action: "getown",
            by: "olga",
            asks: says("permission_type='user' permission_target='olga@{dc}'"),
            shows: &[Shows::Answer("name='info'")],
            bad: bad("permission_type='user'", "invalid permission_target"),
            ..MACHINE
        },
        Row {
            action: "setown",
            by: "olga",
            before: &[Step::Asks(Ask {
                by: "admin",
                namespace: NAMESPACE,
                action: "set",
                of: ONE,
                asks: says("").holding(permission!("permission_setown", "1")),
            })],
            asks: says("").holding(permission!("info", "0")),
            shows: &[Shows::Then(LOOKS, "forbidden")],
            bad: bad("", "invalid permission_value")
                .holding("<permission permission_target='olga@{dc}' permission_name='info'/>"),
            push: PUSH,
            ..MACHINE
        },
    ],
};
