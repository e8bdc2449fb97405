//! The last line: marks, the keys that matter here, the last notice.

use archipel_fleet::{Level, Moment, Noticed};
use archipel_protocol::text::clean_line;
use ratatui::layout::Rect;

use super::{Cx, messages::level_parts};
use crate::{
    command::{Act, Action, UI_COMMANDS, UiCommand},
    keymap::{Follow, Keymap, Scope, spelled},
    theme::Role,
    widgets::pen::{Pen, Span, cells, span, width_of},
};

/// How long a notice that is no error is shown.
const SHOWN_MS: u64 = 60_000;

/// What the line is made of.
pub(crate) struct Bottom<'a> {
    pub(crate) keymap: &'a Keymap,
    pub(crate) scopes: &'a [Scope],
    /// Notices up to here were dismissed.
    pub(crate) dismissed: Option<Moment>,
    /// Whether there is something to open.
    pub(crate) opens: bool,
    /// What the filter of the view holds, where it has one.
    pub(crate) filter: Option<&'a str>,
}

impl Bottom<'_> {
    /// Draws the line.
    pub(crate) fn draw(&self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        pen.fill(area, Role::Bar);
        let mut left = self.left(cx);
        let notice = self.notice(
            pen,
            usize::from(area.width).saturating_sub(width_of(&left)),
            cx,
        );
        let taken = cells(width_of(&notice)).min(area.width);
        let room = Rect {
            width: area.width - taken,
            ..area
        };
        let hints = self.hints(
            pen,
            usize::from(room.width).saturating_sub(width_of(&left) + 1),
        );
        left.extend(hints);
        pen.spans(room, &left);
        pen.spans_right(area, &notice);
    }

    fn left(&self, cx: Cx<'_>) -> Vec<Span> {
        let mut spans = vec![span(Role::Bar, " ")];
        if !cx.marks.is_empty() {
            spans.push(span(Role::Mark, format!("{} marked", cx.marks.len())));
            spans.push(span(Role::BarDim, "  "));
        }
        if let Some(filter) = self.filter.filter(|filter| !filter.is_empty()) {
            spans.push(span(
                Role::Match,
                format!("/{}", crate::format::cut(filter, 20, "…")),
            ));
            spans.push(span(Role::BarDim, "  "));
        }
        spans
    }

    /// As many as fit; the help stays to the last.
    fn hints(&self, pen: &Pen<'_>, room: usize) -> Vec<Span> {
        let mut hints: Vec<Vec<Span>> = self.menus(pen).chain(self.commands(pen)).collect();
        while !hints.is_empty() && hints.iter().map(|hint| width_of(hint)).sum::<usize>() > room {
            hints.remove(hints.len().saturating_sub(2));
        }
        hints.concat()
    }

    fn menus<'s>(&'s self, pen: &'s Pen<'_>) -> impl Iterator<Item = Vec<Span>> + 's {
        let menu = self.keymap.menu(self.scopes, &[]);
        menu.entries
            .into_iter()
            .filter_map(|(chord, follow)| match follow {
                Follow::Menu(title) if !title.is_empty() => Some(hint(
                    &chord.label(pen.glyphs),
                    &format!("{}{}", title.to_lowercase(), pen.glyphs.ellipsis()),
                )),
                _ => None,
            })
    }

    fn commands<'s>(&'s self, pen: &'s Pen<'_>) -> impl Iterator<Item = Vec<Span>> + 's {
        let works = |command: &&UiCommand| match command.act {
            Act::Filter => self.filter.is_some(),
            Act::Open => self.opens,
            _ => true,
        };
        let hinting = UI_COMMANDS
            .iter()
            .rev()
            .filter(|command| !command.hint.is_empty())
            .filter(works);
        hinting.filter_map(|command| {
            let keys = self.keymap.keys_of(self.scopes, Action::Ui(command))?;
            Some(hint(&spelled(&keys, pen.glyphs), command.hint))
        })
    }

    /// The newest error that was not dismissed, else what was said in the last minute.
    fn notice(&self, pen: &Pen<'_>, room: usize, cx: Cx<'_>) -> Vec<Span> {
        let fresh = |noticed: &&Noticed| self.dismissed.is_none_or(|until| noticed.at > until);
        let recent: Vec<&Noticed> = cx.fleet.notices().rev().take_while(fresh).collect();
        let errors: Vec<&Noticed> = recent
            .iter()
            .copied()
            .filter(|noticed| noticed.notice.level == Level::Error)
            .collect();
        let last = recent.first().copied();
        let error = errors.first().copied();
        let is_new = |noticed: &&Noticed| cx.now.moment.0.saturating_sub(noticed.at.0) < SHOWN_MS;
        let Some(noticed) = error.or(last.filter(is_new)) else {
            return Vec::new();
        };
        let (role, sign, _) = level_parts(noticed.notice.level, pen.glyphs);
        let more = if errors.len() > 1 {
            format!(" (+{})", errors.len() - 1)
        } else {
            String::new()
        };
        let most = if noticed.notice.level >= Level::Warning {
            room
        } else {
            room / 2
        };
        let text = clean_line(&noticed.notice.text, 400);
        let text = crate::format::cut(
            &text,
            most.saturating_sub(6 + more.len()),
            pen.glyphs.ellipsis(),
        );
        vec![span(role, format!(" {sign} {text}{more} "))]
    }
}

fn hint(keys: &str, word: &str) -> Vec<Span> {
    vec![
        span(Role::Key, keys),
        span(Role::BarDim, format!(" {word}  ")),
    ]
}
