//! Tables of machines: of the whole fleet, of a group, of a hypervisor.

mod columns;

pub(crate) use columns::VmColumn;

use std::collections::{HashMap, HashSet};

use archipel_fleet::{Changes, Fleet, Look, Vm, VmRef};
use archipel_protocol::HypervisorId;
use ratatui::layout::Rect;

use super::{Cx, instead_of_fleet, instead_of_host};
use crate::{
    filter::Filter,
    format,
    subject::Subject,
    widgets::{
        grid::{Column, Grid, Order, Row, widest},
        pen::Pen,
        rows::Rows,
        state::Instead,
    },
};

/// A table of machines.
#[derive(Debug)]
pub(crate) struct Vms {
    pub(crate) of: Subject,
    pub(crate) rows: Rows<VmRef>,
    pub(crate) filter: Filter,
    sort: VmColumn,
    descending: bool,
    chosen: VmColumn,
    /// Cells of the longest name and of the longest name of a hypervisor.
    widths: (usize, usize),
    /// Machines before the filter.
    all: usize,
}

impl Vms {
    pub(crate) fn new(of: Subject) -> Self {
        Self {
            of,
            rows: Rows::default(),
            filter: Filter::default(),
            sort: VmColumn::Name,
            descending: false,
            chosen: VmColumn::Name,
            widths: (8, 8),
            all: 0,
        }
    }

    /// Whether `changes` may move, add or remove rows.
    pub(crate) fn concerned(&self, changes: Changes) -> bool {
        let figures = self.sort.is_figure() || !self.filter.is_empty();
        changes.has(Changes::STRUCTURE)
            || changes.has(Changes::ROWS) && (figures || self.sort == VmColumn::State)
            || changes.has(Changes::LOAD) && figures
    }

    /// Computes the rows anew.
    pub(crate) fn rebuild(&mut self, fleet: &Fleet) {
        let hosts = self.of.hosts(fleet);
        self.all = hosts.iter().map(|host| host.machines() as usize).sum();
        let mut shown: Vec<&Vm> = match self.filter.vms(fleet) {
            None => self.of.vms(fleet),
            Some(passing) => {
                let own: HashSet<_> = hosts.iter().map(|host| &host.id).collect();
                let passing = passing.iter().filter(|vm| own.contains(&vm.hypervisor));
                passing.filter_map(|vm| fleet.vm(vm)).collect()
            }
        };
        if !self.filter.orders_vms() {
            self.sort(fleet, &mut shown);
        }
        let host_names = hosts.iter().map(|host| host.name.as_str());
        self.widths = (
            widest(shown.iter().map(|vm| &*vm.name), 8, 28),
            widest(host_names, 6, 20),
        );
        self.rows
            .replace(shown.into_iter().map(|vm| vm.at.clone()).collect());
    }

    /// Equal ones keep the fleet's order: by hypervisor, then by name.
    fn sort(&self, fleet: &Fleet, vms: &mut [&Vm]) {
        if vms
            .first()
            .is_some_and(|vm| self.sort.number(vm, 0).is_some())
        {
            return self.sort_by_number(fleet, vms);
        }
        vms.sort_by(|a, b| {
            let order = self.sort.compare(a, b);
            if self.descending {
                order.reverse()
            } else {
                order
            }
        });
    }

    /// The number is computed once for each, not at every comparison: there are tens of thousands.
    fn sort_by_number(&self, fleet: &Fleet, vms: &mut [&Vm]) {
        let names = fleet.hypervisors().enumerate();
        let hosts: HashMap<&HypervisorId, usize> = if self.sort == VmColumn::Host {
            names.map(|(at, host)| (&host.id, at)).collect()
        } else {
            HashMap::new()
        };
        vms.sort_by_cached_key(|vm| {
            let host = hosts.get(&vm.at.hypervisor).copied().unwrap_or_default();
            let number = self.sort.number(vm, host).unwrap_or_default();
            if self.descending { !number } else { number }
        });
    }

    /// Goes to another subject; filter and order stay.
    pub(crate) fn show(&mut self, of: &Subject, fleet: &Fleet) {
        if self.of != *of {
            self.of = of.clone();
            self.rows = Rows::default();
            self.rebuild(fleet);
        }
    }

    /// Chooses the column beside the chosen one.
    pub(crate) fn choose(&mut self, right: bool) {
        self.chosen = self.chosen.neighbour(right, self.shows_host());
    }

    /// Sorts by the chosen column, or turns the order. Figures begin with the greatest.
    pub(crate) fn sort_by_chosen(&mut self) {
        self.descending = if self.sort == self.chosen {
            !self.descending
        } else {
            self.chosen.is_figure()
        };
        self.sort = self.chosen;
        self.filter.overrule_order();
    }

    /// Sorts by the column with this title.
    pub(crate) fn sort_by(&mut self, title: &str) -> bool {
        let found = VmColumn::ALL
            .into_iter()
            .find(|column| column.title().trim() == title);
        if let Some(column) = found {
            self.chosen = column;
            self.sort_by_chosen();
        }
        found.is_some()
    }

    /// At what the rows show that were drawn last.
    pub(crate) fn look(&self) -> Look {
        let seen = self.rows.seen().iter().map(|vm| &vm.hypervisor);
        Look::over(seen, self.rows.cursor().map(|vm| &vm.hypervisor))
    }

    fn shows_host(&self) -> bool {
        !matches!(self.of, Subject::Host(_))
    }

    fn shown_columns(&self) -> impl Iterator<Item = VmColumn> + '_ {
        VmColumn::ALL
            .into_iter()
            .filter(|column| *column != VmColumn::Host || self.shows_host())
    }

    fn columns(&self) -> Vec<Column> {
        let order = if self.descending {
            Order::Descending
        } else {
            Order::Ascending
        };
        let column = |which: VmColumn| Column {
            title: which.title().to_owned(),
            align: which.align(),
            width: which.width(self.widths),
            grows: matches!(which, VmColumn::Name | VmColumn::Host | VmColumn::Tags),
            drop: which.drop_order(),
            sorted: (which == self.sort && !self.filter.orders_vms()).then_some(order),
            chosen: which == self.chosen,
        };
        self.shown_columns().map(column).collect()
    }

    /// Draws the table.
    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>, focused: bool) {
        if let Some(instead) = self.instead(cx) {
            instead.draw(pen, area);
            return;
        }
        let columns = self.columns();
        let shown: Vec<VmColumn> = self.shown_columns().collect();
        let build = |pen: &Pen<'_>, at: &VmRef| row(pen, cx, at, &shown);
        Grid {
            columns: &columns,
            focused,
        }
        .draw(pen, area, &mut self.rows, build);
    }

    fn instead(&self, cx: Cx<'_>) -> Option<Instead> {
        if !self.rows.is_empty() {
            return None;
        }
        if self.all > 0 {
            return Some(Instead::Empty {
                what: format!(
                    "None of {} matches `{}`",
                    format::counted(self.all, "machine"),
                    format::cut(self.filter.text(), 40, "…")
                ),
                next: "Esc clears the filter.".to_owned(),
            });
        }
        let host = self.of.host().and_then(|id| cx.fleet.hypervisor(id));
        match host {
            _ if cx.fleet.counts().hypervisors == 0 => Some(instead_of_fleet(cx)),
            Some(host) => instead_of_host(host, cx).or_else(|| Some(no_machines(&host.name))),
            None => Some(no_machines("this group")),
        }
    }

    /// Shown and all, for the title.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.rows.len(), self.all)
    }
}

fn no_machines(of: &str) -> Instead {
    Instead::Empty {
        what: format!("No machines on {of}"),
        next: "Define one with virsh or virt-manager: it appears here by itself.".to_owned(),
    }
}

fn row(pen: &Pen<'_>, cx: Cx<'_>, at: &VmRef, columns: &[VmColumn]) -> Row {
    let Some(vm) = cx.fleet.vm(at) else {
        return Row {
            mark: false,
            cells: Vec::new(),
            over: None,
        };
    };
    Row {
        mark: cx.marks.has(at),
        cells: columns
            .iter()
            .map(|column| column.cell(pen, cx, vm))
            .collect(),
        over: (!vm.fresh.is_live()).then_some(crate::theme::Role::Stale),
    }
}
