//! The palette: commands by any part of name, alias, description or key; what cannot be done now says why.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use ratatui::layout::Rect;

use crate::{
    command::Action,
    format,
    theme::Role,
    widgets::{
        field::Field,
        frame,
        list::list,
        pen::{Pen, after, below, line, span},
        rows::Rows,
    },
};

/// A command in the palette.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) action: Action,
    pub(crate) keys: String,
    /// Why it cannot be done now.
    pub(crate) blocked: Option<String>,
}

impl Entry {
    fn begins_with(&self, typed: &str) -> bool {
        let names = self
            .action
            .aliases()
            .iter()
            .copied()
            .chain([self.action.name()]);
        !typed.is_empty() && names.into_iter().any(|name| name.starts_with(typed))
    }

    fn haystack(&self) -> String {
        let action = self.action;
        format!(
            "{} {} {} {} {}",
            action.name(),
            action.aliases().join(" "),
            action.summary(),
            action.id(),
            self.keys
        )
    }
}

/// The palette.
#[derive(Debug)]
pub(crate) struct Palette {
    pub(crate) field: Field,
    pub(crate) rows: Rows<usize>,
    entries: Vec<Entry>,
}

impl Palette {
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        let mut palette = Self {
            field: Field::default(),
            rows: Rows::default(),
            entries,
        };
        palette.narrow();
        palette
    }

    /// Orders by how well the entries match what was typed; of equals, what can be done goes first.
    pub(crate) fn narrow(&mut self) {
        let pattern = Pattern::parse(
            self.field.text(),
            CaseMatching::Ignore,
            Normalization::Smart,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let mut score =
                |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
            let name = score(entry.action.name()).map_or(0, |score| score * 2);
            let begins = if entry.begins_with(self.field.text()) {
                100
            } else {
                0
            };
            scored.extend(score(&entry.haystack()).map(|score| (score + name + begins, at)));
        }
        let blocked = |at: usize| self.entries[at].blocked.is_some();
        scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), blocked(*at), *at));
        self.rows = Rows::default();
        self.rows
            .replace(scored.into_iter().map(|(_, at)| at).collect());
    }

    /// What Enter would run.
    pub(crate) fn chosen(&self) -> Option<&Entry> {
        self.rows.cursor().and_then(|at| self.entries.get(*at))
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, screen: Rect) {
        let size = (72, usize::from(screen.height).saturating_sub(6).min(22));
        let inner = frame::dialog(
            pen,
            screen,
            size,
            &[span(Role::Title, "Commands")],
            Role::Dialog,
        );
        self.field.draw(pen, line(inner, 0), "> ", Role::Input);
        let body = below(inner, 2);
        if self.rows.is_empty() {
            pen.text(body, Role::Dim, "No command matches.");
        }
        let cursor = Some(Role::Selected);
        list(pen, body, &mut self.rows, cursor, |pen, area, at| {
            if let Some(entry) = self.entries.get(*at) {
                draw_entry(pen, area, entry);
            }
        });
    }
}

fn draw_entry(pen: &mut Pen<'_>, area: Rect, entry: &Entry) {
    let keys_width = 10;
    let name = span(
        if entry.blocked.is_some() {
            Role::Dim
        } else {
            Role::Strong
        },
        format!(" {} ", format::left(entry.action.name(), 16)),
    );
    let rest = match &entry.blocked {
        None => span(Role::Text, entry.action.summary()),
        Some(why) => span(Role::Dim, why.clone()),
    };
    let room = Rect {
        width: area.width.saturating_sub(keys_width),
        ..area
    };
    pen.spans(room, &[name, rest]);
    pen.spans_right(
        after(area, 0),
        &[span(Role::Key, format!("{} ", entry.keys))],
    );
}
