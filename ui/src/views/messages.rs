//! Every message so far, newest first.

use archipel_fleet::{Fleet, Level, Moment};
use archipel_protocol::text::clean_line;
use ratatui::layout::Rect;

use super::Cx;
use crate::{
    filter::Filter,
    format,
    glyphs::GlyphSet,
    theme::Role,
    widgets::{
        frame,
        list::list,
        pen::{Pen, after, below, cells, line, span},
        rows::Rows,
        state::{Instead, wrap},
    },
};

/// The list. A row is the number of a message, counted from the first one kept.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) rows: Rows<Said>,
    pub(crate) filter: Filter,
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    at: Moment,
    level: Level,
    text: String,
}

impl Messages {
    pub(crate) fn rebuild(&mut self, fleet: &Fleet) {
        let said = fleet.notices().rev().map(|noticed| Said {
            at: noticed.at,
            level: noticed.notice.level,
            text: clean_line(&noticed.notice.text, 1_000),
        });
        let at_top = self.rows.position() == 0;
        self.rows.replace(
            said.filter(|said| self.filter.passes_text(&said.text))
                .collect(),
        );
        if at_top {
            self.rows.step(crate::command::Step::Top);
        }
    }

    /// Draws the list, and the whole of the message under the cursor below it.
    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        let Some(chosen) = self.rows.cursor().cloned() else {
            let what = "No messages".to_owned();
            let next = "What fails, and what was done, is kept here.".to_owned();
            return Instead::Empty { what, next }.draw(pen, area);
        };
        let whole = wrap(&chosen.text, usize::from(area.width).saturating_sub(2));
        let lower = whole.len().min(6) + 1;
        let upper = Rect {
            height: area.height.saturating_sub(cells(lower)),
            ..area
        };
        let cursor = Some(Role::Selected);
        list(pen, upper, &mut self.rows, cursor, |pen, area, said| {
            row(pen, area, said, cx);
        });
        let rest = below(area, usize::from(upper.height));
        frame::heading(pen, line(rest, 0), &[], &[]);
        for (at, words) in whole.iter().take(6).enumerate() {
            pen.text(after(line(below(rest, 1), at), 1), Role::Text, words);
        }
    }
}

fn row(pen: &mut Pen<'_>, area: Rect, said: &Said, cx: Cx<'_>) {
    let (role, sign, word) = level_parts(said.level, pen.glyphs);
    let spans = [
        span(
            Role::Dim,
            format!(
                " {}  ",
                format::right(&format::age(said.at, cx.now.moment), 8)
            ),
        ),
        span(role, format!("{sign} {}  ", format::left(word, 7))),
        span(
            if said.level >= Level::Warning {
                role
            } else {
                Role::Text
            },
            said.text.clone(),
        ),
    ];
    pen.spans(area, &spans);
}

/// Role, sign and word of a level.
pub(crate) fn level_parts(level: Level, glyphs: GlyphSet) -> (Role, &'static str, &'static str) {
    match level {
        Level::Hint => (Role::Hint, glyphs.dot(), "hint"),
        Level::Info => (Role::Info, glyphs.done(), "info"),
        Level::Warning => (Role::Warning, glyphs.warning(), "warning"),
        Level::Error => (Role::Error, glyphs.failed(), "error"),
    }
}
