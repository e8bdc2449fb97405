//! One key press with its modifiers, as it is written in a keymap: `g`, `G`, `ctrl-p`, `shift-left`, `space`, `f5`.

use std::{fmt, str::FromStr};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::glyphs::GlyphSet;

/// A key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key; keys look like `g`, `G`, `ctrl-p`, `shift-left`, `space` or `f5`")]
pub struct InvalidChord(String);

const NAMED: [(&str, KeyCode); 16] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
];

const ARROWS: [(KeyCode, &str); 4] = [
    (KeyCode::Up, "↑"),
    (KeyCode::Down, "↓"),
    (KeyCode::Left, "←"),
    (KeyCode::Right, "→"),
];

impl Chord {
    /// A letter or sign without modifiers.
    pub fn plain(letter: char) -> Self {
        Self {
            code: KeyCode::Char(letter),
            modifiers: KeyModifiers::NONE,
        }
    }

    /// Whether this is `letter` with Ctrl.
    pub fn is_ctrl(self, letter: char) -> bool {
        self.code == KeyCode::Char(letter) && self.modifiers.contains(KeyModifiers::CONTROL)
    }

    /// How the key is shown to people: as in a keymap, with signs for blank and arrows where the glyphs allow.
    pub fn label(self, glyphs: GlyphSet) -> String {
        if self.code == KeyCode::Char(' ') && self.modifiers.is_empty() {
            return glyphs.space_key().to_owned();
        }
        let arrow = ARROWS.iter().find(|(code, _)| *code == self.code);
        match arrow {
            Some((_, sign)) if glyphs == GlyphSet::Unicode => format!("{}{sign}", self.prefix()),
            _ => self.to_string(),
        }
    }

    fn prefix(self) -> String {
        let names = [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ];
        let held = names
            .into_iter()
            .filter(|(modifier, _)| self.modifiers.contains(*modifier));
        held.map(|(_, name)| name).collect()
    }

    /// Terminals differ in how they report Shift: with letters the letter's case says it all.
    fn normal(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let modifiers = modifiers & known;
        match code {
            KeyCode::Char(_) | KeyCode::BackTab => Self {
                code,
                modifiers: modifiers - KeyModifiers::SHIFT,
            },
            KeyCode::Tab if modifiers == KeyModifiers::SHIFT => Self {
                code: KeyCode::BackTab,
                modifiers: KeyModifiers::NONE,
            },
            _ => Self { code, modifiers },
        }
    }
}

impl From<KeyEvent> for Chord {
    fn from(key: KeyEvent) -> Self {
        Self::normal(key.code, key.modifiers)
    }
}

impl From<Chord> for KeyEvent {
    fn from(chord: Chord) -> Self {
        Self::new(chord.code, chord.modifiers)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix())?;
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(letter) => write!(f, "{letter}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other}"),
        }
    }
}

impl FromStr for Chord {
    type Err = InvalidChord;

    fn from_str(text: &str) -> Result<Self, InvalidChord> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((modifier, after)) = split_modifier(rest) {
            modifiers |= modifier;
            rest = after;
        }
        let code = key_code(rest).ok_or_else(|| InvalidChord(text.to_owned()))?;
        Ok(Self::normal(code, modifiers))
    }
}

fn split_modifier(text: &str) -> Option<(KeyModifiers, &str)> {
    let names = [
        ("ctrl-", KeyModifiers::CONTROL),
        ("alt-", KeyModifiers::ALT),
        ("shift-", KeyModifiers::SHIFT),
    ];
    let mut matching = names.into_iter().filter_map(|(name, modifier)| {
        let after = text.strip_prefix(name).filter(|after| !after.is_empty());
        after.map(|after| (modifier, after))
    });
    matching.next()
}

fn key_code(name: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*code);
    }
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if !letter.is_control() => Some(KeyCode::Char(letter)),
        (Some('f'), Some(_)) => name[1..]
            .parse()
            .ok()
            .filter(|n| (1..=24).contains(n))
            .map(KeyCode::F),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_come_back_as_they_were_written() {
        for text in [
            "g",
            "G",
            "ctrl-p",
            "shift-left",
            "alt-f",
            "space",
            "f12",
            "-",
            "ctrl--",
            "esc",
            ":",
            "ü",
        ] {
            assert_eq!(text.parse::<Chord>().unwrap().to_string(), text);
        }
        for bad in ["", "gg", "ctrl-", "f0", "f99", "strg-p"] {
            assert!(bad.parse::<Chord>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shift_with_a_letter_is_the_letter() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Chord::from(event), "G".parse().unwrap());
        let event = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Chord::from(event), "shift-tab".parse().unwrap());
    }

    #[test]
    fn labels_are_signs_where_the_glyphs_allow() {
        let space: Chord = "space".parse().unwrap();
        let left: Chord = "shift-left".parse().unwrap();
        assert_eq!(
            (
                space.label(GlyphSet::Unicode),
                left.label(GlyphSet::Unicode)
            ),
            ("␣".into(), "shift-←".into())
        );
        assert_eq!(
            (space.label(GlyphSet::Ascii), left.label(GlyphSet::Ascii)),
            ("space".into(), "shift-left".into())
        );
    }
}
