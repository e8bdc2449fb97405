//! A line of text that is being typed.

use crossterm::event::{Event, KeyEvent};
use ratatui::layout::{Position, Rect};
use tui_input::{Input, backend::crossterm::to_input_request};

use super::pen::{Pen, after, cells};
use crate::theme::Role;

/// The longest text that can be typed or pasted.
const LIMIT: usize = 500;

/// A text field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field(Input);

impl Field {
    pub(crate) fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.value()
    }

    /// Takes a key; the answer says whether it was one for a text field.
    pub(crate) fn key(&mut self, key: KeyEvent) -> bool {
        let Some(request) = to_input_request(&Event::Key(key)) else {
            return false;
        };
        let full =
            self.text().len() >= LIMIT && matches!(request, tui_input::InputRequest::InsertChar(_));
        if !full {
            self.0.handle(request);
        }
        true
    }

    /// Types the first line of a pasted text.
    pub(crate) fn paste(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        for letter in line.chars().filter(|letter| !letter.is_control()) {
            if self.text().len() < LIMIT {
                self.0.handle(tui_input::InputRequest::InsertChar(letter));
            }
        }
    }

    /// Draws `prompt` and the text, with the terminal's cursor in it.
    pub(crate) fn draw(&self, pen: &mut Pen<'_>, area: Rect, prompt: &str, role: Role) {
        let used = pen.text(area, Role::Key, prompt);
        let room = after(area, used);
        let scroll = self
            .0
            .visual_scroll(usize::from(room.width.saturating_sub(1)));
        let shown: String = skip_cells(self.text(), scroll);
        pen.text(room, role, &shown);
        let column = self.0.visual_cursor().saturating_sub(scroll);
        pen.cursor = Some(Position {
            x: room.x + cells(column),
            y: room.y,
        });
    }
}

fn skip_cells(text: &str, cells: usize) -> String {
    let mut skipped = 0;
    let kept = text.chars().skip_while(|letter| {
        let skip = skipped < cells;
        skipped += unicode_width::UnicodeWidthChar::width(*letter).unwrap_or(0);
        skip
    });
    kept.collect()
}
