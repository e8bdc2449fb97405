//! Glyphs: each sign in two sets, so that a terminal without Unicode fonts shows the same things.

use archipel_protocol::VmState;
use ratatui::symbols::border;

/// Which signs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GlyphSet {
    /// Symbols, blocks and braille.
    #[default]
    Unicode,
    /// ASCII alone.
    Ascii,
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Eighths of a cell, from below.
const LEVELS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_LEVELS: [&str; 9] = [" ", "_", "_", ".", "-", "-", "=", "+", "#"];

impl GlyphSet {
    fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }

    /// The sign of a machine's state; it never stands without the word or the count.
    pub fn state(self, state: VmState) -> &'static str {
        match state {
            VmState::Running => self.pick("▶", ">"),
            VmState::Paused => self.pick("‖", "="),
            VmState::Off => self.pick("■", "-"),
            VmState::ShuttingDown => self.pick("▼", "v"),
            VmState::Crashed => self.pick("✖", "!"),
            VmState::Suspended => self.pick("◐", "z"),
            VmState::Undefined => self.pick("◌", "0"),
            VmState::Unknown => "?",
        }
    }

    /// Shades from dark to bright.
    pub fn shades(self) -> &'static [&'static str] {
        match self {
            Self::Unicode => &[" ", "░", "▒", "▓", "█"],
            Self::Ascii => &[" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"],
        }
    }

    /// There and heard of.
    pub fn online(self) -> &'static str {
        self.pick("●", "*")
    }

    /// Not there.
    pub fn offline(self) -> &'static str {
        self.pick("○", "o")
    }

    /// There, with something amiss or still to come.
    pub fn half(self) -> &'static str {
        self.pick("◍", "~")
    }

    /// An open branch of the tree.
    pub fn open(self) -> &'static str {
        self.pick("▾", "-")
    }

    /// A closed branch of the tree.
    pub fn closed(self) -> &'static str {
        self.pick("▸", "+")
    }

    /// Between the parts of a title.
    pub fn dot(self) -> &'static str {
        self.pick("·", "-")
    }

    /// Received.
    pub fn down(self) -> &'static str {
        self.pick("↓", "rx")
    }

    /// Sent.
    pub fn up(self) -> &'static str {
        self.pick("↑", "tx")
    }

    /// Sorted upwards.
    pub fn ascending(self) -> &'static str {
        self.pick("▴", "^")
    }

    /// Sorted downwards.
    pub fn descending(self) -> &'static str {
        self.pick("▾", "v")
    }

    /// Where text is cut.
    pub fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }

    /// The blank key, drawn.
    pub fn space_key(self) -> &'static str {
        self.pick("␣", "space")
    }

    /// Done.
    pub fn done(self) -> &'static str {
        self.pick("✔", "+")
    }

    /// Failed.
    pub fn failed(self) -> &'static str {
        self.pick("✖", "!")
    }

    /// Waiting.
    pub fn waiting(self) -> &'static str {
        self.pick("·", ".")
    }

    /// Under way.
    pub fn sent(self) -> &'static str {
        self.pick("→", ">")
    }

    /// A warning.
    pub fn warning(self) -> &'static str {
        self.pick("▲", "!")
    }

    /// A cell of a gauge that is full, half full, or empty.
    pub fn gauge(self, halves: usize) -> &'static str {
        match (self, halves) {
            (Self::Unicode, 0) => "─",
            (Self::Unicode, 1) => "╸",
            (Self::Unicode, _) => "━",
            (Self::Ascii, 0) => ".",
            (Self::Ascii, _) => "#",
        }
    }

    /// A cell of a sparkline, 0 to 8.
    pub fn level(self, level: usize) -> &'static str {
        match self {
            Self::Unicode => LEVELS[level.min(8)],
            Self::Ascii => ASCII_LEVELS[level.min(8)],
        }
    }

    /// The lines around panes and dialogs.
    pub fn border(self) -> border::Set<'static> {
        match self {
            Self::Unicode => border::PLAIN,
            Self::Ascii => ASCII_BORDER,
        }
    }

    /// The part of a scroll bar that is seen, and the rest.
    pub fn scroll(self) -> (&'static str, &'static str) {
        match self {
            Self::Unicode => ("┃", "│"),
            Self::Ascii => ("#", "|"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn states_differ_by_their_sign_alone() {
        for set in [GlyphSet::Unicode, GlyphSet::Ascii] {
            let signs: std::collections::BTreeSet<_> = VmState::ALL
                .into_iter()
                .map(|state| set.state(state))
                .collect();
            assert_eq!(signs.len(), VmState::ALL.len());
            assert!(signs.iter().all(|sign| sign.width() == 1));
        }
    }

    #[test]
    fn the_ascii_set_is_ascii() {
        let set = GlyphSet::Ascii;
        let states = VmState::ALL.into_iter().map(|state| set.state(state));
        let levels = (0..=8).flat_map(|n| [set.level(n), set.gauge(n)]);
        let rest = [
            set.online(),
            set.offline(),
            set.half(),
            set.open(),
            set.closed(),
            set.dot(),
        ];
        assert!(states.chain(levels).chain(rest).all(str::is_ascii));
    }
}
