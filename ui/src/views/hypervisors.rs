//! Tables of hypervisors: of the whole fleet, with the contacts that wait to be trusted, and of a group.

mod columns;

use std::cmp::Ordering;

use archipel_fleet::{Changes, Contact, Fleet, Hypervisor};
use archipel_protocol::{HypervisorId, VmState};
use ratatui::layout::Rect;

use super::{Cx, instead_of_fleet};
use crate::{
    filter::Filter,
    format,
    subject::Subject,
    widgets::{
        grid::{Align, Column, Grid, Order, widest},
        pen::Pen,
        rows::Rows,
        state::Instead,
    },
};
use columns::{
    COLUMNS, HostColumn,
    HostColumn::{Cpu, Driver, Groups, Load, Memory, Name, State, States, Vms},
    memory_share, row,
};

/// A table of hypervisors.
#[derive(Debug)]
pub(crate) struct Hypervisors {
    pub(crate) of: Subject,
    pub(crate) rows: Rows<HypervisorId>,
    pub(crate) filter: Filter,
    sort: HostColumn,
    descending: bool,
    chosen: HostColumn,
    name_width: usize,
}

impl Hypervisors {
    pub(crate) fn new(of: Subject) -> Self {
        Self {
            of,
            rows: Rows::default(),
            filter: Filter::default(),
            sort: Name,
            descending: false,
            chosen: Name,
            name_width: 8,
        }
    }

    /// Whether `changes` may move, add or remove rows.
    pub(crate) fn concerned(&self, changes: Changes) -> bool {
        let figures =
            !matches!(self.sort, Name | State | Groups | Driver) || !self.filter.is_empty();
        changes.has(Changes::STRUCTURE | Changes::CONTACTS | Changes::ROWS)
            || figures && changes.has(Changes::LOAD)
    }

    pub(crate) fn rebuild(&mut self, fleet: &Fleet) {
        let passing = self.filter.hosts(fleet);
        let mut shown: Vec<&Hypervisor> = self
            .of
            .hosts(fleet)
            .into_iter()
            .filter(|host| {
                passing
                    .as_ref()
                    .is_none_or(|hosts| hosts.contains(&host.id))
            })
            .collect();
        shown.sort_by(|a, b| {
            self.compare(a, b)
                .then_with(|| format::natural(&a.name, &b.name))
        });
        let mut keys: Vec<HypervisorId> = shown.iter().map(|host| host.id.clone()).collect();
        self.name_width = widest(shown.iter().map(|host| host.name.as_str()), 8, 32);
        if self.of == Subject::Fleet {
            let contacts = fleet
                .contacts()
                .filter(|contact| self.filter.passes_text(&contact.id.to_string()));
            let contacts: Vec<&Contact> = contacts.collect();
            self.name_width = self.name_width.max(widest(
                contacts.iter().map(|contact| contact.name.as_str()),
                8,
                32,
            ));
            keys.extend(contacts.into_iter().map(|contact| contact.id.clone()));
        }
        self.rows.replace(keys);
    }

    fn compare(&self, a: &Hypervisor, b: &Hypervisor) -> Ordering {
        let load = |host: &Hypervisor| host.load.clone().unwrap_or_default();
        let order = match self.sort {
            State => b.reach.is_online().cmp(&a.reach.is_online()),
            Name => format::natural(&a.name, &b.name),
            Vms => a.machines().cmp(&b.machines()),
            States => a
                .machines_in(VmState::Running)
                .cmp(&b.machines_in(VmState::Running)),
            Cpu => load(a).cpu_permille.cmp(&load(b).cpu_permille),
            Memory => memory_share(a).cmp(&memory_share(b)),
            Load => load(a).load.cmp(&load(b).load),
            Driver => a
                .row
                .as_ref()
                .map(|row| &row.driver)
                .cmp(&b.row.as_ref().map(|row| &row.driver)),
            Groups => a.groups.cmp(&b.groups),
        };
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }

    pub(crate) fn show(&mut self, of: &Subject, fleet: &Fleet) {
        if self.of != *of {
            self.of = of.clone();
            self.rows = Rows::default();
            self.rebuild(fleet);
        }
    }

    pub(crate) fn choose(&mut self, right: bool) {
        let at = COLUMNS
            .iter()
            .position(|(column, ..)| *column == self.chosen)
            .unwrap_or(0);
        let next = if right {
            (at + 1).min(COLUMNS.len() - 1)
        } else {
            at.saturating_sub(1)
        };
        self.chosen = COLUMNS[next].0;
    }

    pub(crate) fn sort_by_chosen(&mut self) {
        let figure = matches!(self.chosen, Vms | States | Cpu | Memory | Load);
        self.descending = if self.sort == self.chosen {
            !self.descending
        } else {
            figure
        };
        self.sort = self.chosen;
    }

    pub(crate) fn sort_by(&mut self, title: &str) -> bool {
        let found = COLUMNS.iter().find(|(_, known, ..)| *known == title);
        if let Some((column, ..)) = found {
            self.chosen = *column;
            self.sort_by_chosen();
        }
        found.is_some()
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>, focused: bool) {
        if self.rows.is_empty() {
            self.instead(cx).draw(pen, area);
            return;
        }
        let order = if self.descending {
            Order::Descending
        } else {
            Order::Ascending
        };
        let columns: Vec<Column> = COLUMNS
            .iter()
            .map(|(which, title, width, drop)| Column {
                title: (*title).to_owned(),
                align: if matches!(which, Vms | Load) {
                    Align::Right
                } else {
                    Align::Left
                },
                width: if *which == Name {
                    self.name_width
                } else {
                    *width
                },
                grows: matches!(which, Name | Groups),
                drop: *drop,
                sorted: (*which == self.sort).then_some(order),
                chosen: *which == self.chosen,
            })
            .collect();
        let build = |pen: &Pen<'_>, id: &HypervisorId| row(pen, cx, id);
        Grid {
            columns: &columns,
            focused,
        }
        .draw(pen, area, &mut self.rows, build);
    }

    fn instead(&self, cx: Cx<'_>) -> Instead {
        if self.filter.is_empty() {
            return instead_of_fleet(cx);
        }
        Instead::Empty {
            what: format!(
                "No hypervisor matches `{}`",
                format::cut(self.filter.text(), 40, "…")
            ),
            next: "Esc clears the filter.".to_owned(),
        }
    }
}
