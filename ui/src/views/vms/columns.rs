//! The columns of a table of machines.

use std::cmp::Ordering;

use archipel_fleet::{Freshness, Vm};

use crate::{
    format,
    theme::Role,
    views::Cx,
    widgets::{
        gauge,
        grid::Align,
        pen::{Pen, Span, span},
    },
};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VmColumn {
    State,
    Name,
    Host,
    Vcpus,
    Memory,
    Cpu,
    Disk,
    Net,
    Tags,
}

impl VmColumn {
    pub(crate) const ALL: [Self; 9] = [
        Self::State,
        Self::Name,
        Self::Host,
        Self::Vcpus,
        Self::Memory,
        Self::Cpu,
        Self::Disk,
        Self::Net,
        Self::Tags,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Host => "hypervisor",
            Self::Vcpus => "vcpus",
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::Disk => "disk r/w",
            Self::Net => "net rx/tx",
            Self::Tags => "tags",
        }
    }

    pub(super) const fn align(self) -> Align {
        match self {
            Self::State | Self::Name | Self::Host | Self::Tags => Align::Left,
            _ => Align::Right,
        }
    }

    /// `widths`: of the longest name and the longest name of a hypervisor.
    pub(super) fn width(self, widths: (usize, usize)) -> usize {
        match self {
            Self::State => 15,
            Self::Name => widths.0,
            Self::Host => widths.1.max(10),
            Self::Vcpus | Self::Memory => 6,
            Self::Cpu => 10,
            Self::Disk | Self::Net => 11,
            Self::Tags => 8,
        }
    }

    /// What goes first when there is no room.
    pub(super) const fn drop_order(self) -> u8 {
        match self {
            Self::State | Self::Name => 0,
            Self::Host => 1,
            Self::Cpu => 2,
            Self::Memory => 3,
            Self::Vcpus => 4,
            Self::Net => 5,
            Self::Disk => 6,
            Self::Tags => 7,
        }
    }

    /// Whether it changes with the load.
    pub(super) const fn is_figure(self) -> bool {
        matches!(
            self,
            Self::Cpu | Self::Disk | Self::Net | Self::Memory | Self::Vcpus
        )
    }

    pub(super) fn neighbour(self, right: bool, with_host: bool) -> Self {
        let shown: Vec<Self> = Self::ALL
            .into_iter()
            .filter(|column| with_host || *column != Self::Host)
            .collect();
        let at = shown.iter().position(|column| *column == self).unwrap_or(0);
        let next = if right {
            (at + 1).min(shown.len() - 1)
        } else {
            at.saturating_sub(1)
        };
        shown[next]
    }

    /// What machines are ordered by, where that is a number; what is not known comes first. `host`: the hypervisor's number in
    /// the fleet's order.
    pub(super) fn number(self, vm: &Vm, host: usize) -> Option<u64> {
        let known = |number: Option<u64>| number.map_or(0, |number| number.saturating_add(1));
        let total = |pair: Option<(u64, u64)>| known(pair.map(|(a, b)| a.saturating_add(b)));
        Some(match self {
            Self::State => vm.state as u64,
            Self::Host => host as u64,
            Self::Vcpus => vm.vcpus.into(),
            Self::Memory => vm.memory_kib,
            Self::Cpu => known(vm.load.and_then(|load| load.cpu_permille).map(u64::from)),
            Self::Disk => total(vm.load.and_then(|load| load.disk)),
            Self::Net => total(vm.load.and_then(|load| load.net)),
            Self::Name | Self::Tags => return None,
        })
    }

    /// How two machines are ordered where that is no number.
    pub(super) fn compare(self, a: &Vm, b: &Vm) -> Ordering {
        match self {
            Self::Tags => a.tags.cmp(&b.tags),
            _ => format::natural(&a.name, &b.name),
        }
    }

    pub(super) fn cell(self, pen: &Pen<'_>, cx: Cx<'_>, vm: &Vm) -> Vec<Span> {
        let live = vm.load.filter(|_| vm.fresh.is_live());
        match self {
            Self::State => state(pen, cx, vm),
            Self::Name => name(pen, cx, vm),
            Self::Host => vec![span(Role::Dim, host_name(cx, vm))],
            Self::Vcpus => vec![span(Role::Text, format::processors(vm.vcpus))],
            Self::Memory => vec![span(Role::Text, format::known_memory(vm.memory_kib))],
            Self::Cpu => live
                .and_then(|load| load.cpu_permille)
                .map_or_else(Vec::new, |cpu| self::cpu(pen, vm, cpu)),
            Self::Disk => pair(live.and_then(|load| load.disk)),
            Self::Net => pair(live.and_then(|load| load.net)),
            Self::Tags => vec![span(Role::Accent, vm.tags.join(" "))],
        }
    }
}

fn host_name(cx: Cx<'_>, vm: &Vm) -> String {
    let host = cx.fleet.hypervisor(&vm.at.hypervisor);
    host.map_or_else(|| vm.at.hypervisor.to_string(), |host| host.name.clone())
}

/// The word gives way to the age where the state is old.
fn state(pen: &Pen<'_>, cx: Cx<'_>, vm: &Vm) -> Vec<Span> {
    let role = Role::from(vm.state);
    let word = span(
        role,
        format!("{} {}", pen.glyphs.state(vm.state), vm.state.word()),
    );
    match vm.fresh {
        Freshness::Live => vec![word],
        Freshness::Stale { since } => {
            vec![
                word,
                span(
                    Role::Stale,
                    format!(" {}", format::short_age(since, cx.now.moment)),
                ),
            ]
        }
    }
}

fn name(pen: &Pen<'_>, cx: Cx<'_>, vm: &Vm) -> Vec<Span> {
    let mut spans = vec![span(Role::Text, vm.name.to_string())];
    if cx.fleet.is_duplicate(&vm.at) {
        spans.insert(0, span(Role::Error, format!("{} ", pen.glyphs.warning())));
    } else if vm.last_error.is_some() {
        spans.insert(0, span(Role::Warning, format!("{} ", pen.glyphs.warning())));
    }
    spans
}

/// Sparkline and share of all of the machine's processors.
fn cpu(pen: &Pen<'_>, vm: &Vm, permille: u32) -> Vec<Span> {
    let full = vm.vcpus.max(1) * 1_000;
    let trend = gauge::sparkline(pen, vm.trend.samples(), full, 5);
    let role = match gauge::level(permille / vm.vcpus.max(1)) {
        Role::Gauge => Role::Text,
        high => high,
    };
    vec![
        span(Role::Gauge, trend),
        span(role, format::right(&format::percent(permille), 5)),
    ]
}

fn pair(rates: Option<(u64, u64)>) -> Vec<Span> {
    let Some((first, second)) = rates else {
        return Vec::new();
    };
    if first == 0 && second == 0 {
        return vec![span(Role::Faint, "0")];
    }
    vec![
        span(Role::Text, format::short_rate(first)),
        span(Role::Faint, "/"),
        span(Role::Text, format::short_rate(second)),
    ]
}
