//! Settings that are one of a few words.

use std::str::FromStr;

use serde::Deserialize;

/// Which signs the screen is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Glyphs {
    /// By locale and terminal.
    #[default]
    Auto,
    /// Boxes, blocks and arrows.
    Unicode,
    /// What every terminal has.
    Ascii,
}

impl Glyphs {
    /// The word in settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Unicode => "unicode",
            Self::Ascii => "ascii",
        }
    }
}

impl FromStr for Glyphs {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let mut all = [Self::Auto, Self::Unicode, Self::Ascii].into_iter();
        all.find(|glyphs| glyphs.word() == text)
            .ok_or("write auto, unicode or ascii")
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What an operator asked for and did not get.
    Error,
    /// What deserves a look.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

impl LogLevel {
    /// The word in settings and in filters of the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl FromStr for LogLevel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let all = [
            Self::Error,
            Self::Warn,
            Self::Info,
            Self::Debug,
            Self::Trace,
        ];
        let mut found = all.into_iter();
        found
            .find(|level| level.word() == text)
            .ok_or("write error, warn, info, debug or trace")
    }
}
