//! A terminal that writes into memory, and nothing at all where nothing changed.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

/// Bytes on their way to the terminal.
#[derive(Debug, Clone, Default)]
pub(super) struct Ink(Rc<RefCell<Vec<u8>>>);

impl Ink {
    /// Takes what was written so far.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut())
    }
}

impl Write for Ink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// [`CrosstermBackend`] on [`Ink`], which keeps silent where the terminal already is as asked: a frame equal to the one before
/// costs no byte.
#[derive(Debug)]
pub(super) struct Quiet {
    inner: CrosstermBackend<Ink>,
    shown: Option<bool>,
    position: Option<Position>,
}

impl Quiet {
    pub(super) fn new(ink: Ink) -> Self {
        Self {
            inner: CrosstermBackend::new(ink),
            shown: None,
            position: None,
        }
    }

    fn show(&mut self, shown: bool) -> io::Result<()> {
        if self.shown.replace(shown) == Some(shown) {
            return Ok(());
        }
        if shown {
            self.inner.show_cursor()
        } else {
            self.inner.hide_cursor()
        }
    }
}

impl Backend for Quiet {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.position = None;
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true)
    }

    /// As far as is known. The terminal is never asked: its answer would have to be awaited, between the keys.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.position.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.position.replace(position) == Some(position) {
            return Ok(());
        }
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // Whoever clears does not trust what is there: nothing counts as known.
        self.shown = None;
        self.position = None;
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_so_already_is_not_written() {
        let ink = Ink::default();
        let mut quiet = Quiet::new(ink.clone());
        quiet.hide_cursor().unwrap();
        quiet.set_cursor_position((3, 4)).unwrap();
        assert!(!ink.take().is_empty());
        quiet.hide_cursor().unwrap();
        quiet.set_cursor_position((3, 4)).unwrap();
        quiet.draw(std::iter::empty()).unwrap();
        assert!(ink.take().is_empty());
        let cell = Cell::new("x");
        quiet.draw([(0, 0, &cell)].into_iter()).unwrap();
        quiet.set_cursor_position((3, 4)).unwrap();
        let written = String::from_utf8(ink.take()).unwrap();
        assert!(
            written.contains('x') && written.ends_with("\u{1b}[5;4H"),
            "{written:?}"
        );
    }
}
