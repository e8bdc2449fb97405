//! `archipel:vm:oom`: how the kernel treats a machine when memory runs out.

use crate::{
    ns,
    table::{Loose, Value, actions, record, replies},
};

actions! {
    /// A request. The permission is `oom_` and the name of the action.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "oom_", answered by Reply {
        /// The present value.
        Get = "getadjust", reads, -1 => Oom(Oom),
        /// Another value.
        Set = "setadjust", changes, -1 {
            /// It.
            adjust: Adjust = "adjust",
        } => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Done.
        Done,
        /// The present value.
        Oom(oom: Oom),
    }
}

/// The kernel's old scale: -17 is never to be killed, -16 … 15 rather not … rather.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adjust(i32);

impl Adjust {
    /// Never to be killed.
    pub const NEVER: Self = Self(-17);
    /// As any other process.
    pub const NEUTRAL: Self = Self(0);

    /// `value` on the old scale, if it lies within.
    pub fn new(value: i32) -> Option<Self> {
        (-17..=15).contains(&value).then_some(Self(value))
    }

    /// The value on the old scale.
    pub const fn value(self) -> i32 {
        self.0
    }

    /// The same for `/proc/<pid>/oom_score_adj`: fifteenths of 1000, and only -17 is -1000, which means never.
    pub const fn score_adj(self) -> i32 {
        match self.0 {
            -17 => -1_000,
            ..=-15 => -999,
            value => value * 1_000 / 15,
        }
    }
}

impl Value for Adjust {
    fn from_text(text: &str) -> Result<Self, String> {
        let value = i32::from_text(text)?;
        Self::new(value).ok_or_else(|| "not within -17 and 15".to_owned())
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }
}

record! {
    /// The answer to [`Action::Get`]. An original that was never told a value says none.
    #[derive(Eq)]
    pub struct Oom = "oom" in ns::OOM {
        /// What was asked for last.
        adjust: Option<Adjust> = "adjust",
        /// The kernel's own figure; always 0 from an original.
        score: i32 = "score" via Loose,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_scale_becomes_the_new_one() {
        assert_eq!(Adjust::NEVER.score_adj(), -1_000);
        assert_eq!(Adjust::NEUTRAL.score_adj(), 0);
        assert_eq!(Adjust::new(-10).map(Adjust::score_adj), Some(-666));
        assert_eq!((Adjust::new(-18), Adjust::new(16)), (None, None));
    }
}
