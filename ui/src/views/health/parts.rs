//! File systems and interfaces.

use archipel_fleet::Hypervisor;
use archipel_protocol::feed::{FileSystem, Interface};
use ratatui::layout::Rect;

use crate::{
    format,
    theme::Role,
    widgets::{
        frame, gauge,
        pen::{Pen, after, below, cells, line, span},
    },
};

use super::share;

/// Lines that they need, of `room`; at most a third.
pub(super) fn height(host: &Hypervisor, room: usize) -> usize {
    let Some(load) = &host.load else { return 0 };
    let rows = load.file_systems.len().max(load.interfaces.len());
    let needed = if rows == 0 { 0 } else { rows + 1 };
    if room < 9 { 0 } else { needed.min(room / 3) }
}

/// Draws both lists side by side.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor) {
    let Some(load) = host.load.as_ref().filter(|_| area.height > 1) else { return };
    let width = area.width.saturating_sub(3) / 2;
    let left = Rect { width, ..area };
    let right = Rect { x: area.x + width + 3, width, ..area };
    frame::heading(pen, line(left, 0), &[span(Role::Strong, "File systems")], &[]);
    frame::heading(pen, line(right, 0), &[span(Role::Strong, "Interfaces")], &[]);
    let room = usize::from(area.height) - 1;
    for (at, system) in load.file_systems.iter().take(room).enumerate() {
        file_system(pen, line(below(left, 1), at), system);
    }
    for (at, interface) in load.interfaces.iter().take(room).enumerate() {
        self::interface(pen, line(below(right, 1), at), interface);
    }
}

fn file_system(pen: &mut Pen<'_>, area: Rect, system: &FileSystem) {
    let gauge_width = (area.width / 3).min(24);
    let figures = format!("{}/{}", format::size(system.used), format::size(system.size));
    let figures_width = cells(format::width(&figures));
    let name = Rect { width: area.width.saturating_sub(gauge_width + figures_width + 2), ..area };
    pen.text(name, Role::Text, &system.mount);
    pen.text(after(area, name.width + 1), Role::Dim, &figures);
    gauge::gauge(pen, after(area, area.width - gauge_width), share(system.used, system.size));
}

fn interface(pen: &mut Pen<'_>, area: Rect, interface: &Interface) {
    let rate = |sign: &str, bytes: u64| format!("{sign} {}", format::right(&format::rate(bytes), 10));
    let figures = [
        span(Role::SeriesA, rate(pen.glyphs.down(), interface.received)),
        span(Role::SeriesB, format!("  {}", rate(pen.glyphs.up(), interface.sent))),
    ];
    let width = cells(crate::widgets::pen::width_of(&figures)).min(area.width);
    pen.text(Rect { width: area.width - width, ..area }, Role::Text, &interface.name);
    pen.spans_right(area, &figures);
}
