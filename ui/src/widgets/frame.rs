//! Panes and dialogs: a line around, a title in it.

use ratatui::layout::Rect;

use super::pen::{Pen, Span, cells, span, width_of};
use crate::theme::Role;

/// Draws a frame with its title and returns what is inside.
pub(crate) fn pane(pen: &mut Pen<'_>, area: Rect, title: &[Span], role: Role) -> Rect {
    if area.width < 4 || area.height < 2 {
        return Rect { height: 0, ..area };
    }
    outline(pen, area, role);
    let room = Rect {
        x: area.x + 1,
        y: area.y,
        width: area.width - 2,
        height: 1,
    };
    if !title.is_empty() {
        let blank = [span(role, " ")];
        let whole: Vec<Span> = blank.iter().chain(title).chain(&blank).cloned().collect();
        let place = Rect {
            width: cells(width_of(&whole)).min(room.width),
            ..room
        };
        pen.fill(place, Role::Text);
        pen.spans(place, &whole);
    }
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}

fn outline(pen: &mut Pen<'_>, area: Rect, role: Role) {
    let set = pen.glyphs.border();
    let (left, right) = (area.x, area.right() - 1);
    let (top, bottom) = (area.y, area.bottom() - 1);
    for x in left + 1..right {
        pen.sign(x, top, role, set.horizontal_top);
        pen.sign(x, bottom, role, set.horizontal_bottom);
    }
    for y in top + 1..bottom {
        pen.sign(left, y, role, set.vertical_left);
        pen.sign(right, y, role, set.vertical_right);
    }
    pen.sign(left, top, role, set.top_left);
    pen.sign(right, top, role, set.top_right);
    pen.sign(left, bottom, role, set.bottom_left);
    pen.sign(right, bottom, role, set.bottom_right);
}

/// Draws a dialog of `width` by `height` in the middle of `screen`, over what is there, and returns what is inside.
pub(crate) fn dialog(
    pen: &mut Pen<'_>,
    screen: Rect,
    size: (usize, usize),
    title: &[Span],
    role: Role,
) -> Rect {
    let width = cells(size.0 + 4).min(screen.width);
    let height = cells(size.1 + 2).min(screen.height);
    let area = Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    };
    pen.fill(area, Role::Text);
    let inner = pane(pen, area, title, role);
    super::pen::inset(inner)
}

/// A scroll bar on the right line of a frame, where not everything is seen.
pub(crate) fn scroll_bar(pen: &mut Pen<'_>, area: Rect, seen: std::ops::Range<usize>, all: usize) {
    let height = usize::from(area.height);
    if height == 0 || all <= seen.len() {
        return;
    }
    let (thumb, _) = pen.glyphs.scroll();
    let from = seen.start * height / all;
    let to = (seen.end * height).div_ceil(all).max(from + 1).min(height);
    for at in from..to {
        pen.sign(area.right(), area.y + cells(at), Role::BorderFocused, thumb);
    }
}

/// A heading with a thin line to its right: `CPU 43% ──────── 100%`.
pub(crate) fn heading(pen: &mut Pen<'_>, area: Rect, title: &[Span], end: &[Span]) {
    let used = pen.spans(area, title);
    let end_width = cells(width_of(end));
    let rule_end = area
        .right()
        .saturating_sub(if end_width == 0 { 0 } else { end_width + 1 });
    let rule = pen.glyphs.border().horizontal_top;
    for x in area.x + used + 1..rule_end {
        pen.sign(x, area.y, Role::Faint, rule);
    }
    if used + end_width < area.width {
        pen.spans_right(area, end);
    }
}
