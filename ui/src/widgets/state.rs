//! The five states of a view: what is drawn when there is nothing live to draw, and the line about old data.

use ratatui::layout::Rect;

use super::pen::{Pen, Span, below, cells, line, span, width_of};
use crate::theme::Role;

/// What stands in a view instead of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Instead {
    /// It is being fetched: what, from whom, since when.
    Loading {
        /// What and from whom.
        what: String,
        /// Since when.
        since: String,
    },
    /// There is nothing.
    Empty {
        /// What there is none of.
        what: String,
        /// What to do about it.
        next: String,
    },
    /// It cannot be had.
    Failed {
        /// What, and why.
        why: String,
        /// What to do about it.
        next: String,
    },
}

impl Instead {
    /// Draws it a third down the view, in the middle.
    pub(crate) fn draw(&self, pen: &mut Pen<'_>, area: Rect) {
        let (first, second) = match self {
            Self::Loading { what, since } => (span(Role::Dim, what), span(Role::Dim, since)),
            Self::Empty { what, next } => (span(Role::Strong, what), span(Role::Dim, next)),
            Self::Failed { why, next } => (span(Role::Error, why), span(Role::Dim, next)),
        };
        let area = below(area, usize::from(area.height) / 3);
        let used = paragraph(pen, area, &first);
        paragraph(pen, below(area, used + 1), &second);
    }
}

/// Draws `text` centred, wrapped at blanks, and returns the lines that it took.
fn paragraph(pen: &mut Pen<'_>, area: Rect, text: &Span) -> usize {
    let room = usize::from(area.width).saturating_sub(4).min(76);
    let lines = wrap(&text.text, room);
    for (at, words) in lines.iter().enumerate() {
        let spans = [span(text.role, words)];
        let margin = usize::from(area.width).saturating_sub(width_of(&spans)) / 2;
        pen.spans(super::pen::after(line(area, at), cells(margin)), &spans);
    }
    lines.len()
}

/// Breaks `text` at blanks into lines of at most `room` cells; a longer word is cut.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = crate::format::cut(word, room, "…");
        match lines.last_mut() {
            Some(last) if crate::format::width(last) + 1 + crate::format::width(&word) <= room => {
                last.push(' ');
                last.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_at_blanks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 4), ["abc…"]);
        assert!(wrap("", 4).is_empty());
    }
}
