//! One line of the tree: mark, sign and name on the left, figures in columns on the right.

use archipel_fleet::{Hypervisor, Vm};
use ratatui::layout::Rect;

use super::index::{Node, Roster};
use crate::{
    format,
    subject::{GroupName, Subject},
    theme::Role,
    views::{Cx, reach_parts},
    widgets::{
        gauge,
        pen::{Pen, Span, after, cells, span, width_of},
    },
};

/// Cells of the columns on the right: the word or the sparkline, the share, the size or count.
const COLUMNS: [usize; 3] = [9, 5, 6];

impl Roster {
    pub(super) fn line(&self, pen: &mut Pen<'_>, area: Rect, node: &Node, cx: Cx<'_>) {
        match &node.subject {
            Subject::Fleet => {}
            Subject::Group(name) => self.group(pen, area, node, name, cx),
            Subject::Host(id) => {
                if let Some(host) = cx.fleet.hypervisor(id) {
                    self.host(pen, area, node, host, cx);
                }
            }
            Subject::Vm(at) => {
                if let Some(vm) = cx.fleet.vm(at) {
                    self.vm(pen, area, vm, cx);
                }
            }
        }
    }

    fn group(&self, pen: &mut Pen<'_>, area: Rect, node: &Node, name: &GroupName, cx: Cx<'_>) {
        let counts = self.groups.get(name).copied().unwrap_or_default();
        let role = if counts.online == counts.all {
            Role::Dim
        } else {
            Role::Warning
        };
        let fold = self.fold_sign(pen, node, cx);
        let name = name.as_deref().unwrap_or("ungrouped");
        let left = [
            span(Role::Mark, Self::mark(node, cx)),
            span(Role::Dim, format!("{fold} ")),
            span(Role::Strong, name),
        ];
        spread(
            pen,
            area,
            &left,
            &[span(role, format!("{}/{} ", counts.online, counts.all))],
        );
    }

    fn host(&self, pen: &mut Pen<'_>, area: Rect, node: &Node, host: &Hypervisor, cx: Cx<'_>) {
        let (role, sign, word) = reach_parts(host, pen.glyphs);
        let stale = !host.fresh.is_live();
        let fold = self.fold_sign(pen, node, cx);
        let indent = if self.grouped { " " } else { "" };
        let name_role = if stale { Role::Stale } else { Role::Strong };
        let left = [
            span(Role::Mark, Self::mark(node, cx)),
            span(Role::Dim, format!("{indent}{fold} ")),
            span(role, format!("{sign} ")),
            span(name_role, host.name.clone()),
        ];
        let middle = if role == Role::Online {
            let trend = gauge::sparkline(pen, host.cpu_trend.samples(), 1_000, COLUMNS[0] - 1);
            span(Role::Gauge, format!("{trend} "))
        } else {
            span(role, format::left(word, COLUMNS[0]))
        };
        let share = match (
            stale,
            host.load.as_ref().and_then(|load| load.cpu_permille),
            host.heard,
        ) {
            (true, _, Some(heard)) => span(
                Role::Stale,
                format::right(&format::short_age(heard, cx.now.moment), COLUMNS[1]),
            ),
            (false, Some(cpu), _) => span(
                cpu_role(cpu),
                format::right(&format::percent(cpu), COLUMNS[1]),
            ),
            _ => span(Role::Dim, " ".repeat(COLUMNS[1])),
        };
        let count = span(
            Role::Dim,
            format::right(&host.machines().to_string(), COLUMNS[2]),
        );
        spread(
            pen,
            area,
            &left,
            &[middle, share, count, span(Role::Text, " ")],
        );
    }

    fn vm(&self, pen: &mut Pen<'_>, area: Rect, vm: &Vm, cx: Cx<'_>) {
        let old = !vm.fresh.is_live();
        let state = if old {
            Role::Stale
        } else {
            Role::from(vm.state)
        };
        let mark = if cx.marks.has(&vm.at) { "*" } else { " " };
        let indent = if self.grouped { "    " } else { "   " };
        let alarm = cx.fleet.is_duplicate(&vm.at);
        let name_role = if alarm {
            Role::Error
        } else if old {
            Role::Stale
        } else {
            Role::Text
        };
        let left = [
            span(Role::Mark, mark),
            span(Role::Dim, indent),
            span(state, format!("{} ", pen.glyphs.state(vm.state))),
            span(name_role, vm.name.to_string()),
        ];
        let share = vm.load.filter(|_| !old).and_then(|load| load.cpu_permille);
        let right = [
            span(state, format::left(vm.state.word(), COLUMNS[0])),
            span(
                Role::Dim,
                format::right(&share.map(format::percent).unwrap_or_default(), COLUMNS[1]),
            ),
            span(
                Role::Dim,
                format::right(&format::known_memory(vm.memory_kib), COLUMNS[2]),
            ),
            span(Role::Text, " "),
        ];
        spread(pen, area, &left, &right);
    }

    /// A sign where all machines inside are marked.
    fn mark(node: &Node, cx: Cx<'_>) -> &'static str {
        let all_marked = || {
            let vms = node.subject.vms(cx.fleet);
            !vms.is_empty() && vms.iter().all(|vm| cx.marks.has(&vm.at))
        };
        if !cx.marks.is_empty() && all_marked() {
            "*"
        } else {
            " "
        }
    }

    fn fold_sign(&self, pen: &Pen<'_>, node: &Node, cx: Cx<'_>) -> &'static str {
        let open = !self.filter.is_empty() || self.is_open(cx.fleet, node);
        if open {
            pen.glyphs.open()
        } else {
            pen.glyphs.closed()
        }
    }
}

/// Draws both ends of a line; the left one is cut where they would meet.
fn spread(pen: &mut Pen<'_>, area: Rect, left: &[Span], right: &[Span]) {
    let taken = cells(width_of(right) + 1).min(area.width);
    pen.spans(
        Rect {
            width: area.width - taken,
            ..area
        },
        left,
    );
    pen.spans_right(after(area, 0), right);
}

fn cpu_role(permille: u32) -> Role {
    match gauge::level(permille) {
        Role::Gauge => Role::Text,
        high => high,
    }
}
