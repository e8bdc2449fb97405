//! Shares at a glance: gauges and sparklines.

use ratatui::layout::Rect;

use super::pen::Pen;
use crate::theme::Role;

/// Draws `━━━━━╸──────` over the width of `area`; a high share is coloured as one.
pub(crate) fn gauge(pen: &mut Pen<'_>, area: Rect, permille: u32) {
    bar(pen, area, permille, level(permille));
}

/// The same for how far something is, where much is good.
pub(crate) fn progress(pen: &mut Pen<'_>, area: Rect, permille: u32) {
    bar(pen, area, permille, Role::Gauge);
}

fn bar(pen: &mut Pen<'_>, area: Rect, permille: u32, full_role: Role) {
    if area.is_empty() {
        return;
    }
    let halves = (u32::from(area.width) * 2 * permille.min(1_000)).div_ceil(1_000);
    for cell in 0..area.width {
        let full = usize::try_from(halves.saturating_sub(u32::from(cell) * 2)).unwrap_or(2);
        let role = if full == 0 {
            Role::GaugeTrack
        } else {
            full_role
        };
        pen.sign(area.x + cell, area.y, role, pen.glyphs.gauge(full));
    }
}

/// The role of a share: it is high from 75 %, full from 90 %.
pub(crate) fn level(permille: u32) -> Role {
    match permille {
        0..750 => Role::Gauge,
        750..900 => Role::GaugeHigh,
        _ => Role::GaugeFull,
    }
}

/// The last `width` samples in thousandths of `full`, as text: `▂▃▅▇`, filled with blanks on the left.
pub(crate) fn sparkline(pen: &Pen<'_>, samples: &[u16], full: u32, width: usize) -> String {
    let shown = &samples[samples.len().saturating_sub(width)..];
    let level = |sample: &u16| {
        let eighths = (u32::from(*sample) * 8).div_ceil(full.max(1));
        pen.glyphs
            .level(usize::try_from(eighths.clamp(1, 8)).unwrap_or(8))
    };
    let line: String = shown.iter().map(level).collect();
    " ".repeat(width - shown.len()) + &line
}
