//! The charts: CPU, memory, load, disks and network over the chosen span of time.

use archipel_fleet::{History, Hypervisor, Range};
use archipel_protocol::history::Metric;
use ratatui::layout::Rect;

use crate::{
    format,
    theme::Role,
    widgets::{
        chart::{self, Chart, Series},
        frame,
        pen::{Pen, Span, below, cells, line, span},
    },
};

use super::parts;

/// A chart of one metric, or of two back to back.
struct Plot {
    title: &'static str,
    up: Metric,
    down: Option<Metric>,
}

/// In the order of their places; the place after the last one is that of the file systems and interfaces.
const PLOTS: [Plot; 5] = [
    Plot {
        title: "CPU",
        up: Metric::Cpu,
        down: None,
    },
    Plot {
        title: "Memory",
        up: Metric::Memory,
        down: None,
    },
    Plot {
        title: "Disks",
        up: Metric::DiskRead,
        down: Some(Metric::DiskWrite),
    },
    Plot {
        title: "Network",
        up: Metric::NetReceived,
        down: Some(Metric::NetSent),
    },
    Plot {
        title: "Load",
        up: Metric::Load,
        down: None,
    },
];
const PLACES: usize = PLOTS.len() + 1;

/// The least and the most lines of a chart with its heading.
const LEAST: usize = 3;
const MOST: usize = 20;
/// Columns between two charts.
const GAP: u16 = 3;

/// Draws as many charts as there is room for, two or three side by side.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor, range: Range) {
    let across = if area.width >= 120 { 3 } else { 2 };
    let rows = (PLACES / across).min(usize::from(area.height) / LEAST);
    if rows == 0 {
        return;
    }
    let width = area.width.saturating_sub(GAP * (cells(across) - 1)) / cells(across);
    for at in 0..rows * across {
        let (top, bottom) = (
            edge(area, at / across, rows),
            edge(area, at / across + 1, rows),
        );
        let place = below(area, top);
        let x = area.x + cells(at % across) * (width + GAP);
        let place = Rect {
            x,
            width,
            height: cells(bottom - top),
            ..place
        };
        match PLOTS.get(at) {
            Some(plot) => draw_plot(pen, place, host, range, plot),
            None => parts::draw(pen, place, host),
        }
    }
}

/// The line at which row `at` of `rows` begins.
fn edge(area: Rect, at: usize, rows: usize) -> usize {
    at * usize::from(area.height).min(rows * MOST) / rows
}

fn draw_plot(pen: &mut Pen<'_>, area: Rect, host: &Hypervisor, range: Range, plot: &Plot) {
    let up = host.history(plot.up, range);
    let down = plot.down.and_then(|metric| host.history(metric, range));
    let max = maximum(host, plot, up.into_iter().chain(down));
    let scale = [span(Role::Dim, figure(plot.up, max))];
    frame::heading(pen, line(area, 0), &heading(host, plot), &scale);
    let body = below(area, 1);
    let Some(up) = up else {
        pen.text(body, Role::Faint, no_history(host));
        return;
    };
    let step_s = up.series().step_s.max(1);
    let lines = Chart {
        up: series(Role::SeriesA, up),
        down: down.map(|history| series(Role::SeriesB, history)),
        max,
        slots: usize::try_from(range.seconds() / step_s).unwrap_or(1),
    };
    // A blank line between this chart and the heading below it, where there is room.
    let gap = u16::from(area.height > 4);
    let body = Rect {
        height: body.height.saturating_sub(gap),
        ..body
    };
    chart::chart(pen, body, &lines);
}

fn series(role: Role, history: &History) -> Series<'_> {
    Series {
        role,
        points: history.points(),
    }
}

fn no_history(host: &Hypervisor) -> &'static str {
    if host.fresh.is_live() {
        "no history yet"
    } else {
        "no history"
    }
}

/// The title with the present figures in the colours of their series.
fn heading(host: &Hypervisor, plot: &Plot) -> Vec<Span> {
    let mut spans = vec![span(Role::Strong, plot.title)];
    let words = match plot.up {
        Metric::DiskRead => ["r", "w"],
        Metric::NetReceived => ["rx", "tx"],
        _ => ["", ""],
    };
    let metrics = [Some(plot.up), plot.down];
    for ((metric, word), role) in metrics
        .into_iter()
        .zip(words)
        .zip([Role::SeriesA, Role::SeriesB])
    {
        let value = metric.and_then(|metric| Some((metric, now(host, metric)?)));
        if let Some((metric, value)) = value {
            let blank = if word.is_empty() { "" } else { " " };
            spans.push(span(
                role,
                format!(" {word}{blank}{}", figure(metric, value)),
            ));
        }
    }
    spans
}

fn now(host: &Hypervisor, metric: Metric) -> Option<u64> {
    let load = host.load.as_ref().filter(|_| host.fresh.is_live())?;
    match metric {
        Metric::Cpu => load.cpu_permille.map(u64::from),
        Metric::Memory => load.memory_kib,
        Metric::Load => load.load.map(|[one, ..]| u64::from(one)),
        Metric::DiskRead => load.disk.map(|(read, _)| read),
        Metric::DiskWrite => load.disk.map(|(_, written)| written),
        Metric::NetReceived => load.net.map(|(received, _)| received),
        Metric::NetSent => load.net.map(|(_, sent)| sent),
    }
}

fn figure(metric: Metric, value: u64) -> String {
    match metric {
        Metric::Cpu => format::percent(u32::try_from(value).unwrap_or(u32::MAX)),
        Metric::Memory => format::memory(value),
        Metric::Load => format::load(u32::try_from(value).unwrap_or(u32::MAX)),
        _ => format::short_rate(value),
    }
}

/// The value at the edge: all there is for shares, else a round number above everything seen.
fn maximum<'a>(
    host: &Hypervisor,
    plot: &Plot,
    histories: impl Iterator<Item = &'a History>,
) -> u64 {
    let past = histories.flat_map(|history| history.points().iter().flatten().copied());
    let present = [Some(plot.up), plot.down].into_iter().flatten();
    let present = present.filter_map(|metric| now(host, metric));
    let greatest = past.chain(present).max().unwrap_or(0);
    match plot.up {
        Metric::Cpu => 1_000,
        Metric::Memory => {
            let all = host.row.as_ref().map_or(0, |row| row.memory_kib);
            all.max(greatest)
        }
        Metric::Load => round_up(greatest.max(100)),
        _ => round_up(greatest.max(1_000)),
    }
}

/// The next of 1, 2, 5, 10, 20, 50, …
fn round_up(value: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for step in [1, 2, 5] {
            let round = power.saturating_mul(step);
            if round >= value || round == u64::MAX {
                return round;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_on_round_numbers() {
        assert_eq!([0, 1, 3, 10, 11, 450].map(round_up), [1, 1, 5, 10, 20, 500]);
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }
}
