//! An ordered index of ids with a cursor: the cursor stays on its id while rows move, and only what is seen is asked for.

use std::ops::Range;

use crate::command::Step;

/// The index of a list.
#[derive(Debug, Clone)]
pub(crate) struct Rows<K> {
    keys: Vec<K>,
    at: usize,
    offset: usize,
    /// Rows that the last frame had room for.
    page: usize,
}

impl<K> Default for Rows<K> {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            at: 0,
            offset: 0,
            page: 1,
        }
    }
}

impl<K: PartialEq> Rows<K> {
    pub(crate) fn keys(&self) -> &[K] {
        &self.keys
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What the cursor is on.
    pub(crate) fn cursor(&self) -> Option<&K> {
        self.keys.get(self.at)
    }

    /// The row of the cursor.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Takes a new order over. The cursor stays on its id and, as far as it can, at its height; where the id is gone, at its row.
    pub(crate) fn replace(&mut self, keys: Vec<K>) {
        let same_row = self
            .keys
            .get(self.at)
            .filter(|key| keys.get(self.at) == Some(key))
            .map(|_| self.at);
        let moved = same_row.or_else(|| {
            keys.iter()
                .position(|key| Some(key) == self.keys.get(self.at))
        });
        let height = self.at.saturating_sub(self.offset);
        self.keys = keys;
        self.at = moved
            .unwrap_or(self.at)
            .min(self.keys.len().saturating_sub(1));
        self.offset = self.at.saturating_sub(height);
    }

    /// Puts the cursor on `key`, where it is.
    pub(crate) fn select(&mut self, key: &K) -> bool {
        let found = self.keys.iter().position(|other| other == key);
        self.at = found.unwrap_or(self.at);
        found.is_some()
    }

    /// Puts the cursor on a row.
    pub(crate) fn go_to(&mut self, row: usize) {
        self.at = row.min(self.keys.len().saturating_sub(1));
    }

    pub(crate) fn step(&mut self, step: Step) {
        let last = self.keys.len().saturating_sub(1);
        let page = self.page.saturating_sub(1).max(1);
        self.at = match step {
            Step::Up => self.at.saturating_sub(1),
            Step::Down => (self.at + 1).min(last),
            Step::PageUp => self.at.saturating_sub(page),
            Step::PageDown => (self.at + page).min(last),
            Step::Top => 0,
            Step::Bottom => last,
        };
    }

    /// The rows that the last frame showed, as far as they are still there.
    pub(crate) fn seen(&self) -> &[K] {
        let end = (self.offset + self.page).min(self.keys.len());
        self.keys.get(self.offset..end).unwrap_or_default()
    }

    /// The rows that a view of `height` lines shows, with the cursor among them.
    pub(crate) fn window(&mut self, height: usize) -> Range<usize> {
        self.page = height.max(1);
        let last_start = self.keys.len().saturating_sub(height);
        let lowest = (self.at + 1).saturating_sub(height);
        self.offset = self
            .offset
            .clamp(lowest, self.at.max(lowest))
            .min(last_start);
        self.offset..(self.offset + height).min(self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_on_its_id() {
        let mut rows = Rows::default();
        rows.replace(vec![1, 2, 3, 4]);
        rows.step(Step::Down);
        rows.step(Step::Down);
        rows.replace(vec![9, 4, 3, 2, 1]);
        assert_eq!(rows.cursor(), Some(&3));
        rows.replace(vec![7, 8]);
        assert_eq!(
            rows.cursor(),
            Some(&8),
            "the nearest row where the id is gone"
        );
        rows.replace(Vec::new());
        assert_eq!(rows.cursor(), None);
    }

    #[test]
    fn the_cursor_keeps_its_height_when_rows_come_before_it() {
        let mut rows = Rows::default();
        rows.replace((10..60).collect());
        rows.select(&40);
        let before = rows.window(10);
        let height = rows.position() - before.start;
        rows.replace((0..60).collect());
        assert_eq!(rows.position() - rows.window(10).start, height);
    }

    #[test]
    fn the_window_follows_the_cursor() {
        let mut rows = Rows::default();
        rows.replace((0..100).collect::<Vec<_>>());
        assert_eq!(rows.window(10), 0..10);
        rows.step(Step::PageDown);
        assert_eq!(rows.window(10), 0..10);
        rows.step(Step::Down);
        assert_eq!(rows.window(10), 1..11);
        rows.step(Step::Bottom);
        assert_eq!(rows.window(10), 90..100);
        assert_eq!(rows.window(200), 0..100);
        assert_eq!(rows.window(0).len(), 0);
    }
}
