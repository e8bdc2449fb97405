//! What an event changed: as little as a view needs to know whether to draw.

use std::ops::{BitOr, BitOrAssign};

/// A set of areas of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Changes(u16);

impl Changes {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// States or properties of machines or hypervisors that were there before.
    pub const ROWS: Self = Self(1);
    /// Machines, hypervisors or groups came, went, or changed their name and with it their place.
    pub const STRUCTURE: Self = Self(1 << 1);
    /// Figures.
    pub const LOAD: Self = Self(1 << 2);
    /// The operator's own session.
    pub const LINK: Self = Self(1 << 3);
    /// Messages to the operator.
    pub const NOTICES: Self = Self(1 << 4);
    /// Runs and their steps.
    pub const RUNS: Self = Self(1 << 5);
    /// Series of the past.
    pub const HISTORY: Self = Self(1 << 6);
    /// The agents' logs.
    pub const LOG: Self = Self(1 << 7);
    /// Contacts that are not trusted.
    pub const CONTACTS: Self = Self(1 << 8);

    /// Whether any area of `areas` changed.
    pub fn has(self, areas: Self) -> bool {
        self.0 & areas.0 != 0
    }

    /// Whether nothing changed.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// What it has of `areas`.
    #[must_use]
    pub fn of(self, areas: Self) -> Self {
        Self(self.0 & areas.0)
    }

    /// What it has beside `areas`.
    #[must_use]
    pub fn but(self, areas: Self) -> Self {
        Self(self.0 & !areas.0)
    }

    /// This set where `holds`, else nothing.
    #[must_use]
    pub(crate) fn when(self, holds: bool) -> Self {
        if holds { self } else { Self::NONE }
    }
}

impl BitOr for Changes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Changes {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
