//! A machine: state, size, flags and figures.

use archipel_fleet::{Freshness, Vm, VmRef};
use archipel_protocol::feed::{VmFlags, VmLoad};
use ratatui::layout::Rect;

use super::Cx;
use crate::{
    format,
    theme::Role,
    widgets::{
        frame, gauge,
        pen::{Pen, Span, after, below, line, span},
        state::{Instead, wrap},
    },
};

/// Cells of the words on the left.
const LABEL: u16 = 14;

/// Draws the tab.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, at: &VmRef, cx: Cx<'_>) {
    let Some(vm) = cx.fleet.vm(at) else {
        let what = "This machine is gone".to_owned();
        let next = "Its hypervisor no longer has it. Esc goes back.".to_owned();
        Instead::Empty { what, next }.draw(pen, area);
        return;
    };
    let used = alarms(pen, area, vm, cx);
    let area = below(area, used);
    let facts = facts(pen, vm, cx);
    for (at, (label, value)) in facts.iter().enumerate() {
        fact(pen, line(area, at), label, value);
    }
    figures(pen, below(area, facts.len() + 1), vm);
    if !vm.fresh.is_live() {
        pen.tint(area, Role::Stale);
    }
}

fn fact(pen: &mut Pen<'_>, area: Rect, label: &str, value: &[Span]) {
    pen.text(area, Role::Dim, label);
    pen.spans(after(area, LABEL), value);
}

/// What is wrong with it, before all else.
fn alarms(pen: &mut Pen<'_>, area: Rect, vm: &Vm, cx: Cx<'_>) -> usize {
    let mut alarms = Vec::new();
    if cx.fleet.is_duplicate(&vm.at) {
        let others = cx
            .fleet
            .duplicates()
            .find(|(id, _)| *id == vm.at.vm)
            .map_or(&[][..], |(_, hosts)| hosts);
        let names: Vec<String> = others.iter().map(ToString::to_string).collect();
        alarms.push((
            Role::Error,
            format!(
                "One uuid on several hypervisors: {}. Mass actions leave it out.",
                names.join(", ")
            ),
        ));
    }
    if let Some(why) = &vm.last_error {
        alarms.push((
            Role::Warning,
            format!(
                "The last command failed: {}",
                archipel_protocol::text::clean_line(why, 300)
            ),
        ));
    }
    let room = usize::from(area.width).saturating_sub(3);
    let mut used = 0;
    for (role, text) in alarms {
        for words in wrap(&text, room).iter().take(3) {
            let sign = if used == 0 { pen.glyphs.warning() } else { " " };
            pen.spans(
                line(area, used),
                &[span(role, format!("{sign} ")), span(role, words)],
            );
            used += 1;
        }
    }
    if used > 0 { used + 1 } else { 0 }
}

fn facts(pen: &Pen<'_>, vm: &Vm, cx: Cx<'_>) -> Vec<(&'static str, Vec<Span>)> {
    let host = cx.fleet.hypervisor(&vm.at.hypervisor);
    let host_name = host.map_or_else(|| vm.at.hypervisor.to_string(), |host| host.name.clone());
    let text = |text: String| vec![span(Role::Text, text)];
    let mut facts = vec![
        ("State", state(pen, vm, cx)),
        (
            "Hypervisor",
            vec![
                span(Role::Text, host_name),
                span(Role::Dim, format!("  {}", vm.at.hypervisor)),
            ],
        ),
        ("Id", text(vm.at.vm.to_string())),
        ("Processors", text(format::processors(vm.vcpus))),
        ("Memory", text(format::known_memory(vm.memory_kib))),
        ("Flags", vec![span(Role::Text, flags(vm.flags))]),
    ];
    if let Some(card) = vm.organisation.as_deref() {
        let said = [&card.name, &card.unit, &card.locality, &card.categories];
        let said = said.map(String::as_str).into_iter();
        let said: Vec<&str> = said.filter(|said| !said.is_empty()).collect();
        if !card.owner.is_empty() {
            facts.push(("Owner", text(card.owner.clone())));
        }
        if !said.is_empty() {
            facts.push(("Of", text(said.join(", "))));
        }
    }
    if !vm.tags.is_empty() {
        facts.push(("Tags", vec![span(Role::Accent, vm.tags.join("  "))]));
    }
    facts
}

fn state(pen: &Pen<'_>, vm: &Vm, cx: Cx<'_>) -> Vec<Span> {
    let word = span(
        Role::from(vm.state),
        format!("{} {}", pen.glyphs.state(vm.state), vm.state),
    );
    match vm.fresh {
        Freshness::Live => vec![word],
        Freshness::Stale { since } => {
            let age = format!(
                "  not current: it was so {}",
                format::age(since, cx.now.moment)
            );
            vec![word, span(Role::Stale, age)]
        }
    }
}

fn flags(flags: VmFlags) -> String {
    let words = [
        (flags.managed, "managed"),
        (!flags.managed, "shown, not managed"),
        (flags.autostart, "starts with its host"),
        (flags.protected, "protected"),
        (flags.saved, "memory saved"),
        (flags.transient, "transient"),
        (flags.session, "own session on the bus"),
    ];
    let on: Vec<&str> = words
        .into_iter()
        .filter_map(|(on, word)| on.then_some(word))
        .collect();
    on.join(", ")
}

fn figures(pen: &mut Pen<'_>, area: Rect, vm: &Vm) {
    frame::heading(pen, line(area, 0), &[span(Role::Strong, "Figures")], &[]);
    let Some(load) = vm.load.filter(|_| vm.fresh.is_live()) else {
        let why = if vm.state.is_active() {
            "none yet"
        } else {
            "none while it is off"
        };
        pen.text(below(area, 1), Role::Dim, why);
        return;
    };
    let gauges = below(area, 1);
    cpu(pen, line(gauges, 0), vm, load);
    if let Some(used) = load.memory_kib {
        let figure = format!("{} on the host", format::memory(used));
        bar(
            pen,
            line(gauges, 1),
            "Memory",
            &figure,
            super::health::share(used, vm.memory_kib),
        );
    }
    rates(
        pen,
        line(gauges, 2),
        "Disks",
        [("read", "written")],
        load.disk,
    );
    rates(
        pen,
        line(gauges, 3),
        "Network",
        [("received", "sent")],
        load.net,
    );
}

fn cpu(pen: &mut Pen<'_>, area: Rect, vm: &Vm, load: VmLoad) {
    let Some(permille) = load.cpu_permille else {
        return;
    };
    let full = vm.vcpus.max(1);
    let figure = format!(
        "{} of {} %",
        format::percent(permille).trim_end_matches('%'),
        full * 100
    );
    bar(pen, area, "CPU", &figure, permille / full);
    let rest = after(area, LABEL + 20 + 28);
    let trend = gauge::sparkline(
        pen,
        vm.trend.samples(),
        full * 1_000,
        usize::from(rest.width.min(16)),
    );
    pen.text(rest, Role::Gauge, &trend);
}

fn bar(pen: &mut Pen<'_>, area: Rect, label: &str, figure: &str, permille: u32) {
    fact(
        pen,
        area,
        label,
        &[span(Role::Strong, format::left(figure, 19))],
    );
    let place = after(area, LABEL + 20);
    gauge::gauge(
        pen,
        Rect {
            width: place.width.min(26),
            ..place
        },
        permille,
    );
}

fn rates(
    pen: &mut Pen<'_>,
    area: Rect,
    label: &str,
    [(first, second)]: [(&str, &str); 1],
    rates: Option<(u64, u64)>,
) {
    let Some((one, two)) = rates else { return };
    let spans = [
        span(
            Role::SeriesA,
            format!("{first} {}", format::left(&format::rate(one), 12)),
        ),
        span(Role::SeriesB, format!("{second} {}", format::rate(two))),
    ];
    fact(pen, area, label, &spans);
}
