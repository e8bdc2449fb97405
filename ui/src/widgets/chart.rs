//! Figures over time as filled areas of braille dots; two figures share a chart back to back, the second one hanging down.

use ratatui::layout::Rect;

use super::pen::{Pen, cells};
use crate::{glyphs::GlyphSet, theme::Role};

/// A figure over time.
pub(crate) struct Series<'a> {
    pub(crate) role: Role,
    /// Oldest first; the last one is now.
    pub(crate) points: &'a [Option<u64>],
}

/// What a chart shows.
pub(crate) struct Chart<'a> {
    pub(crate) up: Series<'a>,
    pub(crate) down: Option<Series<'a>>,
    /// The value at the edge.
    pub(crate) max: u64,
    /// How many points the whole width stands for.
    pub(crate) slots: usize,
}

/// Dots per cell: two beside each other, four above each other.
const DOTS: usize = 4;
/// The bits of a braille sign, by column and by row from above.
const BITS: [[u8; DOTS]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Draws the chart over `area`.
pub(crate) fn chart(pen: &mut Pen<'_>, area: Rect, chart: &Chart<'_>) {
    let Some(down) = &chart.down else {
        return half(pen, area, chart, &chart.up, false);
    };
    let upper = area.height.div_ceil(2);
    half(
        pen,
        Rect {
            height: upper,
            ..area
        },
        chart,
        &chart.up,
        false,
    );
    let lower = Rect {
        y: area.y + upper,
        height: area.height - upper,
        ..area
    };
    half(pen, lower, chart, down, true);
}

fn half(pen: &mut Pen<'_>, area: Rect, chart: &Chart<'_>, series: &Series<'_>, hanging: bool) {
    if area.is_empty() {
        return;
    }
    let columns = usize::from(area.width) * 2;
    let dots = usize::from(area.height) * DOTS;
    let heights: Vec<usize> = (0..columns)
        .map(|column| {
            height(
                bucket(series.points, column, columns, chart.slots),
                chart.max,
                dots,
            )
        })
        .collect();
    for y in 0..usize::from(area.height) {
        for (x, pair) in heights.chunks(2).enumerate() {
            // Dots between this line and the base.
            let base = if hanging {
                y
            } else {
                usize::from(area.height) - 1 - y
            } * DOTS;
            let filled = [pair[0].saturating_sub(base), pair[1].saturating_sub(base)]
                .map(|dots| dots.min(DOTS));
            if filled != [0, 0] {
                let sign = sign(pen.glyphs, filled, hanging);
                pen.sign(area.x + cells(x), area.y + cells(y), series.role, &sign);
            }
        }
    }
}

/// The greatest value that falls into a column of dots.
fn bucket(points: &[Option<u64>], column: usize, columns: usize, slots: usize) -> Option<u64> {
    let slots = slots.max(1);
    let missing = slots.saturating_sub(points.len());
    let from = column * slots / columns;
    let to = ((column + 1) * slots / columns).max(from + 1);
    let excess = points.len().saturating_sub(slots);
    (from..to)
        .filter_map(|slot| *points.get((slot + excess).checked_sub(missing)?)?)
        .max()
}

/// Dots of a value; what is known and small is still seen.
fn height(value: Option<u64>, max: u64, dots: usize) -> usize {
    let Some(value) = value else { return 0 };
    let scaled = u128::from(value) * dots as u128 / u128::from(max.max(1));
    usize::try_from(scaled).unwrap_or(dots).clamp(1, dots)
}

fn sign(glyphs: GlyphSet, filled: [usize; 2], hanging: bool) -> String {
    if glyphs == GlyphSet::Ascii {
        return if filled[0].max(filled[1]) >= 3 {
            "#"
        } else {
            "."
        }
        .to_owned();
    }
    let mut bits = 0_u8;
    for (column, count) in filled.into_iter().enumerate() {
        for dot in 0..count {
            let row = if hanging { dot } else { DOTS - 1 - dot };
            bits |= BITS[column][row];
        }
    }
    char::from_u32(0x2800 + u32::from(bits))
        .map(String::from)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_fill_the_width_from_the_right() {
        let points = [Some(1), Some(2), None, Some(4)];
        let buckets: Vec<_> = (0..8).map(|column| bucket(&points, column, 8, 8)).collect();
        assert_eq!(
            buckets,
            [None, None, None, None, Some(1), Some(2), None, Some(4)]
        );
        let squeezed: Vec<_> = (0..2).map(|column| bucket(&points, column, 2, 4)).collect();
        assert_eq!(squeezed, [Some(2), Some(4)]);
        let stretched: Vec<_> = (0..8).map(|column| bucket(&points, column, 8, 4)).collect();
        assert_eq!(
            stretched,
            [
                Some(1),
                Some(1),
                Some(2),
                Some(2),
                None,
                None,
                Some(4),
                Some(4)
            ]
        );
        assert_eq!(
            bucket(&points, 0, 1, 0),
            Some(4),
            "more points than slots: the newest"
        );
    }

    #[test]
    fn dots_grow_from_their_base() {
        assert_eq!(sign(GlyphSet::Unicode, [4, 4], false), "⣿");
        assert_eq!(sign(GlyphSet::Unicode, [1, 0], false), "⡀");
        assert_eq!(sign(GlyphSet::Unicode, [1, 0], true), "⠁");
        assert_eq!(height(Some(0), 100, 8), 1);
        assert_eq!(height(Some(u64::MAX), 100, 8), 8);
        assert_eq!(height(None, 0, 8), 0);
    }
}
