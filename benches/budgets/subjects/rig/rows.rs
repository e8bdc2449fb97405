//! The rows of the simulated fleets.

use crate::frame::{Goal, Row, Table, Unit};

const EJABBERD: &str = "ejabberd, limits raised, TLS";
const PROSODY: &str = "Prosody, limits raised, TLS";
const STOCK_EJABBERD: &str = "ejabberd, stock limits, TLS";
const STOCK_PROSODY: &str = "Prosody, stock limits, TLS";

const fn row(
    (name, what): (&'static str, &'static str),
    place: &'static str,
    unit: Unit,
    goal: Goal,
) -> Row {
    Row {
        name,
        what,
        goal,
        unit,
        place,
        table: Table::Budgets,
    }
}

const fn seconds(name: (&'static str, &'static str), place: &'static str, goal: Goal) -> Row {
    row(name, place, Unit::Seconds, goal)
}

/// 1,000 hypervisors, 16,000 machines on ejabberd.
pub(crate) const SYNC_LARGE_EJABBERD: &[Row] = &[
    seconds(
        (
            "sync-1000-ejabberd-first",
            "first ever sync, 1,000 hosts / 16,000 machines, ejabberd",
        ),
        EJABBERD,
        Goal::None,
    ),
    seconds(
        (
            "sync-1000-ejabberd-warm",
            "warm resync, 1,000 hosts / 16,000 machines, ejabberd",
        ),
        EJABBERD,
        Goal::None,
    ),
];

/// The same on Prosody.
pub(crate) const SYNC_LARGE_PROSODY: &[Row] = &[
    seconds(
        (
            "sync-1000-prosody-first",
            "first ever sync, 1,000 hosts / 16,000 machines, Prosody",
        ),
        PROSODY,
        Goal::None,
    ),
    seconds(
        (
            "sync-1000-prosody-warm",
            "warm resync, 1,000 hosts / 16,000 machines, Prosody",
        ),
        PROSODY,
        Goal::None,
    ),
];

/// 2,500 hypervisors, 40,000 machines on ejabberd.
pub(crate) const SYNC_FULL_EJABBERD: &[Row] = &[
    seconds(
        (
            "sync-2500-ejabberd-first",
            "first ever sync, 2,500 hosts / 40,000 machines, ejabberd",
        ),
        EJABBERD,
        Goal::Median(5.0),
    ),
    seconds(
        (
            "sync-2500-ejabberd-warm",
            "warm resync, 2,500 hosts / 40,000 machines, ejabberd",
        ),
        EJABBERD,
        Goal::Median(2.0),
    ),
];

/// The same on Prosody.
pub(crate) const SYNC_FULL_PROSODY: &[Row] = &[
    seconds(
        (
            "sync-2500-prosody-first",
            "first ever sync, 2,500 hosts / 40,000 machines, Prosody",
        ),
        PROSODY,
        Goal::Median(15.0),
    ),
    seconds(
        (
            "sync-2500-prosody-warm",
            "warm resync, 2,500 hosts / 40,000 machines, Prosody",
        ),
        PROSODY,
        Goal::Median(4.0),
    ),
];

/// The operator's program in front of 10,000 machines.
pub(crate) const KEYS_LARGE: &[Row] = &[
    row(
        (
            "keys-10000",
            "key to frame at 10,000 rows under 1,000 updates/s",
        ),
        EJABBERD,
        Unit::Milliseconds,
        Goal::P99(16.0),
    ),
    row(
        (
            "memory-10000",
            "operator's private memory at 10,000 machines",
        ),
        EJABBERD,
        Unit::Megabytes,
        Goal::Median(60.0),
    ),
];

/// The operator's program in front of 40,000 machines.
pub(crate) const KEYS_FULL: &[Row] = &[
    row(
        (
            "keys-40000",
            "key to frame at 40,000 rows under 1,000 updates/s",
        ),
        EJABBERD,
        Unit::Milliseconds,
        Goal::P99(16.0),
    ),
    row(
        (
            "memory-40000",
            "operator's private memory at 40,000 machines",
        ),
        EJABBERD,
        Unit::Megabytes,
        Goal::Median(200.0),
    ),
];

/// A thousand agents, ten deaths of the bus.
pub(crate) const BACK_TEN_TIMES: &[Row] = &[
    seconds(
        (
            "back-1000",
            "1,000 agents back after the bus was killed, ten times in a row",
        ),
        EJABBERD,
        Goal::Computed("10 s + 1.5 × 1,000 ÷ logins/s"),
    ),
    row(
        (
            "back-1000-commands",
            "of ten commands issued while the bus was dead, done or refused clearly",
        ),
        EJABBERD,
        Unit::Commands,
        Goal::AtLeast(10.0),
    ),
];

/// All agents, one death of the bus.
pub(crate) const BACK_FULL: &[Row] = &[seconds(
    ("back-2500", "2,500 agents back after the bus was killed"),
    EJABBERD,
    Goal::Computed("10 s + 1.5 × 2,500 ÷ logins/s"),
)];

/// One verb for a thousand machines.
pub(crate) const STARTS: &[Row] = &[seconds(
    (
        "starts-1000",
        "1,000 machines on 1,000 hosts started: planned, sent, acknowledged",
    ),
    EJABBERD,
    Goal::Median(2.5),
)];

/// A host behind stock limits of ejabberd.
pub(crate) const STOCK_ON_EJABBERD: &[Row] = &[
    seconds(
        (
            "stock-ejabberd",
            "a 30-machine host in sync under stock limits, ejabberd",
        ),
        STOCK_EJABBERD,
        Goal::Median(10.0),
    ),
    row(
        (
            "stock-ejabberd-bytes",
            "bytes of that host while a state watch is open, both ways, ejabberd",
        ),
        STOCK_EJABBERD,
        Unit::BytesPerSecond,
        Goal::Median(60.0),
    ),
];

/// The same on Prosody.
pub(crate) const STOCK_ON_PROSODY: &[Row] = &[
    seconds(
        (
            "stock-prosody",
            "a 30-machine host in sync under stock limits, Prosody",
        ),
        STOCK_PROSODY,
        Goal::Median(10.0),
    ),
    row(
        (
            "stock-prosody-bytes",
            "bytes of that host while a state watch is open, both ways, Prosody",
        ),
        STOCK_PROSODY,
        Unit::BytesPerSecond,
        Goal::Median(60.0),
    ),
];

/// Machines as contacts, on ejabberd.
pub(crate) const SESSIONS_EJABBERD: &[Row] = &[
    seconds(
        (
            "sessions-ejabberd",
            "100 hosts, 2,500 machines with sessions: all contacts, accounts made on the way, ejabberd",
        ),
        EJABBERD,
        Goal::None,
    ),
    row(
        (
            "sessions-ejabberd-memory",
            "memory of a machine's session in its agent, ejabberd",
        ),
        EJABBERD,
        Unit::Kilobytes,
        Goal::Median(61.4),
    ),
];

/// The same on Prosody.
pub(crate) const SESSIONS_PROSODY: &[Row] = &[
    seconds(
        (
            "sessions-prosody",
            "100 hosts, 2,500 machines with sessions: all contacts, accounts made on the way, Prosody",
        ),
        PROSODY,
        Goal::None,
    ),
    row(
        (
            "sessions-prosody-memory",
            "memory of a machine's session in its agent, Prosody",
        ),
        PROSODY,
        Unit::Kilobytes,
        Goal::Median(61.4),
    ),
];
