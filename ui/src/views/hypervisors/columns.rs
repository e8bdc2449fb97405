//! The columns of a table of hypervisors, and what stands in them.

use archipel_fleet::{Contact, Hypervisor, Wire};
use archipel_protocol::{HypervisorId, VmState};

use crate::{
    format,
    theme::Role,
    views::{Cx, reach_spans},
    widgets::{
        gauge,
        grid::Row,
        pen::{Pen, Span, span},
    },
};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostColumn {
    State,
    Name,
    Vms,
    States,
    Cpu,
    Memory,
    Load,
    Driver,
    Groups,
}

use HostColumn::{Cpu, Driver, Groups, Load, Memory, Name, State, States, Vms};

/// Columns in order, with title, width and what goes first.
pub(super) const COLUMNS: [(HostColumn, &str, usize, u8); 9] = [
    (State, "state", 18, 0),
    (Name, "name", 8, 0),
    (Vms, "vms", 4, 1),
    (States, "states", 20, 4),
    (Cpu, "cpu", 14, 2),
    (Memory, "memory", 13, 3),
    (Load, "load", 6, 5),
    (Driver, "driver", 12, 6),
    (Groups, "groups", 8, 7),
];

/// Builds the row of a hypervisor or of a contact.
pub(super) fn row(pen: &Pen<'_>, cx: Cx<'_>, id: &HypervisorId) -> Row {
    let Some(host) = cx.fleet.hypervisor(id) else {
        let contact = cx.fleet.contacts().find(|contact| contact.id == *id);
        return Row {
            mark: false,
            cells: contact.map_or_else(Vec::new, |contact| contact_cells(pen, contact)),
            over: None,
        };
    };
    let marked = !cx.marks.is_empty()
        && host.machines() > 0
        && cx.fleet.vms_of(id).all(|vm| cx.marks.has(&vm.at));
    let cells = COLUMNS
        .iter()
        .map(|(column, ..)| cell(pen, cx, host, *column))
        .collect();
    Row {
        mark: marked,
        cells,
        over: (!host.fresh.is_live()).then_some(Role::Stale),
    }
}

/// A contact that is not believed.
fn contact_cells(pen: &Pen<'_>, contact: &Contact) -> Vec<Vec<Span>> {
    let word = if contact.asked {
        "asked, no answer"
    } else {
        "not trusted"
    };
    vec![
        vec![span(Role::Warning, format!("{} {word}", pen.glyphs.half()))],
        vec![
            span(Role::Text, contact.name.clone()),
            span(Role::Dim, format!("  {}", contact.id)),
        ],
    ]
}

fn cell(pen: &Pen<'_>, cx: Cx<'_>, host: &Hypervisor, column: HostColumn) -> Vec<Span> {
    let load = host.load.as_ref();
    match column {
        State => reach_spans(host, cx, pen.glyphs),
        Name => vec![span(Role::Strong, host.name.clone())],
        Vms => vec![span(Role::Text, host.machines().to_string())],
        States => states(pen, host),
        Cpu => cpu(pen, host),
        Memory => memory_share(host).map_or_else(Vec::new, |permille| memory(host, permille)),
        Load => load
            .and_then(|load| load.load)
            .map_or_else(Vec::new, |[one, ..]| {
                vec![span(Role::Text, format::load(one))]
            }),
        Driver if host.wire == Wire::Original => vec![span(Role::Dim, "original agent")],
        Driver => host.row.as_ref().map_or_else(Vec::new, |row| {
            vec![span(
                Role::Dim,
                format!("{} {}", row.driver, format::version(row.driver_version)),
            )]
        }),
        Groups => vec![span(Role::Accent, host.groups.join(" "))],
    }
}

fn states(pen: &Pen<'_>, host: &Hypervisor) -> Vec<Span> {
    let present = VmState::ALL
        .into_iter()
        .filter(|state| host.machines_in(*state) > 0);
    let figure = |state: VmState| {
        span(
            Role::from(state),
            format!("{}{} ", pen.glyphs.state(state), host.machines_in(state)),
        )
    };
    present.map(figure).collect()
}

fn cpu(pen: &Pen<'_>, host: &Hypervisor) -> Vec<Span> {
    let Some(permille) = host.load.as_ref().and_then(|load| load.cpu_permille) else {
        return Vec::new();
    };
    let trend = gauge::sparkline(pen, host.cpu_trend.samples(), 1_000, 8);
    let role = match gauge::level(permille) {
        Role::Gauge => Role::Text,
        high => high,
    };
    vec![
        span(Role::Gauge, trend),
        span(role, format::right(&format::percent(permille), 5)),
    ]
}

/// Memory in use, thousandths.
pub(super) fn memory_share(host: &Hypervisor) -> Option<u32> {
    let used = host.load.as_ref()?.memory_kib?;
    Some(crate::views::health::share(
        used,
        host.row.as_ref()?.memory_kib,
    ))
}

fn memory(host: &Hypervisor, permille: u32) -> Vec<Span> {
    let role = match gauge::level(permille) {
        Role::Gauge => Role::Text,
        high => high,
    };
    let all = host.row.as_ref().map_or(0, |row| row.memory_kib);
    vec![
        span(role, format::right(&format::percent(permille), 4)),
        span(Role::Dim, format!(" of {}", format::memory(all))),
    ]
}
