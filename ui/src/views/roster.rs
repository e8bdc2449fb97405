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
        list::list,
        pen::{Pen, span},
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
        let mut rows = std::mem::take(&mut self.rows);
        let cursor = Some(grid::cursor_role(focused));
        list(pen, inner, &mut rows, cursor, |pen, area, node| {
            self.line(pen, area, node, cx);
        });
        self.rows = rows;
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
