//! Where a text without a cursor is: its first line that is seen.

use std::ops::Range;

use crate::command::Step;

/// The place in a text.
#[derive(Debug, Clone)]
pub(crate) struct Scroll {
    offset: usize,
    /// Lines that the last frame had room for.
    page: usize,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { offset: 0, page: 1 }
    }
}

impl Scroll {
    /// Moves in a text of so many lines.
    pub(crate) fn step(&mut self, step: Step, lines: usize) {
        let last = lines.saturating_sub(self.page);
        self.offset = match step {
            Step::Up => self.offset.saturating_sub(1),
            Step::Down => self.offset + 1,
            Step::PageUp => self.offset.saturating_sub(self.page),
            Step::PageDown => self.offset + self.page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
    }

    /// The lines that a view of `height` shows.
    pub(crate) fn window(&mut self, height: u16, lines: usize) -> Range<usize> {
        self.page = usize::from(height).max(1);
        self.offset = self.offset.min(lines.saturating_sub(self.page));
        self.offset..(self.offset + self.page).min(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_left_at_neither_end() {
        let mut scroll = Scroll::default();
        assert_eq!(scroll.window(10, 25), 0..10);
        scroll.step(Step::Up, 25);
        scroll.step(Step::PageDown, 25);
        assert_eq!(scroll.window(10, 25), 10..20);
        scroll.step(Step::PageDown, 25);
        assert_eq!(scroll.window(10, 25), 15..25);
        assert_eq!(scroll.window(40, 25), 0..25, "a larger terminal");
        scroll.step(Step::Bottom, 3);
        assert_eq!(scroll.window(10, 3), 0..3);
    }
}
