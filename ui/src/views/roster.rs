//! The roster: groups, hypervisors and machines as a tree.

mod index;
mod line;

pub(crate) use index::Roster;

use ratatui::layout::Rect;

use super::{Cx, instead_of_fleet};
use crate::{
    format,
    theme::Role,
    widgets::{
        frame, grid,
        pen::{Pen, line, span},
    },
};

impl Roster {
    /// Draws the pane.
    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>, focused: bool) {
        let mut title = vec![span(Role::Title, "Fleet")];
        if !self.filter.is_empty() {
            title.push(span(Role::Match, format!(" /{}", self.filter.text())));
        }
        let border = if focused {
            Role::BorderFocused
        } else {
            Role::Border
        };
        let inner = frame::pane(pen, area, &title, border);
        if self.rows.is_empty() {
            self.empty(cx).draw(pen, inner);
            return;
        }
        let seen = self.rows.window(usize::from(inner.height));
        for (at, index) in seen.clone().enumerate() {
            let Some(node) = self.rows.keys().get(index) else {
                continue;
            };
            let row = line(inner, at);
            self.line(pen, row, node, cx);
            pen.built += 1;
            if index == self.rows.position() {
                pen.tint(row, grid::cursor_role(focused));
            }
        }
        frame::scroll_bar(pen, inner, seen, self.rows.len());
    }

    fn empty(&self, cx: Cx<'_>) -> crate::widgets::state::Instead {
        if self.filter.is_empty() {
            return instead_of_fleet(cx);
        }
        crate::widgets::state::Instead::Empty {
            what: format!(
                "Nothing matches `{}`",
                format::cut(self.filter.text(), 40, "…")
            ),
            next: "Esc clears the filter.".to_owned(),
        }
    }
}
