//! File systems and interfaces.

use archipel_fleet::Hypervisor;
use archipel_protocol::feed::{FileSystem, Interface};
use ratatui::layout::Rect;

use crate::{
    format,
    theme::Role,
    widgets::{
        frame, gauge,
        pen::{Pen, after, below, cells, line, span, width_of},
    },
};

use super::share;

/// Draws both lists, one below the other; file systems give way when there is no room for all.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor) {
    let Some(load) = &host.load else { return };
    let height = usize::from(area.height);
    let links = (load.interfaces.len() + 1).min(height / 2);
    let systems = (load.file_systems.len() + 1).min(height - links);
    let roomy = systems + links < height;
    frame::heading(
        pen,
        line(area, 0),
        &[span(Role::Strong, "File systems")],
        &[],
    );
    for (at, system) in load
        .file_systems
        .iter()
        .take(systems.saturating_sub(1))
        .enumerate()
    {
        file_system(pen, line(below(area, 1), at), system);
    }
    let area = below(area, systems + usize::from(roomy));
    frame::heading(pen, line(area, 0), &[span(Role::Strong, "Interfaces")], &[]);
    for (at, interface) in load.interfaces.iter().take(height - systems).enumerate() {
        self::interface(pen, line(below(area, 1), at), interface);
    }
}

fn file_system(pen: &mut Pen<'_>, area: Rect, system: &FileSystem) {
    let gauge_width = (area.width / 3).min(24);
    let figures = format!(
        "{}/{}",
        format::size(system.used),
        format::size(system.size)
    );
    let figures_width = cells(format::width(&figures));
    let name = Rect {
        width: area.width.saturating_sub(gauge_width + figures_width + 2),
        ..area
    };
    pen.text(name, Role::Text, &system.mount);
    pen.text(after(area, name.width + 1), Role::Dim, &figures);
    gauge::gauge(
        pen,
        after(area, area.width - gauge_width),
        share(system.used, system.size),
    );
}

/// Cells below which rates are written without their unit.
const ROOMY: u16 = 40;

fn interface(pen: &mut Pen<'_>, area: Rect, interface: &Interface) {
    let rate = |sign: &str, bytes: u64| match area.width {
        0..ROOMY => format!("{sign}{}", format::right(&format::short_rate(bytes), 6)),
        _ => format!("{sign} {}", format::right(&format::rate(bytes), 10)),
    };
    let figures = [
        span(Role::SeriesA, rate(pen.glyphs.down(), interface.received)),
        span(
            Role::SeriesB,
            format!("  {}", rate(pen.glyphs.up(), interface.sent)),
        ),
    ];
    let width = cells(width_of(&figures) + 1).min(area.width);
    let name = Rect {
        width: area.width - width,
        ..area
    };
    pen.text(name, Role::Text, &interface.name);
    pen.spans_right(area, &figures);
}
