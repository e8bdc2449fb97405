//! The agents' logs: of one hypervisor, or of all.

use archipel_fleet::{Fleet, Logged, VmRef};
use archipel_protocol::{HypervisorId, VmId, events::Severity};
use ratatui::layout::Rect;

use super::{Cx, instead_of_fleet};
use crate::{
    filter::Filter,
    format,
    subject::Subject,
    theme::Role,
    widgets::{
        grid::{Align, Column, Grid, Row},
        pen::{Pen, Span, span},
        rows::Rows,
        state::Instead,
    },
};

/// A log. Its rows are numbered entries of hypervisors, newest first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Of which hypervisor; `None`: of all.
    pub(crate) of: Option<HypervisorId>,
    pub(crate) rows: Rows<Entry>,
    pub(crate) filter: Filter,
    all: usize,
}

/// An entry as it is shown; the log itself is bounded.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    key: (HypervisorId, u64),
    vm: Option<VmId>,
    severity: Severity,
    when: String,
    host: String,
    name: String,
    what: String,
    text: String,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Entry {
    fn new(logged: &Logged, fleet: &Fleet) -> Self {
        let event = &logged.event;
        let by = event
            .by
            .as_ref()
            .map(|who| format!(" by {who}"))
            .unwrap_or_default();
        let host = fleet.hypervisor(&logged.hypervisor);
        Self {
            key: (logged.hypervisor.clone(), event.number),
            vm: event.vm,
            severity: event.severity,
            when: format::timestamp(&event.at),
            host: host.map_or_else(|| logged.hypervisor.to_string(), |host| host.name.clone()),
            name: event.name.clone(),
            what: event.what.clone(),
            text: format!("{}{by}", event.text),
        }
    }

    /// What it is about: a machine, or the hypervisor itself.
    pub(crate) fn subject(&self) -> Subject {
        let hypervisor = self.key.0.clone();
        match self.vm {
            Some(vm) => Subject::Vm(VmRef { hypervisor, vm }),
            None => Subject::Host(hypervisor),
        }
    }

    /// The name of what it is about.
    pub(crate) fn about(&self) -> &str {
        if self.vm.is_some() {
            &self.name
        } else {
            &self.host
        }
    }

    fn passes(&self, filter: &Filter, logged: &Logged, fleet: &Fleet) -> bool {
        let shown = [&self.host, &self.name, &self.what, &self.text];
        filter.is_empty() || filter.passes_event(logged, fleet, &shown)
    }
}

impl Log {
    pub(crate) fn rebuild(&mut self, fleet: &Fleet) {
        let own = |logged: &&Logged| {
            self.of
                .as_ref()
                .is_none_or(|host| logged.hypervisor == *host)
        };
        let mut entries: Vec<&Logged> = fleet.log().filter(own).collect();
        self.all = entries.len();
        entries.sort_by(|a, b| {
            b.event
                .at
                .cmp(&a.event.at)
                .then(b.event.number.cmp(&a.event.number))
        });
        let shown = entries.into_iter().filter_map(|logged| {
            let entry = Entry::new(logged, fleet);
            entry.passes(&self.filter, logged, fleet).then_some(entry)
        });
        let at_top = self.rows.position() == 0;
        self.rows.replace(shown.collect());
        if at_top {
            self.rows.step(crate::command::Step::Top);
        }
    }

    pub(crate) fn show(&mut self, of: &HypervisorId, fleet: &Fleet) {
        if self.of.as_ref() != Some(of) {
            self.of = Some(of.clone());
            self.rows = Rows::default();
            self.rebuild(fleet);
        }
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>, focused: bool) {
        if self.rows.is_empty() {
            self.instead(cx).draw(pen, area);
            return;
        }
        let columns = columns(self.of.is_none());
        let with_host = self.of.is_none();
        let build = |_: &Pen<'_>, entry: &Entry| Row {
            mark: false,
            cells: entry.cells(with_host),
            over: None,
        };
        Grid {
            columns: &columns,
            focused,
        }
        .draw(pen, area, &mut self.rows, build);
    }

    fn instead(&self, cx: Cx<'_>) -> Instead {
        if self.all > 0 {
            return Instead::Empty {
                what: "Nothing in the log matches the filter".to_owned(),
                next: "Esc clears it.".to_owned(),
            };
        }
        let host = self.of.as_ref().and_then(|id| cx.fleet.hypervisor(id));
        match host {
            Some(host) if host.newest_event > 0 && host.reach.is_online() => Instead::Loading {
                what: format!("Asking {} for its log", host.name),
                since: format!(
                    "it has {}",
                    format::counted(
                        usize::try_from(host.newest_event).unwrap_or(usize::MAX),
                        "entry"
                    )
                    .replace("entrys", "entries")
                ),
            },
            Some(host) if !host.reach.is_online() => Instead::Failed {
                why: format!(
                    "{} is not there, and its log was not read before",
                    host.name
                ),
                next: "It is read when the agent is back.".to_owned(),
            },
            None if cx.fleet.counts().hypervisors == 0 => instead_of_fleet(cx),
            _ => Instead::Empty {
                what: "Nothing in the log yet".to_owned(),
                next: "State changes and commands are written here as they happen.".to_owned(),
            },
        }
    }
}

impl Entry {
    fn cells(&self, with_host: bool) -> Vec<Vec<Span>> {
        let mut cells = vec![vec![span(Role::Dim, self.when.clone())]];
        if with_host {
            cells.push(vec![span(Role::Dim, self.host.clone())]);
        }
        cells.push(vec![span(Role::Strong, self.name.clone())]);
        cells.push(vec![span(self.role(), self.what.clone())]);
        cells.push(vec![span(Role::Text, self.text.clone())]);
        cells
    }

    /// What went wrong is to be found at a glance.
    fn role(&self) -> Role {
        match self.severity {
            Severity::Error => Role::Error,
            Severity::Warning => Role::Warning,
            Severity::Info => what_role(&self.what),
        }
    }
}

fn what_role(what: &str) -> Role {
    match what {
        "started" | "resumed" | "online" => Role::StateRunning,
        "paused" | "suspended" => Role::StatePaused,
        "crashed" | "failed" | "denied" => Role::StateCrashed,
        "stopped" | "shutdown" | "destroyed" => Role::StateOff,
        _ => Role::Text,
    }
}

fn columns(with_host: bool) -> Vec<Column> {
    let column = |title: &str, width, grows, drop| Column {
        title: title.to_owned(),
        align: Align::Left,
        width,
        grows,
        drop,
        sorted: None,
        chosen: false,
    };
    let mut columns = vec![column("time (UTC)", 14, false, 0)];
    if with_host {
        columns.push(column("hypervisor", 10, false, 2));
    }
    columns.extend([
        column("machine", 14, false, 0),
        column("event", 10, false, 0),
        column("what", 60, true, 1),
    ]);
    columns
}
