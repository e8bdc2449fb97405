//! The state of a machine: one list for model, selector, JSON and screen.

use std::{fmt, str::FromStr};

/// What a machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum VmState {
    /// Its processors run, or wait for a device.
    Running,
    /// Stopped in the middle, memory kept.
    Paused,
    /// Defined and not running.
    Off,
    /// The guest was asked to stop and still runs.
    ShuttingDown,
    /// The guest failed.
    Crashed,
    /// Asleep by its own power management.
    Suspended,
    /// Known to the agent, without a definition.
    Undefined,
    /// Nobody can tell now.
    #[default]
    Unknown,
}

impl VmState {
    /// All of them, in the order of the list above.
    pub const ALL: [Self; 8] = [
        Self::Running,
        Self::Paused,
        Self::Off,
        Self::ShuttingDown,
        Self::Crashed,
        Self::Suspended,
        Self::Undefined,
        Self::Unknown,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Off => "off",
            Self::ShuttingDown => "shutting-down",
            Self::Crashed => "crashed",
            Self::Suspended => "suspended",
            Self::Undefined => "undefined",
            Self::Unknown => "unknown",
        }
    }

    /// From libvirt's number (`virDomainState`): 0 none, 1 running, 2 blocked, 3 paused, 4 shutting down, 5 shut off,
    /// 6 crashed, 7 suspended.
    pub const fn from_libvirt(number: u32) -> Self {
        match number {
            1 | 2 => Self::Running,
            3 => Self::Paused,
            4 => Self::ShuttingDown,
            5 => Self::Off,
            6 => Self::Crashed,
            7 => Self::Suspended,
            _ => Self::Unknown,
        }
    }

    /// libvirt's number for it; what libvirt has no number for is 0.
    pub const fn to_libvirt(self) -> u32 {
        match self {
            Self::Running => 1,
            Self::Paused => 3,
            Self::ShuttingDown => 4,
            Self::Off => 5,
            Self::Crashed => 6,
            Self::Suspended => 7,
            Self::Undefined | Self::Unknown => 0,
        }
    }

    /// Whether the hypervisor holds a live guest for it.
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Running | Self::Paused | Self::ShuttingDown | Self::Suspended
        )
    }

    /// The single letter of the feed.
    pub const fn letter(self) -> char {
        match self {
            Self::Running => 'r',
            Self::Paused => 'p',
            Self::Off => 'o',
            Self::ShuttingDown => 's',
            Self::Crashed => 'c',
            Self::Suspended => 'm',
            Self::Undefined => 'n',
            Self::Unknown => 'u',
        }
    }

    /// From the letter of the feed; a letter of a later version is [`VmState::Unknown`].
    pub fn from_letter(letter: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|state| letter.chars().eq([state.letter()]))
            .unwrap_or_default()
    }
}

impl fmt::Display for VmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no state; states are running, paused, off, shutting-down, crashed, suspended, undefined and unknown"
)]
pub struct UnknownState(String);

impl FromStr for VmState {
    type Err = UnknownState;

    /// The words above in any capitals; oVirt's `up` and `down` are running and off.
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let word = text.to_ascii_lowercase();
        match word.as_str() {
            "up" => Ok(Self::Running),
            "down" => Ok(Self::Off),
            _ => Self::ALL
                .into_iter()
                .find(|state| state.word() == word)
                .ok_or_else(|| UnknownState(crate::xml::shown(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_letters_and_numbers_come_back() {
        for state in VmState::ALL {
            assert_eq!(state.word().parse::<VmState>().unwrap(), state);
            assert_eq!(VmState::from_letter(&state.letter().to_string()), state);
            if state.to_libvirt() != 0 {
                assert_eq!(VmState::from_libvirt(state.to_libvirt()), state);
            }
        }
        assert_eq!(VmState::from_libvirt(2), VmState::Running);
        assert_eq!(VmState::from_letter("rr"), VmState::Unknown);
    }

    #[test]
    fn ovirt_words_are_understood() {
        assert_eq!("Up".parse::<VmState>().unwrap(), VmState::Running);
        assert_eq!("DOWN".parse::<VmState>().unwrap(), VmState::Off);
        assert!(
            "sideways"
                .parse::<VmState>()
                .unwrap_err()
                .to_string()
                .contains("sideways")
        );
    }
}
