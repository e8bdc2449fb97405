//! Tables: columns that fit, rows built only where they are seen.

use ratatui::layout::Rect;

use super::{
    frame,
    pen::{Pen, Span, below, cells, line},
    rows::Rows,
};
use crate::{format, theme::Role};

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column as the view wants it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) align: Align,
    /// Cells that it needs.
    pub(crate) width: usize,
    /// Whether it takes what is left over.
    pub(crate) grows: bool,
    /// Columns of a higher number go first when there is no room.
    pub(crate) drop: u8,
    /// Whether the rows are ordered by it, and how.
    pub(crate) sorted: Option<Order>,
    /// Whether it is the chosen one.
    pub(crate) chosen: bool,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// A built row.
pub(crate) struct Row {
    /// A sign before the row.
    pub(crate) mark: bool,
    /// A cell per column.
    pub(crate) cells: Vec<Vec<Span>>,
    /// A role over the whole row, for old data.
    pub(crate) over: Option<Role>,
}

/// Cells below which a growing column makes others go.
const LEAST: usize = 14;
/// Cells between two columns.
const GAP: usize = 2;

/// Widths of the columns that are shown in `room` cells, `None` for the others.
fn fit(columns: &[Column], room: usize) -> Vec<Option<usize>> {
    let room = room + GAP;
    let least = |column: &Column| {
        if column.grows {
            column.width.min(LEAST)
        } else {
            column.width
        }
    };
    let mut widths: Vec<Option<usize>> = columns.iter().map(|column| Some(least(column))).collect();
    while needed(&widths) > room {
        let shown = (0..columns.len()).filter(|at| widths[*at].is_some() && columns[*at].drop > 0);
        let Some(victim) = shown.max_by_key(|at| columns[*at].drop) else {
            break;
        };
        widths[victim] = None;
    }
    let growing: Vec<usize> = (0..columns.len())
        .filter(|at| columns[*at].grows && widths[*at].is_some())
        .collect();
    squeeze(&growing, &mut widths, room);
    for at in &growing {
        let left = room.saturating_sub(needed(&widths));
        widths[*at] =
            widths[*at].map(|width| width + left.min(columns[*at].width.saturating_sub(width)));
    }
    let left = room.saturating_sub(needed(&widths));
    for (turn, at) in growing.iter().enumerate() {
        let share = left / growing.len() + usize::from(turn < left % growing.len());
        widths[*at] = widths[*at].map(|width| width + share.min(width.max(8)));
    }
    widths
}

fn needed(widths: &[Option<usize>]) -> usize {
    widths.iter().flatten().map(|width| width + GAP).sum()
}

/// Where not even the columns that stay have room, the growing ones give way.
fn squeeze(growing: &[usize], widths: &mut [Option<usize>], room: usize) {
    let mut excess = needed(widths).saturating_sub(room);
    for at in growing {
        if let Some(width) = &mut widths[*at] {
            let less = excess.min(width.saturating_sub(4));
            *width -= less;
            excess -= less;
        }
    }
}

/// How a table is drawn.
pub(crate) struct Grid<'a> {
    pub(crate) columns: &'a [Column],
    /// Whether its pane has the focus.
    pub(crate) focused: bool,
}

impl Grid<'_> {
    /// Draws titles and the rows that are seen; `build` is called for those alone.
    pub(crate) fn draw<K: PartialEq>(
        &self,
        pen: &mut Pen<'_>,
        area: Rect,
        rows: &mut Rows<K>,
        build: impl Fn(&Pen<'_>, &K) -> Row,
    ) {
        let widths = fit(self.columns, usize::from(area.width).saturating_sub(3));
        self.titles(pen, line(area, 0), &widths);
        let body = below(area, 1);
        let seen = rows.window(usize::from(body.height));
        for (at, index) in seen.clone().enumerate() {
            let Some(key) = rows.keys().get(index) else {
                continue;
            };
            let row = build(pen, key);
            pen.built += 1;
            self.row(pen, line(body, at), &widths, &row);
            if index == rows.position() {
                pen.tint(line(body, at), cursor_role(self.focused));
            }
        }
        frame::scroll_bar(pen, body, seen, rows.len());
    }

    fn titles(&self, pen: &mut Pen<'_>, area: Rect, widths: &[Option<usize>]) {
        let mut x = 2;
        for (column, width) in self.columns.iter().zip(widths) {
            let Some(width) = *width else { continue };
            let arrow = match column.sorted {
                Some(Order::Ascending) => pen.glyphs.ascending(),
                Some(Order::Descending) => pen.glyphs.descending(),
                None => "",
            };
            let role = if column.chosen && self.focused {
                Role::Tab
            } else {
                Role::Header
            };
            let title = format!("{}{arrow}", column.title);
            place(
                pen,
                area,
                (x, width),
                column.align,
                &[super::pen::span(role, title)],
            );
            x += width + GAP;
        }
    }

    fn row(&self, pen: &mut Pen<'_>, area: Rect, widths: &[Option<usize>], row: &Row) {
        if row.mark {
            pen.text(area, Role::Mark, "*");
        }
        let mut x = 2;
        for ((column, width), cell) in self.columns.iter().zip(widths).zip(&row.cells) {
            let Some(width) = *width else { continue };
            place(pen, area, (x, width), column.align, cell);
            x += width + GAP;
        }
        if let Some(role) = row.over {
            pen.tint(super::pen::after(area, 1), role);
        }
    }
}

/// The role of the row under the cursor.
pub(crate) fn cursor_role(focused: bool) -> Role {
    if focused {
        Role::Selected
    } else {
        Role::SelectedIdle
    }
}

fn place(pen: &mut Pen<'_>, area: Rect, (x, width): (usize, usize), align: Align, spans: &[Span]) {
    let column = super::pen::after(area, cells(x));
    let column = Rect {
        width: column.width.min(cells(width)),
        ..column
    };
    match align {
        Align::Left => {
            pen.spans(column, spans);
        }
        Align::Right => pen.spans_right(column, spans),
    }
}

/// The cells that the longest of `texts` takes, between `least` and `most`.
pub(crate) fn widest<'t>(texts: impl Iterator<Item = &'t str>, least: usize, most: usize) -> usize {
    texts
        .map(format::width)
        .max()
        .unwrap_or(0)
        .clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(width: usize, drop: u8, grows: bool) -> Column {
        Column {
            title: String::new(),
            align: Align::Left,
            width,
            grows,
            drop,
            sorted: None,
            chosen: false,
        }
    }

    #[test]
    fn columns_that_do_not_fit_go_by_their_number() {
        let columns = [
            column(10, 0, true),
            column(10, 2, false),
            column(10, 1, false),
        ];
        assert_eq!(fit(&columns, 34), [Some(10), Some(10), Some(10)]);
        assert_eq!(fit(&columns, 30), [Some(18), None, Some(10)]);
        assert_eq!(fit(&columns, 12), [Some(12), None, None]);
        assert_eq!(fit(&columns, 8), [Some(8), None, None]);
        assert_eq!(fit(&columns, 1), [Some(4), None, None]);
    }

    #[test]
    fn a_long_name_gives_way_before_a_column_goes() {
        let columns = [column(28, 0, true), column(10, 1, false)];
        assert_eq!(fit(&columns, 30), [Some(18), Some(10)]);
        assert_eq!(fit(&columns, 25), [Some(25), None]);
    }
}
