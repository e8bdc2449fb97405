//! A list: only the rows that are seen are built.

use ratatui::layout::Rect;

use super::{
    frame,
    pen::{Pen, line},
    rows::Rows,
};
use crate::theme::Role;

/// Draws the rows that are seen, the one under the cursor in `cursor`'s role, and a scroll bar where not all are seen.
pub(crate) fn list<K: PartialEq>(
    pen: &mut Pen<'_>,
    area: Rect,
    rows: &mut Rows<K>,
    cursor: Option<Role>,
    draw: impl Fn(&mut Pen<'_>, Rect, &K),
) {
    let seen = rows.window(usize::from(area.height));
    for (at, index) in seen.clone().enumerate() {
        let Some(key) = rows.keys().get(index) else {
            continue;
        };
        draw(pen, line(area, at), key);
        pen.built += 1;
        if let Some(role) = cursor.filter(|_| index == rows.position()) {
            pen.tint(line(area, at), role);
        }
    }
    frame::scroll_bar(pen, area, seen, rows.len());
}
