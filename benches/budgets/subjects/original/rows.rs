//! The rows, with the original's figures.

use crate::frame::{Goal, Row, Table, Unit};

const PLACE: &str = "ejabberd, limits raised, TLS, QEMU driver";

const fn row(
    (name, what): (&'static str, &'static str),
    original: &'static str,
    unit: Unit,
    goal: Goal,
) -> Row {
    budget((name, what), unit, goal, Table::Original(original))
}

const fn budget(
    (name, what): (&'static str, &'static str),
    unit: Unit,
    goal: Goal,
    table: Table,
) -> Row {
    Row {
        name,
        what,
        goal,
        unit,
        place: PLACE,
        table,
    }
}

/// Rows of [`super::quiet()`].
pub(crate) const QUIET: &[Row] = &[
    row(
        (
            "original-start",
            "agent's start to 50 machines online and correct",
        ),
        "8.8 s",
        Unit::Seconds,
        Goal::Median(1.0),
    ),
    row(
        (
            "original-memory-50",
            "agent's private memory at 50 machines, a session each",
        ),
        "123 MB RSS",
        Unit::Megabytes,
        Goal::Median(15.0),
    ),
    row(
        ("original-info", "vm `info`, one after the other"),
        "4.4, p99 6.1 ms",
        Unit::Milliseconds,
        Goal::Both {
            median: 0.6,
            p99: 2.0,
        },
    ),
    row(
        ("original-in-flight", "vm `info`, 16 in flight"),
        "254/s",
        Unit::PerSecond,
        Goal::AtLeast(5_000.0),
    ),
    row(
        ("original-rostervm", "`rostervm` of 50"),
        "12.7 ms",
        Unit::Milliseconds,
        Goal::Median(1.0),
    ),
    row(
        ("original-idle", "agent's idle load at 50 machines"),
        "4.6 % of a core",
        Unit::PercentOfACore,
        Goal::Median(0.3),
    ),
];

/// The row of [`super::memory_of_none`].
pub(crate) const MEMORY_OF_NONE: &[Row] = &[row(
    (
        "original-memory-0",
        "agent's private memory without machines",
    ),
    "59 MB RSS",
    Unit::Megabytes,
    Goal::Median(12.0),
)];

/// The row of [`super::memory_of_many`].
pub(crate) const MEMORY_OF_MANY: &[Row] = &[row(
    (
        "original-memory-200",
        "agent's private memory at 200 machines, a session each",
    ),
    "253 MB RSS",
    Unit::Megabytes,
    Goal::Median(24.0),
)];

/// Rows of [`super::events`].
pub(crate) const EVENTS: &[Row] = &[row(
    (
        "original-event",
        "libvirt event to presence, suspend and resume",
    ),
    "2 ms",
    Unit::Milliseconds,
    Goal::Median(2.0),
)];

/// Rows of [`super::back`].
pub(crate) const BACK: &[Row] = &[
    row(
        ("original-server", "server killed and back: all 50 correct"),
        "3.3 s",
        Unit::Seconds,
        Goal::Median(2.5),
    ),
    row(
        (
            "original-libvirtd",
            "libvirtd killed and back: all 50 correct after it answers, events alive",
        ),
        "7 s, events dead",
        Unit::Seconds,
        Goal::Median(3.0),
    ),
];

/// Rows of [`super::at_once`].
pub(crate) const AT_ONCE: &[Row] = &[
    row(
        ("original-creates", "50 creates at once: all 50 running"),
        "29.7 s beside 14.2 s",
        Unit::Seconds,
        Goal::Computed("1.1 × 50 parallel virsh"),
    ),
    row(
        (
            "original-answers",
            "the hypervisor's answer to `ip` meanwhile",
        ),
        "26 s at worst",
        Unit::Milliseconds,
        Goal::P99(100.0),
    ),
];

/// Rows of [`super::sessions_few`].
pub(crate) const SESSIONS_FEW: &[Row] = &[budget(
    (
        "agent-memory-50",
        "agent's private memory at 50 machines without sessions",
    ),
    Unit::Megabytes,
    Goal::Median(12.0),
    Table::Budgets,
)];

/// Rows of [`super::sessions_many`].
pub(crate) const SESSIONS_MANY: &[Row] = &[
    budget(
        (
            "agent-memory-500",
            "agent's private memory at 500 machines without sessions",
        ),
        Unit::Megabytes,
        Goal::Median(20.0),
        Table::Budgets,
    ),
    budget(
        (
            "agent-memory-500-sessions",
            "agent's private memory at 500 machines, a session each",
        ),
        Unit::Megabytes,
        // Twenty, and 60 KiB for each session.
        Goal::Median(50.7),
        Table::Budgets,
    ),
    budget(
        (
            "agent-sessions",
            "sessions opened a second, from the start of an agent with 500 machines",
        ),
        Unit::PerSecond,
        Goal::None,
        Table::Parts,
    ),
];
