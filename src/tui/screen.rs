//! The terminal: taken over, drawn to in single writes, given back.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
};

use crossterm::{
    cursor, event, queue, style,
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Frame, Terminal};

use super::{
    colours,
    quiet::{Ink, Quiet},
};

/// Between these a terminal that knows them (mode 2026) shows nothing half done; others ignore them.
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// The operator's terminal, ours until this is dropped.
pub(super) struct Screen {
    terminal: Terminal<Quiet>,
    ink: Ink,
    /// Standard output without a buffer.
    out: File,
    true_colour: bool,
}

impl Screen {
    pub(super) fn open() -> io::Result<Self> {
        let ink = Ink::default();
        let terminal = Terminal::new(Quiet::new(ink.clone()))?;
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let mut screen = Self {
            terminal,
            ink,
            out,
            true_colour: colours::is_true_colour(),
        };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the terminal over, or makes sure that it is ours as it should be. The next frame is drawn whole.
    pub(super) fn enter(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        queue!(self.ink, EnterAlternateScreen, event::EnableBracketedPaste)?;
        self.terminal.clear()?;
        let bytes = self.ink.take();
        self.send(&bytes)
    }

    /// Gives the terminal back, for a while or for good.
    pub(super) fn leave(&mut self) {
        self.ink.take();
        restore();
    }

    /// Draws a frame in one write; none if it looks like the one before.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let reduce = !self.true_colour;
        self.terminal.draw(|frame| {
            draw(frame);
            if reduce {
                colours::reduce(frame.buffer_mut());
            }
        })?;
        let drawn = self.ink.take();
        if drawn.is_empty() {
            return Ok(());
        }
        self.send(&[BEGIN_FRAME, &drawn, END_FRAME].concat())
    }

    /// Sends bytes as they are, in one write.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Puts the terminal of this process as it was. What fails here fails because the terminal is gone.
pub(super) fn restore() {
    let mut bytes = Vec::new();
    let queued = queue!(
        bytes,
        event::DisableBracketedPaste,
        style::ResetColor,
        LeaveAlternateScreen,
        cursor::Show
    );
    if queued.is_ok() {
        let mut out = io::stdout();
        let _ = out.write_all(&bytes).and_then(|()| out.flush());
    }
    let _ = terminal::disable_raw_mode();
}
