//! A hypervisor's figures: gauges, charts over time, file systems and interfaces.

mod charts;
mod parts;

use archipel_fleet::{Hypervisor, Range};
use archipel_protocol::feed::HostLoad;
use ratatui::layout::Rect;

use super::{Cx, instead_of_host, link_text};
use crate::{
    format,
    theme::Role,
    widgets::{
        gauge,
        pen::{Pen, Span, after, below, cells, line, span},
        state::wrap,
    },
};

/// Draws the tab.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor, range: Range, cx: Cx<'_>) {
    if let Some(instead) = instead_of_host(host, cx) {
        instead.draw(pen, area);
        return;
    }
    let used = banner(pen, area, host, cx);
    let area = below(area, used);
    let used = gauges(pen, area, host);
    charts::draw(pen, below(area, used + 1), host, range);
    if !host.fresh.is_live() {
        pen.tint(area, Role::Stale);
    }
}

/// What is amiss, over the figures that are still shown.
fn banner(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor, cx: Cx<'_>) -> usize {
    let Some((role, text)) = amiss(host, cx) else {
        return 0;
    };
    let lines = wrap(&text, usize::from(area.width).saturating_sub(2));
    for (at, words) in lines.iter().take(3).enumerate() {
        pen.text(after(line(area, at), 0), role, words);
    }
    lines.len().min(3) + 1
}

fn amiss(host: &Hypervisor, cx: Cx<'_>) -> Option<(Role, String)> {
    use archipel_fleet::{Reach, WatchState};
    let lost = host
        .row
        .as_ref()
        .and_then(|row| row.libvirt_lost.as_deref());
    let age = host
        .heard
        .map(|heard| format::age(heard, cx.now.moment))
        .unwrap_or_default();
    match (&host.reach, &host.watch, lost) {
        (Reach::Offline { reason }, ..) => Some((
            Role::Offline,
            format!("Offline: {reason}. What is shown was so {age}."),
        )),
        (_, WatchState::Failed(why), _) => Some((
            Role::Warning,
            format!("No feed: {why}. What is shown was so {age}."),
        )),
        (_, _, Some(why)) => Some((
            Role::Warning,
            format!("The agent cannot reach its libvirt: {why}"),
        )),
        _ if !cx.fleet.link().is_online() => Some((
            Role::Warning,
            format!("{} What is shown was so {age}.", link_text(cx.fleet.link())),
        )),
        _ if !host.fresh.is_live() => Some((
            Role::Stale,
            format!("Not current: what is shown was so {age}."),
        )),
        _ => None,
    }
}

/// CPU, memory, swap and load: as many side by side as there is room for.
fn gauges(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor) -> usize {
    let Some(load) = &host.load else {
        pen.text(area, Role::Dim, "No figures yet.");
        return 1;
    };
    let gauges = [cpu(load, host), memory(load, host), swap(load)];
    let known: Vec<&(Vec<Span>, u32)> = gauges.iter().flatten().collect();
    let averages = averages(load);
    let per_line = match area.width {
        0..96 => 2,
        96..130 => 3,
        _ => 4,
    };
    let column = area.width / per_line;
    let mut place = Vec::new();
    for at in 0..known.len() + usize::from(!averages.is_empty()) {
        let (row, slot) = (at / usize::from(per_line), at % usize::from(per_line));
        place.push(Rect {
            x: area.x + cells(slot) * column,
            width: column.saturating_sub(2),
            ..line(area, row)
        });
    }
    for ((label, permille), place) in known.iter().zip(&place) {
        let used = pen.spans(*place, label);
        gauge::gauge(pen, after(*place, used + 1), *permille);
    }
    if let Some(last) = place.last().filter(|_| !averages.is_empty()) {
        pen.spans(*last, &averages);
    }
    place.len().div_ceil(usize::from(per_line))
}

fn labelled(name: &str, figure: &str) -> Vec<Span> {
    vec![
        span(Role::Dim, format!("{name} ")),
        span(Role::Strong, figure),
    ]
}

fn cpu(load: &HostLoad, host: &Hypervisor) -> Option<(Vec<Span>, u32)> {
    let permille = load.cpu_permille?;
    let mut label = labelled("CPU", &format::right(&format::percent(permille), 4));
    if let Some(row) = host.row.as_ref().filter(|row| row.cpus > 0) {
        label.push(span(Role::Dim, format!(" of {}", row.cpus)));
    }
    Some((label, permille))
}

fn memory(load: &HostLoad, host: &Hypervisor) -> Option<(Vec<Span>, u32)> {
    let used = load.memory_kib?;
    let all = host.row.as_ref()?.memory_kib;
    Some((
        labelled(
            "Memory",
            &format!("{}/{}", format::memory(used), format::memory(all)),
        ),
        share(used, all),
    ))
}

fn swap(load: &HostLoad) -> Option<(Vec<Span>, u32)> {
    let (used, all) = load
        .swap_kib
        .zip(load.swap_total_kib.filter(|all| *all > 0))?;
    Some((
        labelled(
            "Swap",
            &format!("{}/{}", format::memory(used), format::memory(all)),
        ),
        share(used, all),
    ))
}

fn averages(load: &HostLoad) -> Vec<Span> {
    load.load.map_or_else(Vec::new, |averages| {
        let figures = averages.map(format::load).join("  ");
        labelled("Load", &figures)
    })
}

/// `part` of `all` in thousandths.
pub(crate) fn share(part: u64, all: u64) -> u32 {
    let permille = u128::from(part) * 1_000 / u128::from(all.max(1));
    u32::try_from(permille).unwrap_or(u32::MAX).min(1_000)
}

/// The words for a span of time.
pub(crate) const fn range_word(range: Range) -> &'static str {
    match range {
        Range::FiveMinutes => "5 min",
        Range::Hour => "1 h",
        Range::Day => "24 h",
    }
}

/// The choice of spans of time, for the line of the tabs.
pub(crate) fn ranges(chosen: Range) -> Vec<Span> {
    let entry = |range: Range| {
        let role = if range == chosen {
            Role::Tab
        } else {
            Role::TabIdle
        };
        [span(Role::Text, "  "), span(role, range_word(range))]
    };
    Range::ALL.into_iter().flat_map(entry).collect()
}
